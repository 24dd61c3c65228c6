import type { ChalkInstance } from "chalk";

import { type AreaSummary, byArea } from "../environment/range.ts";
import { diffFiles } from "../git/diff.ts";
import type { Git } from "../git/git.ts";
import { listCommits } from "../git/history.ts";
import { resolve } from "../git/revision.ts";
import { areaOf } from "../model/area.ts";
import { visible } from "../model/escape.ts";
import type { Oid } from "../model/oid.ts";
import type { Symptom } from "../model/triage.ts";
import { changeTitle, diffLines } from "../terminal/diff.ts";
import { clip, count, plusMinus } from "../terminal/layout.ts";
import { commitHunks, type HunkList } from "../triage/hunks.ts";
import type { Context } from "./context.ts";
import { limits } from "./diff-document.ts";

/** One change by itself, ready to be shown. */
export interface OneChange {
  readonly sha: Oid;
  readonly subject: string;
  /** ms since 1970 */
  readonly at: number;
  readonly areas: readonly AreaSummary[];
  readonly list: HunkList;
  readonly symptomGiven: boolean;
  readonly paths: readonly string[];
}

/** Reads what one commit did to its first parent. Throws exit 2 where there is no such commit. */
export async function readChange(
  context: Context,
  about: {
    readonly git: Git;
    readonly paths: readonly string[];
    readonly live: Oid;
    readonly symptom: Symptom | null;
  },
  revision: string,
): Promise<OneChange> {
  const { git, paths, live, symptom } = about;
  const sha = await resolve(git, revision);
  const [commit] = await listCommits(git, [sha], { limit: 1 });
  const before = commit?.parents[0] ?? (await noTree(git));
  const [files, list] = await Promise.all([
    diffFiles(git, before, sha, paths),
    commitHunks(git, sha, symptom, { paths, live, ...limits(context) }),
  ]);
  return {
    sha,
    subject: commit?.subject ?? "",
    at: commit?.at ?? 0,
    areas: byArea(files.map((file) => ({ ...file, area: areaOf(file.path) }))),
    list,
    symptomGiven: symptom !== null,
    paths,
  };
}

/** The id of the tree without entries; git knows it without its being there. */
async function noTree(git: Git): Promise<Oid> {
  return git.text(["hash-object", "-t", "tree", "--stdin"], { input: "" });
}

export function changeText(
  context: Context,
  change: OneChange,
): (paint: ChalkInstance, width: number) => string {
  return (paint, width) => {
    const { areas, list, symptomGiven, paths } = change;
    const lines = changeTitle(change, context.world.now(), width, paint);
    const sum = (pick: (area: AreaSummary) => number): number =>
      areas.reduce((total, area) => total + pick(area), 0);
    const files = sum((area) => area.files.length);
    if (files === 0)
      return [
        ...lines,
        paths.length === 0
          ? "It changes no file."
          : `It changes nothing below ${clip(paths.map(visible).join(", "), width - 26)}.`,
      ].join("\n");
    const counts = plusMinus(
      sum(({ insertions }) => insertions),
      sum(({ deletions }) => deletions),
      paint,
    );
    const screen = {
      areas,
      hunks: list.hunks,
      hunksInAll: list.inAll,
      symptomGiven,
      whole: context.globals.verbose,
    };
    return [...lines, `${count(files, "file")}, ${counts}`, ...diffLines(screen, width, paint)].join("\n");
  };
}
