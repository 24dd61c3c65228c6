import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { openRepository } from "../../src/git/open.ts";
import { addTemporaryWorktree } from "../../src/git/worktree.ts";
import { fakeServer } from "../support/http.ts";
import { build, git, importCommits, scratch } from "../support/repository.ts";
import { cleanEnv, mayday, type Transcript } from "../support/world.ts";
import {
  FILTERS,
  place,
  type Place,
  PROGRAMS,
  PROMISOR,
  REMOTES,
  SUBMODULE,
  type Vector,
} from "./canaries.ts";

/*
 * The canary matrix: a repository whose own configuration makes git run programs, against every
 * command of mayday. A canary is a program that leaves word outside the repository. Each is proven
 * alive first: under plain git it fires, so a test here can fail.
 *
 * Not here, because git 2.39 does not run them without a terminal or at all: core.pager and
 * pager.<command>, push.gpgSign, a host that begins with a dash, `ext::` that was not allowed.
 */

/** git as a person would run it; it may fail. Not in the way of a server in this process. */
function plain(cwd: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const env = cleanEnv({ GIT_TERMINAL_PROMPT: "0" });
    execFile("git", args, { cwd, env }, () => resolve()).stdin?.end();
  });
}

async function firesUnderPlainGit(at: Place, vector: Vector): Promise<string[]> {
  vector.arm(at);
  at.fired();
  for (const args of vector.alive) await plain(at.clone.path, args);
  return at.fired();
}

/** Every command that only looks, and the exit code that says it really did. */
const READ: readonly (readonly [exit: number, ...argv: string[]])[] = [
  [0],
  [0, "status"],
  [0, "diff"],
  [0, "triage", "--symptom", "Error: cart is gone\n  at total (src/cart.js:1)"],
  [1, "verify"],
  [0, "deploy", "list"],
  [0, "rollback", "--plan"],
  [0, "check", "--plan", "--all"],
  [0, "alert", "the cart is gone", "--dry-run"],
  [1, "hook", "status"],
];

const SOME: typeof READ = [
  [0, "status"],
  [0, "triage"],
  [0, "rollback", "--plan"],
  [0, "check", "--plan", "--all"],
];

function runner(at: Place): (argv: readonly string[]) => Promise<Transcript> {
  const env = { XDG_STATE_HOME: path.join(at.directory, "state"), XDG_CONFIG_HOME: at.directory };
  return (argv) => mayday(argv, { cwd: at.clone.path, env });
}

interface Seen {
  readonly command: string;
  readonly exit: number;
  readonly fired: readonly string[];
  /** Shown when the test fails. */
  readonly talk?: string;
}

/** Runs commands one after the other; what was said is kept where the exit code is another. */
async function runAll(at: Place, commands: typeof READ): Promise<Seen[]> {
  const run = runner(at);
  const seen: Seen[] = [];
  for (const [exit, ...argv] of commands) {
    const said = await run(argv);
    const talk = said.exit === exit ? {} : { talk: said.stdout + said.stderr };
    seen.push({ command: argv.join(" "), exit: said.exit, fired: at.fired(), ...talk });
  }
  return seen;
}

function quiet(commands: typeof READ): Seen[] {
  return commands.map(([exit, ...argv]) => ({ command: argv.join(" "), exit, fired: [] }));
}

function armAll(at: Place, vectors: Readonly<Record<string, Vector>>): void {
  for (const vector of Object.values(vectors)) vector.arm(at);
  at.fired();
}

describe("under plain git the canary fires", () => {
  test.each(Object.entries(PROGRAMS))("%s", async (_name, vector) => {
    expect(await firesUnderPlainGit(place(), vector)).not.toEqual([]);
  });

  test.each(Object.entries(FILTERS))("%s", async (_name, vector) => {
    expect(await firesUnderPlainGit(place({ filtered: true }), vector)).not.toEqual([]);
  });

  test("a promisor remote with a program of its own", async () => {
    expect(await firesUnderPlainGit(place({ partial: true }), PROMISOR)).toEqual(["lazy-fetch"]);
  });
});

test("a submodule's own configuration: plain git runs it, mayday does not", async () => {
  const at = place();
  expect(await firesUnderPlainGit(at, SUBMODULE)).toEqual(["submodule"]);
  expect(await runAll(at, READ)).toEqual(quiet(READ));
  const run = runner(at);
  expect((await run(["rollback", "--yes", "--json"])).json()).toMatchObject({ exit: 0, pushed: true });
  expect((await run(["undo", "--yes"])).exit).toBe(0);
  expect(at.fired()).toEqual([]);
});

describe("under mayday nothing fires", () => {
  test("programs of the repository's configuration, all at once: the commands that look", async () => {
    const at = place();
    armAll(at, PROGRAMS);
    expect(await runAll(at, READ)).toEqual(quiet(READ));
  });

  test("the same: the commands that write, and bring the clone along", async () => {
    const at = place();
    armAll(at, PROGRAMS);
    const run = runner(at);
    const back = await run(["rollback", "--yes", "--json"]);
    expect(back.json()).toMatchObject({ exit: 0, pushed: true, clone: { state: "updated" } });
    expect(at.fired()).toEqual([]);
    expect((await run(["deploy", "record", "production", "HEAD"])).exit).toBe(0);
    expect(at.fired()).toEqual([]);
    // Somebody goes on from there in a file with a merge driver: undo has to merge, and must not ask it.
    const tip = at.remote.git("rev-parse", "main");
    importCommits(at.remote.path, [
      { name: "on", parents: [tip], files: { "a.merge": "on\n" }, at: 1_900_000_000 },
    ]);
    expect((await run(["undo", "--yes"])).exit).toBe(5);
    expect(at.fired()).toEqual([]);
  });

  test("filters and hooks: the commands that look, then those that write", async () => {
    const at = place({ filtered: true });
    armAll(at, FILTERS);
    expect(await runAll(at, READ)).toEqual(quiet(READ));
    const run = runner(at);
    const back = await run(["rollback", "--yes", "--json"]);
    expect(back.json()).toMatchObject({ exit: 0, pushed: true, clone: { state: "left" } });
    expect((await run(["undo", "--yes"])).exit).toBe(0);
    expect(at.fired()).toEqual([]);
  });

  test("a promisor remote with a program of its own: looking and writing", async () => {
    const at = place({ partial: true });
    armAll(at, { PROMISOR });
    expect(await runAll(at, READ)).toEqual(quiet(READ));
    const run = runner(at);
    expect((await run(["rollback", "--yes"])).exit).toBe(0);
    expect((await run(["undo", "--yes"])).exit).toBe(0);
    expect(at.fired()).toEqual([]);
  });

  test.each(Object.entries(REMOTES))("a way to the remote: %s", async (_name, arm) => {
    const at = place();
    const server = await fakeServer((_received, response) => {
      response.writeHead(401, { "www-authenticate": 'Basic realm="shop"' }).end();
    });
    arm(at, server.url);
    at.fired();
    await plain(at.clone.path, ["ls-remote", "origin"]);
    expect(at.fired(), "it is alive").not.toEqual([]);

    expect(await runAll(at, SOME)).toEqual(quiet(SOME));
    const run = runner(at);
    // It cannot be pushed there: what matters is that nothing ran on the way.
    expect([4, 6]).toContain((await run(["rollback", "--yes"])).exit);
    await run(["deploy", "record", "production", "HEAD"]);
    expect(at.fired()).toEqual([]);
  });
});

test("a temporary worktree does not meet configuration that waits for one", async () => {
  const at = place({ filtered: true });
  const waiting = path.join(at.clone.path, ".git", "waiting");
  writeFileSync(waiting, `[filter "clean"]\n\tsmudge = ${at.program("smudge")}\n`);
  at.clone.git("config", "includeIf.gitdir:**/worktrees/**.path", waiting);
  at.clone.git("worktree", "add", "--detach", path.join(at.directory, "plain"), "HEAD");
  expect(at.fired(), "it is alive").toEqual(["smudge"]);

  const repository = await openRepository({ cwd: at.clone.path, env: cleanEnv() });
  const worktree = await addTemporaryWorktree(repository, at.clone.id("next"));
  expect(readFileSync(path.join(worktree.path, "a.clean"), "utf8")).toBe("three\n");
  worktree.remove();
  expect(at.fired()).toEqual([]);
});

test("a filter whose name is not UTF-8 cannot be switched off: the repository is refused", async () => {
  const at = place();
  const program = at.program("latin");
  const config = path.join(at.clone.path, ".git", "config");
  writeFileSync(
    config,
    Buffer.concat([
      readFileSync(config),
      Buffer.from(`[filter "\xe9"]\n\tclean = ${program}\n[core]\n\tattributesFile = attributes\n`, "latin1"),
    ]),
  );
  writeFileSync(
    path.join(at.clone.path, ".git", "info", "attributes"),
    Buffer.from("* filter=\xe9\n", "latin1"),
  );
  at.clone.write("a.txt", "touched\n");
  await plain(at.clone.path, ["diff"]);
  expect(at.fired(), "it is alive").toEqual(["latin"]);
  const said = await runner(at)(["status", "--json"]);
  expect(said.json()).toMatchObject({ exit: 2, code: "hostile-configuration" });
  expect(at.fired()).toEqual([]);
});

test("cookies of a server are not written to a file that the repository names", async () => {
  const at = place();
  const tip = at.clone.id("next");
  // git's "dumb" protocol: two files. It says a cookie with each.
  const server = await fakeServer((received, response) => {
    response.setHeader("set-cookie", "cart=full; Max-Age=3600");
    response.end(
      received.path.startsWith("/shop.git/info/refs")
        ? `${tip}\trefs/heads/main\n`
        : "ref: refs/heads/main\n",
    );
  });
  const jar = path.join(at.directory, "jar");
  at.clone.git("config", "remote.origin.url", `${server.url}/shop.git`);
  at.clone.git("config", "http.cookieFile", jar);
  at.clone.git("config", "http.saveCookies", "true");
  at.clone.git("config", `http.${server.url}.saveCookies`, "true");
  expect((await runner(at)(["status"])).exit).toBe(0);
  expect(server.received.length).toBeGreaterThan(0);
  expect(existsSync(jar)).toBe(false);
  await plain(at.clone.path, ["ls-remote", "origin"]);
  expect(existsSync(jar), "it is alive").toBe(true);
});

describe("a bare repository that lies in a tree", () => {
  function embedded(inside: string): { at: Place; bare: string } {
    const at = place();
    const bare = path.join(at.clone.path, inside);
    mkdirSync(path.dirname(bare), { recursive: true });
    git(at.directory, "init", "--quiet", "--bare", bare);
    git(bare, "config", "core.bare", "false");
    git(bare, "config", "core.worktree", at.clone.path);
    git(bare, "config", "core.fsmonitor", at.program("embedded", "exit 1"));
    return { at, bare };
  }

  test("is not entered unasked", async () => {
    const { at, bare } = embedded("fixtures/evil.git");
    await plain(bare, ["status"]);
    expect(at.fired(), "it is alive").toEqual(["embedded"]);
    for (const argv of [["status"], ["triage"], ["rollback", "--plan"]]) {
      const said = await mayday([...argv, "--json"], { cwd: bare });
      expect(said.json()).toMatchObject({ exit: 2, code: "embedded-bare-repository" });
    }
    expect(at.fired()).toEqual([]);
  });

  test("nor one that lies in another", async () => {
    const outer = embedded("fixtures/outer.git");
    git(outer.bare, "config", "--unset", "core.worktree");
    git(outer.bare, "config", "core.bare", "true");
    const inner = path.join(outer.bare, "inner.git");
    git(outer.at.directory, "init", "--quiet", "--bare", inner);
    const said = await mayday(["status", "--json"], { cwd: inner });
    expect(said.json()).toMatchObject({ exit: 2, code: "embedded-bare-repository" });
  });

  test("is entered by name", async () => {
    const { at } = embedded("fixtures/evil.git");
    const bare = path.join(at.clone.path, "fixtures", "good.git");
    git(at.directory, "clone", "--quiet", "--bare", at.remote.path, bare);
    const said = await mayday(["status", "--json"], { cwd: bare, env: { GIT_DIR: bare } });
    expect(said.exit).toBe(0);
  });
});

describe("history that is not what it was", () => {
  test.each(["replace refs", "grafts"])("%s forge nothing", async (how) => {
    const at = place();
    const [tip, good] = [at.clone.id("next"), at.clone.id("good")];
    const forged = at.clone.git("commit-tree", "-m", "Innocent", "-p", good, `${tip}^{tree}`);
    if (how === "replace refs") at.clone.git("replace", tip, forged);
    else writeFileSync(path.join(at.clone.path, ".git", "info", "grafts"), `${tip} ${good}\n`);
    expect(at.clone.git("log", "--format=%h", `${good}..${tip}`).split("\n"), "it is alive").toHaveLength(1);

    const said = await runner(at)(["triage", "--json", "--symptom", "cart"]);
    expect(said.json()).toMatchObject({ range: { commits: 2 } });
    const { suspects } = said.json<{ suspects: { subject: string }[] }>();
    expect(suspects.map(({ subject }) => subject).toSorted()).toEqual(["bad", "next"]);
  });
});

test("a mayday.yaml that is a symbolic link is not followed, and nothing of its target is said", async () => {
  const secret = path.join(scratch(), "secret");
  writeFileSync(secret, "the-secret: word\n");
  const shop = build([{ name: "one", tags: ["v1.0.0"] }, { name: "two" }]);
  symlinkSync(secret, path.join(shop.path, "mayday.yaml"));
  for (const [, ...argv] of READ) {
    if (argv[0] === "hook") continue;
    const said = await mayday(argv, { cwd: shop.path });
    expect(said.exit, `mayday ${argv.join(" ")}`).toBe(2);
    expect(said.stdout + said.stderr).not.toContain("the-secret");
    expect(said.stderr).toContain("symbolic link");
  }
});
