import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { MaydayError } from "../model/error.ts";
import { isOid, type Oid } from "../model/oid.ts";
import type { Git, GitOptions } from "./git.ts";

export interface TreeEntry {
  /** Octal, as git writes it: `100644`, `120000`, `160000`. */
  readonly mode: string;
  readonly oid: Oid;
  readonly path: string;
}

/** Every file of a tree, or those below the given paths. Names are exact: `-z`. */
export async function listTree(git: Git, tree: Oid, paths: readonly string[] = []): Promise<TreeEntry[]> {
  const fields = await git.fields(["ls-tree", "-r", "-z", "--full-tree", tree, "--", ...paths]);
  return fields.map((field) => {
    const tab = field.indexOf("\t");
    const [mode = "", , oid = ""] = field.slice(0, tab).split(" ");
    return { mode, oid, path: field.slice(tab + 1) };
  });
}

/** A path that differs between two trees. */
export interface TreeChange {
  /** For people and patterns; a name that is not UTF-8 has lost its bytes here. */
  readonly path: string;
  /** The name's bytes, one character each (latin1). */
  readonly bytes: string;
  readonly status: "added" | "modified" | "deleted" | "type";
  /** Octal; of `from` and of `to`. `000000` where it is absent. */
  readonly oldMode: string;
  readonly mode: string;
  readonly oldOid: Oid;
  readonly oid: Oid;
}

const STATUS: Readonly<Record<string, TreeChange["status"]>> = { A: "added", D: "deleted", T: "type" };

/** What differs between two trees, submodule pointers too. Needs no file contents: also right in a partial clone. */
export async function changedEntries(
  git: Git,
  from: Oid,
  to: Oid,
  options: Pick<GitOptions, "finish"> = {},
): Promise<TreeChange[]> {
  const { stdout } = await git.run(
    [
      "diff-tree",
      "-r",
      "-z",
      "--raw",
      "--no-renames",
      "--no-abbrev",
      "--no-color",
      "--ignore-submodules=dirty",
      from,
      to,
      "--",
    ],
    options,
  );
  const fields = stdout.toString("latin1").split("\0");
  const changes: TreeChange[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [oldMode = "", mode = "", oldOid = "", oid = "", letter = ""] = (fields[at] ?? "")
      .slice(1)
      .split(" ");
    const bytes = fields[at + 1] ?? "";
    changes.push({
      path: Buffer.from(bytes, "latin1").toString("utf8"),
      bytes,
      status: STATUS[letter] ?? "modified",
      oldMode,
      mode,
      oldOid,
      oid,
    });
  }
  return changes;
}

/**
 * The tree `base` with some paths as in `from`: those that `from` has are put, those it has not are
 * removed. Done in an index of its own; the person's index is never touched.
 */
export async function combineTrees(git: Git, base: Oid, changes: readonly TreeChange[]): Promise<Oid> {
  if (changes.length === 0) return base;
  const directory = mkdtempSync(path.join(tmpdir(), "mayday-index-"));
  const index = path.join(directory, "index");
  try {
    await git.run(["read-tree", base], { mode: "write", index });
    const zero = "0".repeat(base.length);
    const lines = [
      ...changes.filter(({ status }) => status === "deleted").map(({ bytes }) => `0 ${zero}\t${bytes}\0`),
      ...changes
        .filter(({ status }) => status !== "deleted")
        .map(({ mode, oid, bytes }) => `${mode} ${oid}\t${bytes}\0`),
    ];
    const input = Buffer.from(lines.join(""), "latin1");
    await git.run(["update-index", "-z", "--index-info"], { mode: "write", index, input });
    return await git.text(["write-tree", "--missing-ok"], { mode: "write", index });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export interface NewCommit {
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly message: string;
  /** Seconds since 1970. Fixed by the caller: the same input gives the same id. */
  readonly date: number;
}

/** Who a commit of ours is by: the user's identity, else mayday itself (CI machines have none). */
async function identityEnv(git: Git): Promise<Record<string, string>> {
  for (const name of ["GIT_COMMITTER_IDENT", "GIT_AUTHOR_IDENT"]) {
    const answer = await git.run(["var", name], { mode: "write", allow: [1, 128] });
    if (answer.code !== 0) return MAYDAY_IDENTITY;
  }
  return {};
}

const MAYDAY_IDENTITY = {
  GIT_AUTHOR_NAME: "mayday",
  GIT_AUTHOR_EMAIL: "mayday@localhost",
  GIT_COMMITTER_NAME: "mayday",
  GIT_COMMITTER_EMAIL: "mayday@localhost",
};

/** Makes a commit from objects: no work tree, index, branch or hook is involved. */
export async function commitTree(git: Git, commit: NewCommit): Promise<Oid> {
  const date = `@${commit.date} +0000`;
  const oid = await git.text(
    [
      "-c",
      "i18n.commitEncoding=UTF-8",
      "commit-tree",
      commit.tree,
      ...commit.parents.flatMap((parent) => ["-p", parent]),
    ],
    {
      mode: "write",
      input: commit.message,
      env: { ...(await identityEnv(git)), GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    },
  );
  if (!isOid(oid))
    throw new MaydayError("git commit-tree gave no commit id", { code: "no-commit", exit: 70 });
  return oid;
}

/** `Name <mail>` of whoever runs this, for the ledger. */
export async function actor(git: Git): Promise<string> {
  const answer = await git.run(["var", "GIT_COMMITTER_IDENT"], { mode: "write", allow: [1, 128] });
  const identity = answer.stdout
    .toString("utf8")
    .replace(/ \d+ [+-]\d{4}\s*$/, "")
    .trim();
  return answer.code === 0 && identity !== "" ? identity : "unknown";
}

/** The tree with no entries, written if need be. */
export async function emptyTree(git: Git): Promise<Oid> {
  return git.text(["mktree"], { mode: "write", input: "" });
}
