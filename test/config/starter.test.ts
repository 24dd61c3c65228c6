import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import * as fc from "fast-check";
import { expect, test } from "vitest";

import { type Facts, factsOf, type Sight, tagFacts } from "../../src/config/facts.ts";
import { kindOf, makeTargets, scriptChecks } from "../../src/config/detect-checks.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { type Choice, defaultChoice, quote, starter } from "../../src/config/starter.ts";
import { CHECK_KINDS } from "../../src/model/check.ts";
import type { Settings } from "../../src/model/settings.ts";
import { scratch } from "../support/repository.ts";

const NONE: Facts = {
  remote: null,
  otherRemotes: [],
  branch: null,
  staging: false,
  tags: null,
  checks: [],
  prepare: null,
  link: [],
  migrations: [],
  codeowners: null,
  hookManagers: [],
  npm: false,
};

async function loaded(text: string, directory = scratch()): Promise<Settings> {
  const file = path.join(directory, "mayday.yaml");
  writeFileSync(file, text);
  return (await loadConfiguration({ repository: null, cwd: directory, file, env: {} })).settings;
}

test("with nothing to see the file still loads, and says what could stand there", async () => {
  const text = starter(NONE, defaultChoice(NONE));
  expect(await loaded(text)).toMatchObject({ checks: {}, hook: { missing: "block" } });
  expect(text).toContain("# checks:");
  expect(text).not.toMatch(/\n\n\n/);
});

test("its examples are right too: the file loads with every one of them taken in", async () => {
  const text = starter(NONE, defaultChoice(NONE));
  const [before = "", rest = ""] = text.split("    # live: {http");
  const lines = `    # live: {http${rest}`
    .split("\n")
    .filter((line) => !/^ {4}# live: \{(?:tags|branch)/.test(line))
    .map((line) => (/^\s*#\s*(?:[\w-]+:|- \{)/.test(line) ? line.replace(/# ?/, "") : line));
  const settings = await loaded(`${before}${lines.join("\n")}`);
  expect(settings.environments["production"]?.probes).toHaveLength(2);
  expect(Object.keys(settings.channels)).toEqual(["oncall", "room"]);
  expect(Object.keys(settings.checks)).toEqual(["unit"]);
});

test("every fact of a lively repository is written down", async () => {
  const facts: Facts = {
    remote: "upstream",
    otherRemotes: ["fork"],
    branch: "trunk",
    staging: true,
    tags: { pattern: "shop@*", example: "shop@1.2.3", count: 3, deployedBy: ".github/workflows/deploy.yml" },
    checks: [
      { name: "unit", kind: "unit", run: "npm test", from: "package.json" },
      { name: "e2e:slow", kind: "functional", run: "npm run e2e:slow", from: "package.json" },
    ],
    prepare: "npm ci",
    link: ["node_modules"],
    migrations: ["db/migrations/**"],
    codeowners: ".github/CODEOWNERS",
    hookManagers: [{ name: "husky", file: ".husky/" }],
    npm: true,
  };
  const text = starter(facts, defaultChoice(facts));
  const settings = await loaded(text);
  expect(settings.environments["production"]).toMatchObject({
    remote: "upstream",
    branch: "trunk",
    live: { tags: "shop@*" },
    rollback: { keep: ["db/migrations/**"] },
  });
  expect(settings.environments["staging"]).toMatchObject({ branch: "staging", live: { branch: true } });
  expect(settings.checks["e2e:slow"]).toMatchObject({
    kind: "functional",
    run: "npm run e2e:slow",
    timeout: 600_000,
  });
  expect(settings.worktree).toEqual({ prepare: "npm ci", link: ["node_modules"] });
  expect(text).toContain("beside husky");
  expect(text).toContain("Code owners are in .github/CODEOWNERS");
  expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

const word = fc.oneof(
  fc.string(),
  fc.constantFrom("no", "null", "a: b", "- x", "#x", "*x", "!x", "%x", "{x", "x # y", "\u0085", "\u{1f600}"),
);
const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9:._-]{0,20}$/);

test("whatever names a repository has, the file loads and says them exactly", async () => {
  const directory = scratch();
  const branch = word.filter((text) => /^(?!-|refs\/)[^\s~^:?*[\\]+$/.test(text));
  const check = fc.record({
    name,
    kind: fc.constantFrom(...CHECK_KINDS),
    run: word.filter((text) => text !== ""),
    from: word,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        branch: fc.option(branch),
        checks: fc.uniqueArray(check, { selector: (it) => it.name, maxLength: 4 }),
        migrations: fc.array(
          word.filter((text) => text !== ""),
          { maxLength: 2 },
        ),
        pattern: word.filter((text) => text !== ""),
        codeowners: fc.option(word),
        npm: fc.boolean(),
        live: fc.constantFrom<Choice["live"]>("branch", "tags", "later"),
      }),
      async ({ pattern, live, ...rest }) => {
        const hookManagers = [{ name: "husky", file: pattern }];
        const tags = { pattern, example: pattern, count: 1, deployedBy: null };
        const facts: Facts = { ...NONE, ...rest, hookManagers, tags, prepare: "npm ci", link: [pattern] };
        // A shell command may hold what looks like a placeholder, and is rightly refused then.
        fc.pre(!rest.checks.some(({ run }) => /\{[a-z]+(?:\.[a-z]+)?\}/.test(run)));
        const settings = await loaded(starter(facts, { live, checks: rest.checks }), directory);
        const { production } = settings.environments;
        expect(production?.branch).toBe(rest.branch);
        expect(production?.rollback.keep).toEqual(rest.migrations);
        expect(production?.live.tags).toBe(live === "tags" ? pattern : undefined);
        expect(Object.entries(settings.checks).map(([key, it]) => [key, it.kind, it.run])).toEqual(
          rest.checks
            .toSorted((a, b) => numeric(a.name) - numeric(b.name))
            .map((it) => [it.name, it.kind, it.run]),
        );
      },
    ),
    { numRuns: 150 },
  );
});

/** JavaScript puts whole numbers first among keys. */
function numeric(key: string): number {
  return /^(?:0|[1-9]\d{0,8})$/.test(key) ? Number(key) : Number.MAX_SAFE_INTEGER;
}

test.each([
  ["npm test", "npm test"],
  ["npm run test:unit", "npm run test:unit"],
  ["yes", '"yes"'],
  ["a: b", '"a: b"'],
  ["", '""'],
])("%j is written as %s", (text, written) => {
  expect(quote(text)).toBe(written);
});

test.each([
  [["v1.0.0", "v1.2.0", "v1.10.0", "v2.0.0-rc.1"], "v*", "v1.10.0", 3],
  [["1.0.0", "2.0.0"], "[0-9]*", "2.0.0", 2],
  [["shop-1.2.3", "shop-1.3.0"], "shop-*", "shop-1.3.0", 2],
  [["shop/v1.2.3"], "shop/v*", "shop/v1.2.3", 1],
  [["@acme/shop@1.2.3", "@acme/shop@1.2.4", "v0.1.0"], "@acme/shop@*", "@acme/shop@1.2.4", 2],
  [["v1.0.0", "pkg@1.0.0"], "v*", "v1.0.0", 1],
])("the tags %j are of the pattern %s", (tags, pattern, example, count) => {
  expect(tagFacts(tags, null)).toEqual({ pattern, example, count, deployedBy: null });
});

test("tags that are no releases make no pattern", () => {
  expect(tagFacts(["nightly", "v1", "before-the-move", "v1.0.0-beta"], null)).toBeNull();
});

test.each([
  ["test", "unit"],
  ["test:unit", "unit"],
  ["test:integration", "integration"],
  ["e2e", "functional"],
  ["bench", "performance"],
  ["test:visual", "regression"],
  ["a11y", "usability"],
  ["typecheck", "lint"],
  ["lint:css", "lint"],
  ["format:check", "lint"],
  ["lint:fix", undefined],
  ["test:watch", undefined],
  ["build", undefined],
  ["pretest", undefined],
  ["start", undefined],
])("a script called %s is of the kind %s", (script, kind) => {
  expect(kindOf(script)).toBe(kind);
});

test("scripts that only call others found are left out; npm's placeholder is no test", () => {
  const scripts = {
    test: "npm run test:unit && npm run test:e2e",
    "test:unit": "vitest run",
    "test:e2e": "playwright test",
    "rm -rf": "x",
    lint: 3,
  };
  expect(scriptChecks(scripts, "pnpm").map(({ name: id, kind, run }) => [id, kind, run])).toEqual([
    ["unit", "unit", "pnpm run test:unit"],
    ["e2e", "functional", "pnpm run test:e2e"],
  ]);
  expect(scriptChecks({ test: 'echo "Error: no test specified" && exit 1' }, "npm")).toEqual([]);
  expect(scriptChecks({ test: "vitest run" }, "npm")[0]?.run).toBe("npm test");
  expect(scriptChecks("nonsense", "npm")).toEqual([]);
});

test("a Makefile's targets are read without patterns and variables", () => {
  expect(makeTargets("CC := gcc\nall: test lint\ntest lint: x\n%.o: %.c\n.PHONY: all\n\ttest: no\n")).toEqual(
    ["all", "test", "lint"],
  );
});

function sight(files: Readonly<Record<string, string>>): Sight {
  return {
    files: Object.keys(files),
    read: (file) => Promise.resolve(files[file] ?? null),
    tags: [],
    remote: "origin",
    otherRemotes: [],
    branches: ["main", "staging", "production"],
    branch: "main",
  };
}

test.each([
  [{ "go.mod": "" }, ["go test ./...", "go vet ./..."]],
  [{ "Cargo.toml": "" }, ["cargo test", "cargo clippy -- -D warnings"]],
  [{ "tox.ini": "[testenv:lint]\n" }, ["tox", "tox -e lint"]],
  [{ "pyproject.toml": "[tool.pytest.ini_options]\n[tool.ruff]\n" }, ["python -m pytest -q", "ruff check ."]],
  [{ Makefile: "test:\n\tx\nbench:\n\tx\n", "go.mod": "" }, ["make test", "make bench", "go vet ./..."]],
  [{ "package.json": '{"scripts":{"test":"x"}}', Makefile: "test:\nlint:\n" }, ["npm test", "make lint"]],
  [{ "package.json": "{ broken", "yarn.lock": "" }, []],
])("what %j makes obvious", async (files, runs) => {
  const { checks } = await factsOf(sight(files));
  expect(checks.map(({ run }) => run)).toEqual(runs);
});

test("branches, migrations, hook managers, code owners and a CI that deploys tags are seen", async () => {
  const facts = await factsOf({
    ...sight({
      "package.json": '{"simple-git-hooks":{}}',
      "pnpm-lock.yaml": "",
      ".husky/pre-push": "",
      "lefthook.yml": "",
      ".pre-commit-config.yaml": "",
      CODEOWNERS: "",
      "db/migrate/001.rb": "",
      "services/api/migrations/0001.py": "",
      "docs/migrations/how.md": "",
      "node_modules/x/migrations/1.sql": "",
      ".github/workflows/ship.yml": "on:\n  push:\n    tags: ['v*']\njobs:\n  deploy: {}\n",
    }),
    tags: ["v1.0.0"],
  });
  expect(facts).toMatchObject({
    branch: "production",
    staging: true,
    prepare: "pnpm install --frozen-lockfile",
    migrations: ["db/migrate/**", "services/api/migrations/**"],
    codeowners: "CODEOWNERS",
    tags: { pattern: "v*", deployedBy: ".github/workflows/ship.yml" },
  });
  expect(facts.hookManagers.map((manager) => manager.name)).toEqual([
    "husky",
    "lefthook",
    "pre-commit",
    "simple-git-hooks",
  ]);
  expect(defaultChoice(facts).live).toBe("tags");
});

test("the committed schema is where the file says it is, once mayday is installed", () => {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    readonly name: string;
    readonly files: readonly string[];
  };
  const line = starter({ ...NONE, npm: true }, defaultChoice(NONE)).split("\n")[0] ?? "";
  expect(line).toBe(
    `# yaml-language-server: $schema=./node_modules/${manifest.name}/schema/mayday.schema.json`,
  );
  expect(manifest.files).toContain("schema");
});
