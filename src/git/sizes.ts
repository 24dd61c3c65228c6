import type { Oid } from "../model/oid.ts";
import type { Git } from "./git.ts";
import { PLAIN_DIFF } from "./history.ts";

export interface ChangeSize {
  readonly insertions: number;
  readonly deletions: number;
}

const COUNTS = /^(?<insertions>\d+|-)\t(?<deletions>\d+|-)\t/;

/**
 * Lines that each of these commits adds and takes away, against its first parent; binary files count
 * nothing. A line of counts holds tabs and a line of an id does not, so no file's name can forge one.
 */
export async function changeSizes(
  git: Git,
  commits: readonly Oid[],
  paths: readonly string[],
): Promise<Map<Oid, ChangeSize>> {
  const sizes = new Map<Oid, ChangeSize>();
  if (commits.length === 0) return sizes;
  const { stdout } = await git.run(
    [
      "log",
      "--no-walk=unsorted",
      "--stdin",
      "--diff-merges=first-parent",
      "--numstat",
      "-M",
      "-l400",
      ...PLAIN_DIFF,
      "--format=%H",
      "--",
      ...paths,
    ],
    { input: `${commits.join("\n")}\n` },
  );
  let current: Oid | null = null;
  for (const line of stdout.toString("utf8").split("\n")) {
    const counts = COUNTS.exec(line)?.groups;
    if (counts === undefined) {
      if (line === "") continue;
      current = line;
      sizes.set(current, { insertions: 0, deletions: 0 });
      continue;
    }
    const before = current === null ? undefined : sizes.get(current);
    if (current === null || before === undefined) continue;
    sizes.set(current, {
      insertions: before.insertions + (Number(counts["insertions"]) || 0),
      deletions: before.deletions + (Number(counts["deletions"]) || 0),
    });
  }
  return sizes;
}
