import type { Oid } from "../model/oid.ts";
import type { Git } from "./git.ts";
import { type Caps, COMMIT_FORMAT, PatchParser, withoutLeadingLines } from "./patch-parser.ts";
import type { RawCommit } from "./raw-commit.ts";

/** Flags that keep a diff from running anything and from being shaped by configuration. */
export const PLAIN_DIFF = [
  "--no-ext-diff",
  "--no-textconv",
  "--ignore-submodules=all",
  "--no-color",
  "--src-prefix=a/",
  "--dst-prefix=b/",
  "--diff-algorithm=default",
  "-O/dev/null",
] as const;

/** Renames are looked for only among this many candidates: detection is the dearest part of a pass. */
export const RENAME_LIMIT = "-l400";

/**
 * The first-parent commits of good..live with their patches, newest first, in one streaming pass;
 * a merge shows what it brought to the branch. Memory: one commit at a time.
 */
export async function* streamRange(
  git: Git,
  range: { readonly good: Oid; readonly live: Oid; readonly paths: readonly string[] },
  caps: Caps,
): AsyncGenerator<RawCommit, void, void> {
  const parser = new PatchParser(caps);
  const output = git.stream([
    "log",
    "--first-parent",
    "--diff-merges=first-parent",
    "-p",
    "-U0",
    "-M",
    RENAME_LIMIT,
    ...PLAIN_DIFF,
    // A submodule whose pointer moved is a change like any other.
    "--ignore-submodules=dirty",
    "--submodule=short",
    `--format=${COMMIT_FORMAT}`,
    `${range.good}..${range.live}`,
    "--",
    ...range.paths,
  ]);
  for await (const chunk of output) yield* parser.push(chunk);
  yield* parser.end();
}

export interface LogEntry {
  readonly sha: Oid;
  readonly parents: readonly Oid[];
  readonly tree: Oid;
  /** ms since 1970 */
  readonly at: number;
  readonly author: string;
  readonly subject: string;
  readonly message: string;
}

/** Commits of a range without their patches, newest first. Parsed by NUL: no message can forge a field. */
export async function listCommits(
  git: Git,
  revisions: readonly string[],
  options: {
    readonly firstParent?: boolean;
    readonly paths?: readonly string[];
    readonly limit?: number;
    /** Only those whose message holds one of these texts. */
    readonly holding?: readonly string[];
  } = {},
): Promise<LogEntry[]> {
  const { stdout } = await git.run([
    "log",
    ...(options.firstParent ? ["--first-parent"] : []),
    ...(options.limit === undefined ? [] : [`--max-count=${options.limit}`]),
    ...(options.holding === undefined
      ? []
      : ["--fixed-strings", ...options.holding.map((text) => `--grep=${text}`)]),
    "-z",
    "--format=%H%x00%P%x00%T%x00%ct%x00%an%x00%B",
    ...revisions,
    "--",
    ...(options.paths ?? []),
  ]);
  if (stdout.length === 0) return [];
  const fields = stdout.toString("utf8").replace(/\0$/, "").split("\0");
  const entries: LogEntry[] = [];
  for (let i = 0; i + 5 < fields.length; i += 6) {
    const [sha = "", parents = "", tree = "", at = "0", author = "", raw = ""] = fields.slice(i, i + 6);
    const message = withoutLeadingLines(raw);
    entries.push({
      sha,
      parents: parents === "" ? [] : parents.split(" "),
      tree,
      at: Number(at) * 1_000,
      author,
      subject: message.split("\n", 1)[0] ?? "",
      message,
    });
  }
  return entries;
}

/** The ids alone, newest first: what a long range is counted by. */
export async function listIds(
  git: Git,
  revisions: readonly string[],
  options: { readonly firstParent?: boolean; readonly paths?: readonly string[] } = {},
): Promise<Oid[]> {
  const text = await git.text([
    "rev-list",
    ...(options.firstParent ? ["--first-parent"] : []),
    ...revisions,
    "--",
    ...(options.paths ?? []),
  ]);
  return text === "" ? [] : text.split("\n");
}

/** Each commit with its parents, newest first. */
export async function listParents(
  git: Git,
  revisions: readonly string[],
): Promise<{ readonly sha: Oid; readonly parents: readonly Oid[] }[]> {
  const text = await git.text(["rev-list", "--parents", ...revisions, "--"]);
  if (text === "") return [];
  return text.split("\n").map((line) => {
    const [sha = "", ...parents] = line.split(" ");
    return { sha, parents };
  });
}
