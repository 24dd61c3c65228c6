import { readFileSync } from "node:fs";
import path from "node:path";

import { Ajv } from "ajv";
import { describe, expect, it, onTestFinished } from "vitest";

import { type Audience, CHAPTERS, type Night, playNight } from "../../src/demo/night.ts";
import { openShop, type OpenShop } from "../../src/demo/open.ts";
import { git } from "../support/repository.ts";
import { cleanEnv, mayday } from "../support/world.ts";

const ALL = [
  "up",
  "good",
  "checks",
  "pushed",
  "outage",
  "triage",
  "alert",
  "rollback",
  "recovered",
  "restored",
  "history",
  "clone",
];

interface Play {
  readonly night: Night;
  readonly shop: OpenShop;
  readonly chapters: readonly string[];
  readonly typed: readonly string[];
}

/** Plays the night for nobody; `change` takes the place of one of the audience's parts. */
async function play(
  change: (real: Audience, shop: OpenShop) => Partial<Audience> = () => ({}),
): Promise<Play> {
  const shop = await openShop({ node: process.execPath, env: cleanEnv(), now: Date.now(), keep: false });
  onTestFinished(shop.close);
  const chapters: string[] = [];
  const typed: string[] = [];
  const nothing = (): void => {};
  const run = (argv: readonly string[]) => mayday(argv, { cwd: shop.clonePath, env: shop.env });
  const real: Audience = {
    chapter: (title) => void chapters.push(title),
    say: nothing,
    command: nothing,
    traffic: nothing,
    log: nothing,
    step: nothing,
    mayday: async (argv) => {
      typed.push(argv[0] ?? "");
      return (await run(argv)).exit;
    },
    document: async (argv) => (await run(["--json", ...argv])).json<unknown>(),
    goOn: async () => true,
    decide: async () => "rollback",
    now: Date.now,
    signal: new AbortController().signal,
  };
  const night = await playNight(shop, { ...real, ...change(real, shop) });
  return { night, shop, chapters, typed };
}

function failed({ night }: Play): string[] {
  return night.steps.filter(({ ok }) => !ok).map(({ step }) => step);
}

describe("the night", () => {
  it("is verified from end to end with the real commands", async () => {
    const { night, chapters, typed, shop } = await play();
    expect(night.steps.filter(({ ok }) => !ok)).toEqual([]);
    expect(night.steps.map(({ step }) => step)).toEqual(ALL);
    expect(chapters).toHaveLength(CHAPTERS);
    expect(typed).toEqual(["deploy", "deploy", "check", "deploy", "triage", "alert", "rollback"]);
    expect(night.recoveryMs).toBeGreaterThan(0);
    const remote = shop.remote.layout.gitDir;
    expect(git(remote, "rev-parse", "main^{tree}")).toBe(git(remote, "rev-parse", "v1.4.0^{tree}"));
    expect(git(remote, "rev-parse", "main^")).toBe(shop.ids.tip);
  });

  it("does not believe a rollback that says 0 and does nothing", async () => {
    const played = await play((real) => ({
      mayday: async (argv) => (argv[0] === "rollback" ? 0 : real.mayday(argv)),
    }));
    expect(failed(played)).toEqual(["recovered", "restored", "history"]);
    expect(played.night.recoveryMs).toBeNull();
  });

  it("sees it when the alert was not sent, triage named another, and the clone is dirty", async () => {
    const played = await play((real, shop) => ({
      mayday: async (argv) => {
        if (argv[0] === "alert") return 0;
        const exit = await real.mayday(argv);
        if (argv[0] === "rollback") git(shop.clonePath, "rm", "--quiet", "--cached", "README.md");
        return exit;
      },
      document: async (argv) =>
        argv[0] === "triage" ? { suspects: [{ sha: shop.ids.tip }] } : real.document(argv),
    }));
    expect(failed(played)).toEqual(["triage", "alert", "clone"]);
    expect(played.night.recoveryMs).toBeGreaterThan(0);
  });

  it("ends where the person leaves, and claims nothing after", async () => {
    const { night, chapters } = await play((real) => ({
      decide: async () => "quit" as const,
      now: real.now,
    }));
    expect(night).toMatchObject({ stopped: true, recoveryMs: null });
    expect(night.steps.map(({ step }) => step)).toEqual(ALL.slice(0, 7));
    expect(chapters).toHaveLength(6);
  });

  it("ends with exit 130 when it is interrupted", async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(play(() => ({ signal: controller.signal }))).rejects.toMatchObject({ exit: 130 });
  });
});

describe("mayday demo --json", () => {
  it("prints one document that its schema accepts", async () => {
    const run = await mayday(["demo", "--json"], { cwd: "/" });
    const schema = path.resolve(import.meta.dirname, "../../schema/demo.schema.json");
    const valid = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(
      JSON.parse(readFileSync(schema, "utf8")) as object,
    );
    const document = run.json();
    expect(valid(document) || valid.errors).toBe(true);
    expect(document).toMatchObject({ schema: "mayday/demo@1", exit: 0, error: null, kept: null });
    expect(run.exit).toBe(0);
    expect(run.stderr).toBe("");
  });
});
