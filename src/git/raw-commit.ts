import type { FileChange } from "../model/change.ts";

/** A commit as it comes out of the stream: the patches of one file at a time, text capped. */
export interface RawFile {
  path: string;
  from?: string;
  status: FileChange["status"];
  binary: boolean;
  insertions: number;
  deletions: number;
  truncated: boolean;
  hunks: RawHunk[];
}

export interface RawHunk {
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  header: string;
  removed: string[];
  added: string[];
  /** All lines in their order, the unchanged too; only where `Caps.inOrder` asks for them. */
  lines?: RawLine[];
}

export interface RawLine {
  readonly mark: "-" | "+" | " ";
  readonly text: string;
}

export interface RawCommit {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly at: number;
  readonly author: string;
  readonly message: string;
  readonly files: RawFile[];
}
