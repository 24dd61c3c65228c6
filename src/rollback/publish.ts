import { type Git, GitError } from "../git/git.ts";
import { listCommits } from "../git/history.ts";
import { changedEntries } from "../git/objects.ts";
import { fetchContents, fetchInto, listRemote, push, type PushOutcome } from "../git/remote.ts";
import { readRef } from "../git/revision.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import { type Oid, short } from "../model/oid.ts";
import type { RollbackPlan } from "../model/rollback.ts";
import { bringCloneAlong } from "./clone.ts";
import { markOperation, type Operation } from "./operations.ts";
import { below, giveUp, isBelow, type Published, type Publishing } from "./settle.ts";

/** For one push or fetch, ms. */
const NETWORK_MS = 60_000;
/** For one question to the remote: a silent one is not worth a minute of an outage, ms. */
const ASK_MS = 20_000;

/** Newcomers shown when the remote moved. */
const SHOWN = 10;

/** What a remote says that knows us not: nothing was taken, however the connection ended. */
const DENIED =
  /permission denied|access denied|authentication failed|could not read (?:username|password)|returned error: 40[13]|not allowed|forbidden|not found|does not appear to be a git repository|could not resolve host|connection refused/i;

/** Pushes with the exact old value, then reads the remote back: that decides, not what git said. */
export async function publishThere(publishing: Publishing, remote: string): Promise<Published> {
  const { git, operation, clock } = publishing;
  const { plan, commit, number } = operation;
  const before = await tipBefore(publishing, remote);
  let outcome: PushOutcome = { state: "up-to-date" };
  if (before !== commit) {
    if (before !== plan.tip) return onTopOrMoved(publishing, before, remote);
    await bringContents(publishing, remote);
    const ref = `refs/heads/${plan.branch}`;
    outcome = await push(git, remote, [{ ref, next: commit, expected: plan.tip }], NETWORK_MS);
  }
  const after = await readBack(publishing, remote, outcome);
  if (after !== commit) {
    if (after !== plan.tip) return onTopOrMoved(publishing, after, remote);
    const said = "text" in outcome ? outcome.text : "";
    if (outcome.state === "rejected" || outcome.state === "moved" || DENIED.test(said))
      throw await rejected(publishing, remote, said);
    throw unclear(
      operation,
      `the push had no clear end, and ${visible(remote)} does not show it (yet)`,
      said,
    );
  }
  await markOperation(git, number, "published", clock.now());
  const clone = await bringCloneAlong(git, plan.branch, commit);
  const text = `${visible(remote)} was read back: ${visible(plan.branch)} is at ${short(commit)}`;
  return { clone, p2: { id: "P2", state: "pass", text } };
}

/** The tip is neither the planned one nor ours: built on ours, or gone its own way. */
async function onTopOrMoved(
  publishing: Publishing,
  tip: Oid | undefined,
  remote: string,
): Promise<Published> {
  const { git, operation } = publishing;
  const { plan, commit } = operation;
  if (tip === undefined || !(await has(publishing, remote, tip))) throw await moved(publishing, tip, remote);
  return below(publishing, tip, await bringCloneAlong(git, plan.branch, commit));
}

async function has({ git, operation }: Publishing, remote: string, tip: Oid): Promise<boolean> {
  try {
    await fetchBranch(git, operation.plan, remote);
  } catch (error) {
    if (!(error instanceof GitError) || error.code === "interrupted") throw error;
    const where = `${visible(remote)} is at ${short(tip)}, which cannot be fetched`;
    throw unclear(operation, `${where}: whether it holds ${short(operation.commit)} is unknown`, "");
  }
  return isBelow(git, operation.commit, tip);
}

async function fetchBranch(git: Git, { branch }: RollbackPlan, remote: string): Promise<void> {
  const to = `refs/mayday/tmp/heads/${branch}`;
  await fetchInto(git, remote, [{ from: `refs/heads/${branch}`, to }], NETWORK_MS);
}

async function tipOf(git: Git, remote: string, { branch }: RollbackPlan): Promise<Oid | undefined> {
  const ref = `refs/heads/${branch}`;
  return (await listRemote(git, remote, [ref], ASK_MS)).refs.get(ref);
}

/**
 * Where an operation stands on its target, read there: not yet, at the tip, below newer commits.
 * Throws exit 8 when the remote does not answer.
 */
export async function whereIs(git: Git, operation: Operation): Promise<"absent" | "tip" | "below"> {
  const { plan, commit } = operation;
  if (!plan.push) return "absent";
  try {
    const { remote } = plan;
    const tip =
      remote === null ? await readRef(git, `refs/heads/${plan.branch}`) : await tipOf(git, remote, plan);
    if (tip === commit) return "tip";
    if (tip === undefined || tip === plan.tip) return "absent";
    if (remote !== null) await fetchBranch(git, plan, remote);
    return (await isBelow(git, commit, tip)) ? "below" : "absent";
  } catch (error) {
    if (!(error instanceof GitError) || error.code === "interrupted") throw error;
    throw new MaydayError(
      `${visible(plan.remote ?? "")} cannot be asked, so it is unknown whether operation ${operation.number} was published; nothing was given up`,
      { code: "unclear", exit: EXIT.unproven, hint: "repeat when the remote answers" },
    );
  }
}

async function tipBefore(publishing: Publishing, remote: string): Promise<Oid | undefined> {
  try {
    return await tipOf(publishing.git, remote, publishing.operation.plan);
  } catch (error) {
    throw await unreachable(publishing, remote, error);
  }
}

/** Nothing was sent now. An operation begun just now is closed; an older one may be out, and stays open. */
async function unreachable(
  { git, operation, clock, fresh }: Publishing,
  remote: string,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof GitError) || error.code === "interrupted") return error;
  const env = operation.plan.environment;
  if (fresh) await giveUp(git, operation, clock);
  return new MaydayError(
    `${visible(remote)} cannot be reached; nothing was pushed now\n  ${lastLine(error.message)}`,
    {
      code: "remote-unreachable",
      exit: EXIT.remoteMoved,
      hint: fresh
        ? `repeat when it answers: mayday rollback ${env}`
        : `when it answers: mayday rollback ${env} --continue`,
    },
  );
}

/** A partial clone has to hold what it sends: files as in good that the tip no longer has. */
async function bringContents(publishing: Publishing, remote: string): Promise<void> {
  const { git, operation } = publishing;
  if (!git.layout.partial) return;
  const changes = await changedEntries(git, operation.plan.tip, operation.commit);
  const files = changes.filter(({ mode }) => mode !== "000000" && mode !== "160000");
  try {
    await fetchContents(git, remote, [...new Set(files.map(({ oid }) => oid))], NETWORK_MS);
  } catch (error) {
    throw await unreachable(publishing, remote, error);
  }
}

function lastLine(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.findLast((line) => /fatal|error|denied|answer/i.test(line)) ?? lines.at(-1) ?? "";
}

/** A remote that cannot be read again leaves it unknown whether the push arrived; that is never success. */
async function readBack(
  { git, operation }: Publishing,
  remote: string,
  outcome: PushOutcome,
): Promise<Oid | undefined> {
  try {
    return await tipOf(git, remote, operation.plan);
  } catch (error) {
    if (!(error instanceof GitError) || error.code === "interrupted") throw error;
    const what = `the push was sent and ${visible(remote)} cannot be read back, so it is unknown whether it arrived`;
    throw unclear(operation, what, "text" in outcome ? outcome.text : "");
  }
}

/** The operation stays open: only looking again can tell. */
function unclear({ plan, number }: Operation, what: string, said: string): MaydayError {
  const env = plan.environment;
  return new MaydayError(said === "" ? what : `${what}\n  ${said.split("\n").join("\n  ")}`, {
    code: "unclear",
    exit: EXIT.unproven,
    hint: `mayday rollback ${env} --continue   (operation ${number}; looks first, never makes a second commit)`,
  });
}

async function rejected(publishing: Publishing, remote: string, text: string): Promise<MaydayError> {
  const { git, operation, clock } = publishing;
  await giveUp(git, operation, clock);
  const { branch, environment } = operation.plan;
  return new MaydayError(
    `${visible(remote)} did not take the push; nothing was changed there\n  ${text.split("\n").join("\n  ")}`,
    {
      code: "rejected",
      exit: EXIT.remoteMoved,
      hint: `is ${visible(branch)} protected? Make the commit and push it to a branch of its own:\nmayday rollback ${environment} --no-push`,
    },
  );
}

/** Closes the operation and says who came in since the plan; `remote` null: the branch of this repository. */
export async function moved(
  publishing: Publishing,
  tip: Oid | undefined,
  remote: string | null,
): Promise<MaydayError> {
  const { git, operation, clock } = publishing;
  const { plan } = operation;
  await giveUp(git, operation, clock);
  const newcomers = tip === undefined ? [] : await whoCameIn(git, plan, tip, remote);
  const shown = newcomers.slice(0, SHOWN).map((line) => `\n  ${line}`);
  const more = newcomers.length > SHOWN ? "\n  and more" : "";
  const what =
    tip === undefined
      ? `${visible(plan.branch)} is gone`
      : newcomers.length > 0
        ? `new since the plan (one may be the fix):${shown.join("")}${more}`
        : `it is at ${short(tip)} now`;
  return new MaydayError(
    `${visible(plan.branch)}${remote === null ? "" : ` on ${visible(remote)}`} has moved; nothing was changed; ${what}`,
    {
      code: "remote-moved",
      exit: EXIT.remoteMoved,
      hint: `look at them, then plan anew: mayday rollback ${plan.environment} --plan`,
    },
  );
}

async function whoCameIn(git: Git, plan: RollbackPlan, tip: Oid, remote: string | null): Promise<string[]> {
  try {
    if (remote !== null) await fetchBranch(git, plan, remote);
    const entries = await listCommits(git, [tip, `^${plan.tip}`], { limit: SHOWN + 1 });
    return entries.map(({ sha, subject }) => `${short(sha)} ${visible(subject)}`);
  } catch (error) {
    if (error instanceof GitError && error.code !== "interrupted") return [];
    throw error;
  }
}
