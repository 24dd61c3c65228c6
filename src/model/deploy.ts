import type { Oid } from "./oid.ts";

/** Where an answer about a running environment came from; see "Choosing the range". */
export type SourceName = "option" | "http" | "run" | "ledger" | "tag" | "branch" | "previous-deploy";

export interface LiveCommit {
  readonly sha: Oid;
  readonly source: SourceName;
  /** The name it was found under: a tag, a branch. */
  readonly ref?: string;
  /** When it went live, ms since 1970, where that is known. */
  readonly at?: number;
}

export interface GoodCommit {
  readonly sha: Oid;
  readonly source: SourceName;
  readonly ref?: string;
  readonly at?: number;
  /** False when it was only guessed (a tag, the previous deploy). */
  readonly certified: boolean;
}

/** Deploys are seldom this many changes apart: a tag that far back lies on another line of releases. */
const FAR = 1_000;

/** A good commit that was only guessed by a tag, and so far back that the guess is probably wrong. */
export function isFarGuess({ source }: GoodCommit, changes: number): boolean {
  return source === "tag" && changes > FAR;
}

/** Another source that names another commit: shown, never averaged. */
export interface Disagreement {
  readonly about: "live" | "good";
  readonly source: SourceName;
  readonly sha: Oid;
  readonly text: string;
}

export interface Freshness {
  /** When the remote was last asked, ms since 1970; null when never. */
  readonly fetchedAt: number | null;
  readonly offline: boolean;
}

/** live and good of an environment, and the remote's branch tip they were read beside. */
export interface Standing {
  readonly environment: string;
  readonly service: string | null;
  readonly remote: string | null;
  readonly branch: string;
  /** The tip of the branch on the remote (or locally without one). */
  readonly tip: Oid;
  readonly live: LiveCommit;
  readonly good: GoodCommit;
  readonly disagreements: readonly Disagreement[];
  readonly freshness: Freshness;
  /** The history is cut off here: ranges may be incomplete. */
  readonly shallow: boolean;
}
