import path from "node:path";

import { expect, test } from "vitest";

import { type JudgedRef, judge } from "../../src/check/judge.ts";
import { openRepository } from "../../src/git/open.ts";
import { build, git, Repository, withRemote } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

async function judged(
  at: Repository,
  lines: readonly [local: string | null, remoteRef: string, remote: string | null][],
  remote = "origin",
): Promise<JudgedRef[]> {
  const repository = await openRepository({ cwd: at.path, env: cleanEnv() });
  return judge(
    repository,
    lines.map(([localSha, remoteRef, remoteSha]) => ({ localRef: "x", localSha, remoteRef, remoteSha })),
    { remote, url: remote, offline: true },
  );
}

const HISTORY = [
  { name: "one", files: { "a.txt": "1\n" } },
  { name: "two", files: { "a.txt": "2\n" } },
  { name: "three", files: { "a.txt": "3\n" } },
];

test.each(["sha1", "sha256"] as const)("says what each ref does to the remote (%s)", async (objectFormat) => {
  const { clone } = withRemote(HISTORY, { objectFormat });
  const [one, two, three] = ["one", "two", "three"].map((name) => clone.id(name));
  if (one === undefined || two === undefined || three === undefined) throw new Error("no ids");
  clone.git("tag", "--annotate", "--message", "x", "v1", two);
  const tag = clone.git("rev-parse", "v1");
  const refs = await judged(clone, [
    [three, "refs/heads/new", null],
    [three, "refs/heads/main", two],
    [two, "refs/heads/main", three],
    [null, "refs/heads/old", two],
    [tag, "refs/tags/v1", null],
    [three, "refs/heads/same", three],
  ]);
  expect(refs.map(({ kind, commit, base }) => ({ kind, commit, base }))).toEqual([
    { kind: "create", commit: three, base: three },
    { kind: "update", commit: three, base: two },
    { kind: "force", commit: two, base: two },
    { kind: "delete", commit: null, base: null },
    { kind: "tag", commit: two, base: two },
    { kind: "update", commit: three, base: three },
  ]);
});

test("new commits begin after the newest one the remote has, also through merges", async () => {
  const { clone } = withRemote([
    { name: "root", files: { "a.txt": "1\n" } },
    { name: "trunk", files: { "b.txt": "1\n" } },
    { name: "mine", parents: ["root"], files: { "c.txt": "1\n" }, branches: ["feature"] },
    { name: "merged", parents: ["mine", "trunk"], branches: ["feature"] },
  ]);
  clone.git("update-ref", "-d", "refs/remotes/origin/feature");
  const merged = clone.id("merged");
  const [ref] = await judged(clone, [[merged, "refs/heads/feature", null]]);
  expect(ref?.base).toBe(clone.id("trunk"));
});

test("an unknown base is no base: a foreign remote, unrelated history, a missing remote object", async () => {
  const { clone } = withRemote(HISTORY);
  const three = clone.id("three");
  const elsewhere = await judged(clone, [[three, "refs/heads/main", null]], "https://example.com/other.git");
  expect(elsewhere[0]).toMatchObject({ kind: "create", base: null });

  const root = clone.git("commit-tree", "-m", "root", `${three}^{tree}`);
  expect((await judged(clone, [[root, "refs/heads/other", null]]))[0]).toMatchObject({ base: null });

  const lone = build(HISTORY);
  const gone = "d".repeat(40);
  expect((await judged(lone, [[lone.id("three"), "refs/heads/main", gone]]))[0]).toMatchObject({
    kind: "force",
    base: null,
  });
});

test("a mirror's fetch over local branches does not pass for what the remote has", async () => {
  const { clone } = withRemote(HISTORY);
  clone.git("config", "remote.origin.fetch", "+refs/*:refs/*");
  const commit = clone.git("commit-tree", "-m", "new", "-p", clone.id("three"), "HEAD^{tree}");
  clone.git("update-ref", "refs/heads/new", commit);
  expect((await judged(clone, [[commit, "refs/heads/new", null]]))[0]).toMatchObject({ base: null });
});

test("a push by URL knows the remote that has this URL", async () => {
  const { clone, remote } = withRemote(HISTORY);
  const commit = clone.git("commit-tree", "-m", "new", "-p", clone.id("three"), "HEAD^{tree}");
  const [ref] = await judged(clone, [[commit, "refs/heads/new", null]], remote.path);
  expect(ref?.base).toBe(clone.id("three"));
});

test("a tag of a blob has no commit and is judged all the same", async () => {
  const { clone } = withRemote(HISTORY);
  const blob = clone.git("rev-parse", "HEAD:a.txt");
  expect(await judged(clone, [[blob, "refs/tags/key", null]])).toMatchObject([
    { kind: "tag", commit: null, tree: null, localSha: blob },
  ]);
});

test("a local object that is not here blocks with exit 2", async () => {
  const { clone } = withRemote(HISTORY);
  const gone = "d".repeat(40);
  await expect(judged(clone, [[gone, "refs/heads/main", null]])).rejects.toMatchObject({
    exit: 2,
    code: "object-absent",
  });
});

test("in a shallow clone what is cut off counts as changed", async () => {
  const { remote, clone } = withRemote(HISTORY);
  git(clone.path, "clone", "--quiet", "--depth", "1", `file://${remote.path}`, "../shallow");
  const shallow = new Repository(path.join(clone.path, "..", "shallow"), clone.ids);
  const [ref] = await judged(shallow, [[clone.id("three"), "refs/heads/x", clone.id("one")]], "nowhere");
  expect(ref).toMatchObject({ kind: "force", base: null });
});
