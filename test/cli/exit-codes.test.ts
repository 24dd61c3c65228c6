/* oxlint-disable vitest/no-conditional-expect -- a table: which case expects what is data */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";

import { MaydayError } from "../../src/model/error.ts";
import { EXIT, type ExitCode, hasOwnDocument } from "../../src/model/exit.ts";
import { colleague, commit, roll, type Shop, shop } from "../rollback/shop.ts";
import { answers, fakeServer } from "../support/http.ts";
import { build, scratch, withRemote } from "../support/repository.ts";
import { mayday, type RunOptions } from "../support/world.ts";

interface Case {
  /** Makes the situation; every run gets a new one. */
  readonly prepare: () => Promise<RunOptions> | RunOptions;
  readonly argv: readonly string[];
  /** The schema of the document with --json. */
  readonly schema: string;
  readonly code: string | null;
}

const at = ({ clone }: Shop): RunOptions => ({ cwd: clone.path });

/** git on PATH that does `script` first. */
function shim(clone: string, script: string): Record<string, string> {
  const directory = scratch();
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  writeFileSync(path.join(directory, "git"), `#!/bin/sh\nREAL=${real}\n${script}\nexec "$REAL" "$@"\n`, {
    mode: 0o755,
  });
  expect(clone).not.toBe("");
  return { PATH: `${directory}:${process.env["PATH"] ?? ""}` };
}

/** A shop whose live commit follows the branch on a fake loopback server that answers a probe with 503. */
async function sickShop(): Promise<RunOptions> {
  const found: { shop?: Shop } = {};
  const server = await fakeServer((received, response, request) => {
    const version = received.path === "/version" ? found.shop?.remote.git("rev-parse", "main") : undefined;
    answers(version === undefined ? 503 : 200, version ?? "x")(received, response, request);
  });
  const yaml = `version: 1
environments:
  production:
    branch: main
    live: {http: ${server.url}/version}
    probes: [{name: health, http: ${server.url}/healthz, times: 1, within: 1s, timeout: 1s}]
    rollback: {wait: 200ms, window: 0s}
`;
  found.shop = withRemote([
    { name: "good", tags: ["v1.0.0"], files: { "mayday.yaml": yaml, a: "1\n" } },
    { name: "bad", files: { a: "2\n" } },
  ]);
  return at(found.shop);
}

/** Every exit code of the contract that this version can end with. */
const CASES: Readonly<Record<ExitCode, Readonly<Record<string, Case>>>> = {
  [EXIT.done]: {
    "rolled back": {
      prepare: () => at(shop()),
      argv: ["rollback", "--yes"],
      schema: "mayday/rollback@1",
      code: null,
    },
    "a plan": {
      prepare: () => at(shop()),
      argv: ["rollback", "--plan"],
      schema: "mayday/rollback-plan@1",
      code: null,
    },
  },
  [EXIT.no]: {
    "nothing to undo": {
      prepare: () => at(shop()),
      argv: ["undo"],
      schema: "mayday/rollback@1",
      code: "nothing-to-undo",
    },
    "nothing to continue": {
      prepare: () => at(shop()),
      argv: ["rollback", "--continue"],
      schema: "mayday/rollback@1",
      code: "nothing-to-continue",
    },
  },
  [EXIT.usage]: {
    "an unknown option": {
      prepare: () => at(shop()),
      argv: ["rollback", "--nope"],
      schema: "mayday/error@1",
      code: "usage",
    },
    "no repository": {
      prepare: () => ({ cwd: scratch() }),
      argv: ["rollback"],
      schema: "mayday/error@1",
      code: "not-a-repository",
    },
    "a revision that does not exist": {
      prepare: () => at(shop()),
      argv: ["rollback", "--to", "v9.9.9"],
      schema: "mayday/error@1",
      code: "unknown-revision",
    },
    "a revision for an environment": {
      prepare: () => at(shop()),
      argv: ["rollback", "v1.0.0"],
      schema: "mayday/error@1",
      code: "revision-for-environment",
    },
    "both of two opposites": {
      prepare: () => at(shop()),
      argv: ["rollback", "--continue", "--abort"],
      schema: "mayday/error@1",
      code: "usage",
    },
  },
  [EXIT.refused]: {
    "a red risk": {
      prepare: async () => {
        const here = at(shop());
        expect((await mayday(["deploy", "bad", "main~1", "--reason", "slow"], here)).exit).toBe(0);
        return here;
      },
      argv: ["rollback", "--yes", "--to", "main~1"],
      schema: "mayday/error@1",
      code: "risk",
    },
  },
  [EXIT.unknown]: {
    "what is good is not known": {
      prepare: () => ({ cwd: build([{ name: "only", files: { a: "1\n" } }]).path }),
      argv: ["rollback"],
      schema: "mayday/error@1",
      code: "no-good",
    },
    "an unborn branch": {
      prepare: () => ({ cwd: build([]).path }),
      argv: ["rollback"],
      schema: "mayday/error@1",
      code: "unborn-branch",
    },
  },
  [EXIT.conflict]: {
    "an undo that does not merge": {
      prepare: async () => {
        const one = shop();
        await roll(one.clone);
        commit(colleague(one.remote), "After", { "cart.txt": "another way\n" });
        return at(one);
      },
      argv: ["undo", "--yes"],
      schema: "mayday/rollback@1",
      code: "conflict",
    },
  },
  [EXIT.remoteMoved]: {
    "the remote says no": {
      prepare: () => {
        const one = shop();
        writeFileSync(path.join(one.remote.path, "hooks/pre-receive"), "#!/bin/sh\nexit 1\n", {
          mode: 0o755,
        });
        return at(one);
      },
      argv: ["rollback", "--yes"],
      schema: "mayday/error@1",
      code: "rejected",
    },
  },
  [EXIT.waiting]: {
    "a yes is needed": {
      prepare: () => at(shop()),
      argv: ["rollback"],
      schema: "mayday/rollback@1",
      code: "needs-confirmation",
    },
  },
  [EXIT.unproven]: {
    "it is unknown whether the push arrived": {
      prepare: () => {
        const one = shop();
        const script = 'case " $* " in *" push "*refs/heads/main*) echo "early EOF" >&2; exit 128 ;; esac';
        return { ...at(one), env: shim(one.clone.path, script) };
      },
      argv: ["rollback", "--yes"],
      schema: "mayday/rollback@1",
      code: "unclear",
    },
  },
  [EXIT.busy]: {
    "another mayday is at work": {
      prepare: async () => {
        const one = shop();
        await roll(one.clone, ["--no-push"]);
        const lock = path.join(one.clone.path, ".git/mayday/lock-production");
        writeFileSync(lock, JSON.stringify({ pid: 1, host: "elsewhere" }));
        return at(one);
      },
      argv: ["rollback", "--yes"],
      schema: "mayday/error@1",
      code: "busy",
    },
  },
  [EXIT.symptomPersists]: {
    "the probe still fails": {
      prepare: sickShop,
      argv: ["rollback", "--yes"],
      schema: "mayday/rollback@1",
      code: "symptom-persists",
    },
  },
  [EXIT.bug]: {
    "git breaks in a way nobody foresaw": {
      prepare: () => {
        const one = shop();
        return { ...at(one), env: shim(one.clone.path, 'case " $* " in *" diff-tree "*) exit 99 ;; esac') };
      },
      argv: ["rollback", "--yes"],
      schema: "mayday/error@1",
      code: "git-failed",
    },
  },
  [EXIT.interrupted]: {
    "Ctrl-C": {
      prepare: () => ({ ...at(shop()), signal: AbortSignal.abort() }),
      argv: ["rollback", "--yes"],
      schema: "mayday/error@1",
      code: "interrupted",
    },
  },
};

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
const read = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../schema/${name}.schema.json`, import.meta.url), "utf8")) as Record<
    string,
    unknown
  >;
const validators = new Map(
  ["rollback", "rollback-plan"].map((name) => [`mayday/${name}@1`, ajv.compile(read(name))]),
);

describe.each(Object.entries(CASES))("exit %s", (wanted, cases) => {
  const exit = Number(wanted) as ExitCode;
  test.each(Object.entries(cases))("%s", async (_name, { prepare, argv, schema, code }) => {
    const text = await mayday(argv, await prepare());
    expect(text.exit, text.stderr).toBe(exit);
    if (code !== null) {
      expect(text.stderr).toMatch(/^error \S/m);
      if (code !== "interrupted") expect(text.stderr).toMatch(/^ next \S/m);
    }
    expect(text.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);

    const json = await mayday([...argv, "--json"], await prepare());
    expect(json.exit, json.stderr).toBe(exit);
    const document = json.json();
    expect(document).toMatchObject({ schema, exit });
    if (hasOwnDocument(exit)) {
      expect(code === null ? document["error"] : (document["error"] as { code: string }).code).toBe(code);
      const valid = validators.get(schema);
      if (valid) expect(valid(document), ajv.errorsText(valid.errors)).toBe(true);
    } else {
      expect(Object.keys(document).toSorted()).toEqual(
        ["schema", "code", "message", "hint", "exit", ...(exit === EXIT.refused ? ["ids"] : [])].toSorted(),
      );
      expect(document["code"]).toBe(code);
    }
  });
});

test("the schemas say no to what is no such document", () => {
  const valid = validators.get("mayday/rollback@1");
  expect(valid?.({ schema: "mayday/rollback@1", exit: 0, error: null })).toBe(false);
  expect(
    valid?.({ schema: "mayday/rollback@1", exit: 3, error: { code: "x", message: "x", hint: "" } }),
  ).toBe(false);
  expect(
    valid?.({ schema: "mayday/rollback@1", exit: 1, error: { code: "x", message: "x", hint: "" } }),
  ).toBe(true);
});

test("what is thrown with an exit of its own document is that document, with what is known", () => {
  const error = new MaydayError("no", { code: "x", exit: EXIT.no, document: { environment: "production" } });
  expect(error.document).toEqual({ environment: "production" });
  expect(hasOwnDocument(error.exit)).toBe(true);
});
