import { type Git, GitError } from "../git/git.ts";
import { fetchInto } from "../git/remote.ts";
import { resolve, tryResolve } from "../git/revision.ts";
import { listTags, newestReachable, type Tag } from "../git/tags.ts";
import type { LedgerState } from "../ledger/fold.ts";
import type { Disagreement, LiveCommit } from "../model/deploy.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { type Oid, short } from "../model/oid.ts";
import type { Place, StandingRequest } from "./place.ts";
import { environmentSettings } from "./target.ts";

export async function findLive(
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
    ledger.live === null || !ledger.recorded
      ? null
      : { sha: ledger.live.sha, source: "ledger", at: ledger.live.at };
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

/** Brings a commit that is only known by its id: asked of the remote, alone, where the clone lacks it. */
export async function ensureHere(
  git: Git,
  remote: string | null,
  request: StandingRequest,
  sha: Oid,
  what: "live" | "good",
  left: () => number,
): Promise<void> {
  if ((await tryResolve(git, sha)) !== undefined) return;
  if (remote !== null && !request.offline) {
    try {
      await fetchInto(
        git,
        remote,
        [{ from: sha, to: `refs/mayday/tmp/${what}/${request.environment}` }],
        left(),
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

export async function matchingTags(git: Git, glob: string): Promise<Tag[]> {
  const { default: picomatch } = await import("picomatch");
  const matches = picomatch(glob, { dot: true });
  return (await listTags(git)).filter((tag) => matches(tag.name));
}
