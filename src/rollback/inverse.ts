import type { Git } from "../git/git.ts";
import { commitTree } from "../git/objects.ts";
import { treeOf } from "../git/revision.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import { isOid, type Oid, short } from "../model/oid.ts";

/**
 * The tree of `tip` with the step `from` → `to` taken along: exactly `to`'s tree when nothing came
 * after `from`, else a three-way merge in memory. Throws exit 5 with the files when it conflicts.
 */
export async function takeStep(git: Git, tip: Oid, from: Oid, to: Oid): Promise<Oid> {
  const [tipTree, fromTree, toTree] = await Promise.all([
    treeOf(git, tip),
    treeOf(git, from),
    treeOf(git, to),
  ]);
  if (tipTree === fromTree) return toTree;
  // Three synthetic commits give merge-tree its base; --merge-base came only with git 2.40.
  const make = (tree: Oid, parents: readonly Oid[]): Promise<Oid> =>
    commitTree(git, { tree, parents, message: "mayday: for a merge in memory\n", date: 0 });
  const base = await make(fromTree, []);
  const ours = await make(tipTree, [base]);
  const theirs = await make(toTree, [base]);
  const answer = await git.run(
    ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs],
    { mode: "write", allow: [1] },
  );
  const [tree = "", ...files] = answer.stdout
    .toString("utf8")
    .split("\0")
    .filter((field) => field !== "");
  if (answer.code === 0 && isOid(tree)) return tree;
  throw new MaydayError(
    `what came after ${short(from)} touches the same lines; nothing was changed. In conflict: ${files.map(visible).join(", ")}`,
    {
      code: "conflict",
      exit: EXIT.conflict,
      hint: `do it by hand: git revert ${short(from)}`,
    },
  );
}
