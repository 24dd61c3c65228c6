import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { build, type CommitSpec, git, importCommits, Repository, withRemote } from "../support/repository.ts";
import { cleanEnv, mayday } from "../support/world.ts";
import {
  belongings,
  colleague,
  commit,
  expectRestored,
  filesOf,
  history,
  refsOf,
  roll,
  shop,
  treeOf,
} from "./shop.ts";

const ODD = [
  "with space",
  "new\nline",
  "tab\there",
  'quote"s',
  "back\\slash",
  "-dash",
  ":(top)colon",
  "star*?[x]",
  "ünïcode-é",
  "e\u0301-decomposed",
  "emoji-🛒",
  `${"long/".repeat(40)}name`,
];

/** `git mktree` with bytes in: names need not be UTF-8. */
function makeTree(repository: Repository, listing: Buffer): string {
  const options = { cwd: repository.path, env: cleanEnv(), input: listing };
  return execFileSync("git", ["mktree", "--missing"], options).toString().trim();
}

/** Histories whose good tree must come back exactly; each has a tag v1.0.0 and a main that moved on. */
const SHAPES: Readonly<Record<string, CommitSpec[]>> = {
  "a merge of a side branch": [
    { name: "good", tags: ["v1.0.0"], files: { a: "1\n", b: "1\n" } },
    { name: "side", parents: ["good"], branches: ["side"], files: { b: "side\n", s: "new\n" } },
    { name: "own", parents: ["good"], files: { a: "own\n" } },
    { name: "merge", parents: ["own", "side"], files: { b: "side\n", s: "new\n" } },
  ],
  "an octopus merge": [
    { name: "good", tags: ["v1.0.0"], files: { a: "1\n" } },
    { name: "x", parents: ["good"], branches: ["x"], files: { x: "x\n" } },
    { name: "y", parents: ["good"], branches: ["y"], files: { y: "y\n" } },
    { name: "z", parents: ["good"], files: { z: "z\n" } },
    { name: "merge", parents: ["z", "x", "y"], files: { x: "x\n", y: "y\n" } },
  ],
  "a criss-cross": [
    { name: "good", tags: ["v1.0.0"], files: { a: "1\n", b: "1\n" } },
    { name: "l1", parents: ["good"], files: { a: "l\n" } },
    { name: "r1", parents: ["good"], branches: ["right"], files: { b: "r\n" } },
    { name: "l2", parents: ["l1", "r1"], files: { b: "r\n" } },
    { name: "r2", parents: ["r1", "l1"], branches: ["right"], files: { a: "l\n" } },
    { name: "merge", parents: ["l2", "r2"], files: { a: "both\n" } },
  ],
  "renames, also of directories and onto each other": [
    { name: "good", tags: ["v1.0.0"], files: { "src/a": "aaaa\n", "src/b": "bbbb\n", c: "cccc\n" } },
    {
      name: "bad",
      files: { "src/a": null, "src/b": null, "lib/a": "bbbb\n", "lib/b": "aaaa\n", c: null, "C/c": "cccc\n" },
    },
  ],
  "a file that became a directory, and a directory a file": [
    { name: "good", tags: ["v1.0.0"], files: { x: "file\n", "y/in": "in\n" } },
    { name: "bad", files: { x: null, "x/in": "in\n", "y/in": null, y: "file\n" } },
  ],
  "a submodule pointer that moved": [
    { name: "good", tags: ["v1.0.0"], files: { a: "1\n", sub: { mode: "160000", data: "1".repeat(40) } } },
    { name: "bad", files: { a: "2\n", sub: { mode: "160000", data: "2".repeat(40) } } },
  ],
  "odd names": [
    { name: "good", tags: ["v1.0.0"], files: Object.fromEntries(ODD.map((name) => [name, "good\n"])) },
    { name: "bad", files: Object.fromEntries(ODD.map((name, i) => [name, i % 2 === 0 ? null : "bad\n"])) },
  ],
  "bytes of every kind": [
    { name: "good", tags: ["v1.0.0"], files: { bin: Buffer.from([0, 255, 10, 13, 0]), empty: "" } },
    { name: "bad", files: { bin: Buffer.from([1]), empty: "no\n", cr: "a\r\nb\r" } },
  ],
};

describe("good's tree comes back exactly", () => {
  test.each(Object.entries(SHAPES))("%s", async (_name, commits) => {
    const { remote, clone } = withRemote(commits);
    const tip = remote.git("rev-parse", "main");
    const document = await roll(clone);
    expect(document).toMatchObject({ exit: 0, clone: { state: "updated" } });
    expectRestored(remote, tip, treeOf(remote, "v1.0.0"));
    expect(clone.git("status", "--porcelain", "--ignore-submodules")).toBe("");
    const back = await mayday(["undo", "--yes", "--json"], { cwd: clone.path });
    expect(back.exit).toBe(0);
    expect(treeOf(remote, "main")).toBe(treeOf(remote, tip));
  });

  test("a submodule pointer is a risk that is named", async () => {
    const { clone } = withRemote(SHAPES["a submodule pointer that moved"] ?? []);
    expect((await roll(clone, ["--plan"])).risks.map(({ id }) => id)).toContain("submodule:sub");
  });

  test("SHA-256", async () => {
    const { remote, clone } = withRemote(history(), { objectFormat: "sha256" });
    const document = await roll(clone);
    expect(document.commit?.sha).toMatch(/^[0-9a-f]{64}$/);
    expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
  });

  test("a bare clone", async () => {
    const { remote } = shop();
    const bare = path.join(path.dirname(remote.path), "bare.git");
    git(path.dirname(bare), "clone", "--quiet", "--bare", remote.path, bare);
    const document = await roll(new Repository(bare, remote.ids));
    expect(document).toMatchObject({ exit: 0, clone: { state: "absent" } });
    expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
  });

  test("a shallow clone: good's tree is enough, and the cut is said", async () => {
    const { remote } = shop();
    const shallow = path.join(path.dirname(remote.path), "shallow");
    git(path.dirname(shallow), "clone", "--quiet", "--depth=1", `file://${remote.path}`, shallow);
    const clone = new Repository(shallow, remote.ids);
    expect(await roll(clone)).toMatchObject({ exit: 4, code: "no-good" });
    clone.git("fetch", "--quiet", "--depth=1", "origin", "tag", "v1.0.0");
    const document = await roll(clone, ["--to", "v1.0.0"]);
    expect(document).toMatchObject({ exit: 0, clone: { state: "updated" } });
    expect(document.risks.map(({ id }) => id)).toContain("good:not-ancestor");
    expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
  });

  test("a partial clone fetches the few contents it has to send", async () => {
    const { remote } = shop();
    remote.git("config", "uploadpack.allowFilter", "true");
    const partial = path.join(path.dirname(remote.path), "partial");
    git(path.dirname(partial), "clone", "--quiet", "--filter=blob:none", `file://${remote.path}`, partial);
    const clone = new Repository(partial, remote.ids);
    clone.write("notes.txt", "untracked\n");
    expect(await roll(clone)).toMatchObject({ exit: 0, clone: { state: "updated" } });
    expect(clone.git("status", "--porcelain")).toBe("?? notes.txt");
    expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
  });

  test("a partial clone that lacks somebody else's file is left, not half-written", async () => {
    const { remote, clone: full } = shop();
    commit(full, "Later", { "later.txt": "later\n" });
    remote.git("config", "uploadpack.allowFilter", "true");
    const partial = path.join(path.dirname(remote.path), "partial");
    const url = `file://${remote.path}`;
    git(path.dirname(partial), "clone", "--quiet", "--filter=blob:none", "--no-checkout", url, partial);
    const clone = new Repository(partial, remote.ids);
    clone.git("checkout", "--quiet", "-B", "main", "origin/main~1");
    const before = belongings(clone);
    const document = await roll(clone, ["--only", "cart.txt"]);
    expect(document).toMatchObject({ exit: 0, clone: { state: "left" } });
    expect(document.clone?.text).toMatch(/fetches contents/);
    expect(belongings(clone)).toEqual(before);
  });

  test("a clone that is behind: the tip on the remote is what counts", async () => {
    const { remote, clone } = shop();
    const tip = commit(colleague(remote), "Later", { "later.txt": "later\n" });
    const document = await roll(clone);
    expect(document).toMatchObject({ exit: 0, from: { sha: tip }, clone: { state: "updated" } });
    expectRestored(remote, tip, treeOf(remote, "v1.0.0"));
  });

  test("the person's pre-push hook, mayday's own among them, does not stop it", async () => {
    const { remote, clone } = shop();
    const hook = path.join(clone.path, ".git/hooks/pre-push");
    writeFileSync(hook, "#!/bin/sh\ntouch fired\nexit 1\n", { mode: 0o755 });
    expect(await roll(clone)).toMatchObject({ exit: 0, pushed: true });
    expect(filesOf(clone.path).has("fired")).toBe(false);
    expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
  });
});

describe("without a remote the branch itself is the target", () => {
  test("checked out and clean: branch and work tree move together", async () => {
    const repository = build(history());
    const document = await roll(repository);
    expect(document).toMatchObject({ exit: 0, pushed: true, clone: { state: "updated" } });
    expectRestored(repository, repository.id("late"), treeOf(repository, "v1.0.0"));
    expect(repository.git("status", "--porcelain")).toBe("");
  });

  test.each([
    ["own changes in the way", "own-changes", (one: Repository) => one.write("cart.txt", "mine\n")],
    [
      "a rebase of the branch under way",
      "checked-out-elsewhere",
      (one: Repository) => {
        one.git("switch", "--quiet", "-c", "side", "v1.0.0");
        commit(one, "Side", { "cart.txt": "side\n" }, false);
        one.git("switch", "--quiet", "main");
        expect(() => one.git("rebase", "side")).toThrow(/could not apply|Command failed/);
      },
    ],
  ])("%s: exit 3, and nothing at all is changed", async (_name, code, have) => {
    const repository = build(history());
    have(repository);
    const env = ["--live", repository.id("late"), "--good", "v1.0.0"];
    writeFileSync(path.join(repository.path, ".git/info/exclude"), "mayday.yaml\n");
    repository.write("mayday.yaml", "version: 1\nenvironments:\n  production: {branch: main}\n");
    const before = belongings(repository);
    const refs = refsOf(repository);
    expect(await roll(repository, env)).toMatchObject({ schema: "mayday/error@1", exit: 3, code });
    expect(belongings(repository)).toEqual(before);
    expect(refsOf(repository)).toBe(refs);
    // Given up, so the next try is not held up.
    expect(await roll(repository, [...env, "--plan"])).toMatchObject({ exit: 0 });
  });

  test("a detached HEAD and no configured branch: exit 2, and what to do", async () => {
    const repository = build(history());
    repository.git("switch", "--quiet", "--detach");
    expect(await roll(repository)).toMatchObject({ exit: 2, code: "no-branch" });
  });

  test("a bare repository", async () => {
    const repository = build(history(), { bare: true });
    expect(await roll(repository)).toMatchObject({ exit: 0, clone: { state: "absent" } });
    expectRestored(repository, repository.id("late"), treeOf(repository, "v1.0.0"));
  });
});

describe("what stays, and what goes", () => {
  const configured = (yaml: string, later = yaml): CommitSpec[] => [
    { name: "good", tags: ["v1.0.0"], files: { "mayday.yaml": yaml, "src/a": "1\n", "db/1.sql": "1\n" } },
    { name: "bad", files: { "mayday.yaml": later, "src/a": "2\n", "db/2.sql": "2\n", "db/1.sql": null } },
  ];

  test("rollback.keep and mayday.yaml stay as at the tip", async () => {
    const later =
      'version: 1\nenvironments:\n  production:\n    branch: main\n    rollback: {keep: ["db/**"]}\n';
    const { remote, clone } = withRemote(configured("version: 1\n", later));
    const document = await roll(clone);
    expect(document).toMatchObject({ exit: 0, kept: ["db/1.sql", "db/2.sql", "mayday.yaml"] });
    expect(remote.git("show", "main:mayday.yaml")).toBe(later.trim());
    expect(remote.git("ls-tree", "-r", "--name-only", "main")).toBe("db/2.sql\nmayday.yaml\nsrc/a");
    expect(remote.git("show", "main:src/a")).toBe("1");
    // The commit still counts as one that restores, and undoing it is exact.
    expect((await mayday(["undo", "--yes"], { cwd: clone.path })).exit).toBe(0);
    expect(treeOf(remote, "main")).toBe(treeOf(remote, remote.id("bad")));
  });

  test("--only a path: all else stays, submodule pointers and odd bytes too", async () => {
    const latin = "caf\u00e9";
    const { remote } = withRemote([
      {
        name: "good",
        tags: ["v1.0.0"],
        files: { "src/a": "1\n", b: "1\n", sub: { mode: "160000", data: "1".repeat(40) } },
      },
      { name: "bad", files: { "src/a": "2\n", b: "2\n", sub: { mode: "160000", data: "2".repeat(40) } } },
    ]);
    const blob = remote.git("hash-object", "-w", "--stdin");
    const listing = Buffer.concat([
      Buffer.from(`${remote.git("ls-tree", "main")}\n`),
      Buffer.from(`100644 blob ${blob}\t`),
      Buffer.from(latin, "latin1"),
      Buffer.from("\n"),
    ]);
    const mixed = makeTree(remote, listing);
    const tip = remote.git("commit-tree", mixed, "-p", "main", "-m", "An odd name");
    remote.git("update-ref", "refs/heads/main", tip);
    const clone = colleague(remote);
    const document = await roll(clone, ["--only", "src"]);
    expect(document).toMatchObject({ exit: 0 });
    expect(remote.git("diff-tree", "-r", "--name-status", "--no-renames", tip, "main")).toBe("M\tsrc/a");
    expect(remote.git("show", "main:src/a")).toBe("1");
    expect(remote.git("log", "-1", "--format=%B", "main")).not.toMatch(/^Mayday-Restores:/m);
  });

  test("--only a path that is nowhere, or a commit: exit 2, nothing done", async () => {
    const { remote, clone } = shop();
    expect(await roll(clone, ["--only", "nowhere"])).toMatchObject({ exit: 2, code: "unknown-path" });
    expect(await roll(clone, ["--only", "HEAD"])).toMatchObject({
      exit: 2,
      message: "HEAD is a commit; --only takes paths",
    });
    expect(remote.git("rev-parse", "main")).toBe(remote.id("late"));
  });

  test("--to another commit", async () => {
    const { remote, clone } = shop();
    const document = await roll(clone, ["--to", "main~1"]);
    expect(document).toMatchObject({ exit: 0, to: { sha: remote.id("bad"), certified: false } });
    expectRestored(remote, remote.id("late"), treeOf(remote, remote.id("bad")));
  });

  test("nothing to do: exit 0 with proof, no commit; --offline it is not proven", async () => {
    const { remote, clone } = shop();
    const document = await roll(clone, ["--to", "origin/main"]);
    expect(document).toMatchObject({ exit: 0, commit: null, pushed: false, proof: { reached: "P2" } });
    expect(remote.git("rev-parse", "main")).toBe(remote.id("late"));
    expect(await roll(clone, ["--to", "origin/main", "--offline"])).toMatchObject({ exit: 8, pushed: false });
  });

  test("good is not in the branch's history: amber, and the tree is right all the same", async () => {
    const { remote, clone } = shop();
    importCommits(remote.path, [
      { name: "apart", parents: [], branches: ["apart"], files: { alone: "1\n" } },
    ]);
    clone.git("fetch", "--quiet");
    const document = await roll(clone, ["--to", "origin/apart"]);
    expect(document.exit).toBe(0);
    expect(document.risks.map(({ id }) => id)).toContain("good:not-ancestor");
    expectRestored(remote, remote.id("late"), treeOf(remote, "apart"));
  });

  test("more than 100 commits: one risk, --yes covers it, the message stays short", async () => {
    const many = Array.from({ length: 120 }, (_, i) => ({ name: `n${i}`, files: { n: `${i}\n` } }));
    const { remote, clone } = shop(many);
    const document = await roll(clone);
    expect(document.exit).toBe(0);
    expect(document.undone).toHaveLength(122);
    expect(document.risks.map(({ id }) => id)).toContain("range:large");
    const message = remote.git("log", "-1", "--format=%B", "main");
    expect(message).toContain("- and 72 more");
    expectRestored(remote, remote.id("n119"), treeOf(remote, "v1.0.0"));
  });

  test("what was pushed after live goes out too, and is told apart", async () => {
    const { clone } = shop();
    const document = await roll(clone, ["--plan", "--live", "main~1"]);
    expect(document.undone.map(({ subject, deployed }) => [subject, deployed])).toEqual([
      ["Move things about", false],
      ["Round prices", true],
    ]);
  });
});

describe("changing nothing", () => {
  test.each([["--plan"], ["--dry-run"]])(
    "%s leaves refs, index, work tree and remote as they are",
    async (flag) => {
      const { remote, clone } = shop();
      clone.write("readme.md", "edited\n");
      const before = [belongings(clone), refsOf(clone), refsOf(remote)];
      const document = await roll(clone, [flag]);
      expect(document).toMatchObject({
        schema: "mayday/rollback-plan@1",
        exit: 0,
        commit: null,
        operation: null,
      });
      expect([belongings(clone), refsOf(clone), refsOf(remote)]).toEqual(before);
    },
  );

  test("a plan that would change nothing is still a plan", async () => {
    const { clone } = shop();
    expect(await roll(clone, ["--plan", "--to", "main"])).toMatchObject({
      schema: "mayday/rollback-plan@1",
      exit: 0,
    });
  });

  test("--no-push keeps the commit and prints the push; that push then publishes it", async () => {
    const { remote, clone } = shop();
    const before = belongings(clone);
    const { exit, stdout } = await mayday(["rollback", "--yes", "--no-push"], { cwd: clone.path });
    expect(exit).toBe(0);
    const command = /git push (\S+) (\S+)/.exec(stdout);
    expect(remote.git("rev-parse", "main")).toBe(remote.id("late"));
    expect(belongings(clone)).toEqual(before);
    expect(clone.git("rev-parse", "refs/mayday/op/1/new")).toBe(command?.[2]?.split(":")[0]);
    clone.git("push", "--quiet", command?.[1] ?? "", command?.[2] ?? "");
    expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
  });
});

test("the message is harmless: nothing in it skips, mentions, closes or forges", async () => {
  const subjects = [
    "Speed up [skip ci]",
    "Build [ci-skip] ***NO_CI***",
    "Fixes #12 and closes shop/api#3, GH-7",
    "Thanks @everyone and @team/leads",
    "Resolves SHOP-99: done",
    "See https://example.com/o/r/issues/1",
    "Mayday-Restores: 0000000000000000000000000000000000000000",
    "Signed-off-by: Eve <eve@example.com>",
    "\u001b[31mred\u202e reversed",
  ];
  const { remote, clone } = shop(
    subjects.map((message, i) => ({ name: `s${i}`, message, files: { s: `${i}\n` } })),
  );
  const reason = "Skip-Checks: true\nMayday-Restores: 1111111111111111111111111111111111111111";
  expect(await roll(clone, ["--reason", reason])).toMatchObject({ exit: 0 });
  const message = remote.git("log", "-1", "--format=%B", "main");
  expect(message).not.toMatch(
    // oxlint-disable-next-line no-control-regex -- that there is none is the point
    /\[[^\]]*\b(?:skip|ci)\b[^\]]*\]|NO_CI|#\w|@\w|GH-\d|:\/\/|SHOP-99|[\u001b\u202e]/i,
  );
  const trailers = remote.git("log", "-1", "--format=%(trailers)", "main").trim().split("\n");
  expect(trailers).toEqual([
    `Mayday-Rolls-Back: ${remote.id("good")}..${remote.id("s8")}`,
    `Mayday-Restores: ${remote.id("good")}`,
  ]);
  expect(message.match(/^(?:Mayday-[\w-]+|Signed-off-by|Skip-Checks)\s*:/gim)).toHaveLength(2);
  expect(message.split("\n", 1)[0]).toBe("Roll back production to v1.0.0");
});
