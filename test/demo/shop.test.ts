import path from "node:path";

import { describe, expect, it } from "vitest";

import { makeRepositories, type ShopIds, type ShopRepositories, writeHistory } from "../../src/demo/build.ts";
import { commitsOf, type Work } from "../../src/demo/shop/history.ts";
import { GOOD_TAG, shopHistory } from "../../src/demo/shop.ts";
import { git, scratch } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

const NOW = 1_767_603_600;
const PLACE = { site: "http://127.0.0.1:4000", webhook: "http://127.0.0.1:4001/alerts" };

async function build(): Promise<ShopRepositories & { readonly ids: ShopIds }> {
  const directory = scratch();
  const repositories = await makeRepositories({ directory, env: cleanEnv() });
  return { ...repositories, ids: await writeHistory(repositories.clone, shopHistory(PLACE, NOW)) };
}

describe("the story", () => {
  const history = shopHistory(PLACE, NOW);

  it("is some sixty commits of six people in six weeks, the newest within hours", () => {
    expect(history.length).toBeGreaterThanOrEqual(55);
    expect(history.length).toBeLessThanOrEqual(70);
    expect(new Set(history.map((commit) => commit.author)).size).toBe(6);
    const times = history.map((commit) => commit.at);
    expect(NOW - Math.min(...times)).toBeGreaterThan(35 * 86_400);
    expect(NOW - Math.max(...times)).toBeGreaterThan(0);
    expect(NOW - Math.max(...times)).toBeLessThan(3 * 3_600);
  });

  it("lets no commit be older than its parents", () => {
    for (const commit of history) {
      for (const parent of commit.parents) {
        expect(history[parent]?.at).toBeLessThanOrEqual(commit.at);
      }
    }
  });

  it("has five releases and, after the last, one bad commit that is not the newest", () => {
    expect(history.flatMap((commit) => commit.tag ?? [])).toEqual([
      "v1.0.0",
      "v1.1.0",
      "v1.2.0",
      "v1.3.0",
      "v1.4.0",
    ]);
    const good = history.findIndex((commit) => commit.tag === GOOD_TAG);
    const bad = history.flatMap((commit) => (commit.bad ? [commit.index] : []));
    expect(bad).toHaveLength(1);
    expect(bad[0]).toBeGreaterThan(good);
    expect(bad[0]).toBeLessThan(history.length - 1);
    expect(history.length - 1 - good).toBeGreaterThanOrEqual(10);
  });

  it("changes little in every commit, and something in every one that is no merge", () => {
    for (const commit of history) {
      expect(commit.changes.size).toBeGreaterThan(0);
      expect(commit.changes.size).toBeLessThanOrEqual(6);
    }
  });

  it("refuses an edit whose text is not there exactly once", () => {
    const work: Work = { by: "lin", say: "wrong", edit: { "README.md": [["nowhere", "x"]] } };
    expect(() => commitsOf([work], [], NOW)).toThrow(/README\.md holds 0 times nowhere/);
  });

  it("refuses a merge of two sides that changed the same file", () => {
    const put = (content: string): Work => ({ by: "lin", say: content, put: { a: content } });
    const pull = {
      pull: 1,
      branch: "b",
      title: "t",
      by: "mira",
      work: [put("2")],
      meanwhile: [put("3")],
    } as const;
    expect(() => commitsOf([put("1"), pull], [], NOW)).toThrow(/both sides/);
  });
});

describe("the repositories", () => {
  it("hold the history as it was told, with merges and annotated tags", async () => {
    const { clonePath, ids } = await build();
    expect(git(clonePath, "fsck", "--strict")).toBe("");
    expect(git(clonePath, "rev-list", "--count", "main")).toBe(String(ids.all.length));
    expect(Number(git(clonePath, "rev-list", "--count", "--merges", "main"))).toBeGreaterThanOrEqual(3);
    expect(git(clonePath, "rev-parse", "main")).toBe(ids.tip);
    expect(git(clonePath, "rev-parse", `${GOOD_TAG}^{commit}`)).toBe(ids.good);
    expect(git(clonePath, "cat-file", "-t", GOOD_TAG)).toBe("tag");
    expect(git(clonePath, "log", "-1", "--format=%s", ids.bad)).toMatch(/^Look currencies up/);
  });

  it("are clean, and set up as git clone does", async () => {
    const { clonePath, remotePath } = await build();
    expect(git(clonePath, "status", "--porcelain", "--ignored")).toBe("");
    expect(git(clonePath, "remote", "get-url", "origin")).toBe(remotePath);
    expect(git(clonePath, "config", "branch.main.merge")).toBe("refs/heads/main");
    expect(git(remotePath, "rev-parse", "--is-bare-repository")).toBe("true");
  });

  it("are the same commits for the same time and place", async () => {
    const [one, two] = await Promise.all([build(), build()]);
    expect(one.ids.all).toEqual(two.ids.all);
  });

  it("are built inside somebody else's repository as well", async () => {
    const outer = scratch();
    git(outer, "init", "--quiet");
    const directory = path.join(outer, "tmp dir's");
    git(outer, "init", "--quiet", directory);
    const { clone, remotePath } = await makeRepositories({ directory, env: cleanEnv() });
    const ids = await writeHistory(clone, shopHistory(PLACE, NOW));
    git(clone.layout.gitDir, "push", "--quiet", "origin", "main");
    expect(git(remotePath, "rev-parse", "main")).toBe(ids.tip);
  });

  it("cannot be built without git, and that is said with what to do", async () => {
    const env = { ...cleanEnv(), PATH: "/nonexistent" };
    await expect(makeRepositories({ directory: scratch(), env })).rejects.toMatchObject({
      code: "git-missing",
      exit: 2,
      hint: expect.stringContaining("install git") as unknown,
    });
  });

  it("does not change mayday.yaml after the good release: a rollback restores its tree exactly", async () => {
    const { clonePath, ids } = await build();
    expect(git(clonePath, "diff", "--name-only", ids.good, ids.tip, "--", "mayday.yaml")).toBe("");
    expect(git(clonePath, "show", `${ids.good}:mayday.yaml`)).toContain(`${PLACE.site}/version`);
  });
});
