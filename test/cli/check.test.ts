import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";

import { build, type Repository, scratch, withRemote } from "../support/repository.ts";
import { mayday, type RunOptions, type Transcript } from "../support/world.ts";

const CONFIG = `version: 1
environments: {production: {branch: main}, staging: {branch: stage}}
checks:
  unit: {kind: unit, run: 'echo "for $MAYDAY_ENV"; ! grep -rn BAD src', files: ["src/**"]}
  lint: {kind: lint, run: [cat, "{files}"], files: ["src/*.js"]}
  load: {kind: performance, evidence: ci, maxAge: 7d, files: ["load/**"]}
`;

function schema(name: string): object {
  return JSON.parse(readFileSync(new URL(`../../schema/${name}`, import.meta.url), "utf8")) as object;
}

const ajv = new Ajv({ strict: true, allowUnionTypes: true });
ajv.addSchema(schema("check.schema.json"), "check.schema.json");

function conforms(name: string, document: unknown): void {
  const validate = ajv.getSchema(name) ?? ajv.compile({ ...schema(name), $id: name });
  expect({ valid: validate(document), errors: validate.errors }).toEqual({ valid: true, errors: null });
}

/** A clone with one commit that the remote has, and consent as CI gives it. */
function shop(config = CONFIG): { clone: Repository; run: (...argv: string[]) => Promise<Transcript> } {
  const files = { "mayday.yaml": config, "src/a.js": "good\n", "load/plan": "1\n" };
  const { clone } = withRemote([{ name: "start", files }]);
  return { clone, run: (...argv) => mayday(argv, { cwd: clone.path, env: inCI() }) };
}

function inCI(): Record<string, string> {
  return { CI: "true", XDG_STATE_HOME: scratch() };
}

function commit(clone: Repository, name: string, content: string): string {
  clone.write(name, content);
  clone.git("add", "--all");
  clone.git("commit", "--quiet", "--message", `change ${name}`);
  return clone.git("rev-parse", "HEAD");
}

/** Times and ids as a fixed word. */
function plain(text: string): string {
  return text.replaceAll(/\d+(?:\.\d)? m?s\b/g, "TIME").replaceAll(/\([0-9a-f]{8}\)/g, "(ID)");
}

describe("by hand", () => {
  test("one line a check, the output of what failed, and the way on", async () => {
    const { clone, run } = shop();
    commit(clone, "src/b.js", "BAD\n");
    const said = await run("check");
    expect(said.exit).toBe(1);
    expect(plain(said.stdout).replaceAll(/ {2,}(?=TIME|nothing)/g, "  "))
      .toBe(`main (ID) → main, update: 1 file
  fail    unit  TIME  exit code 1
  pass    lint  TIME
  skip    load  nothing that it covers changed (load/**)

unit  $ echo "for $MAYDAY_ENV"; ! grep -rn BAD src
  for production
  src/b.js:1:BAD
`);
    expect(said.stderr).toBe(`error 1 of 3 checks did not pass: unit
 next fix it, then: mayday check
      to leave it out, on the record: mayday check --skip unit --reason "…"
`);
  });

  test("JSON is the contract's document", async () => {
    const { clone, run } = shop();
    const before = clone.git("rev-parse", "HEAD");
    const head = commit(clone, "src/b.js", "BAD\n");
    const said = await run("check", "--json");
    const document = said.json();
    conforms("check.schema.json", document);
    expect(document).toMatchObject({
      schema: "mayday/check@1",
      exit: 1,
      ok: false,
      error: { code: "check-failed" },
      refs: [
        {
          localRef: "refs/heads/main",
          localSha: head,
          remoteRef: "refs/heads/main",
          remoteSha: before,
          kind: "update",
          base: before,
        },
      ],
      results: [
        { name: "unit", kind: "unit", status: "fail", text: "exit code 1", commit: head },
        { name: "lint", kind: "lint", status: "pass" },
        { name: "load", kind: "performance", status: "skip" },
      ],
    });
    clone.git("reset", "--quiet", "--hard", before);
    const good = (await run("check", "--json")).json();
    conforms("check.schema.json", good);
    expect(good).toMatchObject({ exit: 0, ok: true, error: null });
  });

  test("with no configuration it says so and what would help", async () => {
    const { clone } = withRemote([{ name: "start", files: { "a.txt": "1\n" } }]);
    const said = await mayday(["check"], { cwd: clone.path });
    expect(said).toMatchObject({
      exit: 0,
      stdout: "no checks are configured\nnext  mayday init\n",
      stderr: "",
    });
  });

  test("nothing that a check covers changed: nothing runs, and --all runs it", async () => {
    const { run } = shop();
    const none = await run("check", "unit");
    expect(none.stdout).toContain("nothing that it covers changed");
    expect(none.exit).toBe(0);
    const all = await run("check", "unit", "lint", "--all", "--json");
    expect(all.json<{ results: unknown[] }>().results).toMatchObject([
      { status: "pass" },
      { status: "pass" },
    ]);
  });

  test("--plan says what would run and runs nothing", async () => {
    const { clone, run } = shop(`${CONFIG}  evil: {kind: unit, run: touch ran}\n`);
    commit(clone, "src/b.js", "good\n");
    const said = await run("check", "--plan");
    expect(plain(said.stdout)).toBe(`main (ID) → main, update: 1 file
  in place
  run   unit  echo "for $MAYDAY_ENV"; ! grep -rn BAD src
  run   lint  cat {files}
  skip  load  nothing that it covers changed (load/**)
  run   evil  touch ran
`);
    expect(clone.git("status", "--porcelain")).toBe("");
    const document = (await run("check", "--plan", "--json")).json();
    conforms("check-plan.schema.json", document);
    expect(document).toMatchObject({
      targets: [
        { environment: "production", inPlace: true, checks: [{ name: "unit", runs: true }, {}, {}, {}] },
      ],
    });
  });

  test("--range is judged as a push of its end over its beginning", async () => {
    const { clone, run } = shop();
    commit(clone, "src/b.js", "BAD\n");
    commit(clone, "src/b.js", "good\n");
    expect((await run("check", "--range", "HEAD~1..HEAD")).exit).toBe(0);
    const bad = await run("check", "--range", "HEAD~2..HEAD~1");
    expect(bad.stdout).toContain("src/b.js:1:BAD");
    expect(bad.exit).toBe(1);
    expect(bad.stdout).toContain("in a temporary worktree: other content than HEAD is pushed");
    for (const range of ["HEAD", "a...b", "..HEAD", "nothing..HEAD"]) {
      expect((await run("check", "--range", range)).exit).toBe(2);
    }
  });

  test("--quiet still gives the answer", async () => {
    const { clone, run } = shop();
    commit(clone, "src/b.js", "good\n");
    expect((await run("check", "--quiet")).stdout).toContain("pass    unit");
  });

  test("--env is a push to that environment's branch", async () => {
    const { clone, run } = shop();
    commit(clone, "src/b.js", "good\n");
    const said = await run("check", "--env", "staging", "--verbose");
    expect(said.stdout).toContain("→ stage, create");
    expect(said.stdout).toContain("for staging");
    const unknown = await run("check", "--env", "moon");
    expect(unknown.exit).toBe(2);
    expect(unknown.stderr).toContain("there is no environment called moon");
  });

  test("a check that is not there is named, with those that are", async () => {
    const { run } = shop();
    const said = await run("check", "unti");
    expect(said.exit).toBe(2);
    expect(said.stderr).toBe(
      "error there is no check unti (there is unit, lint, load)\n next mayday check --plan\n",
    );
  });

  test("an unborn branch has nothing to push: exit 4", async () => {
    const repository = build([]);
    expect((await mayday(["check"], { cwd: repository.path })).exit).toBe(4);
  });

  test("evidence from elsewhere fails closed, and names the way round", async () => {
    const { clone, run } = shop();
    commit(clone, "load/plan", "2\n");
    const said = await run("check", "load");
    expect(said.exit).toBe(1);
    expect(said.stdout.replaceAll(/\s+/g, " ")).toContain(
      'needs a result from CI, which this version cannot look up; to go on: mayday check --skip load --reason "…"',
    );
  });

  test("a deadline is kept, and said", async () => {
    const { clone, run } = shop(`version: 1\nchecks: {slow: {kind: unit, run: sleep 300, timeout: 200ms}}\n`);
    commit(clone, "src/b.js", "good\n");
    const said = await run("check");
    expect(said.exit).toBe(1);
    expect(plain(said.stdout)).toContain("no end within TIME; it was stopped");
  });

  test("a section that this version does not act on is said at each run", async () => {
    const { run } = shop(`${CONFIG}builtin: {secrets: block}\n`);
    expect((await run("check")).stderr).toContain(
      "warning mayday.yaml: this version does not act on builtin",
    );
  });

  test("what a check prints cannot move the cursor", async () => {
    const { clone, run } = shop(`version: 1\nchecks: {unit: {kind: unit, run: [cat, src/b.js, gone]}}\n`);
    commit(clone, "src/b.js", "\u001b[2Jboo\u202e\u0007\n");
    const said = await run("check");
    expect(said.stdout).toContain("boo\\u{202e}\\u{7}");
    expect(said.stdout).not.toContain("\u001b");
  });
});

describe("consent", () => {
  test("without it nothing runs, and the exit is 3; a skip needs none", async () => {
    const { clone } = shop();
    commit(clone, "src/b.js", "good\n");
    const options: RunOptions = { cwd: clone.path, env: { XDG_STATE_HOME: scratch() } };
    const refused = await mayday(["check"], options);
    expect(refused.exit).toBe(3);
    expect(refused.stderr).toContain("look at it and agree: mayday trust");
    expect((await mayday(["check", "--json"], options)).json()).toMatchObject({
      schema: "mayday/error@1",
      code: "needs-consent",
      ids: ["checks.unit", "checks.lint"],
    });
    const skipped = await mayday(["check", "--skip", "unit", "lint", "--reason", "only docs"], options);
    expect(skipped.exit).toBe(0);
    expect((await mayday(["trust", "--yes"], options)).exit).toBe(0);
    expect((await mayday(["check"], options)).exit).toBe(0);
  });

  test("a worktree that cannot be prepared for want of consent refuses what needs it", async () => {
    const { clone } = shop(`${CONFIG}worktree: {prepare: touch prepared}\n`);
    commit(clone, "src/b.js", "good\n");
    const options: RunOptions = { cwd: clone.path, env: { XDG_STATE_HOME: scratch() } };
    await mayday(["trust", "--yes"], options);
    writeFileSync(
      path.join(clone.path, "mayday.yaml"),
      `${CONFIG}worktree: {prepare: touch something-else}\n`,
    );
    const said = await mayday(["check"], options);
    expect(said.exit).toBe(3);
    expect(said.stdout.replaceAll(/\s+/g, " ")).toContain("needs consent to worktree.prepare");
    expect((await mayday(["check", "--json"], options)).json()).toMatchObject({ ids: ["worktree.prepare"] });
    const inCi = await mayday(["check"], { ...options, env: { ...options.env, CI: "true" } });
    expect(inCi.exit).toBe(0);
  });
});

describe("a worktree", () => {
  const PREPARED = `version: 1\nworktree: {prepare: "PREPARE"}\nchecks: {unit: {kind: unit, run: cat prepared}}\n`;

  test("is prepared before the checks run in it; a failure of that is each check's error", async () => {
    const env = { XDG_STATE_HOME: scratch() };
    for (const [prepare, exit, text] of [
      ["echo 'ready for' $PWD > prepared", 0, "ready for"],
      ["echo no network; exit 9", 1, "worktree.prepare failed: exit code 9"],
    ] as const) {
      const { clone } = shop(PREPARED.replace("PREPARE", prepare));
      clone.write("note.txt", "mine\n");
      await mayday(["trust", "--yes"], { cwd: clone.path, env });
      const said = await mayday(["check", "--verbose"], { cwd: clone.path, env });
      expect(said.exit).toBe(exit);
      expect(said.stdout).toContain(text);
      expect(clone.git("worktree", "list").split("\n")).toHaveLength(1);
    }
  });
});

test("with the same lockfile the installed packages are linked, and nothing is prepared over them", async () => {
  const { clone } = shop(
    `version: 1\nworktree: {prepare: "rm -rf node_modules/*; exit 9", link: [node_modules]}\nchecks: {unit: {kind: unit, run: cat node_modules/lib}}\n`,
  );
  const env = { XDG_STATE_HOME: scratch() };
  clone.write(".git/info/exclude", "node_modules\n");
  clone.write("node_modules/lib", "installed\n");
  clone.write("note.txt", "mine\n");
  await mayday(["trust", "--yes"], { cwd: clone.path, env });
  const said = await mayday(["check", "--verbose"], { cwd: clone.path, env });
  expect(said.exit).toBe(0);
  expect(said.stdout).toContain("in a temporary worktree");
  expect(said.stdout).toContain("installed");
  expect(readFileSync(path.join(clone.path, "node_modules/lib"), "utf8")).toBe("installed\n");
});

describe("a skip", () => {
  test("needs a reason and the name of a check", async () => {
    const { run } = shop();
    expect((await run("check", "--skip", "unit")).stderr).toContain("a skip needs a reason: unit");
    expect((await run("check", "--skip", "unit", "--reason", " ")).exit).toBe(2);
    expect((await run("check", "--skip", "unti", "--reason", "x")).exit).toBe(2);
  });

  test("is shown and recorded; a plan records nothing", async () => {
    const { clone } = shop();
    commit(clone, "src/b.js", "BAD\n");
    const at = (argv: readonly string[]): Promise<Transcript> =>
      mayday(argv, {
        cwd: clone.path,
        now: Date.UTC(2026, 0, 5, 9),
        env: { ...inCI(), MAYDAY_SKIP: "unit", MAYDAY_REASON: "known, see 12" },
      });
    await at(["check", "--plan"]);
    const said = await at(["check"]);
    expect(said.exit).toBe(0);
    expect(said.stdout).toContain("skipped: known, see 12");
    const lines = readFileSync(path.join(clone.path, ".git/mayday/skips.jsonl"), "utf8").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        v: 1,
        at: "2026-01-05T09:00:00Z",
        check: "unit",
        reason: "known, see 12",
        actor: "Ana <ana@example.com>",
        via: "command",
        refs: [{ remoteRef: "refs/heads/main", localSha: clone.git("rev-parse", "HEAD") }],
      },
    ]);
  });
});

describe("as git's hook", () => {
  test("a line that cannot be read, or an object that is not here, blocks with exit 2", async () => {
    const { clone } = shop();
    const hook = (stdin: string): Promise<Transcript> =>
      mayday(["check", "--hook", "pre-push", "origin", "url"], {
        cwd: clone.path,
        stdin,
        env: { CI: "true" },
      });
    const garbage = await hook("evil\u001b[2J\n");
    expect(garbage.exit).toBe(2);
    expect(garbage.stderr).toContain('"evil\\u{1b}[2J"');
    const gone = await hook(`main ${"d".repeat(40)} refs/heads/main ${"0".repeat(40)}\n`);
    expect(gone.exit).toBe(2);
    expect(gone.stderr).toContain("is not in this repository");
    expect(await hook("")).toMatchObject({ exit: 0, stdout: "" });
  });

  test("the first line may come from the script that has read it", async () => {
    const { clone } = shop();
    const head = commit(clone, "src/b.js", "BAD\n");
    const line = (name: string): string => `x ${head} refs/heads/${name} ${"0".repeat(40)}`;
    const said = await mayday(["check", "--json", "--hook", "pre-push", "origin", "url"], {
      cwd: clone.path,
      stdin: `${line("two")}\n`,
      env: { ...inCI(), MAYDAY_FIRST_LINE: line("one") },
    });
    expect(said.exit).toBe(1);
    expect(said.json<{ refs: unknown[] }>().refs).toMatchObject([
      { remoteRef: "refs/heads/one", kind: "create" },
      { remoteRef: "refs/heads/two", kind: "create" },
    ]);
  });

  test("stdout stays empty, and only failures speak with --quiet", async () => {
    const { clone } = shop();
    const head = commit(clone, "src/b.js", "good\n");
    const stdin = `x ${head} refs/heads/main ${clone.id("start")}\n`;
    const options: RunOptions = { cwd: clone.path, stdin, env: inCI() };
    const said = await mayday(["check", "--hook", "pre-push", "origin", "url"], options);
    expect(said).toMatchObject({ exit: 0, stdout: "" });
    expect(said.stderr).toContain("pass    unit");
    expect(await mayday(["check", "--quiet", "--hook", "pre-push", "origin", "url"], options)).toMatchObject({
      exit: 0,
      stdout: "",
      stderr: "",
    });
  });

  test("the trial word of hook status is answered and lets nothing through", async () => {
    const { clone } = shop();
    const said = await mayday(["check", "--hook", "pre-push", "origin", "url"], {
      cwd: clone.path,
      env: { MAYDAY_PROBE: "word" },
    });
    expect(said).toMatchObject({ exit: 1, stderr: "mayday-probe word\n" });
  });

  test("another hook of git is not answered", async () => {
    const { run } = shop();
    expect((await run("check", "--hook", "pre-commit")).exit).toBe(2);
  });

  test("called without git it says how it is meant", async () => {
    const { run } = shop();
    expect((await run("check", "--hook", "pre-push")).stderr).toContain("to check by hand: mayday check");
  });
});
