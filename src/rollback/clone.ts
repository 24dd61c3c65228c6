import { existsSync, lstatSync } from "node:fs";
import path from "node:path";

import { diffFiles } from "../git/diff.ts";
import { type Git, GitError } from "../git/git.ts";
import { headBranch, isAncestor, readRef } from "../git/revision.ts";
import { visible } from "../model/escape.ts";
import { type Oid, short } from "../model/oid.ts";
import type { CloneAfter } from "../model/rollback.ts";

/** States in which git's own work is half done: the clone is not ours to move then. */
const IN_PROGRESS: readonly (readonly [string, string])[] = [
  ["rebase-merge", "a rebase"],
  ["rebase-apply", "a rebase"],
  ["MERGE_HEAD", "a merge"],
  ["CHERRY_PICK_HEAD", "a cherry-pick"],
  ["REVERT_HEAD", "a revert"],
  ["BISECT_LOG", "a bisect"],
];

/**
 * Brings the person's checkout of the branch along, if and only if nothing of theirs stands in the
 * way: every path that would change is proven clean first, and then only a fast-forward that
 * overwrites nothing is tried. Otherwise everything stays as it is and the command is named.
 */
export async function bringCloneAlong(git: Git, branch: string, commit: Oid): Promise<CloneAfter> {
  const here = git.layout.workTree;
  const left = (files: readonly string[], text: string): CloneAfter => ({ state: "left", files, text });
  if (here === null || (await headBranch(git)) !== branch) {
    const elsewhere = await checkedOutElsewhere(git, branch);
    if (elsewhere === null)
      return { state: "absent", files: [], text: `${visible(branch)} is not checked out here` };
    return left(
      [],
      `${visible(branch)} is checked out in ${visible(elsewhere)}; there: git merge --ff-only ${short(commit)}`,
    );
  }
  const head = await readRef(git, "HEAD");
  if (head === undefined) return left([], "HEAD cannot be read");
  if (head === commit) return { state: "updated", files: [], text: "already there" };
  const busy = IN_PROGRESS.find(([name]) => existsSync(path.join(git.layout.gitDir, name)));
  if (busy)
    return left([], `${busy[1]} is under way here; when it is done: git merge --ff-only ${short(commit)}`);
  if (!(await isAncestor(git, head, commit))) {
    return left(
      [],
      `your ${visible(branch)} has commits of its own; bring it along with: git rebase ${short(commit)}`,
    );
  }
  const inTheWay = await filesInTheWay(git, here, head, commit);
  if (inTheWay.length > 0)
    return left(
      inTheWay,
      `your own changes stand in the way; when they are safe: git merge --ff-only ${short(commit)}`,
    );
  try {
    await git.run(
      ["merge", "--ff-only", "--no-overwrite-ignore", "--no-autostash", "--no-stat", "--quiet", commit],
      { mode: "write" },
    );
  } catch (error) {
    if (!(error instanceof GitError) || error.code === "interrupted") throw error;
    return left(
      [],
      `git would not fast-forward (${visible(error.stderr.trim().split("\n")[0] ?? "")}); later: git merge --ff-only ${short(commit)}`,
    );
  }
  return { state: "updated", files: [], text: `${visible(branch)} is at ${short(commit)}` };
}

async function checkedOutElsewhere(git: Git, branch: string): Promise<string | null> {
  const fields = await git.fields(["worktree", "list", "--porcelain", "-z"]);
  let at: string | null = null;
  for (const field of fields) {
    if (field.startsWith("worktree ")) at = field.slice("worktree ".length);
    else if (field === `branch refs/heads/${branch}` && at !== git.layout.workTree) return at;
  }
  return null;
}

/** Paths of head..commit where the person has something of their own: edited, staged, untracked, ignored. */
async function filesInTheWay(git: Git, root: string, head: Oid, commit: Oid): Promise<string[]> {
  const changes = await diffFiles(git, head, commit);
  const touched = new Set(
    changes.flatMap(({ path: name, from }) => (from === undefined ? [name] : [name, from])),
  );
  const added = changes
    .filter(({ status }) => status === "added" || status === "renamed" || status === "copied")
    .map(({ path: name }) => name);
  const found = new Set<string>();
  // The person's real filters decide what is clean (a sealed comparison calls LFS files changed).
  const status = await git.fields(
    ["status", "--porcelain=v1", "-z", "--untracked-files=no", "--no-renames", "--ignore-submodules=none"],
    { mode: "write" },
  );
  for (const field of status) if (touched.has(field.slice(3))) found.add(field.slice(3));
  const flagged = await git.fields(["ls-files", "-v", "-z"]);
  for (const field of flagged) {
    const name = field.slice(2);
    // h: assume-unchanged; S: skip-worktree. With such a mark git does not look, so we do not touch.
    if (/^[a-z]|^S/.test(field) && touched.has(name) && existsAt(root, name)) found.add(name);
  }
  for (const name of added) {
    const blocker = firstExisting(root, name);
    if (blocker !== null) found.add(blocker);
  }
  if (await usesLocalFilters(git, [...touched])) return [...touched].toSorted();
  return [...found].toSorted();
}

function existsAt(root: string, name: string): boolean {
  try {
    lstatSync(path.join(root, name));
    return true;
  } catch {
    return false;
  }
}

/** The file itself, or a file that stands where one of its directories must be; null when the place is free. */
function firstExisting(root: string, name: string): string | null {
  const parts = name.split("/");
  for (let i = 1; i <= parts.length; i += 1) {
    const prefix = parts.slice(0, i).join("/");
    try {
      const stat = lstatSync(path.join(root, prefix));
      if (i === parts.length || !stat.isDirectory()) return prefix;
    } catch {
      return null;
    }
  }
  return null;
}

/**
 * A filter of the repository's own configuration is never run by mayday; a checkout without it
 * would write the wrong bytes, so such a clone is left.
 */
async function usesLocalFilters(git: Git, paths: readonly string[]): Promise<boolean> {
  const local = new Set(
    git.config
      .filter(
        ({ scope, key }) =>
          (scope === "local" || scope === "worktree") && /^filter\..*\.(?:smudge|clean|process)$/.test(key),
      )
      .map(({ key }) => key.slice("filter.".length, key.lastIndexOf("."))),
  );
  if (local.size === 0) return false;
  const fields = await git.fields(["check-attr", "-z", "--stdin", "filter"], {
    mode: "write",
    input: paths.map((name) => `${name}\0`).join(""),
  });
  return fields.some((value, index) => index % 3 === 2 && local.has(value));
}
