import { describe, expect, test } from "vitest";

import type { Git } from "../../src/git/git.ts";
import { openRepository } from "../../src/git/open.ts";
import type { ShownHunk } from "../../src/model/triage.ts";
import { commitHunks, rangeHunks } from "../../src/triage/hunks.ts";
import { parseSymptom } from "../../src/triage/symptom.ts";
import { build, type Files, type Repository } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

const open = (repository: Repository): Promise<Git> =>
  openRepository({ cwd: repository.path, env: cleanEnv() });

function changed(before: Files, after: Files): Repository {
  return build([
    { name: "good", files: before },
    { name: "live", files: after },
  ]);
}

async function hunksOf(shop: Repository, symptom = "", most = 50): Promise<readonly ShownHunk[]> {
  const range = { good: shop.id("good"), live: shop.id("live") };
  const seen = symptom === "" ? null : parseSymptom(symptom);
  return (await rangeHunks(await open(shop), range, seen, { most })).hunks;
}

const paths = (hunks: readonly ShownHunk[]): string[] => hunks.map(({ path }) => path);
const body = (n: number, word = "work"): string[] =>
  Array.from({ length: n }, (_, index) => `  ${word}(${index});`);
const text = (...lines: string[]): string => `${lines.join("\n")}\n`;

describe("with a symptom", () => {
  const before = text("function first() {", ...body(30), "}", "function second() {", ...body(30), "}");
  const twice = text(
    "function first() {",
    ...body(30).with(10, "  let early = 1;"),
    "}",
    "function second() {",
    ...body(30).with(20, "  let late = 2;"),
    "}",
  );

  test("the hunk that holds the frame's line comes first, in whatever order they stand", async () => {
    const shop = changed({ "src/a.js": before }, { "src/a.js": twice });
    for (const [line, start] of [
      [12, 9],
      [54, 51],
    ] as const) {
      const [best, next] = await hunksOf(shop, `Error: no\n    at x (/app/src/a.js:${line}:1)`);
      expect(best?.newStart).toBe(start);
      expect(best?.score).toBeGreaterThan(2 * (next?.score ?? 0));
    }
  });

  test("a line of live is carried back to the commit through what came after", async () => {
    const later = text(...body(100, "later"), ...twice.trimEnd().split("\n"));
    const shop = build([
      { name: "good", files: { "src/a.js": before } },
      { name: "culprit", files: { "src/a.js": twice } },
      { name: "live", files: { "src/a.js": later } },
    ]);
    const symptom = parseSymptom("Error: no\n    at x (/app/src/a.js:154:1)");
    const git = await open(shop);
    const live = shop.id("live");
    const {
      hunks: [best],
    } = await commitHunks(git, shop.id("culprit"), symptom, { most: 2, live });
    expect(best?.newStart).toBe(51);
    expect(best?.score).toBeGreaterThan(4);
    // Without live the frame's line is taken as the commit's own, and there is no such line.
    const {
      hunks: [far],
    } = await commitHunks(git, shop.id("culprit"), symptom, { most: 2 });
    expect(far?.score).toBeLessThan(2);
  });

  test("the symbol that it names wins over more of its common words; both are marked", async () => {
    const shop = changed(
      {},
      {
        "src/cart.js": text("export const cart = load('the cart of the order');"),
        "src/price.js": text("export function formatPrice(x) {", "  return x;", "}"),
        "src/other.js": text("export const other = 'order cart';"),
      },
    );
    const [best] = await hunksOf(shop, "the cart shows no order: formatPrice is not a function");
    expect(best?.path).toBe("src/price.js");
    const [line] = best?.lines ?? [];
    expect(line?.matched.map(([from, to]) => line.text.slice(from, to))).toEqual(["formatPrice"]);
  });

  test("of a compound name only the part that is named is marked", async () => {
    const shop = changed({}, { "a.js": text("const orderCurrencyCode = 1;") });
    const [line] = (await hunksOf(shop, "wrong currency"))[0]?.lines ?? [];
    expect(line?.matched.map(([from, to]) => line.text.slice(from, to))).toEqual(["Currency"]);
  });

  test("the line that writes the message out wins", async () => {
    const said = "throw new Error(`no stock left for ${sku}`);";
    const shop = changed(
      {},
      {
        "src/sku.js": text("export const sku = sku42;", "export const stock = left;"),
        "src/stock.js": text("function take(sku) {", said, "}"),
      },
    );
    expect(paths(await hunksOf(shop, "Error: no stock left for sku-42"))[0]).toBe("src/stock.js");
  });

  test("the file that it names comes before the rest, by its old name too", async () => {
    const shop = changed(
      { "src/old.js": text(...body(20)), "src/x.js": "1\n" },
      { "src/old.js": null, "src/new.js": text(...body(20).with(9, "  other();")), "src/x.js": "2\n" },
    );
    expect((await hunksOf(shop, "it broke in src/old.js"))[0]).toMatchObject({
      path: "src/new.js",
      from: "src/old.js",
    });
  });

  test("the same words in a test, a document, a comment or an import stand behind the code", async () => {
    const line = "formatPrice(order);";
    const shop = changed(
      {},
      {
        "docs/price.md": text(line),
        "test/price.test.js": text(line),
        "src/a.js": text(`// ${line}`),
        "src/b.js": text("import { formatPrice } from './price.js';"),
        "src/c.js": text(line),
      },
    );
    expect(paths(await hunksOf(shop, "formatPrice of the order"))[0]).toBe("src/c.js");
  });

  test("an import is evidence where a module is missing", async () => {
    const shop = changed(
      {},
      { "src/a.js": text("import { x } from './absent.js';"), "src/b.js": text("const absent = 1;") },
    );
    expect(paths(await hunksOf(shop, "Error: Cannot find module './absent.js'"))[0]).toBe("src/a.js");
  });
});

describe("without one", () => {
  test("what does most harm by itself comes first, what can do none last", async () => {
    const shop = changed(
      { "src/space.js": "if (a) { b() }\n", "src/note.js": "// one\nwork();\n" },
      {
        "db/migrations/2_x.sql": "ALTER TABLE a DROP COLUMN b;\n",
        "config/app.json": '{ "timeout": 1 }\n',
        Dockerfile: "FROM node:24\n",
        "package.json": '{ "dependencies": { "a": "2.0.0" } }\n',
        "src/a.js": "go();\n",
        "src/space.js": "if (a) {\n  b()\n}\n",
        "src/note.js": "// two\nwork();\n",
        "src/use.js": "import './a.js';\n",
        "test/a.test.js": "check();\n",
        "docs/a.md": "words\n",
        "package-lock.json": "{}\n",
      },
    );
    const order = paths(await hunksOf(shop));
    expect(order.slice(0, 5)).toEqual([
      "db/migrations/2_x.sql",
      "config/app.json",
      "Dockerfile",
      "package.json",
      "src/a.js",
    ]);
    expect(order.slice(5, 8)).toEqual(["test/a.test.js", "docs/a.md", "package-lock.json"]);
    expect(order.slice(8)).toEqual(["src/use.js", "src/note.js", "src/space.js"]);
  });

  test("one file, or the same lines in forty files, do not hide the others", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [
        `pkg${index}/package.json`,
        '{ "dependencies": { "a": "2.0.0" } }\n',
      ]),
    );
    const shop = changed({}, { ...many, "src/a.js": "go();\n" });
    expect(paths(await hunksOf(shop)).indexOf("src/a.js")).toBeLessThan(4);
  });
});

describe("bounds", () => {
  test("generated files are not read; a huge file is cut to the part that matters", async () => {
    const huge = body(2_900, "row").with(2_000, "  formatPrice(order);");
    const shop = changed({}, { "src/huge.js": text(...huge), "dist/bundle.js": "formatPrice(order);\n" });
    const hunks = await hunksOf(shop, "formatPrice is not a function");
    expect(paths(hunks)).toEqual(["src/huge.js"]);
    const [hunk] = hunks;
    const at = hunk?.lines.findIndex((line) => line.text.includes("formatPrice")) ?? -1;
    expect(hunk?.lines.length).toBe(40);
    expect((hunk?.newStart ?? 0) + at).toBe(2_001);
    expect(at).toBeGreaterThan(5);
    expect((hunk?.leftOut?.above ?? 0) + (hunk?.leftOut?.below ?? 0) + 40).toBe(2_900);
  });

  test("lines that were never kept are counted as left out", async () => {
    const shop = changed({}, { "src/huge.js": text(...body(10_000)) });
    const [hunk] = await hunksOf(shop);
    expect(hunk?.leftOut).toEqual({ above: 0, below: 9_960 });
  });

  test("far more lines than are held at once: the one that matters is not let go", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`src/f${index}.js`, text(...body(2_500, `w${index}`))]),
    );
    const shop = changed({}, { ...files, "src/a.js": "formatPrice(order);\n" });
    const { hunks, inAll } = await rangeHunks(
      await open(shop),
      { good: shop.id("good"), live: shop.id("live") },
      parseSymptom("formatPrice is not a function"),
      { most: 3 },
    );
    expect([hunks[0]?.path, hunks.length, inAll]).toEqual(["src/a.js", 3, 61]);
  });

  test("long lines are cut, windows line ends are no part of a line unless they are the change", async () => {
    const shop = changed(
      { "a.js": "one\r\ntwo\r\n", "b.js": "one\n" },
      { "a.js": `one\r\n${"x".repeat(5_000)}\r\n`, "b.js": "one\r\n" },
    );
    const hunks = await hunksOf(shop);
    const texts = (path: string): string[] =>
      hunks.filter((hunk) => hunk.path === path).flatMap(({ lines }) => lines.map((line) => line.text));
    expect(Math.max(...texts("a.js").map(({ length }) => length))).toBe(400);
    expect(texts("a.js")).toContain("two\r");
    expect(texts("b.js")).toEqual(["one", "one\r"]);
  });

  test("paths narrow it; binaries, links, submodules and pure renames have no hunks but break nothing", async () => {
    const shop = changed(
      { "a/x.js": "1\n", "b/x.js": "1\n", "a/moved.js": text(...body(10)) },
      {
        "a/x.js": "2\n",
        "b/x.js": "2\n",
        "a/moved.js": null,
        "a/there.js": text(...body(10)),
        "a/logo.png": Buffer.from([0, 1, 2]),
        "a/dep": { mode: "160000", data: "1".repeat(40) },
      },
    );
    const list = await rangeHunks(await open(shop), { good: shop.id("good"), live: shop.id("live") }, null, {
      most: 9,
      paths: ["a"],
    });
    expect(paths(list.hunks)).toContain("a/x.js");
    expect(paths(list.hunks)).not.toContain("b/x.js");
    expect(paths(list.hunks)).not.toContain("a/there.js");
  });

  test("what differs within a pair of lines is marked, within what is shown", async () => {
    const shop = changed({ "a.js": "total = price * count;\n" }, { "a.js": "total = price * quantity;\n" });
    const [hunk] = await hunksOf(shop);
    expect(hunk?.lines.map((line) => line.changed.map(([from, to]) => line.text.slice(from, to)))).toEqual([
      ["count"],
      ["quantity"],
    ]);
  });
});
