import { describe, expect, test } from "vitest";

import { answers, type FakeServer, fakeServer } from "../support/http.ts";
import { type CommitSpec, withRemote } from "../support/repository.ts";
import { mayday } from "../support/world.ts";
import { expectRestored, type RollbackDocument, roll, type Shop, treeOf } from "./shop.ts";

/** A shop whose mayday.yaml asks a loopback server; `more` goes below `production:`. */
function asked(url: string, more: readonly string[]): Shop {
  const yaml = [
    "version: 1",
    "environments:",
    "  production:",
    "    branch: main",
    ...more.map((line) => `    ${line}`),
  ];
  const commits: CommitSpec[] = [
    {
      name: "good",
      tags: ["v1.0.0"],
      files: { "mayday.yaml": `${yaml.join("\n").replaceAll("URL", url)}\n`, "cart.txt": "good\n" },
    },
    { name: "bad", files: { "cart.txt": "bad\n" } },
  ];
  return withRemote(commits);
}

const PROBE = "probes: [{name: health, http: URL/healthz, times: 1, every: 50ms, within: 1s, timeout: 1s}]";
const LIVE = "live: {http: URL/version}";
const SHORT = "rollback: {wait: 1s, window: 100ms}";

/** A fake shop server: what it says it runs, and its health, are decided by the test at each request. */
async function fakeShop(says: { version: () => string; healthy: () => boolean }): Promise<FakeServer> {
  return fakeServer((received, response, request) => {
    const answer =
      received.path === "/version" ? answers(200, says.version()) : answers(says.healthy() ? 200 : 503, "x");
    answer(received, response, request);
  });
}

function rung(document: RollbackDocument, id: string): string | undefined {
  return document.proof.rungs.find((one) => one.id === id)?.state;
}

describe("the proof ladder", () => {
  test("live follows the branch and the probe is healthy: P5, exit 0", async () => {
    let shop: Shop | undefined;
    const tip = (): string => shop?.remote.git("rev-parse", "main") ?? "";
    const server = await fakeShop({ version: tip, healthy: () => true });
    shop = asked(server.url, [LIVE, PROBE, SHORT]);
    const document = await roll(shop.clone);
    expect(document).toMatchObject({ exit: 0, error: null, proof: { wanted: "P5", reached: "P5" } });
    expect(document.proof.rungs.map(({ id, state }) => `${id} ${state}`)).toEqual([
      "P1 pass",
      "P2 pass",
      "P3 unknown",
      "P4 pass",
      "P5 pass",
      "P6 pass",
    ]);
    expectRestored(shop.remote, shop.remote.id("bad"), treeOf(shop.remote, "v1.0.0"));
  });

  test("live is right and the probe stays unhealthy: look outside the code, exit 10", async () => {
    let shop: Shop | undefined;
    const tip = (): string => shop?.remote.git("rev-parse", "main") ?? "";
    const server = await fakeShop({ version: tip, healthy: () => false });
    shop = asked(server.url, [LIVE, PROBE, SHORT]);
    const document = await roll(shop.clone);
    expect(document).toMatchObject({
      schema: "mayday/rollback@1",
      exit: 10,
      pushed: true,
      error: { code: "symptom-persists" },
      proof: { reached: "P4" },
    });
    expect(rung(document, "P5")).toBe("fail");
  });

  test("live never changes: exit 8, the probes of the old code prove nothing", async () => {
    let shop: Shop | undefined;
    const server = await fakeShop({ version: () => shop?.remote.id("bad") ?? "", healthy: () => true });
    shop = asked(server.url, [LIVE, PROBE, SHORT]);
    const document = await roll(shop.clone);
    expect(document).toMatchObject({
      exit: 8,
      pushed: true,
      error: { code: "unproven" },
      proof: { reached: "P2" },
    });
    expect([rung(document, "P4"), rung(document, "P5")]).toEqual(["fail", "skipped"]);
  });

  test("good itself runs again (its tree is the restored one): P4 holds", async () => {
    let shop: Shop | undefined;
    const server = await fakeShop({ version: () => shop?.remote.id("good") ?? "", healthy: () => true });
    shop = asked(server.url, [LIVE, PROBE, SHORT]);
    expect(await roll(shop.clone, ["--live", "main"])).toMatchObject({ exit: 0, proof: { reached: "P5" } });
  });

  test("one failure begins the window anew; healthy again in time is P5", async () => {
    let shop: Shop | undefined;
    const tip = (): string => shop?.remote.git("rev-parse", "main") ?? "";
    const said = [true, false, true, true, true, true, true, true];
    const server = await fakeShop({ version: tip, healthy: () => said.shift() ?? true });
    shop = asked(server.url, [LIVE, PROBE, "rollback: {wait: 20s, window: 300ms}"]);
    const document = await roll(shop.clone);
    expect(document).toMatchObject({ exit: 0, proof: { reached: "P5" } });
    expect(said.length).toBeLessThanOrEqual(5);
  });

  test("--no-verify wants only P2 and asks nobody", async () => {
    let shop: Shop | undefined;
    const server = await fakeShop({ version: () => shop?.remote.id("bad") ?? "", healthy: () => false });
    shop = asked(server.url, [LIVE, PROBE, SHORT]);
    expect(await roll(shop.clone, ["--no-verify"])).toMatchObject({ exit: 0, proof: { wanted: "P2" } });
    expect(server.received.filter(({ path }) => path === "/healthz")).toHaveLength(0);
  });

  test("a wanted rung without a source is never success", async () => {
    const { clone } = asked("", ["rollback: {proof: P3, wait: 1s, window: 0s}"]);
    expect(await roll(clone)).toMatchObject({
      exit: 8,
      pushed: true,
      proof: { wanted: "P3", reached: "P2" },
    });
  });

  test("nothing to do, and the probe is unhealthy: that is not exit 0", async () => {
    let shop: Shop | undefined;
    const tip = (): string => shop?.remote.git("rev-parse", "main") ?? "";
    const server = await fakeShop({ version: tip, healthy: () => false });
    shop = asked(server.url, [LIVE, PROBE, SHORT]);
    const document = await roll(shop.clone, ["--to", "main"]);
    expect(document).toMatchObject({ schema: "mayday/rollback@1", exit: 10, pushed: false, commit: null });
    expect(shop.remote.git("rev-parse", "main")).toBe(shop.remote.id("bad"));
  });
});

describe("consent", () => {
  test("what nobody agreed to is not run, and P4 is unknown", async () => {
    const { clone } = asked("", [
      "live: {run: 'touch fired; echo x'}",
      "rollback: {proof: P4, wait: 1s, window: 0s}",
    ]);
    const { exit, stdout, stderr } = await mayday(["rollback", "--yes", "--json"], {
      cwd: clone.path,
      env: { XDG_STATE_HOME: `${clone.path}/../state` },
    });
    expect(exit).toBe(8);
    expect(stderr).toContain("environments.production.live.run");
    const document = JSON.parse(stdout) as RollbackDocument;
    expect(rung(document, "P4")).toBe("unknown");
    expect(clone.git("status", "--porcelain")).toBe("");
  });
});

test("the ledger holds the rollback, the bad mark and the certification that is inherited", async () => {
  const { remote, clone } = asked("", []);
  const run = async (...argv: string[]): Promise<number> => (await mayday(argv, { cwd: clone.path })).exit;
  expect(await run("deploy", "record", "production", "v1.0.0")).toBe(0);
  expect(await run("deploy", "certify", "production", "v1.0.0")).toBe(0);
  expect(await run("deploy", "record", "production", "main")).toBe(0);
  const document = await roll(clone);
  expect(document).toMatchObject({ exit: 0, to: { sha: remote.id("good"), certified: true } });
  expect(document.risks.map(({ id }) => id)).not.toContain("good:uncertified");
  const log = remote.git("log", "--format=%B", "refs/mayday/ledger/production");
  const events = log
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as { type: string; sha: string; restores?: string });
  expect(events.filter(({ type }) => type === "rollback")).toMatchObject([
    { sha: document.commit?.sha, restores: remote.id("good") },
  ]);
  expect(events.filter(({ type }) => type === "bad")).toMatchObject([{ sha: remote.id("bad") }]);
  // Back again: the mark is lifted. Undone again: it holds again.
  expect(await run("undo", "--yes")).toBe(0);
  expect(await roll(clone, ["--plan", "--to", remote.id("bad")])).toMatchObject({
    exit: 0,
    risks: expect.not.arrayContaining([expect.objectContaining({ id: "good:bad" })]) as unknown,
  });
  expect(await run("undo", "--yes")).toBe(0);
  const marked = await roll(clone, ["--plan", "--to", remote.id("bad")]);
  expect(marked.risks.map(({ id, level }) => `${id} ${level}`)).toContain("good:bad red");
  expect(await roll(clone, ["--to", remote.id("bad")])).toMatchObject({ exit: 3, ids: ["good:bad"] });
  expect(await roll(clone, ["--to", remote.id("bad"), "--accept", "good:bad"])).toMatchObject({ exit: 0 });
});
