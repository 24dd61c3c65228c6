import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect, test } from "vitest";

import { everyday } from "../../src/git/everyday.ts";
import { openRepository } from "../../src/git/open.ts";
import { build, git, scratch } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

const SHOP = [{ name: "one", files: { "a.txt": "a\n", "dir/ö.txt": "b\n" }, tags: ["v1.0.0"] }];

test("simple-git answers everyday questions behind the seal", async () => {
  const shop = build(SHOP);
  shop.git("remote", "add", "origin", "https://example.com/shop.git");
  const simple = await everyday(await openRepository({ cwd: shop.path, env: cleanEnv() }));
  expect((await simple.tags()).all).toEqual(["v1.0.0"]);
  expect((await simple.branchLocal()).current).toBe("main");
  expect((await simple.getRemotes(true)).map((remote) => [remote.name, remote.refs.fetch])).toEqual([
    ["origin", "https://example.com/shop.git"],
  ]);
  expect(await simple.raw(["ls-files", "-z"])).toBe("a.txt\0dir/ö.txt\0");
});

/** Each is a way in which a repository's own configuration makes git run a program. */
const CANARIES: Record<string, (repository: string, program: string) => void> = {
  "core.fsmonitor": (repository, program) => void git(repository, "config", "core.fsmonitor", program),
  "core.hooksPath": (repository, program) => {
    writeFileSync(path.join(repository, ".git", "post-index-change"), `#!/bin/sh\n${program}\n`, {
      mode: 0o755,
    });
    git(repository, "config", "core.hooksPath", path.join(repository, ".git"));
  },
  "core.pager": (repository, program) => {
    git(repository, "config", "core.pager", program);
    git(repository, "config", "pager.tag", program);
  },
  "diff.external": (repository, program) => void git(repository, "config", "diff.external", program),
  "filter.x.clean": (repository, program) => {
    git(repository, "config", "filter.x.clean", program);
    writeFileSync(path.join(repository, ".git", "info", "attributes"), "* filter=x\n");
  },
  "textconv by attribute": (repository, program) => {
    git(repository, "config", "diff.x.textconv", program);
    writeFileSync(path.join(repository, ".git", "info", "attributes"), "* diff=x\n");
  },
};

/** The seal blanks the program names; git then stops at them unless it is told not to look. */
const NO_PROGRAMS = ["--no-ext-diff", "--no-textconv"];

test.each(Object.keys(CANARIES))("hostile %s does not fire through simple-git", async (name) => {
  const shop = build(SHOP);
  const fired = path.join(scratch(), "fired");
  const program = path.join(path.dirname(fired), "program");
  writeFileSync(program, `#!/bin/sh\ntouch ${fired}\ncat\n`, { mode: 0o755 });
  CANARIES[name]?.(shop.path, program);
  shop.write("a.txt", "other\n");

  const simple = await everyday(await openRepository({ cwd: shop.path, env: cleanEnv() }));
  await simple.status();
  await simple.tags();
  await simple.branch(["--all"]);
  await simple.getRemotes(true);
  await simple.diff(NO_PROGRAMS);
  await simple.diffSummary(NO_PROGRAMS);
  await simple.log();
  await simple.show(["HEAD", ...NO_PROGRAMS]);
  await simple.raw(["ls-files", "-z"]);
  expect(existsSync(fired)).toBe(false);

  // The canary lives: the same without the seal makes it fire (only a pager needs a terminal for that).
  git(shop.path, "status");
  git(shop.path, "diff");
  expect(existsSync(fired)).toBe(name !== "core.pager");
});

test("what the shell that started mayday says about git does not reach it", async () => {
  const shop = build(SHOP);
  const other = build([{ name: "other", tags: ["v9.0.0"] }]);
  const simple = await everyday(await openRepository({ cwd: shop.path, env: cleanEnv() }));
  const before = process.env["GIT_DIR"];
  process.env["GIT_DIR"] = path.join(other.path, ".git");
  try {
    expect((await simple.tags()).all).toEqual(["v1.0.0"]);
  } finally {
    if (before === undefined) delete process.env["GIT_DIR"];
    else process.env["GIT_DIR"] = before;
  }
});
