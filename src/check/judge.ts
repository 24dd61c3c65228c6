import { type Git, GitError } from "../git/git.ts";
import { fetchInto, remoteNames } from "../git/remote.ts";
import { isAncestor, listRefs } from "../git/revision.ts";
import type { PushedRef } from "../model/check.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import type { Oid } from "../model/oid.ts";
import type { PushLine } from "./prepush.ts";

/** A pushed ref with what git knows about it. */
export interface JudgedRef extends PushedRef {
  /** What the local object peels to; null for a delete, and for a tag of a blob or a bare tree. */
  readonly commit: Oid | null;
  readonly tree: Oid | null;
  /** What the remote has of this history already; null when unknown: everything counts as changed. */
  readonly base: Oid | null;
}

export interface JudgeOptions {
  /** The remote's name, or its URL where the push named a URL. */
  readonly remote: string;
  readonly url: string;
  /** Do not ask the remote for an object that is missing here. */
  readonly offline: boolean;
}

interface Peeled {
  readonly commit: Oid | null;
  readonly tree: Oid | null;
}

/** The remote is asked once, and a push does not wait longer than this for its answer. */
const FETCH_MS = 5_000;
const AT_ONCE = 4;

/**
 * Says of every line what it does to the remote and since when. No line is left out, also not one
 * without new commits. Throws exit 2 when a local object is not in this repository.
 */
export async function judge(
  git: Git,
  lines: readonly PushLine[],
  options: JudgeOptions,
): Promise<JudgedRef[]> {
  const objects = await peel(git, idsOf(lines));
  for (const line of lines) {
    if (line.localSha !== null && !objects.has(line.localSha)) throw absent(line);
  }
  const remotes = await fetchMissing(git, lines, objects, options);
  // Asked for once, and only when some ref is no plain step forward.
  let known: Promise<Oid[]> | undefined;
  const has = (): Promise<Oid[]> => (known ??= remoteHas(git, lines, remotes, options));
  const bases = new Map<string, Promise<{ base: Oid | null; forward: boolean }>>();
  return inTurn(lines, AT_ONCE, async (line): Promise<JudgedRef> => {
    const local = line.localSha === null ? undefined : objects.get(line.localSha);
    const remote = line.remoteSha === null ? undefined : remotes.get(line.remoteSha);
    const { commit, tree } = local ?? { commit: null, tree: null };
    if (commit === null) return { ...line, kind: kindOf(line, false), commit, tree, base: null };
    const key = `${commit} ${remote?.commit ?? ""}`;
    let found = bases.get(key);
    if (found === undefined) bases.set(key, (found = findBase(git, commit, remote?.commit ?? null, has)));
    const { base, forward } = await found;
    return { ...line, kind: kindOf(line, forward), commit, tree, base };
  });
}

/** Every object that matters; of a delete none does. */
function idsOf(lines: readonly PushLine[]): Oid[] {
  const pushed = lines.filter(({ localSha }) => localSha !== null);
  return [...new Set(pushed.flatMap(({ localSha, remoteSha }) => [localSha ?? [], remoteSha ?? []].flat()))];
}

function kindOf(line: PushLine, forward: boolean): PushedRef["kind"] {
  if (line.localSha === null) return "delete";
  if (line.remoteRef.startsWith("refs/tags/")) return "tag";
  if (line.remoteSha === null) return "create";
  return forward ? "update" : "force";
}

async function findBase(
  git: Git,
  commit: Oid,
  remote: Oid | null,
  has: () => Promise<readonly Oid[]>,
): Promise<{ base: Oid | null; forward: boolean }> {
  if (remote !== null && (remote === commit || (await isAncestor(git, remote, commit))))
    return { base: remote, forward: true };
  return { base: await newestShared(git, commit, await has()), forward: false };
}

/**
 * The newest commit of this history that the remote has: where its own new commits begin. Reading
 * the known commits from standard input has no limit on their number, as arguments have.
 */
async function newestShared(git: Git, commit: Oid, known: readonly Oid[]): Promise<Oid | null> {
  if (known.length === 0) return null;
  const input = [commit, ...known.map((oid) => `^${oid}`)].join("\n");
  const text = await git.text(["rev-list", "--boundary", "--ignore-missing", "--stdin"], {
    input: `${input}\n`,
  });
  if (text === "") return commit;
  const boundary = text.split("\n").flatMap((line) => (line.startsWith("-") ? line.slice(1) : []));
  let best: string[] = [];
  for (let i = 0; i < boundary.length; i += 200) {
    best.push(...boundary.slice(i, i + 200));
    if (best.length > 1) best = (await git.text(["merge-base", "--independent", ...best])).split("\n");
  }
  return best[0] ?? null;
}

/** The objects with those the remote has and this clone had not, as far as they can be fetched. */
async function fetchMissing(
  git: Git,
  lines: readonly PushLine[],
  here: ReadonlyMap<Oid, Peeled>,
  options: JudgeOptions,
): Promise<ReadonlyMap<Oid, Peeled>> {
  const missing = lines.filter(
    (line) => line.localSha !== null && line.remoteSha !== null && !here.has(line.remoteSha),
  );
  if (missing.length === 0) return here;
  const [name] = namesOf(git, options);
  if (options.offline || name === undefined) return here;
  const refs = missing.map((line, index) => ({
    from: line.remoteRef,
    to: `refs/mayday/tmp/push-${line.remoteSha}-${index}`,
  }));
  try {
    await fetchInto(git, name, refs, FETCH_MS);
  } catch (error) {
    // No answer is an answer: the base stays unknown, and more is checked, not less.
    if (!(error instanceof GitError) || error.ending === "aborted") throw error;
    return here;
  }
  const fetched = await peel(git, idsOf(lines));
  for (const { ref, oid } of await listRefs(git, ["refs/mayday/tmp/"])) {
    if (refs.some(({ to }) => to === ref)) await remove(git, ref, oid);
  }
  return fetched;
}

/** Its objects stay until git's next collection: long enough for one push. */
async function remove(git: Git, ref: string, oid: Oid): Promise<void> {
  await git.run(["update-ref", "--no-deref", "-d", ref, oid], { mode: "write", allow: [1, 128] });
}

/** The configured remotes this push goes to: by name, or those with the same URL. */
function namesOf(git: Git, { remote, url }: JudgeOptions): string[] {
  const names = remoteNames(git);
  if (names.includes(remote)) return [remote];
  return names.filter((name) =>
    git.config.some(
      ({ key, value }) =>
        (key === `remote.${name}.url` || key === `remote.${name}.pushurl`) &&
        (value === url || value === remote),
    ),
  );
}

/** What the remote is known to have: what its pushed refs held, and its remote-tracking refs. */
async function remoteHas(
  git: Git,
  lines: readonly PushLine[],
  remotes: ReadonlyMap<Oid, Peeled>,
  options: JudgeOptions,
): Promise<Oid[]> {
  const held = lines.flatMap(({ remoteSha }) =>
    remoteSha === null ? [] : (remotes.get(remoteSha)?.commit ?? []),
  );
  return [...new Set([...(await tracked(git, options)), ...held])];
}

async function tracked(git: Git, options: JudgeOptions): Promise<Oid[]> {
  const prefixes = namesOf(git, options).flatMap((name) =>
    git.config.flatMap(({ key, value }) => {
      if (key !== `remote.${name}.fetch`) return [];
      const into = value.slice(value.indexOf(":") + 1).replace(/\*.*$/, "");
      // A mirror fetches over local branches: these then say nothing about the remote.
      return value.includes(":") && into.startsWith("refs/remotes/") ? [into.replace(/\/$/, "")] : [];
    }),
  );
  if (prefixes.length === 0) return [];
  return (await listRefs(git, prefixes)).map(({ oid }) => oid);
}

/** What each object is, in one call; absent ones are not in the answer. */
async function peel(git: Git, oids: readonly Oid[]): Promise<ReadonlyMap<Oid, Peeled>> {
  const peeled = new Map<Oid, Peeled>();
  if (oids.length === 0) return peeled;
  const input = oids.map((oid) => `${oid}\n${oid}^{commit}\n${oid}^{tree}\n`).join("");
  const text = await git.text(["cat-file", "--batch-check=%(objectname)"], { input });
  const answers = text.split("\n").map((line) => (line.endsWith(" missing") ? null : line));
  for (const [index, oid] of oids.entries()) {
    const [object, commit = null, tree = null] = answers.slice(index * 3, index * 3 + 3);
    if (object !== null && object !== undefined) peeled.set(oid, { commit, tree });
  }
  return peeled;
}

/** Maps in order, at most `limit` at once. */
async function inTurn<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += limit) {
    results.push(...(await Promise.all(items.slice(i, i + limit).map(work))));
  }
  return results;
}

function absent(line: PushLine): MaydayError {
  return new MaydayError(
    `${visible(line.localRef)} → ${visible(line.remoteRef)}: the object ${line.localSha} is not in this repository`,
    {
      code: "object-absent",
      exit: 2,
      hint: "look for damage: git fsck\nthen push again",
    },
  );
}
