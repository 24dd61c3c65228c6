import { renameSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { published } from "../support/document.ts";
import { build, git, importCommits, Repository, scratch } from "../support/repository.ts";
import { mayday } from "../support/world.ts";
import { done, range, shop, SHOP } from "./shop.ts";

describe("with no configuration at all", () => {
  test("live is the remote's default branch, good the newest release tag before it", async () => {
    const at = shop();
    const found = await range(at);
    expect(found).toMatchObject({
      environment: "production",
      live: { sha: at.remote.id("five"), source: "branch", ref: "main" },
      good: { sha: at.remote.id("three"), source: "tag", ref: "v1.1.0", certified: false },
      range: { commits: 2, firstParent: 2, files: 2 },
      disagreements: [],
    });
  });

  test("a local commit that nobody pushed is not live", async () => {
    const at = shop();
    importCommits(
      at.clone.path,
      [{ name: "mine", parents: [at.remote.id("five")], files: { x: "x" } }],
      "main",
    );
    expect((await range(at)).live.sha).toBe(at.remote.id("five"));
  });

  test("what others pushed since the last fetch is seen, and no remote-tracking ref moves", async () => {
    const at = shop();
    const ids = importCommits(at.remote.path, [
      { name: "six", parents: [at.remote.id("five")], files: { "src/c.txt": "6\n" } },
    ]);
    const before = at.clone.git("for-each-ref", "refs/heads", "refs/remotes", "refs/tags");
    expect((await range(at)).live.sha).toBe(ids.get("six"));
    expect(at.clone.git("for-each-ref", "refs/heads", "refs/remotes", "refs/tags")).toBe(before);
  });

  test("the tag on live itself is not good", async () => {
    const at = shop([...SHOP, { name: "six", files: { "src/c.txt": "6\n" }, tags: ["v1.2.0", "v1.2.1"] }]);
    expect((await range(at)).good.ref).toBe("v1.1.0");
  });

  test("of two tags on one commit the higher version is named", async () => {
    const at = shop([
      { name: "one", files: { a: "1" }, tags: ["v1.9.0", "v1.10.0", "v1.10.0-beta"] },
      { name: "two", files: { a: "2" } },
    ]);
    expect((await range(at)).good.ref).toBe("v1.10.0");
  });

  test("a backport that live does not have is not good, however new it is", async () => {
    const at = shop([
      ...SHOP,
      {
        name: "fix",
        parents: ["one"],
        files: { "src/a.txt": "1.0.1\n" },
        branches: ["v1"],
        tags: ["v1.0.1"],
      },
    ]);
    expect((await range(at)).good.ref).toBe("v1.1.0");
  });

  test("a branch in a repository without a remote, a bare one, a linked worktree: all serve", async () => {
    const alone = build(SHOP);
    expect((await range({ cwd: alone.path })).good.ref).toBe("v1.1.0");
    const bare = build(SHOP, { bare: true });
    expect((await range({ cwd: bare.path })).good.ref).toBe("v1.1.0");
    const worktree = path.join(scratch(), "linked");
    alone.git("worktree", "add", "--quiet", "--detach", worktree, "v1.0.0");
    const linked = await range({ cwd: worktree }, "--good=v1.0.0", "--live=main");
    expect(linked.range.commits).toBe(4);
  });

  test("SHA-256 repositories are the same", async () => {
    const alone = build(SHOP, { objectFormat: "sha256" });
    const found = await range({ cwd: alone.path });
    expect(found.live.sha).toHaveLength(64);
    expect(found.good.ref).toBe("v1.1.0");
  });
});

describe("nothing that could be good", () => {
  test("exit 4, with three commands that would tell mayday, and they work", async () => {
    const at = shop([
      { name: "one", files: { a: "1" } },
      { name: "two", files: { a: "2" } },
    ]);
    const run = await mayday(["diff"], at);
    expect([run.exit, run.stdout]).toEqual([4, ""]);
    expect(run.stderr.split("\n").filter((line) => / (?:mayday|git) /.test(line))).toHaveLength(3);
    const json = await mayday(["diff", "--json"], at);
    expect(published(json, "error")).toMatchObject({ code: "no-good", exit: 4 });

    expect((await mayday(["diff", "production", "--good", "main~1"], at)).exit).toBe(0);
    at.clone.git("tag", "v1.0.0", "main~1");
    expect((await range(at)).good.ref).toBe("v1.0.0");
    at.clone.git("tag", "--delete", "v1.0.0");
    await done(at, "deploy", "record", "production", "main~1");
    await done(at, "deploy", "certify", "production", "main~1");
    await done(at, "deploy", "record", "production", "main");
    expect((await range(at)).good).toMatchObject({ sha: at.remote.id("one"), certified: true });
  });

  test("a shallow clone says that it is one", async () => {
    const { remote } = shop();
    const directory = path.join(scratch(), "shallow");
    git(remote.path, "clone", "--quiet", "--depth=1", `file://${remote.path}`, directory);
    const run = await mayday(["diff"], { cwd: directory });
    expect(run.exit).toBe(4);
    expect(run.stderr).toContain("shallow");
    expect(run.stderr).toContain("git fetch --unshallow");
  });

  test("an unborn branch is exit 4, a place that is no repository exit 2", async () => {
    expect((await mayday(["diff"], { cwd: build([]).path })).exit).toBe(4);
    expect((await mayday(["diff"], { cwd: scratch() })).exit).toBe(2);
  });
});

describe("said by hand", () => {
  test("--good and --live win over everything", async () => {
    const at = shop();
    await done(at, "deploy", "record", "production", "main");
    const found = await range(at, "--good", "v1.0.0", "--live", "v1.1.0");
    expect(found).toMatchObject({
      live: { sha: at.remote.id("three"), source: "option" },
      good: { sha: at.remote.id("one"), source: "option", certified: false },
      range: { commits: 2 },
    });
  });

  test("a revision that does not exist is named, exit 2", async () => {
    const run = await mayday(["diff", "--good", "v9.9.9"], shop());
    expect(run.exit).toBe(2);
    expect(run.stderr).toContain("v9.9.9");
  });

  test("--since goes back along the first parent", async () => {
    const at = shop();
    const found = await range(at, "--since", "2026-01-05T10:30:00Z");
    expect(found.good).toMatchObject({ sha: at.remote.id("two"), source: "option", ref: null });
    const now = Date.UTC(2026, 0, 5, 13, 30);
    expect((await range({ ...at, now }, "--since", "1h")).good.sha).toBe(at.remote.id("four"));
    expect((await mayday(["diff", "--since", "2020-01-01"], at)).exit).toBe(4);
    const wrong = await mayday(["diff", "--since", "yesterday"], at);
    expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringContaining("2h, 3d or 2026-")]);
  });

  test("--path narrows, also from a folder and through a symbolic link", async () => {
    const at = shop();
    expect((await range(at, "--path", "docs")).areas.map(({ area }) => area)).toEqual(["docs"]);
    const inside = path.join(at.cwd, "src");
    const found = await range({ cwd: inside }, "--path", ".");
    expect(found.range).toMatchObject({ commits: 1, files: 1 });
    const outside = await mayday(["diff", "--path", "../elsewhere"], at);
    expect([outside.exit, outside.stderr]).toEqual([2, expect.stringContaining("outside this repository")]);
  });

  test("a path is a path, not a pattern", async () => {
    const at = shop([
      { name: "one", files: { "[id].txt": "1\n", "i.txt": "1\n" }, tags: ["v1.0.0"] },
      { name: "two", files: { "[id].txt": "2\n" } },
      { name: "three", files: { "i.txt": "3\n" } },
    ]);
    expect((await range(at, "--path", "[id].txt")).range).toMatchObject({ commits: 1, files: 1 });
  });
});

describe("services", () => {
  const commits = [
    {
      name: "one",
      files: {
        "services/api/a.go": "1",
        "services/web/a.js": "1",
        "sql/api_1.sql": "1",
        "sql/web_1.sql": "1",
      },
      tags: ["v1.0.0"],
    },
    { name: "two", files: { "services/api/a.go": "2" } },
    { name: "three", files: { "services/web/a.js": "3" } },
    { name: "four", files: { "sql/api_2.sql": "4" } },
    { name: "five", files: { "sql/web_2.sql": "5" } },
  ];

  test("directories and patterns narrow to exactly what they say", async () => {
    const at = shop(commits, {
      services: {
        api: { paths: ["services/api/**", "sql/api_*.sql"] },
        web: { paths: ["services/web/**"] },
      },
    });
    const api = await range(at, "--service", "api");
    expect(api.areas.flatMap(({ files }) => files.map((file) => file.path))).toEqual([
      "services/api/a.go",
      "sql/api_2.sql",
    ]);
    expect(api.range.commits).toBe(2);
    expect((await range(at, "--service", "web")).range.commits).toBe(1);
  });

  test("a service that is not there, and one whose paths match nothing, are refused", async () => {
    const at = shop(commits, { services: { old: { paths: ["gone/*.txt"] } } });
    const unknown = await mayday(["diff", "--service", "nope"], at);
    expect([unknown.exit, unknown.stderr]).toEqual([2, expect.stringContaining("there is old")]);
    const empty = await mayday(["diff", "--service", "old"], at);
    expect([empty.exit, empty.stderr]).toEqual([2, expect.stringContaining("match no file")]);
  });

  test("each has deploys of its own", async () => {
    const at = shop(commits, {
      services: { api: { paths: ["services/api/**"] }, web: { paths: ["services/web/**"] } },
    });
    await done(at, "deploy", "record", "production", "v1.0.0", "--service", "api");
    await done(at, "deploy", "certify", "production", "v1.0.0", "--service", "api");
    await done(at, "deploy", "record", "production", "main~2", "--service", "api");
    await done(at, "deploy", "record", "production", "main", "--service", "web");
    expect(await range(at, "--service", "api")).toMatchObject({
      live: { sha: at.remote.id("three"), source: "ledger" },
      good: { sha: at.remote.id("one"), certified: true },
      range: { commits: 1 },
    });
  });
});

describe("the ledger and the tags", () => {
  test("the ledger wins, and a tag that says otherwise is shown", async () => {
    const at = shop();
    await done(at, "deploy", "record", "production", "v1.0.0");
    await done(at, "deploy", "certify", "production", "v1.0.0");
    await done(at, "deploy", "record", "production", "main~1");
    const found = await range(at);
    expect(found).toMatchObject({
      live: { sha: at.remote.id("four"), source: "ledger" },
      good: { sha: at.remote.id("one"), source: "ledger", certified: true },
      disagreements: [{ about: "good", source: "tag", sha: at.remote.id("three") }],
    });
    expect(found.stderr).toContain("sources disagree");
    expect(found.stderr).toContain("v1.1.0");
  });

  test("a release that is marked bad is passed over", async () => {
    const at = shop();
    await done(at, "deploy", "bad", "v1.1.0", "--reason", "loses orders");
    expect((await range(at)).good.ref).toBe("v1.0.0");
  });

  test("the deploy before is good, uncertified, and said to be so", async () => {
    const at = shop();
    await done(at, "deploy", "record", "production", "v1.0.0");
    await done(at, "deploy", "record", "production", "main");
    expect((await range(at)).good).toMatchObject({
      sha: at.remote.id("one"),
      source: "previous-deploy",
      certified: false,
    });
    expect((await mayday(["diff"], at)).stdout).toContain("not certified");
  });

  test("what a colleague recorded counts here without a fetch, and offline later", async () => {
    const at = shop();
    const other = path.join(path.dirname(at.remote.path), "other");
    git(at.remote.path, "clone", "--quiet", at.remote.path, other);
    await done({ cwd: other }, "deploy", "record", "production", "v1.0.0");
    await done({ cwd: other }, "deploy", "certify", "production", "v1.0.0");
    await done({ cwd: other }, "deploy", "record", "production", "main");
    expect((await range(at)).good).toMatchObject({ ref: null, certified: true });
    expect((await range(at, "--offline")).good).toMatchObject({ certified: true });
  });

  test("live.tags: a glob finds the deploy tag of one part of a monorepo", async () => {
    const at = shop(
      [
        { name: "one", files: { a: "1" }, tags: ["api@1.0.0", "web@1.0.0"] },
        { name: "two", files: { a: "2" }, tags: ["api@1.1.0"] },
        { name: "three", files: { a: "3" }, tags: ["web@2.0.0", "v3.0.0"] },
        { name: "four", files: { a: "4" } },
      ],
      { environments: { production: { live: { tags: "api@*" } } } },
    );
    expect(await range(at)).toMatchObject({
      live: { sha: at.remote.id("two"), source: "tag", ref: "api@1.1.0" },
      good: { sha: at.remote.id("one"), source: "tag", ref: "api@1.0.0" },
    });
  });
});

describe("environments", () => {
  const two = { environments: { production: {}, staging: { branch: "next" } } };
  const commits = [
    { name: "one", files: { a: "1" }, tags: ["v1.0.0"] },
    { name: "two", files: { a: "2" } },
    { name: "three", files: { a: "3" }, branches: ["next"] },
  ];

  test("given, then MAYDAY_ENV, then production", async () => {
    const at = shop(commits, two);
    expect(await range(at)).toMatchObject({ environment: "production", live: { sha: at.remote.id("two") } });
    expect((await range({ ...at, env: { MAYDAY_ENV: "staging" } })).live.sha).toBe(at.remote.id("three"));
    expect((await range({ ...at, env: { MAYDAY_ENV: "staging" } }, "production")).environment).toBe(
      "production",
    );
    expect((await range({ ...at, env: { MAYDAY_ENV: "" } })).environment).toBe("production");
  });

  test("the only one needs no name", async () => {
    const at = shop(commits, { environments: { live: {} } });
    expect((await range(at)).environment).toBe("live");
  });

  test.each([
    ["rollback", "mayday rollback production --to v1.0.0"],
    ["triage", "mayday triage production --good v1.0.0"],
    ["diff", "mayday diff production --good v1.0.0"],
    ["verify", "mayday verify production --good v1.0.0"],
    ["status", "mayday status production"],
  ])("%s: a revision in the environment's place is refused by name", async (verb, meant) => {
    const run = await mayday([verb, "v1.0.0"], shop(commits, two));
    expect(run.exit).toBe(2);
    expect(run.stderr).toBe(`error v1.0.0 is a revision, not an environment\n next did you mean ${meant}?\n`);
  });

  test("an environment that is not there is exit 2, with those that are", async () => {
    const run = await mayday(["diff", "prod"], shop(commits, two));
    expect(run.exit).toBe(2);
    expect(run.stderr).toContain("there is production, staging");
    for (const name of ["__proto__", "constructor", "Prod", "-x", "a\u001b[31m"]) {
      expect((await mayday(["diff", "--", name], shop(commits, two))).exit).toBe(2);
    }
  });
});

describe("a remote that does not answer", () => {
  test("what is known here is used, and its age is said", async () => {
    const at = shop();
    const fetched = Date.UTC(2026, 10, 24, 3);
    const head = path.join(at.cwd, ".git", "FETCH_HEAD");
    writeFileSync(head, "");
    utimesSync(head, fetched / 1_000, fetched / 1_000);
    renameSync(at.remote.path, `${at.remote.path}.away`);
    const found = await range({ ...at, now: fetched + 3 * 3_600_000 });
    expect(found.live.sha).toBe(at.remote.id("five"));
    expect(found.freshness).toEqual({ fetchedAt: "2026-11-24T03:00:00Z", offline: false });
    expect(found.stderr).toContain("3 h ago");
  });

  test("--offline asks nobody", async () => {
    const at = shop();
    renameSync(at.remote.path, `${at.remote.path}.away`);
    const found = await range(at, "--offline");
    expect([found.freshness.offline, found.stderr]).toEqual([true, ""]);
  });

  test("one that was never fetched is exit 4 and says the command", async () => {
    const made = build(SHOP);
    made.git("remote", "add", "origin", path.join(scratch(), "nowhere.git"));
    const run = await mayday(["diff"], { cwd: new Repository(made.path, made.ids).path });
    expect([run.exit, run.stderr]).toEqual([4, expect.stringContaining("git fetch origin")]);
  });
});
