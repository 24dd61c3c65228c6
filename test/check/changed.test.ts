import { expect, test } from "vitest";

import { changedFiles, matcher, together } from "../../src/check/changed.ts";
import { openRepository } from "../../src/git/open.ts";
import { build } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

const ODD = 'odd "name"\nwith\ttab é.js';

test("names are exact; what is deleted counts as touched and is given to no command", async () => {
  const repository = build([
    { name: "one", files: { "gone.js": "1\n", "kept.js": "1\n", "moved.js": "many\nlines\nof\ntext\n" } },
    {
      name: "two",
      files: {
        "gone.js": null,
        "moved.js": null,
        "new/moved.js": "many\nlines\nof\ntext\n",
        [ODD]: "1\n",
        "vendor/lib": { mode: "160000", data: "1".repeat(40) },
      },
    },
  ]);
  const git = await openRepository({ cwd: repository.path, env: cleanEnv() });
  const changed = await changedFiles(git, repository.id("one"), repository.id("two"));
  expect(changed.touched.toSorted()).toEqual(
    ["gone.js", "moved.js", "new/moved.js", ODD, "vendor/lib"].toSorted(),
  );
  expect(changed.present.toSorted()).toEqual(["new/moved.js", ODD].toSorted());
  const all = await changedFiles(git, null, repository.id("two"));
  expect(all.present.toSorted()).toEqual(["kept.js", "new/moved.js", ODD].toSorted());
  expect(await changedFiles(git, repository.id("two"), repository.id("two"))).toEqual({
    touched: [],
    present: [],
  });
});

test("refs of one tree change together what each of them changes", () => {
  expect(
    together([
      { touched: ["b", "a"], present: ["b"] },
      { touched: ["c", "b"], present: ["c", "b"] },
    ]),
  ).toEqual({ touched: ["a", "b", "c"], present: ["b", "c"] });
});

test.each([
  [[], "anything/at.all", true],
  [["src/**"], "src/a/b.ts", true],
  [["src/**"], "src/.hidden/b.ts", true],
  [["src/**"], "test/src/b.ts", false],
  [["src/"], "src/a/b.ts", true],
  [["**/*.ts"], "b.ts", true],
  [["*.ts"], "src/b.ts", false],
  [["**/*.ts", "!gen/**"], "gen/b.ts", false],
  [["!gen/**"], "src/b.ts", true],
  [["a[b].ts"], "ab.ts", true],
  [["**/*.{js,ts}"], "x/.config/b.js", true],
] as const)("globs %j on %s: %s", async (globs, name, expected) => {
  expect((await matcher(globs))(name)).toBe(expected);
});
