import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { commandEnv } from "../../src/check/command-env.ts";
import { type CommandOptions, commandLines, runCommand } from "../../src/check/command.ts";
import { isRunning } from "../support/running.ts";
import { scratch } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

function options(more: Partial<CommandOptions> = {}): CommandOptions {
  return {
    cwd: scratch(),
    env: cleanEnv(),
    timeoutMs: 30_000,
    signal: undefined,
    files: [],
    environment: null,
    ...more,
  };
}

describe("command lines", () => {
  test("a list meets no shell, and each file is an argument", () => {
    const files = ["a b.js", "$(touch pwned).js", "-rf", "it's.js"];
    expect(commandLines(["lint", "--", "{files}", "--for={env}"], files, "production")).toEqual([
      ["lint", "--", "a b.js", "$(touch pwned).js", "./-rf", "it's.js", "--for=production"],
    ]);
    expect(commandLines(["lint", "--file={files}"], ["a", "b"], null)).toEqual([
      ["lint", "--file=a", "--file=b"],
    ]);
  });

  test("in a string the files are quoted for the shell", async () => {
    const files = ["a b.js", "$(touch pwned).js", "it's.js", "new\nline", "-n"];
    const at = options({ files });
    const end = await runCommand(`printf '[%s]' {files}`, at);
    expect(end).toMatchObject({
      status: "pass",
      output: "[a b.js][$(touch pwned).js][it's.js][new\nline][./-n]",
    });
    expect(existsSync(path.join(at.cwd, "pwned"))).toBe(false);
  });

  test("too many files for one command line are split, and none is lost", async () => {
    const files = Array.from({ length: 20_000 }, (_, n) => `some/directory/with a space/file-${n}.ts`);
    const lists = commandLines(["echo", "{files}"], files, null);
    expect(lists.length).toBeGreaterThan(5);
    expect(lists.flatMap((line) => line.slice(1))).toEqual(files);
    const cwd = scratch();
    const end = await runCommand(`printf '%s\\n' {files} >>seen`, options({ cwd, files }));
    expect(end.status).toBe("pass");
    expect(readFileSync(path.join(cwd, "seen"), "utf8")).toBe(`${files.join("\n")}\n`);
  });

  test("a batch that fails fails the check, and the others still run", async () => {
    const files = Array.from({ length: 4_000 }, (_, n) => `some/directory/file-number-${n}.ts`);
    const cwd = scratch();
    const end = await runCommand(
      `echo x >>runs; case "{files}" in *number-0.ts*) exit 4;; esac`,
      options({ cwd, files }),
    );
    expect(end).toMatchObject({ status: "fail", text: "exit code 4" });
    expect(readFileSync(path.join(cwd, "runs"), "utf8")).toBe(
      "x\n".repeat(commandLines(["{files}"], files, null).length),
    );
  });
});

describe("how it ends", () => {
  test("a failure keeps stdout and stderr together, without colours", async () => {
    const end = await runCommand(
      `printf 'one\\na\\rb\\a\\n'; echo '\u001b[31mtwo\u001b[0m' >&2; exit 3`,
      options(),
    );
    expect(end).toMatchObject({ status: "fail", text: "exit code 3" });
    expect(end.output.split("\n").toSorted()).toEqual(["a", "b\\u{7}", "one", "two"]);
  });

  test("a program that is not there is an error, in a shell a failure that says so", async () => {
    expect(await runCommand(["no-such-program-here"], options())).toMatchObject({
      status: "error",
      text: "there is no program no-such-program-here on PATH",
    });
    expect(await runCommand("no-such-program-here", options())).toMatchObject({
      status: "fail",
      text: "exit code 127 (command not found)",
    });
  });

  test("a long output is kept by its end", async () => {
    const end = await runCommand(`yes line | head -c 1000000; echo the end; exit 1`, options());
    expect(end.output.length).toBeLessThan(300_000);
    expect(end.output).toMatch(/^… \d+ KiB before this were not kept\n/);
    expect(end.output.endsWith("the end")).toBe(true);
  });

  test("the deadline ends the whole group, also those that do not listen", async () => {
    const cwd = scratch();
    const deaf = `sh -c 'trap "" TERM; echo $$ >deaf; while :; do sleep 0.05; done' >/dev/null 2>&1 &`;
    const end = await runCommand(
      `${deaf} while [ ! -s deaf ]; do sleep 0.01; done; echo started; sleep 300`,
      options({ cwd, timeoutMs: 4_000 }),
    );
    expect(end).toMatchObject({
      status: "timeout",
      text: "no end within 4.0 s; it was stopped",
      output: "started",
    });
    const pid = Number(readFileSync(path.join(cwd, "deaf"), "utf8"));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test("an interrupt ends it with exit 130", async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(runCommand("sleep 300", options({ signal: controller.signal }))).rejects.toMatchObject({
      exit: 130,
    });
  });
});

test("a command gets the person's environment, bound to no repository and to no push", () => {
  const env = commandEnv(
    {
      PATH: "/bin",
      GIT_DIR: "/somewhere/.git",
      GIT_INDEX_FILE: "/somewhere/.git/index",
      GIT_PUSH_OPTION_COUNT: "1",
      GIT_AUTHOR_NAME: "Ana",
      MAYDAY_SKIP: "unit",
      MAYDAY_FIRST_LINE: "x",
      MAYDAY_CA_CERTS: "/etc/ca.pem",
      GONE: undefined,
    },
    { MAYDAY_ENV: "staging" },
  );
  expect(env).toEqual({
    PATH: "/bin",
    GIT_AUTHOR_NAME: "Ana",
    NODE_EXTRA_CA_CERTS: "/etc/ca.pem",
    MAYDAY_ENV: "staging",
  });
});
