import { byArea, readLine, readRangeAlong } from "../environment/range.ts";
import { gonePaths } from "../git/diff.ts";
import type { Standing } from "../model/deploy.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import { short } from "../model/oid.ts";
import { parseTime, rfc3339 } from "../model/time.ts";
import { assessRisks } from "../risk/risks.ts";
import { count } from "../terminal/layout.ts";
import {
  rankingScreen,
  rangeScreen,
  type RangeScreen,
  riskLines,
  suspectScreen,
  type TriageScreen,
} from "../terminal/triage.ts";
import { advise } from "../triage/advice.ts";
import { diagnose } from "../triage/diagnose.ts";
import { parseSymptom } from "../triage/symptom.ts";
import type { Context, Outcome } from "./context.ts";
import { rangeDocument } from "./diff.ts";
import { gather, standingDocument, warnOfFarGuess } from "./gather.ts";
import { type Options, textArgument, textOption } from "./options.ts";
import { guide } from "./guide.ts";
import { readSymptom } from "./symptom.ts";
import { choosePage, writePage } from "./triage-page.ts";

/** `mayday triage [env]`: what changed, ranked suspects, is it the code at all, what to do. */
export async function triage(context: Context, args: readonly unknown[], options: Options): Promise<Outcome> {
  const { terminal } = context;
  const dash = args.includes("-");
  const environment = textArgument(args, 0);
  const top = readTop(textOption(options, "top") ?? "5");
  const firstError = readFirstError(textOption(options, "firstError"), context.world.now());
  const page = await choosePage(context, options);
  const given = await readSymptom(context, dash, options);
  const guided = terminal.interactive;
  const { git, facts, paths } = await gather(
    context,
    environment === "-" ? undefined : environment,
    options,
    "triage",
  );
  const { standing } = facts;
  const text =
    given ?? (guided ? (await terminal.paste("What do you see? Paste it, then Tab and Enter.")).trim() : "");
  const symptom = parseSymptom(text);
  const { good, live } = standing;
  const { range, seen, shownEarly, diagnosis } = await terminal.during(
    "reading what changed",
    async (update) => {
      const [line, goneFiles] = await Promise.all([
        readLine(git, standing, paths),
        gonePaths(git, good.sha, live.sha, paths),
      ]);
      update(`ranking ${count(line.firstParent.length, "change")}`);
      const inEffect = new Set(line.firstParent);
      const request = { good: good.sha, live: live.sha, inEffect, paths, goneFiles, symptom };
      const ranking = diagnose(git, request, { firstError, liveSince: live.at ?? null });
      // What is wrong with it is told when it is waited for, below.
      ranking.catch(() => {});
      const read = await readRangeAlong(git, standing, paths, line);
      await warnOfFarGuess(context, standing, read.firstParent.length, "triage");
      if (!read.goodIsAncestor)
        await terminal.warn(
          `good is not an ancestor of live: the history was rewritten or cut, so suspects may be missing${standing.shallow ? "; they come with: git fetch --unshallow" : ""}`,
        );
      const screen: RangeScreen = {
        standing,
        range: {
          firstParent: read.firstParent.length,
          commits: read.commits,
          files: read.files.length,
          insertions: read.insertions,
          deletions: read.deletions,
        },
        areas: byArea(read.files),
        nothing: null,
        now: context.world.now(),
      };
      // The range stands there while the ranking is still at work.
      const early = inEffect.size > 0;
      if (early) await showRange(context, screen);
      return { range: read, seen: screen, shownEarly: early, diagnosis: await ranking };
    },
  );

  const risks = assessRisks({
    good: standing.good,
    files: range.files,
    undone: range.commits,
    newVariables: diagnosis.newVariables,
  });
  const narrow = narrowing(options);
  const actions = advise(standing, diagnosis.suspects, diagnosis.outside, narrow);
  const shown = top === 0 ? diagnosis.suspects : diagnosis.suspects.slice(0, top);
  const screen: TriageScreen = {
    ...seen,
    symptomGiven: text !== "",
    nothing: diagnosis.suspects.length > 0 ? null : whyNothing(standing, range.files.length, paths),
    suspects: shown,
    suspectsInAll: diagnosis.suspects.length,
    outside: diagnosis.outside,
    risks,
    actions,
  };
  const unwritten =
    page === null
      ? null
      : await writePage(context, page, {
          git,
          paths,
          screen,
          suspects: diagnosis.suspects,
          given: text,
          symptom,
          firstError,
        });
  const answer: Outcome = {
    exit: unwritten ? EXIT.usage : diagnosis.suspects.length === 0 ? EXIT.no : EXIT.done,
    document: {
      schema: "mayday/triage@1",
      ...standingDocument(facts),
      range: rangeDocument(range),
      areas: screen.areas.map(({ area, files }) => ({ area, files: files.map(({ path }) => path) })),
      // What was read of it; the text itself may be long, and whoever gave it has it.
      symptom: { ...symptom, text: undefined },
      suspects: shown.map((suspect) => ({ ...suspect, at: rfc3339(suspect.at) })),
      outsideCode: diagnosis.outside,
      risks,
      actions,
      ...(page === null || unwritten ? {} : { html: page.path }),
    },
    text: (paint, width) =>
      [...(shownEarly ? [] : rangeScreen(screen, width, paint)), ...rankingScreen(screen, width, paint)].join(
        "\n",
      ),
    ...(unwritten ? { error: unwritten } : screen.nothing === null ? {} : { error: noSuspect(standing) }),
  };
  if (!guided) return answer;
  const paint = await terminal.paint();
  const { width } = terminal;
  // What to do is asked, not listed: the menu names the same commands.
  terminal.answer(
    [
      ...(shownEarly ? [] : ["", ...rangeScreen(screen, width, paint)]),
      "",
      ...suspectScreen(screen, width, paint),
      "",
      ...(screen.nothing === null ? riskLines(risks, width, paint) : []),
    ].join("\n"),
  );
  const { error, ...shownAnswer } = answer;
  const { suspects } = diagnosis;
  const exit = await guide(context, { git, screen, suspects, symptom, paths, narrow });
  if (exit !== null) return { ...shownAnswer, exit, text: "" };
  return { ...shownAnswer, text: "", ...(error === undefined ? {} : { error }) };
}

/** The first screen: what is live, and what changed. */
async function showRange({ terminal }: Context, screen: RangeScreen): Promise<void> {
  if (terminal.json) return;
  const lines = rangeScreen(screen, terminal.width, await terminal.paint());
  terminal.answer([...(terminal.interactive ? [""] : []), ...lines].join("\n"));
}

/** The options by which another command speaks of the same part of the repository. */
function narrowing(options: Options): string[] {
  return ["service", "path"].flatMap((name) => {
    const value = textOption(options, name);
    return value === undefined ? [] : [`--${name}=${value}`];
  });
}

/** Why no change can be suspected, in words that are true. */
function whyNothing(standing: Standing, files: number, paths: readonly string[]): string {
  const { good, live, environment } = standing;
  if (good.sha === live.sha)
    return `live is the good commit itself (${short(good.sha)}): no change in ${environment} can have done it.`;
  if (paths.length > 0)
    return `no change between good and live touches ${paths.length === 1 ? visible(paths[0] ?? "") : "these paths"}: it is not a change there.`;
  if (files === 0)
    return "live has the same files as good: what came between was taken out again, so it is not a change in this range.";
  return "no commit is in live that is not in good, yet their files differ: live is older than good, or the history was rewritten.";
}

function noSuspect({ environment }: Standing): NonNullable<Outcome["error"]> {
  return {
    code: "no-suspect",
    message: `no change is suspected: look outside the code, or further back than good`,
    hint: `mayday triage ${environment} --since 1d      what came in the last day\nmayday triage ${environment} --good <rev>     what came since a commit that surely worked`,
  };
}

function readFirstError(text: string | undefined, now: number): number | null {
  if (text === undefined) return null;
  const at = parseTime(text, now);
  if (at !== undefined) return at;
  throw new MaydayError(`--first-error ${visible(text)} is not a time`, {
    code: "bad-time",
    exit: EXIT.usage,
    hint: "write 20m, 2h or 2026-11-24T03:00:00Z",
  });
}

function readTop(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new MaydayError("--top wants a whole number, 0 for all", {
    code: "usage",
    exit: EXIT.usage,
    hint: "mayday triage --top 10",
  });
}
