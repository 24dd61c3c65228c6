import { type Git, GitError } from "../git/git.ts";
import { listCommits } from "../git/history.ts";
import { commitTree } from "../git/objects.ts";
import { fetchInto, listRemote, push, type PushOutcome } from "../git/remote.ts";
import { compareAndSwap, headBranch, readRef, treeOf } from "../git/revision.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import { type Oid, short } from "../model/oid.ts";
import type { CloneAfter, RollbackPlan, Rung } from "../model/rollback.ts";
import { bringCloneAlong } from "./clone.ts";
import { beginOperation, markOperation, type Operation, operationRef } from "./operations.ts";

/** For one push, or one question to the remote, ms. */
const NETWORK_MS = 60_000;

export interface Executed {
  readonly operation: Operation;
  readonly pushed: boolean;
  readonly clone: CloneAfter;
  readonly rungs: readonly Rung[];
}

export interface Clock {
  readonly now: () => number;
}

/** Makes the commit, writes the intent down, anchors both ends. Nothing that others see has changed after it. */
export async function begin(
  git: Git,
  plan: RollbackPlan,
  clock: Clock,
  undoes: number | null = null,
): Promise<Operation> {
  const commit = await commitTree(git, {
    tree: plan.tree,
    parents: [plan.tip],
    message: plan.message,
    date: plan.date,
  });
  const operation = await beginOperation(git, plan, commit, clock.now(), undoes);
  await anchor(git, operation);
  return operation;
}

async function anchor(git: Git, { number, plan, commit }: Operation): Promise<void> {
  for (const [which, oid] of [
    ["old", plan.tip],
    ["new", commit],
  ] as const) {
    const ref = operationRef(number, which);
    if ((await readRef(git, ref)) === undefined) await compareAndSwap(git, ref, oid, null);
  }
}

/**
 * Publishes an operation and brings the clone along. Looks before each step, so that running it
 * again after a crash ends in the same state: one commit, published once.
 * Throws exit 6 when the remote moved or said no: nothing was changed there.
 */
export async function carryOut(git: Git, operation: Operation, clock: Clock): Promise<Executed> {
  const { plan, number } = operation;
  // Made again from the plan: the same id, also when the objects were lost with a crash.
  const commit = await commitTree(git, {
    tree: plan.tree,
    parents: [plan.tip],
    message: plan.message,
    date: plan.date,
  });
  const made = { ...operation, commit };
  await anchor(git, made);
  const p1 = await proveTree(git, plan, commit);
  if (!plan.push) {
    await markOperation(git, number, "kept", clock.now());
    return {
      operation: made,
      pushed: false,
      clone: { state: "left", files: [], text: "nothing was pushed" },
      rungs: [p1],
    };
  }
  const { clone, p2 } =
    plan.remote === null
      ? await publishHere(git, plan, commit, made, clock)
      : await publishThere(git, plan, plan.remote, commit, made, clock);
  return { operation: { ...made, state: "published" }, pushed: true, clone, rungs: [p1, p2] };
}

async function proveTree(git: Git, plan: RollbackPlan, commit: Oid): Promise<Rung> {
  const tree = await treeOf(git, commit);
  if (tree !== plan.tree)
    throw new MaydayError(`the commit's tree ${tree} is not the planned one`, {
      code: "wrong-tree",
      exit: EXIT.bug,
    });
  return { id: "P1", state: "pass", text: `${short(commit)} has the planned tree ${short(tree)}` };
}

/** In a repository without a remote the branch itself is the target. */
async function publishHere(
  git: Git,
  plan: RollbackPlan,
  commit: Oid,
  operation: Operation,
  clock: Clock,
): Promise<{ clone: CloneAfter; p2: Rung }> {
  const ref = `refs/heads/${plan.branch}`;
  const now = await readRef(git, ref);
  let clone: CloneAfter = {
    state: "absent",
    files: [],
    text: `${visible(plan.branch)} is not checked out here`,
  };
  if (now !== commit) {
    if (now !== plan.tip) throw await moved(git, plan, operation, now, null, clock);
    const checkedOut = (await headBranch(git)) === plan.branch && git.layout.workTree !== null;
    clone = await bringCloneAlong(git, plan.branch, commit);
    if (checkedOut && clone.state !== "updated") {
      await markOperation(git, operation.number, "aborted", clock.now());
      throw new MaydayError(
        `${visible(plan.branch)} was left as it is: ${clone.text}${clone.files.length > 0 ? ` (${clone.files.map(visible).join(", ")})` : ""}`,
        {
          code: "own-changes",
          exit: EXIT.refused,
          ids: clone.files.map((file) => `own-change:${visible(file)}`),
          hint: `commit or move your changes away, then: mayday rollback ${plan.environment}`,
        },
      );
    }
    if (!checkedOut && clone.state === "left") {
      await markOperation(git, operation.number, "aborted", clock.now());
      throw new MaydayError(`${visible(plan.branch)} was left as it is: ${clone.text}`, {
        code: "checked-out-elsewhere",
        exit: EXIT.refused,
        hint: "run mayday in that worktree",
      });
    }
    if (!checkedOut && !(await compareAndSwap(git, ref, commit, plan.tip)))
      throw await moved(git, plan, operation, await readRef(git, ref), null, clock);
  }
  const read = await readRef(git, ref);
  if (read !== commit) throw await moved(git, plan, operation, read, null, clock);
  await markOperation(git, operation.number, "published", clock.now());
  return {
    clone,
    p2: {
      id: "P2",
      state: "pass",
      text: `${visible(plan.branch)} is at ${short(commit)} (this repository has no remote)`,
    },
  };
}

/** Pushes with the exact old value, then reads the remote back: that decides, not what git said. */
async function publishThere(
  git: Git,
  plan: RollbackPlan,
  remote: string,
  commit: Oid,
  operation: Operation,
  clock: Clock,
): Promise<{ clone: CloneAfter; p2: Rung }> {
  const ref = `refs/heads/${plan.branch}`;
  const before = await tipOf(git, remote, ref);
  let outcome: PushOutcome = { state: "up-to-date" };
  if (before !== commit) {
    if (before !== plan.tip) {
      if (before !== undefined && (await contains(git, remote, plan, before, commit))) {
        return publishedBelow(git, plan, commit, operation, clock, before);
      }
      throw await moved(git, plan, operation, before, remote, clock);
    }
    outcome = await push(git, remote, [{ ref, next: commit, expected: plan.tip }], NETWORK_MS);
  }
  const after = await readBack(git, remote, ref, plan, operation, outcome);
  if (after !== commit) {
    if (after === plan.tip && (outcome.state === "rejected" || outcome.state === "unclear"))
      throw await rejected(git, plan, operation, remote, outcome.text, clock);
    if (after !== undefined && after !== plan.tip && (await contains(git, remote, plan, after, commit))) {
      return publishedBelow(git, plan, commit, operation, clock, after);
    }
    throw await moved(git, plan, operation, after, remote, clock);
  }
  await markOperation(git, operation.number, "published", clock.now());
  const clone = await bringCloneAlong(git, plan.branch, commit);
  return {
    clone,
    p2: {
      id: "P2",
      state: "pass",
      text: `${visible(remote)} was read back: ${visible(plan.branch)} is at ${short(commit)}`,
    },
  };
}

/** Ours was published and somebody has already built on it. */
async function publishedBelow(
  git: Git,
  plan: RollbackPlan,
  commit: Oid,
  operation: Operation,
  clock: Clock,
  tip: Oid,
): Promise<{ clone: CloneAfter; p2: Rung }> {
  await markOperation(git, operation.number, "published", clock.now());
  const clone = await bringCloneAlong(git, plan.branch, commit);
  return {
    clone,
    p2: { id: "P2", state: "pass", text: `the remote has ${short(commit)}, and ${short(tip)} on top of it` },
  };
}

async function tipOf(git: Git, remote: string, ref: string): Promise<Oid | undefined> {
  return (await listRemote(git, remote, [ref], NETWORK_MS)).refs.get(ref);
}

/** A remote that cannot be read again leaves it unknown whether the push arrived; that is never success. */
async function readBack(
  git: Git,
  remote: string,
  ref: string,
  plan: RollbackPlan,
  operation: Operation,
  outcome: PushOutcome,
): Promise<Oid | undefined> {
  try {
    return await tipOf(git, remote, ref);
  } catch (error) {
    if (!(error instanceof GitError) || error.code === "interrupted") throw error;
    const said = "text" in outcome ? `: ${outcome.text}` : "";
    throw new MaydayError(
      `the push was sent and ${visible(remote)} cannot be read back, so it is unknown whether it arrived${said}`,
      {
        code: "unclear",
        exit: EXIT.unproven,
        hint: `mayday rollback ${plan.environment} --continue   (operation ${operation.number}; looks first, and never makes a second commit)`,
      },
    );
  }
}

async function contains(
  git: Git,
  remote: string,
  plan: RollbackPlan,
  tip: Oid,
  commit: Oid,
): Promise<boolean> {
  await fetchInto(
    git,
    remote,
    [{ from: `refs/heads/${plan.branch}`, to: `refs/mayday/tmp/heads/${plan.branch}` }],
    NETWORK_MS,
  );
  return (await git.run(["merge-base", "--is-ancestor", commit, tip], { allow: [1, 128] })).code === 0;
}

export async function giveUp(git: Git, operation: Operation, clock: Clock): Promise<void> {
  await markOperation(git, operation.number, "aborted", clock.now());
  for (const which of ["old", "new"] as const) {
    const ref = operationRef(operation.number, which);
    const value = await readRef(git, ref);
    if (value !== undefined)
      await git.run(["update-ref", "-d", ref, value], { mode: "write", allow: [1, 128] });
  }
}

async function rejected(
  git: Git,
  plan: RollbackPlan,
  operation: Operation,
  remote: string,
  text: string,
  clock: Clock,
): Promise<MaydayError> {
  await giveUp(git, operation, clock);
  return new MaydayError(
    `${visible(remote)} did not take the push; nothing was changed there\n  ${text.split("\n").join("\n  ")}`,
    {
      code: "rejected",
      exit: EXIT.remoteMoved,
      hint: `is ${visible(plan.branch)} protected? Make the commit and push it to a branch of its own:\nmayday rollback ${plan.environment} --no-push`,
    },
  );
}

async function moved(
  git: Git,
  plan: RollbackPlan,
  operation: Operation,
  tip: Oid | undefined,
  remote: string | null,
  clock: Clock,
): Promise<MaydayError> {
  await giveUp(git, operation, clock);
  const newcomers = tip === undefined ? [] : await whoCameIn(git, plan, tip, remote);
  const what =
    tip === undefined
      ? `${visible(plan.branch)} is gone`
      : newcomers.length > 0
        ? `${newcomers.length} new ${newcomers.length === 1 ? "commit" : "commits"} since the plan (one may be the fix):\n  ${newcomers.join("\n  ")}`
        : `it is at ${short(tip)} now`;
  return new MaydayError(
    `${visible(plan.branch)}${remote === null ? "" : ` on ${visible(remote)}`} has moved; nothing was changed. ${what}`,
    {
      code: "remote-moved",
      exit: EXIT.remoteMoved,
      hint: `look at them, then plan anew: mayday rollback ${plan.environment} --plan`,
    },
  );
}

async function whoCameIn(git: Git, plan: RollbackPlan, tip: Oid, remote: string | null): Promise<string[]> {
  try {
    if (remote !== null)
      await fetchInto(
        git,
        remote,
        [{ from: `refs/heads/${plan.branch}`, to: `refs/mayday/tmp/heads/${plan.branch}` }],
        NETWORK_MS,
      );
    const entries = await listCommits(git, [tip, `^${plan.tip}`], { limit: 10 });
    return entries.map(({ sha, subject }) => `${short(sha)} ${visible(subject)}`);
  } catch (error) {
    if (error instanceof GitError && error.code !== "interrupted") return [];
    throw error;
  }
}
