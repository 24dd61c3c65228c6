import type { ChalkInstance } from "chalk";

import { byArea, type RangeFacts, readRange } from "../environment/range.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import { rfc3339 } from "../model/time.ts";
import type { Symptom } from "../model/triage.ts";
import { diffLines } from "../terminal/diff.ts";
import { changesText, clip, count, plusMinus } from "../terminal/layout.ts";
import { standingLines, standingTitle } from "../terminal/standing.ts";
import { rangeHunks } from "../triage/hunks.ts";
import { parseSymptom } from "../triage/symptom.ts";
import type { Context, Outcome } from "./context.ts";
import { areasDocument, hunksDocument, limits } from "./diff-document.ts";
import { changeText, readChange } from "./diff-only.ts";
import { gather, standingDocument, warnOfFarGuess } from "./gather.ts";
import { type Options, textArgument, textOption } from "./options.ts";
import { readSymptom } from "./symptom.ts";

/** `mayday diff [env]`: what changed since good, grouped by area, the hunks that matter first. */
export async function diff(context: Context, args: readonly unknown[], options: Options): Promise<Outcome> {
  const symptom = await givenSymptom(context, options);
  const { git, facts, paths } = await gather(context, textArgument(args, 0), options, "diff");
  const { good, live, shallow } = facts.standing;
  const { range, list } = await context.terminal.during("reading what changed", async () => {
    const [read, hunks] = await Promise.all([
      readRange(git, facts.standing, paths),
      rangeHunks(git, { good: good.sha, live: live.sha }, symptom, { paths, ...limits(context) }),
    ]);
    return { range: read, list: hunks };
  });
  await warnOfFarGuess(context, facts.standing, range.firstParent.length, "diff");
  if (!range.goodIsAncestor)
    await context.terminal.warn(
      `good is not an ancestor of live: the history was rewritten or cut; the files are right, the list of commits may not be${shallow ? "; the rest comes with: git fetch --unshallow" : ""}`,
    );
  const document = {
    schema: "mayday/diff@1" as const,
    ...standingDocument(facts),
    range: rangeDocument(range),
  };
  const only = textOption(options, "only");
  if (only !== undefined) {
    const change = await readChange(context, { git, paths, live: live.sha, symptom }, only);
    return {
      exit: EXIT.done,
      document: {
        ...document,
        only: { sha: change.sha, subject: change.subject, at: rfc3339(change.at) },
        areas: areasDocument(change.areas),
        ...hunksDocument(change.list),
      },
      text: changeText(context, change),
      paged: true,
    };
  }
  const areas = byArea(range.files);
  const text = (paint: ChalkInstance, width: number): string => {
    const lines = [
      standingTitle(facts.standing, paint),
      ...standingLines(facts.standing, context.world.now(), paint, width),
      "",
    ];
    if (range.files.length === 0) {
      lines.push(
        paths.length === 0
          ? "Nothing differs between good and live."
          : `Nothing below ${clip(paths.map(visible).join(", "), width - 42)} differs between good and live.`,
      );
      return lines.join("\n");
    }
    const screen = {
      areas,
      hunks: list.hunks,
      hunksInAll: list.inAll,
      symptomGiven: symptom !== null,
      whole: context.globals.verbose,
    };
    lines.push(
      `${changesText(range.firstParent.length, range.commits)}, ${count(range.files.length, "file")}, ${plusMinus(range.insertions, range.deletions, paint)}`,
      ...diffLines(screen, width, paint),
    );
    return lines.join("\n");
  };
  return {
    exit: EXIT.done,
    document: { ...document, only: null, areas: areasDocument(areas), ...hunksDocument(list) },
    text,
    paged: true,
  };
}

/** A pipe that was not spoken of is not read: diff has always been an answer without a question. */
async function givenSymptom(context: Context, options: Options): Promise<Symptom | null> {
  if (options["symptom"] === undefined && options["symptomFile"] === undefined) return null;
  const text = await readSymptom(context, false, options);
  return text === null ? null : parseSymptom(text);
}

/** The `range` member, as triage has it too. */
export function rangeDocument(range: RangeFacts): Record<string, number> {
  return {
    commits: range.commits,
    firstParent: range.firstParent.length,
    files: range.files.length,
    insertions: range.insertions,
    deletions: range.deletions,
  };
}
