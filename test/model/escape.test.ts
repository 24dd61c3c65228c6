import * as fc from "fast-check";
import { expect, test } from "vitest";

import { visible, visibleLines } from "../../src/model/escape.ts";
import { parseDuration, parseTime } from "../../src/model/time.ts";

test("no text that was made visible can move a cursor, hide or turn around", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(visible(text)).not.toMatch(/\p{Cc}|[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u);
      expect(visibleLines(text).replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    }),
  );
});

test("what is only foreign stays as it is", () => {
  expect(visible("Größe 漢字 😀 \\u{1b}")).toBe("Größe 漢字 😀 \\u{1b}");
  expect(visible("\u001b[31m\u202e")).toBe("\\u{1b}[31m\\u{202e}");
});

test("times are RFC 3339 or a duration back from now", () => {
  const now = Date.UTC(2026, 10, 24, 3);
  expect(parseTime("2h", now)).toBe(now - 7_200_000);
  expect(parseTime("2026-11-24T04:00:00+01:00", now)).toBe(now);
  expect(parseDuration("1h30m")).toBe(5_400_000);
  for (const text of ["", "h", "2 h", "yesterday", "24.11.2026", "-2h"])
    expect(parseTime(text, now)).toBeUndefined();
});
