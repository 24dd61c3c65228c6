import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { type ProcessResult, runProcess, streamProcess } from "../../src/system/process.ts";
import { scratch } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

const PLACE = { cwd: "/", env: cleanEnv(), timeoutMs: 60_000 };

/** A process that leaves its group, holds the pipes and would stay for a minute; its pid is in the file. */
function runaway(file: string): string[] {
  return [
    "-c",
    `setsid sh -c 'echo $$ > ${file}; exec sleep 60' & while [ ! -s ${file} ]; do :; done; echo said; exec sleep 60`,
  ];
}

function endLater(file: string): void {
  onTestFinished(() => {
    if (existsSync(file)) process.kill(Number(readFileSync(file, "utf8")), "SIGKILL");
  });
}

test("what a program said and how it ended", async () => {
  const result = await runProcess("sh", ["-c", "cat; echo talk >&2; exit 3"], { ...PLACE, input: "answer" });
  expect(result).toMatchObject({ ending: "exited", exitCode: 3, stderr: "talk\n", startError: null });
  expect(result.stdout.toString()).toBe("answer");
  expect(await runProcess("sh", ["-c", "kill -9 $$"], PLACE)).toMatchObject({
    ending: "signalled",
    exitCode: null,
    signalName: "SIGKILL",
  });
  expect(await runProcess("no-such-program", [], PLACE)).toMatchObject({
    ending: "not-started",
    startError: "ENOENT",
  });
});

test("nothing of our own environment is inherited", async () => {
  process.env["MAYDAY_TEST_LEAK"] = "leaked";
  onTestFinished(() => void delete process.env["MAYDAY_TEST_LEAK"]);
  const { stdout } = await runProcess("env", [], PLACE);
  expect(stdout.toString()).not.toContain("leaked");
});

test("more output than is kept ends the program", async () => {
  const result = await runProcess("sh", ["-c", "while :; do echo more; done"], { ...PLACE, maxBytes: 1_000 });
  expect(result.ending).toBe("too-much-output");
});

test("an abort before the start ends it at once", async () => {
  const signal = AbortSignal.abort();
  expect((await runProcess("sleep", ["60"], { ...PLACE, signal })).ending).toBe("aborted");
});

test("a deadline ends a run though a process outside the group still holds the pipes", async () => {
  const file = path.join(scratch(), "pid");
  endLater(file);
  const result = await runProcess("sh", runaway(file), { ...PLACE, timeoutMs: 500, graceMs: 100 });
  expect(result.ending).toBe("timeout");
});

test("the same while the output is streamed: what was said is given, then the ending", async () => {
  const file = path.join(scratch(), "pid");
  endLater(file);
  const ends: ProcessResult[] = [];
  let said = "";
  const stream = streamProcess("sh", runaway(file), { ...PLACE, timeoutMs: 500 }, (end) => ends.push(end));
  for await (const chunk of stream) said += chunk.toString();
  expect(said).toBe("said\n");
  expect(ends.map(({ ending }) => ending)).toEqual(["timeout"]);
});

test("stopping early ends the streamed program", async () => {
  const pid = path.join(scratch(), "pid");
  const script = `echo $$ > ${pid}; while :; do echo more; done`;
  for await (const chunk of streamProcess("sh", ["-c", script], PLACE, () => {})) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
  expect(() => process.kill(Number(readFileSync(pid, "utf8")), 0)).toThrow(/ESRCH/);
});
