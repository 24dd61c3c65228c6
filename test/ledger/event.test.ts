import * as fc from "fast-check";
import { expect, test } from "vitest";

import { decodeEvent, encodeEvent } from "../../src/ledger/event.ts";
import { bad, certify, deploy, oid, rollback } from "./events.ts";

test.each([
  deploy(oid(1), 0, { service: "api", url: "https://ci.example.com/7" }),
  deploy(oid(1), 0, { backdated: true }),
  certify(oid(2)),
  bad(oid(3), 0, { reason: 'line\nbreak, "quotes", {braces} and ünïcode' }),
  rollback(oid(4), oid(1), oid(3), { undoes: oid(2) }),
])("$type is read as it was written", (event) => {
  expect(decodeEvent(encodeEvent(event))).toEqual(event);
});

test("the message begins with a summary that people read, and holds one line of JSON", () => {
  const [summary, blank, json = "", end, ...rest] = encodeEvent(deploy(oid(0xabc))).split("\n");
  expect([summary, blank, end, rest]).toEqual(["deploy 00000000", "", "", []]);
  expect(JSON.parse(json)).toMatchObject({ v: 1, type: "deploy", sha: oid(0xabc) });
});

test("any text survives as a reason", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (reason) => {
      const event = bad(oid(3), 0, { reason: reason.toWellFormed() });
      expect(decodeEvent(encodeEvent(event))).toEqual(event);
    }),
  );
});

test("an event of a newer kind is kept as foreign and passed on with all its fields", () => {
  const raw = {
    v: 2,
    id: "x",
    type: "weather",
    at: "2026-11-24T03:00:00Z",
    actor: "B",
    sky: ["grey", { deep: 1 }],
  };
  const event = decodeEvent(`weather\n\n${JSON.stringify(raw)}\n`);
  expect(event).toEqual({
    v: 1,
    id: "x",
    type: "weather",
    at: raw.at,
    actor: "B",
    foreign: true,
    raw,
  });
  expect(event && JSON.parse(encodeEvent(event).split("\n")[2] ?? "")).toEqual(raw);
});

test.each([
  ["a known type of a newer version", { v: 2 }],
  ["a deploy whose commit is no id", { sha: "HEAD" }],
  ["a deploy whose service is no text", { service: 7 }],
])("%s is not taken for what it is not", (_name, change) => {
  const raw = { ...deploy(oid(1)), ...change };
  expect(decodeEvent(`deploy\n\n${JSON.stringify(raw)}`)).toMatchObject({ foreign: true, raw });
});

test.each([
  ["nothing", ""],
  ["words", "fix: cart\n\nno json here"],
  ["a torn line", encodeEvent(deploy(oid(1))).slice(0, -20)],
  ["a list", "deploy\n\n[1,2]"],
  ["JSON in the summary", `${JSON.stringify(deploy(oid(1)))}\n\nwords`],
  ["an event without an id", `deploy\n\n${JSON.stringify({ ...deploy(oid(1)), id: undefined })}`],
  ["an event whose time is none", `deploy\n\n${JSON.stringify({ ...deploy(oid(1)), at: "soon" })}`],
])("%s is no event", (_name, message) => {
  expect(decodeEvent(message)).toBeUndefined();
});

test("no text makes it throw", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => [decodeEvent(text), decodeEvent(`x\n\n{${text}`)]).not.toThrow();
    }),
  );
});
