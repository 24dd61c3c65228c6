import type { Oid } from "./oid.ts";

export interface Frame {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly function?: string;
}

/** What a symptom is about, as far as its words tell. */
export type SymptomKind =
  | "compile"
  | "module"
  | "type"
  | "test"
  | "sql"
  | "connection"
  | "name-resolution"
  | "certificate"
  | "permission"
  | "timeout"
  | "memory"
  | "disk"
  | "quota"
  | "http"
  | "interface";

/** What was seen, taken apart. Lists are in the order of the text unless said otherwise, without repeats. */
export interface Symptom {
  readonly text: string;
  readonly frames: readonly Frame[];
  /** Paths and base names that the text names, outside frames. */
  readonly paths: readonly string[];
  /** `TypeError`, `ECONNREFUSED`, … */
  readonly errors: readonly string[];
  /** What errors and logs say, without the type in front: where the text was put together, its parts. */
  readonly messages: readonly string[];
  /** Names of failing tests, suites and test cases. */
  readonly tests: readonly string[];
  /** `/api/orders/42`: paths of requests, without host and query. */
  readonly endpoints: readonly string[];
  /** Tables and columns that SQL or its errors name. */
  readonly tables: readonly string[];
  readonly columns: readonly string[];
  /** Environment variables: `STRIPE_API_KEY`. */
  readonly variables: readonly string[];
  /** Feature flags that the text calls so. */
  readonly flags: readonly string[];
  /** HTTP statuses from 400 on. */
  readonly statuses: readonly number[];
  readonly kinds: readonly SymptomKind[];
  /** Words and identifiers, split and whole, lower case, most frequent first. */
  readonly terms: readonly string[];
  /** Identifiers as written. */
  readonly identifiers: readonly string[];
}

export interface Evidence {
  readonly kind: string;
  /** Log-odds: how much this piece moved the suspicion. */
  readonly weight: number;
  /** For people, one clause. */
  readonly text: string;
}

/** A piece of a change, ready to be shown. */
export interface ShownHunk {
  readonly path: string;
  /** The name before, where the file was renamed. */
  readonly from?: string;
  readonly oldStart: number;
  readonly newStart: number;
  /** What git says behind the second @@: most often the function. */
  readonly header: string;
  /** How much it has to do with the symptom: for ordering only, 0 is nothing. */
  readonly score: number;
  readonly lines: readonly ShownLine[];
  /** Lines of the hunk above and below `lines` that are not shown; missing where all are. */
  readonly leftOut?: { readonly above: number; readonly below: number };
}

export interface ShownLine {
  readonly mark: "-" | "+" | " ";
  readonly text: string;
  /** Pieces of `text` (from, to in UTF-16 units) that differ from the line's counterpart. */
  readonly changed: readonly (readonly [number, number])[];
  /** Pieces of `text` that the symptom names. */
  readonly matched: readonly (readonly [number, number])[];
}

export interface Suspect {
  readonly rank: number;
  readonly sha: Oid;
  readonly subject: string;
  readonly at: number;
  /** 0–1; with `outsideCode.probability` they sum to 1 over the whole range. */
  readonly probability: number;
  readonly evidence: readonly Evidence[];
  readonly files: readonly string[];
  /** Lines that it adds and takes away; binary files count nothing. */
  readonly insertions: number;
  readonly deletions: number;
  readonly flags: readonly string[];
}

export interface Signal {
  readonly kind: string;
  readonly name: string;
  readonly text: string;
}

export interface OutsideCode {
  readonly probability: number;
  readonly signals: readonly Signal[];
}

export interface Action {
  readonly action: "rollback" | "revert" | "flag" | "bisect" | "alert" | "diff" | "outside";
  readonly recommended: boolean;
  readonly command: string;
  readonly why: string;
}
