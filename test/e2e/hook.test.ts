import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { built } from "../support/built.ts";
import { isRunning } from "../support/running.ts";
import { type BuildOptions, git, Repository, scratch, withRemote } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

const program = built();

/** Says which tree it saw and which files it was given; fails where src holds the word BAD. */
const CONFIG = `version: 1
checks:
  unit:
    kind: unit
    run: 'git rev-parse "HEAD^{tree}" >>"$SEEN.trees"; ! grep -rn BAD src'
    files: ["src/**"]
  names: {kind: lint, run: [sh, -c, 'printf "%s\\n" "$@" >>"$SEEN.files"', sh, "{files}"], files: ["src/**"]}
`;

interface Ending {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

class Person {
  readonly clone: Repository;
  readonly remote: Repository;
  readonly env: Record<string, string>;
  readonly seen: string;

  constructor(clone: Repository, remote: Repository, env: Record<string, string>, seen: string) {
    this.clone = clone;
    this.remote = remote;
    this.env = env;
    this.seen = seen;
  }

  run(
    file: string,
    args: readonly string[],
    more: { cwd?: string; env?: Record<string, string> } = {},
  ): Ending {
    const env = { ...this.env, ...more.env };
    const done = spawnSync(file, args, { cwd: more.cwd ?? this.clone.path, env, encoding: "utf8" });
    return { status: done.status, stdout: done.stdout, stderr: done.stderr };
  }

  mayday(...args: string[]): Ending {
    return this.run(process.execPath, [program, ...args]);
  }

  install(): void {
    const { status, stderr } = this.mayday("hook", "install", "--yes");
    if (status !== 0) throw new Error(stderr);
  }

  push(...args: string[]): Ending {
    return this.run("git", ["push", ...args]);
  }

  commit(name: string, content: string): string {
    this.clone.write(name, content);
    this.clone.git("add", "--all");
    this.clone.git("commit", "--quiet", "--message", `change ${name}`);
    return this.clone.git("rev-parse", "HEAD");
  }

  /** Trees or files that the checks were run over since the last question. */
  asked(what: "trees" | "files"): string[] {
    const file = `${this.seen}.${what}`;
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    writeFileSync(file, "");
    return lines.filter((line) => line !== "").toSorted();
  }

  onRemote(ref: string): string | null {
    const found = spawnSync("git", ["rev-parse", "--verify", "--quiet", ref], {
      cwd: this.remote.path,
      env: this.env,
      encoding: "utf8",
    });
    return found.status === 0 ? found.stdout.trim() : null;
  }
}

/** A remote with one good commit, a clone of it, and the hook installed in the clone. */
function person(options: BuildOptions & { install?: boolean; config?: string } = {}): Person {
  const files = { "mayday.yaml": options.config ?? CONFIG, "src/a.js": "good\n", "README.md": "shop\n" };
  const { remote, clone } = withRemote([{ name: "start", files }], options);
  const home = scratch();
  const env = cleanEnv({ HOME: home, SEEN: path.join(home, "seen") });
  const somebody = new Person(clone, remote, env, path.join(home, "seen"));
  if (options.install !== false) somebody.install();
  return somebody;
}

describe("what is pushed is what is checked", () => {
  test("a new branch with a bad file is stopped, and let through when it is mended", () => {
    const ana = person();
    ana.clone.git("switch", "--quiet", "--create", "feature");
    ana.commit("src/b.js", "BAD\n");
    const stopped = ana.push("origin", "feature");
    expect(stopped.status).toBe(1);
    expect(stopped.stderr).toContain("src/b.js:1:BAD");
    expect(stopped.stderr).toContain("1 of 2 checks did not pass: unit");
    expect(ana.onRemote("feature")).toBeNull();
    const mended = ana.commit("src/b.js", "good\n");
    expect(ana.push("origin", "feature").status).toBe(0);
    expect(ana.onRemote("feature")).toBe(mended);
  });

  test("an update gives a check only the files that changed", () => {
    const ana = person();
    ana.commit("src/b.js", "good\n");
    ana.commit("docs/x.md", "words\n");
    expect(ana.push("origin", "main").status).toBe(0);
    expect(ana.asked("files")).toEqual(["src/b.js"]);
  });

  test("a push that changes nothing that a check covers runs none of them", () => {
    const ana = person();
    ana.commit("docs/x.md", "words\n");
    const ended = ana.push("origin", "main");
    expect(ended.status).toBe(0);
    expect(ended.stderr).toContain("nothing that it covers changed (src/**)");
    expect(ana.asked("trees")).toEqual([]);
  });

  test("a force push after a rebase is judged by its own files", () => {
    const ana = person();
    ana.clone.git("switch", "--quiet", "--create", "feature");
    ana.commit("src/mine.js", "good\n");
    expect(ana.push("origin", "feature").status).toBe(0);
    ana.clone.git("switch", "--quiet", "main");
    ana.commit("src/theirs.js", "good\n");
    expect(ana.push("origin", "main").status).toBe(0);
    ana.clone.git("switch", "--quiet", "feature");
    ana.clone.git("rebase", "--quiet", "main");
    ana.asked("files");
    expect(ana.push("--force", "origin", "feature").status).toBe(0);
    expect(ana.asked("files")).toEqual(["src/mine.js"]);
  });

  test("what the remote has and this clone has not is fetched once, and the base found", () => {
    const ana = person();
    const second = path.join(scratch(), "second");
    git(path.dirname(second), "clone", "--quiet", ana.remote.path, second);
    const other = new Person(new Repository(second, new Map()), ana.remote, ana.env, ana.seen);
    other.clone.git("switch", "--quiet", "--create", "feature");
    other.commit("src/theirs.js", "good\n");
    expect(other.push("--no-verify", "origin", "feature").status).toBe(0);
    ana.clone.git("switch", "--quiet", "--create", "feature");
    const mine = ana.commit("src/mine.js", "good\n");
    expect(ana.push("--force", "origin", "feature").status).toBe(0);
    expect(ana.onRemote("feature")).toBe(mine);
    expect(ana.asked("files")).toEqual(["src/mine.js"]);
    expect(ana.clone.git("for-each-ref", "refs/mayday")).toBe("");
  });

  test.each(["sha1", "sha256"] as const)(
    "a delete is let through also while HEAD is bad (%s)",
    (objectFormat) => {
      const ana = person({ objectFormat });
      ana.push("--no-verify", "origin", "main:old");
      ana.commit("src/b.js", "BAD\n");
      const ended = ana.push("origin", ":old");
      expect(ended.stderr).toContain("nothing to check: old, delete");
      expect(ended.status).toBe(0);
      expect(ana.onRemote("old")).toBeNull();
      expect(ana.asked("trees")).toEqual([]);
      expect(ana.push("origin", "main").status).toBe(1);
    },
  );

  test("a tag is judged by the commits it brings", () => {
    const ana = person();
    ana.clone.git("tag", "--annotate", "--message", "one", "v1");
    const known = ana.push("origin", "v1");
    expect(known.status).toBe(0);
    expect(ana.asked("files")).toEqual([]);
    ana.commit("src/b.js", "BAD\n");
    ana.clone.git("tag", "--annotate", "--message", "two", "v2");
    ana.clone.git("reset", "--quiet", "--hard", "HEAD~1");
    const bad = ana.push("origin", "v2");
    expect(bad.status).toBe(1);
    expect(bad.stderr).toContain("src/b.js:1:BAD");
    expect(ana.onRemote("v2")).toBeNull();
  });

  test("of several refs the second bad one stops them all", () => {
    const ana = person();
    ana.clone.git("switch", "--quiet", "--create", "one");
    ana.commit("src/one.js", "good\n");
    ana.clone.git("switch", "--quiet", "--create", "two", "main");
    ana.commit("src/two.js", "BAD\n");
    ana.clone.git("switch", "--quiet", "main");
    const ended = ana.push("origin", "one", "two");
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain("src/two.js:1:BAD");
    const trees = ["one", "two"].map((name) => ana.clone.git("rev-parse", `${name}^{tree}`));
    expect(ana.asked("trees")).toEqual(trees.toSorted());
    expect([ana.onRemote("one"), ana.onRemote("two")]).toEqual([null, null]);
  });

  test("another branch than the one checked out is checked by its own content", () => {
    const ana = person();
    ana.clone.git("switch", "--quiet", "--create", "good");
    ana.commit("src/good.js", "good\n");
    ana.clone.git("switch", "--quiet", "--create", "bad", "main");
    ana.commit("src/bad.js", "BAD\n");
    expect(ana.push("origin", "good").status).toBe(0);
    ana.clone.git("switch", "--quiet", "good");
    expect(ana.push("origin", "bad").status).toBe(1);
    expect(ana.clone.git("worktree", "list").split("\n")).toHaveLength(1);
  });

  test("a dirty work tree neither masks what is pushed nor is touched", () => {
    const ana = person();
    ana.commit("src/b.js", "BAD\n");
    ana.clone.write("src/b.js", "good\n");
    ana.clone.write("note.txt", "mine\n");
    const ended = ana.push("origin", "main");
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain("in a temporary worktree: 2 files are changed or untracked here");
    expect(ana.clone.git("status", "--porcelain")).toBe("M src/b.js\n?? note.txt");
    expect(ana.clone.git("stash", "list")).toBe("");
    ana.commit("src/b.js", "good\n");
    ana.clone.write("src/b.js", "BAD\n");
    expect(ana.push("origin", "main").status).toBe(0);
  });

  test("a file hidden from git's eyes does not mask what is pushed", () => {
    const ana = person();
    ana.commit("src/b.js", "BAD\n");
    ana.clone.git("update-index", "--assume-unchanged", "src/b.js");
    ana.clone.write("src/b.js", "good\n");
    const ended = ana.push("origin", "main");
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain("1 file is hidden from git");
  });

  test("from a linked worktree, with a detached HEAD, by URL", () => {
    const ana = person();
    const linked = path.join(scratch(), "linked");
    ana.clone.git("worktree", "add", "--quiet", "--detach", linked);
    const there = new Person(new Repository(linked, new Map()), ana.remote, ana.env, ana.seen);
    there.commit("src/b.js", "BAD\n");
    expect(there.push("origin", "HEAD:refs/heads/linked").status).toBe(1);
    there.commit("src/b.js", "good\n");
    expect(there.push("origin", "HEAD:refs/heads/linked").status).toBe(0);
    there.asked("files");
    there.commit("src/c.js", "BAD\n");
    expect(there.push(ana.remote.path, "HEAD:refs/heads/linked").status).toBe(1);
    expect(there.asked("files")).toEqual(["src/c.js"]);
    // git hands its hooks GIT_DIR here: a command in the temporary worktree must not follow it.
    there.asked("trees");
    expect(there.push("origin", "HEAD~1:refs/heads/earlier").status).toBe(0);
    expect(there.asked("trees")).toEqual([]);
    const side = there.clone.git("commit-tree", "-m", "side", "-p", "HEAD~2", "HEAD~1^{tree}");
    expect(there.push("origin", `${side}:refs/heads/side`).status).toBe(0);
    expect(there.asked("trees")).toEqual([there.clone.git("rev-parse", `${side}^{tree}`)]);
  });

  test("1,500 refs at once are all judged", () => {
    const ana = person();
    const good = ana.clone.git("rev-parse", "HEAD");
    const bad = ana.commit("src/b.js", "BAD\n");
    const refs = Array.from({ length: 1_500 }, (_, n) => `${n === 1_400 ? bad : good}:refs/heads/many/b${n}`);
    const ended = ana.push("origin", ...refs);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain("src/b.js:1:BAD");
    expect(ana.push("origin", ...refs.filter((ref) => ref.startsWith(good))).status).toBe(0);
  });
});

describe("the script", () => {
  test("starts no node when nothing is pushed", () => {
    const ana = person();
    const hook = path.join(ana.clone.path, ".git/hooks/pre-push");
    writeFileSync(hook, readFileSync(hook, "utf8").replace(/^program=.*$/m, "program=/gone/mayday.js"));
    expect(ana.push("origin", "main").status).toBe(0);
  });

  test("blocks when node or mayday is gone, and says what to do", () => {
    const ana = person();
    const hook = path.join(ana.clone.path, ".git/hooks/pre-push");
    const script = readFileSync(hook, "utf8");
    ana.commit("src/b.js", "good\n");
    const bin = scratch();
    for (const tool of ["git", "sh"]) {
      const found = ana.run("sh", ["-c", `command -v ${tool}`]).stdout.trim();
      writeFileSync(path.join(bin, tool), `#!/bin/sh\nexec ${found} "$@"\n`, { mode: 0o755 });
    }
    const poor = { PATH: bin };
    const gone = script.replace(/^node=.*$/m, "node=/gone/node");
    writeFileSync(hook, gone);
    const noNode = ana.run("git", ["push", "origin", "main"], { env: poor });
    expect(noNode.stderr).toContain("mayday: node is neither at its recorded place nor on PATH");
    expect(noNode.stderr).toContain("mayday hook install");
    expect(noNode.status).toBe(1);
    writeFileSync(hook, script.replace(/^program=.*$/m, "program=/gone/mayday.js"));
    const noProgram = ana.run("git", ["push", "origin", "main"], { env: poor });
    expect(noProgram.stderr).toContain("mayday: mayday is neither at its recorded place nor on PATH");
    expect(noProgram.status).toBe(1);
    expect(ana.onRemote("main")).toBe(ana.clone.git("rev-parse", "HEAD~1"));
  });

  test("lets go on, loudly, where hook.missing is warn", () => {
    const ana = person({ config: `${CONFIG}hook: {missing: warn}\n` });
    const hook = path.join(ana.clone.path, ".git/hooks/pre-push");
    writeFileSync(hook, readFileSync(hook, "utf8").replace(/^program=.*$/m, "program=/gone/mayday.js"));
    ana.commit("src/b.js", "BAD\n");
    const ended = ana.push("origin", "main");
    expect(ended.stderr).toContain("the push goes on UNCHECKED");
    expect(ended.status).toBe(0);
  });

  test("works where the environment has no node, in a directory with spaces and quotes", () => {
    const ana = person({ install: false });
    const odd = path.join(path.dirname(ana.clone.path), `it's "my" $HOME repo`);
    renameSync(ana.clone.path, odd);
    const there = new Person(new Repository(odd, new Map()), ana.remote, ana.env, ana.seen);
    expect(there.mayday("hook", "install", "--yes").status).toBe(0);
    there.commit("src/b.js", "BAD\n");
    const ended = there.run("git", ["push", "origin", "main"], { env: { PATH: "/usr/bin:/bin" } });
    expect(ended.stderr).toContain("src/b.js:1:BAD");
    expect(ended.status).toBe(1);
  });

  test("keeps stdout for git: a porcelain push stays readable", () => {
    const ana = person();
    ana.commit("src/b.js", "good\n");
    const ended = ana.push("--porcelain", "origin", "main");
    expect(ended.status).toBe(0);
    expect(ended.stdout.split("\n")[0]).toMatch(/^To /);
  });

  test("a skip goes through git with a reason, and is recorded", () => {
    const ana = person();
    ana.commit("src/b.js", "BAD\n");
    const silent = ana.run("git", ["push", "origin", "main"], { env: { MAYDAY_SKIP: "unit" } });
    expect(silent.stderr).toContain("a skip needs a reason: unit");
    expect(silent.status).toBe(1);
    const said = ana.run("git", ["push", "origin", "main"], {
      env: { MAYDAY_SKIP: "unit", MAYDAY_REASON: "the mender is on the way" },
    });
    expect(said.stderr).toContain("skipped: the mender is on the way");
    expect(said.status).toBe(0);
    const file = path.join(ana.clone.path, ".git/mayday/skips.jsonl");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const lines = readFileSync(file, "utf8").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { check: "unit", reason: "the mender is on the way", via: "pre-push" },
    ]);
  });
});

describe("beside other hooks", () => {
  const KEEPER = `#!/bin/sh\nprintf 'args %s\\n' "$*" >>"$SEEN.other"\ncat >>"$SEEN.other"\nexit "\${OTHER:-0}"\n`;

  test("one that was there runs first with the same input, and comes back byte for byte", () => {
    const ana = person({ install: false });
    const hook = path.join(ana.clone.path, ".git/hooks/pre-push");
    writeFileSync(hook, KEEPER, { mode: 0o750 });
    chmodSync(hook, 0o750);
    const before = ana.clone.git("rev-parse", "HEAD");
    const bare = ana.commit("src/b.js", "good\n");
    expect(ana.push("--dry-run", "origin", "main").status).toBe(0);
    const alone = readFileSync(`${ana.seen}.other`, "utf8");
    expect(alone).toContain(`refs/heads/main ${bare} refs/heads/main ${before}\n`);

    expect(ana.mayday("hook", "install", "--yes").status).toBe(0);
    writeFileSync(`${ana.seen}.other`, "");
    expect(ana.push("--dry-run", "origin", "main").status).toBe(0);
    expect(readFileSync(`${ana.seen}.other`, "utf8")).toBe(alone);
    expect(ana.asked("files")).toEqual(["src/b.js"]);

    const stopped = ana.run("git", ["push", "origin", "main"], { env: { OTHER: "4" } });
    expect(stopped.status).toBe(1);
    expect(ana.asked("files")).toEqual([]);
    ana.commit("src/b.js", "BAD\n");
    expect(ana.push("origin", "main").status).toBe(1);

    expect(ana.mayday("hook", "install", "--yes").stdout).toContain("installed already");
    expect(ana.mayday("hook", "status").status).toBe(0);
    expect(ana.mayday("hook", "uninstall", "--yes").status).toBe(0);
    expect(readFileSync(hook, "utf8")).toBe(KEEPER);
    expect(statSync(hook).mode & 0o777).toBe(0o750);
    expect(readdirSync(path.dirname(hook)).filter((name) => name.includes("mayday"))).toEqual([]);
  });

  test("an up-to-date push still reaches the hook that was there, with nothing on its input", () => {
    const ana = person({ install: false });
    writeFileSync(path.join(ana.clone.path, ".git/hooks/pre-push"), KEEPER, { mode: 0o755 });
    expect(ana.mayday("hook", "install", "--yes").status).toBe(0);
    expect(ana.push("origin", "main").status).toBe(0);
    expect(readFileSync(`${ana.seen}.other`, "utf8")).toBe(`args origin ${ana.remote.path}\n`);
  });

  test("a kept hook of an earlier time is never overwritten", () => {
    const ana = person({ install: false });
    const hooks = path.join(ana.clone.path, ".git/hooks");
    writeFileSync(path.join(hooks, "pre-push"), KEEPER, { mode: 0o755 });
    writeFileSync(path.join(hooks, "pre-push.before-mayday"), "precious", { mode: 0o755 });
    const ended = ana.mayday("hook", "install", "--yes");
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain("neither is overwritten");
    expect(readFileSync(path.join(hooks, "pre-push.before-mayday"), "utf8")).toBe("precious");
    expect(readFileSync(path.join(hooks, "pre-push"), "utf8")).toBe(KEEPER);
  });

  test("a hooks directory laid out as husky 9 does: one marked block, later lines get git's lines too", () => {
    const ana = person({ install: false });
    const own = `printf 'then %s\\n' "$*" >>"$SEEN.other"\ncat >>"$SEEN.other"\n`;
    ana.clone.write(".husky/pre-push", own);
    ana.clone.write(
      ".husky/_/pre-push",
      `#!/usr/bin/env sh\nsh -e "$(dirname "$(dirname "$0")")/pre-push" "$@"\n`,
    );
    chmodSync(path.join(ana.clone.path, ".husky/_/pre-push"), 0o755);
    ana.clone.git("config", "core.hooksPath", ".husky/_");
    const installed = ana.mayday("hook", "install", "--yes");
    expect(installed.stdout).toContain("each clone runs mayday hook install once");
    expect(readFileSync(path.join(ana.clone.path, ".husky/pre-push"), "utf8")).not.toContain(
      path.dirname(program),
    );
    ana.clone.git("add", "--all");
    ana.clone.git("commit", "--quiet", "--message", "husky");
    const head = ana.commit("src/b.js", "good\n");
    expect(ana.push("origin", "main").status).toBe(0);
    expect(readFileSync(`${ana.seen}.other`, "utf8")).toMatch(
      new RegExp(`^then origin .*\nrefs/heads/main ${head} `),
    );
    ana.commit("src/b.js", "BAD\n");
    expect(ana.push("origin", "main").status).toBe(1);
    expect(ana.mayday("hook", "status").status).toBe(0);
    expect(ana.mayday("hook", "uninstall", "--yes").status).toBe(0);
    expect(readFileSync(path.join(ana.clone.path, ".husky/pre-push"), "utf8")).toBe(own);
    expect(ana.mayday("hook", "status").status).toBe(1);
  });

  test("a committed hooks directory without a pre-push gets one, and loses it again", () => {
    const ana = person({ install: false });
    ana.clone.git("config", "core.hooksPath", "tools/hooks");
    expect(ana.mayday("hook", "install", "--yes").status).toBe(0);
    ana.commit("src/b.js", "BAD\n");
    expect(ana.push("origin", "main").stderr).toContain("src/b.js:1:BAD");
    expect(ana.mayday("hook", "uninstall", "--yes").status).toBe(0);
    expect(existsSync(path.join(ana.clone.path, "tools/hooks/pre-push"))).toBe(false);
  });

  test("lefthook keeps its hook: the lines to add are printed, and work through its next installation", () => {
    const ana = person({ install: false });
    const bin = fileURLToPath(new URL("../../node_modules/lefthook/bin/index.js", import.meta.url));
    const lefthook = (): Ending => ana.run(process.execPath, [bin, "install"]);
    ana.clone.write("lefthook.yml", "pre-push:\n  jobs:\n    - name: own\n      run: echo own job\n");
    expect(lefthook().status).toBe(0);
    const theirs = readFileSync(path.join(ana.clone.path, ".git/hooks/pre-push"), "utf8");
    const told = ana.mayday("hook", "install", "--yes");
    expect(told.status).toBe(7);
    expect(told.stderr).toContain("lefthook owns the pre-push hook here");
    expect(readFileSync(path.join(ana.clone.path, ".git/hooks/pre-push"), "utf8")).toBe(theirs);
    const lines = told.stderr.split("\n").map((line) => line.slice(6));
    const job = lines.slice(lines.indexOf("  scripts:"), lines.indexOf("      use_stdin: true") + 1);
    writeFileSync(
      path.join(ana.clone.path, "lefthook.yml"),
      `${readFileSync(path.join(ana.clone.path, "lefthook.yml"), "utf8")}${job.join("\n")}\n`,
    );
    expect(lefthook().status).toBe(0);
    expect(ana.mayday("hook", "status").stdout).toContain("a trial push was stopped by it");
    ana.commit("src/b.js", "BAD\n");
    const ended = ana.push("origin", "main");
    expect(ended.status).toBe(1);
    expect(`${ended.stdout}${ended.stderr}`).toContain("src/b.js:1:BAD");
    const left = ana.mayday("hook", "uninstall", "--yes");
    expect(left.status).toBe(7);
    expect(left.stderr).toContain("take these lines out");
  });

  test("a global hooks directory is never written to; its lines serve only repositories with mayday", () => {
    const ana = person({ install: false });
    const hooks = path.join(ana.env["HOME"] ?? "", "hooks");
    mkdirSync(hooks);
    const global = path.join(ana.env["HOME"] ?? "", ".gitconfig");
    writeFileSync(global, `[core]\n\thooksPath = ~/hooks\n`);
    ana.env["GIT_CONFIG_GLOBAL"] = global;
    const told = ana.mayday("hook", "install", "--yes");
    expect(told.status).toBe(7);
    expect(readdirSync(hooks)).toEqual([]);
    const lines = told.stderr.split("\n").map((line) => line.slice(6));
    const snippet = lines.slice(lines.indexOf("#!/bin/sh"), lines.indexOf("# <<< mayday <<<") + 1);
    writeFileSync(path.join(hooks, "pre-push"), `${snippet.join("\n")}\n`, { mode: 0o755 });
    expect(ana.mayday("hook", "install", "--yes").status).toBe(0);
    expect(ana.mayday("hook", "status").status).toBe(0);
    ana.commit("src/b.js", "BAD\n");
    expect(ana.push("origin", "main").status).toBe(1);
    ana.mayday("hook", "uninstall", "--yes");
    expect(ana.push("origin", "main").status).toBe(0);
  });
});

describe("status", () => {
  test("says no where the hook is not, or does not fire", () => {
    const ana = person({ install: false });
    expect(ana.mayday("hook", "status")).toMatchObject({ status: 1 });
    ana.mayday("hook", "install", "--yes");
    expect(ana.mayday("hook", "status").stdout).toContain("a trial push was stopped by it");
    chmodSync(path.join(ana.clone.path, ".git/hooks/pre-push"), 0o644);
    const dead = ana.mayday("hook", "status");
    expect(dead.status).toBe(1);
    expect(dead.stderr).toContain("a trial push was not stopped by it");
    ana.install();
    expect(ana.mayday("hook", "status").status).toBe(0);
  });
});

test.each([
  ["Ctrl-C", "SIGINT"],
  ["a terminal that is closed", "SIGHUP"],
] as const)("%s ends the commands, takes the worktree away and exits 130", async (_name, signal) => {
  const ana = person({
    config: `version: 1\nchecks: {slow: {kind: unit, run: 'sleep 300 & echo $! >"$SEEN.pid"; pwd >"$SEEN.place"; wait'}}\n`,
  });
  ana.clone.write("note.txt", "mine\n");
  const child = spawn(process.execPath, [program, "check"], {
    cwd: ana.clone.path,
    env: ana.env,
    stdio: "ignore",
  });
  const ended = new Promise<number | null>((resolve) => void child.on("exit", (code) => resolve(code)));
  const started = (): boolean =>
    existsSync(`${ana.seen}.place`) && readFileSync(`${ana.seen}.place`, "utf8").endsWith("\n");
  while (!started()) await new Promise((resolve) => setTimeout(resolve, 20));
  const place = readFileSync(`${ana.seen}.place`, "utf8").trim();
  expect(existsSync(place)).toBe(true);
  expect(place.startsWith(ana.clone.path)).toBe(false);
  child.kill(signal);
  expect(await ended).toBe(130);
  expect(existsSync(path.dirname(place))).toBe(false);
  expect(ana.clone.git("worktree", "list").split("\n")).toHaveLength(1);
  const sleeper = Number(readFileSync(`${ana.seen}.pid`, "utf8"));
  expect(isRunning(sleeper)).toBe(false);
});
