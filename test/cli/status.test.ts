import { expect, test } from "vitest";

import { published } from "../support/document.ts";
import { closedPort } from "../support/http.ts";
import { build, withRemote } from "../support/repository.ts";
import { mayday } from "../support/world.ts";

const COMMITS = [
  { name: "one", files: { a: "1" }, tags: ["v1.0.0"] },
  { name: "two", files: { a: "2" }, branches: ["main", "next"] },
];

test("what is live, good, and what to type next", async () => {
  const { clone } = withRemote(COMMITS);
  const run = await mayday(["status"], { cwd: clone.path });
  const [one, two] = [clone.id("one").slice(0, 8), clone.id("two").slice(0, 8)];
  expect([run.exit, run.stderr]).toEqual([0, ""]);
  expect(run.stdout).toBe(`PRODUCTION  main on origin
  live  ${two}  the branch's tip
  good  v1.0.0 (${one})  a release tag, not certified
  now   1 change since good

Next
  mayday triage production          production is broken: which change did it?
  mayday rollback production        go back to good; shows the plan first
  mayday deploy certify production  it works: make live the good one
`);
  expect((await mayday([], { cwd: clone.path })).stdout).toBe(run.stdout);
});

test("the document of every environment", async () => {
  const { clone } = withRemote(COMMITS);
  const environments = { production: {}, staging: { branch: "next" } };
  clone.write("mayday.yaml", JSON.stringify({ version: 1, environments }));
  await mayday(["deploy", "record", "production", "main"], { cwd: clone.path });
  await mayday(["deploy", "bad", "main", "production", "--reason", "slow"], { cwd: clone.path });
  const document = published(await mayday(["status", "--json"], { cwd: clone.path }), "status");
  expect(document).toMatchObject({
    exit: 0,
    environments: [
      { environment: "production", liveIsBad: "slow", changesSinceGood: 1, notYetDeployed: 0 },
      { environment: "staging", liveIsBad: null },
    ],
  });
});

test("where good is not known, live is shown all the same, and the exit is 4", async () => {
  const alone = build([{ name: "one", files: { a: "1" } }]);
  const run = await mayday(["status"], { cwd: alone.path });
  expect(run.exit).toBe(4);
  expect(run.stdout).toContain(alone.id("one").slice(0, 8));
  expect(run.stdout).toContain("not known");
  expect(run.stderr).toContain("mayday deploy record production <rev>");
  const json = await mayday(["status", "--json"], { cwd: alone.path });
  expect(published(json, "error")).toMatchObject({ code: "no-good", exit: 4 });
});

test("a release tag that is a thousand changes ago is no good guess: said in one line, and nothing is built on it", async () => {
  const many = Array.from({ length: 1_001 }, (_, n) => ({ name: `c${n}`, files: { a: `${n}` } }));
  const { clone } = withRemote([{ name: "old", files: { a: "old" }, tags: ["v1.0.0"] }, ...many]);
  const warning =
    "warning good is a guess and probably wrong: v1.0.0 is 1,001 changes ago; say it: mayday triage production --good <rev>, or --since 2d\n";
  const run = await mayday(["status"], { cwd: clone.path });
  expect([run.exit, run.stderr]).toEqual([0, warning]);
  expect(run.stdout).toContain("mayday triage production --since 2d");
  expect(run.stdout).not.toContain("mayday rollback");

  const found = await mayday(["triage", "--json"], { cwd: clone.path });
  expect(found.stderr).toBe(warning);
  const { actions } = published<{ actions: { action: string; recommended: boolean }[] }>(found, "triage");
  expect(actions.filter(({ recommended }) => recommended).map(({ action }) => action)).toEqual(["alert"]);
  const near = await mayday(["status"], { cwd: withRemote(COMMITS).clone.path });
  const said = await mayday(["triage", "--good=v1.0.0", "--json"], { cwd: clone.path });
  expect([near.stderr, said.stderr]).toEqual(["", ""]);
});

test("alerts that nobody got yet are not forgotten", async () => {
  const { clone } = withRemote([
    { name: "good", files: { "a.txt": "1" }, tags: ["v1.0.0"] },
    { name: "live", files: { "a.txt": "2" } },
  ]);
  // Nobody listens there, so the alert stays in the outbox.
  const port = await closedPort();
  clone.write(
    "mayday.yaml",
    `version: 1\nchannels:\n  room: {type: webhook, url: "http://127.0.0.1:${port}/"}\nalerting: {deadline: 1s}\n`,
  );
  const before = await mayday(["status", "--json"], { cwd: clone.path });
  expect(before.json()).toMatchObject({ exit: 0, unsentAlerts: 0 });
  expect(await mayday(["alert", "the cart is down"], { cwd: clone.path })).toMatchObject({ exit: 1 });
  const after = await mayday(["status", "--json"], { cwd: clone.path });
  expect(after.json()).toMatchObject({ exit: 0, unsentAlerts: 1 });
  expect((await mayday([], { cwd: clone.path })).stdout).toContain("1 alert is not delivered");
});
