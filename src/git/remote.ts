import { MaydayError } from "../model/error.ts";
import { visible, visibleLines } from "../model/escape.ts";
import { isOid, type Oid } from "../model/oid.ts";
import { type Git, GitError, withoutPasswords } from "./git.ts";

/** Pack programs by name: the repository's configuration may not choose what runs. */
const UPLOAD = "--upload-pack=git-upload-pack";
const RECEIVE = "--receive-pack=git-receive-pack";

/** A branch name as git-check-ref-format(1) allows it: a remote may say anything about its HEAD. */
function isBranchName(name: string): boolean {
  return (
    name !== "" &&
    visible(name) === name &&
    !/[ ~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|[/.]$|\.lock(?:\/|$)|(?:^|\/)\./.test(name)
  );
}

/** Names of the configured remotes, in configuration order. */
export function remoteNames(git: Git): string[] {
  const names = new Set<string>();
  for (const { key } of git.config) {
    const match = /^remote\.(.+)\.(?:url|pushurl)$/.exec(key);
    if (match?.[1] !== undefined) names.add(match[1]);
  }
  return [...names];
}

/** Throws exit 2 unless `name` is a configured remote: nothing else may stand where git wants one. */
export function requireRemote(git: Git, name: string): void {
  const names = remoteNames(git);
  if (names.includes(name) && !name.startsWith("-")) return;
  throw new MaydayError(
    `there is no remote called ${visible(name)}${names.length > 0 ? ` (there is ${names.map(visible).join(", ")})` : ""}`,
    {
      code: "unknown-remote",
      exit: 2,
      hint: `git remote add ${visible(name)} <url>, or set environments.<name>.remote in mayday.yaml`,
    },
  );
}

/** Where a push to the remote really goes, after pushurl and url.*.insteadOf; password removed. */
export async function pushUrl(git: Git, remote: string): Promise<string> {
  const url = await git.text(["remote", "get-url", "--push", "--all", "--", remote]);
  return withoutPasswords(url.split("\n").join(", "));
}

export interface RemoteRefs {
  readonly refs: ReadonlyMap<string, Oid>;
  /** The branch that the remote's HEAD names, where it was asked for and told. */
  readonly defaultBranch: string | null;
}

/** Asks the remote for full ref names (and `HEAD`). Throws GitError when it does not answer. */
export async function listRemote(
  git: Git,
  remote: string,
  names: readonly string[],
  timeoutMs: number,
): Promise<RemoteRefs> {
  requireRemote(git, remote);
  const text = await git.text(["ls-remote", "--symref", UPLOAD, "--", remote, ...names], {
    mode: "network",
    timeoutMs,
  });
  const refs = new Map<string, Oid>();
  let defaultBranch: string | null = null;
  for (const line of text.split("\n")) {
    const [left = "", ref = ""] = line.split("\t");
    if (left.startsWith("ref: refs/heads/") && ref === "HEAD") {
      const name = left.slice("ref: refs/heads/".length);
      if (isBranchName(name)) defaultBranch = name;
    } else if (isOid(left)) refs.set(ref, left);
  }
  return { refs, defaultBranch };
}

/** Fetches remote refs into refs of ours (`refs/mayday/tmp/…`); remote-tracking refs stay as they are. */
export async function fetchInto(
  git: Git,
  remote: string,
  refs: readonly { readonly from: string; readonly to: string }[],
  timeoutMs: number,
  extra: readonly string[] = [],
): Promise<void> {
  requireRemote(git, remote);
  await git.run(
    [
      "fetch",
      "--quiet",
      "--no-tags",
      "--no-write-fetch-head",
      "--no-auto-maintenance",
      "--no-prune",
      "--refmap=",
      "--no-recurse-submodules",
      UPLOAD,
      ...extra,
      "--",
      remote,
      ...refs.map(({ from, to }) => `+${from}:${to}`),
    ],
    { mode: "network", timeoutMs },
  );
}

/**
 * In a partial clone: brings the contents with these ids, which a push must send and this clone may
 * have left on the remote. The way git itself fetches them, but when mayday says so.
 */
export async function fetchContents(
  git: Git,
  remote: string,
  oids: readonly Oid[],
  timeoutMs: number,
): Promise<void> {
  if (oids.length === 0) return;
  requireRemote(git, remote);
  await git.run(
    [
      "-c",
      "fetch.negotiationAlgorithm=noop",
      "fetch",
      "--quiet",
      "--no-tags",
      "--no-write-fetch-head",
      "--no-auto-maintenance",
      "--refmap=",
      "--no-recurse-submodules",
      "--filter=blob:none",
      UPLOAD,
      "--stdin",
      "--",
      remote,
    ],
    { mode: "network", timeoutMs, input: oids.map((oid) => `${oid}\n`).join("") },
  );
}

export type PushOutcome =
  | { readonly state: "accepted" }
  | { readonly state: "up-to-date" }
  /** The remote's ref did not have the expected old value. */
  | { readonly state: "moved"; readonly text: string }
  /** The remote said no: a hook, a protected branch. */
  | { readonly state: "rejected"; readonly text: string }
  /** No answer that can be trusted: the remote must be read again. */
  | { readonly state: "unclear"; readonly text: string };

export interface RefPush {
  readonly ref: string;
  readonly next: Oid;
  /** The value the remote must still have; null: the ref must not exist there. */
  readonly expected: Oid | null;
}

/**
 * Pushes full refs with the exact old values. `next` must descend from `expected` (looked at here,
 * throws exit 70 otherwise): the lease then means "a fast-forward from exactly this value" and can
 * force nothing. What git says is only a first word: read the remote again before saying that
 * something was published.
 */
export async function push(
  git: Git,
  remote: string,
  refs: readonly RefPush[],
  timeoutMs: number,
): Promise<PushOutcome> {
  requireRemote(git, remote);
  for (const ref of refs) await requireFastForward(git, ref);
  try {
    const answer = await git.run(
      [
        "push",
        "--porcelain",
        "--no-verify",
        "--no-follow-tags",
        "--no-signed",
        "--recurse-submodules=no",
        ...(refs.length > 1 ? ["--atomic"] : []),
        // A thin pack is made against contents that a partial clone need not have.
        ...(git.layout.partial ? ["--no-thin"] : []),
        RECEIVE,
        ...refs.map(({ ref, expected }) => `--force-with-lease=${ref}:${expected ?? ""}`),
        "--",
        remote,
        ...refs.map(({ ref, next }) => `${next}:${ref}`),
      ],
      { mode: "network", timeoutMs, allow: [1] },
    );
    return readPorcelain(answer.stdout.toString("utf8"), answer.stderr, answer.code, refs);
  } catch (error) {
    if (error instanceof GitError && error.ending !== "aborted" && error.ending !== "not-started") {
      return { state: "unclear", text: saying(error.stderr) || error.message };
    }
    throw error;
  }
}

/** A lease that matches would let git overwrite: nothing that is not a fast-forward may come so far. */
async function requireFastForward(git: Git, { ref, next, expected }: RefPush): Promise<void> {
  if (expected === null) return;
  const answer = await git.run(["merge-base", "--is-ancestor", expected, next], { allow: [1, 128] });
  if (answer.code === 0) return;
  throw new MaydayError(
    `${visible(ref)} would not be a fast-forward from ${expected} to ${next}; nothing was pushed`,
    {
      code: "not-a-fast-forward",
      exit: 70,
      hint: "repeat with --verbose and report what it prints",
    },
  );
}

function saying(stderr: string): string {
  return withoutPasswords(visibleLines(stderr))
    .split("\n")
    .map((line) => line.replace(/^remote: ?/, "").trim())
    .filter((line) => line !== "" && !/^(?:To |hint:|error: failed to push)/.test(line))
    .slice(0, 12)
    .join("\n");
}

/** Lines are `<flag>\t<from>:<to>\t<summary> (<reason>)`; see git-push(1), OUTPUT. */
export function readPorcelain(
  stdout: string,
  stderr: string,
  code: number,
  refs: readonly RefPush[],
): PushOutcome {
  const lines = stdout.split("\n").map((line) => line.split("\t"));
  const flags = refs.map(({ ref }) => lines.find((line) => line[1]?.endsWith(`:${ref}`)));
  if (code === 0 && flags.every((line) => line !== undefined && line[0] !== "!")) {
    return flags.every((line) => line?.[0] === "=") ? { state: "up-to-date" } : { state: "accepted" };
  }
  const refused = flags.find((line) => line?.[0] === "!");
  if (refused === undefined) return { state: "unclear", text: saying(stderr) };
  const summary = visible(refused[2] ?? "");
  const text = saying(stderr) || summary;
  if (
    /\[rejected\]|stale info|fetch first|non-fast-forward|failed to update ref|cannot lock ref|incorrect old value/.test(
      summary,
    )
  ) {
    return { state: "moved", text };
  }
  return /\[remote rejected\]/.test(summary) ? { state: "rejected", text } : { state: "unclear", text };
}
