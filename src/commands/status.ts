import type { ChalkInstance } from "chalk";

import { readRange } from "../environment/range.ts";
import { isFarGuess } from "../model/deploy.ts";
import type { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import { short } from "../model/oid.ts";
import { readOperations, unfinished } from "../rollback/operations.ts";
import { commandLines, count, wrap } from "../terminal/layout.ts";
import { standingLines, standingTitle } from "../terminal/standing.ts";
import type { Context, Outcome } from "./context.ts";
import { gatherLive, type GatheredLive, standingDocument, warnOfFarGuess } from "./gather.ts";
import { type Options, textArgument } from "./options.ts";

/** `mayday` alone: where things stand, and what to do next. */
export async function home(context: Context, _args: readonly unknown[], options: Options): Promise<Outcome> {
  return status(context, [], options);
}

/**
 * `mayday status [env]`: what is live where, what is good, what was interrupted, what to do next.
 * Where good is not known the rest is shown all the same, and the exit is 4.
 */
export async function status(context: Context, args: readonly unknown[], options: Options): Promise<Outcome> {
  const given = textArgument(args, 0);
  const { settings } = await context.configuration();
  const configured = Object.keys(settings.environments);
  const fallback = context.world.env["MAYDAY_ENV"] ?? "";
  const wanted = given === undefined && fallback === "" && configured.length > 1 ? configured : [given];
  const parts: Part[] = [];
  for (const name of wanted) parts.push(await partOf(context, name, options));
  const missing = parts.map((part) => part.missing).find((error) => error !== null) ?? null;
  const unsent = await unsentAlerts(context);
  return {
    exit: missing === null ? EXIT.done : missing.exit,
    document: {
      schema: "mayday/status@1",
      environments: parts.map(({ document }) => document),
      unsentAlerts: unsent,
    },
    text: (paint, width) =>
      [
        ...parts.map(({ text }) => text(paint, width)),
        ...(unsent === 0
          ? []
          : [
              unsentLines(unsent, width)
                .map((line) => paint.yellow(line))
                .join("\n"),
            ]),
      ].join("\n\n"),
    ...(missing === null ? {} : { error: missing }),
  };
}

/** Alerts that wait in this clone's outbox. */
async function unsentAlerts(context: Context): Promise<number> {
  const [{ openOutbox }, { isPending }] = await Promise.all([
    import("./channels.ts"),
    import("../alert/outbox.ts"),
  ]);
  const { entries } = await openOutbox(await context.git(), context).read();
  return [...entries.values()].filter(isPending).length;
}

function unsentLines(unsent: number, width: number): string[] {
  const what = unsent === 1 ? "1 alert is" : `${unsent} alerts are`;
  return wrap(`${what} not delivered; the next mayday alert tries again what is younger than an hour`, width);
}

interface Part {
  readonly document: Record<string, unknown>;
  readonly text: Exclude<Outcome["text"], string>;
  readonly missing: MaydayError | null;
}

interface Facts {
  /** Changes of the range; null when good is not known. */
  readonly changes: number | null;
  /** Commits of the branch that are not live. */
  readonly ahead: number;
  /** Number of an interrupted operation. */
  readonly open: number | null;
  readonly badReason: string | null;
}

async function partOf(context: Context, name: string | undefined, options: Options): Promise<Part> {
  const gathered = await gatherLive(context, name, options, "status");
  const { git, environment, facts, missing } = gathered;
  const { standing, ledger } = facts;
  const { good, live, tip } = standing;
  const range = good === null ? null : await readRange(git, { ...standing, good }, []);
  if (good !== null)
    await warnOfFarGuess(context, { environment, good }, range?.firstParent.length ?? 0, "triage");
  const ahead =
    tip === live.sha ? 0 : Number(await git.text(["rev-list", "--count", tip, `^${live.sha}`, "--"]));
  const deployed = ledger.deploys.findLast(({ sha }) => sha === live.sha);
  const known: Facts = {
    changes: range?.firstParent.length ?? null,
    ahead,
    open: unfinished((await readOperations(git)).operations, environment)?.number ?? null,
    badReason: deployed?.bad ?? ledger.bad.get(live.sha)?.reason ?? null,
  };
  return {
    document: {
      ...standingDocument(facts),
      changesSinceGood: known.changes,
      notYetDeployed: known.ahead,
      liveIsBad: known.badReason,
      interruptedOperation: known.open,
    },
    text: (paint, width) => statusLines(gathered, known, context.world.now(), width, paint).join("\n"),
    missing,
  };
}

function statusLines(
  { environment, facts }: GatheredLive,
  { changes, ahead, open, badReason }: Facts,
  now: number,
  width: number,
  paint: ChalkInstance,
): string[] {
  const { standing } = facts;
  const said =
    changes === null
      ? ""
      : changes === 0
        ? "nothing changed since good"
        : `${count(changes, "change")} since good`;
  const waiting = ahead > 0 ? `${count(ahead, "commit")} on ${visible(standing.branch)} not live yet` : "";
  const text = [said, waiting].filter((part) => part !== "").join("; ");
  const rows = wrap(text, width - 9).map((line, index) => [index === 0 ? "now" : "", line] as const);
  const lines = [
    standingTitle(standing, paint),
    ...standingLines(standing, now, paint, width, text === "" ? [] : rows),
  ];
  if (badReason !== null)
    lines.push(
      ...wrap(`live ${short(standing.live.sha)} is marked bad: ${visible(badReason)}`, width - 2).map(
        (line) => `  ${paint.red(line)}`,
      ),
    );
  const next: [string, string][] = [];
  if (open !== null)
    next.push([`mayday rollback ${environment} --continue`, `operation ${open} was interrupted`]);
  if (changes === 0) next.push(["mayday check", "before the next push"]);
  else if (changes !== null && standing.good !== null && isFarGuess(standing.good, changes))
    next.push([`mayday triage ${environment} --since 2d`, `${environment} is broken: which change did it?`]);
  else if (changes !== null) {
    next.push(
      [`mayday triage ${environment}`, `${environment} is broken: which change did it?`],
      [`mayday rollback ${environment}`, "go back to good; shows the plan first"],
    );
    if (standing.good?.certified === false)
      next.push([`mayday deploy certify ${environment}`, "it works: make live the good one"]);
  }
  if (next.length > 0) lines.push("", paint.bold("Next"), ...commandLines(next, width, paint));
  return lines;
}
