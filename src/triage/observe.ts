import type { RawCommit, RawFile, RawHunk } from "../git/raw-commit.ts";
import { type Area, areaOf } from "../model/area.ts";
import type { Oid } from "../model/oid.ts";
import { Follower, type FrameTouch } from "./follow.ts";
import type { LocatedFrame } from "./locate.ts";
import { type Query, SPAN } from "./query.ts";
import { readLine } from "./reads.ts";
import { WORD } from "./words.ts";

/** Where a word of the symptom was met. `idle`: in lines of tests, documents and generated files. */
export const FIELDS = ["subject", "body", "path", "header", "added", "removed", "idle", "inner"] as const;
export type Field = (typeof FIELDS)[number];
const [SUBJECT, BODY, PATH, HEADER, ADDED, REMOVED, IDLE, INNER] = [0, 1, 2, 3, 4, 5, 6, 7] as const;

export interface ObservedFile {
  readonly path: string;
  readonly from?: string;
  readonly area: Area;
  readonly status: RawFile["status"];
  readonly insertions: number;
  readonly deletions: number;
  /** Terms met in its name and lines; empty for tests, documents and generated files. */
  readonly terms: readonly number[];
}

/** How often lines of a change hold a symbol, and how often they define it. */
export interface SymbolUse {
  added: number;
  removed: number;
  defined: number;
  undefined: number;
}

/** What one commit has to do with the symptom: facts only, no judgement. Its patch is not kept. */
export interface Observation extends FrameTouch {
  readonly sha: Oid;
  readonly subject: string;
  readonly at: number;
  readonly files: readonly ObservedFile[];
  readonly lines: number;
  /** For each term of the query that was met: how often in each of the FIELDS. */
  readonly terms: ReadonlyMap<number, readonly number[]>;
  /** Words met in each of the FIELDS. */
  readonly words: readonly number[];
  /** Terms that stand together in one hunk, for hunks that hold at least two. */
  readonly hunks: readonly (readonly number[])[];
  /** For each phrase that was met: how often in each of the FIELDS. */
  readonly phrases: ReadonlyMap<number, readonly number[]>;
  readonly symbols: ReadonlyMap<number, SymbolUse>;
  readonly flags: readonly string[];
  /** Environment variables that added lines read. */
  readonly variables: readonly { readonly name: string; readonly file: string }[];
}

const IDLE_AREAS: ReadonlySet<Area> = new Set(["test", "docs", "generated", "lockfile"]);
const MESSAGE = 10_000;
/** Files and hunks of one change that are remembered apart; a larger one is no single change any more. */
const MOST_FILES = 500;
const MOST_HUNKS = 500;

/** Sees the commits of a range newest first and notes what each has to do with the query. */
export class Observer {
  readonly #query: Query;
  readonly #follower: Follower;

  constructor(query: Query, frames: readonly LocatedFrame[]) {
    this.#query = query;
    this.#follower = new Follower(frames);
  }

  /** `inner` are the messages of the commits that a merge brought in. */
  observe(commit: RawCommit, inner: readonly string[] = []): Observation {
    const tally = new Tally(this.#query);
    for (const message of inner)
      for (const line of message.slice(0, MESSAGE).split("\n")) tally.read(line, INNER);
    const end = commit.message.indexOf("\n");
    const subject = end === -1 ? commit.message : commit.message.slice(0, end);
    tally.read(subject, SUBJECT);
    if (end !== -1) for (const line of commit.message.slice(end, MESSAGE).split("\n")) tally.read(line, BODY);
    const flags = new Set<string>();
    const variables = new Map<string, string>();
    const files: ObservedFile[] = [];
    const hunks: number[][] = [];
    let lines = 0;
    for (const file of commit.files) {
      const { path, from, status, insertions, deletions } = file;
      const area = areaOf(path);
      tally.begin();
      lines += insertions + deletions;
      tally.read(path, PATH);
      if (from !== undefined) tally.read(from, PATH);
      const named = { path, ...(from === undefined ? {} : { from }), area, status, insertions, deletions };
      if (IDLE_AREAS.has(area)) {
        files.push({ ...named, terms: [] });
        for (const hunk of file.hunks) tally.readIdle(hunk);
        continue;
      }
      const inFile = new Set(tally.fresh);
      for (const hunk of file.hunks) {
        tally.begin();
        tally.read(hunk.header, HEADER);
        for (const line of hunk.added) {
          tally.read(line, ADDED);
          if (line.includes("(") || line.includes("env")) readLine(line, path, flags, variables);
        }
        for (const line of hunk.removed) {
          tally.read(line, REMOVED);
          if (line.includes("(")) readLine(line, path, flags, null);
        }
        if (tally.fresh.size === 0) continue;
        for (const term of tally.fresh) inFile.add(term);
        if (tally.fresh.size > 1 && hunks.length < MOST_HUNKS) hunks.push([...tally.fresh]);
      }
      files.push({ ...named, terms: files.length < MOST_FILES ? [...inFile] : [] });
    }
    return {
      sha: commit.sha,
      subject,
      at: commit.at,
      files,
      lines,
      ...this.#follower.follow(commit),
      terms: tally.terms,
      words: tally.words,
      hunks,
      phrases: tally.phrases,
      symbols: tally.symbols,
      flags: [...flags].slice(0, 20),
      variables: [...variables].slice(0, 50).map(([name, file]) => ({ name, file })),
    };
  }
}

class Tally {
  readonly words = FIELDS.map(() => 0);
  readonly terms = new Map<number, number[]>();
  readonly phrases = new Map<number, number[]>();
  readonly symbols = new Map<number, SymbolUse>();
  /** Terms met since `begin`. */
  fresh = new Set<number>();
  readonly #query: Query;

  constructor(query: Query) {
    this.#query = query;
  }

  begin(): void {
    if (this.fresh.size > 0) this.fresh = new Set();
  }

  readIdle(hunk: RawHunk): void {
    for (const line of hunk.added) this.read(line, IDLE);
    for (const line of hunk.removed) this.read(line, IDLE);
  }

  read(text: string, field: number): void {
    const words = text.match(WORD);
    if (words === null) return;
    this.words[field] = (this.words[field] ?? 0) + words.length;
    const { glossary, phrases } = this.#query;
    let before = -1;
    for (const word of words) {
      const { terms, sequence, symbol } = glossary.look(word);
      for (const term of terms) {
        bump(this.terms, term, field);
        this.fresh.add(term);
      }
      for (const term of sequence) {
        if (before >= 0 && term >= 0) {
          const phrase = phrases.get(before * SPAN + term);
          if (phrase !== undefined) bump(this.phrases, phrase, field);
        }
        before = term;
      }
      if (symbol >= 0 && (field === ADDED || field === REMOVED)) this.#use(symbol, word, text, field);
    }
  }

  #use(symbol: number, word: string, line: string, field: number): void {
    let use = this.symbols.get(symbol);
    if (use === undefined) {
      use = { added: 0, removed: 0, defined: 0, undefined: 0 };
      this.symbols.set(symbol, use);
    }
    const defines = isDefinition(line, word);
    if (field === ADDED) {
      use.added += 1;
      if (defines) use.defined += 1;
    } else {
      use.removed += 1;
      if (defines) use.undefined += 1;
    }
  }
}

function bump(counts: Map<number, number[]>, key: number, field: number): void {
  let fields = counts.get(key);
  if (fields === undefined) {
    fields = FIELDS.map(() => 0);
    counts.set(key, fields);
  }
  fields[field] = (fields[field] ?? 0) + 1;
}

const DEFINING =
  /\b(?:function\*?|def|class|const|let|var|val|fn|func|fun|type|interface|enum|struct|trait|module|mod|macro_rules!|define|static|public|private|protected|sub|create\s+table|add\s+column|add_column)\W+(?:[\w.:<>[\]*&]+\s+){0,3}$/i;

/** Whether a line brings a name into the world: a keyword in front, or `name = `, `name: ` at its start. */
function isDefinition(line: string, word: string): boolean {
  const at = line.indexOf(word);
  const front = line.slice(Math.max(0, at - 120), at);
  if (DEFINING.test(front)) return true;
  return (
    front.trim() === "" &&
    /^\s*(?:[:=](?!=)|\([^)]{0,200}\)\s*(?:\{|=>|:))/.test(
      line.slice(at + word.length, at + word.length + 220),
    )
  );
}
