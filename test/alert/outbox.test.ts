import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

import * as fc from "fast-check";
import { expect, test } from "vitest";

import { isPending, Outbox, type OutboxItem } from "../../src/alert/outbox.ts";
import { message, NIGHT } from "../support/alerting.ts";
import { scratch } from "../support/repository.ts";

const ME = { pid: process.pid, host: "here" };
/** No process has it: beyond the largest pid_max of Linux. */
const GONE = { pid: 2 ** 22 + 1, host: "here" };
const LATER = NIGHT + 60_000;

function item(id: string, channel = "room"): OutboxItem {
  return { id, channel, message: message() };
}

function open(file = path.join(scratch(), "mayday", "outbox.jsonl"), holder = ME): [Outbox, string] {
  return [new Outbox(file, holder), file];
}

async function pendingIds(outbox: Outbox): Promise<string[]> {
  return [...(await outbox.read()).entries.values()].filter(isPending).map((entry) => entry.id);
}

test("an outbox that is not there is empty", async () => {
  const [outbox] = open();
  expect(await outbox.read()).toEqual({ entries: new Map(), skipped: 0 });
});

test("what is queued is there after a restart, for the user alone, one checked line each", async () => {
  const [outbox, file] = open();
  await outbox.queue([item("a"), item("b", "mail")], NIGHT, LATER);
  const [again] = open(file);
  expect([...(await again.read()).entries.values()]).toMatchObject([
    { id: "a", channel: "room", at: NIGHT, attempts: 0, last: null, message: message() },
    { id: "b", channel: "mail" },
  ]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8")).toMatch(/^(?:[0-9a-f]{8} \{.*\}\n){2}$/);
});

test("receipts: queued and ambiguous stay, delivered, refused and dropped end", async () => {
  const [outbox] = open();
  await outbox.queue(
    ["a", "b", "c", "d", "e"].map((id) => item(id)),
    NIGHT,
    LATER,
  );
  const statuses = { a: "queued", b: "ambiguous", c: "delivered", d: "refused", e: "dropped" } as const;
  for (const [id, status] of Object.entries(statuses)) await outbox.record({ id, status, text: "" }, NIGHT);
  expect(await pendingIds(outbox)).toEqual(["a", "b"]);
  const { entries } = await outbox.read();
  expect(entries.get("a")).toMatchObject({ attempts: 1, claim: null });
});

test("a torn last line is skipped, counted, and spoils nothing after it", async () => {
  const [outbox, file] = open();
  await outbox.queue([item("a"), item("b")], NIGHT, LATER);
  writeFileSync(file, readFileSync(file, "utf8").slice(0, -25));
  expect(await pendingIds(outbox)).toEqual(["a"]);
  expect((await outbox.read()).skipped).toBe(1);
  await outbox.queue([item("c")], NIGHT, LATER);
  expect(await pendingIds(outbox)).toEqual(["a", "c"]);
  expect((await outbox.read()).skipped).toBe(1);
});

test("a damaged line, a line of a later version and a line of nobody are skipped and counted", async () => {
  const [outbox, file] = open();
  await outbox.queue([item("a"), item("b")], NIGHT, LATER);
  writeFileSync(file, readFileSync(file, "utf8").replace('"id":"b"', '"id":"x"'));
  appendFileSync(file, 'hello\n{"v":1}\n44136fa3 {}\n\n');
  expect(await pendingIds(outbox)).toEqual(["a"]);
  expect((await outbox.read()).skipped).toBe(4);
});

test("cut anywhere, every whole line is kept and reading never fails", async () => {
  const [outbox, file] = open();
  await outbox.queue([item("a"), item("b"), item("c")], NIGHT, LATER);
  await outbox.record({ id: "a", status: "delivered", text: "accepted" }, NIGHT);
  const whole = readFileSync(file);
  const ends = [...whole.entries()].filter(([, byte]) => byte === 0x0a).map(([index]) => index + 1);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length }), async (cut) => {
      writeFileSync(file, whole.subarray(0, cut));
      const lines = ends.filter((end) => end <= cut).length;
      const { entries, skipped } = await outbox.read();
      expect(entries.size).toBe(Math.min(lines, 3));
      expect(skipped).toBe(cut === 0 || ends.includes(cut) ? 0 : 1);
    }),
    { numRuns: 60 },
  );
});

test("of many processes that claim one item, one gets it", async () => {
  const [first, file] = open(undefined, GONE);
  await first.queue([item("a"), item("b")], NIGHT, LATER);
  const many = Array.from({ length: 8 }, () => open(file)[0]);
  const states = await Promise.all(many.map((outbox) => outbox.read()));
  const won = await Promise.all(
    many.map((outbox, index) => outbox.claim([...(states[index]?.entries.values() ?? [])], NIGHT, LATER)),
  );
  expect(
    won
      .flat()
      .map((entry) => entry.id)
      .toSorted(),
  ).toEqual(["a", "b"]);
});

test("who claims what another has claimed meanwhile gets nothing", async () => {
  const [dead, file] = open(undefined, GONE);
  await dead.queue([item("a")], NIGHT, LATER);
  const [first] = open(file);
  const [second] = open(file);
  const seen = [...(await first.read()).entries.values()];
  expect(await first.claim(seen, NIGHT, LATER)).toHaveLength(1);
  expect(await second.claim(seen, NIGHT, LATER)).toEqual([]);
});

test("an item is free when its claim ended: by time, by a receipt, by the death of its process", async () => {
  const [mine, file] = open();
  const [theirs] = open(file, GONE);
  const [elsewhere] = open(file, { ...GONE, host: "there" });
  await mine.queue([item("mine")], NIGHT, LATER);
  await theirs.queue([item("dead")], NIGHT, LATER);
  await elsewhere.queue([item("elsewhere")], NIGHT, LATER);
  const free = async (now: number): Promise<string[]> =>
    [...(await mine.read()).entries.values()].filter((one) => mine.isFree(one, now)).map((one) => one.id);
  expect(await free(NIGHT)).toEqual(["dead"]);
  expect(await free(LATER)).toEqual(["mine", "dead", "elsewhere"]);
  await mine.record({ id: "mine", status: "queued", text: "" }, NIGHT);
  expect(await free(NIGHT)).toEqual(["mine", "dead"]);
});

test("without a place for it, reading gives nothing and writing fails", async () => {
  const outbox = new Outbox(null, ME);
  expect((await outbox.read()).entries.size).toBe(0);
  await expect(outbox.queue([item("a")], NIGHT, LATER)).rejects.toThrow("no place for the outbox");
});
