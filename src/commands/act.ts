import { environmentSettings } from "../environment/target.ts";
import type { Git } from "../git/git.ts";
import { treeOf } from "../git/revision.ts";
import { record } from "../ledger/record.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { EXIT, type ExitCode } from "../model/exit.ts";
import type { NewEvent } from "../model/ledger.ts";
import { type Oid, short } from "../model/oid.ts";
import type { CloneAfter, Proof, RollbackPlan, Rung } from "../model/rollback.ts";
import type { Settings } from "../model/settings.ts";
import { begin, carryOut, type Executed } from "../rollback/execute.ts";
import { withLock } from "../rollback/lock.ts";
import { markOperation, type Operation } from "../rollback/operations.ts";
import { climb, judgeProof } from "../rollback/prove.ts";
import { doneScreen } from "../terminal/rollback.ts";
import { shellWord } from "../triage/advice.ts";
import type { Context, Outcome } from "./context.ts";
import { ledgerPlace } from "./deploy.ts";
import { asking, consentedProbes } from "./running.ts";

/** A ledger that the remote refuses must never hold up a rollback for long, ms. */
const LEDGER_TIMEOUT_MS = 20_000;

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
export async function act(context: Context, { git, settings, plan, resumed, undoes }: Act): Promise<Outcome> {
  const clock = { now: context.world.now };
  const started = performance.now();
  // The consent that probes need is asked for before anything is done, not in the middle of it.
  const { probes, refused } =
    plan.push && needsProbes(plan)
      ? await consentedProbes(context, plan.environment)
      : { probes: [], refused: [] };
  return withLock(git, plan.environment, async () => {
    const executed = await context.terminal.during(`publishing on ${visible(plan.branch)}`, async () => {
      const operation = resumed ?? (await begin(git, plan, clock, undoes?.number ?? null));
      return carryOut(git, operation, clock);
    });
    const { operation } = executed;
    const rungs: Rung[] = [...executed.rungs];
    let persists = false;
    if (executed.pushed) {
      rungs.push(
        await writeLedger(
          context,
          git,
          settings,
          plan,
          executed,
          undoes?.commit ?? null,
          Math.round(performance.now() - started),
        ),
      );
      if (needsProbes(plan)) {
        const proved = await context.terminal.during("waiting for proof", async (update) =>
          climb({
            git,
            settings: environmentSettings(settings, plan.environment),
            commit: operation.commit,
            tree: plan.tree,
            probes,
            mayAskLive: true,
            asking: await asking(context, plan.environment, {
              MAYDAY_GOOD_SHA: plan.good.sha,
              MAYDAY_GOOD_REF: plan.good.ref ?? "",
              MAYDAY_LIVE_SHA: operation.commit,
              MAYDAY_OPERATION: String(operation.number),
            }),
            say: update,
          }),
        );
        rungs.push(...proved.rungs);
        persists = proved.symptomPersists;
      }
      if (!context.world.signal.aborted) await markOperation(git, operation.number, "done", clock.now());
    }
    if (context.world.signal.aborted) throw interrupted(plan, operation);
    const { proof, enough } = judgeProof(rungs, plan.wanted);
    return conclude(plan, executed, proof, enough, persists, refused.length);
  });
}

function needsProbes(plan: RollbackPlan): boolean {
  return plan.wanted === "P3" || plan.wanted === "P4" || plan.wanted === "P5" || plan.wanted === "P6";
}

function interrupted(plan: RollbackPlan, { number, commit }: Operation): MaydayError {
  return new MaydayError(
    `interrupted while waiting for proof; ${short(commit)} is published (operation ${number})`,
    {
      code: "interrupted",
      exit: EXIT.interrupted,
      hint: `mayday rollback ${plan.environment} --continue\nmayday undo ${number}`,
    },
  );
}

/** Deploy, bad marks and who did it: shared where that works, queued where not, never in the way. */
async function writeLedger(
  context: Context,
  git: Git,
  settings: Settings,
  plan: RollbackPlan,
  { operation }: Executed,
  undoes: Oid | null,
  ms: number,
): Promise<Rung> {
  const partial = !plan.message.includes("\nMayday-Restores: ");
  const service = plan.service === null ? {} : { service: plan.service };
  const marks =
    plan.strategy === "tree" && !partial
      ? [...new Set([plan.live, plan.tip])].filter((sha) => sha !== plan.good.sha)
      : [];
  const reason = plan.reason === "" ? `rolled back by operation ${operation.number}` : plan.reason;
  const events: NewEvent[] = [
    {
      type: "rollback",
      sha: operation.commit,
      restores: partial ? plan.tip : plan.good.sha,
      from: plan.tip,
      operation: operation.number,
      strategy: plan.strategy,
      reason,
      proof: "P2",
      ms,
      ...(undoes === null ? {} : { undoes }),
      ...service,
    },
  ];
  for (const sha of marks)
    events.push({ type: "bad", sha, tree: await treeOf(git, sha), reason, by: operation.commit, ...service });
  try {
    const { sync } = await record(git, ledgerPlace(git, settings, plan.environment), events, {
      now: context.world.now(),
      offline: context.globals.offline,
      timeoutMs: LEDGER_TIMEOUT_MS,
    });
    if (sync?.state === "queued")
      await context.terminal.warn(
        `the ledger could not be shared (${visible(sync.text)}); it is written here and goes along with the next ledger write`,
      );
    if (marks.length === 0) return { id: "P6", state: "skipped", text: "no commit is marked bad by this" };
    const shared = sync?.state === "synced" ? "" : ", in this clone only";
    return {
      id: "P6",
      state: "pass",
      text: `${marks.map(short).join(" and ")} marked bad in the ledger${shared}`,
    };
  } catch (error) {
    if (context.world.signal.aborted) throw error;
    const why = error instanceof Error ? visible(error.message.split("\n", 1)[0] ?? "") : "";
    await context.terminal.warn(`the ledger was not written: ${why}`);
    return { id: "P6", state: "fail", text: "the bad mark was not written to the ledger" };
  }
}

function conclude(
  plan: RollbackPlan,
  executed: Executed,
  proof: Proof,
  enough: boolean,
  persists: boolean,
  refusedProbes: number,
): Outcome {
  const { operation, pushed, clone } = executed;
  const { number, commit } = operation;
  const exit: ExitCode = enough ? EXIT.done : persists ? EXIT.symptomPersists : EXIT.unproven;
  const env = plan.environment;
  const to = plan.good.ref ?? short(plan.good.sha);
  const done =
    plan.strategy === "undo"
      ? `${env} is back where operation ${undoneNumber(plan)} began`
      : `${env} is rolled back to ${visible(to)}`;
  const headline = !pushed
    ? `the commit ${short(commit)} is made and kept; nothing was pushed`
    : persists
      ? `${visible(to)} runs again, and the symptom is still there: look outside the code`
      : enough
        ? done
        : `${short(commit)} is published, but ${proof.wanted} was not reached`;
  const next: [string, string][] = pushed
    ? [
        [`mayday undo ${number}`, "reverses this, by a new commit"],
        ...(persists
          ? ([
              [
                `mayday alert --env ${env} ${shellWord(`${env} is still broken after a rollback`)}`,
                "whoever runs environment and infrastructure",
              ],
            ] as [string, string][])
          : []),
        ...(enough ? [] : ([[`mayday verify ${env}`, "ask again"]] as [string, string][])),
      ]
    : [
        [
          `git push ${shellWord(plan.remote ?? "origin")} ${commit}:refs/heads/${shellWord(plan.branch)}`,
          "publishes it",
        ],
      ];
  const message = persists
    ? `${visible(to)} is live again and a probe still fails; an older version will not help`
    : `wanted ${proof.wanted}, reached ${proof.reached ?? "nothing"}${refusedProbes > 0 ? "; probes need consent: mayday trust" : ""}`;
  return {
    exit,
    document: { ...rollbackDocument(plan, operation, clone, pushed), proof },
    text: (paint, width) => doneScreen({ headline, good: enough, proof, clone, next }, width, paint),
    ...(exit === EXIT.done
      ? {}
      : {
          error: {
            code: persists ? "symptom-persists" : "unproven",
            message,
            hint: persists ? `mayday alert --env ${env} …` : `mayday verify ${env}`,
          },
        }),
  };
}

function undoneNumber(plan: RollbackPlan): string {
  return /^Mayday-Undoes-Operation: (\d+)$/m.exec(plan.message)?.[1] ?? "?";
}

/** The members that plan and result share. */
export function rollbackDocument(
  plan: RollbackPlan,
  operation: Operation | null,
  clone: CloneAfter | null,
  pushed: boolean,
): Record<string, unknown> & { schema: string } {
  return {
    schema: operation === null ? "mayday/rollback-plan@1" : "mayday/rollback@1",
    environment: plan.environment,
    strategy: plan.strategy,
    from: { sha: plan.tip },
    to: plan.good,
    commit: operation === null ? null : { sha: operation.commit, tree: plan.tree },
    tree: plan.tree,
    message: plan.message,
    pushed,
    branch: plan.branch,
    remote: plan.remote,
    kept: plan.kept,
    undone: plan.undone,
    risks: plan.risks,
    clone: clone === null ? null : { state: clone.state, files: clone.files, text: clone.text },
    undo: operation === null || !pushed ? null : `mayday undo ${operation.number}`,
    operation: operation?.number ?? null,
  };
}
