import { diffFiles } from "../git/diff.ts";
import type { Git } from "../git/git.ts";
import { listIds, listParents } from "../git/history.ts";
import { isAncestor } from "../git/revision.ts";
import { AREAS, type Area, areaOf } from "../model/area.ts";
import type { FileChange } from "../model/change.ts";
import type { Standing } from "../model/deploy.ts";
import type { Oid } from "../model/oid.ts";
import { outOfEffect } from "./restoring.ts";

/** The first-parent line of good..live: enough to begin a ranking with. */
export interface RangeLine {
  /** First-parent commits in effect, newest first. */
  readonly firstParent: readonly Oid[];
  /** Commits that a rollback took out of effect, and the rollbacks themselves. */
  readonly gone: ReadonlySet<Oid>;
}

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
  return readRangeAlong(git, standing, paths, readLine(git, standing, paths));
}

/** Fast also where the range is long: neither merged branches nor files are looked at. */
export async function readLine(
  git: Git,
  { good, live }: Standing,
  paths: readonly string[],
): Promise<RangeLine> {
  const [firstParent, gone] = await Promise.all([
    listIds(git, [live.sha, `^${good.sha}`], { firstParent: true, paths }),
    outOfEffect(git, good.sha, live.sha),
  ]);
  return { firstParent: firstParent.filter((sha) => !gone.has(sha)), gone };
}

/** All of a range whose line is known, or is being read. */
export async function readRangeAlong(
  git: Git,
  { good, live }: Standing,
  paths: readonly string[],
  line: RangeLine | Promise<RangeLine>,
): Promise<RangeFacts> {
  const [{ firstParent, gone }, { all, goodIsAncestor }, changed] = await Promise.all([
    line,
    paths.length === 0 ? walk(git, good.sha, live.sha) : walkBelow(git, good.sha, live.sha, paths),
    diffFiles(git, good.sha, live.sha, paths),
  ]);
  const files = changed.map((file): FileChange => ({ ...file, area: areaOf(file.path) }));
  const sum = (counts: readonly (number | null)[]): number =>
    counts.reduce<number>((total, count) => total + (count ?? 0), 0);
  return {
    firstParent,
    commits: all.filter((sha) => !gone.has(sha)).length,
    files,
    insertions: sum(files.map((file) => file.insertions)),
    deletions: sum(files.map((file) => file.deletions)),
    goodIsAncestor,
  };
}

interface Walked {
  readonly all: readonly Oid[];
  readonly goodIsAncestor: boolean;
}

/** One walk tells both: over a long range each costs as much as the other. */
async function walk(git: Git, good: Oid, live: Oid): Promise<Walked> {
  const commits = await listParents(git, [live, `^${good}`]);
  // On a way from live down to good, the last commit before good is in the range.
  const meets = commits.some(({ parents }) => parents.includes(good));
  return { all: commits.map(({ sha }) => sha), goodIsAncestor: good === live || meets };
}

/** Below paths git leaves commits out and joins what is left: parents are no longer theirs. */
async function walkBelow(git: Git, good: Oid, live: Oid, paths: readonly string[]): Promise<Walked> {
  const [all, goodIsAncestor] = await Promise.all([
    listIds(git, [live, `^${good}`], { paths }),
    isAncestor(git, good, live),
  ]);
  return { all, goodIsAncestor };
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
