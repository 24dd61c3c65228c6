import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { isOid, type Oid } from "../model/oid.ts";
import type { Git, GitOptions } from "./git.ts";

/** A person's revision → a commit's full id, or undefined. Only the id is used after. */
export async function tryResolve(git: Git, revision: string): Promise<Oid | undefined> {
  // An empty word or a control character is never a revision; git would read a range as several.
  // oxlint-disable-next-line no-control-regex
  if (revision === "" || /[\u0000-\u001f]/.test(revision)) return undefined;
  const answer = await git.run(
    ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`],
    { allow: [1, 128] },
  );
  const oid = answer.stdout.toString("utf8").trim();
  return answer.code === 0 && isOid(oid) ? oid : undefined;
}

/** The same; throws exit 2 with the revision's name when there is no such commit. */
export async function resolve(git: Git, revision: string, hint?: string): Promise<Oid> {
  const oid = await tryResolve(git, revision);
  if (oid !== undefined) return oid;
  throw new MaydayError(`there is no commit ${visible(revision)} in this repository`, {
    code: "unknown-revision",
    exit: 2,
    hint: hint ?? "see what there is: git log --oneline -20, git tag --list",
  });
}

/** The value of a ref by its full name, peeled to a commit; undefined when absent. */
export async function readRef(
  git: Git,
  ref: string,
  options: Pick<GitOptions, "finish"> = {},
): Promise<Oid | undefined> {
  const answer = await git.run(["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`], {
    ...options,
    allow: [1, 128],
  });
  const oid = answer.stdout.toString("utf8").trim();
  return answer.code === 0 && isOid(oid) ? oid : undefined;
}

export async function hasCommit(git: Git, oid: Oid): Promise<boolean> {
  const answer = await git.run(["cat-file", "-e", `${oid}^{commit}`], { allow: [1, 128] });
  return answer.code === 0;
}

export async function treeOf(git: Git, commit: Oid): Promise<Oid> {
  return git.text(["rev-parse", "--verify", "--end-of-options", `${commit}^{tree}`]);
}

export async function isAncestor(git: Git, ancestor: Oid, descendant: Oid): Promise<boolean> {
  return (await git.run(["merge-base", "--is-ancestor", ancestor, descendant], { allow: [1] })).code === 0;
}

/**
 * Sets a ref only if it still has the old value (null: only if it does not exist).
 * False when it has moved: somebody else was there first.
 */
export async function compareAndSwap(git: Git, ref: string, next: Oid, old: Oid | null): Promise<boolean> {
  const zero = "0".repeat(git.layout.objectFormat === "sha256" ? 64 : 40);
  const answer = await git.run(["update-ref", "--no-deref", ref, next, old ?? zero], {
    mode: "write",
    allow: [1, 128],
  });
  if (answer.code === 0) return true;
  if (/cannot lock ref|but expected|reference already exists|Unable to create/.test(answer.stderr))
    return false;
  throw new MaydayError(`git could not set ${ref}: ${visible(answer.stderr.trim())}`, {
    code: "ref-not-set",
    exit: 70,
    hint: "git fsck",
  });
}

export interface RefValue {
  readonly ref: string;
  readonly oid: Oid;
}

/** Refs below the given prefixes, as they are (annotated tags not peeled). */
export async function listRefs(git: Git, prefixes: readonly string[]): Promise<RefValue[]> {
  const text = await git.text(["for-each-ref", "--format=%(objectname) %(refname)", ...prefixes]);
  return text === ""
    ? []
    : text
        .split("\n")
        .map((line) => ({ oid: line.slice(0, line.indexOf(" ")), ref: line.slice(line.indexOf(" ") + 1) }));
}

/** The branch that HEAD names, short and full; null when detached. Also right on an unborn branch. */
export async function headBranch(git: Git): Promise<string | null> {
  const answer = await git.run(["symbolic-ref", "--quiet", "HEAD"], { allow: [1] });
  if (answer.code !== 0) return null;
  const ref = answer.stdout.toString("utf8").trim();
  return ref.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : null;
}
