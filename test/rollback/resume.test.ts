import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { answers, fakeServer } from "../support/http.ts";
import { type Repository, withRemote } from "../support/repository.ts";
import { mayday } from "../support/world.ts";
import {
  colleague,
  commit,
  expectRestored,
  refsOf,
  type RollbackDocument,
  roll,
  shop,
  treeOf,
} from "./shop.ts";

function journal(clone: Repository): string {
  return path.join(clone.path, ".git/mayday/operations.jsonl");
}

function events(repository: Repository): string[] {
  return repository.git("log", "--format=%s", "refs/mayday/ledger/production").split("\n");
}

async function goOn(clone: Repository, env: Record<string, string> = {}): Promise<RollbackDocument> {
  const { exit, stdout } = await mayday(["rollback", "--continue", "--json"], { cwd: clone.path, env });
  const document = JSON.parse(stdout) as RollbackDocument;
  expect(document.exit).toBe(exit);
  return document;
}

/** git whose push of main is cut before anything is sent. */
function cutPush(clone: Repository): Record<string, string> {
  const directory = path.join(path.dirname(clone.path), "cut");
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  execFileSync("mkdir", ["-p", directory]);
  const script = `case " $* " in *" push "*refs/heads/main*) echo 'early EOF' >&2; exit 128 ;; esac\nexec ${real} "$@"\n`;
  writeFileSync(path.join(directory, "git"), `#!/bin/sh\n${script}`, { mode: 0o755 });
  return { PATH: `${directory}:${process.env["PATH"] ?? ""}` };
}

describe("the log lost its end after the commit was published", () => {
  // What a crash can leave of: intent, published, done.
  const cuts: Readonly<Record<string, (whole: string) => string>> = {
    "done was not written": (whole) => whole.split("\n").slice(0, 2).join("\n") + "\n",
    "neither published nor done": (whole) => whole.split("\n").slice(0, 1).join("\n") + "\n",
    "the second line torn": (whole) => whole.slice(0, whole.indexOf("\n") + 9),
    "the intent torn at its last byte": (whole) => whole.slice(0, whole.indexOf("\n") - 1),
    "the intent torn in the middle": (whole) => whole.slice(0, whole.indexOf("\n") >> 1),
    "one byte left": (whole) => whole.slice(0, 1),
    "nothing left": () => "",
    "garbage in its place": () => "\u0000\u0000garbage\n{}\n[1]\nnull\n",
  };
  test.each(Object.entries(cuts))("%s: --continue finishes it, nothing is done twice", async (_name, cut) => {
    const { remote, clone } = shop();
    const first = await roll(clone);
    const before = events(remote);
    writeFileSync(journal(clone), cut(readFileSync(journal(clone), "utf8")));
    expect(await roll(clone)).toMatchObject({ exit: 7, error: { code: "interrupted-operation" } });
    const second = await goOn(clone);
    expect(second).toMatchObject({
      exit: 0,
      pushed: true,
      operation: 1,
      commit: first.commit,
      proof: { reached: "P2" },
    });
    expect(second.proof.rungs.map(({ id }) => id)).toEqual(["P1", "P2", "P6"]);
    expect(events(remote)).toEqual(before);
    expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
    expect(await goOn(clone)).toMatchObject({ exit: 1, error: { code: "nothing-to-continue" } });
    // And it can be undone as if nothing had been.
    expect((await mayday(["undo", "--yes"], { cwd: clone.path })).exit).toBe(0);
    expect(treeOf(remote, "main")).toBe(treeOf(remote, remote.id("late")));
  });

  test("an older operation that the log lost is not taken for an open one", async () => {
    const { clone } = shop();
    await roll(clone);
    await mayday(["undo", "--yes"], { cwd: clone.path });
    const lines = readFileSync(journal(clone), "utf8").split("\n");
    writeFileSync(journal(clone), lines.filter((line) => line.includes('"number":2')).join("\n") + "\n");
    expect(await goOn(clone)).toMatchObject({ exit: 1 });
    expect(await roll(clone, ["--plan"])).toMatchObject({ exit: 0 });
  });
});

describe("interrupted before it was published", () => {
  test("the log torn in the intent: read again from the refs, pushed once", async () => {
    const { remote, clone } = shop();
    const first = await roll(clone, [], cutPush(clone));
    expect(first).toMatchObject({ exit: 8, error: { code: "unclear" }, pushed: false });
    writeFileSync(journal(clone), readFileSync(journal(clone), "utf8").slice(0, 40));
    expect(await goOn(clone)).toMatchObject({ exit: 0, pushed: true, commit: first.commit });
    expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
  });

  test("under another name: still the same commit, never a second one", async () => {
    const { remote, clone } = shop();
    const first = await roll(clone, [], cutPush(clone));
    const env = { GIT_AUTHOR_NAME: "Bo", GIT_COMMITTER_NAME: "Bo", GIT_COMMITTER_EMAIL: "bo@example.com" };
    expect(await goOn(clone, env)).toMatchObject({ exit: 0, commit: first.commit });
    expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
  });

  test("--abort leaves no ref and no open operation; then --continue has nothing to do", async () => {
    const { remote, clone } = shop();
    const before = refsOf(clone);
    await roll(clone, [], cutPush(clone));
    expect((await mayday(["rollback", "--abort"], { cwd: clone.path })).exit).toBe(0);
    expect(refsOf(clone)).toBe(before);
    expect(remote.git("rev-parse", "main")).toBe(remote.id("late"));
    expect(await goOn(clone)).toMatchObject({ exit: 1 });
    expect(await roll(clone)).toMatchObject({ exit: 0, operation: 2 });
  });

  test("the remote moved meanwhile: --continue refuses, exit 6, and closes it", async () => {
    const { remote, clone } = shop();
    await roll(clone, [], cutPush(clone));
    const tip = commit(colleague(remote), "The fix", { "fix.txt": "1\n" });
    expect(await goOn(clone)).toMatchObject({ exit: 6, code: "remote-moved" });
    expect(remote.git("rev-parse", "main")).toBe(tip);
    expect(await goOn(clone)).toMatchObject({ exit: 1 });
  });
});

test.each([
  ["at the tip", (_remote: Repository) => {}],
  [
    "below a colleague's commit",
    (remote: Repository) => void commit(colleague(remote), "On top", { top: "1\n" }),
  ],
])("--abort of what is published (%s) is refused, exit 3; undo is named", async (_name, more) => {
  const { remote, clone } = shop();
  await roll(clone);
  writeFileSync(journal(clone), `${readFileSync(journal(clone), "utf8").split("\n")[0]}\n`);
  more(remote);
  const tip = remote.git("rev-parse", "main");
  const { exit, stdout } = await mayday(["rollback", "--abort", "--json"], { cwd: clone.path });
  expect(exit).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    schema: "mayday/error@1",
    code: "published",
    ids: ["published:1"],
  });
  expect(stdout).toContain("mayday undo 1");
  expect(remote.git("rev-parse", "main")).toBe(tip);
  expect(await goOn(clone)).toMatchObject({ exit: 0, pushed: true });
  expect(remote.git("rev-parse", "main")).toBe(tip);
});

test("without a remote, too, --abort sees what is published", async () => {
  const { clone } = shop();
  clone.git("remote", "remove", "origin");
  await roll(clone);
  writeFileSync(journal(clone), `${readFileSync(journal(clone), "utf8").split("\n")[0]}\n`);
  expect((await mayday(["rollback", "--abort"], { cwd: clone.path })).exit).toBe(3);
  expect(await goOn(clone)).toMatchObject({ exit: 0, pushed: true });
});

describe("Ctrl-C", () => {
  test("while waiting for proof: exit 130, the state is saved, --continue ends it", async () => {
    const controller = new AbortController();
    let sick = true;
    const server = await fakeServer((received, response, request) => {
      if (sick && received.path === "/healthz") controller.abort();
      answers(sick ? 503 : 200, "x")(received, response, request);
    });
    const yaml = `version: 1\nenvironments:\n  production:\n    branch: main\n    probes: [{name: health, http: ${server.url}/healthz, times: 1, within: 1s, timeout: 1s}]\n    rollback: {wait: 30s, window: 0s}\n`;
    const { remote, clone } = withRemote([
      { name: "good", tags: ["v1.0.0"], files: { "mayday.yaml": yaml, a: "1\n" } },
      { name: "bad", files: { a: "2\n" } },
    ]);
    const { exit, stdout } = await mayday(["rollback", "--yes", "--json"], {
      cwd: clone.path,
      signal: controller.signal,
    });
    expect(exit).toBe(130);
    const error = JSON.parse(stdout) as { code: string; hint: string; message: string };
    expect(error).toMatchObject({ schema: "mayday/error@1", code: "interrupted", exit: 130 });
    expect(error.hint).toContain("mayday rollback production --continue");
    expect(error.hint).toContain("mayday undo 1");
    expect(error.message).toContain("is published");
    const before = events(remote);
    sick = false;
    expect(await goOn(clone)).toMatchObject({ exit: 0, proof: { wanted: "P5", reached: "P5" } });
    expect(events(remote)).toEqual(before);
    expectRestored(remote, remote.id("bad"), treeOf(remote, "v1.0.0"));
  });

  test("before anything: exit 130, nothing is open", async () => {
    const { remote, clone } = shop();
    const { exit, stderr } = await mayday(["rollback", "--yes"], {
      cwd: clone.path,
      signal: AbortSignal.abort(),
    });
    expect(exit).toBe(130);
    expect(stderr).not.toMatch(/ at .*:\d+:\d+/);
    expect(remote.git("rev-parse", "main")).toBe(remote.id("late"));
    expect(await goOn(clone)).toMatchObject({ exit: 1 });
  });
});

describe("one at a time in a clone", () => {
  const lock = (clone: Repository): string => path.join(clone.path, ".git/mayday/lock-production");
  const dead = (): number => Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }));

  test.each([
    ["a process of this machine that runs", { pid: process.pid, host: hostname() }, `process ${process.pid}`],
    ["a process of another machine", { pid: 1, host: "elsewhere" }, "on elsewhere"],
  ])("%s holds the lock: exit 9 says whose it is, and it stays", async (_name, owner, says) => {
    const { remote, clone } = shop();
    await roll(clone, ["--no-push"]);
    writeFileSync(lock(clone), JSON.stringify(owner));
    const answer = (await roll(clone)) as unknown as { message: string };
    expect(answer).toMatchObject({ schema: "mayday/error@1", exit: 9, code: "busy" });
    expect(answer.message).toContain(says);
    expect(readFileSync(lock(clone), "utf8")).toBe(JSON.stringify(owner));
    expect((await mayday(["rollback", "--abort"], { cwd: clone.path })).exit).toBe(9);
    expect(remote.git("rev-parse", "main")).toBe(remote.id("late"));
  });

  test.each([
    ["of a process that is gone", () => JSON.stringify({ pid: dead(), host: hostname() })],
    ["that is empty", () => ""],
    ["that cannot be read", () => '{"pid":'],
  ])("a lock %s is taken over, and no lock is left", async (_name, content) => {
    const { clone } = shop();
    await roll(clone, ["--no-push"]);
    writeFileSync(lock(clone), content());
    expect(await roll(clone)).toMatchObject({ exit: 0 });
    expect(existsSync(lock(clone))).toBe(false);
    expect(execFileSync("ls", [path.dirname(lock(clone))], { encoding: "utf8" })).not.toContain("lock-");
  });

  test("two at once: one restoring commit, the other one is told", async () => {
    const { remote, clone } = shop();
    const exits = (await Promise.all([roll(clone), roll(clone)]))
      .map(({ exit }) => exit)
      .toSorted((a, b) => a - b);
    expect(exits[0]).toBe(0);
    expect([0, 6, 9]).toContain(exits[1]);
    expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
  });
});

test("an undo that was cut is finished by --continue", async () => {
  const { remote, clone } = shop();
  await roll(clone);
  const cut = await mayday(["undo", "--yes"], { cwd: clone.path, env: cutPush(clone) });
  expect(cut.exit).toBe(8);
  expect(await goOn(clone)).toMatchObject({ exit: 0, strategy: "undo", operation: 2 });
  expect(treeOf(remote, "main")).toBe(treeOf(remote, remote.id("late")));
  rmSync(journal(clone));
  expect(remote.git("rev-list", "--count", `${remote.id("late")}..main`)).toBe("2");
});
