import { environmentSettings } from "../environment/target.ts";
import type { Git } from "../git/git.ts";
import type { RollbackPlan } from "../model/rollback.ts";
import type { ProbeSettings, Settings } from "../model/settings.ts";
import type { Operation } from "../rollback/operations.ts";
import { climb, type Proved } from "../rollback/prove.ts";
import type { Context } from "./context.ts";
import { asking, consentedProbes, mayAskRunning } from "./running.ts";

/** What may be looked at to prove that the restored code runs. */
export interface Sight {
  readonly probes: readonly ProbeSettings[];
  readonly mayAskLive: boolean;
  /** How many places are left out for want of consent. */
  readonly refused: number;
}

export async function askSight(context: Context, plan: RollbackPlan): Promise<Sight> {
  if (!plan.push || !needsProbes(plan)) return { probes: [], mayAskLive: false, refused: 0 };
  const { probes, refused } = await consentedProbes(context, plan.environment);
  return { probes, mayAskLive: await mayAskRunning(context, plan.environment), refused: refused.length };
}

/** Asks the running system and its probes; `operation` null: the branch already is as wanted. */
export async function proveLive(
  context: Context,
  git: Git,
  settings: Settings,
  plan: RollbackPlan,
  { probes, mayAskLive }: Sight,
  operation: Operation | null,
): Promise<Proved> {
  const commit = operation?.commit ?? plan.tip;
  const asked = await asking(context, plan.environment, {
    MAYDAY_GOOD_SHA: plan.good.sha,
    MAYDAY_GOOD_REF: plan.good.ref ?? "",
    MAYDAY_LIVE_SHA: commit,
    ...(operation === null ? {} : { MAYDAY_OPERATION: String(operation.number) }),
  });
  return context.terminal.during("waiting for proof", async (say) =>
    climb({
      git,
      settings: environmentSettings(settings, plan.environment),
      commit,
      tree: plan.tree,
      probes,
      mayAskLive,
      asking: asked,
      say,
    }),
  );
}

export function needsProbes(plan: RollbackPlan): boolean {
  return plan.wanted === "P3" || plan.wanted === "P4" || plan.wanted === "P5" || plan.wanted === "P6";
}
