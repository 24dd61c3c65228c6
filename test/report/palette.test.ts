import { describe, expect, test } from "vitest";

import { DARK, LIGHT, type Palette } from "../../src/report/palette.ts";

/** Relative luminance and contrast ratio as WCAG 2.2 defines them. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, bright = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

const TEXT: readonly (readonly [keyof Palette, readonly (keyof Palette)[]])[] = [
  ["text", ["page", "card", "code", "added", "removed", "addedWord", "removedWord"]],
  ["muted", ["page", "card", "code", "added", "removed"]],
  ["accent", ["page", "card"]],
  ["red", ["page", "card"]],
  ["amber", ["page", "card"]],
  ["green", ["page", "card"]],
  ["markText", ["mark"]],
];
const MARKS: readonly (readonly [keyof Palette, readonly (keyof Palette)[]])[] = [
  ["bar", ["card"]],
  ["red", ["card"]],
  ["amber", ["card"]],
  ["green", ["card"]],
  ["muted", ["card"]],
  ["markEdge", ["card", "code", "added", "removed", "addedWord", "removedWord"]],
  ["accent", ["page", "card", "code"]],
];

test("black on white is 21:1, so the measure is right", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
});

describe.each([
  ["light", LIGHT],
  ["dark", DARK],
])("%s", (_, palette) => {
  test.each(TEXT.flatMap(([front, backs]) => backs.map((back) => [front, back] as const)))(
    "text: %s on %s",
    (front, back) => expect(contrast(palette[front], palette[back])).toBeGreaterThanOrEqual(4.5),
  );
  test.each(MARKS.flatMap(([front, backs]) => backs.map((back) => [front, back] as const)))(
    "marks: %s on %s",
    (front, back) => expect(contrast(palette[front], palette[back])).toBeGreaterThanOrEqual(3),
  );
});
