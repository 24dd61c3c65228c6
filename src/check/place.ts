import { lstatSync, mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import path from "node:path";

import type { Git } from "../git/git.ts";
import { addTemporaryWorktree, type TemporaryWorktree } from "../git/worktree.ts";
import { treeOf, tryResolve } from "../git/revision.ts";
import type { Oid } from "../model/oid.ts";
import type { Settings } from "../model/settings.ts";
import type { Target } from "./select.ts";

/** Where the pushed content is: the person's own work tree, or why that will not do. */
export type Standing =
  | { readonly inPlace: true; readonly path: string }
  | { readonly inPlace: false; readonly because: string };

/**
 * Is the work tree exactly what `tree` holds? Anything changed, untracked and not ignored, or hidden
 * from git's eyes (assume-unchanged, skip-worktree) says no. Of a submodule only its commit is
 * compared: to look inside would run git under the submodule's own configuration.
 */
export async function standing(git: Git, tree: Oid): Promise<Standing> {
  const { workTree } = git.layout;
  if (workTree === null) return { inPlace: false, because: "this repository has no work tree" };
  const head = await tryResolve(git, "HEAD");
  if (head === undefined || (await treeOf(git, head)) !== tree) {
    return { inPlace: false, because: "other content than HEAD is pushed" };
  }
  // The real filters, as for a checkout, or every LFS file would look changed; and no lock.
  const options = { mode: "write", env: { GIT_OPTIONAL_LOCKS: "0" } } as const;
  const [changed, index] = await Promise.all([
    git.fields(
      [
        "status",
        "--porcelain=v1",
        "-z",
        "--no-renames",
        "--untracked-files=normal",
        "--ignore-submodules=dirty",
      ],
      options,
    ),
    git.fields(["ls-files", "-v", "-z"], options),
  ]);
  if (changed.length > 0) {
    return { inPlace: false, because: `${counted(changed.length, "file")} changed or untracked here` };
  }
  const hidden = index.filter((entry) => !entry.startsWith("H ")).length;
  return hidden > 0
    ? { inPlace: false, because: `${counted(hidden, "file")} hidden from git (sparse or assume-unchanged)` }
    : { inPlace: true, path: workTree };
}

function counted(n: number, noun: string): string {
  return n === 1 ? `1 ${noun} is` : `${n} ${noun}s are`;
}

/** A worktree with the target's content; `linked` says whether all wanted directories are in it. */
export async function checkOut(
  git: Git,
  target: Target,
  wanted: Settings["worktree"]["link"],
): Promise<TemporaryWorktree & { readonly linked: boolean }> {
  const worktree = await addTemporaryWorktree(git, target.commit);
  const from = git.layout.workTree;
  try {
    const linked =
      wanted.length > 0 && from !== null && wanted.every((name) => linkable(from, worktree.path, name));
    // All or none: `prepare` run over some links would write through them into the person's files.
    if (linked) for (const name of wanted) link(from, worktree.path, name);
    return { ...worktree, linked };
  } catch (error) {
    worktree.remove();
    throw error;
  }
}

const LOCKFILES = [
  "package-lock.json",
  "npm-shrinkwrap.json",
  "yarn.lock",
  "pnpm-lock.yaml",
  "bun.lock",
  "bun.lockb",
  "deno.lock",
  "Gemfile.lock",
  "composer.lock",
  "poetry.lock",
  "uv.lock",
  "pdm.lock",
  "Pipfile.lock",
  "Cargo.lock",
  "go.sum",
  "mix.lock",
  "pubspec.lock",
  "packages.lock.json",
];

/** What was installed from another lockfile is not what the pushed commit would run with. */
function linkable(from: string, to: string, name: string): boolean {
  const relative = path.normalize(name);
  if (path.isAbsolute(relative) || relative.split(path.sep).includes("..")) return false;
  const source = statSync(path.join(from, relative), { throwIfNoEntry: false });
  if (source?.isDirectory() !== true) return false;
  if (lstatSync(path.join(to, relative), { throwIfNoEntry: false }) !== undefined) return false;
  const beside = new Set([".", path.dirname(path.join(relative, "."))]);
  return [...beside].every((directory) =>
    LOCKFILES.every((lock) => same(path.join(from, directory, lock), path.join(to, directory, lock))),
  );
}

function same(left: string, right: string): boolean {
  const [a, b] = [left, right].map((file) => {
    const found = statSync(file, { throwIfNoEntry: false });
    return found?.isFile() === true ? readFileSync(file) : null;
  });
  return a === null || b === null || a === undefined || b === undefined ? a === b : a.equals(b);
}

function link(from: string, to: string, name: string): void {
  const target = path.join(to, name.replace(/\/+$/, ""));
  mkdirSync(path.dirname(target), { recursive: true });
  symlinkSync(path.join(from, name), target, "junction");
}
