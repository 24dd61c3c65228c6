/* oxlint-disable vitest/no-conditional-expect -- a table: which case expects what is data */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { filesOf, shop, treeOf } from "../rollback/shop.ts";
import { built } from "../support/built.ts";
import { git, Repository, scratch, withRemote } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

const PROGRAM = built();
const LONG = process.env["MAYDAY_LONG"] === "1";
const GIT = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
/** More trials at once than cores only makes each slower. */
const AT_ONCE = 3;

interface Ended {
  readonly exit: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program in a process group of its own; its id is written to `pid` before anything else. */
function run(
  clone: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const pid = path.join(path.dirname(clone), "pid");
  const child: ChildProcess = spawn(
    "/bin/sh",
    ["-c", 'echo $$ > "$0"; exec "$@"', pid, process.execPath, PROGRAM, ...argv],
    { cwd: clone, env: cleanEnv(env), detached: true, stdio: ["ignore", "pipe", "pipe"] },
  );
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) =>
    child.on("close", (exit, signal) => resolve({ exit, signal, stdout, stderr })),
  );
}

/** What the person has in their clone; `overlap`: in a file that the rollback changes. */
function dirt(clone: Repository, overlap: boolean): void {
  clone.write("cart.txt", "for later\n");
  clone.git("stash", "--quiet");
  clone.write("readme.md", "edited\n");
  clone.write("notes.txt", "untracked\n");
  clone.write("debug.log", "ignored\n");
  if (overlap) clone.write("cart.txt", "mine\n");
}

interface Trial {
  readonly place: string;
  readonly remote: Repository;
  readonly clone: Repository;
  readonly overlap: boolean;
}

/** A copy of the shop with someone's work in it, and a `git` on PATH that acts at call `at`. */
function trial(
  from: string,
  at: number,
  when: "before" | "after",
  signal: "KILL" | "INT",
  overlap = at % 3 === 0,
): Trial {
  const place = path.join(from, "..", `${when}-${signal}-${at}-${overlap ? "overlap" : "apart"}`);
  cpSync(from, place, { recursive: true });
  const clone = new Repository(path.join(place, "clone"), new Map());
  if (overlap) clone.write("cart.txt", "mine\n");
  mkdirSync(path.join(place, "bin"));
  const target = signal === "KILL" ? '-"$(cat "$here/pid")"' : '"$(cat "$here/pid")"';
  writeFileSync(
    path.join(place, "bin/git"),
    [
      "#!/bin/sh",
      `here=${place}`,
      'echo "$*" >> "$here/calls"',
      'n=$(wc -l < "$here/calls")',
      `strike() { [ "$n" -eq ${at} ] && kill -${signal} ${target}; }`,
      ...(when === "before" ? [`strike ${signal === "KILL" ? "&& exit 1" : ""}`, `exec ${GIT} "$@"`] : []),
      `${GIT} "$@"`,
      "code=$?",
      "strike",
      "exit $code",
      "",
    ].join("\n"),
    { mode: 0o755 },
  );
  return { place, remote: new Repository(path.join(place, "remote.git"), new Map()), clone, overlap };
}

function withShim({ place }: Trial): Record<string, string> {
  return { PATH: `${path.join(place, "bin")}:${process.env["PATH"] ?? ""}` };
}

/** A shop in a directory that can be copied: the clone finds its remote beside it. */
function template(): { readonly at: string; readonly old: string; readonly wanted: string } {
  const { remote, clone } = shop();
  clone.git("remote", "set-url", "origin", "../remote.git");
  dirt(clone, false);
  const at = path.join(path.dirname(remote.path), "template");
  mkdirSync(at);
  cpSync(remote.path, path.join(at, "remote.git"), { recursive: true });
  cpSync(clone.path, path.join(at, "clone"), { recursive: true });
  return { at, old: remote.id("late"), wanted: treeOf(remote, "v1.0.0") };
}

function mine({ clone, overlap }: Trial): Record<string, string | undefined> {
  const files = filesOf(clone.path);
  const names = ["readme.md", "notes.txt", "debug.log", ...(overlap ? ["cart.txt"] : [])];
  return {
    ...Object.fromEntries(names.map((name) => [name, files.get(name)])),
    stash: clone.git("rev-parse", "stash"),
  };
}

/** Interrupted anywhere, then continued (or begun anew where nothing was written down yet): one commit, nothing lost. */
async function survives(one: Trial, old: string, wanted: string, label: string): Promise<void> {
  const { remote, clone } = one;
  const before = mine(one);
  await run(clone.path, ["rollback", "--yes"], withShim(one));
  const tip = remote.git("rev-parse", "main");
  // Either as before, or the whole of it.
  if (tip !== old)
    expect([remote.git("rev-parse", "main~1"), treeOf(remote, "main")], label).toEqual([old, wanted]);
  expect(mine(one), label).toEqual(before);
  await comesThrough(one, old, wanted, label);
  expect(mine(one), label).toEqual(before);
}

async function comesThrough(one: Trial, old: string, wanted: string, label: string): Promise<void> {
  const { remote, clone, overlap } = one;
  const tip = remote.git("rev-parse", "main");
  let ended = await run(clone.path, ["rollback", "--continue", "--json"]);
  if (ended.exit === 1) ended = await run(clone.path, ["rollback", "--yes", "--json"]);
  expect(ended.exit, `${label}\n${ended.stdout}${ended.stderr}`).toBe(0);
  expect(remote.git("rev-list", "--count", `${old}..main`), label).toBe("1");
  expect(treeOf(remote, "main"), label).toBe(wanted);
  if (tip !== old) expect(remote.git("rev-parse", "main"), label).toBe(tip);
  const dirty = overlap ? " M cart.txt\n M readme.md\n?? notes.txt" : " M readme.md\n?? notes.txt";
  expect(clone.git("status", "--porcelain"), label).toBe(dirty.trim());
  expect(clone.git("rev-parse", "HEAD"), label).toBe(overlap ? old : remote.git("rev-parse", "main"));
  const rollbacks = remote
    .git("log", "--format=%B", "refs/mayday/ledger/production")
    .match(/"type":"rollback"/g);
  expect(rollbacks, label).toHaveLength(1);
  clone.git("fsck", "--no-dangling");
}

/** A trial that held is taken away at once: hundreds of them take long to remove at the end. */
function cleared({ place }: Trial): void {
  rmSync(place, { recursive: true, force: true });
}

/** How many times a whole rollback calls git, the call that begins to write, the one that moves the clone. */
async function boundaries(
  at: string,
): Promise<{ readonly calls: number; readonly writes: number; readonly merges: number }> {
  // No call has this number: nothing strikes, and the clone is brought along.
  const whole = trial(at, 0, "before", "KILL", false);
  expect((await run(whole.clone.path, ["rollback", "--yes"], withShim(whole))).exit).toBe(0);
  const lines = readFileSync(path.join(whole.place, "calls"), "utf8").trim().split("\n");
  const first = (name: string): number => lines.findIndex((line) => line.includes(` ${name} `)) + 1;
  return { calls: lines.length, writes: first("commit-tree"), merges: first("merge") };
}

/** Are there changes of the person's in the way? In turn here, both in the long run. */
function overlaps(n: number): boolean[] {
  return LONG ? [false, true] : [n % 3 === 0];
}

async function all<T>(jobs: readonly T[], work: (job: T) => Promise<void>): Promise<void> {
  const waiting = [...jobs];
  const worker = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await work(job);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

describe("killed at every boundary to git", () => {
  test(
    "SIGKILL of the whole group: one commit, nothing of the person's lost",
    { timeout: 900_000 },
    async () => {
      const { at, old, wanted } = template();
      const { calls, writes } = await boundaries(at);
      expect(calls - writes).toBeGreaterThan(20);
      // After call n is before call n + 1, but for what mayday read: in turn here, both in the long run.
      // Before the first write there is nothing to tear: only every fourth of those here.
      const jobs = Array.from({ length: calls }, (_, i) => i + 1)
        .filter((n) => LONG || n >= writes || n % 4 === 0)
        .flatMap((n) =>
          (["before", "after"] as const)
            .filter((_, i) => LONG || n % 2 === i)
            .flatMap((when) => overlaps(n).map((overlap) => ({ n, when, overlap }))),
        );
      await all(jobs, async ({ n, when, overlap }) => {
        const label = `killed ${when} git call ${n} of ${calls}${overlap ? ", own changes in the way" : ""}`;
        const one = trial(at, n, when, "KILL", overlap);
        await survives(one, old, wanted, label);
        cleared(one);
      });
    },
  );

  test(
    "Ctrl-C: exit 130 with the command that goes on, or too late to matter",
    { timeout: 900_000 },
    async () => {
      const { at, old, wanted } = template();
      const { calls, writes, merges } = await boundaries(at);
      expect(merges).toBeGreaterThan(writes);
      // Where the person's files are written every call counts, also in the short run.
      const moving = (n: number): boolean => n >= merges - 1 && n <= merges + 2;
      const jobs = Array.from({ length: calls }, (_, i) => i + 1)
        .filter((n) => LONG || moving(n) || (n >= writes && n % 4 === 1))
        .flatMap((n) => (moving(n) && !LONG ? [false] : overlaps(n)).map((overlap) => ({ n, overlap })));
      await all(jobs, async ({ n, overlap }) => {
        const one = trial(at, n, "before", "INT", overlap);
        const ended = await run(one.clone.path, ["rollback", "--yes"], withShim(one));
        const label = `Ctrl-C at call ${n} of ${calls}: ${ended.stderr}`;
        expect([0, 130], label).toContain(ended.exit);
        expect(ended.stderr, label).not.toMatch(/\n\s+at .*:\d+:\d+/);
        const open = existsSync(path.join(one.clone.path, ".git/mayday/operations.jsonl"));
        if (ended.exit === 130 && open) expect(ended.stderr, label).toContain("--continue");
        await comesThrough(one, old, wanted, label);
        cleared(one);
      });
    },
  );
});

describe("a machine that does not let it", () => {
  const unshare = ((): boolean => {
    try {
      execFileSync("unshare", ["-Urm", "true"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  })();

  /** Runs the program with the shop on a small file system of its own, prepared by `script`. */
  function onSmallDisk(script: string, argv: readonly string[]): Ended {
    const { at } = template();
    const mount = scratch();
    const lines = [
      `mount -t tmpfs -o size=4m none ${mount} && cp -a ${at}/. ${mount}/ && cd ${mount}/clone`,
      script,
      `${process.execPath} ${PROGRAM} ${argv.join(" ")} > ${at}/out 2> ${at}/err`,
      `echo $? > ${at}/exit; ${GIT} --git-dir=${mount}/remote.git rev-parse main > ${at}/tip`,
      `cat notes.txt debug.log readme.md > ${at}/mine`,
    ];
    execFileSync("unshare", ["-Urm", "sh", "-c", lines.join("\n")], { env: cleanEnv() });
    const read = (name: string): string => readFileSync(path.join(at, name), "utf8");
    expect(read("tip").trim()).toBe(git(path.join(at, "remote.git"), "rev-parse", "main"));
    expect(read("mine")).toBe("untracked\nignored\nedited\n");
    return { exit: Number(read("exit")), signal: null, stdout: read("out"), stderr: read("err") };
  }

  test.skipIf(!unshare).each([
    ["a full disk", "cat /dev/zero > filler 2>/dev/null", /No space left|ENOSPC|no space/i],
    [
      "a read-only file system",
      'mount -o remount,ro .. 2>/dev/null || mount -o remount,ro "$(dirname $PWD)"',
      /[Rr]ead-only|EROFS/,
    ],
  ])("%s: one clear error, no stack trace, nothing is changed", (_name, script, says) => {
    const { exit, stderr } = onSmallDisk(script, ["rollback", "--yes"]);
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/^ next /m);
    expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+|a bug in mayday/);
    expect(exit).toBe(2);
  });

  test("git is missing: exit 2 and what to install", async () => {
    const { clone } = shop();
    const { exit, stderr } = await run(clone.path, ["rollback", "--yes"], { PATH: scratch() });
    expect(exit).toBe(2);
    expect(stderr).toMatch(/git .*could not be started[\s\S]*install git/);
    expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
  });

  test("git is too old: exit 2, nothing is changed", async () => {
    const { remote, clone } = shop();
    const bin = scratch();
    writeFileSync(
      path.join(bin, "git"),
      `#!/bin/sh\n[ "$1" = version ] && echo git version 2.30.1 && exit\nexec ${GIT} "$@"\n`,
      { mode: 0o755 },
    );
    const { exit, stderr } = await run(clone.path, ["rollback", "--yes"], {
      PATH: `${bin}:${process.env["PATH"] ?? ""}`,
    });
    expect(exit).toBe(2);
    expect(stderr).toContain("2.38");
    expect(remote.git("rev-parse", "main")).toBe(remote.id("late"));
  });
});

test("the journal cannot be written after the push: exit 8, the commit is named, --continue ends it", async () => {
  const { at, old, wanted } = template();
  const one = trial(at, 0, "before", "KILL");
  // The journal becomes a directory when the push has been done.
  const log = path.join(one.clone.path, ".git/mayday/operations.jsonl");
  writeFileSync(
    path.join(one.place, "bin/git"),
    `#!/bin/sh\n${GIT} "$@"\ncode=$?\ncase " $* " in *" push "*refs/heads/main*) mv ${log} ${log}.aside; mkdir ${log} ;; esac\nexit $code\n`,
    { mode: 0o755 },
  );
  const ended = await run(one.clone.path, ["rollback", "--yes", "--json"], withShim(one));
  expect(ended.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
  expect([2, 8]).toContain(ended.exit);
  execFileSync("sh", ["-c", `rmdir ${log}; mv ${log}.aside ${log}`]);
  expect((await run(one.clone.path, ["rollback", "--continue"])).exit).toBe(0);
  expect(one.remote.git("rev-list", "--count", `${old}..main`)).toBe("1");
  expect(treeOf(one.remote, "main")).toBe(wanted);
});

describe("killed while git writes the person's files", () => {
  const FILES = ["f1.txt", "f2.txt", "f3.txt", "f4.txt", "gone.txt"];

  /** A rollback whose git, and mayday with it, is killed at the n-th file that a filter of the person's writes. */
  async function killedAt(
    n: number,
  ): Promise<{ clone: Repository; remote: Repository; env: Record<string, string> }> {
    const text = (word: string): Record<string, string> =>
      Object.fromEntries(FILES.map((name) => [name, `${word} ${name}\n`.repeat(50)]));
    const { remote, clone } = withRemote([
      { name: "good", tags: ["v1.0.0"], files: { ".gitattributes": "*.txt filter=slow\n", ...text("good") } },
      { name: "bad", files: { ...text("bad"), "gone.txt": null, "new.txt": "new\n" } },
    ]);
    const place = path.dirname(clone.path);
    const script = `echo x >> ${place}/written\n[ $(wc -l < ${place}/written) -eq ${n} ] && kill -KILL -$(cat ${place}/pid) && kill -KILL 0\nexec cat\n`;
    writeFileSync(path.join(place, "smudge"), script);
    const config = path.join(place, "gitconfig");
    writeFileSync(config, `[filter "slow"]\n\tsmudge = sh ${place}/smudge\n\tclean = cat\n`);
    clone.write("notes.txt.mine", "untracked\n");
    const env = { GIT_CONFIG_GLOBAL: config };
    const ended = await run(clone.path, ["rollback", "--yes"], env);
    expect(ended.signal).toBe("SIGKILL");
    expect(treeOf(remote, "main")).toBe(treeOf(remote, "v1.0.0"));
    // It was caught in the act: HEAD is old, and a lock or a file is not.
    expect(clone.git("rev-parse", "HEAD")).toBe(remote.id("bad"));
    expect(existsSync(path.join(clone.path, ".git/index.lock"))).toBe(true);
    return { clone, remote, env };
  }

  test.each([1, 2, 3, 4, 5])("at file %i: --continue puts all in order, no lock stays", async (n) => {
    const { clone, remote, env } = await killedAt(n);
    const ended = await run(clone.path, ["rollback", "--continue", "--json"], env);
    expect(ended.exit, ended.stderr).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ pushed: true, clone: { state: "updated" } });
    expect(clone.git("status", "--porcelain")).toBe("?? notes.txt.mine");
    expect(clone.git("rev-parse", "HEAD")).toBe(remote.git("rev-parse", "main"));
    const left = execFileSync("ls", [path.join(clone.path, ".git")], { encoding: "utf8" });
    expect(left).not.toMatch(/lock|mayday-/);
  });

  test.each([
    ["edited", (clone: Repository) => clone.write("f1.txt", "mine\n")],
    ["written where one comes back", (clone: Repository) => clone.write("gone.txt", "mine\n")],
  ])("and a file %s since: it stays, the clone is left, the file is named", async (_name, write) => {
    const { clone, env } = await killedAt(3);
    write(clone);
    const before = filesOf(clone.path);
    const ended = await run(clone.path, ["rollback", "--continue", "--json"], env);
    expect(ended.exit, ended.stderr).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ pushed: true, clone: { state: "left" } });
    expect(filesOf(clone.path)).toEqual(before);
    expect(existsSync(path.join(clone.path, ".git/index.lock"))).toBe(false);
  });

  test("a lock that is not mayday's is never taken away", async () => {
    const { clone, env } = await killedAt(2);
    const lock = path.join(clone.path, ".git/index.lock");
    writeFileSync(lock, "DIRC of somebody");
    const ended = await run(clone.path, ["rollback", "--continue", "--json"], env);
    expect(ended.exit, ended.stderr).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ clone: { state: "left" } });
    expect(readFileSync(lock, "utf8")).toBe("DIRC of somebody");
  });
});
