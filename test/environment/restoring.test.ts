import { describe, expect, test } from "vitest";

import { importCommits } from "../support/repository.ts";
import { mayday } from "../support/world.ts";
import { done, type Place, range, shop } from "./shop.ts";

const COMMITS = [
  { name: "one", files: { "src/a.txt": "1\n", "db/1.sql": "1\n" }, tags: ["v1.0.0"] },
  { name: "two", files: { "src/a.txt": "2\n" } },
  { name: "three", files: { "src/b.txt": "3\n" } },
];

interface Suspects {
  readonly suspects: readonly { readonly sha: string; readonly subject: string }[];
}

async function subjects(at: Place, ...argv: string[]): Promise<string[]> {
  const run = await mayday(["triage", "--json", "--top=0", ...argv], at);
  return run
    .json<Suspects>()
    .suspects.map(({ subject }) => subject)
    .toSorted();
}

/** Pushes a commit by hand onto the remote's branch. */
function push(at: Place, name: string, files: Record<string, string>, message = name): void {
  const parent = at.remote.git("rev-parse", "main");
  importCommits(at.remote.path, [{ name, message, files, parents: [parent], at: 1_770_000_000 }]);
}

describe("after a rollback", () => {
  test("the commits it took out have left the range, and it with them", async () => {
    const at = shop(COMMITS);
    await done(at, "rollback", "--yes");
    const found = await range(at);
    expect(found.live.sha).not.toBe(at.remote.id("three"));
    expect(found.range).toMatchObject({ commits: 0, firstParent: 0, files: 0 });
    const run = await mayday(["triage", "--json"], at);
    expect([run.exit, run.json<Suspects>().suspects]).toEqual([1, []]);
  });

  test("what is pushed on top is the range", async () => {
    const at = shop(COMMITS);
    await done(at, "rollback", "--yes");
    push(at, "six", { "src/c.txt": "6\n" });
    expect((await range(at)).range).toMatchObject({ commits: 1, files: 1 });
    expect(await subjects(at)).toEqual(["six"]);
  });

  test("after undo all is back, and after another undo out again", async () => {
    const at = shop(COMMITS);
    await done(at, "rollback", "--yes");
    await done(at, "undo", "--yes");
    expect(await subjects(at)).toEqual(["three", "two"]);
    expect((await range(at)).good).toMatchObject({ sha: at.remote.id("one") });
    await done(at, "undo", "--yes");
    expect(await subjects(at)).toEqual([]);
  });

  test("after undo with something pushed in between the range has all of it", async () => {
    const at = shop(COMMITS);
    await done(at, "rollback", "--yes");
    push(at, "six", { "src/c.txt": "6\n" });
    await done(at, "undo", "--yes");
    expect(await subjects(at)).toEqual(expect.arrayContaining(["six", "three", "two"]));
  });
});

describe("with kept paths", () => {
  const keep = { environments: { production: { rollback: { keep: ["db/**"] } } } };

  test("what was taken out has left; what touched a kept path is still in effect and stays", async () => {
    const at = shop(
      [
        ...COMMITS,
        { name: "migrate", files: { "db/2.sql": "2\n" } },
        { name: "merged", parents: ["three"], files: { "db/3.sql": "3\n" }, branches: ["side"] },
        { name: "merge", parents: ["migrate", "merged"], files: { "db/3.sql": "3\n" } },
      ],
      keep,
    );
    await done(at, "rollback", "--yes");
    expect(at.remote.git("ls-tree", "-r", "--name-only", "main")).toBe(
      "db/1.sql\ndb/2.sql\ndb/3.sql\nsrc/a.txt",
    );
    expect(await subjects(at)).toEqual(["merge", "migrate"]);
    expect((await range(at)).range).toMatchObject({ commits: 3, firstParent: 2, files: 2 });
  });

  test("without a commit on a kept path nothing is left", async () => {
    const at = shop(COMMITS, keep);
    await done(at, "rollback", "--yes");
    expect(await subjects(at)).toEqual([]);
  });
});

describe("words alone take nothing out", () => {
  const trailers = (at: Place): string =>
    `\n\nMayday-Rolls-Back: ${at.remote.id("one")}..${at.remote.id("three")}\nMayday-Restores: ${at.remote.id("one")}\n`;

  test.each([
    ["an empty commit", {}],
    ["a commit with other content", { "src/a.txt": "evil\n" }],
    ["a commit that restores one file of two", { "src/a.txt": "1\n" }],
  ])("%s with forged trailers hides no change", async (_name, files: Record<string, string>) => {
    const at = shop(COMMITS);
    push(at, "six", files, `Tidy up${trailers(at)}`);
    // What the third one restores in truth, src/a.txt, was all of "two".
    const hidden = files["src/a.txt"] === "1\n" ? ["two"] : [];
    const all = ["three", "two"].filter((subject) => !hidden.includes(subject));
    expect(await subjects(at)).toEqual(expect.arrayContaining(all));
  });

  test("a merge, and a parent that is not the tip it names, are not believed", async () => {
    const at = shop(COMMITS);
    push(at, "six", { "src/c.txt": "6\n" });
    const tree = at.remote.git("rev-parse", "v1.0.0^{tree}");
    const tip = at.remote.git("rev-parse", "main");
    const message = `Roll back${trailers(at)}`;
    const forged = at.remote.git("commit-tree", tree, "-p", tip, "-m", message);
    at.remote.git("update-ref", "refs/heads/main", forged);
    expect(await subjects(at, "--good=v1.0.0")).toEqual(["Roll back", "six", "three", "two"]);
  });

  test("trailers with ids that are no commits are passed over", async () => {
    const at = shop(COMMITS);
    const nowhere = "f".repeat(40);
    push(
      at,
      "six",
      { "src/c.txt": "6\n" },
      `x\n\nMayday-Rolls-Back: ${nowhere}..${at.remote.id("three")}\nMayday-Restores: ${nowhere}\n`,
    );
    expect(await subjects(at)).toEqual(["three", "two", "x"]);
  });
});
