import type { Oid } from "../model/oid.ts";
import type { Git } from "./git.ts";
import { PLAIN_DIFF, RENAME_LIMIT } from "./history.ts";
import { type Caps, COMMIT_FORMAT, PatchParser } from "./patch-parser.ts";
import type { RawFile } from "./raw-commit.ts";

/** What two commits differ in, or what one did to its first parent. */
export type Change = { readonly from: Oid; readonly to: Oid } | { readonly commit: Oid };

/**
 * Streams the patch of one change, file by file, to `take`. `context` is the number of unchanged lines
 * around a hunk. Memory: two files, within the caps. Throws GitError.
 */
export async function readPatch(
  git: Git,
  change: Change,
  options: { readonly paths?: readonly string[]; readonly context: number },
  caps: Caps,
  take: (file: RawFile) => void,
): Promise<void> {
  const parser = new PatchParser({ ...caps, eachFile: take });
  const flags = [
    "-p",
    `-U${options.context}`,
    "-M",
    RENAME_LIMIT,
    ...PLAIN_DIFF,
    "--ignore-submodules=dirty",
    "--submodule=short",
  ];
  const paths = ["--", ...(options.paths ?? [])];
  const output =
    "commit" in change
      ? git.stream([
          "log",
          "--no-walk=unsorted",
          "--diff-merges=first-parent",
          ...flags,
          `--format=${COMMIT_FORMAT}`,
          change.commit,
          ...paths,
        ])
      : git.stream(["diff-tree", "-r", ...flags, change.from, change.to, ...paths]);
  // Two trees have no commit between them: one without a name stands for it.
  if (!("commit" in change)) drain(parser.push(Buffer.from("\u0001\0\0\0\0\0")));
  for await (const chunk of output) drain(parser.push(chunk));
  drain(parser.end());
}

/** The commits come empty: their files have been taken. */
function drain(commits: Iterable<unknown>): void {
  for (const _ of commits) continue;
}
