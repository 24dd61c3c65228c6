import { describe, expect, it, test } from "vitest";

import type { Traffic } from "../../src/demo/traffic.ts";
import * as verdict from "../../src/demo/verdict.ts";

const A = "a".repeat(40);
const B = "b".repeat(40);

function traffic(cartFailed: number, otherFailed = 0): Traffic {
  return {
    sent: 10,
    failed: cartFailed + otherFailed,
    paths: [
      { path: "/", sent: 6, failed: otherFailed },
      { path: "/cart", sent: 4, failed: cartFailed },
    ],
    firstFailure: cartFailed + otherFailed > 0 ? "/cart answered 500" : null,
  };
}

describe("requests", () => {
  it("are all answered, or it is not so", () => {
    expect(verdict.allAnswered("up", "before", traffic(0))).toEqual({
      step: "up",
      ok: true,
      text: "before, 10 of 10 real requests were answered",
    });
    expect(verdict.allAnswered("up", "before", traffic(1))).toMatchObject({
      ok: false,
      text: "before, 9 of 10 real requests were answered (/cart answered 500)",
    });
  });

  it("that were never sent prove nothing", () => {
    const nothing = { sent: 0, failed: 0, paths: [], firstFailure: null };
    expect(verdict.allAnswered("up", "before", nothing).ok).toBe(false);
  });
});

describe("the outage", () => {
  const log = "TypeError: x";
  test.each([
    ["the cart always fails, nothing else does", traffic(4), log, true, true],
    ["nothing fails", traffic(0), log, true, false],
    ["the cart fails only at times", traffic(3), log, true, false],
    ["something else fails too", traffic(4, 1), log, true, false],
    ["the log has no such error", traffic(4), "", true, false],
    ["the shop is down altogether", traffic(4), log, false, false],
  ])("%s", (_name, seen, text, healthy, ok) => {
    expect(verdict.cartIsBroken(seen, text, healthy).ok).toBe(ok);
  });
});

describe("what runs", () => {
  it("is the commit that /version names", () => {
    expect(verdict.runs("good", "v1", A, A).ok).toBe(true);
    expect(verdict.runs("good", "v1", A, B)).toMatchObject({ ok: false });
    expect(verdict.runs("good", "v1", A, null).text).toContain("/version says nothing");
  });

  it("cannot send control characters to the terminal", () => {
    expect(verdict.runs("good", "v1", A, "\u001b[2J").text).not.toContain("\u001b");
  });

  it("has the tree that was wanted", () => {
    expect(verdict.runsTree(A, A, "v1").ok).toBe(true);
    expect(verdict.runsTree(A, B, "v1").ok).toBe(false);
    expect(verdict.runsTree(A, null, "v1").ok).toBe(false);
  });
});

describe("triage", () => {
  const suspects = [
    { sha: A, probability: 0.7 },
    { sha: B, probability: 0.2 },
  ];
  test.each([
    ["the first suspect", { suspects }, A, true, /is the first suspect \(70%\)/],
    ["the second", { suspects }, B, false, /only suspect 2 \(20%\)/],
    ["not among them", { suspects }, "c".repeat(40), false, /not among/],
    ["in an error document", { schema: "mayday/error@1" }, A, false, /not among/],
    ["in no document", null, A, false, /not among/],
  ])("the bad commit is %s", (_name, document, bad, ok, text) => {
    const step = verdict.badIsFirst(document, bad);
    expect(step.ok).toBe(ok);
    expect(step.text).toMatch(text);
  });
});

describe("the alert", () => {
  const body = JSON.stringify({ title: "down", environment: "production" });
  test.each([
    ["once", [body], true],
    ["never", [], false],
    ["twice", [body, body], false],
    ["with other words", [JSON.stringify({ title: "up", environment: "production" })], false],
    ["for another place", [JSON.stringify({ title: "down", environment: "staging" })], false],
    ["as something that is no JSON", ["down"], false],
  ])("arrived %s", (_name, bodies, ok) => {
    expect(verdict.alertArrived(bodies, "down").ok).toBe(ok);
  });
});

test.each([0, 1, 8, 10, 70])("exit %i of a command is a success only if it is 0", (exit) => {
  expect(verdict.rolledBack(exit).ok).toBe(exit === 0);
  expect(verdict.checksPassed(exit).ok).toBe(exit === 0);
});

describe("afterwards", () => {
  it("one commit was added and none lost", () => {
    expect(verdict.historyIntact({ kept: true, added: 1 }).ok).toBe(true);
    expect(verdict.historyIntact({ kept: true, added: 0 }).ok).toBe(false);
    expect(verdict.historyIntact({ kept: false, added: 0 }).ok).toBe(false);
  });

  it("the clone is clean and level", () => {
    expect(verdict.cloneClean({ changed: [], head: A, remote: A }).ok).toBe(true);
    expect(verdict.cloneClean({ changed: [" M a.js"], head: A, remote: A }).ok).toBe(false);
    expect(verdict.cloneClean({ changed: [], head: A, remote: B }).ok).toBe(false);
    expect(verdict.cloneClean({ changed: [], head: A, remote: null }).ok).toBe(false);
  });
});
