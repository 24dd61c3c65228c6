import { expect, test } from "vitest";

import { published } from "../support/document.ts";
import { withRemote } from "../support/repository.ts";
import { mayday } from "../support/world.ts";

test("files by area: renames, binaries, links and submodules are named as such", async () => {
  const text = "line\n".repeat(40);
  const { clone } = withRemote([
    { name: "one", files: { "src/old.js": text, "src/gone.js": "x" }, tags: ["v1.0.0"] },
    {
      name: "two",
      files: {
        "src/old.js": null,
        "src/new.js": text,
        "src/gone.js": null,
        "logo.png": Buffer.from([0, 1, 2, 0]),
        link: { mode: "120000", data: "src" },
        "lib/dep": { mode: "160000", data: "1".repeat(40) },
        "db/migrations/1.sql": "x\n",
      },
    },
  ]);
  const document = published<{ areas: { area: string; files: object[] }[] }>(
    await mayday(["diff", "--json"], { cwd: clone.path }),
    "diff",
  );
  const files = document.areas.flatMap((area) => area.files);
  expect(files).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ path: "src/new.js", from: "src/old.js", status: "renamed" }),
      expect.objectContaining({ path: "src/gone.js", status: "deleted" }),
      expect.objectContaining({ path: "logo.png", binary: true, insertions: null }),
      expect.objectContaining({ path: "link", kind: "symlink" }),
      expect.objectContaining({ path: "lib/dep", kind: "submodule" }),
    ]),
  );
  expect(document.areas.map(({ area }) => area)).toContain("migration");
  const run = await mayday(["diff"], { cwd: clone.path });
  expect(run.stdout).toContain("R src/old.js → src/new.js");
  expect(run.stdout).toMatch(/logo\.png +binary/);
});

test("nothing differs: said, exit 0", async () => {
  const { clone } = withRemote([{ name: "one", files: { a: "1" }, tags: ["v1.0.0"] }]);
  const run = await mayday(["diff", "--good=main"], { cwd: clone.path });
  expect([run.exit, run.stdout]).toEqual([0, expect.stringContaining("Nothing differs")]);
});
