import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";

import { rolldown } from "rolldown";
import { expect, test } from "vitest";

import { Outbox } from "../../src/alert/outbox.ts";
import { deliveryId, sendAlert } from "../../src/alert/send.ts";
import { type ConfiguredChannel, message, NIGHT, setting } from "../support/alerting.ts";
import { answers, fakeServer, hangsBeforeHeaders } from "../support/http.ts";
import { scratch } from "../support/repository.ts";

const SOURCE = path.resolve(import.meta.dirname, "../../src/alert");

/** The alert room as one file that plain node runs, in a process that can be killed. */
async function bundled(directory: string): Promise<string> {
  const entry = path.join(directory, "entry.ts");
  writeFileSync(
    entry,
    `export { sendAlert } from ${JSON.stringify(path.join(SOURCE, "send.ts"))};\n` +
      `export { Outbox } from ${JSON.stringify(path.join(SOURCE, "outbox.ts"))};\n`,
  );
  const bundle = await rolldown({ input: entry, platform: "node", tsconfig: false, external: [/^execa$/] });
  const file = path.join(directory, "alert.mjs");
  await bundle.write({ file, format: "esm", codeSplitting: false });
  await bundle.close();
  return file;
}

test("kill -9 while the channels hang: everything is still there and is sent by the next alert", async () => {
  const directory = scratch();
  const room = await bundled(directory);
  const file = path.join(directory, "outbox.jsonl");
  const server = await fakeServer(hangsBeforeHeaders);
  const channels: ConfiguredChannel[] = ["one", "two", "three"].map((name) => ({
    name,
    settings: { type: "webhook", url: `${server.url}/${name}` },
    env: {},
    secrets: [],
  }));
  const names = channels.map(({ name }) => name);
  const lost = message({ id: "01KAT3Q2X5M5Z000000000000A", title: "sent by a process that dies" });
  const script = path.join(directory, "die.mjs");
  writeFileSync(
    script,
    `import { Outbox, sendAlert } from ${JSON.stringify(room)};
const channels = ${JSON.stringify(Object.fromEntries(channels.map((one) => [one.name, one.settings])))};
await sendAlert(${JSON.stringify(lost)}, ${JSON.stringify(names)}, {
  channels, own: new Set(), leftOut: new Map(), source: () => ({ env: {}, home: null, cwd: "/" }),
  alerting: { require: 1, deadline: 600000, fallback: [] }, now: () => ${NIGHT},
  outbox: new Outbox(${JSON.stringify(file)}, { pid: process.pid, host: "here" }),
});
`,
  );
  const child = spawn(process.execPath, [script], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(child, "exit");
  await Promise.race([
    server.arrived(1),
    ended.then(() => {
      throw new Error("the process ended before it sent anything");
    }),
  ]);
  child.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);

  const before = server.received.length;
  server.behave(answers(204));
  const used = setting(channels, { file, outbox: new Outbox(file, { pid: process.pid, host: "here" }) });
  const next = message({ id: "01KAT3Q2X5M5Z000000000000B", title: "the next one" });
  const report = await sendAlert(next, ["one"], used);
  expect(report).toMatchObject({ exit: 0, warnings: [], stale: 0 });
  expect(report.delayed.map(({ channel, status }) => `${channel} ${status}`).toSorted()).toEqual([
    "one delivered",
    "three delivered",
    "two delivered",
  ]);
  const bodies = server.received
    .slice(before)
    .map(({ body }) => JSON.parse(body) as { delivery: string; title: string; repeat: boolean });
  const late = bodies.filter(({ title }) => title === lost.title);
  expect(late.map(({ delivery }) => delivery).toSorted()).toEqual(
    names.map((name) => deliveryId(lost.id, name)).toSorted(),
  );
  expect(late.every(({ repeat }) => repeat)).toBe(true);
});
