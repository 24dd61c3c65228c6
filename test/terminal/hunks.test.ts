import { Chalk } from "chalk";
import { expect, test } from "vitest";

import type { ShownHunk, ShownLine } from "../../src/model/triage.ts";
import { diffLines, mattersLines } from "../../src/terminal/diff.ts";
import { hunkLines } from "../../src/terminal/hunks.ts";
import { columns } from "../../src/terminal/layout.ts";

const plain = new Chalk({ level: 0 });
const colour = new Chalk({ level: 1 });

type Spans = readonly (readonly [number, number])[];

function line(mark: ShownLine["mark"], text: string, changed: Spans = [], matched: Spans = []): ShownLine {
  return { mark, text, changed, matched };
}

function hunk(lines: readonly ShownLine[], more: Partial<ShownHunk> = {}): ShownHunk {
  return { path: "src/a.js", oldStart: 9, newStart: 9, header: "function price()", score: 1, lines, ...more };
}

const price = hunk([
  line(" ", "  // why"),
  line("-", "  return old(price);", [[9, 12]], [[13, 18]]),
  line("+", "  return now(price);", [[9, 12]], [[13, 18]]),
]);

test("numbers are those of now; without colour marks stand under what changed and what is named", () => {
  expect(hunkLines([price], 80, plain)).toEqual([
    "  src/a.js",
    "         function price()",
    "     9     // why",
    "       -   return old(price);",
    "                  ~~~ ^^^^^",
    "    10 +   return now(price);",
    "                  ~~~ ^^^^^",
    "",
    "  ~ differs from the other line   ^ named by the symptom",
  ]);
});

test("with colour the same is said by it, and no line is added", () => {
  const lines = hunkLines([price], 80, colour);
  expect(lines.length).toBe(5);
  expect(lines[3]).toContain("\u001b[7mold\u001b[27m");
  expect(lines[4]).toContain("\u001b[1m\u001b[4mprice");
});

test("hunks of a file stand together in its order; the file of the best comes first", () => {
  const lines = hunkLines(
    [
      hunk([line("+", "b1")], { path: "b", newStart: 50 }),
      hunk([line("+", "a1")], { path: "a" }),
      hunk([line("+", "b0")], { path: "b", newStart: 5 }),
    ],
    80,
    plain,
  );
  expect(lines.filter((text) => /^ {2}\S|[ab]\d/.test(text)).map((text) => text.trim())).toEqual([
    "b",
    "5 + b0",
    "50 + b1",
    "a",
    "9 + a1",
  ]);
});

test("what is left out is counted; a rename is shown", () => {
  const lines = hunkLines(
    [hunk([line("+", "x")], { from: "src/old.js", leftOut: { above: 1, below: 412 } })],
    80,
    plain,
  );
  expect(lines[0]).toBe("  src/old.js → src/a.js");
  expect(lines.map((text) => text.trim())).toEqual(
    expect.arrayContaining(["… 1 more line above", "… 412 more lines"]),
  );
});

test.each([40, 80, 100])("%i columns: nothing is wider, changed lines are broken and not lost", (width) => {
  const long = `${"价格 ".repeat(20)}${"y".repeat(90)}`;
  const evil = "a\u001b[2Jb\u202ec\td\u0000";
  const lines = hunkLines(
    [
      hunk([line(" ", long), line("+", long, [[30, 70]], [[100, 110]]), line("-", evil)], {
        path: `src/${"deep/".repeat(30)}a.js`,
        header: "h".repeat(300),
      }),
    ],
    width,
    plain,
  );
  expect(lines.filter((text) => columns(text) > width)).toEqual([]);
  // oxlint-disable-next-line no-control-regex -- that none is there is what is tested
  expect(lines.join("")).not.toMatch(/[\u0000-\u001f\u202e]/);
  expect(lines.join("")).toContain("\\u{202e}c  d\\u{0}");
});

test("of a line too long to be shown the part with the highlight is", () => {
  const text = `${"x".repeat(350)}fault${"y".repeat(40)}`;
  const [, , shown = "", second = "", third = ""] = hunkLines(
    [hunk([line("+", text, [], [[350, 355]])])],
    60,
    colour,
  );
  // oxlint-disable-next-line no-control-regex -- colour codes
  const all = [shown, second, third].join("").replaceAll(/\u001b\[\d+m| /g, "");
  expect(all).toContain("…xx");
  expect(all).toContain("fault");
  const whole = hunkLines([hunk([line("+", text)])], 60, plain, true);
  expect(whole.join("").replaceAll(/[\s+\d]/g, "")).toContain(text);
});

test("without -v hunks take two screens at most, but two are always shown", () => {
  const tall = (path: string): ShownHunk =>
    hunk(
      Array.from({ length: 30 }, () => line("+", "x")),
      { path },
    );
  const screen = { hunksInAll: 9, symptomGiven: false, whole: false };
  const two = mattersLines({ ...screen, hunks: [tall("a"), tall("b"), tall("c")] }, 80, plain);
  expect(two.filter((text) => /^ {2}[abc]$/.test(text))).toEqual(["  a", "  b"]);
  expect(two.at(-1)).toBe("  … and 7 more hunks; more of them with -v");
  const small = Array.from({ length: 9 }, (_, index) => hunk([line("+", "x")], { path: `f${index}` }));
  expect(mattersLines({ ...screen, hunks: small }, 80, plain).length).toBeLessThan(48);
  expect(mattersLines({ ...screen, hunks: small, whole: true }, 80, plain).join("\n")).toContain("f8");
  expect(mattersLines({ ...screen, hunks: [] }, 80, plain)).toEqual([]);
});

test("bars only where they say more than the counts", () => {
  const file = {
    path: "a",
    status: "added",
    insertions: 1,
    deletions: 0,
    area: "source",
    kind: "file",
  } as const;
  const source = { area: "source", files: [file], insertions: 1, deletions: 0 } as const;
  const migration = { ...source, area: "migration" } as const;
  const screen = { hunks: [], hunksInAll: 0, symptomGiven: false, whole: false };
  const bars = (areas: readonly (typeof source | typeof migration)[]): boolean =>
    diffLines({ ...screen, areas }, 80, plain)
      .join("\n")
      .includes("█");
  expect([bars([source]), bars([migration]), bars([source, migration])]).toEqual([false, true, true]);
});
