import { stemmer } from "stemmer";

import { splitWord } from "./symptom/terms.ts";

/** Words of a text: letters, digits and underscores, beginning with a letter. */
export const WORD = /[A-Za-z][A-Za-z0-9_]*/g;

const KEPT = 500_000;

/** Words that say nothing in a symptom, and between whose neighbours nothing is lost. */
const STOP = new Set(
  "a an and are as at be been but by can could did do does for from get got had has have how i if in into is it its just like may me more most my no nor not of off on one only or our out over own same she so some such than that the their them then there these they this those through to too up us use used uses using very was we were what when where which while who why will with would you your also after before again because being both each few other should now new all any about error errors issue problem see seen still fails failed failing line file".split(
    " ",
  ),
);

/**
 * The stems of a word, the whole of a compound one first: `formatPrices` → formatprices, format,
 * price. Porter's algorithm (1980), so that "crashes" meets "crashed".
 */
export function stemsOf(word: string): string[] {
  const parts = splitWord(word);
  const stems = parts.map((part, index) => (index === 0 && parts.length > 1 ? part : stem(part)));
  return [...new Set(stems.filter((one) => one.length > 1))];
}

function stem(word: string): string {
  return word.length > 3 ? stemmer(word) : word;
}

/** What a word of a change means to the symptom. */
export interface Meaning {
  /** Places in the list of terms. */
  readonly terms: readonly number[];
  /** The parts in their order, -1 for one that is no term: phrases are found by them. */
  readonly sequence: readonly number[];
  /** Place in the list of symbols; -1: none. */
  readonly symbol: number;
  readonly stop: boolean;
}

const NOTHING: Meaning = { terms: [], sequence: [-1], symbol: -1, stop: false };
const PASSED_OVER: Meaning = { terms: [], sequence: [], symbol: -1, stop: true };

/** Looks words up among the terms and symbols of a symptom; each distinct word is taken apart once. */
export class Glossary {
  readonly terms: readonly string[];
  readonly symbols: readonly string[];
  readonly #shown: readonly string[];
  readonly #terms: ReadonlyMap<string, number>;
  readonly #symbols: ReadonlyMap<string, number>;
  readonly #known = new Map<string, Meaning>();

  /** `terms`: stems with the word that each came from. */
  constructor(terms: ReadonlyMap<string, string>, symbols: readonly string[]) {
    this.terms = [...terms.keys()];
    this.#shown = [...terms.values()];
    this.symbols = symbols;
    this.#terms = new Map(this.terms.map((term, index) => [term, index]));
    this.#symbols = new Map(symbols.map((symbol, index) => [symbol, index]));
  }

  /** A term as a person wrote it. */
  shown(term: number): string {
    return this.#shown[term] ?? "";
  }

  look(word: string): Meaning {
    const known = this.#known.get(word);
    if (known !== undefined) return known;
    const meaning = this.#takeApart(word);
    if (this.#known.size < KEPT) this.#known.set(word, meaning);
    return meaning;
  }

  #takeApart(word: string): Meaning {
    if (STOP.has(word.toLowerCase())) return PASSED_OVER;
    const stems = stemsOf(word);
    const terms = stems.flatMap((one) => this.#terms.get(one) ?? []);
    const symbol = this.#symbols.get(word) ?? -1;
    if (terms.length === 0 && symbol === -1) return NOTHING;
    const sequence = stems.slice(stems.length > 1 ? 1 : 0).map((one) => this.#terms.get(one) ?? -1);
    return { terms, sequence, symbol, stop: false };
  }
}
