import type { Git } from "../git/git.ts";
import { hasCommit, isAncestor, resolve, treeOf, tryResolve } from "../git/revision.ts";
import { listTags, newestReachable, RELEASE_TAG, type Tag } from "../git/tags.ts";
import type { LedgerDeploy, LedgerState } from "../ledger/fold.ts";
import type { Disagreement, GoodCommit, LiveCommit } from "../model/deploy.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { type Oid, short } from "../model/oid.ts";
import { parseTime } from "../model/time.ts";
import { matchingTags } from "./live.ts";
import type { Place, StandingRequest } from "./place.ts";
import { environmentSettings } from "./target.ts";

export async function findGood(
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
  const recorded = await goodDeploy(git, ledger, live.sha);
  if (recorded !== null) {
    const { at, certified } = recorded;
    const sha = await original(git, ledger, recorded.sha);
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

/**
 * The newest certified deploy that is not bad, else the newest one before live that is not bad. What
 * runs may be older than the ledger's last deploy: a commit that holds all of live and more cannot
 * be what live went wrong from.
 */
async function goodDeploy(git: Git, { deploys }: LedgerState, live: Oid): Promise<LedgerDeploy | null> {
  const fit = deploys.filter(({ bad }) => bad === null);
  const now = deploys.findLastIndex(({ sha }) => sha === live);
  const before = now === -1 ? deploys : deploys.slice(0, now);
  const wanted = [
    ...fit.filter(({ certified }) => certified).toReversed(),
    ...fit.filter((deploy) => deploy.sha !== live && before.includes(deploy)).toReversed(),
  ];
  for (const deploy of wanted) {
    const { sha } = deploy;
    if (sha === live || !(await hasCommit(git, sha)) || !(await isAncestor(git, live, sha))) return deploy;
  }
  return null;
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
  return { sha, source: "option", certified: false };
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
