import type { ChalkInstance } from "chalk";

import { byArea, readRange } from "../environment/range.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import { areaLines, fileLine } from "../terminal/areas.ts";
import { changesText, clip, count, plusMinus } from "../terminal/layout.ts";
import { standingLines, standingTitle } from "../terminal/standing.ts";
import type { Context, Outcome } from "./context.ts";
import { gather, standingDocument, warnOfFarGuess } from "./gather.ts";
import { type Options, textArgument } from "./options.ts";

/** Files shown of one area before the rest is only counted; `-v` shows all. */
const FILES_SHOWN = 12;

/** `mayday diff [env]`: what changed since good, grouped by area. */
export async function diff(context: Context, args: readonly unknown[], options: Options): Promise<Outcome> {
  const { git, facts, paths } = await gather(context, textArgument(args, 0), options, "diff");
  const range = await readRange(git, facts.standing, paths);
  await warnOfFarGuess(context, facts.standing, range.firstParent.length, "diff");
  if (!range.goodIsAncestor)
    await context.terminal.warn(
      `good is not an ancestor of live: the history was rewritten or cut; the files are right, the list of commits may not be${facts.standing.shallow ? "; the rest comes with: git fetch --unshallow" : ""}`,
    );
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
    lines.push(
      `${changesText(range.firstParent.length, range.commits)}, ${count(range.files.length, "file")}, ${plusMinus(range.insertions, range.deletions, paint)}`,
      "",
      ...areaLines(areas, paint, width),
    );
    for (const { area, files } of areas) {
      const shown = context.globals.verbose ? files : files.slice(0, FILES_SHOWN);
      lines.push("", `  ${paint.bold(area)}`, ...shown.map((file) => fileLine(file, width, paint)));
      if (shown.length < files.length)
        lines.push(
          paint.dim(`    … and ${count(files.length - shown.length, "more file")}; all of them with -v`),
        );
    }
    return lines.join("\n");
  };
  return {
    exit: EXIT.done,
    document: {
      schema: "mayday/diff@1",
      ...standingDocument(facts),
      range: rangeDocument(range),
      areas: areas.map(({ area, files, insertions, deletions }) => ({
        area,
        insertions,
        deletions,
        files: files.map((file) => ({
          path: file.path,
          from: file.from ?? null,
          status: file.status,
          kind: file.kind,
          binary: file.kind === "file" && file.insertions === null,
          insertions: file.insertions,
          deletions: file.deletions,
        })),
      })),
    },
    text,
  };
}

/** The `range` member, as triage has it too. */
export function rangeDocument(range: Awaited<ReturnType<typeof readRange>>): Record<string, number> {
  return {
    commits: range.commits,
    firstParent: range.firstParent.length,
    files: range.files.length,
    insertions: range.insertions,
    deletions: range.deletions,
  };
}
