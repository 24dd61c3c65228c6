import { expect, test } from "vitest";

import { hunkView, piecesOf } from "../../src/report/hunks.ts";

test("a line is cut where a highlight begins or ends", () => {
  expect(piecesOf("price + currency;", [[8, 16]], [[8, 12]])).toEqual([
    { text: "price + ", changed: false, matched: false },
    { text: "curr", changed: true, matched: true },
    { text: "ency", changed: true, matched: false },
    { text: ";", changed: false, matched: false },
  ]);
  expect(piecesOf("", [], [])).toEqual([]);
});

test("spans that leave the line or cut a character lose nothing of it", () => {
  for (const [from, to] of [
    [-3, 99],
    [3, 4],
    [2, 3],
    [99, 120],
  ] as const) {
    const pieces = piecesOf("ab😀cd", [[from, to]], []);
    expect(pieces.map(({ text }) => text).join("")).toBe("ab😀cd");
    expect(pieces.every(({ text }) => !/^[\udc00-\udfff]|[\ud800-\udbff]$/.test(text))).toBe(true);
  }
});

test("numbers, marks and lines stand as in the patch", () => {
  const page = hunkView({
    path: "src/<price>.js",
    from: "src/old.js",
    oldStart: 7,
    newStart: 9,
    header: "function a()",
    score: 1,
    lines: [
      { mark: " ", text: "a", changed: [], matched: [] },
      { mark: "-", text: "b()", changed: [[0, 1]], matched: [] },
      { mark: "+", text: "\tc()", changed: [[1, 2]], matched: [[1, 2]] },
      { mark: " ", text: "d", changed: [], matched: [] },
    ],
  }).toString();
  const code = /<pre[^>]*><code>(.*)<\/code><\/pre>/s.exec(page)?.[1] ?? "";
  expect(code.replaceAll(/<[^>]*>/g, "")).toBe(" a\n-b()\n+  c()\n d\n");
  expect([...code.matchAll(/data-number="(\d+)"/g)].map(([, n]) => n)).toEqual(["9", "8", "10", "11"]);
  expect(code).toContain("<del>b</del>()");
  expect(code).toContain("  <ins><mark>c</mark></ins>()");
  expect(page).toContain("src/&lt;price&gt;.js");
  expect(page).toContain("src/old.js");
});

test("what is long is cut, and that is said", () => {
  const line = { mark: "+", text: "x".repeat(10_000), changed: [], matched: [] } as const;
  const hunk = {
    path: "a",
    oldStart: 1,
    newStart: 1,
    header: "",
    score: 0,
    lines: Array.from({ length: 1_000 }, () => line),
  };
  const page = hunkView(hunk).toString();
  expect(page.length).toBeLessThan(60_000);
  expect(page).toContain("940 more lines of this hunk left out");
});
