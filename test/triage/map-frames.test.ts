import { readFileSync } from "node:fs";
import path from "node:path";

import { rolldown } from "rolldown";
import { describe, expect, test } from "vitest";

import { openRepository } from "../../src/git/open.ts";
import type { Frame } from "../../src/model/triage.ts";
import { PathIndex } from "../../src/triage/locate.ts";
import { mapFrames } from "../../src/triage/map-frames.ts";
import { build, type Files, scratch } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

const PRICE = `export function formatPrice(order) {

  if (order.total === undefined)
    throw new Error("no total");
  return order.total.toFixed(2);
}
`;
const MAIN = `import { formatPrice } from "./cart/price.js";
globalThis.show = (order) => formatPrice(order);
`;

interface Built {
  readonly code: string;
  readonly map: string;
  /** Where the minified code throws. */
  readonly at: { readonly line: number; readonly column: number };
}

/** A bundle made by a real bundler, as it would lie in `dist/`. */
async function bundle(sourcemap: true | "inline" | "hidden"): Promise<Built> {
  const directory = scratch();
  const sources = { "main.js": MAIN, "cart/price.js": PRICE };
  const plugin = {
    name: "sources",
    resolveId: (id: string) => path.join(directory, "src", id.replace("./", "")),
    load: (id: string) => sources[path.relative(path.join(directory, "src"), id) as keyof typeof sources],
  };
  const made = await rolldown({ input: "main.js", plugins: [plugin], cwd: directory });
  const file = path.join(directory, "dist", "app.js");
  await made.write({ file, format: "esm", minify: true, sourcemap });
  await made.close();
  const code = readFileSync(file, "utf8");
  const before = code.slice(0, code.indexOf("throw")).split("\n");
  const map = sourcemap === "inline" ? "" : readFileSync(`${file}.map`, "utf8");
  return { code, map, at: { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 } };
}

async function mapped(files: Files, frames: readonly Frame[]): Promise<Frame[]> {
  const shop = build([{ name: "live", files }]);
  const git = await openRepository({ cwd: shop.path, env: cleanEnv() });
  return mapFrames(git, shop.id("live"), frames, new PathIndex(Object.keys(files)));
}

const SOURCES: Files = { "src/main.js": MAIN, "src/cart/price.js": PRICE };

describe("a frame of a built file is carried to its source", () => {
  test("through the map beside it", async () => {
    const { code, map, at } = await bundle(true);
    const frames = [
      { file: "/app/dist/app.js", function: "t", ...at },
      { file: "https://shop.example.com/dist/app.js?v=3", ...at },
      { file: "/app/src/server.js", line: 3 },
    ];
    const [first, second, third] = await mapped(
      { ...SOURCES, "dist/app.js": code, "dist/app.js.map": map },
      frames,
    );
    expect(first).toMatchObject({ file: "src/cart/price.js", line: 4 });
    expect(second).toMatchObject({ file: "src/cart/price.js", line: 4 });
    expect(third).toBe(frames[2]);
  });

  test("through a map that came without the built file, and one inside it", async () => {
    const hidden = await bundle("hidden");
    const frame = { file: "/app/dist/app.js" };
    expect(
      (await mapped({ ...SOURCES, "dist/app.js.map": hidden.map }, [{ ...frame, ...hidden.at }]))[0],
    ).toMatchObject({
      file: "src/cart/price.js",
      line: 4,
    });
    const inline = await bundle("inline");
    expect(
      (await mapped({ ...SOURCES, "dist/app.js": inline.code }, [{ ...frame, ...inline.at }]))[0],
    ).toMatchObject({
      file: "src/cart/price.js",
      line: 4,
    });
  });

  test("through a map that the built file names", async () => {
    const { code, map, at } = await bundle("hidden");
    const files = {
      ...SOURCES,
      "dist/app.js": `${code}\n//# sourceMappingURL=maps/app.json\n`,
      "maps/app.json": map,
    };
    expect((await mapped(files, [{ file: "dist/app.js", ...at }]))[0]).toMatchObject({
      file: "src/cart/price.js",
      line: 4,
    });
  });
});

describe("a frame stays as it is", () => {
  const frame = { file: "/app/dist/app.js", line: 1, column: 20 };
  const built = "throw 1\n";

  test.each([
    ["without a map", null],
    ["with a map that is no JSON", "{"],
    ["with a map that is no map", '{"version":3,"sources":7,"mappings":{}}'],
    ["with mappings that are broken", '{"version":3,"sources":["../src/main.js"],"names":[],"mappings":7}'],
    [
      "with a map to files that are not there",
      '{"version":3,"sources":["../gone/x.js"],"names":[],"mappings":"AAAA"}',
    ],
    ["with an inline map that is broken", `//# sourceMappingURL=data:application/json;base64,e30=`],
  ])("%s", async (_name, map) => {
    const inline = map?.startsWith("//") === true;
    const files = {
      ...SOURCES,
      "dist/app.js": inline ? `${built}${map}` : built,
      ...(map === null || inline ? {} : { "dist/app.js.map": map }),
    };
    expect(await mapped(files, [frame])).toEqual([frame]);
  });

  test("with a map that is larger than anyone should read", async () => {
    const map = '{"version":3,"sources":["../src/main.js"],"names":[],"mappings":"AAAA"}';
    const padded = Buffer.concat([Buffer.alloc(32 * 1024 * 1024, " "), Buffer.from(map)]);
    expect(await mapped({ ...SOURCES, "dist/app.js.map": map }, [frame])).toMatchObject([
      { file: "src/main.js" },
    ]);
    expect(await mapped({ ...SOURCES, "dist/app.js.map": padded }, [frame])).toEqual([frame]);
  });
});
