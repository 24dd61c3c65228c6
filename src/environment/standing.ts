import { statSync } from "node:fs";
import path from "node:path";

import { type Git, GitError } from "../git/git.ts";
import { fetchInto, listRemote } from "../git/remote.ts";
import { hasCommit, readRef, resolve, treeOf, tryResolve } from "../git/revision.ts";
import { listTags, newestReachable, RELEASE_TAG, type Tag } from "../git/tags.ts";
import { fetchChain, ledgerRef, NO_CHAIN, readChain, union } from "../ledger/chain.ts";
import { fold, type LedgerState } from "../ledger/fold.ts";
import type { Disagreement, GoodCommit, LiveCommit, Standing } from "../model/deploy.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import type { LedgerEvent } from "../model/ledger.ts";
import { type Oid, short } from "../model/oid.ts";
import type { Settings } from "../model/settings.ts";
import { parseTime } from "../model/time.ts";
import { environmentSettings, localBranch, remoteOf } from "./target.ts";

export interface StandingRequest {
  readonly environment: string;
  readonly settings: Settings;
  readonly good?: string | undefined;
  readonly live?: string | undefined;
  readonly since?: string | undefined;
  readonly service?: string | undefined;
  readonly now: number;
  readonly offline: boolean;
  /** For everything asked of the remote together, ms. */
  readonly timeoutMs: number;
  /** Asks the running system; null gives no answer. The function itself may be null: it is not asked. */
  readonly running: ((git: Git) => Promise<LiveCommit | null>) | null;
  readonly verb: string;
}

export interface Facts {
  readonly standing: Standing;
  readonly ledger: LedgerState;
  readonly events: readonly LedgerEvent[];
  /** What a person should know about how this was found. */
  readonly notes: readonly string[];
}

interface Place {
  readonly remote: string | null;
  readonly branch: string;
  readonly tip: Oid;
  readonly events: readonly LedgerEvent[];
  readonly fetchedAt: number | null;
  readonly notes: string[];
}

/** What is live and what is good: asked of the sources in the contract's order, none averaged. */
export async function findStanding(git: Git, request: StandingRequest): Promise<Facts> {
  const place = await findPlace(git, request);
  const ledger = fold(place.events, request.service);
  const disagreements: Disagreement[] = [];
  const live = await findLive(git, request, place, ledger, disagreements);
  await ensureHere(git, place.remote, request, live.sha, "live");
  const good = await findGood(git, request, place, ledger, live, disagreements);
  await ensureHere(git, place.remote, request, good.sha, "good");
  const standing: Standing = {
    environment: request.environment,
    service: request.service ?? null,
    remote: place.remote,
    branch: place.branch,
    tip: place.tip,
    live,
    good,
    disagreements,
    freshness: { fetchedAt: place.fetchedAt, offline: request.offline },
    shallow: git.layout.shallow,
  };
  return { standing, ledger, events: place.events, notes: place.notes };
}

async function findPlace(git: Git, request: StandingRequest): Promise<Place> {
  const settings = environmentSettings(request.settings, request.environment);
  const remote = remoteOf(git, settings);
  const ref = ledgerRef(request.settings.ledger.prefix, request.environment);
  const own = await readChain(git, ref);
  if (remote === null) {
    const branch = await localBranch(git, settings);
    const tip = await readRef(git, branch === null ? "HEAD" : `refs/heads/${branch}`);
    if (tip === undefined) throw unborn(branch);
    return { remote, branch: branch ?? "HEAD", tip, events: own.events, fetchedAt: null, notes: [] };
  }
  if (!request.offline) {
    try {
      return await askRemote(git, request, remote, settings.branch, ref, own.events);
    } catch (error) {
      if (!(error instanceof GitError) || error.code === "interrupted") throw error;
      const known = await fromTracking(git, remote, settings.branch, own.events);
      const why =
        error.ending === "timeout"
          ? `did not answer within ${request.timeoutMs / 1_000} s`
          : "could not be asked";
      const last = visible(
        error.stderr
          .trim()
          .split("\n")
          .findLast((line) => /fatal|error|denied/i.test(line)) ?? "",
      );
      known.notes.push(
        `${visible(remote)} ${why}${last ? ` (${last})` : ""}; this is what was known ${age(known.fetchedAt, request.now)}`,
      );
      return known;
    }
  }
  return fromTracking(git, remote, settings.branch, own.events);
}

async function askRemote(
  git: Git,
  request: StandingRequest,
  remote: string,
  configured: string | null,
  ref: string,
  own: readonly LedgerEvent[],
): Promise<Place> {
  const names = ["HEAD", ref, ...(configured === null ? [] : [`refs/heads/${configured}`])];
  const { refs, defaultBranch } = await listRemote(git, remote, names, request.timeoutMs);
  const branch = configured ?? defaultBranch;
  if (branch === null) {
    throw new MaydayError(`the remote ${visible(remote)} does not say which branch is its default`, {
      code: "no-branch",
      exit: 4,
      hint: `set environments.${request.environment}.branch in mayday.yaml`,
    });
  }
  const tip = refs.get(configured === null ? "HEAD" : `refs/heads/${branch}`);
  if (tip === undefined) {
    throw new MaydayError(`the remote ${visible(remote)} has no branch ${visible(branch)}`, {
      code: "no-branch",
      exit: 4,
      hint: `git push ${visible(remote)} ${visible(branch)}, or set environments.${request.environment}.branch in mayday.yaml`,
    });
  }
  if (!(await hasCommit(git, tip))) {
    await fetchInto(
      git,
      remote,
      [{ from: `refs/heads/${branch}`, to: `refs/mayday/tmp/heads/${branch}` }],
      request.timeoutMs,
    );
  }
  const theirTip = refs.get(ref) ?? null;
  const theirs =
    theirTip === null
      ? NO_CHAIN
      : await fetchChain(git, ref, request.environment, remote, request.timeoutMs, theirTip);
  return { remote, branch, tip, events: union(own, theirs.events), fetchedAt: request.now, notes: [] };
}

/** What was fetched before: remote-tracking refs, or the branches themselves in a bare mirror. */
async function fromTracking(
  git: Git,
  remote: string,
  configured: string | null,
  own: readonly LedgerEvent[],
): Promise<Place> {
  const head = `refs/remotes/${remote}/HEAD`;
  const named = await git.run(["symbolic-ref", "--quiet", head], { allow: [1, 128] });
  const fromHead =
    named.code === 0 ? named.stdout.toString("utf8").trim().slice(`refs/remotes/${remote}/`.length) : null;
  const current = await git.run(["symbolic-ref", "--quiet", "--short", "HEAD"], { allow: [1, 128] });
  const here = current.code === 0 ? current.stdout.toString("utf8").trim() : null;
  for (const branch of [configured ?? fromHead, ...(configured === null ? ["main", "master", here] : [])]) {
    if (branch === null) continue;
    const tip =
      (await readRef(git, `refs/remotes/${remote}/${branch}`)) ??
      (git.layout.workTree === null ? await readRef(git, `refs/heads/${branch}`) : undefined);
    if (tip !== undefined) return { remote, branch, tip, events: own, fetchedAt: lastFetch(git), notes: [] };
  }
  throw new MaydayError(`nothing is known of the remote ${visible(remote)} here`, {
    code: "never-fetched",
    exit: 4,
    hint: `git fetch ${visible(remote)}`,
  });
}

function lastFetch(git: Git): number | null {
  try {
    return statSync(path.join(git.layout.gitDir, "FETCH_HEAD")).mtimeMs;
  } catch {
    return null;
  }
}

function age(at: number | null, now: number): string {
  if (at === null) return "at the last fetch";
  return `${Math.max(1, Math.round((now - at) / 60_000))} min ago`;
}

async function findLive(
  git: Git,
  request: StandingRequest,
  place: Place,
  ledger: LedgerState,
  disagreements: Disagreement[],
): Promise<LiveCommit> {
  if (request.live !== undefined) {
    return { sha: await resolve(git, request.live), source: "option", ref: request.live };
  }
  const configured = environmentSettings(request.settings, request.environment).live;
  const running = request.running === null ? null : await request.running(git);
  const recorded: LiveCommit | null =
    ledger.live === null ? null : { sha: ledger.live.sha, source: "ledger", at: ledger.live.at };
  const tagged =
    configured.tags === undefined
      ? undefined
      : await newestReachable(git, await matchingTags(git, configured.tags), place.tip);
  const byTag: LiveCommit | null =
    tagged === undefined ? null : { sha: tagged.sha, source: "tag", ref: tagged.name };
  const tip: LiveCommit = { sha: place.tip, source: "branch", ref: place.branch };
  const [first = tip, ...others] = [running, recorded, byTag].filter((answer) => answer !== null);
  for (const other of others) {
    if (other.sha === first.sha) continue;
    disagreements.push({
      about: "live",
      source: other.source,
      sha: other.sha,
      text: `the ${other.source} says ${visible(other.ref ?? short(other.sha))}, the ${first.source} says ${visible(first.ref ?? short(first.sha))}`,
    });
  }
  return first;
}

async function findGood(
  git: Git,
  request: StandingRequest,
  place: Place,
  ledger: LedgerState,
  live: LiveCommit,
  disagreements: Disagreement[],
): Promise<GoodCommit> {
  if (request.good !== undefined) {
    const sha = await resolve(git, request.good);
    const known = ledger.deploys.findLast((deploy) => deploy.sha === sha);
    return { sha, source: "option", ref: request.good, certified: known?.certified ?? false };
  }
  if (request.since !== undefined) return goodSince(git, request.since, live.sha, request.now);
  const byTag = await goodTag(git, request, ledger, live.sha);
  if (ledger.good !== null) {
    const { at, certified } = ledger.good;
    const sha = await original(git, ledger, ledger.good.sha);
    const ref = byTag?.sha === sha ? byTag.name : undefined;
    if (byTag !== undefined && byTag.sha !== sha) {
      disagreements.push({
        about: "good",
        source: "tag",
        sha: byTag.sha,
        text: `the newest release tag before live is ${visible(byTag.name)}, the ledger's good is ${short(sha)}`,
      });
    }
    return {
      sha,
      source: certified ? "ledger" : "previous-deploy",
      at,
      certified,
      ...(ref === undefined ? {} : { ref }),
    };
  }
  if (byTag !== undefined) return { sha: byTag.sha, source: "tag", ref: byTag.name, certified: false };
  throw noGood(request, place, git.layout.shallow);
}

/** A restoring commit stands for what it restores: that one's name says more, and its history is the range's. */
async function original(git: Git, ledger: LedgerState, sha: Oid): Promise<Oid> {
  let here = sha;
  for (let step = 0; step < 100; step += 1) {
    const restores = ledger.deploys.findLast((deploy) => deploy.sha === here)?.restores ?? null;
    if (
      restores === null ||
      (await tryResolve(git, restores)) === undefined ||
      (await tryResolve(git, here)) === undefined
    )
      break;
    if ((await treeOf(git, restores)) !== (await treeOf(git, here))) break;
    here = restores;
  }
  return here;
}

async function goodSince(git: Git, since: string, live: Oid, now: number): Promise<GoodCommit> {
  const at = parseTime(since, now);
  if (at === undefined) {
    throw new MaydayError(`${visible(since)} is not a time`, {
      code: "bad-time",
      exit: 2,
      hint: "write 2h, 3d or 2026-11-24T03:00:00Z",
    });
  }
  const sha = await git.text([
    "rev-list",
    "--first-parent",
    "--max-count=1",
    `--before=${Math.floor(at / 1_000)}`,
    live,
    "--",
  ]);
  if (sha === "") {
    throw new MaydayError(`the branch has no commit from before ${visible(since)}`, {
      code: "no-good",
      exit: 4,
      hint: "give an earlier time, or the commit: --good <rev>",
    });
  }
  return { sha, source: "option", ref: since, certified: false };
}

async function matchingTags(git: Git, glob: string): Promise<Tag[]> {
  const { default: picomatch } = await import("picomatch");
  const matches = picomatch(glob, { dot: true });
  return (await listTags(git)).filter((tag) => matches(tag.name));
}

async function goodTag(
  git: Git,
  request: StandingRequest,
  ledger: LedgerState,
  live: Oid,
): Promise<Tag | undefined> {
  const glob = environmentSettings(request.settings, request.environment).live.tags;
  const tags =
    glob === undefined
      ? (await listTags(git)).filter(({ name }) => RELEASE_TAG.test(name))
      : await matchingTags(git, glob);
  return newestReachable(
    git,
    tags.filter(({ sha }) => sha !== live && !ledger.bad.has(sha)),
    live,
  );
}

/** Brings a commit that is only known by its id: asked of the remote, alone, where the clone lacks it. */
async function ensureHere(
  git: Git,
  remote: string | null,
  request: StandingRequest,
  sha: Oid,
  what: "live" | "good",
): Promise<void> {
  if ((await tryResolve(git, sha)) !== undefined) return;
  if (remote !== null && !request.offline) {
    try {
      await fetchInto(
        git,
        remote,
        [{ from: sha, to: `refs/mayday/tmp/${what}/${request.environment}` }],
        request.timeoutMs,
        git.layout.shallow ? ["--depth=1"] : [],
      );
      if ((await tryResolve(git, sha)) !== undefined) return;
    } catch (error) {
      if (!(error instanceof GitError) || error.code === "interrupted") throw error;
    }
  }
  throw new MaydayError(`the ${what} commit ${sha} is not in this clone`, {
    code: "missing-commit",
    exit: 4,
    hint: git.layout.shallow ? "git fetch --unshallow" : `git fetch ${visible(remote ?? "")} ${sha}`,
  });
}

function unborn(branch: string | null): MaydayError {
  return new MaydayError(`the branch ${visible(branch ?? "HEAD")} has no commit yet`, {
    code: "unborn-branch",
    exit: 4,
    hint: "make the first commit, then ask again",
  });
}

function noGood(request: StandingRequest, place: Place, shallow: boolean): MaydayError {
  const env = request.environment;
  const why = shallow
    ? "this clone is shallow, so older tags and commits are not here"
    : "the ledger has no deploy before live and no release tag (v1.2.3) is older than live";
  return new MaydayError(`what was last good in ${env} is not known: ${why}`, {
    code: "no-good",
    exit: 4,
    hint: [
      ...(shallow ? ["git fetch --unshallow"] : []),
      `mayday ${request.verb} ${env} --good <rev>                    say it once`,
      `mayday deploy record ${env} <rev> && mayday deploy certify ${env} <rev>   write it down`,
      `git tag v1.0.0 <rev>                                 mark a release on ${visible(place.branch)}`,
    ].join("\n"),
  });
}
