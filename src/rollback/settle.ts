import type { Git } from "../git/git.ts";
import { type Oid, short } from "../model/oid.ts";
import type { CloneAfter, Rung } from "../model/rollback.ts";
import { dropAnchor, markOperation, type Operation } from "./operations.ts";

export interface Clock {
  readonly now: () => number;
}

/** What the steps of publishing share. */
export interface Publishing {
  readonly git: Git;
  readonly operation: Operation;
  readonly clock: Clock;
  /** It was begun just now: nothing of it can be out yet. */
  readonly fresh: boolean;
}

export interface Published {
  readonly clone: CloneAfter;
  readonly p2: Rung;
}

export async function isBelow(git: Git, commit: Oid, tip: Oid): Promise<boolean> {
  return (await git.run(["merge-base", "--is-ancestor", commit, tip], { allow: [1, 128] })).code === 0;
}

/** Ours was published and somebody has already built on it. */
export async function below(
  { git, operation, clock }: Publishing,
  tip: Oid,
  clone: CloneAfter,
): Promise<Published> {
  await markOperation(git, operation.number, "published", clock.now());
  const where = operation.plan.remote === null ? "the branch" : "the remote";
  const text = `${where} has ${short(operation.commit)}, and ${short(tip)} on top of it`;
  return { clone, p2: { id: "P2", state: "pass", text } };
}

/** Closes an operation that came to nothing: no ref of it stays. */
export async function giveUp(git: Git, operation: Operation, clock: Clock): Promise<void> {
  await markOperation(git, operation.number, "aborted", clock.now());
  await dropAnchor(git, operation.number);
}
