import { runProbes } from "../environment/probe.ts";
import { treeOf } from "../git/revision.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import { short } from "../model/oid.ts";
import type { Rung } from "../model/rollback.ts";
import { rungLines } from "../terminal/rollback.ts";
import { standingLines, standingTitle } from "../terminal/standing.ts";
import type { Context, Outcome } from "./context.ts";
import { gatherLive, standingDocument } from "./gather.ts";
import { type Options, textArgument } from "./options.ts";
import { asking, consentedProbes } from "./running.ts";

/**
 * `mayday verify [env]`: what runs, is it the branch's tree, do the probes pass. Changes nothing, and
 * needs not know what is good.
 */
export async function verify(context: Context, args: readonly unknown[], options: Options): Promise<Outcome> {
  const { git, environment, facts } = await gatherLive(context, textArgument(args, 0), options, "verify");
  const { live, tip, branch } = facts.standing;
  const { probes, refused } = await consentedProbes(context, environment);
  const results = await context.terminal.during("running the probes", async () =>
    runProbes(probes, await asking(context, environment)),
  );
  const asked = live.source === "http" || live.source === "run";
  const same = live.sha === tip || (await treeOf(git, live.sha)) === (await treeOf(git, tip));
  const rungs: Rung[] = [
    asked
      ? {
          id: "P4",
          state: same ? "pass" : "fail",
          text: same
            ? `${short(live.sha)} runs, which is what ${visible(branch)} holds`
            : `${short(live.sha)} runs, and ${visible(branch)} is at ${short(tip)}`,
        }
      : {
          id: "P4",
          state: "unknown",
          text: "the running system was not asked what it runs (environments.<name>.live)",
        },
    ...results.map((result): Rung => ({
      id: "P5",
      state: result.healthy ? "pass" : "fail",
      text: `${visible(result.name)}: ${result.text}`,
    })),
    ...(results.length === 0
      ? [
          {
            id: "P5",
            state: "unknown",
            text:
              refused.length > 0
                ? "the probes need consent: mayday trust"
                : "no probe is configured (environments.<name>.probes)",
          } satisfies Rung,
        ]
      : []),
  ];
  const failed = rungs.some(({ state }) => state === "fail");
  const nothing = rungs.every(({ state }) => state === "unknown");
  return {
    exit: failed || nothing ? EXIT.no : EXIT.done,
    document: {
      schema: "mayday/verify@1",
      ...standingDocument(facts),
      healthy: results.length === 0 ? null : results.every(({ healthy }) => healthy),
      probes: results,
      rungs,
    },
    text: (paint, width) =>
      [
        standingTitle(facts.standing, paint),
        ...standingLines(facts.standing, context.world.now(), paint, width),
        "",
        ...rungLines(rungs, width, paint),
      ].join("\n"),
    ...(nothing
      ? {
          error: {
            code: "no-probe",
            message: `nothing is configured by which ${environment} could be verified`,
            hint: "add live: and probes: to mayday.yaml",
          },
        }
      : {}),
  };
}
