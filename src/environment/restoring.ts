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

/** More kept paths than this are not looked through: the claim is then not believed. */
const MOST_KEPT = 2_000;

/** What a message claims with its trailers; whether it is so is for `keptBy` to say. */
export function readClaim(entry: LogEntry): Restoring | undefined {
  const restores = /^Mayday-Restores: ([0-9a-f]+)$/m.exec(entry.message)?.[1];
  const range = /^Mayday-Rolls-Back: ([0-9a-f]+)\.\.([0-9a-f]+)$/m.exec(entry.message);
  const [, good, tip] = range ?? [];
  if (restores === undefined || good === undefined || tip === undefined) return undefined;
  if (!isOid(restores) || !isOid(good) || !isOid(tip)) return undefined;
  return { sha: entry.sha, restores, out: { good, tip } };
}

/**
 * The paths that the commit left as in its parent (`rollback.keep`, `mayday.yaml`), when its only
 * parent is the tip it names and all else is as in the restored commit; null when that is not so.
 */
export async function keptBy(git: Git, entry: LogEntry, claim: Restoring): Promise<readonly string[] | null> {
  if (entry.parents.length !== 1 || entry.parents[0] !== claim.out.tip) return null;
  if (!(await hasCommit(git, claim.restores)) || !(await hasCommit(git, claim.out.good))) return null;
  const differing = await changedPaths(git, claim.restores, entry.sha);
  if (differing.length === 0) return [];
  if (differing.length > MOST_KEPT) return null;
  const changedHere = new Set(await changedPaths(git, claim.out.tip, entry.sha));
  return differing.every((path) => !changedHere.has(path)) ? differing : null;
}

/**
 * What a restoring commit took out of effect: all of its range but the commits that touched a path
 * it kept, for that part of them still runs. So an empty commit with forged trailers hides nothing.
 */
async function takenOut(git: Git, { out }: Restoring, kept: readonly string[]): Promise<Set<Oid>> {
  const range = `${out.good}..${out.tip}`;
  const list = async (...args: string[]): Promise<string[]> =>
    (await git.text(["rev-list", ...args])).split("\n").filter((oid) => oid !== "");
  const gone = new Set(await list(range, "--"));
  const paths = kept.filter((path) => path !== "mayday.yaml");
  if (paths.length === 0) return gone;
  const still = [
    ...(await list("--full-history", range, "--", ...paths)),
    ...(await list("--first-parent", range, "--", ...paths)),
  ];
  for (const oid of still) gone.delete(oid);
  return gone;
}

interface Believed {
  readonly claim: Restoring;
  readonly kept: readonly string[];
}

/** The restoring commits of a first-parent range that hold what they say. */
async function restoringIn(git: Git, firstParent: readonly LogEntry[]): Promise<Believed[]> {
  const found: Believed[] = [];
  for (const entry of firstParent) {
    const claim = readClaim(entry);
    const kept = claim === undefined ? null : await keptBy(git, entry, claim);
    if (claim !== undefined && kept !== null) found.push({ claim, kept });
  }
  return found;
}

/**
 * The commits of `good..live` that are not in effect: what a restoring commit took out, and the
 * restoring commit itself.
 */
export async function outOfEffect(git: Git, good: Oid, live: Oid): Promise<ReadonlySet<Oid>> {
  const line = await listCommits(git, [live, `^${good}`], {
    firstParent: true,
    holding: ["Mayday-Restores: ", "Mayday-Undoes: "],
  });
  const restoring = await restoringIn(git, line);
  const reversed = reversedIn(line);
  const gone = new Set<Oid>();
  // Newest first: a restoring commit that was itself taken out again (by an undo) takes nothing out.
  for (const { claim, kept } of restoring) {
    if (gone.has(claim.sha) || reversed.has(claim.sha)) continue;
    gone.add(claim.sha);
    for (const oid of await takenOut(git, claim, kept)) gone.add(oid);
  }
  return gone;
}

/** The commits of `good..live` that are in effect, merged ones too, newest first. */
export async function commitsInEffect(
  git: Git,
  good: Oid,
  live: Oid,
  paths: readonly string[],
): Promise<LogEntry[]> {
  const [entries, gone] = await Promise.all([
    listCommits(git, [live, `^${good}`], { paths }),
    outOfEffect(git, good, live),
  ]);
  return entries.filter(({ sha }) => !gone.has(sha));
}

/**
 * The restoring commits that a later undo says it reversed, by a merge that no tree can show. Words
 * are believed here because they can only put commits back into the list, never take one out.
 */
function reversedIn(line: readonly LogEntry[]): Set<Oid> {
  const reversed = new Set<Oid>();
  for (const { sha, message } of line) {
    const oid = /^Mayday-Undoes: ([0-9a-f]+)$/m.exec(message)?.[1];
    if (oid !== undefined && !reversed.has(sha)) reversed.add(oid);
  }
  return reversed;
}
