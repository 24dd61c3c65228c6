import { statSync } from "node:fs";
import path from "node:path";

import { type Git, GitError } from "../git/git.ts";
import { fetchInto, listRemote } from "../git/remote.ts";
import { hasCommit, readRef } from "../git/revision.ts";
import { fetchChain, ledgerRef, NO_CHAIN, readChain, temporaryRef, union } from "../ledger/chain.ts";
import type { LiveCommit } from "../model/deploy.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import type { LedgerEvent } from "../model/ledger.ts";
import type { Oid } from "../model/oid.ts";
import type { Settings } from "../model/settings.ts";
import { spoken } from "../model/time.ts";
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

/** The branch an environment is deployed from, and its ledger, as the remote has them or as known here. */
export interface Place {
  readonly remote: string | null;
  readonly branch: string;
  readonly tip: Oid;
  readonly events: readonly LedgerEvent[];
  readonly fetchedAt: number | null;
  readonly notes: string[];
  /** The remote answered just now. */
  readonly asked: boolean;
}

/** `left` says how many ms the remote may still take. */
export async function findPlace(git: Git, request: StandingRequest, left: () => number): Promise<Place> {
  const settings = environmentSettings(request.settings, request.environment);
  const remote = remoteOf(git, settings);
  const ref = ledgerRef(request.settings.ledger.prefix, request.environment);
  const own = await readChain(git, ref);
  if (remote === null) {
    const branch = await localBranch(git, settings);
    const tip = await readRef(git, branch === null ? "HEAD" : `refs/heads/${branch}`);
    if (tip === undefined) throw unborn(branch);
    return {
      remote,
      branch: branch ?? "HEAD",
      tip,
      events: own.events,
      fetchedAt: null,
      notes: [],
      asked: false,
    };
  }
  if (!request.offline) {
    try {
      return await askRemote(git, request, remote, settings.branch, ref, own.events, left);
    } catch (error) {
      if (!(error instanceof GitError) || error.code === "interrupted") throw error;
      const known = await fromTracking(
        git,
        remote,
        settings.branch,
        await asKnown(git, request.environment, own.events),
      );
      const why =
        error.ending === "timeout"
          ? `did not answer within ${request.timeoutMs / 1_000} s`
          : `could not be asked (${error.said})`;
      known.notes.push(
        `${visible(remote)} ${why}; this is what was known ${age(known.fetchedAt, request.now)}`,
      );
      return known;
    }
  }
  return fromTracking(git, remote, settings.branch, await asKnown(git, request.environment, own.events));
}

async function askRemote(
  git: Git,
  request: StandingRequest,
  remote: string,
  configured: string | null,
  ref: string,
  own: readonly LedgerEvent[],
  left: () => number,
): Promise<Place> {
  const names = ["HEAD", ref, ...(configured === null ? [] : [`refs/heads/${configured}`])];
  const { refs, defaultBranch } = await listRemote(git, remote, names, left());
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
      left(),
    );
  }
  const theirTip = refs.get(ref) ?? null;
  const theirs =
    theirTip === null ? NO_CHAIN : await fetchChain(git, ref, request.environment, remote, left(), theirTip);
  return {
    remote,
    branch,
    tip,
    events: union(own, theirs.events),
    fetchedAt: request.now,
    notes: [],
    asked: true,
  };
}

/** Our events, and those of the remote's chain when it was last looked at. */
async function asKnown(
  git: Git,
  environment: string,
  own: readonly LedgerEvent[],
): Promise<readonly LedgerEvent[]> {
  return union(own, (await readChain(git, temporaryRef(environment))).events);
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
    if (tip !== undefined)
      return { remote, branch, tip, events: own, fetchedAt: lastFetch(git), notes: [], asked: false };
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
  return at === null ? "at the last fetch" : `${spoken(Math.max(0, now - at))} ago`;
}

function unborn(branch: string | null): MaydayError {
  return new MaydayError(`the branch ${visible(branch ?? "HEAD")} has no commit yet`, {
    code: "unborn-branch",
    exit: 4,
    hint: "make the first commit, then ask again",
  });
}
