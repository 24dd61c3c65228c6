import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect, test } from "vitest";

import { built } from "../support/built.ts";
import { build, type Repository } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

const program = built();

function names(repository: Repository): string {
  const result = spawnSync(process.execPath, [program, "--json", "check", "--plan", "--all"], {
    cwd: repository.path,
    env: cleanEnv(),
    encoding: "utf8",
  });
  return `${result.status} ${[...result.stdout.matchAll(/"name": "(\w+)"/g)].map((match) => match[1]).join(",")}${/unknown key/.test(result.stdout) ? "unknown key" : ""}`;
}

test("a valid configuration is parsed once, and a changed one again", () => {
  const repository = build([{ name: "a", files: { "a.txt": "a" } }]);
  const cache = path.join(repository.path, ".git", "mayday", "cache", "configuration.json");
  repository.write("mayday.yaml", "version: 1\nchecks:\n  unit: {kind: unit, run: 'true'}\n");
  expect(names(repository)).toBe("0 unit");
  expect(existsSync(cache)).toBe(true);

  // What the cache says is what is used: change its words, keep its key.
  writeFileSync(cache, readFileSync(cache, "utf8").replace('"unit":{', '"cached":{'));
  expect(names(repository)).toBe("0 cached");

  // Another content is another key.
  repository.write("mayday.yaml", "version: 1\nchecks:\n  lint: {kind: lint, run: 'true'}\n");
  expect(names(repository)).toBe("0 lint");

  // What is wrong is never cached, and a damaged cache is no answer.
  repository.write("mayday.yaml", "version: 1\nchekcs: {}\n");
  expect(names(repository)).toBe("2 unknown key");
  expect(names(repository)).toBe("2 unknown key");
  repository.write("mayday.yaml", "version: 1\nchecks:\n  load: {kind: performance, run: 'true'}\n");
  writeFileSync(cache, '{"key": "');
  expect(names(repository)).toBe("0 load");
});

test("a cache that cannot be written is no reason to stop", () => {
  const repository = build([{ name: "a", files: { "a.txt": "a" } }]);
  repository.write("mayday.yaml", "version: 1\nchecks:\n  unit: {kind: unit, run: 'true'}\n");
  execFileSync("touch", [path.join(repository.path, ".git", "mayday")]);
  expect(names(repository)).toBe("0 unit");
});
