import { chooseEnvironment, environmentSettings, remoteOf } from "../environment/target.ts";
import type { Git } from "../git/git.ts";
import { headBranch, isAncestor, listRefs, resolve, treeOf, tryResolve } from "../git/revision.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import type { Oid } from "../model/oid.ts";
import type { Settings } from "../model/settings.ts";
import type { JudgedRef } from "./judge.ts";
import type { PushLine } from "./prepush.ts";

/** What a push would send, for a check by hand. */
export interface Outgoing {
  readonly lines: readonly PushLine[];
  readonly remote: string;
  /** Chosen with --env; null: it follows from the branch. */
  readonly environment: string | null;
}

export interface OutgoingOptions {
  readonly env: string | undefined;
  /** `MAYDAY_ENV`. */
  readonly fallback: string | undefined;
}

/**
 * HEAD as a push would send it: to the branch of `--env`, else to the current branch's upstream,
 * else to the environment's branch. The remote side is what the remote-tracking refs know.
 * Throws exit 4 on an unborn branch, exit 2 for an unknown environment.
 */
export async function outgoing(git: Git, settings: Settings, options: OutgoingOptions): Promise<Outgoing> {
  const head = await tryResolve(git, "HEAD");
  if (head === undefined) {
    throw new MaydayError("there is no commit here yet, so there is nothing that could be pushed", {
      code: "unborn-branch",
      exit: 4,
      hint: "make the first commit: git commit",
    });
  }
  const branch = await headBranch(git);
  const upstream = options.env === undefined && branch !== null ? upstreamOf(git, branch) : null;
  const environment =
    upstream === null
      ? await chooseEnvironment(git, settings, options.env, options.fallback, "check --env")
      : null;
  const { remote, ref } = upstream ?? (await branchOf(git, settings, environment ?? "production", branch));
  const remoteSha = remote === null || ref === null ? null : await trackedValue(git, remote, ref);
  return {
    lines: [
      {
        localRef: branch === null ? "HEAD" : `refs/heads/${branch}`,
        localSha: head,
        remoteRef: ref ?? `refs/heads/${branch ?? "main"}`,
        remoteSha,
      },
    ],
    remote: remote ?? "",
    environment,
  };
}

/** The environment named with --env. Throws exit 2 when there is none of that name. */
export async function chosenEnvironment(git: Git, settings: Settings, name: string): Promise<string> {
  return chooseEnvironment(git, settings, name, undefined, "check --env");
}

interface Destination {
  readonly remote: string | null;
  readonly ref: string | null;
}

function upstreamOf(git: Git, branch: string): { remote: string; ref: string } | null {
  const value = (name: string): string | undefined =>
    git.config.findLast(({ key }) => key === `branch.${branch}.${name}`)?.value;
  const [remote, ref] = [value("remote"), value("merge")];
  return remote === undefined || ref === undefined || remote === "." ? null : { remote, ref };
}

async function branchOf(
  git: Git,
  settings: Settings,
  environment: string,
  current: string | null,
): Promise<Destination> {
  const chosen = environmentSettings(settings, environment);
  const remote = remoteOf(git, chosen);
  const branch = chosen.branch ?? (remote === null ? null : await defaultBranch(git, remote)) ?? current;
  return { remote, ref: branch === null ? null : `refs/heads/${branch}` };
}

async function defaultBranch(git: Git, remote: string): Promise<string | null> {
  const prefix = `refs/remotes/${remote}/`;
  const answer = await git.run(["symbolic-ref", "--quiet", `${prefix}HEAD`], { allow: [1, 128] });
  const ref = answer.stdout.toString("utf8").trim();
  return ref.startsWith(prefix) ? ref.slice(prefix.length) : null;
}

async function trackedValue(git: Git, remote: string, ref: string): Promise<Oid | null> {
  const tracking = ref.replace(/^refs\/heads\//, `refs/remotes/${remote}/`);
  return (await listRefs(git, [tracking])).find((found) => found.ref === tracking)?.oid ?? null;
}

/** `A..B` (B left out: HEAD) as if B were pushed over A. Throws exit 2 for anything else. */
export async function rangeOf(git: Git, range: string): Promise<JudgedRef> {
  const parts = range.split("..");
  const [from = "", to = ""] = parts;
  if (parts.length !== 2 || from === "" || to.startsWith(".")) {
    throw new MaydayError(`"${visible(range)}" is not a range`, {
      code: "not-a-range",
      exit: 2,
      hint: "write it as mayday check --range v1.4.0..HEAD",
    });
  }
  const [base, commit] = await Promise.all([resolve(git, from), resolve(git, to === "" ? "HEAD" : to)]);
  const forward = await isAncestor(git, base, commit);
  const shared = forward ? base : await mergeBase(git, base, commit);
  const tree = await treeOf(git, commit);
  return {
    localRef: to === "" ? "HEAD" : to,
    localSha: commit,
    remoteRef: from,
    remoteSha: base,
    kind: forward ? "update" : "force",
    commit,
    tree,
    base: shared,
  };
}

async function mergeBase(git: Git, left: Oid, right: Oid): Promise<Oid | null> {
  const answer = await git.run(["merge-base", left, right], { allow: [1] });
  return answer.stdout.toString("utf8").trim() || null;
}
