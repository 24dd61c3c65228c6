import { lstat, readdir, readFile } from "node:fs/promises";
import path from "node:path";

import { type Facts, factsOf } from "../config/facts.ts";
import { everyday } from "../git/everyday.ts";
import type { Git } from "../git/git.ts";
import { listRemote, remoteNames } from "../git/remote.ts";
import { headBranch } from "../git/revision.ts";
import type { Context } from "./context.ts";

/** Larger files are not what says how a project is tested. */
const MOST_BYTES = 1024 * 1024;
const REMOTE_MS = 5_000;

/** What `init` can see: names of branches, tags and files, and a few small files. Changes nothing. */
export async function look(context: Context, git: Git, root: string): Promise<Facts> {
  const simple = await everyday(git);
  const names = remoteNames(git);
  const remote = names.includes("origin") ? "origin" : (names[0] ?? null);
  const [tags, listed, rootEntries, remoteBranches, branch] = await Promise.all([
    simple.tags(),
    simple.raw(["ls-files", "-z"]),
    readdir(root, { withFileTypes: true }),
    remote === null ? null : simple.branch(["--remotes", "--list", `${remote}/*`]),
    defaultBranch(context, git, remote),
  ]);
  const untracked = rootEntries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  const prefix = `${remote ?? ""}/`;
  return factsOf({
    files: [...new Set([...listed.split("\0").filter((file) => file !== ""), ...untracked])],
    read: (file) => readSmall(root, file),
    tags: tags.all,
    remote,
    otherRemotes: names.filter((name) => name !== remote),
    branches: (remoteBranches?.all ?? []).map((name) =>
      name.startsWith(prefix) ? name.slice(prefix.length) : name,
    ),
    branch,
  });
}

/** The remote is asked; if it does not answer, what the clone remembers; without one, HEAD's branch. */
async function defaultBranch(context: Context, git: Git, remote: string | null): Promise<string | null> {
  if (remote === null) return headBranch(git);
  if (!context.globals.offline) {
    try {
      const { defaultBranch: told } = await listRemote(git, remote, ["HEAD"], REMOTE_MS);
      if (told !== null) return told;
    } catch {
      // No network is no reason to stop: the clone remembers.
    }
  }
  const ref = `refs/remotes/${remote}/`;
  const answer = await git.run(["symbolic-ref", "--quiet", `${ref}HEAD`], { allow: [1, 128] });
  const name = answer.stdout.toString("utf8").trim();
  return name.startsWith(ref) ? name.slice(ref.length) : headBranch(git);
}

/** A plain small file inside the repository; links are not followed out of it. */
async function readSmall(root: string, file: string): Promise<string | null> {
  const full = path.join(root, file);
  try {
    const found = await lstat(full);
    return found.isFile() && found.size <= MOST_BYTES ? await readFile(full, "utf8") : null;
  } catch {
    return null;
  }
}
