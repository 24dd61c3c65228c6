import { changedPaths } from "../git/diff.ts";
import type { Git } from "../git/git.ts";
import { listCommits, type LogEntry } from "../git/history.ts";
import { hasCommit } from "../git/revision.ts";
import { isOid, type Oid } from "../model/oid.ts";

/** A commit that truly brings back an older tree: checked from objects, not believed from words. */
export interface Restoring {
  readonly sha: Oid;
  readonly restores: Oid;
  /** `good..tip`: the commits it takes out. */
  readonly out: { readonly good: Oid; readonly tip: Oid };
}

/** What a message claims with its trailers; whether it is so is for `verifyRestoring` to say. */
export function readClaim(entry: LogEntry): Restoring | undefined {
  const restores = /^Mayday-Restores: ([0-9a-f]+)$/m.exec(entry.message)?.[1];
  const range = /^Mayday-Rolls-Back: ([0-9a-f]+)\.\.([0-9a-f]+)$/m.exec(entry.message);
  const [, good, tip] = range ?? [];
  if (restores === undefined || good === undefined || tip === undefined) return undefined;
  if (!isOid(restores) || !isOid(good) || !isOid(tip)) return undefined;
  return { sha: entry.sha, restores, out: { good, tip } };
}

/**
 * True when the commit's only parent is the tip it names and its tree is the restored commit's,
 * but for paths that are as in that parent (`rollback.keep`, `mayday.yaml`).
 */
export async function verifyRestoring(git: Git, entry: LogEntry, claim: Restoring): Promise<boolean> {
  if (entry.parents.length !== 1 || entry.parents[0] !== claim.out.tip) return false;
  if (!(await hasCommit(git, claim.restores))) return false;
  const differing = await changedPaths(git, claim.restores, entry.sha);
  if (differing.length === 0) return true;
  const changedHere = new Set(await changedPaths(git, claim.out.tip, entry.sha));
  return differing.every((path) => !changedHere.has(path));
}

/** The restoring commits of a first-parent range that hold what they say. */
export async function restoringIn(git: Git, firstParent: readonly LogEntry[]): Promise<Restoring[]> {
  const found: Restoring[] = [];
  for (const entry of firstParent) {
    const claim = readClaim(entry);
    if (claim && (await verifyRestoring(git, entry, claim))) found.push(claim);
  }
  return found;
}

/**
 * The commits of `good..live` that are in effect: what a restoring commit took out has left the
 * range, and the restoring commit itself with it. Newest first.
 */
export async function commitsInEffect(
  git: Git,
  good: Oid,
  live: Oid,
  options: { readonly firstParent: boolean; readonly paths?: readonly string[] },
): Promise<LogEntry[]> {
  const entries = await listCommits(git, [live, `^${good}`], options);
  const line =
    options.firstParent && (options.paths ?? []).length === 0
      ? entries
      : await listCommits(git, [live, `^${good}`], { firstParent: true });
  const restoring = await restoringIn(git, line);
  if (restoring.length === 0) return entries;
  const gone = new Set<Oid>();
  // Newest first: a restoring commit that was itself taken out again (by an undo) takes nothing out.
  for (const { sha, out } of restoring) {
    if (gone.has(sha)) continue;
    gone.add(sha);
    for (const oid of (await git.text(["rev-list", `${out.good}..${out.tip}`, "--"])).split("\n"))
      gone.add(oid);
  }
  return entries.filter((entry) => !gone.has(entry.sha));
}
