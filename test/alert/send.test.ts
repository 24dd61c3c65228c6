import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect, test } from "vitest";

import { Outbox } from "../../src/alert/outbox.ts";
import { deliveryId, sendAlert } from "../../src/alert/send.ts";
import { type ConfiguredChannel, message, NIGHT, setting } from "../support/alerting.ts";
import { answers, closedPort, fakeServer, hangsBeforeHeaders, slackOk } from "../support/http.ts";
import { scratch } from "../support/repository.ts";

function hook(name: string, url: string): ConfiguredChannel {
  return { name, settings: { type: "webhook", url: `${url}/in` }, env: {}, secrets: [] };
}

const dead = async (name: string): Promise<ConfiguredChannel> =>
  hook(name, `http://127.0.0.1:${await closedPort()}`);

function titles(server: { received: readonly { body: string }[] }): string[] {
  return server.received.map(({ body }) => (JSON.parse(body) as { title: string }).title);
}

test("one of ten is dead and one hangs: eight are delivered, two are queued, exit 8", async () => {
  const servers = await Promise.all(Array.from({ length: 8 }, () => fakeServer(answers(204))));
  const slow = await fakeServer(hangsBeforeHeaders);
  const channels = [
    hook("slow", slow.url),
    await dead("dead"),
    ...servers.map((server, index) => hook(`alive${index}`, server.url)),
  ];
  const used = setting(channels, { alerting: { require: 1, deadline: 1_500, fallback: [] } });
  const report = await sendAlert(
    message(),
    channels.map(({ name }) => name),
    used,
  );
  expect(report.exit).toBe(8);
  expect(report.deliveries.map(({ channel, status }) => `${channel} ${status}`)).toEqual([
    "slow queued",
    "dead queued",
    ...servers.map((_, index) => `alive${index} delivered`),
  ]);
  expect(report.deliveries[0]?.text).toBe("no answer within 1.5 s");
});

test("the batch is on the disk before the first byte goes out", async () => {
  const file = path.join(scratch(), "outbox.jsonl");
  const seen: string[][] = [];
  const look = async (): Promise<void> => {
    const { entries } = await new Outbox(file, { pid: 1, host: "reader" }).read();
    seen.push([...entries.values()].map((entry) => entry.channel));
  };
  const server = await fakeServer((received, response, request) => {
    void look().finally(() => answers(200)(received, response, request));
  });
  const channels = [hook("a", server.url), hook("b", server.url)];
  await sendAlert(
    message(),
    ["a", "b"],
    setting(channels, { file, outbox: new Outbox(file, { pid: process.pid, host: "here" }) }),
  );
  expect(seen).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
});

test("what was queued goes first on its channel, with the same id, marked as late", async () => {
  const down = await closedPort();
  const used = setting([hook("room", `http://127.0.0.1:${down}`)]);
  const first = message({ id: "01KAT3Q2X5M5Z000000000000A", title: "first" });
  expect(await sendAlert(first, ["room"], used)).toMatchObject({ exit: 1 });

  const server = await fakeServer(answers(204));
  const now = NIGHT + 12 * 60_000;
  const later = setting([hook("room", server.url)], { file: used.file, outbox: used.outbox, now: () => now });
  const second = message({ id: "01KAT3Q2X5M5Z000000000000B", title: "second", at: now });
  const report = await sendAlert(second, ["room"], later);
  expect(report).toMatchObject({ exit: 0, delayed: [{ channel: "room", status: "delivered" }], stale: 0 });
  expect(titles(server)).toEqual(["first", "second"]);
  expect(JSON.parse(server.received[0]?.body ?? "")).toMatchObject({
    delivery: deliveryId(first.id, "room"),
    delayedMs: 12 * 60_000,
    repeat: false,
    remarks: ["delayed 12 min"],
  });
  expect(JSON.parse(server.received[1]?.body ?? "")).toMatchObject({ delayedMs: 0, remarks: [] });

  await sendAlert(message({ id: "01KAT3Q2X5M5Z000000000000C", title: "third" }), ["room"], later);
  expect(titles(server)).toEqual(["first", "second", "third"]);
});

test("two alerts at the same time send what was queued once", async () => {
  const used = setting([await dead("room")]);
  await sendAlert(message({ title: "first" }), ["room"], used);
  const server = await fakeServer(answers(204));
  const both = ["B", "C"].map((letter) =>
    sendAlert(
      message({ id: `01KAT3Q2X5M5Z00000000000${letter}0`, title: letter }),
      ["room"],
      setting([hook("room", server.url)], {
        outbox: new Outbox(used.file, { pid: process.pid, host: "here" }),
      }),
    ),
  );
  const reports = await Promise.all(both);
  expect(reports.map(({ exit }) => exit)).toEqual([0, 0]);
  expect(titles(server).toSorted()).toEqual(["B", "C", "first"]);
});

test("what another channel has in the outbox is sent too", async () => {
  const used = setting([await dead("mail"), hook("room", "http://127.0.0.1:1")]);
  await sendAlert(message({ title: "for mail" }), ["mail"], used);
  const server = await fakeServer(answers(204));
  const both = setting([hook("mail", server.url), hook("room", server.url)], { outbox: used.outbox });
  const report = await sendAlert(
    message({ id: "01KAT3Q2X5M5Z000000000000B", title: "for room" }),
    ["room"],
    both,
  );
  expect(report).toMatchObject({
    deliveries: [{ channel: "room" }],
    delayed: [{ channel: "mail", status: "delivered" }],
  });
  expect(titles(server).toSorted()).toEqual(["for mail", "for room"]);
});

test("older than an hour: not sent unasked, counted, kept", async () => {
  const used = setting([await dead("room")]);
  await sendAlert(message({ title: "old" }), ["room"], used);
  const server = await fakeServer(answers(204));
  const now = NIGHT + 3_600_001;
  const later = setting([hook("room", server.url)], { outbox: used.outbox, now: () => now });
  const report = await sendAlert(
    message({ id: "01KAT3Q2X5M5Z000000000000B", title: "new" }),
    ["room"],
    later,
  );
  expect(report).toMatchObject({ exit: 0, delayed: [], stale: 1 });
  expect(titles(server)).toEqual(["new"]);
});

test("a receiver that asked to wait is not asked again before", async () => {
  const server = await fakeServer(answers(429, "", { "retry-after": "120" }));
  const used = setting([hook("room", server.url)]);
  await sendAlert(message({ title: "first" }), ["room"], used);
  server.behave(answers(204));
  const again = async (id: string, minutes: number): Promise<number> => {
    const now = NIGHT + minutes * 60_000;
    const later = setting([hook("room", server.url)], { outbox: used.outbox, now: () => now });
    return (await sendAlert(message({ id, at: now }), ["room"], later)).delayed.length;
  };
  expect(await again("01KAT3Q2X5M5Z000000000000B", 1)).toBe(0);
  expect(await again("01KAT3Q2X5M5Z000000000000C", 3)).toBe(1);
});

test("while a channel does not take the older one, the rest stays queued and the new one is tried", async () => {
  const used = setting([await dead("room")]);
  const tried: number[] = [];
  for (const letter of ["A", "B", "C"]) {
    const report = await sendAlert(
      message({ id: `01KAT3Q2X5M5Z00000000000${letter}0`, title: letter }),
      ["room"],
      used,
    );
    tried.push(report.delayed.length);
    expect(report.deliveries).toMatchObject([{ status: "queued" }]);
  }
  // With C both A and B were queued; A was not taken, so B was left alone.
  expect(tried).toEqual([0, 1, 1]);
  const server = await fakeServer(answers(204));
  const report = await sendAlert(
    message({ id: "01KAT3Q2X5M5Z000000000000D", title: "D" }),
    ["room"],
    setting([hook("room", server.url)], { outbox: used.outbox }),
  );
  expect(report.delayed.map(({ status }) => status)).toEqual(["delivered", "delivered", "delivered"]);
  expect(titles(server)).toEqual(["A", "B", "C", "D"]);
});

test("a doubtful alert at Slack is sent again later, marked as perhaps a second copy", async () => {
  const server = await fakeServer(hangsBeforeHeaders);
  const slack = {
    name: "room",
    settings: { type: "slack", channel: "C0123", api: server.url, secret: "env:T" },
    env: { T: "xoxb-4815162342" },
    secrets: [],
  };
  const used = setting([slack], { alerting: { require: 1, deadline: 200, fallback: [] } });
  expect(await sendAlert(message({ title: "first" }), ["room"], used)).toMatchObject({
    exit: 1,
    deliveries: [{ status: "ambiguous", text: "no answer within 200 ms; it may have arrived" }],
  });
  server.behave(slackOk);
  const report = await sendAlert(
    message({ id: "01KAT3Q2X5M5Z000000000000B", title: "second" }),
    ["room"],
    setting([slack], { outbox: used.outbox, now: () => NIGHT + 60_000 }),
  );
  expect(report).toMatchObject({ exit: 0, delayed: [{ status: "delivered" }] });
  expect(server.received.map(({ body }) => (JSON.parse(body) as { text: string }).text)).toEqual([
    "SEV1 · production · first",
    "SEV1 · production · first · delayed 1 min · may be a second copy",
    "SEV1 · production · second",
  ]);
});

test("fallback: told when a channel refuses, not when it accepts", async () => {
  const refusing = await fakeServer(answers(403));
  const server = await fakeServer(answers(204));
  const channels = [hook("room", refusing.url), hook("mail", server.url)];
  const used = setting(channels, { alerting: { require: 1, deadline: 5_000, fallback: ["mail"] } });
  expect(await sendAlert(message(), ["room"], used)).toMatchObject({
    exit: 8,
    deliveries: [
      { channel: "room", status: "refused", text: "answered 403" },
      { channel: "mail", status: "delivered" },
    ],
  });
  refusing.behave(answers(204));
  const report = await sendAlert(message({ id: "01KAT3Q2X5M5Z000000000000B" }), ["room"], used);
  expect(report).toMatchObject({ exit: 0, deliveries: [{ channel: "room" }] });
  expect(server.received).toHaveLength(1);
});

test("fallback: told when one refuses, although enough others accept", async () => {
  const [server, refusing] = [await fakeServer(answers(204)), await fakeServer(answers(403))];
  const channels = [hook("room", server.url), hook("hook", refusing.url), hook("mail", server.url)];
  const used = setting(channels, { alerting: { require: 1, deadline: 5_000, fallback: ["mail"] } });
  const report = await sendAlert(message(), ["room", "hook"], used);
  expect(report.deliveries.map(({ channel, status }) => `${channel} ${status}`)).toEqual([
    "room delivered",
    "hook refused",
    "mail delivered",
  ]);
});

test("fallback: told when fewer accepted than required", async () => {
  const server = await fakeServer(answers(204));
  const channels = [await dead("room"), hook("hook", server.url), hook("mail", server.url)];
  const run = async (require: number): Promise<string[]> => {
    const used = setting(channels, { alerting: { require, deadline: 2_000, fallback: ["mail"] } });
    const report = await sendAlert(message(), ["room", "hook"], used);
    return report.deliveries.map(({ channel, status }) => `${channel} ${status}`);
  };
  expect(await run(1)).toEqual(["room queued", "hook delivered"]);
  expect(await run(2)).toEqual(["room queued", "hook delivered", "mail delivered"]);
});

test("a channel without consent, of an unknown type or not configured is refused; others are told", async () => {
  const server = await fakeServer(answers(204));
  const pager = { name: "pager", settings: { type: "pagerduty", secret: "env:X" }, env: {}, secrets: [] };
  const used = setting([hook("room", server.url), hook("repo", server.url), pager], {
    leftOut: new Map([["repo", "needs consent: mayday trust"]]),
  });
  expect(await sendAlert(message(), ["room", "repo", "pager", "nobody"], used)).toMatchObject({
    exit: 8,
    deliveries: [
      { channel: "room", status: "delivered" },
      { channel: "repo", status: "refused", text: "needs consent: mayday trust" },
      { channel: "pager", status: "refused", text: "this version of mayday cannot send to pagerduty yet" },
      { channel: "nobody", status: "refused" },
    ],
  });
  expect(server.received).toHaveLength(1);
  expect(used.written()).not.toContain("repo");
});

test("a private address is for the user's own configuration", async () => {
  const channel: ConfiguredChannel = hook("room", "https://10.255.255.1");
  const used = setting([channel], { alerting: { require: 1, deadline: 100, fallback: [] } });
  expect((await sendAlert(message(), ["room"], used)).deliveries[0]).toMatchObject({
    status: "refused",
    text: "10.255.255.1 is a private address: only the user's own configuration may name one",
  });
  const own = setting([channel], { own: new Set(["room"]), alerting: used.alerting });
  expect((await sendAlert(message(), ["room"], own)).deliveries[0]?.status).toBe("queued");
});

test("an outbox that cannot be written stops no alert, and nothing is called queued", async () => {
  const directory = scratch();
  writeFileSync(path.join(directory, "taken"), "");
  const file = path.join(directory, "taken", "outbox.jsonl");
  const server = await fakeServer(answers(204));
  const used = setting([hook("room", server.url), await dead("mail")], {
    outbox: new Outbox(file, { pid: process.pid, host: "here" }),
  });
  const report = await sendAlert(message(), ["room", "mail"], used);
  expect(report).toMatchObject({ exit: 8, deliveries: [{ status: "delivered" }, { status: "refused" }] });
  expect(report.deliveries[1]?.text).toContain("refused the connection; not queued");
  expect(report.warnings).toEqual([
    expect.stringMatching(/^the outbox cannot be written: what is not accepted now is not sent later \(E/),
  ]);
});

test("a secret that someone typed into the message reaches neither channel nor outbox", async () => {
  const server = await fakeServer(answers(204));
  const channel = { ...hook("room", server.url), env: { S: "hunter2-hunter2" } };
  const used = setting([{ ...channel, settings: { ...channel.settings, secret: "env:S" } }]);
  await sendAlert(message({ title: "login with hunter2-hunter2 fails" }), ["room"], used);
  expect(titles(server)).toEqual(["login with [redacted] fails"]);
  expect(used.written()).not.toContain("hunter2");
});

test("a slow password command delays no other channel", async () => {
  const server = await fakeServer(answers(204));
  const directory = scratch();
  mkdirSync(path.join(directory, "bin"));
  const gate = path.join(directory, "gate");
  // Waits until the other channel was told: if it were waited for, nobody would be.
  const script = path.join(directory, "bin", "secret");
  writeFileSync(script, `#!/bin/sh\nwhile [ ! -e '${gate}' ]; do sleep 0.02; done; echo signing-secret\n`);
  chmodSync(script, 0o755);
  server.behave((received, response, request) => {
    writeFileSync(gate, "");
    answers(204)(received, response, request);
  });
  const slow: ConfiguredChannel = {
    ...hook("slow", server.url),
    settings: { type: "webhook", url: server.url, secret: `cmd:'${script}'` },
    env: { PATH: process.env["PATH"] ?? "" },
  };
  const report = await sendAlert(message(), ["slow", "room"], setting([slow, hook("room", server.url)]));
  expect(report.deliveries.map(({ status }) => status)).toEqual(["delivered", "delivered"]);
  expect(server.received.map(({ headers }) => "webhook-signature" in headers)).toEqual([false, true]);
});
