import { diffFiles } from "../git/diff.ts";
import type { Git } from "../git/git.ts";
import { listIds } from "../git/history.ts";
import { isAncestor } from "../git/revision.ts";
import { AREAS, type Area, areaOf } from "../model/area.ts";
import type { FileChange } from "../model/change.ts";
import type { Standing } from "../model/deploy.ts";
import type { Oid } from "../model/oid.ts";
import { outOfEffect } from "./restoring.ts";

/** What is in live and not in good: commits in effect, and the files that differ. */
export interface RangeFacts {
  /** First-parent commits in effect, newest first. */
  readonly firstParent: readonly Oid[];
  /** All commits in effect, merged ones too. */
  readonly commits: number;
  readonly files: readonly FileChange[];
  readonly insertions: number;
  readonly deletions: number;
  /** False after rewritten history, or when the clone is too shallow to tell. */
  readonly goodIsAncestor: boolean;
}

export async function readRange(git: Git, standing: Standing, paths: readonly string[]): Promise<RangeFacts> {
  const { good, live } = standing;
  const between = [live.sha, `^${good.sha}`];
  const [firstParent, all, gone, changed, goodIsAncestor] = await Promise.all([
    listIds(git, between, { firstParent: true, paths }),
    listIds(git, between, { paths }),
    outOfEffect(git, good.sha, live.sha),
    diffFiles(git, good.sha, live.sha, paths),
    isAncestor(git, good.sha, live.sha),
  ]);
  const files = changed.map((file): FileChange => ({ ...file, area: areaOf(file.path) }));
  const sum = (counts: readonly (number | null)[]): number =>
    counts.reduce<number>((total, count) => total + (count ?? 0), 0);
  return {
    firstParent: firstParent.filter((sha) => !gone.has(sha)),
    commits: all.filter((sha) => !gone.has(sha)).length,
    files,
    insertions: sum(files.map((file) => file.insertions)),
    deletions: sum(files.map((file) => file.deletions)),
    goodIsAncestor,
  };
}

export interface AreaSummary {
  readonly area: Area;
  readonly files: readonly FileChange[];
  readonly insertions: number;
  readonly deletions: number;
}

/** Files by area, in the order people are shown them; empty areas are left out. */
export function byArea(files: readonly FileChange[]): AreaSummary[] {
  return AREAS.flatMap((area) => {
    const own = files.filter((file) => file.area === area);
    if (own.length === 0) return [];
    const sum = (pick: (file: FileChange) => number | null): number =>
      own.reduce((total, file) => total + (pick(file) ?? 0), 0);
    return [
      {
        area,
        files: own,
        insertions: sum((file) => file.insertions),
        deletions: sum((file) => file.deletions),
      },
    ];
  });
}
