import { execFile } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

import { expect, test } from "vitest";

import { built } from "../support/built.ts";
import { published } from "../support/document.ts";
import { type Repository, withRemote } from "../support/repository.ts";
import { cleanEnv, mayday } from "../support/world.ts";

const program = built();

function shop(): { remote: Repository; clone: Repository; cwd: string } {
  const made = withRemote([
    { name: "one", files: { a: "1" }, tags: ["v1.0.0"] },
    { name: "two", files: { a: "2" } },
  ]);
  return { ...made, cwd: made.clone.path };
}

interface Listed {
  readonly live: string | null;
  readonly good: string | null;
  readonly events: readonly { readonly type: string; readonly sha: string; readonly id: string }[];
}

async function list(at: { cwd: string }): Promise<Listed> {
  return published<Listed>(await mayday(["deploy", "list", "--json"], at), "deploy-list");
}

test("record, certify, bad, list: as documents and on the remote", async () => {
  const at = shop();
  for (const argv of [
    ["record", "production", "v1.0.0"],
    ["certify", "production"],
    ["record", "main"],
    ["bad", "main", "--reason", "loses orders"],
  ]) {
    const run = await mayday(["deploy", ...argv, "--json"], at);
    expect(published(run, "deploy")).toMatchObject({ exit: 0, environment: "production", shared: true });
  }
  const found = await list(at);
  expect(found).toMatchObject({ live: at.remote.id("two"), good: at.remote.id("one") });
  expect(found.events.map(({ type }) => type)).toEqual(["bad", "deploy", "certify", "deploy"]);
  expect(at.remote.git("log", "--format=%s", "refs/mayday/ledger/production").split("\n")).toEqual([
    `bad ${at.remote.id("two").slice(0, 8)}`,
    `deploy ${at.remote.id("two").slice(0, 8)}`,
    `certify ${at.remote.id("one").slice(0, 8)}`,
    `deploy ${at.remote.id("one").slice(0, 8)}`,
  ]);
  expect((await mayday(["deploy", "list"], at)).stdout).toContain("loses orders — two");
});

test("what is bad is not certified: exit 3 with its id", async () => {
  const at = shop();
  await mayday(["deploy", "bad", "main", "--reason", "x"], at);
  const run = await mayday(["deploy", "certify", "production", "main", "--json"], at);
  expect(published(run, "error")).toMatchObject({ exit: 3, ids: [`bad:${at.remote.id("two")}`] });
});

test.each([
  [["record", "nope"], "neither an environment"],
  [["record", "v1.0.0", "production"], "mayday deploy record production v1.0.0?"],
  [["record", "production", "main", "--at", "soon"], "is not a time"],
  [["record", "production", "main", "--service", "x"], "no service called x"],
  [["bad", "main"], "--reason"],
  [["bad", "main", "--reason", " "], "needs a reason"],
  [["list", "--top", "x"], "whole number"],
])("deploy %j is exit 2 and says why", async (argv, words) => {
  const run = await mayday(["deploy", ...argv], shop());
  expect([run.exit, run.stderr]).toEqual([2, expect.stringContaining(words)]);
});

test("a remote that refuses the ledger: a warning, exit 0, and the next write delivers both", async () => {
  const at = shop();
  const hook = path.join(at.remote.path, "hooks", "pre-receive");
  writeFileSync(hook, "#!/bin/sh\necho no such refs here >&2\nexit 1\n");
  chmodSync(hook, 0o755);
  const run = await mayday(["deploy", "record", "--json", "production", "v1.0.0"], at);
  expect(published(run, "deploy")).toMatchObject({ exit: 0, shared: false });
  expect(run.stderr).toContain("no such refs here");
  writeFileSync(hook, "#!/bin/sh\nexit 0\n");
  await mayday(["deploy", "record", "production", "main"], at);
  expect(at.remote.git("rev-list", "--count", "refs/mayday/ledger/production")).toBe("2");
});

test("processes that record at once into one clone all keep their events", async () => {
  const at = shop();
  const run = promisify(execFile);
  await Promise.all(
    [1, 2, 3, 4].map((n) =>
      run(process.execPath, [program, "deploy", "record", "production", "main", "--url", `https://ci/${n}`], {
        cwd: at.cwd,
        env: cleanEnv(),
      }),
    ),
  );
  const { events } = await list(at);
  expect(events).toHaveLength(4);
  expect(new Set(events.map(({ id }) => id)).size).toBe(4);
});
