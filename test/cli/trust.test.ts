import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";

import { expect, test } from "vitest";

import { type Consent, consented, grant } from "../../src/commands/consent.ts";
import type { Context } from "../../src/commands/context.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { openRepository } from "../../src/git/open.ts";
import { Terminal } from "../../src/terminal/terminal.ts";
import { entriesOf } from "../../src/trust/entries.ts";
import { published } from "../support/document.ts";
import { atTerminal } from "../support/person.ts";
import { build, type Repository, scratch } from "../support/repository.ts";
import { cleanEnv, mayday } from "../support/world.ts";

const FILE = `checks:
  unit: {kind: unit, run: npm test}
  lint: {kind: lint, run: [npx, oxlint]}
environments:
  production:
    live: {http: "http://localhost:1/version"}
    probes: [{name: smoke, run: ./smoke.sh}]
`;

function shop(text = FILE): { repository: Repository; env: Record<string, string>; cwd: string } {
  const repository = build([{ name: "one", files: { "mayday.yaml": text } }]);
  return { repository, cwd: repository.path, env: { XDG_STATE_HOME: scratch() } };
}

test("off a terminal it shows what waits, records nothing and exits 7", async () => {
  const at = shop();
  const asked = await mayday(["trust"], at);
  expect(asked.exit).toBe(7);
  expect(asked.stdout).toBe(`mayday.yaml waits for your consent

  command  checks.unit
           npm test
  command  checks.lint
           npx oxlint
  command  environments.production.probes.smoke
           ./smoke.sh

mayday.yaml needs no consent (this machine, or your own file)

  host     environments.production.live.http
           http://localhost:1/version
`);
  expect(asked.stderr).toBe(
    "error 3 entries of mayday.yaml wait for your consent; nothing was recorded\n next read it, then: mayday trust --yes\n",
  );
  expect(existsSync(path.join(at.env["XDG_STATE_HOME"] ?? "", "mayday"))).toBe(false);
});

test("--yes records; then only a change waits, and it is called one", async () => {
  const at = shop();
  const done = await mayday(["trust", "--yes"], at);
  expect([done.exit, done.stdout]).toEqual([
    0,
    expect.stringContaining("you agree to exactly this (3 entries)"),
  ]);
  const again = await mayday(["trust", "--json"], at);
  expect(published(again, "trust")).toMatchObject({
    schema: "mayday/trust@1",
    exit: 0,
    file: "mayday.yaml",
    recorded: 0,
  });

  at.repository.write("mayday.yaml", `# another comment\n${FILE.replace("npm test", "npm test; curl evil")}`);
  const changed = await mayday(["trust", "--json"], at);
  const { entries } = published<{ entries: { where: string; state: string }[] }>(changed, "trust");
  expect(changed.exit).toBe(7);
  expect(entries.filter(({ state }) => state === "changed").map(({ where }) => where)).toEqual([
    "checks.unit",
  ]);
  expect(entries.filter(({ state }) => state === "agreed")).toHaveLength(2);
});

test("the same file in another repository is another consent", async () => {
  const at = shop();
  await mayday(["trust", "--yes"], at);
  const other = shop();
  expect((await mayday(["trust"], { ...other, env: at.env })).exit).toBe(7);
});

test("with no configuration there is nothing to agree to", async () => {
  const bare = build([{ name: "one" }]);
  const done = await mayday(["trust"], { cwd: bare.path });
  expect([done.exit, done.stdout]).toEqual([
    0,
    "no mayday.yaml: nothing runs a command, names a host or asks for a secret.\n",
  ]);
});

test("without a home nothing can be recorded, and that is exit 2", async () => {
  const { cwd } = shop();
  const refused = await mayday(["trust", "--yes"], { cwd });
  expect([refused.exit, refused.stderr]).toEqual([2, expect.stringContaining("set HOME")]);
});

test("a file that is wrong is told place by place, under each other, and for programs without layout", async () => {
  const at = shop("check: {}\nhook: {missing: never}\n");
  const people = await mayday(["trust"], at);
  expect([people.exit, people.stderr]).toEqual([
    2,
    `error mayday.yaml:1:1 unknown key "check", did you mean "checks"?
      mayday.yaml:2:17 "never" is not known here (block, warn)
 next correct mayday.yaml and repeat the command; to go on without it: --config /dev/null
`,
  ]);
  const program = await mayday(["trust", "--json"], at);
  expect(program.json()).toMatchObject({
    schema: "mayday/error@1",
    code: "config",
    message: expect.stringMatching(/"checks"\?\nmayday\.yaml:2:17 /),
  });
  expect((await mayday(["trust", "--config", "/dev/null"], at)).exit).toBe(0);
});

test("what hides in a command is shown", async () => {
  const at = shop('checks: {unit: {kind: unit, run: "true\\e[8m; evil\\u202e\\nsecond"}}\n');
  const asked = await mayday(["trust"], at);
  expect(asked.stdout).toContain("           true\\u{1b}[8m; evil\\u{202e}\n           second\n");
});

test("at a terminal one key says yes, another no", async () => {
  const at = shop();
  const no = await atTerminal(["trust"], [{ when: /agree to exactly this\?/, keys: "n" }], at);
  expect([no.exit, no.screen]).toEqual([1, expect.stringContaining("nothing was recorded")]);
  const yes = await atTerminal(["trust"], [{ when: /agree to exactly this\?/, keys: "y" }], at);
  expect([yes.exit, yes.stdout]).toEqual([0, "Recorded: 3 entries.\n"]);
  expect((await mayday(["trust"], at)).exit).toBe(0);
});

/** A context as commands get it, with stderr kept and no terminal. */
async function contextAt(
  cwd: string,
  env: Record<string, string>,
): Promise<{ context: Context; stderr: () => string }> {
  let stderr = "";
  const whole = cleanEnv(env);
  const signal = new AbortController().signal;
  const sink = { write: (text: string) => void (stderr += text) };
  const never = (): never => {
    throw new Error("not for this test");
  };
  const world = {
    cwd,
    env: whole,
    stdin: Readable.from([]),
    stdout: sink,
    stderr: sink,
    now: () => 0,
    signal,
    program: null,
  };
  const git = await openRepository({ cwd, env: whole });
  const configuration = await loadConfiguration({ repository: git, cwd, file: null, env: whole });
  const context: Context = {
    world,
    globals: {
      directory: null,
      config: null,
      json: false,
      yes: false,
      quiet: false,
      verbose: false,
      offline: false,
      noColor: true,
    },
    terminal: new Terminal({
      ...world,
      stdin: () => world.stdin,
      json: false,
      quiet: false,
      noColor: true,
      assumeYes: false,
    }),
    cwd,
    git: () => Promise.resolve(git),
    gitOrNull: () => Promise.resolve(git),
    configuration: () => Promise.resolve(configuration),
    again: never,
  };
  return { context, stderr: () => stderr };
}

async function ask(context: Context): Promise<Consent> {
  const configuration = await context.configuration();
  return consented(context, configuration, entriesOf(configuration), "to try");
}

test("off a terminal what nobody agreed to is left out with a warning; grant lets it in", async () => {
  const at = shop();
  const { context, stderr } = await contextAt(at.cwd, at.env);
  const before = await ask(context);
  expect([...before.allowed]).toEqual(["environments.production.live.http"]);
  expect(before.refused.map(({ where }) => where)).toEqual([
    "checks.unit",
    "checks.lint",
    "environments.production.probes.smoke",
  ]);
  expect(stderr()).toBe(
    "warning left out, because nobody here has agreed to it: checks.unit, checks.lint, environments.production.probes.smoke (see: mayday trust)\n",
  );
  expect((await grant(context, await context.configuration())).map(({ where }) => where)).toEqual([
    "checks.unit",
    "checks.lint",
    "environments.production.probes.smoke",
  ]);
  expect((await ask(context)).refused).toEqual([]);
  expect(await grant(context, await context.configuration())).toEqual([]);
});

test.each([
  ["true", ["checks.unit", "checks.lint", "environments.production.live.http"]],
  ["1", ["environments.production.live.http"]],
  ["", ["environments.production.live.http"]],
])("CI=%s agrees to %j", async (CI, allowed) => {
  const at = shop();
  const { context } = await contextAt(at.cwd, { ...at.env, CI });
  expect([...(await ask(context)).allowed]).toEqual(allowed);
});

test("CI agrees to no host and no secret, whatever a check is called", async () => {
  const at = shop(
    'channels: {room: {type: pagerduty, secret: "env:PD"}}\nenvironments: {checks: {probes: [{name: x, run: x}]}}\n',
  );
  const { context } = await contextAt(at.cwd, { ...at.env, CI: "true" });
  const { allowed, refused } = await ask(context);
  expect([...allowed]).toEqual([]);
  expect(refused.map(({ kind, where }) => `${kind} ${where}`)).toEqual([
    "command environments.checks.probes.x",
    "host channels.room",
    "secret channels.room",
  ]);
});

test("a place is closed when one of its entries is not agreed to", async () => {
  const at = shop('channels: {here: {type: webhook, url: "http://127.0.0.1:9/", secret: "env:TOKEN"}}\n');
  const { context } = await contextAt(at.cwd, at.env);
  const { allowed, refused } = await ask(context);
  expect([[...allowed], refused.map(({ kind }) => kind)]).toEqual([[], ["secret"]]);
});

test("outside a repository the file that was named is what is agreed to", async () => {
  const directory = scratch();
  writeFileSync(path.join(directory, "a.yaml"), "checks: {unit: {kind: unit, run: make}}\n");
  writeFileSync(path.join(directory, "b.yaml"), "checks: {unit: {kind: unit, run: make}}\n");
  const at = { cwd: directory, env: { XDG_STATE_HOME: scratch() } };
  expect((await mayday(["trust", "--yes", "--config", "a.yaml"], at)).exit).toBe(0);
  expect((await mayday(["trust", "--config", "a.yaml"], at)).exit).toBe(0);
  expect((await mayday(["trust", "--config", "b.yaml"], at)).exit).toBe(7);
});
