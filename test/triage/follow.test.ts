import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { streamRange } from "../../src/git/history.ts";
import { openRepository } from "../../src/git/open.ts";
import { locateFrames, PathIndex } from "../../src/triage/locate.ts";
import { Observer } from "../../src/triage/observe.ts";
import { makeQuery } from "../../src/triage/query.ts";
import { parseSymptom } from "../../src/triage/symptom.ts";
import { build, type CommitSpec } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

const CAPS = { fileLines: 10_000, commitLines: 10_000, lineLength: 400, skipText: () => false };

type Edit =
  | { readonly kind: "insert" | "replace" | "delete"; readonly at: number; readonly lines: number }
  | { readonly kind: "rename" };

const edits = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constantFrom("insert", "replace", "delete"),
        at: fc.nat(1_000),
        lines: fc.integer({ min: 1, max: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: "rename" } as const) },
  ),
  { minLength: 1, maxLength: 10 },
);

/** A history of edits of one file; every line ever written is another, so that blame has one answer. */
function historyOf(changes: readonly Edit[]): { commits: CommitSpec[]; file: string; lines: number } {
  let next = 0;
  const fresh = (n: number): string[] => Array.from({ length: n }, () => `line ${(next += 1)}`);
  let content = fresh(12);
  let file = "src/a0.txt";
  const text = (): string => `${content.join("\n")}\n`;
  const commits: CommitSpec[] = [{ name: "good", files: { [file]: text() }, tags: ["v1.0.0"] }];
  for (const [index, edit] of changes.entries()) {
    if (edit.kind === "rename") {
      const to = `src/a${index + 1}.txt`;
      commits.push({ name: `c${index}`, files: { [file]: null, [to]: text() } });
      file = to;
      continue;
    }
    const at = edit.at % (content.length + 1);
    const removed = edit.kind === "insert" ? 0 : Math.min(edit.lines, content.length - at);
    const added = edit.kind === "delete" ? 0 : edit.lines;
    content = [...content.slice(0, at), ...fresh(added), ...content.slice(at + removed)];
    if (content.length === 0) content = fresh(1);
    commits.push({ name: `c${index}`, files: { [file]: text() } });
  }
  return { commits, file, lines: content.length };
}

test("a line followed back through any edits was written by whom git blame says", async () => {
  await fc.assert(
    fc.asyncProperty(edits, fc.nat(1_000), async (changes, which) => {
      const { commits, file, lines } = historyOf(changes);
      const made = build(commits);
      const line = (which % lines) + 1;
      const blamed = made.git("blame", "--porcelain", `-L${line},${line}`, "main", "--", file).slice(0, 40);

      const symptom = parseSymptom(`    at f (/app/${file}:${line}:1)`);
      const observer = new Observer(makeQuery(symptom), locateFrames(symptom.frames, new PathIndex([file])));
      const git = await openRepository({ cwd: made.path, env: cleanEnv() });
      const range = { good: made.id("good"), live: made.git("rev-parse", "main"), paths: [] };
      let writer: string | undefined;
      for await (const commit of streamRange(git, range, CAPS)) {
        const { inHunk, sha } = observer.observe(commit);
        if (writer === undefined && inHunk.some(({ distance }) => distance === 0)) writer = sha;
      }
      expect(writer ?? made.id("good")).toBe(blamed);
    }),
    { numRuns: 60, seed: 20_261_124 },
  );
});

describe("which file a frame means", () => {
  const index = new PathIndex([
    "src/cart/price.ts",
    "src/tax/price.ts",
    "src/page.tsx",
    "src/main/java/com/example/shop/Cart.java",
    "src/main/java/com/example/stock/Cart.java",
    "app/models/order.rb",
  ]);
  const place = (trace: string): string[] =>
    locateFrames(parseSymptom(trace).frames, index).map(({ path, line }) => `${path}:${line ?? "?"}`);

  test.each([
    ["a container's path", "    at f (/app/src/cart/price.ts:48:1)", ["src/cart/price.ts:48"]],
    ["a Windows path", "    at f (C:\\build\\src\\cart\\price.ts:48:1)", ["src/cart/price.ts:48"]],
    ["a longer suffix wins", "    at f (/x/tax/price.ts:4:1)", ["src/tax/price.ts:4"]],
    ["a tie is no answer", "    at f (/x/price.ts:4:1)", []],
    ["what was built from it, without a line", "    at f (/app/dist/page.js:90:1)", ["src/page.tsx:?"]],
    [
      "Java: the package is the folder",
      "\tat com.example.stock.Cart.add(Cart.java:7)",
      ["src/main/java/com/example/stock/Cart.java:7"],
    ],
    ["another case", "/srv/app/Models/Order.rb:3:in `x'", ["app/models/order.rb:3"]],
    ["installed packages are not ours", "    at f (/app/node_modules/price/src/cart/price.ts:1:1)", []],
  ])("%s", (_name, trace, expected) => {
    expect(place(trace)).toEqual(expected);
  });
});
