import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import type { Git } from "../git/git.ts";
import { changedEntries, type TreeChange } from "../git/objects.ts";
import { headBranch, isAncestor, readRef } from "../git/revision.ts";
import { visible } from "../model/escape.ts";
import { type Oid, short } from "../model/oid.ts";
import type { CloneAfter } from "../model/rollback.ts";
import { fastForward, settleForward } from "./forward.ts";

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
    const elsewhere = (await checkedOutElsewhere(git, branch)) ?? rebasedAt(git, branch);
    if (elsewhere === null)
      return { state: "absent", files: [], text: `${visible(branch)} is not checked out here` };
    return left(
      [],
      `${visible(branch)} is checked out in ${visible(elsewhere)}; there: git merge --ff-only ${short(commit)}`,
    );
  }
  const torn = await settleForward(git);
  if (torn.length > 0)
    return left(torn, "an earlier run was ended half-way, and these files were changed since");
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
  const changes = await changedEntries(git, head, commit);
  const later = `git merge --ff-only ${short(commit)}`;
  const names = changes.map(({ path: name }) => name);
  if (await usesLocalFilters(git, names))
    return left(
      [],
      `a filter of this repository's own configuration has to write these files; yours to run: ${later}`,
    );
  if (await lacksContents(git, changes))
    return left([], `this clone fetches contents when they are needed; when the network is there: ${later}`);
  const inTheWay = await filesInTheWay(git, here, changes);
  if (inTheWay.length > 0)
    return left(inTheWay, `your own changes stand in the way; when they are safe: ${later}`);
  const why = await fastForward(git, head, commit);
  if (why !== null) return left([], `${why}; later: ${later}`);
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

/** The place where a rebase of the branch is under way: HEAD is detached there, the branch is still its own. */
function rebasedAt(git: Git, branch: string): string | null {
  const { commonDir, workTree } = git.layout;
  const linked = path.join(commonDir, "worktrees");
  const places: [string, string][] = [[commonDir, workTree ?? commonDir]];
  for (const name of existsSync(linked) ? readdirSync(linked) : [])
    places.push([path.join(linked, name), name]);
  const found = places.find(([directory]) =>
    ["rebase-merge", "rebase-apply"].some((state) => {
      const file = path.join(directory, state, "head-name");
      return existsSync(file) && readFileSync(file, "utf8").trim() === `refs/heads/${branch}`;
    }),
  );
  return found === undefined ? null : `${found[1]} (a rebase is under way)`;
}

/** Paths of head..commit where the person has something of their own: edited, staged, untracked, ignored. */
async function filesInTheWay(git: Git, root: string, changes: readonly TreeChange[]): Promise<string[]> {
  const touched = new Set(changes.map(({ path: name }) => name));
  const goes = new Set(changes.filter(({ status }) => status === "deleted").map(({ path: name }) => name));
  const found = new Set<string>();
  // The person's real filters decide what is clean (a sealed comparison calls LFS files changed);
  // without optional locks the index stays as it is, byte for byte.
  const status = await git.fields(
    ["status", "--porcelain=v1", "-z", "--untracked-files=no", "--no-renames", "--ignore-submodules=none"],
    { mode: "write", env: { GIT_OPTIONAL_LOCKS: "0" } },
  );
  for (const field of status) if (touched.has(field.slice(3))) found.add(field.slice(3));
  const flagged = await git.fields(["ls-files", "-v", "-z"]);
  for (const field of flagged) {
    const name = field.slice(2);
    // h: assume-unchanged; S: skip-worktree. With such a mark git does not look, so we do not touch.
    if (/^[a-z]|^S/.test(field) && touched.has(name) && existsAt(root, name)) found.add(name);
  }
  for (const { path: name, status: how } of changes) {
    if (how !== "added") continue;
    const blocker = firstExisting(root, name);
    // A tracked file that goes in the same step makes room; that it is clean was seen above.
    if (blocker === null || goes.has(blocker)) continue;
    if (blocker === name && (await holdsOnlyTracked(git, root, name))) continue;
    found.add(blocker);
  }
  return [...found].toSorted();
}

/** A directory where a file comes back: it goes with its files, if none in it is unknown to git. */
async function holdsOnlyTracked(git: Git, root: string, name: string): Promise<boolean> {
  if (!lstatSync(path.join(root, name)).isDirectory()) return false;
  return (await git.fields(["ls-files", "--others", "-z", "--", name])).length === 0;
}

/** In a partial clone: would git have to fetch to write these files? It must not stop half-way. */
async function lacksContents(git: Git, changes: readonly TreeChange[]): Promise<boolean> {
  if (!git.layout.partial) return false;
  const oids = changes.filter(({ mode }) => mode !== "000000" && mode !== "160000").map(({ oid }) => oid);
  const answer = await git.run(["cat-file", "--batch-check=%(objecttype)"], {
    input: oids.map((oid) => `${oid}\n`).join(""),
    allow: [128],
  });
  return answer.code !== 0 || / missing$/m.test(answer.stdout.toString("utf8"));
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
  // New attributes may name such a filter for files that have none today.
  if (paths.some((name) => path.posix.basename(name) === ".gitattributes")) return true;
  const fields = await git.fields(["check-attr", "-z", "--stdin", "filter"], {
    mode: "write",
    input: paths.map((name) => `${name}\0`).join(""),
  });
  return fields.some((value, index) => index % 3 === 2 && local.has(value));
}
