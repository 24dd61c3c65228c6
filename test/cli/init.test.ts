import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import path from "node:path";

import { expect, test } from "vitest";

import { published } from "../support/document.ts";
import { atTerminal, KEY } from "../support/person.ts";
import { build, type Files, git, type Repository, scratch, withRemote } from "../support/repository.ts";
import { mayday, type RunOptions } from "../support/world.ts";

const SHOP: Files = {
  "package.json": JSON.stringify({
    scripts: { test: "vitest run", lint: "oxlint", "test:e2e": "playwright test" },
  }),
  "package-lock.json": "{}",
  "db/migrations/001.sql": "create table cart();",
  ".husky/pre-push": "npm test\n",
};

/** An environment with a place for consents. */
function home(): { readonly env: Record<string, string>; readonly consents: string } {
  const state = scratch();
  return { env: { XDG_STATE_HOME: state }, consents: path.join(state, "mayday", "trust.json") };
}

function shop(files: Files = SHOP): Repository {
  return build([{ name: "one", files, tags: ["v1.2.3"] }]);
}

const content = (repository: Repository): string =>
  readFileSync(path.join(repository.path, "mayday.yaml"), "utf8");

test("--yes writes what was found, says it, and the file loads", async () => {
  const repository = shop();
  const { env } = home();
  const run: RunOptions = { cwd: repository.path, env };
  const done = await mayday(["init", "--yes", "--no-hook"], run);
  expect(done.stderr).toBe("");
  expect(done.exit).toBe(0);
  expect(done.stdout).toBe(`mayday.yaml is written

  production  main
  checks      unit (unit): npm test
              lint (lint): npm run lint
              e2e (functional): npm run test:e2e
  kept        db/migrations/**
  hook        skipped, beside husky

Commit it, so that everybody has it: git add mayday.yaml
Then see where you stand: mayday status
`);
  expect(content(repository)).toContain("unit: {kind: unit, run: npm test}");
  expect(statSync(path.join(repository.path, "mayday.yaml")).mode & 0o777).toBe(0o644);
  expect(repository.git("status", "--porcelain")).toBe("?? mayday.yaml");
  const trust = await mayday(["trust"], run);
  expect([trust.exit, trust.stderr]).toEqual([0, ""]);
});

test("the remote's own default branch is asked for, and believed more than the clone", async () => {
  const { remote, clone } = withRemote([
    { name: "one", files: SHOP, branches: ["main", "trunk", "staging"] },
  ]);
  remote.git("symbolic-ref", "HEAD", "refs/heads/trunk");
  const { env } = home();
  await mayday(["init", "--yes", "--no-hook"], { cwd: clone.path, env });
  expect(content(clone)).toContain("branch: trunk\n");
  expect(content(clone)).toContain("  staging:\n    branch: staging\n");
  await mayday(["init", "--yes", "--no-hook", "--force", "--offline"], { cwd: clone.path, env });
  expect(content(clone)).toContain("branch: main\n");
});

test("from a directory below, and before the first commit, it is written at the root", async () => {
  const repository = build([]);
  repository.write("go.mod", "module shop\n");
  repository.write("cmd/main.go", "package main\n");
  const done = await mayday(["init", "--yes", "--no-hook", "--json"], {
    cwd: path.join(repository.path, "cmd"),
    ...home(),
  });
  expect(published(done, "init")).toMatchObject({
    schema: "mayday/init@1",
    exit: 0,
    error: null,
    file: "mayday.yaml",
    state: "written",
    hook: "skipped",
    consents: 2,
    checks: [
      { name: "unit", kind: "unit", run: "go test ./...", from: "go.mod" },
      { name: "lint", kind: "lint", run: "go vet ./...", from: "go.mod" },
    ],
  });
  expect(content(repository)).toBe(done.json<{ content: string }>().content);
});

test("off a terminal without --yes: the file is shown, nothing is written, exit 7", async () => {
  const repository = shop();
  const asked = await mayday(["init", "--no-hook"], { cwd: repository.path, ...home() });
  expect(asked.exit).toBe(7);
  expect(asked.stdout).toContain("checks:\n  unit: {kind: unit, run: npm test}\n");
  expect(asked.stderr).toBe(
    "error mayday.yaml would hold this; nothing was written\n next mayday init --yes --no-hook\n",
  );
  expect(existsSync(path.join(repository.path, "mayday.yaml"))).toBe(false);
  const json = await mayday(["init", "--json"], { cwd: repository.path, ...home() });
  expect(published(json, "init")).toMatchObject({
    schema: "mayday/init@1",
    exit: 7,
    state: "planned",
    error: { hint: "mayday init --yes" },
  });
});

test("a file that is there is not replaced unasked, also with --yes", async () => {
  const repository = shop({ ...SHOP, "mayday.yaml": "hook: {missing: warn}\n" });
  const run = { cwd: repository.path, ...home() };
  for (const argv of [["init"], ["init", "--yes"]]) {
    const refused = await mayday(argv, run);
    expect(refused.exit).toBe(3);
    expect(refused.stderr).toContain("mayday.yaml is already there; nothing was done");
    expect(refused.stderr).toContain("mayday init --force --yes");
  }
  const json = await mayday(["init", "--yes", "--json"], run);
  expect(json.json()).toMatchObject({
    schema: "mayday/error@1",
    exit: 3,
    code: "exists",
    ids: ["exists:mayday.yaml"],
  });
  expect(content(repository)).toBe("hook: {missing: warn}\n");
  expect((await mayday(["init", "--yes", "--force", "--no-hook"], run)).exit).toBe(0);
  expect(content(repository)).toContain("version: 1");
});

test("a symbolic link or a directory of that name is left alone", async () => {
  const linked = shop();
  symlinkSync("/etc/hostname", path.join(linked.path, "mayday.yaml"));
  const other = shop();
  mkdirSync(path.join(other.path, "mayday.yaml"));
  for (const repository of [linked, other]) {
    const refused = await mayday(["init", "--yes", "--force"], { cwd: repository.path, ...home() });
    expect([refused.exit, refused.stderr]).toEqual([3, expect.stringContaining("not a plain file")]);
  }
});

test("a bare repository and a place without one are told what to do", async () => {
  const bare = build([{ name: "one" }], { bare: true });
  const refused = await mayday(["init", "--yes"], { cwd: bare.path, ...home() });
  expect([refused.exit, refused.stderr]).toEqual([2, expect.stringContaining("no work tree")]);
  expect((await mayday(["init", "--yes"], { cwd: scratch(), ...home() })).exit).toBe(2);
});

test("where no consent can be kept, the file is written and that is said", async () => {
  const repository = shop();
  const done = await mayday(["init", "--yes", "--no-hook"], { cwd: repository.path });
  expect(done.exit).toBe(0);
  expect(done.stderr).toContain("no home directory");
  expect(content(repository)).toContain("version: 1");
});

test("the hook is installed too; when that fails, exit 8 says that half is done", async () => {
  const repository = shop({ "package.json": "{}" });
  const half = await mayday(["init", "--yes"], { cwd: repository.path, ...home() });
  expect(half.exit).toBe(8);
  expect(half.stderr).toContain("mayday.yaml is written, but the hook is not installed");
  expect(half.stderr).toContain("mayday hook install");
  const json = await mayday(["init", "--yes", "--force", "--json"], { cwd: repository.path, ...home() });
  expect(published(json, "init")).toMatchObject({ exit: 8, state: "replaced", hook: "failed" });

  const whole = shop({ "package.json": "{}" });
  const session = await atTerminal(["init", "--yes"], [], {
    cwd: whole.path,
    ...home(),
    program: "/opt/mayday/bin/mayday.js",
  });
  expect(session.stdout).toContain("hook        installed");
  expect(session.exit).toBe(0);
  expect(readFileSync(path.join(whole.path, ".git", "hooks", "pre-push"), "utf8")).toContain("mayday");
});

test("names that a repository chose cannot reach the terminal raw", async () => {
  const hostile = "db/\u001b]0;x\u0007/migrations/1.sql";
  const repository = shop({ "package.json": "{}", [hostile]: "x" });
  const done = await mayday(["init", "--yes", "--no-hook"], { cwd: repository.path, ...home() });
  expect(done.exit).toBe(0);
  expect(done.stdout).not.toContain("\u001b");
  expect(content(repository)).not.toContain("\u001b");
});

test("at a terminal it asks, shows the file, and writes what was chosen", async () => {
  const repository = shop();
  const { env, consents } = home();
  const session = await atTerminal(
    ["init", "--no-hook"],
    [
      { when: /How does a commit reach production \(branch main\)\?/, keys: KEY.up + KEY.enter },
      { when: /What must pass before a push\?/, keys: KEY.down + KEY.enter },
      { when: /Write mayday\.yaml\?/, keys: KEY.enter },
    ],
    { cwd: repository.path, env },
  );
  expect(session.exit).toBe(0);
  expect(session.screen).toContain("checks:\n");
  expect(content(repository)).toContain('live: {tags: "v*"}\n');
  expect(content(repository)).not.toContain("e2e");
  expect(readFileSync(consents, "utf8")).toContain("checks.lint");
});

test("a no writes nothing; Ctrl-C neither", async () => {
  const repository = shop({});
  const run = { cwd: repository.path, ...home() };
  const live = { when: /How does a commit reach/, keys: KEY.enter };
  const no = await atTerminal(["init"], [live, { when: /Write mayday\.yaml and install/, keys: "n" }], run);
  expect([no.exit, no.screen]).toEqual([1, expect.stringContaining("nothing was written")]);
  const stopped = await atTerminal(["init"], [{ ...live, keys: KEY.interrupt }], run);
  expect(stopped.exit).toBe(130);
  expect(git(repository.path, "status", "--porcelain")).toBe("");
});

test("at a terminal an existing file may be kept or replaced", async () => {
  const repository = shop({ "mayday.yaml": "hook: {missing: warn}\n" });
  const run = { cwd: repository.path, ...home() };
  const there = /mayday\.yaml is already there\./;
  const kept = await atTerminal(["init", "--no-hook"], [{ when: there, keys: KEY.enter }], run);
  expect([kept.exit, content(repository)]).toEqual([0, "hook: {missing: warn}\n"]);
  const replaced = await atTerminal(
    ["init", "--no-hook"],
    [
      { when: there, keys: KEY.down + KEY.enter },
      { when: /How does a commit reach/, keys: KEY.enter },
      { when: /Replace mayday\.yaml\?/, keys: KEY.enter },
    ],
    run,
  );
  expect(replaced.exit).toBe(0);
  expect(content(repository)).toContain("version: 1");
});

test("a file that was kept was not shown: what it runs is asked about before the hook is installed", async () => {
  const repository = shop({ "mayday.yaml": "checks: {unit: {kind: unit, run: make evil}}\n" });
  const { env, consents } = home();
  const run = { cwd: repository.path, env, program: "/opt/mayday/bin/mayday.js" };
  const keep = { when: /mayday\.yaml is already there\./, keys: KEY.enter };
  const no = await atTerminal(["init"], [keep, { when: /make evil[^]*\?/, keys: "n" }], run);
  expect([no.exit, existsSync(consents)]).toEqual([8, false]);
  const yes = await atTerminal(["init"], [keep, { when: /make evil[^]*\?/, keys: "y" }], run);
  expect([yes.exit, existsSync(consents)]).toEqual([0, true]);
  expect(yes.stdout).toContain("mayday.yaml is kept as it is");
});
