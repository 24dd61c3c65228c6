import type { Git } from "../git/git.ts";
import { commitTree } from "../git/objects.ts";
import { compareAndSwap, hasCommit, headBranch, readRef, treeOf } from "../git/revision.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import { type Oid, short } from "../model/oid.ts";
import type { CloneAfter, RollbackPlan, Rung } from "../model/rollback.ts";
import { bringCloneAlong } from "./clone.ts";
import { anchor, beginOperation, markOperation, type Operation } from "./operations.ts";
import { moved, publishThere } from "./publish.ts";
import { below, type Clock, giveUp, isBelow, type Published, type Publishing } from "./settle.ts";

export interface Executed {
  readonly operation: Operation;
  readonly pushed: boolean;
  readonly clone: CloneAfter;
  readonly rungs: readonly Rung[];
}

/** Makes the commit, writes the intent down, anchors both ends. Nothing that others see has changed after it. */
export async function begin(
  git: Git,
  plan: RollbackPlan,
  clock: Clock,
  undoes: number | null = null,
): Promise<Operation> {
  const operation = await beginOperation(git, plan, await make(git, plan), clock.now(), undoes);
  await anchor(git, operation);
  return operation;
}

/** The same plan gives the same commit, however often it is made. */
async function make(git: Git, { tree, tip, message, date }: RollbackPlan): Promise<Oid> {
  return commitTree(git, { tree, parents: [tip], message, date });
}

/**
 * Publishes an operation and brings the clone along. Looks before each step, so that running it
 * again after a crash ends in the same state: one commit, published once.
 * Throws exit 6 when the remote moved or said no: nothing was changed there; exit 8 when it is
 * unknown whether the push arrived.
 */
export async function carryOut(
  git: Git,
  operation: Operation,
  clock: Clock,
  fresh: boolean,
): Promise<Executed> {
  const { plan, number, commit } = operation;
  if (!(await hasCommit(git, commit))) await makeAgain(git, operation);
  await anchor(git, operation);
  const p1 = await proveTree(git, plan, commit);
  if (!plan.push) {
    await markOperation(git, number, "kept", clock.now());
    return {
      operation,
      pushed: false,
      clone: { state: "left", files: [], text: "nothing was pushed" },
      rungs: [p1],
    };
  }
  const publishing = { git, operation, clock, fresh };
  const { clone, p2 } =
    plan.remote === null ? await publishHere(publishing) : await publishThere(publishing, plan.remote);
  return { operation: { ...operation, state: "published" }, pushed: true, clone, rungs: [p1, p2] };
}

/** The objects were lost with a crash. Another identity would make another commit: never a second one. */
async function makeAgain(git: Git, { plan, number, commit }: Operation): Promise<void> {
  if ((await make(git, plan)) === commit) return;
  throw new MaydayError(
    `the commit ${short(commit)} of operation ${number} is lost and cannot be made again as it was (another name or mail address?)`,
    {
      code: "commit-lost",
      exit: EXIT.unknown,
      hint: `git fetch ${visible(plan.remote ?? "")} ${commit}   if it was published\nmayday rollback ${plan.environment} --abort   if not`,
    },
  );
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
async function publishHere(publishing: Publishing): Promise<Published> {
  const { git, operation, clock } = publishing;
  const { plan, commit, number } = operation;
  const ref = `refs/heads/${plan.branch}`;
  const name = visible(plan.branch);
  const now = await readRef(git, ref);
  let clone: CloneAfter = { state: "absent", files: [], text: `${name} is not checked out here` };
  if (now !== commit) {
    if (now !== plan.tip) {
      if (now !== undefined && (await isBelow(git, commit, now))) return below(publishing, now, clone);
      throw await moved(publishing, now, null);
    }
    const checkedOut = (await headBranch(git)) === plan.branch && git.layout.workTree !== null;
    clone = await bringCloneAlong(git, plan.branch, commit);
    if (clone.state === "left") {
      await giveUp(git, operation, clock);
      throw leftAsItIs(plan, clone, checkedOut);
    }
    if (!checkedOut && !(await compareAndSwap(git, ref, commit, plan.tip)))
      throw await moved(publishing, await readRef(git, ref), null);
  }
  const read = await readRef(git, ref);
  if (read !== commit) throw await moved(publishing, read, null);
  await markOperation(git, number, "published", clock.now());
  const text = `${name} is at ${short(commit)} (this repository has no remote)`;
  return { clone, p2: { id: "P2", state: "pass", text } };
}

function leftAsItIs({ branch, environment }: RollbackPlan, clone: CloneAfter, here: boolean): MaydayError {
  const files = clone.files.map(visible);
  return new MaydayError(
    `${visible(branch)} was left as it is: ${clone.text}${files.length > 0 ? ` (${files.join(", ")})` : ""}`,
    {
      code: here ? "own-changes" : "checked-out-elsewhere",
      exit: EXIT.refused,
      ids: files.map((file) => `own-change:${file}`),
      hint: here
        ? `commit your changes or put them away, then: mayday rollback ${environment}`
        : "run mayday in that worktree",
    },
  );
}
