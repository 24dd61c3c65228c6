import { expect, test } from "vitest";

import { scratch } from "../support/repository.ts";
import { mayday } from "../support/world.ts";

test.each([
  [["rolback"], 'there is no command rolback, did you mean "rollback"?', "mayday --help"],
  [["deploy"], "mayday deploy wants one of record, certify, bad, list", "mayday deploy --help"],
  [
    ["deploy", "recrod", "x"],
    'there is no mayday deploy recrod, did you mean "record"?',
    "mayday deploy --help",
  ],
  [["triage", "--bogus"], "unknown option '--bogus'", "mayday --help"],
  [["rollback", "--via", "prayer"], "Allowed choices are auto, tree.", "mayday --help"],
  [["deploy", "bad", "HEAD"], "required option '--reason <text>' not specified", "mayday --help"],
  [["hook\u001b[2J"], "there is no command hook\\u{1b}[2J", "mayday --help"],
])("%j ends with exit 2 and says what was meant", async (argv, message, hint) => {
  const cwd = scratch();
  const said = await mayday(argv, { cwd });
  expect(said).toMatchObject({ exit: 2, stdout: "" });
  expect(said.stderr).toContain(message);
  expect(said.stderr).toContain(hint);
  const document = await mayday([...argv, "--json"], { cwd });
  expect(document.exit).toBe(2);
  expect(document.json()).toMatchObject({ schema: "mayday/error@1", code: "usage", exit: 2, hint });
});

test("--help and --version need no repository and print to stdout alone", async () => {
  const cwd = scratch();
  const help = await mayday(["--help"], { cwd });
  expect(help).toMatchObject({ exit: 0, stderr: "" });
  for (const verb of [
    "init",
    "status",
    "deploy",
    "diff",
    "triage",
    "rollback",
    "undo",
    "verify",
    "check",
    "hook",
    "alert",
    "trust",
    "demo",
  ]) {
    expect(help.stdout).toMatch(new RegExp(`^  ${verb}\\b`, "m"));
  }
  const version = await mayday(["rollback", "--version"], { cwd });
  expect(version).toMatchObject({ exit: 0, stderr: "" });
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
