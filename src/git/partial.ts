import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import type { Oid } from "../model/oid.ts";
import { type Git, GitError } from "./git.ts";
import { fetchContents, remoteNames } from "./remote.ts";

const RAW = ["--raw", "-z", "--no-abbrev", "--no-renames", "--ignore-submodules=dirty"];

/**
 * In a partial clone, brings the file contents that a comparison of good and live reads, and no
 * others: git's own fetching on demand is switched off, because it would run whatever program the
 * repository's configuration names. Does nothing in a full clone.
 * Throws exit 4 with the next command when they cannot be had within `timeoutMs`.
 */
export async function fetchRangeContents(
  git: Git,
  remote: string | null,
  range: { readonly good: Oid; readonly live: Oid },
  timeoutMs: number,
): Promise<void> {
  if (!git.layout.partial) return;
  const [wanted, missing] = await Promise.all([readOids(git, range), missingOids(git, range)]);
  const ids = [...missing].filter((id) => wanted.has(id));
  if (ids.length === 0) return;
  const from = promisor(git) ?? remote;
  const files = ids.length === 1 ? "the contents of 1 file" : `the contents of ${ids.length} files`;
  const fail = (why: string): MaydayError =>
    new MaydayError(`${files} are not in this partial clone, and ${why}`, {
      code: "missing-contents",
      exit: 4,
      hint: [
        `git log -p ${range.good}..${range.live} > /dev/null   fetches what is needed`,
        `git fetch --refetch --no-filter ${visible(from ?? "<remote>")}   makes this a full clone`,
      ].join("\n"),
    });
  if (from === null || timeoutMs <= 0) throw fail("the remote is not asked");
  try {
    await fetchContents(git, from, ids, timeoutMs);
  } catch (error) {
    if (!(error instanceof GitError) || error.code === "interrupted") throw error;
    throw fail(
      error.ending === "timeout"
        ? `${visible(from)} did not send them within ${timeoutMs / 1_000} s`
        : `${visible(from)} could not be asked (${error.said})`,
    );
  }
}

/** The contents on both sides of every change from good to live, the steps between them too. */
async function readOids(git: Git, { good, live }: { good: Oid; live: Oid }): Promise<ReadonlySet<Oid>> {
  const [net, steps] = await Promise.all([
    git.fields(["diff-tree", "-r", ...RAW, good, live, "--"]),
    git.fields([
      "log",
      "--first-parent",
      "--diff-merges=first-parent",
      ...RAW,
      "--format=",
      `${good}..${live}`,
      "--",
    ]),
  ]);
  const oids = new Set<Oid>();
  // A name may look like an entry too: an id that nothing lacks is passed over later.
  for (const field of [...net, ...steps]) {
    const entry = /^:\d{6} \d{6} ([0-9a-f]+) ([0-9a-f]+) /.exec(field);
    for (const oid of entry?.slice(1) ?? []) oids.add(oid);
  }
  return oids;
}

/** What the objects of good, and those new since, name and this clone does not hold. */
async function missingOids(git: Git, { good, live }: { good: Oid; live: Oid }): Promise<ReadonlySet<Oid>> {
  const walk = ["rev-list", "--objects", "--no-object-names", "--missing=print"];
  const [old, fresh] = await Promise.all([
    git.text([...walk, "--no-walk", good, "--"]),
    git.text([...walk, `${good}..${live}`, "--"]),
  ]);
  return new Set(
    `${old}\n${fresh}`
      .split("\n")
      .filter((line) => line.startsWith("?"))
      .map((line) => line.slice(1)),
  );
}

function promisor(git: Git): string | null {
  const names = remoteNames(git);
  const found = git.config.findLast(
    ({ key }) =>
      /^remote\..*\.promisor$/.test(key) && names.includes(key.slice("remote.".length, -".promisor".length)),
  );
  return found === undefined ? null : found.key.slice("remote.".length, -".promisor".length);
}
