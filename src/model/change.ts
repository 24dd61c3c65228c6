import type { Area } from "./area.ts";
import type { Oid } from "./oid.ts";

/** A file of a diff. Line counts are null for binary files and submodules. */
export interface FileChange {
  readonly path: string;
  /** The old path of a rename or copy. */
  readonly from?: string;
  readonly status: "added" | "modified" | "deleted" | "renamed" | "copied" | "type";
  readonly insertions: number | null;
  readonly deletions: number | null;
  readonly area: Area;
  readonly kind: "file" | "symlink" | "submodule";
}

/** A hunk without context: where it stands in the old and the new file, and its lines. */
export interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  /** git's hunk header: usually the enclosing function. */
  readonly header: string;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

export interface FilePatch {
  readonly path: string;
  readonly from?: string;
  readonly area: Area;
  readonly status: FileChange["status"];
  readonly binary: boolean;
  readonly hunks: readonly Hunk[];
  /** Lines added and removed, counted also where the text was left out for its size. */
  readonly insertions: number;
  readonly deletions: number;
  /** True when lines beyond the cap were counted and not kept. */
  readonly truncated: boolean;
}

/** One unit of a range: a first-parent commit with what it brought to the branch. */
export interface Change {
  readonly sha: Oid;
  readonly parents: readonly Oid[];
  readonly subject: string;
  readonly body: string;
  readonly author: string;
  /** Committer time, ms since 1970: when it came to be in this history. */
  readonly at: number;
  readonly patches: readonly FilePatch[];
}
