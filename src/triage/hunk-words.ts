import type { RawLine } from "../git/raw-commit.ts";
import { type Query, SPAN } from "./query.ts";
import { stemsOf, WORD } from "./words.ts";
import type { Span } from "./word-diff.ts";

/** What of the symptom stands in a hunk; the number is how much the place is worth, 0–1. */
export interface Met {
  readonly terms: ReadonlyMap<number, number>;
  readonly symbols: ReadonlyMap<number, number>;
  readonly phrases: ReadonlyMap<number, number>;
  /** A message of the symptom, or a good part of one, is written out here. */
  readonly message: boolean;
}

const NOTHING: Met = { terms: new Map(), symbols: new Map(), phrases: new Map(), message: false };

/** What a line of each kind is worth: unchanged ones are only near. */
const WORTH: Readonly<Record<RawLine["mark"], number>> = { "+": 1, "-": 1, " ": 0.3 };
const HEADER = 0.4;
/** Shorter texts are in many messages. */
const LITERAL = 10;
/** Shorter words are marked nowhere: endings of files and the like. */
const SHORTEST = 3;
const MOST_MESSAGES = 20;
const LITERALS = /(["'`])((?:(?!\1)[^\\]|\\.){10,200})\1/g;

/** Every program is full of these, and many messages are: "x is not a function". */
const KEYWORDS = new Set(
  "function return const let var class interface type import export default from if else for while new this self def public private static void null undefined nil none None true false True False string number boolean object int async await try catch except throw raise".split(
    " ",
  ),
);

/** Looks for the words, names and messages of a symptom in hunks. */
export class HunkWords {
  readonly #query: Query;
  readonly #messages: readonly string[];

  constructor(query: Query) {
    this.#query = query;
    this.#messages = query.symptom.messages.filter(({ length }) => length >= LITERAL).slice(0, MOST_MESSAGES);
  }

  /** There is nothing to look for. */
  get silent(): boolean {
    const { glossary } = this.#query;
    return glossary.terms.length + glossary.symbols.length === 0;
  }

  read(header: string, lines: readonly RawLine[]): Met {
    if (this.silent) return NOTHING;
    const met = {
      terms: new Map<number, number>(),
      symbols: new Map<number, number>(),
      phrases: new Map<number, number>(),
    };
    this.#line(header, HEADER, met);
    let message = false;
    for (const { mark, text } of lines) {
      this.#line(text, WORTH[mark], met);
      message ||= mark !== " " && this.#says(text);
    }
    return { ...met, message };
  }

  #line(
    text: string,
    worth: number,
    met: Record<"terms" | "symbols" | "phrases", Map<number, number>>,
  ): void {
    const { glossary, phrases } = this.#query;
    let before = -1;
    for (const word of text.match(WORD) ?? []) {
      if (KEYWORDS.has(word)) continue;
      const { terms, sequence, symbol } = glossary.look(word);
      for (const term of terms) raise(met.terms, term, worth);
      if (symbol >= 0) raise(met.symbols, symbol, worth);
      for (const term of sequence) {
        const phrase = before >= 0 && term >= 0 ? phrases.get(before * SPAN + term) : undefined;
        if (phrase !== undefined) raise(met.phrases, phrase, worth);
        before = term;
      }
    }
  }

  /** The message stands in the line, or what the line says in quotation marks stands in the message. */
  #says(text: string): boolean {
    if (this.#messages.length === 0) return false;
    if (this.#messages.some((message) => text.includes(message))) return true;
    for (const [, , literal = ""] of text.matchAll(LITERALS))
      for (const part of literal.split(/\$\{[^}]*\}|%[sdfv]|\{\w*\}|#\{[^}]*\}/))
        if (part.trim().length >= LITERAL && this.#messages.some((message) => message.includes(part.trim())))
          return true;
    return false;
  }

  /** The pieces of a line that the symptom names: names whole, else words, of compound ones the part. */
  matched(text: string, common: ReadonlySet<number>): Span[] {
    if (this.silent) return [];
    const { glossary } = this.#query;
    const spans: Span[] = [];
    for (const match of text.matchAll(WORD)) {
      const [word] = match;
      if (KEYWORDS.has(word)) continue;
      const { terms, symbol } = glossary.look(word);
      const wanted = new Set(
        terms.flatMap((term) => {
          const stem = glossary.terms[term] ?? "";
          return common.has(term) || stem.length < SHORTEST ? [] : stem;
        }),
      );
      if (symbol < 0 && wanted.size === 0) continue;
      const [whole = "", ...parts] = stemsOf(word);
      if (symbol >= 0 || wanted.has(whole) || parts.length === 0) {
        spans.push([match.index, match.index + word.length]);
        continue;
      }
      for (const part of word.matchAll(PARTS))
        if (stemsOf(part[0]).some((one) => wanted.has(one)))
          spans.push([match.index + part.index, match.index + part.index + part[0].length]);
    }
    return spans;
  }
}

/** The words of a compound name. */
const PARTS = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g;

function raise(map: Map<number, number>, key: number, worth: number): void {
  if ((map.get(key) ?? 0) < worth) map.set(key, worth);
}
