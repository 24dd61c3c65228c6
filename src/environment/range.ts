import { diffFiles } from "../git/diff.ts";
import type { Git } from "../git/git.ts";
import { listIds, listParents } from "../git/history.ts";
import { isAncestor } from "../git/revision.ts";
import { AREAS, type Area, areaOf } from "../model/area.ts";
import type { FileChange } from "../model/change.ts";
import type { Standing } from "../model/deploy.ts";
import type { Oid } from "../model/oid.ts";
import { outOfEffect } from "./restoring.ts";

/** The commits that are in live and not in good. */
export interface RangeCommits {
  /** First-parent commits in effect, newest first. */
  readonly firstParent: readonly Oid[];
  /** All commits in effect, merged ones too. */
  readonly commits: number;
  /** False after rewritten history, or when the clone is too shallow to tell. */
  readonly goodIsAncestor: boolean;
}

/** The files that differ between good and live. */
export interface RangeFiles {
  readonly files: readonly FileChange[];
  readonly insertions: number;
  readonly deletions: number;
}

/** What is in live and not in good: commits in effect, and the files that differ. */
export type RangeFacts = RangeCommits & RangeFiles;

export async function readRange(git: Git, standing: Standing, paths: readonly string[]): Promise<RangeFacts> {
  const [commits, files] = await Promise.all([
    readRangeCommits(git, standing, paths),
    readRangeFiles(git, standing, paths),
  ]);
  return { ...commits, ...files };
}

/** Reads no file, so it is fast also where `readRangeFiles` is not. */
export async function readRangeCommits(
  git: Git,
  { good, live }: Standing,
  paths: readonly string[],
): Promise<RangeCommits> {
  const [listed, gone] = await Promise.all([
    paths.length === 0 ? walk(git, good.sha, live.sha) : walkBelow(git, good.sha, live.sha, paths),
    outOfEffect(git, good.sha, live.sha),
  ]);
  const inEffect = (ids: readonly Oid[]): Oid[] => ids.filter((sha) => !gone.has(sha));
  return {
    firstParent: inEffect(listed.firstParent),
    commits: inEffect(listed.all).length,
    goodIsAncestor: listed.goodIsAncestor,
  };
}

export async function readRangeFiles(
  git: Git,
  { good, live }: Standing,
  paths: readonly string[],
): Promise<RangeFiles> {
  const changed = await diffFiles(git, good.sha, live.sha, paths);
  const files = changed.map((file): FileChange => ({ ...file, area: areaOf(file.path) }));
  const sum = (counts: readonly (number | null)[]): number =>
    counts.reduce<number>((total, count) => total + (count ?? 0), 0);
  return {
    files,
    insertions: sum(files.map((file) => file.insertions)),
    deletions: sum(files.map((file) => file.deletions)),
  };
}

interface Walked {
  readonly all: readonly Oid[];
  readonly firstParent: readonly Oid[];
  readonly goodIsAncestor: boolean;
}

/** One walk tells all three: over a long range each walk costs as much as the next. */
async function walk(git: Git, good: Oid, live: Oid): Promise<Walked> {
  const commits = await listParents(git, [live, `^${good}`]);
  const firstParent: Oid[] = [];
  for (let sha: Oid | undefined = live; sha !== undefined && commits.has(sha); sha = commits.get(sha)?.[0])
    firstParent.push(sha);
  return {
    all: [...commits.keys()],
    firstParent,
    // On a way from live down to good, the last commit before good is in the range.
    goodIsAncestor: good === live || [...commits.values()].some((parents) => parents.includes(good)),
  };
}

/** Below paths git leaves commits out and joins what is left: only it can say what remains. */
async function walkBelow(git: Git, good: Oid, live: Oid, paths: readonly string[]): Promise<Walked> {
  const between = [live, `^${good}`];
  const [firstParent, all, goodIsAncestor] = await Promise.all([
    listIds(git, between, { firstParent: true, paths }),
    listIds(git, between, { paths }),
    isAncestor(git, good, live),
  ]);
  return { firstParent, all, goodIsAncestor };
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
