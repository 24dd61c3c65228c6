import type { Git } from "../git/git.ts";
import { listTree } from "../git/objects.ts";
import type { Oid } from "../model/oid.ts";

/** What a push changes, by name; the contents stay in the objects. */
export interface ChangedFiles {
  /** Every path touched, also by a deletion. */
  readonly touched: readonly string[];
  /** Those that are there after the push and are files: what a command can be given. */
  readonly present: readonly string[];
}

const GONE = "000000";
const SUBMODULE = "160000";

/** Files that differ between two commits; all files of `commit` when the base is unknown. */
export async function changedFiles(git: Git, base: Oid | null, commit: Oid): Promise<ChangedFiles> {
  if (base === null) {
    const entries = await listTree(git, commit);
    return {
      touched: entries.map((entry) => entry.path),
      present: entries.filter((entry) => entry.mode !== SUBMODULE).map((entry) => entry.path),
    };
  }
  if (base === commit) return { touched: [], present: [] };
  // `:<old mode> <new mode> <old id> <new id> <status>` NUL `<path>` NUL, see git-diff-tree(1).
  const fields = await git.fields(["diff-tree", "-r", "-z", "--no-renames", "--raw", base, commit, "--"]);
  const touched: string[] = [];
  const present: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const mode = fields[i]?.split(" ")[1];
    const name = fields[i + 1] ?? "";
    touched.push(name);
    if (mode !== GONE && mode !== SUBMODULE) present.push(name);
  }
  return { touched, present };
}

/** What several pushed refs of one tree change together. */
export function together(changes: readonly ChangedFiles[]): ChangedFiles {
  const [first] = changes;
  if (first !== undefined && changes.length === 1) return first;
  const merge = (part: keyof ChangedFiles): string[] =>
    [...new Set(changes.flatMap((c) => c[part]))].toSorted();
  return { touched: merge("touched"), present: merge("present") };
}

export type Matcher = (path: string) => boolean;

/**
 * A test for the `files` globs of a check. No globs match everything; `!glob` takes out; `dir/` is
 * all below it. Names that begin with a dot match like any other.
 */
export async function matcher(globs: readonly string[]): Promise<Matcher> {
  if (globs.length === 0) return () => true;
  const { default: picomatch } = await import("picomatch");
  const compile = (list: readonly string[]): Matcher =>
    picomatch(
      list.map((glob) => (glob.endsWith("/") ? `${glob}**` : glob)),
      { dot: true },
    );
  const out = globs.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
  const put = globs.filter((glob) => !glob.startsWith("!"));
  const isIn = put.length === 0 ? () => true : compile(put);
  const isOut = out.length === 0 ? () => false : compile(out);
  return (path) => isIn(path) && !isOut(path);
}
