import type { Area } from "./area.ts";

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
