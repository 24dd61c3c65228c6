import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";

import { expect } from "vitest";

import { type CommitSpec, git, Repository, withRemote } from "../support/repository.ts";
import { mayday } from "../support/world.ts";

/** A good release, then two commits of which one broke something; `extra` comes after them. */
export function history(extra: readonly CommitSpec[] = []): CommitSpec[] {
  return [
    {
      name: "good",
      message: "Sell things",
      tags: ["v1.0.0"],
      files: {
        "cart.txt": "price\n1\n2\n3\n4\n5\n6\n7\n8\ntotal\n",
        "gone.txt": "deleted by the bad commit\n",
        "readme.md": "a shop\n",
        "lib/tax.txt": "19\n",
        ".gitignore": "*.log\n",
      },
    },
    {
      name: "bad",
      message: "Round prices",
      files: { "cart.txt": "price\n1\n2\n3\n4\n5\n6\n7\n8\nbroken\n" },
    },
    {
      name: "late",
      message: "Move things about",
      files: { "gone.txt": null, "new.txt": "added\n", "lib/tax.txt": "7\n" },
    },
    ...extra,
  ];
}

export interface Shop {
  readonly remote: Repository;
  readonly clone: Repository;
}

export function shop(extra: readonly CommitSpec[] = []): Shop {
  return withRemote(history(extra));
}

/** Another person's clone of the same remote. */
export function colleague(remote: Repository): Repository {
  const directory = path.join(path.dirname(remote.path), "colleague");
  git(path.dirname(remote.path), "clone", "--quiet", remote.path, directory);
  return new Repository(directory, remote.ids);
}

/** Adds a commit on a clone's branch with files as given, and pushes it unless told. */
export function commit(
  repository: Repository,
  message: string,
  files: Readonly<Record<string, string>>,
  push = true,
): string {
  for (const [name, content] of Object.entries(files)) repository.write(name, content);
  repository.git("add", "--", ...Object.keys(files));
  repository.git("commit", "--quiet", "-m", message);
  if (push) repository.git("push", "--quiet", "origin", "HEAD:main");
  return repository.git("rev-parse", "HEAD");
}

/** Every file below a directory but `.git`: kind, permission and content. */
export function filesOf(root: string): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (directory: string): void => {
    for (const name of readdirSync(directory)) {
      const full = path.join(directory, name);
      const relative = path.relative(root, full);
      if (relative === ".git") continue;
      const stat = lstatSync(full);
      if (stat.isDirectory()) walk(full);
      else if (stat.isSymbolicLink()) found.set(relative, `link ${readlinkSync(full)}`);
      else {
        const hash = createHash("sha256").update(readFileSync(full)).digest("hex");
        found.set(relative, `${(stat.mode & 0o777).toString(8)} ${hash}`);
      }
    }
  };
  walk(root);
  return found;
}

export function refsOf(repository: Repository): string {
  return repository.git("for-each-ref", "--format=%(refname) %(objectname)");
}

/** All that is the person's: work tree, index bytes, stash, HEAD, local branches, what git is in the middle of. */
export function belongings(repository: Repository): Record<string, unknown> {
  const gitDir = path.resolve(repository.path, repository.git("rev-parse", "--git-dir"));
  const bytes = (name: string): string | null => {
    const file = path.join(gitDir, name);
    return existsSync(file) && lstatSync(file).isFile() ? readFileSync(file, "latin1") : null;
  };
  const states = ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "BISECT_LOG", "rebase-merge/head-name"];
  return {
    files: Object.fromEntries(filesOf(repository.path)),
    index: bytes("index"),
    head: bytes("HEAD"),
    stash: repository.git("for-each-ref", "--format=%(objectname)", "refs/stash"),
    heads: repository.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads"),
    states: states.map((name) => bytes(name)),
  };
}

export function treeOf(repository: Repository, revision: string): string {
  return repository.git("rev-parse", `${revision}^{tree}`);
}

export interface RollbackDocument {
  readonly schema: string;
  readonly exit: number;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string } | null;
  readonly environment: string;
  readonly strategy: string;
  readonly from: { readonly sha: string };
  readonly to: { readonly sha: string; readonly ref: string | null; readonly certified: boolean };
  readonly commit: { readonly sha: string; readonly tree: string } | null;
  readonly pushed: boolean;
  readonly kept: readonly string[];
  readonly undone: readonly { readonly sha: string; readonly subject: string; readonly deployed: boolean }[];
  readonly risks: readonly { readonly id: string; readonly level: string }[];
  readonly proof: {
    readonly wanted: string;
    readonly reached: string | null;
    readonly rungs: readonly { readonly id: string; readonly state: string; readonly text: string }[];
  };
  readonly clone: { readonly state: string; readonly files: readonly string[]; readonly text: string } | null;
  readonly undo: string | null;
  readonly operation: number | null;
}

/** Runs `mayday rollback --yes --json …` in a clone. */
export async function roll(
  clone: Repository,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<RollbackDocument> {
  const { exit, stdout, stderr } = await mayday(["rollback", "--yes", "--json", ...args], {
    cwd: clone.path,
    env,
  });
  const document = JSON.parse(stdout) as RollbackDocument;
  expect(document.exit, stderr).toBe(exit);
  return document;
}

/** The remote holds exactly one commit more: on the old tip, with the wanted tree. */
export function expectRestored(repository: Repository, oldTip: string, tree: string, branch = "main"): void {
  expect(repository.git("rev-list", "--count", `${oldTip}..${branch}`)).toBe("1");
  expect(repository.git("log", "-1", "--format=%P", branch)).toBe(oldTip);
  expect(treeOf(repository, branch)).toBe(tree);
}
