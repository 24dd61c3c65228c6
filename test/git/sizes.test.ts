import { expect, test } from "vitest";

import { openRepository } from "../../src/git/open.ts";
import { changeSizes } from "../../src/git/sizes.ts";
import { build } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

const text = (n: number): string => Array.from({ length: n }, (_, at) => `line ${at}\n`).join("");

test("lines of each change against its first parent, whatever its files are called", async () => {
  const repository = build([
    { name: "root", files: { a: text(4) } },
    { name: "side", parents: ["root"], branches: ["side"], files: { "b\n7\t7\tc": text(9) } },
    { name: "main", parents: ["root"], files: { a: text(6) } },
    { name: "merge", parents: ["main", "side"], files: { "b\n7\t7\tc": text(9) } },
    { name: "rename", files: { a: null, z: text(6) } },
    { name: "binary", files: { picture: Buffer.from([0, 1, 2, 0]) } },
    { name: "empty" },
  ]);
  const git = await openRepository({
    cwd: repository.path,
    env: cleanEnv(),
    signal: new AbortController().signal,
    onCommand: undefined,
  });
  const names = ["root", "side", "main", "merge", "rename", "binary", "empty"];
  const sizes = await changeSizes(
    git,
    names.map((name) => repository.id(name)),
    [],
  );
  const seen = Object.fromEntries(names.map((name) => [name, sizes.get(repository.id(name))]));
  expect(seen).toEqual({
    root: { insertions: 4, deletions: 0 },
    side: { insertions: 9, deletions: 0 },
    main: { insertions: 2, deletions: 0 },
    merge: { insertions: 9, deletions: 0 },
    rename: { insertions: 0, deletions: 0 },
    binary: { insertions: 0, deletions: 0 },
    empty: { insertions: 0, deletions: 0 },
  });
  const narrowed = await changeSizes(git, [repository.id("merge"), repository.id("main")], ["a"]);
  expect(narrowed.get(repository.id("main"))).toEqual({ insertions: 2, deletions: 0 });
  expect(narrowed.get(repository.id("merge"))?.insertions ?? 0).toBe(0);
  expect(await changeSizes(git, [], [])).toEqual(new Map());
});
