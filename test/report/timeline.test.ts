import { describe, expect, test } from "vitest";

import {
  inOrder,
  sizeMarks,
  sizeShare,
  slotAt,
  slotsOf,
  suspicionTop,
  ticksOf,
  type TimelineChange,
} from "../../src/report/timeline.ts";

const START = Date.parse("2026-01-05T09:00:00Z");
const MINUTE = 60_000;

function range(n: number, every: number): TimelineChange[] {
  return Array.from({ length: n }, (_, index) => ({
    sha: String(index),
    subject: "x",
    at: START + index * every,
    rank: index + 1,
    probability: 0.5 / n,
    insertions: 2,
    deletions: 1,
  }));
}

test("oldest first, and those of one moment as they came", () => {
  const [a, b, c] = range(3, 0);
  const late = { ...range(1, 0)[0], at: START + 1 } as TimelineChange;
  if (!a || !b || !c) throw new Error("three changes");
  expect(inOrder([late, a, b, c])).toEqual([a, b, c, late]);
});

describe("bars", () => {
  test("each change its own while there is room", () => {
    const slots = slotsOf(range(500, MINUTE), 938);
    expect(slots).toHaveLength(500);
    expect(slots[0]).toMatchObject({ lines: 3, probability: 0.001 });
  });

  test("else bins of equal count that lose nothing", () => {
    const slots = slotsOf(range(3_000, MINUTE), 938);
    expect(slots.length).toBeLessThan(522);
    expect(new Set(slots.slice(0, -1).map(({ changes }) => changes.length)).size).toBe(1);
    expect(slots.flatMap(({ changes }) => changes)).toHaveLength(3_000);
    expect(slots.reduce((sum, { lines }) => sum + lines, 0)).toBe(9_000);
    expect(slots.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(0.5, 9);
  });

  test("no change is no bar", () => expect(slotsOf([], 938)).toEqual([]));
});

test("a moment lies behind what was there by then", () => {
  const slots = slotsOf(range(8, 10 * MINUTE), 938);
  expect(slotAt(slots, START - 1)).toBe(0);
  expect(slotAt(slots, START + 25 * MINUTE)).toBe(3);
  expect(slotAt(slots, START + 900 * MINUTE)).toBe(8);
  const bins = slotsOf(range(1_000, MINUTE), 180);
  expect(slotAt(bins, START + 4 * MINUTE)).toBe(0.5);
});

describe("labels", () => {
  test("eight changes of an hour have their minutes and the day once", () => {
    const ticks = ticksOf(slotsOf(range(8, 7 * MINUTE), 938), 15, 0.5);
    expect(ticks.map(({ label }) => label)).toEqual([
      "09:00",
      "09:07",
      "09:14",
      "09:21",
      "09:28",
      "09:35",
      "09:42",
      "09:49",
    ]);
    expect(ticks.map(({ under }) => under).join("")).toBe("5 Jan");
  });

  test("thousands of a year have few, and the year where it changes", () => {
    const ticks = ticksOf(slotsOf(range(3_000, 175 * MINUTE), 938), 15, 30);
    expect(ticks.length).toBeGreaterThan(4);
    expect(ticks.length).toBeLessThanOrEqual(15);
    expect(ticks[0]).toEqual({ slot: 0, label: "5 Jan", under: "2026" });
    expect(ticks.filter(({ under }) => under === "2027")).toHaveLength(1);
  });

  test("none stands on another", () => {
    for (const n of [2, 40, 400, 4_000]) {
      const slots = slotsOf(range(n, 3_600_000), 284);
      const apart = 62 / (284 / slots.length);
      const at = ticksOf(slots, 4, apart).map(({ slot }) => slot);
      for (const [index, slot] of at.slice(1).entries())
        expect(slot - (at[index] ?? 0)).toBeGreaterThanOrEqual(apart);
    }
  });
});

describe("scales", () => {
  test("sizes: nothing is 0, the most is 1, ten times more is one step more", () => {
    expect(sizeShare(0, 99_999)).toBe(0);
    expect(sizeShare(99_999, 99_999)).toBe(1);
    expect(sizeShare(9_999, 99_999) - sizeShare(999, 99_999)).toBeCloseTo(0.2, 9);
    expect(sizeMarks(99_999)).toEqual([100, 10_000]);
    expect(sizeMarks(500)).toEqual([10, 100]);
    expect(sizeMarks(0)).toEqual([10]);
  });

  test("suspicion: the least round share that holds all", () => {
    expect([0, 0.03, 0.2, 0.26, 0.9].map(suspicionTop)).toEqual([0.05, 0.05, 0.25, 0.5, 1]);
  });
});
