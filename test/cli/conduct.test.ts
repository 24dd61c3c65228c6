import { execFileSync, spawn, spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { belongings, refsOf, roll, shop } from "../rollback/shop.ts";
import { built } from "../support/built.ts";
import { cleanEnv, mayday } from "../support/world.ts";

const PROGRAM = built();

/** Commands that only read, and what they end with in a shop where good is a guess by a tag. */
const READING: readonly (readonly [readonly string[], number])[] = [
  [["status"], 0],
  [[], 0],
  [["diff"], 0],
  [["triage", "--symptom", "TypeError: total is broken in cart.txt"], 0],
  [["verify"], 1],
  [["deploy", "list"], 0],
  [["rollback", "--plan"], 0],
  [["check", "--plan"], 0],
  [["hook", "status"], 1],
];

describe("commands that read", () => {
  test.each(READING)("%j changes nothing and says one thing on stdout", async (argv, exit) => {
    const { remote, clone } = shop();
    clone.write("readme.md", "edited\n");
    clone.write("cart.txt", "staged\n");
    clone.git("add", "cart.txt");
    clone.write("notes.txt", "untracked\n");
    const before = [belongings(clone), refsOf(clone), refsOf(remote)];
    const text = await mayday(argv, { cwd: clone.path });
    const json = await mayday([...argv, "--json"], { cwd: clone.path });
    expect([text.exit, json.exit], text.stderr).toEqual([exit, exit]);
    expect(json.stdout.trimEnd().endsWith("}")).toBe(true);
    expect(Object.keys(json.json())).toEqual(expect.arrayContaining(["schema", "exit"]));
    expect([belongings(clone), refsOf(clone), refsOf(remote)]).toEqual(before);
  });

  test.each(READING)("%j, --offline, with the remote gone", async (argv) => {
    const { remote, clone } = shop();
    clone.git("remote", "set-url", "origin", path.join(remote.path, "nowhere"));
    const { exit, stderr } = await mayday([...argv, "--offline"], { cwd: clone.path });
    expect(exit).toBeLessThan(5);
    expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+|a bug in mayday/);
  });
});

describe("stdout and stderr", () => {
  test("errors go to stderr, stdout stays empty; --json puts one document on stdout", async () => {
    const { clone } = shop();
    const text = await mayday(["rollback", "--to", "nowhere"], { cwd: clone.path });
    expect(text).toMatchObject({ exit: 2, stdout: "" });
    expect(text.stderr).toMatch(/^error there is no commit nowhere/m);
    const json = await mayday(["rollback", "--to", "nowhere", "--json"], { cwd: clone.path });
    expect(json.json()).toMatchObject({ schema: "mayday/error@1", exit: 2 });
  });

  test("a stack trace only with --verbose", async () => {
    const { clone } = shop();
    const quiet = await mayday(["rollback", "--to", "nowhere"], { cwd: clone.path });
    const verbose = await mayday(["rollback", "--to", "nowhere", "--verbose"], { cwd: clone.path });
    expect(quiet.stderr).not.toMatch(/\n\s+at .*:\d+/);
    expect(verbose.stderr).toMatch(/\n\s+at .*:\d+/);
    expect(verbose.stderr).toMatch(/ms {2}exit 0 {2}git /);
  });

  test("hostile words of a remote, a branch, a subject stay visible on every command that shows them", async () => {
    const { clone } = shop([
      { name: "evil", message: "\u001b]0;owned\u0007\u202egnp.exe", files: { "\u001b[2Jx": "1\n" } },
    ]);
    for (const argv of [
      ["diff"],
      ["triage"],
      ["rollback", "--plan"],
      ["rollback", "--yes"],
      ["undo", "--yes"],
    ]) {
      const { stdout, stderr } = await mayday(argv, { cwd: clone.path });
      // oxlint-disable-next-line no-control-regex -- that there is none is the point
      expect(stdout + stderr, argv.join(" ")).not.toMatch(/[\u001b\u0007\u202e]/);
    }
  });

  test("the whole plan fits 80 columns, also with long words", async () => {
    const { clone } = shop([
      {
        name: "long",
        message: "A subject that goes on ".repeat(12),
        files: { [`${"deep/".repeat(30)}file`]: "1\n" },
      },
    ]);
    const { stdout } = await mayday(["rollback", "--plan"], { cwd: clone.path });
    const wide = stdout
      .split("\n")
      .filter((line) => line.length > 80 && !line.includes(path.dirname(clone.path)));
    expect(wide).toEqual([]);
  });
});

describe("nobody is there to ask", () => {
  test.each([
    ["rollback", ["rollback"]],
    ["undo", ["undo"]],
  ])(
    "%s off a terminal never prompts: exit 7 and the command to repeat, which then works",
    async (_name, argv) => {
      const { remote, clone } = shop();
      if (argv[0] === "undo") await roll(clone);
      const tip = remote.git("rev-parse", "main");
      const { exit, stderr, stdout } = await mayday(argv, { cwd: clone.path });
      expect([exit, stdout]).toEqual([7, ""]);
      expect(remote.git("rev-parse", "main")).toBe(tip);
      const repeat = /^ next mayday (.+ --yes)$/m.exec(stderr)?.[1]?.split(" ") ?? [];
      expect((await mayday(repeat, { cwd: clone.path })).exit).toBe(0);
    },
  );

  test("the command to repeat keeps every option, quoted for a shell", async () => {
    const { clone } = shop();
    clone.write("od d/it's", "x\n");
    const { stderr } = await mayday(
      [
        "rollback",
        "--to",
        "v1.0.0",
        "--only",
        "lib",
        "--reason",
        "it's bad; rm -rf /",
        "--no-push",
        "--no-verify",
      ],
      { cwd: clone.path },
    );
    expect(stderr).toContain(
      `next mayday rollback production --to v1.0.0 --reason 'it'\\''s bad; rm -rf /' --only lib --no-push --no-verify --yes`,
    );
  });
});

describe("pipes and closed files, with the program as it is shipped", () => {
  const inShell = (clone: string, line: string): ReturnType<typeof spawnSync> =>
    spawnSync("bash", ["-c", line], {
      cwd: clone,
      env: { ...cleanEnv(), MAYDAY: `${process.execPath} ${PROGRAM}` },
      encoding: "utf8",
    });

  test.each([
    ["rollback --plan", 0],
    ["rollback", 7],
    ["rollback --to nowhere --json", 2],
    ["deploy list --json", 0],
  ])("mayday %s | head -c 0: the exit code stays true, no stack trace", (argv, exit) => {
    const { clone } = shop();
    const ended = inShell(clone.path, `$MAYDAY ${argv} | head -c 0; exit \${PIPESTATUS[0]}`);
    expect([ended.status, String(ended.stderr)]).toEqual([exit, expect.not.stringMatching(/EPIPE|\n\s+at /)]);
  });

  test("stdin closed: it acts all the same", () => {
    const { remote, clone } = shop();
    expect(inShell(clone.path, "$MAYDAY rollback --yes <&-").status).toBe(0);
    expect(remote.git("rev-list", "--count", `${remote.id("late")}..main`)).toBe("1");
  });

  test("stdout closed: it acts all the same, and the exit code is true", () => {
    const { remote, clone } = shop();
    const ended = inShell(clone.path, "$MAYDAY rollback --yes >&-");
    expect([ended.status, String(ended.stderr)]).toEqual([0, expect.not.stringMatching(/\n\s+at /)]);
    expect(remote.git("rev-list", "--count", `${remote.id("late")}..main`)).toBe("1");
  });

  test("a full device for stdout: no stack trace", () => {
    const { clone } = shop();
    const full = openSync("/dev/full", "w");
    try {
      const ended = spawnSync(process.execPath, [PROGRAM, "rollback", "--plan"], {
        cwd: clone.path,
        env: cleanEnv(),
        stdio: ["ignore", full, "pipe"],
        encoding: "utf8",
      });
      expect(ended.stderr).not.toMatch(/\n\s+at .*:\d+/);
    } finally {
      closeSync(full);
    }
  });

  test("SIGTERM is Ctrl-C: exit 130", async () => {
    const { clone } = shop();
    const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
    clone.write("bin/git", `#!/bin/sh\nkill -TERM $PPID\nexec ${real} "$@"\n`);
    execFileSync("chmod", ["+x", path.join(clone.path, "bin/git")]);
    const child = spawn(process.execPath, [PROGRAM, "rollback", "--yes"], {
      cwd: clone.path,
      env: cleanEnv({ PATH: `${path.join(clone.path, "bin")}:${process.env["PATH"] ?? ""}` }),
      stdio: "ignore",
    });
    const exit = await new Promise((resolve) => child.on("close", resolve));
    expect(exit).toBe(130);
  });
});
