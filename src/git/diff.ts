import type { FileChange } from "../model/change.ts";
import type { Oid } from "../model/oid.ts";
import type { Git } from "./git.ts";
import { PLAIN_DIFF } from "./history.ts";

type Changed = Omit<FileChange, "area">;

const STATUS: Readonly<Record<string, FileChange["status"]>> = {
  A: "added",
  M: "modified",
  D: "deleted",
  R: "renamed",
  C: "copied",
  T: "type",
};

/** Between two trees a submodule is only its pointer, and a pointer that moved counts; the last flag wins. */
const POINTERS = ["--ignore-submodules=dirty"];

/** The files that differ between two commits or trees, renames followed, with line counts. */
export async function diffFiles(
  git: Git,
  from: Oid,
  to: Oid,
  paths: readonly string[] = [],
): Promise<Changed[]> {
  const fields = await git.fields([
    "diff-tree",
    "-r",
    "-z",
    "-M",
    "--raw",
    "--numstat",
    "--no-abbrev",
    ...PLAIN_DIFF,
    ...POINTERS,
    from,
    to,
    "--",
    ...paths,
  ]);
  return parseRawNumstat(fields);
}

/** Fields of `--raw --numstat -z`: first every raw entry, then every count, in the same order. */
export function parseRawNumstat(fields: readonly string[]): Changed[] {
  const files: Changed[] = [];
  let at = 0;
  while (fields[at]?.startsWith(":")) {
    const [, newMode = "", , , letter = ""] = (fields[at] ?? "").slice(1).split(" ");
    const [oldMode = ""] = (fields[at] ?? "").slice(1).split(" ");
    const status = STATUS[letter[0] ?? ""] ?? "modified";
    const two = status === "renamed" || status === "copied";
    const first = fields[at + 1] ?? "";
    const mode = status === "deleted" ? oldMode : newMode;
    files.push({
      path: two ? (fields[at + 2] ?? "") : first,
      ...(two ? { from: first } : {}),
      status,
      insertions: null,
      deletions: null,
      kind: mode === "160000" ? "submodule" : mode === "120000" ? "symlink" : "file",
    });
    at += two ? 3 : 2;
  }
  return files.map((file) => {
    // The name follows the second tab; of a rename both follow in fields of their own.
    const [, insertions = "-", deletions = "-", name = ""] =
      /^([^\t]*)\t([^\t]*)\t(.*)$/s.exec(fields[at] ?? "") ?? [];
    at += name === "" ? 3 : 1;
    const count = (text: string): number | null => (text === "-" ? null : Number(text));
    return { ...file, insertions: count(insertions), deletions: count(deletions) };
  });
}

/** Names only, no renames: what a change touches. */
export async function changedPaths(git: Git, from: Oid, to: Oid): Promise<string[]> {
  return names(git, from, to, [], []);
}

/** The names that are in one tree and no more in the other, the old names of renamed files too. */
export async function gonePaths(git: Git, from: Oid, to: Oid, paths: readonly string[]): Promise<string[]> {
  return names(git, from, to, ["--diff-filter=D"], paths);
}

async function names(
  git: Git,
  from: Oid,
  to: Oid,
  flags: readonly string[],
  paths: readonly string[],
): Promise<string[]> {
  const plain = ["--name-only", "--no-renames", ...PLAIN_DIFF, ...POINTERS];
  return git.fields(["diff-tree", "-r", "-z", ...plain, ...flags, from, to, "--", ...paths]);
}
