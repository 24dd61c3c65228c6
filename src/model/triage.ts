import type { Oid } from "./oid.ts";

export interface Frame {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly function?: string;
}

/** What was seen, taken apart. */
export interface Symptom {
  readonly text: string;
  readonly frames: readonly Frame[];
  /** Paths and base names that the text names, outside frames. */
  readonly paths: readonly string[];
  /** `TypeError`, `ECONNREFUSED`, … */
  readonly errors: readonly string[];
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

export interface Suspect {
  readonly rank: number;
  readonly sha: Oid;
  readonly subject: string;
  readonly at: number;
  /** 0–1; with `outsideCode.probability` they sum to 1 over the whole range. */
  readonly probability: number;
  readonly evidence: readonly Evidence[];
  readonly files: readonly string[];
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
