import { expect, test } from "vitest";

import { openRepository } from "../../src/git/open.ts";
import { type Change, readPatch } from "../../src/git/patch.ts";
import type { Caps } from "../../src/git/patch-parser.ts";
import type { RawFile } from "../../src/git/raw-commit.ts";
import { build, type Repository } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

const CAPS: Caps = {
  fileLines: 100,
  commitLines: 10_000,
  lineLength: 80,
  inOrder: true,
  skipText: () => false,
};

async function patch(repository: Repository, change: Change, context = 1, caps = CAPS): Promise<RawFile[]> {
  const git = await openRepository({ cwd: repository.path, env: cleanEnv() });
  const files: RawFile[] = [];
  await readPatch(git, change, { context }, caps, (file) => void files.push(file));
  return files;
}

const numbers = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);
const with5 = numbers.with(4, "five");

test("lines come in their order, the unchanged ones too, and nothing is kept twice", async () => {
  const shop = build([
    { name: "one", files: { a: `${numbers.join("\n")}\n`, gone: "x\n" } },
    { name: "two", files: { a: `${with5.join("\n")}\n`, gone: null, "b c": "new\n" } },
  ]);
  const expected = [
    {
      path: "a",
      status: "modified",
      insertions: 1,
      deletions: 1,
      hunks: [
        {
          oldStart: 4,
          newStart: 4,
          added: [],
          removed: [],
          lines: [
            { mark: " ", text: "line 4" },
            { mark: "-", text: "line 5" },
            { mark: "+", text: "five" },
            { mark: " ", text: "line 6" },
          ],
        },
      ],
    },
    { path: "b c", status: "added", insertions: 1, hunks: [{ lines: [{ mark: "+", text: "new" }] }] },
    { path: "gone", status: "deleted", deletions: 1 },
  ];
  expect(await patch(shop, { commit: shop.id("two") })).toMatchObject(expected);
  expect(await patch(shop, { from: shop.id("one"), to: shop.id("two") })).toMatchObject(expected);
});

test("a first commit shows all it has, a merge what it brought to its first parent", async () => {
  const shop = build([
    { name: "root", files: { a: "1\n" } },
    { name: "side", files: { side: "2\n" }, branches: ["side"] },
    { name: "main", files: { main: "3\n" }, parents: ["root"] },
    { name: "merge", files: { side: "2\n" }, parents: ["main", "side"] },
  ]);
  expect((await patch(shop, { commit: shop.id("root") })).map(({ path }) => path)).toEqual(["a"]);
  expect((await patch(shop, { commit: shop.id("merge") })).map(({ path }) => path)).toEqual(["side"]);
});

test("a file that became a link is one file, wherever it stands in the patch", async () => {
  const link = { mode: "120000", data: "z" } as const;
  const shop = build([
    { name: "one", files: { a: "1\n", m: "1\n", z: "1\n" } },
    { name: "two", files: { a: link, m: link, z: "2\n" } },
  ]);
  const files = await patch(shop, { commit: shop.id("two") });
  expect(files.map(({ path, status }) => [path, status])).toEqual([
    ["a", "type"],
    ["m", "type"],
    ["z", "modified"],
  ]);
});

test("beyond the caps lines are counted, not kept; unchanged ones count as well", async () => {
  const shop = build([
    { name: "one", files: { a: `${numbers.join("\n")}\n` } },
    { name: "two", files: { a: `${[...numbers, ...numbers].join("\n")}\n` } },
  ]);
  const [file] = await patch(shop, { commit: shop.id("two") }, 3, { ...CAPS, fileLines: 5, lineLength: 4 });
  expect(file).toMatchObject({ insertions: 20, truncated: true });
  expect(file?.hunks[0]?.lines?.map(({ mark, text }) => mark + text)).toEqual([
    " line",
    " line",
    " line",
    "+line",
    "+line",
  ]);
});

test("text that looks like a patch stays text", async () => {
  const evil = "diff --git a/x b/x\n@@ -1 +1 @@\n\u0001abc\n--- a/x\n+++ b/x\n";
  const shop = build([
    { name: "one", files: { a: "1\n" } },
    { name: "two", files: { a: evil, b: "1\n" } },
  ]);
  const files = await patch(shop, { from: shop.id("one"), to: shop.id("two") });
  expect(files.map(({ path }) => path)).toEqual(["a", "b"]);
  expect(files[0]?.insertions).toBe(5);
});
