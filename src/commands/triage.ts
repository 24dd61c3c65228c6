import { byArea, readRange } from "../environment/range.ts";
import { MaydayError } from "../model/error.ts";
import { EXIT } from "../model/exit.ts";
import { rfc3339 } from "../model/time.ts";
import { assessRisks } from "../risk/risks.ts";
import {
  actionLines,
  rangeScreen,
  riskLines,
  suspectScreen,
  triageScreen,
  type TriageScreen,
} from "../terminal/triage.ts";
import { advise } from "../triage/advice.ts";
import { diagnose } from "../triage/diagnose.ts";
import { parseSymptom } from "../triage/symptom.ts";
import type { Context, Outcome } from "./context.ts";
import { rangeDocument } from "./diff.ts";
import { gather, type Options, standingDocument, textArgument, textOption } from "./gather.ts";
import { guide } from "./guide.ts";
import { readSymptom } from "./symptom.ts";

/** `mayday triage [env]`: what changed, ranked suspects, is it the code at all, what to do. */
export async function triage(context: Context, args: readonly unknown[], options: Options): Promise<Outcome> {
  const { terminal } = context;
  const dash = args.includes("-");
  const environment = textArgument(args, 0);
  const top = readTop(textOption(options, "top") ?? "5");
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
    given ??
    (guided
      ? (
          await terminal.paste(
            "What do you see? Paste an error, a trace, or say it in words. Tab, then Enter, goes on.",
          )
        ).trim()
      : "");
  const symptom = parseSymptom(text);
  const { range, diagnosis } = await terminal.during("reading what changed", async (update) => {
    const read = await readRange(git, standing, paths);
    update(`ranking ${read.firstParent.length} changes`);
    const inEffect = new Set(read.firstParent.map(({ sha }) => sha));
    return { range: read, diagnosis: await diagnose(git, standing, inEffect, paths, symptom) };
  });
  if (!range.goodIsAncestor)
    await terminal.warn(
      "good is not an ancestor of live: the history was rewritten or cut, so suspects may be missing",
    );

  const risks = assessRisks({
    good: standing.good,
    files: range.files,
    undone: range.commits,
    newVariables: diagnosis.newVariables,
  });
  const actions = advise(standing, diagnosis.suspects, diagnosis.outside);
  const shown = top === 0 ? diagnosis.suspects : diagnosis.suspects.slice(0, top);
  const screen: TriageScreen = {
    standing,
    range: {
      firstParent: range.firstParent.length,
      commits: range.commits,
      files: range.files.length,
      insertions: range.insertions,
      deletions: range.deletions,
    },
    areas: byArea(range.files),
    symptomGiven: text !== "",
    suspects: shown,
    suspectsInAll: diagnosis.suspects.length,
    outside: diagnosis.outside,
    risks,
    actions,
    now: context.world.now(),
  };
  const answer: Outcome = {
    exit: diagnosis.suspects.length === 0 ? EXIT.no : EXIT.done,
    document: {
      schema: "mayday/triage@1",
      ...standingDocument(facts),
      range: rangeDocument(range),
      areas: screen.areas.map(({ area, files }) => ({ area, files: files.map(({ path }) => path) })),
      symptom: { frames: symptom.frames, terms: symptom.terms, errors: symptom.errors, paths: symptom.paths },
      suspects: shown.map((suspect) => ({ ...suspect, at: rfc3339(suspect.at) })),
      outsideCode: diagnosis.outside,
      risks,
      actions,
    },
    text: (paint, width) => triageScreen(screen, width, paint),
  };
  if (!guided) return answer;
  const paint = await terminal.paint();
  const { width } = terminal;
  terminal.answer(
    [
      ...rangeScreen(screen, paint),
      "",
      ...suspectScreen(screen, width, paint),
      "",
      ...riskLines(risks, width, paint),
      ...actionLines(actions, width, paint),
      "",
    ].join("\n"),
  );
  const exit = await guide(context, screen, text);
  return { ...answer, exit: exit ?? answer.exit, text: "" };
}

function readTop(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new MaydayError("--top wants a whole number, 0 for all", {
    code: "usage",
    exit: EXIT.usage,
    hint: "mayday triage --top 10",
  });
}
