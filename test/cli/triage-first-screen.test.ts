import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";

import { describe, expect, test } from "vitest";

import { main } from "../../src/main.ts";
import { type Repository, scratch, withRemote } from "../support/repository.ts";
import { cleanEnv, mayday } from "../support/world.ts";

function shop(): Repository {
  return withRemote([
    { name: "good", files: { "src/price.js": "old\n" }, tags: ["v1.4.0"] },
    { name: "bad", message: "Show the currency", files: { "src/price.js": "new\n" } },
    { name: "table", message: "Add a table", files: { "db/migrations/1_a.sql": "x" } },
  ]).clone;
}

/**
 * A `git` in front of the real one that lets every patch of a log wait until a gate is there; all else
 * goes through at once. It ends by itself when the test's directory is taken away.
 */
function fakeSlowGit(): { readonly PATH: string; readonly open: () => void; readonly waited: () => boolean } {
  const directory = scratch();
  const [bin, gate, waiting] = ["bin", "gate", "waiting"].map((name) => path.join(directory, name));
  if (bin === undefined || gate === undefined || waiting === undefined) throw new Error("no directory");
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  mkdirSync(bin);
  writeFileSync(
    path.join(bin, "git"),
    `#!/bin/sh
case " $* " in *" log "*" -p "*)
  : > '${waiting}'
  while [ -d '${bin}' ] && [ ! -e '${gate}' ]; do sleep 0.02; done
esac
exec '${real}' "$@"
`,
  );
  chmodSync(path.join(bin, "git"), 0o755);
  return {
    PATH: `${bin}${path.delimiter}${cleanEnv()["PATH"]}`,
    open: () => writeFileSync(gate, ""),
    waited: () => existsSync(waiting),
  };
}

interface Run {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs triage and calls `onScreen` at what is written first. */
async function run(
  cwd: string,
  git: { readonly PATH: string },
  onScreen: (text: string) => void,
  signal = new AbortController().signal,
): Promise<Run> {
  let stdout = "";
  let stderr = "";
  const exit = await main(["triage", "--symptom", "no currency", "--offline"], {
    cwd,
    env: cleanEnv({ PATH: git.PATH }),
    stdin: Readable.from([]),
    stdout: {
      isTTY: false,
      write: (text) => {
        const first = stdout === "";
        stdout += text;
        if (first) onScreen(text);
      },
    },
    stderr: { isTTY: false, write: (text) => void (stderr += text) },
    now: () => Date.UTC(2026, 0, 6),
    signal,
    program: null,
  });
  return { exit, stdout, stderr };
}

describe("range and areas", () => {
  // While the gate is shut no patch is read: an answer that came whole would never come at all.
  test("stand there while the ranking still runs, and the whole answer is as ever", async () => {
    const { path: cwd } = shop();
    const git = fakeSlowGit();
    let first = "";
    const slow = await run(cwd, git, (text) => {
      first = text;
      git.open();
    });
    expect(git.waited()).toBe(true);
    expect(slow.exit).toBe(0);
    expect(first).toContain("What changed  2 changes, 2 files");
    expect(first).toMatch(/migration .* 1 file/);
    expect(first).not.toContain("Suspects");
    const plain = await mayday(["triage", "--symptom", "no currency", "--offline"], {
      cwd,
      now: Date.UTC(2026, 0, 6),
    });
    expect(slow.stdout).toBe(plain.stdout);
    expect(slow.stdout.match(/^(?:PRODUCTION|What changed|Suspects|Not the code|What to do)/gm)).toEqual([
      "PRODUCTION",
      "What changed",
      "Suspects",
      "Not the code",
      "What to do",
    ]);
  });

  test("are all that an interrupted run leaves: exit 130, and git is ended", async () => {
    const { path: cwd } = shop();
    const controller = new AbortController();
    const cut = await run(cwd, fakeSlowGit(), () => controller.abort(), controller.signal);
    expect(cut.exit).toBe(130);
    expect(cut.stdout).toContain("What changed");
    expect(cut.stdout).not.toContain("Suspects");
    expect(cut.stderr).toBe("error interrupted\n");
  });
});
