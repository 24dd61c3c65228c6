import { execFileSync } from "node:child_process";
import { chmodSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { git, type Repository } from "../support/repository.ts";
import { cleanEnv, mayday } from "../support/world.ts";
import { belongings, colleague, commit, expectRestored, refsOf, roll, shop, treeOf } from "./shop.ts";

interface ErrorDocument {
  readonly schema: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly exit: number;
}

async function refused(clone: Repository, args: readonly string[] = []): Promise<ErrorDocument> {
  return (await roll(clone, args)) as unknown as ErrorDocument;
}

function hook(repository: Repository, name: string, script: string): void {
  writeFileSync(path.join(repository.path, "hooks", name), `#!/bin/sh\n${script}`, { mode: 0o755 });
}

/** A directory before git on PATH, whose `git` runs `script` and then the real one. */
function shim(clone: Repository, script: string): Record<string, string> {
  const directory = path.join(path.dirname(clone.path), "shim");
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  execFileSync("mkdir", ["-p", directory]);
  const file = path.join(directory, "git");
  writeFileSync(file, `#!/bin/sh\nREAL=${real}\n${script}\nexec "$REAL" "$@"\n`);
  chmodSync(file, 0o755);
  return { PATH: `${directory}:${process.env["PATH"] ?? ""}` };
}

/** Nothing of an act that came to nothing stays: no ref, no open operation. */
async function expectClosed(clone: Repository): Promise<void> {
  expect(refsOf(clone)).not.toMatch(/refs\/mayday\/op/);
  expect((await mayday(["rollback", "--continue"], { cwd: clone.path })).exit).toBe(1);
}

describe("the remote moved", () => {
  test("between the plan and the push: exit 6, the newcomers are named, nothing is changed", async () => {
    const { remote, clone } = shop();
    const other = colleague(remote);
    // The colleague pushes when mayday has planned and makes its commit.
    const push = `cd ${other.path} && echo fix > fix.txt && "$REAL" add fix.txt && "$REAL" commit -qm 'The real fix' && "$REAL" push -q origin HEAD:main`;
    const env = shim(
      clone,
      `case " $* " in *" commit-tree "*) [ -e "$0.done" ] || { : > "$0.done"; (unset GIT_CONFIG_COUNT GIT_ALLOW_PROTOCOL; ${push}) >&2; } ;; esac`,
    );
    const before = belongings(clone);
    const { exit, stdout } = await mayday(["rollback", "--yes", "--json"], { cwd: clone.path, env });
    const error = JSON.parse(stdout) as ErrorDocument;
    expect(exit).toBe(6);
    expect(error).toMatchObject({ schema: "mayday/error@1", code: "remote-moved", exit: 6 });
    expect(error.message).toMatch(/The real fix/);
    expect(error.hint).toContain("mayday rollback production --plan");
    expect(remote.git("log", "-1", "--format=%s", "main")).toBe("The real fix");
    expect(remote.git("rev-parse", "main~1")).toBe(remote.id("late"));
    expect(belongings(clone)).toEqual(before);
    await expectClosed(clone);
  });

  test("while the push is under way: the lease refuses, exit 6, the colleague's commit stays", async () => {
    const { remote, clone } = shop();
    const newcomer = commit(colleague(remote), "Came in during the push", { "in.txt": "1\n" }, false);
    git(
      path.join(path.dirname(remote.path), "colleague"),
      "push",
      "--quiet",
      "origin",
      "HEAD:refs/hidden/it",
    );
    // The hook runs after git compared the old value and before it sets the ref.
    hook(
      remote,
      "pre-receive",
      `grep -q refs/heads/main || exit 0\nunset GIT_QUARANTINE_PATH\ngit update-ref refs/heads/main ${newcomer}\n`,
    );
    const error = await refused(clone);
    expect(error).toMatchObject({ exit: 6, code: "remote-moved" });
    expect(error.message).toContain("Came in during the push");
    expect(remote.git("rev-parse", "main")).toBe(newcomer);
    await expectClosed(clone);
  });

  test("was rewritten behind mayday's back: exit 6, nothing is forced", async () => {
    const { remote, clone } = shop();
    const env = shim(
      clone,
      `case " $* " in *" commit-tree "*) "$REAL" --git-dir=${remote.path} update-ref refs/heads/main ${remote.id("bad")} ;; esac`,
    );
    const { exit, stdout } = await mayday(["rollback", "--yes", "--json"], { cwd: clone.path, env });
    expect(exit).toBe(6);
    expect(JSON.parse(stdout)).toMatchObject({ code: "remote-moved" });
    expect(remote.git("rev-parse", "main")).toBe(remote.id("bad"));
  });
});

describe("the remote says no", () => {
  test("a hook: exit 6, its words escaped, nothing is changed, and a next step", async () => {
    const { remote, clone } = shop();
    hook(
      remote,
      "pre-receive",
      `grep -q refs/heads/main || exit 0\nprintf 'protected \\033[31mbranch\\033]0;title\\007\\n' >&2\nexit 1\n`,
    );
    const before = belongings(clone);
    const error = await refused(clone);
    expect(error).toMatchObject({ exit: 6, code: "rejected" });
    expect(error.message).toContain("protected \\u{1b}[31mbranch");
    // oxlint-disable-next-line no-control-regex -- that there is none is the point
    expect(error.message).not.toMatch(/[\u001b\u0007]/);
    expect(error.hint).toContain("--no-push");
    expect(remote.git("rev-parse", "main")).toBe(remote.id("late"));
    expect(belongings(clone)).toEqual(before);
    await expectClosed(clone);
  });

  test("only to the ledger: the rollback counts, the ledger waits, and it is said", async () => {
    const { remote, clone } = shop();
    hook(remote, "pre-receive", "grep -q refs/mayday && exit 1\nexit 0\n");
    const { exit, stdout, stderr } = await mayday(["rollback", "--yes", "--json"], { cwd: clone.path });
    expect(exit).toBe(0);
    expect(stderr).toMatch(/the ledger could not be shared/);
    expect(JSON.parse(stdout)).toMatchObject({ pushed: true });
    expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
    expect(clone.git("rev-list", "--count", "refs/mayday/ledger/production")).not.toBe("0");
  });

  test("a stale lock over there: exit 6, nothing is changed", async () => {
    const { remote, clone } = shop();
    writeFileSync(path.join(remote.path, "refs/heads/main.lock"), "");
    expect(await refused(clone)).toMatchObject({ exit: 6, code: "rejected" });
    expect(remote.git("rev-parse", "main")).toBe(remote.id("late"));
    await expectClosed(clone);
  });
});

describe("the remote is not there", () => {
  test("before anything was sent: exit 6, the commit of no use is closed, and again is possible", async () => {
    const { remote, clone } = shop();
    clone.git("fetch", "--quiet");
    const away = `${remote.path}.away`;
    renameSync(remote.path, away);
    expect(await refused(clone)).toMatchObject({ exit: 6, code: "remote-unreachable" });
    renameSync(away, remote.path);
    expect(await roll(clone)).toMatchObject({ exit: 0, operation: 2 });
    expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
  });

  test("after the push: unclear, exit 8, never success; --continue looks and ends it with one commit", async () => {
    const { remote, clone } = shop();
    const away = `${remote.path}.away`;
    hook(remote, "post-receive", `grep -q refs/heads/main || exit 0\nmv ${remote.path} ${away}\n`);
    const document = await roll(clone);
    expect(document).toMatchObject({
      schema: "mayday/rollback@1",
      exit: 8,
      operation: 1,
      pushed: false,
      error: { code: "unclear" },
    });
    expect(document.error?.hint).toContain("mayday rollback production --continue");
    // A second one is not begun on top of what nobody knows.
    renameSync(away, remote.path);
    expect(await roll(clone)).toMatchObject({ exit: 7, error: { code: "interrupted-operation" } });
    const { exit, stdout } = await mayday(["rollback", "--continue", "--json"], { cwd: clone.path });
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ pushed: true, operation: 1, clone: { state: "updated" } });
    expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
  });

  test("the push arrived, its answer did not: read back, and it counts", async () => {
    const { remote, clone } = shop();
    const env = shim(
      clone,
      `case " $* " in *" push "*refs/heads/main*) "$REAL" "$@" > /dev/null 2>&1; echo 'fatal: the remote end hung up unexpectedly' >&2; exit 128 ;; esac`,
    );
    expect(await roll(clone, [], env)).toMatchObject({ exit: 0, pushed: true });
    expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
  });

  test("cut while sending: exit 8, not given up, --abort looks and closes it", async () => {
    const { remote, clone } = shop();
    const env = shim(
      clone,
      `case " $* " in *" push "*refs/heads/main*) echo 'fatal: the remote end hung up unexpectedly' >&2; exit 128 ;; esac`,
    );
    expect(await roll(clone, [], env)).toMatchObject({ exit: 8, pushed: false, error: { code: "unclear" } });
    const { exit } = await mayday(["rollback", "--abort", "--json"], { cwd: clone.path });
    expect(exit).toBe(0);
    expect(remote.git("rev-parse", "main")).toBe(remote.id("late"));
    await expectClosed(clone);
  });

  test("git says all is well and the remote shows otherwise: exit 8, never success", async () => {
    const { remote, clone } = shop();
    const env = shim(
      clone,
      `case " $* " in *" push "*refs/heads/main*) for last; do :; done; printf ' \\t%s\\tx\\nDone\\n' "$last"; exit 0 ;; esac`,
    );
    expect(await roll(clone, [], env)).toMatchObject({ exit: 8, pushed: false, error: { code: "unclear" } });
    expect(remote.git("rev-parse", "main")).toBe(remote.id("late"));
  });
});

test("published, and a colleague has built on it before mayday looked: one commit, theirs on top", async () => {
  const { remote, clone } = shop();
  const script = [
    "while read old new ref; do [ $ref = refs/heads/main ] || continue",
    "t=$(git commit-tree $new^{tree} -p $new -m 'On top')",
    "git update-ref refs/heads/main $t; done",
  ].join("\n");
  hook(
    remote,
    "post-receive",
    `export GIT_AUTHOR_NAME=b GIT_AUTHOR_EMAIL=b@c GIT_COMMITTER_NAME=b GIT_COMMITTER_EMAIL=b@c\n${script}\n`,
  );
  const document = await roll(clone);
  expect(document).toMatchObject({ exit: 0, pushed: true, proof: { reached: "P2" } });
  expect(remote.git("rev-parse", "main~1")).toBe(document.commit?.sha);
  expect(remote.git("rev-parse", "main~2")).toBe(remote.id("late"));
});

test("two engineers at once: one restoring commit in all, and the other is told", async () => {
  const { remote, clone } = shop();
  const other = colleague(remote);
  const [one, two] = await Promise.all([roll(clone), roll(other)]);
  const exits = [one.exit, two.exit].toSorted((a, b) => a - b);
  expect(exits[0]).toBe(0);
  expect([0, 6]).toContain(exits[1]);
  expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
});

test("the built-in git environment of a hook does not lead it astray", async () => {
  const { remote, clone } = shop();
  const { remote: wrong, clone: wrongClone } = { remote: colleague(remote), clone };
  const { exit } = await mayday(["rollback", "--yes"], {
    cwd: clone.path,
    env: { GIT_INDEX_FILE: path.join(wrong.path, ".git/index"), GIT_PREFIX: "lib/" },
  });
  expect(exit).toBe(0);
  expect(wrong.git("status", "--porcelain")).toBe("");
  expect(wrongClone.git("status", "--porcelain")).toBe("");
  expect(cleanEnv()["GIT_INDEX_FILE"]).toBeUndefined();
});
