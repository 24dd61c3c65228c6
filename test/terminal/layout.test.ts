import { Chalk } from "chalk";
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { bar, clip, clipPath, columns, commandLines, percent, wrap } from "../../src/terminal/layout.ts";

const words = fc.string({ unit: fc.constantFrom("a", "ü", "漢", "e\u0301", "😀", " ", "/"), maxLength: 60 });
const width = fc.integer({ min: 4, max: 60 });

test("clipped and wrapped text is never wider than it may be", () => {
  fc.assert(
    fc.property(words, width, (text, room) => {
      expect(columns(clip(text, room))).toBeLessThanOrEqual(room);
      expect(columns(clipPath(text, room))).toBeLessThanOrEqual(room);
      for (const line of wrap(text, room)) expect(columns(line)).toBeLessThanOrEqual(room);
    }),
  );
});

test("wrapping loses no character but spaces", () => {
  fc.assert(
    fc.property(words, width, (text, room) => {
      expect(wrap(text, room).join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
    }),
  );
});

test("a bar is as wide as it was asked for, whatever the share", () => {
  fc.assert(
    fc.property(fc.double({ min: -1, max: 2, noNaN: true }), width, (share, room) => {
      expect(columns(bar(share, room))).toBe(room);
    }),
  );
});

test("percentages claim neither nothing nor certainty", () => {
  expect([0, 0.004, 0.5, 0.994, 0.998, 1].map(percent)).toEqual(["0%", "<1%", "50%", "99%", ">99%", "100%"]);
});

test("a command is never broken; what it is for goes below where there is no room", () => {
  const rows = [["mayday rollback production --to v1.4.0", "go back to good"]] as const;
  const plain = new Chalk({ level: 0 });
  expect(commandLines(rows, 80, plain)).toEqual([
    "  mayday rollback production --to v1.4.0  go back to good",
  ]);
  expect(commandLines(rows, 44, plain)).toEqual([
    "  mayday rollback production --to v1.4.0",
    "    go back to good",
  ]);
});
