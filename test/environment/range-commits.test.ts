import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { readRange } from "../../src/environment/range.ts";
import { gonePaths } from "../../src/git/diff.ts";
import type { Git } from "../../src/git/git.ts";
import { openRepository } from "../../src/git/open.ts";
import type { Standing } from "../../src/model/deploy.ts";
import { build, type CommitSpec, type Repository } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

function standing(good: string, live: string): Standing {
  return {
    environment: "production",
    service: null,
    remote: null,
    branch: "main",
    tip: live,
    live: { sha: live, source: "option" },
    good: { sha: good, source: "option", certified: false },
    disagreements: [],
    freshness: { fetchedAt: null, offline: true },
    shallow: false,
  };
}

const openAt = (repository: Repository): Promise<Git> =>
  openRepository({ cwd: repository.path, env: cleanEnv() });

/** Random graphs: each commit on the one before, or on an older one, with up to two merged into it. */
const graph = fc
  .array(
    fc.record({ base: fc.nat(), merged: fc.array(fc.nat(), { maxLength: 2 }), back: fc.nat({ max: 3 }) }),
    { minLength: 4, maxLength: 14 },
  )
  .map((steps): CommitSpec[] =>
    steps.map(({ base, merged, back }, index) => {
      const first = index === 0 ? [] : [`c${back === 0 ? base % index : index - 1}`];
      const others = index < 2 ? [] : merged.map((side) => `c${side % index}`);
      return {
        name: `c${index}`,
        files: { [`f${index % 4}`]: `${index}` },
        parents: [...new Set([...first, ...others])],
      };
    }),
  );

describe("the commits of a range", () => {
  test("are those that git lists, on random graphs, whatever good is", async () => {
    const check = async (commits: readonly CommitSpec[], pick: number): Promise<void> => {
      const repository = build(commits, { bare: true });
      const live = repository.id(`c${commits.length - 1}`);
      const good = repository.id(`c${pick % commits.length}`);
      const list = (...args: string[]): string[] =>
        repository
          .git("rev-list", ...args, `${good}..${live}`)
          .split("\n")
          .filter((id) => id !== "");
      const read = await readRange(await openAt(repository), standing(good, live), []);
      expect(read.firstParent).toEqual(list("--first-parent"));
      expect(read.commits).toBe(list().length);
      expect(read.goodIsAncestor).toBe(repository.git("merge-base", good, live) === good);
    };
    await fc.assert(fc.asyncProperty(graph, fc.nat(), check), { numRuns: 15, seed: 20_260_105 });
  });

  test("good beside live, and a history that does not meet it", async () => {
    const repository = build([
      { name: "root", files: { a: "1" } },
      { name: "live", files: { a: "2" } },
      { name: "beside", parents: ["root"], files: { b: "1" }, branches: ["beside"] },
      { name: "alone", parents: [], files: { c: "1" }, branches: ["alone"] },
    ]);
    const git = await openAt(repository);
    for (const name of ["beside", "alone"]) {
      const read = await readRange(git, standing(repository.id(name), repository.id("live")), []);
      expect(read.goodIsAncestor).toBe(false);
      expect(read.firstParent[0]).toBe(repository.id("live"));
    }
    const same = await readRange(git, standing(repository.id("live"), repository.id("live")), []);
    expect(same).toMatchObject({ firstParent: [], commits: 0, goodIsAncestor: true, files: [] });
  });

  test("what is gone: deleted files and the old names of renamed ones, below the paths alone", async () => {
    const long = Array.from({ length: 30 }, (_, n) => `line ${n}\n`).join("");
    const repository = build([
      { name: "good", files: { "src/old.js": long, "src/dead.js": "x\n", "lib/dead.js": "y\n", keep: "1" } },
      {
        name: "live",
        files: { "src/old.js": null, "src/new.js": long, "src/dead.js": null, "lib/dead.js": null },
      },
    ]);
    const git = await openAt(repository);
    const gone = (...paths: string[]): Promise<string[]> =>
      gonePaths(git, repository.id("good"), repository.id("live"), paths);
    expect((await gone()).toSorted()).toEqual(["lib/dead.js", "src/dead.js", "src/old.js"]);
    expect((await gone("src")).toSorted()).toEqual(["src/dead.js", "src/old.js"]);
  });
});
