import {
  appendFileSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

import { expect, test } from "vitest";

import { appendLine, readIfThere, readLines, writeAtomic } from "../../src/system/files.ts";
import { scratch } from "../support/repository.ts";

test("an atomic write replaces whole, is the user's alone and leaves no temporary file", async () => {
  const directory = scratch();
  const file = path.join(directory, "deep", "state.json");
  await writeAtomic(file, "one");
  await writeAtomic(file, "two");
  expect(readFileSync(file, "utf8")).toBe("two");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
  expect(readdirSync(path.dirname(file))).toEqual(["state.json"]);
});

test("an atomic write replaces a symbolic link instead of writing through it", async () => {
  const directory = scratch();
  const target = path.join(directory, "target");
  writeFileSync(target, "precious");
  const file = path.join(directory, "link");
  symlinkSync(target, file);
  await writeAtomic(file, "new");
  expect(readFileSync(target, "utf8")).toBe("precious");
  expect(lstatSync(file).isSymbolicLink()).toBe(false);
});

test("a write that fails leaves the old file and nothing beside it", async () => {
  const directory = scratch();
  const file = path.join(directory, "taken");
  await writeAtomic(path.join(file, "child"), "x");
  await expect(writeAtomic(file, "y")).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(readdirSync(directory)).toEqual(["taken"]);
});

test("lines are appended; a torn one spoils only itself", async () => {
  const file = path.join(scratch(), "log");
  expect(await readLines(file)).toEqual({ lines: [], torn: null });
  await appendLine(file, "one");
  appendFileSync(file, '{"half');
  expect(await readLines(file)).toEqual({ lines: ["one"], torn: '{"half' });
  await appendLine(file, "two");
  expect(await readLines(file)).toEqual({ lines: ["one", '{"half', "two"], torn: null });
  await expect(appendLine(file, "a\nb")).rejects.toThrow("newline");
});

test("appends of many at once are all there, none mixed", async () => {
  const file = path.join(scratch(), "log");
  const wanted = Array.from({ length: 40 }, (_, i) => `${i}:${"x".repeat(2_000)}`);
  await Promise.all(wanted.map((line) => appendLine(file, line)));
  const { lines, torn } = await readLines(file);
  expect(torn).toBeNull();
  expect(lines.toSorted()).toEqual(wanted.toSorted());
});

test("a missing file reads as null, a directory is an error", async () => {
  const directory = scratch();
  expect(await readIfThere(path.join(directory, "none"))).toBeNull();
  await expect(readIfThere(directory)).rejects.toThrow("EISDIR");
});
