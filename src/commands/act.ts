import type { Git } from "../git/git.ts";
import { MaydayError } from "../model/error.ts";
import { visible, visibleLines } from "../model/escape.ts";
import { EXIT, type ExitCode } from "../model/exit.ts";
import { type Oid, short } from "../model/oid.ts";
import type { RollbackPlan, Rung } from "../model/rollback.ts";
import type { Settings } from "../model/settings.ts";
import { begin, carryOut } from "../rollback/execute.ts";
import { withLock } from "../rollback/lock.ts";
import { markOperation, type Operation, readOperations, unfinished } from "../rollback/operations.ts";
import { judgeProof } from "../rollback/prove.ts";
import { conclude, rollbackDocument } from "./act-document.ts";
import { writeLedger } from "./act-ledger.ts";
import { askSight, needsProbes, proveLive, type Sight } from "./act-proof.ts";
import type { Context, Outcome } from "./context.ts";

export interface Act {
  readonly git: Git;
  readonly settings: Settings;
  readonly plan: RollbackPlan;
  /** Set when this goes on with an operation that was interrupted. */
  readonly resumed: Operation | null;
  /** The operation that this one reverses, and the commit it had made. */
  readonly undoes: { readonly number: number; readonly commit: Oid } | null;
}

/** Carries a plan out, proves it, records it: the common end of rollback, undo and --continue. */
export async function act(context: Context, work: Act): Promise<Outcome> {
  const { git, plan } = work;
  // The consent that proof needs is asked for before anything is done, not in the middle of it.
  const sight = await askSight(context, plan);
  return withLock(git, plan.environment, async () => {
    const { operations } = await readOperations(git);
    const open = unfinished(operations, plan.environment);
    if (work.resumed !== null && open?.number !== work.resumed.number)
      throw nothingToContinue(plan.environment);
    if (work.resumed === null && open !== undefined && open.number !== work.undoes?.number)
      throw interruptedBefore(open);
    try {
      return await carryThrough(
        context,
        { ...work, resumed: work.resumed === null ? null : (open ?? null) },
        sight,
      );
    } catch (error) {
      throw await explained(context, work, error);
    }
  });
}

async function carryThrough(
  context: Context,
  { git, settings, plan, resumed, undoes }: Act,
  sight: Sight,
): Promise<Outcome> {
  const clock = { now: context.world.now };
  const started = performance.now();
  const executed = await context.terminal.during(`publishing on ${visible(plan.branch)}`, async () => {
    const operation = resumed ?? (await begin(git, plan, clock, undoes?.number ?? null));
    return carryOut(git, operation, clock, resumed === null);
  });
  const { operation } = executed;
  const rungs: Rung[] = [...executed.rungs];
  let persists = false;
  if (executed.pushed) {
    const ms = Math.round(performance.now() - started);
    rungs.push(await writeLedger(context, git, settings, plan, executed, undoes?.commit ?? null, ms));
    if (needsProbes(plan)) {
      const proved = await proveLive(context, git, settings, plan, sight, operation);
      rungs.push(...proved.rungs);
      persists = proved.symptomPersists;
    }
    if (context.world.signal.aborted)
      throw new MaydayError("interrupted", { code: "interrupted", exit: EXIT.interrupted });
    await markOperation(git, operation.number, "done", clock.now());
  }
  const { proof, enough } = judgeProof(rungs, plan.wanted);
  return conclude(plan, executed, proof, enough, persists, sight.refused);
}

/** An act that was begun before and is neither finished nor given up: exit 7. */
export function interruptedBefore({ number, plan, commit, state }: Operation): MaydayError {
  const { environment } = plan;
  const out = state === "published";
  return new MaydayError(
    out
      ? `operation ${number} on ${environment} was interrupted after its commit ${short(commit)} was published; finish it first`
      : `operation ${number} on ${environment} was interrupted; finish it or give it up first`,
    {
      code: "interrupted-operation",
      exit: EXIT.waiting,
      hint: `mayday rollback ${environment} --continue\n${out ? `mayday undo ${number}` : `mayday rollback ${environment} --abort`}`,
    },
  );
}

export function nothingToContinue(environment: string): MaydayError {
  return new MaydayError(`there is no interrupted operation on ${environment}`, {
    code: "nothing-to-continue",
    exit: EXIT.no,
    hint: `mayday status ${environment}`,
  });
}

/** An error on the way, with what stands written and the command that goes on. */
async function explained(context: Context, { git, plan, resumed }: Act, error: unknown): Promise<unknown> {
  const stopped = context.world.signal.aborted;
  if (error instanceof MaydayError && !stopped && SAYS_ALL.has(error.exit))
    return withDocument(error, plan, null);
  const log = await readOperations(git).catch(() => null);
  const open = log === null ? resumed : unfinished(log.operations, plan.environment);
  const env = plan.environment;
  const out = open?.state === "published";
  const named = open ? `operation ${open.number}, ${short(open.commit)}` : "";
  const stands = out
    ? `the commit is published (${named}), what comes after it is not finished`
    : open
      ? `written down and not known to be published (${named})`
      : "nothing was changed";
  const hint = out
    ? `mayday rollback ${env} --continue\nmayday undo ${open.number}`
    : open
      ? `mayday rollback ${env} --continue   looks first, never makes a second commit\nmayday rollback ${env} --abort`
      : `mayday status ${env}`;
  if (stopped)
    return new MaydayError(`interrupted; ${stands}`, { code: "interrupted", exit: EXIT.interrupted, hint });
  if (error instanceof MaydayError && error.exit === EXIT.unproven)
    return withDocument(error, plan, open ?? null);
  const unwritable = isSystemError(error);
  if (!(error instanceof MaydayError) && !unwritable) return error;
  const why = error instanceof Error ? visibleLines(error.message) : "";
  const exit = out ? EXIT.unproven : error instanceof MaydayError ? error.exit : EXIT.usage;
  const details = {
    code: error instanceof MaydayError ? error.code : "not-writable",
    exit,
    hint,
    cause: error,
  };
  return withDocument(new MaydayError(`mayday cannot go on: ${why}\n${stands}`, details), plan, open ?? null);
}

/** Errors that already say all: what happened, that nothing is left open, what is next. */
const SAYS_ALL: ReadonlySet<ExitCode> = new Set([
  EXIT.no,
  EXIT.refused,
  EXIT.unknown,
  EXIT.remoteMoved,
  EXIT.busy,
]);

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && "syscall" in error;
}

function withDocument(error: MaydayError, plan: RollbackPlan, open: Operation | null): MaydayError {
  const { code, exit, hint, ids, cause, message } = error;
  const { schema: _, ...members } = rollbackDocument(plan, open, null, open?.state === "published");
  const document = { ...members, proof: { wanted: plan.wanted, reached: null, rungs: [] } };
  return new MaydayError(message, { code, exit, hint, ids, cause, document });
}
