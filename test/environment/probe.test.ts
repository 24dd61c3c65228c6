import { describe, expect, test } from "vitest";

import type { Asking } from "../../src/environment/ask.ts";
import { pause, runProbe, runProbes } from "../../src/environment/probe.ts";
import type { ProbeSettings } from "../../src/model/settings.ts";
import {
  answers,
  type Behaviour,
  closedPort,
  fakeServer,
  hangsAfterHeaders,
  hangsBeforeHeaders,
} from "../support/http.ts";
import { scratch } from "../support/repository.ts";

function asking(signal = new AbortController().signal): Asking {
  return { cwd: scratch(), env: { PATH: process.env["PATH"] ?? "" }, signal };
}

function probe(change: Partial<ProbeSettings>): ProbeSettings {
  return { name: "health", status: 200, within: 2_000, times: 1, every: 1, timeout: 5_000, ...change };
}

/** Behaves as the list says, then as its last entry. */
function inTurn(behaviours: readonly Behaviour[]): Behaviour {
  let n = 0;
  return (...args) => {
    const behaviour = behaviours[Math.min(n, behaviours.length - 1)];
    n += 1;
    behaviour?.(...args);
  };
}

describe("http", () => {
  test("the wanted status is healthy", async () => {
    const { url } = await fakeServer(answers(204));
    expect(await runProbe(probe({ http: url, status: 204 }), asking())).toMatchObject({
      healthy: true,
      tries: 1,
      text: expect.stringMatching(/^status 204 in \d+ ms$/),
    });
  });

  test("times must be in a row: one failure starts anew", async () => {
    const [ok, no] = [answers(200), answers(503)];
    const server = await fakeServer(inTurn([ok, ok, no, ok, ok, ok, no]));
    const result = await runProbe(probe({ http: server.url, times: 3 }), asking());
    expect(result).toMatchObject({ healthy: true, tries: 6 });
    expect(server.received).toHaveLength(6);
  });

  test("another status, a redirect, a body without the words: unhealthy, and why", async () => {
    const server = await fakeServer(answers(503));
    const once = { http: server.url, timeout: 1, within: 1_000 } as const;
    // A row of one is given one try at least; the next would come after the deadline.
    const settings = probe({ ...once, every: 5_000 });
    expect((await runProbe(settings, asking())).text).toBe("status 503, wanted 200");
    server.behave(answers(302, "", { location: "/elsewhere" }));
    expect((await runProbe(settings, asking())).text).toContain("302");
    server.behave(answers(200, "all is lost"));
    const body = await runProbe({ ...settings, body: "ok" }, asking());
    expect(body).toMatchObject({ healthy: false, text: expect.stringContaining('"ok"') });
    server.behave(answers(200, "it is ok now"));
    expect((await runProbe({ ...settings, body: "ok" }, asking())).healthy).toBe(true);
  });

  test.each<[string, Behaviour]>([
    ["before the headers", hangsBeforeHeaders],
    ["after the headers", hangsAfterHeaders],
  ])("a server that hangs %s is unhealthy after `within`", async (_name, behaviour) => {
    const { url } = await fakeServer(behaviour);
    const result = await runProbe(probe({ http: url, within: 50, timeout: 60, every: 1_000 }), asking());
    expect(result).toMatchObject({ healthy: false, tries: 1 });
  });

  test("nobody there is unhealthy", async () => {
    const http = `http://127.0.0.1:${await closedPort()}/`;
    expect((await runProbe(probe({ http, every: 6_000 }), asking())).healthy).toBe(false);
  });
});

describe("run", () => {
  test("exit 0 is healthy, another is not", async () => {
    expect((await runProbe(probe({ run: ["sh", "-c", "exit 0"] }), asking())).healthy).toBe(true);
    const failed = await runProbe(probe({ run: "exit 7", every: 6_000 }), asking());
    expect(failed).toMatchObject({ healthy: false, text: "exit code 7" });
  });

  test("a program that is not there, and one that does not end, are unhealthy", async () => {
    const missing = await runProbe(probe({ run: ["no-such-program-here"], every: 6_000 }), asking());
    expect(missing.text).toContain("cannot be started (ENOENT)");
    const slow = await runProbe(probe({ run: "sleep 30", timeout: 100, every: 6_000 }), asking());
    expect(slow).toMatchObject({ healthy: false, text: "no end within 0.1 s" });
  });
});

test("several are run at once, each with its own result", async () => {
  const [good, poor] = [await fakeServer(answers(200)), await fakeServer(answers(500))];
  const results = await runProbes(
    [probe({ name: "a", http: good.url }), probe({ name: "b", http: poor.url, every: 6_000 })],
    asking(),
  );
  expect(results.map(({ name, healthy }) => [name, healthy])).toEqual([
    ["a", true],
    ["b", false],
  ]);
});

test("an interruption ends the waiting", async () => {
  const controller = new AbortController();
  const { url } = await fakeServer(answers(500));
  const running = runProbe(probe({ http: url, every: 30_000, timeout: 90_000 }), asking(controller.signal));
  setImmediate(() => controller.abort());
  expect((await running).healthy).toBe(false);
  await pause(30_000, controller.signal);
});
