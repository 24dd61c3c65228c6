import type { Oid } from "./oid.ts";
import type { Risk } from "./risk.ts";

export type RungId = "P1" | "P2" | "P3" | "P4" | "P5" | "P6";

export interface Rung {
  readonly id: RungId;
  readonly state: "pass" | "fail" | "unknown" | "skipped";
  readonly text: string;
}

export interface Proof {
  readonly wanted: RungId;
  readonly reached: RungId | null;
  readonly rungs: readonly Rung[];
}

export interface Undone {
  readonly sha: Oid;
  readonly subject: string;
  /** False for what was pushed after live and never ran. */
  readonly deployed: boolean;
}

/** What will be done, as data: everything that execution needs and a person wants to see. */
export interface RollbackPlan {
  readonly environment: string;
  readonly service: string | null;
  readonly strategy: "tree" | "undo";
  /** Null in a repository without a remote: the local branch is the target. */
  readonly remote: string | null;
  /** Where the push goes, password removed; for people. */
  readonly url: string | null;
  readonly branch: string;
  readonly live: Oid;
  /** The branch's tip: parent of the new commit and expected old value of the push. */
  readonly tip: Oid;
  readonly good: { readonly sha: Oid; readonly ref: string | null; readonly certified: boolean };
  readonly tree: Oid;
  readonly message: string;
  /** Seconds since 1970: fixed here so that the commit has the same id however often it is made. */
  readonly date: number;
  /** Paths that stay as at the tip (`mayday.yaml`, `rollback.keep`). */
  readonly kept: readonly string[];
  readonly undone: readonly Undone[];
  readonly risks: readonly Risk[];
  readonly push: boolean;
  readonly reason: string;
  readonly wanted: RungId;
}

export interface CloneAfter {
  readonly state: "updated" | "left" | "absent";
  /** What stood in the way. */
  readonly files: readonly string[];
  readonly text: string;
}
