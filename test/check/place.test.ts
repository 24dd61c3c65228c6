import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { checkOut, standing } from "../../src/check/place.ts";
import { targets } from "../../src/check/select.ts";
import { openRepository } from "../../src/git/open.ts";
import type { Git } from "../../src/git/git.ts";
import { addTemporaryWorktree } from "../../src/git/worktree.ts";
import { build, git, type Repository } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

const FILES = { "a.txt": "1\n", "package-lock.json": "{}\n", ".gitignore": "node_modules\n*.log\n" };

async function opened(at: Repository): Promise<{ git: Git; tree: string; commit: string }> {
  const commit = at.git("rev-parse", "HEAD");
  return {
    git: await openRepository({ cwd: at.path, env: cleanEnv() }),
    tree: at.git("rev-parse", "HEAD^{tree}"),
    commit,
  };
}

describe("in place", () => {
  const inPlace = async (at: Repository): Promise<boolean> => {
    const { git: repository, tree } = await opened(at);
    return (await standing(repository, tree)).inPlace;
  };

  test("only where the work tree is exactly the pushed tree; ignored files do not matter", async () => {
    const repository = build([{ name: "one", files: FILES }]);
    repository.write("debug.log", "x");
    expect(await inPlace(repository)).toBe(true);
    repository.write("new.txt", "x");
    expect(await inPlace(repository)).toBe(false);
    repository.git("clean", "--quiet", "--force");
    repository.write("a.txt", "2\n");
    expect(await inPlace(repository)).toBe(false);
    repository.git("add", "a.txt");
    repository.write("a.txt", "1\n");
    expect(await inPlace(repository)).toBe(false);
    repository.git("reset", "--quiet", "--hard");
    expect(await inPlace(repository)).toBe(true);
    repository.git("update-index", "--skip-worktree", "a.txt");
    expect(await inPlace(repository)).toBe(false);
  });

  test("not for another tree than HEAD's, and not in a bare repository", async () => {
    const repository = build([
      { name: "one", files: FILES },
      { name: "two", files: { "a.txt": "2\n" } },
    ]);
    const { git: at } = await opened(repository);
    expect(await standing(at, repository.git("rev-parse", "HEAD~1^{tree}"))).toEqual({
      inPlace: false,
      because: "other content than HEAD is pushed",
    });
    expect(await inPlace(build([{ name: "one", files: FILES }], { bare: true }))).toBe(false);
  });

  test("where the person's own filters made the files, as Git LFS does; a worktree gets them too", async () => {
    const repository = build([
      { name: "one", files: { ".gitattributes": "*.big filter=loud\n", "a.big": "LOUD\n" } },
    ]);
    const own = path.join(path.dirname(repository.path), "gitconfig");
    writeFileSync(own, '[filter "loud"]\n\tclean = tr a-z A-Z\n\tsmudge = tr A-Z a-z\n\trequired = true\n');
    const env = cleanEnv({ GIT_CONFIG_GLOBAL: own });
    const at = await openRepository({ cwd: repository.path, env });
    repository.write("a.big", "loud\n");
    expect((await standing(at, repository.git("rev-parse", "HEAD^{tree}"))).inPlace).toBe(true);
    const worktree = await addTemporaryWorktree(at, repository.id("one"));
    expect(readFileSync(path.join(worktree.path, "a.big"), "utf8")).toBe("loud\n");
    worktree.remove();
  });

  test("the same tree under another commit serves as well", async () => {
    const repository = build([{ name: "one", files: FILES }]);
    repository.git("commit", "--quiet", "--allow-empty", "--message", "same");
    expect(await inPlace(repository)).toBe(true);
  });
});

describe("a temporary worktree", () => {
  test("has the commit's files, runs no hook, leaves nothing", async () => {
    const repository = build([
      { name: "one", files: FILES },
      { name: "two", files: { "a.txt": "2\n" } },
    ]);
    const marker = path.join(repository.path, "hook-ran");
    const hook = path.join(repository.path, ".git/hooks/post-checkout");
    writeFileSync(hook, `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
    const { git: at } = await opened(repository);
    const worktree = await addTemporaryWorktree(at, repository.id("one"));
    expect(readFileSync(path.join(worktree.path, "a.txt"), "utf8")).toBe("1\n");
    expect(git(worktree.path, "rev-parse", "HEAD")).toBe(repository.id("one"));
    expect(git(worktree.path, "status", "--porcelain")).toBe("");
    worktree.remove();
    expect(existsSync(worktree.path)).toBe(false);
    expect(existsSync(marker)).toBe(false);
    expect(repository.git("worktree", "list").split("\n")).toHaveLength(1);
    expect(repository.git("status", "--porcelain")).toBe("");
    expect(repository.git("rev-parse", "HEAD")).toBe(repository.id("two"));
  });

  test("is whole where the person's own checkout is sparse", async () => {
    const repository = build([{ name: "one", files: { "a/x.txt": "1\n", "b/y.txt": "1\n" } }]);
    repository.git("sparse-checkout", "set", "a");
    expect(existsSync(path.join(repository.path, "b"))).toBe(false);
    const { git: at, commit } = await opened(repository);
    const worktree = await addTemporaryWorktree(at, commit);
    expect(existsSync(path.join(worktree.path, "b/y.txt"))).toBe(true);
    worktree.remove();
    expect(existsSync(path.join(repository.path, "b"))).toBe(false);
  });

  test("of a run that was killed is taken away by the next, a person's own is not", async () => {
    const repository = build([{ name: "one", files: FILES }]);
    const { git: at, commit } = await opened(repository);
    const own = path.join(path.dirname(repository.path), "own");
    repository.git("worktree", "add", "--quiet", "--detach", own);
    const left = await addTemporaryWorktree(at, commit);
    const notes = path.join(repository.path, ".git/mayday/worktrees");
    const name = `${process.pid}-${path.basename(path.dirname(left.path))}`;
    // No process has this id: the largest that Linux gives is 2^22.
    writeFileSync(
      path.join(notes, name.replace(/^\d+/, "99999999")),
      `${path.dirname(left.path)}\n${hostname()}`,
    );
    const busy = await addTemporaryWorktree(at, commit);
    const next = await addTemporaryWorktree(at, commit);
    expect(existsSync(left.path)).toBe(false);
    expect(existsSync(busy.path)).toBe(true);
    for (const worktree of [next, busy]) worktree.remove();
    expect(repository.git("worktree", "list", "--porcelain")).toContain(realpathSync(own));
    left.remove();
  });
});

describe("links", () => {
  const away = async (
    at: Repository,
    wanted: readonly string[],
  ): Promise<{ linked: boolean; path: string; remove: () => void }> => {
    const { git: repository, commit, tree } = await opened(at);
    const [target] = targets([
      {
        localRef: "x",
        localSha: commit,
        remoteRef: "x",
        remoteSha: null,
        kind: "create",
        commit,
        tree,
        base: null,
      },
    ]);
    if (target === undefined) throw new Error("no target");
    return checkOut(repository, target, wanted);
  };

  test("a directory is linked when the lockfile is the same, and survives the worktree", async () => {
    const repository = build([{ name: "one", files: FILES }]);
    repository.write("node_modules/lib/index.js", "x");
    const worktree = await away(repository, ["node_modules"]);
    expect(worktree.linked).toBe(true);
    expect(readFileSync(path.join(worktree.path, "node_modules/lib/index.js"), "utf8")).toBe("x");
    worktree.remove();
    expect(readFileSync(path.join(repository.path, "node_modules/lib/index.js"), "utf8")).toBe("x");
  });

  test("nothing is linked when the lockfile differs, one is missing, or a name leads outside", async () => {
    const repository = build([{ name: "one", files: FILES }]);
    mkdirSync(path.join(repository.path, "node_modules"));
    mkdirSync(path.join(repository.path, "..", "outside"));
    for (const wanted of [["node_modules", "vendor"], ["../outside"], [path.dirname(repository.path)]]) {
      const worktree = await away(repository, wanted);
      expect(worktree.linked).toBe(false);
      expect(lstatSync(path.join(worktree.path, "node_modules"), { throwIfNoEntry: false })).toBeUndefined();
      worktree.remove();
    }
    repository.write("package-lock.json", '{"changed": true}\n');
    const worktree = await away(repository, ["node_modules"]);
    expect(worktree.linked).toBe(false);
    worktree.remove();
  });
});
