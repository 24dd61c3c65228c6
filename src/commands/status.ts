import { readRange } from "../environment/range.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import { short } from "../model/oid.ts";
import { readOperations, unfinished } from "../rollback/operations.ts";
import { count } from "../terminal/layout.ts";
import { standingLines, standingTitle } from "../terminal/standing.ts";
import type { Context, Outcome } from "./context.ts";
import { gather, type Options, standingDocument, textArgument } from "./gather.ts";

/** `mayday` alone: where things stand, and what to do next. */
export async function home(context: Context, _args: readonly unknown[], options: Options): Promise<Outcome> {
  return status(context, [], options);
}

/** `mayday status [env]`: what is live where, what is good, what was interrupted, what to do next. */
export async function status(context: Context, args: readonly unknown[], options: Options): Promise<Outcome> {
  const given = textArgument(args, 0);
  const { settings } = await context.configuration();
  const configured = Object.keys(settings.environments);
  const fallback = context.world.env["MAYDAY_ENV"] ?? "";
  const wanted = given === undefined && fallback === "" && configured.length > 1 ? configured : [given];
  const parts: Part[] = [];
  for (const name of wanted) parts.push(await partOf(context, name, options));
  return {
    exit: EXIT.done,
    document: { schema: "mayday/status@1", environments: parts.map(({ document }) => document) },
    text: (paint, width) => parts.map(({ text }) => text(paint, width)).join("\n\n"),
  };
}

interface Part {
  readonly document: Record<string, unknown>;
  readonly text: Exclude<Outcome["text"], string>;
}

async function partOf(context: Context, name: string | undefined, options: Options): Promise<Part> {
  const { git, environment, facts } = await gather(context, name, options, "status");
  const { standing } = facts;
  const range = await readRange(git, standing, []);
  const ahead =
    standing.tip === standing.live.sha
      ? 0
      : Number(await git.text(["rev-list", "--count", standing.tip, `^${standing.live.sha}`, "--"]));
  const open = unfinished((await readOperations(git)).operations, environment);
  const badReason = facts.ledger.bad.get(standing.live.sha)?.reason ?? null;
  return {
    document: {
      ...standingDocument(facts),
      changesSinceGood: range.firstParent.length,
      notYetDeployed: ahead,
      liveIsBad: badReason,
      interruptedOperation: open?.number ?? null,
    },
    text: (paint) => {
      const lines = [standingTitle(standing, paint), ...standingLines(standing, context.world.now(), paint)];
      const changes =
        range.firstParent.length === 0
          ? "nothing changed since good"
          : `${count(range.firstParent.length, "change")} since good`;
      lines.push(
        `  ${paint.dim("now ")}  ${changes}${ahead > 0 ? paint.yellow(`; ${count(ahead, "commit")} on ${visible(standing.branch)} not live yet`) : ""}`,
      );
      if (badReason !== null)
        lines.push(`  ${paint.red(`live ${short(standing.live.sha)} is marked bad: ${visible(badReason)}`)}`);
      lines.push("", paint.bold("Next"));
      if (open)
        lines.push(
          `  ${paint.yellow("→")} ${paint.bold(`mayday rollback ${environment} --continue`)}  ${paint.dim(`operation ${open.number} was interrupted`)}`,
        );
      if (range.firstParent.length > 0) {
        lines.push(
          `  ${paint.bold(`mayday triage ${environment}`)}    ${paint.dim("production is broken: which change did it?")}`,
        );
        lines.push(
          `  ${paint.bold(`mayday rollback ${environment}`)}  ${paint.dim("go back to good; shows the plan first")}`,
        );
        if (!standing.good.certified)
          lines.push(
            `  ${paint.bold(`mayday deploy certify ${environment}`)}  ${paint.dim("it works: make live the good one")}`,
          );
      } else lines.push(`  ${paint.bold("mayday check")}  ${paint.dim("before the next push")}`);
      return lines.join("\n");
    },
  };
}
