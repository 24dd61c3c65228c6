import type { Git } from "../git/git.ts";
import { listCommits, type LogEntry } from "../git/history.ts";
import type { Oid } from "../model/oid.ts";

/** Messages kept of one merge. */
const MOST = 100;

/**
 * For each first-parent commit that is a merge, the messages of the commits that it brought to the
 * branch: a merge's own message often says nothing of what came.
 */
export async function messagesMerged(
  git: Git,
  range: { readonly good: Oid; readonly live: Oid },
): Promise<ReadonlyMap<Oid, readonly string[]>> {
  const all = await listCommits(git, [range.live, `^${range.good}`]);
  const bySha = new Map(all.map((commit) => [commit.sha, commit]));
  const line: LogEntry[] = [];
  for (let at = bySha.get(range.live); at !== undefined; at = bySha.get(at.parents[0] ?? "")) line.push(at);
  const taken = new Set(line.map(({ sha }) => sha));
  const merged = new Map<Oid, string[]>();
  for (const { sha, parents } of line.toReversed()) {
    const mine: string[] = [];
    const waiting = parents.slice(1);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const commit = bySha.get(next);
      if (commit === undefined || taken.has(next)) continue;
      taken.add(next);
      if (mine.length < MOST) mine.push(commit.message);
      waiting.push(...commit.parents);
    }
    if (mine.length > 0) merged.set(sha, mine);
  }
  return merged;
}
