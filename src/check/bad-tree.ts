import type { Git } from "../git/git.ts";
import { readRef } from "../git/revision.ts";
import { ledgerRef, readChain, temporaryRef, union } from "../ledger/chain.ts";
import { fold } from "../ledger/fold.ts";
import type { Oid } from "../model/oid.ts";
import type { Settings } from "../model/settings.ts";
import type { JudgedRef } from "./judge.ts";

/** A push that would put content back which the ledger calls bad. */
export interface BadPush {
  readonly environment: string;
  readonly ref: JudgedRef;
  /** The commit that was marked. */
  readonly sha: Oid;
  readonly reason: string;
}

/**
 * Which pushed refs bring an environment's branch to a tree that was marked bad there, under
 * whatever commit: what was rolled back must not creep back. Known from the ledger as it is here;
 * the remote is not asked.
 */
export async function badPushes(
  git: Git,
  settings: Settings,
  refs: readonly JudgedRef[],
  remote: string,
): Promise<BadPush[]> {
  const found: BadPush[] = [];
  for (const [environment, { remote: home, branch }] of Object.entries(settings.environments)) {
    if (remote !== "" && remote !== home) continue;
    const pushed = refs.filter(({ tree, remoteRef }) => tree !== null && remoteRef.startsWith("refs/heads/"));
    if (pushed.length === 0) continue;
    const bad = await badTrees(git, settings.ledger.prefix, environment);
    if (bad.size === 0) continue;
    const target = `refs/heads/${branch ?? (await defaultBranch(git, home))}`;
    for (const ref of pushed) {
      const mark = ref.remoteRef === target && ref.tree !== null ? bad.get(ref.tree) : undefined;
      if (mark) found.push({ environment, ref, ...mark });
    }
  }
  return found;
}

async function badTrees(
  git: Git,
  prefix: string,
  environment: string,
): Promise<Map<Oid, { readonly sha: Oid; readonly reason: string }>> {
  const [own, theirs] = await Promise.all([
    readChain(git, ledgerRef(prefix, environment)),
    readChain(git, temporaryRef(environment)),
  ]);
  const marks = fold(union(own.events, theirs.events)).bad.values();
  return new Map(
    [...marks].flatMap(({ tree, sha, reason }) => (tree === undefined ? [] : [[tree, { sha, reason }]])),
  );
}

async function defaultBranch(git: Git, remote: string): Promise<string> {
  const head = `refs/remotes/${remote}/`;
  const named = await git.run(["symbolic-ref", "--quiet", `${head}HEAD`], { allow: [1, 128] });
  if (named.code === 0) return named.stdout.toString("utf8").trim().slice(head.length);
  return (await readRef(git, `${head}master`)) === undefined ? "main" : "master";
}
