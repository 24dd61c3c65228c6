import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect, test } from "vitest";

const SOURCE = path.join(import.meta.dirname, "..", "src");

/** The rooms and what each may import; ARCHITECTURE.md explains them. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  system: ["model"],
  git: ["model", "system"],
  config: ["model", "git", "system"],
  trust: ["model", "system", "config"],
  ledger: ["model", "git", "system"],
  risk: ["model", "git"],
  environment: ["model", "git", "system", "ledger"],
  triage: ["model", "git", "environment", "risk"],
  rollback: ["model", "git", "system", "ledger", "environment", "risk"],
  check: ["model", "git", "system", "ledger", "environment", "risk"],
  alert: ["model", "system"],
  terminal: ["model"],
  report: ["model", "terminal"],
  demo: [
    "model",
    "git",
    "system",
    "config",
    "trust",
    "ledger",
    "risk",
    "environment",
    "triage",
    "rollback",
    "check",
    "alert",
    "terminal",
  ],
};
const EVERY_ROOM = Object.keys(MAY_IMPORT);

function roomOf(file: string): string {
  const [first = "", ...rest] = path.relative(SOURCE, file).split(path.sep);
  return rest.length === 0 ? "main" : first;
}

const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".ts"),
);

test.each(files)("%s imports only from rooms below it", (name) => {
  const file = path.join(SOURCE, name);
  const room = roomOf(file);
  const allowed =
    room === "main" ? [...EVERY_ROOM, "commands"] : room === "commands" ? EVERY_ROOM : MAY_IMPORT[room];
  expect(allowed, `${room} is not a room of the table`).toBeDefined();
  const imports = [...readFileSync(file, "utf8").matchAll(/(?:\bfrom|\bimport\(|^import)\s*"([^"]+)"/gm)].map(
    (match) => match[1] ?? "",
  );
  const rooms = imports
    .filter((target) => target.startsWith("."))
    .map((target) => roomOf(path.resolve(path.dirname(file), target)));
  expect(rooms.filter((target) => target !== room && !allowed?.includes(target))).toEqual([]);
  if (room === "model") expect(imports.filter((target) => !target.startsWith("."))).toEqual([]);
});

test("the table is looked at: a wrong import would be seen", () => {
  expect(files.length).toBeGreaterThan(50);
  expect(roomOf(path.join(SOURCE, "git", "git.ts"))).toBe("git");
});
