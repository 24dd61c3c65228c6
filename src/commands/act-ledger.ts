import type { Git } from "../git/git.ts";
import { treeOf } from "../git/revision.ts";
import { ledgerRef, readChain } from "../ledger/chain.ts";
import { record } from "../ledger/record.ts";
import { visible } from "../model/escape.ts";
import type { NewEvent } from "../model/ledger.ts";
import { type Oid, short } from "../model/oid.ts";
import type { RollbackPlan, Rung } from "../model/rollback.ts";
import type { Settings } from "../model/settings.ts";
import type { Executed } from "../rollback/execute.ts";
import type { Context } from "./context.ts";
import { ledgerPlace } from "./deploy.ts";

/** A ledger that the remote refuses must never hold up a rollback for long, ms. */
const LEDGER_TIMEOUT_MS = 20_000;

/** Deploy, bad marks and who did it: shared where that works, queued where not, never in the way. */
export async function writeLedger(
  context: Context,
  git: Git,
  settings: Settings,
  plan: RollbackPlan,
  { operation }: Executed,
  undoes: Oid | null,
  ms: number,
): Promise<Rung> {
  // Only such a commit stands for another one, and inherits what is known of it.
  const whole = plan.message.includes("\nMayday-Restores: ");
  const service = plan.service === null ? {} : { service: plan.service };
  const marks =
    plan.strategy === "tree" && whole
      ? [...new Set([plan.live, plan.tip])].filter((sha) => sha !== plan.good.sha)
      : [];
  const reason = plan.reason === "" ? `rolled back by operation ${operation.number}` : plan.reason;
  const place = ledgerPlace(git, settings, plan.environment);
  const events: NewEvent[] = [
    {
      type: "rollback",
      sha: operation.commit,
      restores: whole ? plan.good.sha : operation.commit,
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
    // A --continue after a crash finds them written: then they are only shared.
    const { events: there } = await readChain(git, ledgerRef(place.prefix, place.environment));
    const written = there.some(
      (event) => event.type === "rollback" && "sha" in event && event.sha === operation.commit,
    );
    const { sync } = await record(git, place, written ? [] : events, {
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
