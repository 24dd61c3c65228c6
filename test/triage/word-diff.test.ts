import { assert, asyncProperty, string } from "fast-check";
import { expect, test } from "vitest";

import type { RawLine } from "../../src/git/raw-commit.ts";
import { changedSpans } from "../../src/triage/word-diff.ts";

function lines(...texts: string[]): RawLine[] {
  return texts.map((text) => ({ mark: text[0] as RawLine["mark"], text: text.slice(1) }));
}

/** The lines with what differs in brackets. */
async function marked(...texts: string[]): Promise<string[]> {
  const given = lines(...texts);
  const spans = await changedSpans(given);
  return given.map(({ text }, index) =>
    (spans.get(index) ?? [])
      .toReversed()
      .reduce(
        (whole, [from, to]) => `${whole.slice(0, from)}[${whole.slice(from, to)}]${whole.slice(to)}`,
        text,
      ),
  );
}

test("what differs between two lines is marked by words", async () => {
  expect(await marked("-  return price * item.count;", "+  return price * item.quantity;")).toEqual([
    "  return price * item.[count];",
    "  return price * item.[quantity];",
  ]);
});

test("something put in marks only the line that has it", async () => {
  expect(await marked("-call(a, b)", "+call(a, b, c)")).toEqual(["call(a, b)", "call(a, b[, c])"]);
});

test("lines find the one that is like them, in order", async () => {
  const spans = await marked("-const a = first(1);", "-const b = second(2);", "+const b = second(3);");
  expect(spans).toEqual(["const a = first(1);", "const b = second([2]);", "const b = second([3]);"]);
});

test("lines with too little in common are two lines", async () => {
  expect(await marked("-return cache.get(key);", "+throw new Error('no such order');")).toEqual([
    "return cache.get(key);",
    "throw new Error('no such order');",
  ]);
});

test("an unchanged line parts what is compared; a removed line behind added ones begins anew", async () => {
  expect(await marked("-value = 1", " ", "+value = 2")).toEqual(["value = 1", "", "value = 2"]);
  expect(await marked("-value = 1", "+value = 2", "-other = 1", "+other = 2")).toEqual([
    "value = [1]",
    "value = [2]",
    "other = [1]",
    "other = [2]",
  ]);
});

test("very long lines and very large blocks are not compared", async () => {
  const long = "word ".repeat(100);
  expect([...(await changedSpans(lines(`-${long}1`, `+${long}2`)))]).toEqual([]);
  const many = Array.from({ length: 40 }, (_, index) => `line ${index}`);
  expect([
    ...(await changedSpans(lines(...many.map((text) => `-${text}`), ...many.map((text) => `+${text}!`)))),
  ]).toEqual([]);
});

test("whatever stands in the lines, what is not marked is the same on both sides", async () => {
  const text = string({ maxLength: 40, unit: "grapheme" });
  await assert(
    asyncProperty(text, text, text, text, async (head, old, now, tail) => {
      const given = lines(`-${head}${old}${tail}`, `+${head}${now}${tail}`);
      const spans = await changedSpans(given);
      if (spans.size === 0) return;
      const [before = "", after = ""] = given.map(({ text: whole }, index) => {
        const own = spans.get(index) ?? [];
        for (const [from, to] of own)
          expect([from < to, from >= 0, to <= whole.length]).toEqual([true, true, true]);
        return own.toReversed().reduce((rest, [from, to]) => rest.slice(0, from) + rest.slice(to), whole);
      });
      expect(before.replace(/\s/g, "")).toBe(after.replace(/\s/g, ""));
    }),
  );
});
