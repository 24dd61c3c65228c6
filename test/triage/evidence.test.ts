import { describe, expect, test } from "vitest";

import { openRepository } from "../../src/git/open.ts";
import { listIds } from "../../src/git/history.ts";
import { examine } from "../../src/triage/diagnose.ts";
import { KINDS, score, VALUE_NAMES } from "../../src/triage/rank.ts";
import { parseSymptom } from "../../src/triage/symptom.ts";
import WEIGHTS from "../../src/triage/weights.json" with { type: "json" };
import { build, type CommitSpec } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

interface Seen {
  readonly value: (subject: string, name: string) => number;
  readonly says: (subject: string, kind: string) => string | undefined;
}

async function see(commits: readonly CommitSpec[], symptom: string): Promise<Seen> {
  const made = build(commits);
  const git = await openRepository({ cwd: made.path, env: cleanEnv() });
  const good = made.id("good");
  const live = made.git("rev-parse", "main");
  const inEffect = new Set(await listIds(git, [live, `^${good}`], { firstParent: true }));
  const { ground, rows } = await examine(git, {
    good,
    live,
    inEffect,
    paths: [],
    goneFiles: [],
    symptom: parseSymptom(symptom),
  });
  const scored = score(ground, rows);
  const at = (subject: string): number => {
    const index = ground.observations.findIndex((one) => one.subject === subject);
    expect(index, subject).toBeGreaterThanOrEqual(0);
    return index;
  };
  return {
    value: (subject, name) => {
      expect(VALUE_NAMES).toContain(name);
      return rows[at(subject)]?.[VALUE_NAMES.indexOf(name)] ?? NaN;
    },
    says: (subject, kind) => scored[at(subject)]?.evidence.find((one) => one.kind === kind)?.text,
  };
}

const START: CommitSpec = {
  name: "good",
  message: "Release",
  tags: ["v1.0.0"],
  files: {
    "src/cart.js": "export function totalPrice(items) {\n  return sum(items);\n}\n",
    "src/login.js": "export const login = 1;\n",
    "styles/menu.css": "a {}\n",
  },
};

describe("symbols", () => {
  test("one that removes the definition of what is missed", async () => {
    const seen = await see(
      [
        START,
        { name: "a", message: "Sum up differently", files: { "src/cart.js": "export const cart = 1;\n" } },
        { name: "b", message: "Other", files: { "src/login.js": "export const login = 2;\n" } },
      ],
      "ReferenceError: totalPrice is not defined",
    );
    expect(seen.value("Sum up differently", "symbol.undefined")).toBeGreaterThan(0);
    expect(seen.value("Sum up differently", "symbol.onlyRemoved")).toBeGreaterThan(0);
    expect(seen.value("Other", "symbol.undefined")).toBe(0);
    expect(seen.says("Sum up differently", "symbol")).toBe(
      "removes the definition of totalPrice, which the symptom names",
    );
  });

  test("one that brings it in", async () => {
    const seen = await see(
      [START, { name: "a", message: "New", files: { "src/new.js": "export function grandTotal() {}\n" } }],
      "TypeError in grandTotal()",
    );
    expect(seen.value("New", "symbol.defined")).toBeGreaterThan(0);
    expect(seen.value("New", "symbol.undefined")).toBe(0);
  });
});

describe("words", () => {
  const commits: CommitSpec[] = [
    START,
    { name: "a", message: "Keep the session cookie", files: { "src/login.js": "export const login = 2;\n" } },
    {
      name: "b",
      message: "Session store, and a cookie jar",
      files: { "src/cart.js": "export const x = 1;\n" },
    },
    { name: "c", message: "Tidy the menu", files: { "styles/menu.css": "b {}\n" } },
  ];

  test("side by side say more than apart", async () => {
    const seen = await see(commits, "The session cookie is lost");
    expect(seen.value("Keep the session cookie", "phrase.message")).toBeGreaterThan(0);
    expect(seen.value("Session store, and a cookie jar", "phrase.message")).toBe(0);
  });

  test("meet in other forms of the word", async () => {
    const seen = await see(commits, "menus and cookies");
    expect(seen.value("Tidy the menu", "all.raw")).toBeGreaterThan(0);
    expect(seen.value("Keep the session cookie", "all.raw")).toBeGreaterThan(0);
  });

  test("nothing shared is nothing", async () => {
    const seen = await see(commits, "kubernetes");
    for (const name of ["all.raw", "all.share", "all.rank", "all.cover", "message.raw", "phrase.message"])
      expect(seen.value("Tidy the menu", name)).toBe(0);
  });

  test("of the commits that a merge brought count for the merge", async () => {
    const seen = await see(
      [
        START,
        {
          name: "side",
          message: "Rework the checkout button",
          parents: ["good"],
          files: { "src/a.js": "1\n" },
        },
        { name: "other", message: "Other", parents: ["good"], files: { "src/b.js": "1\n" } },
        {
          name: "merge",
          message: "Merge branch 'x'",
          parents: ["other", "side"],
          files: { "src/a.js": "1\n" },
        },
      ],
      "checkout button does nothing",
    );
    expect(seen.value("Merge branch 'x'", "message.raw")).toBeGreaterThan(0);
    expect(seen.value("Other", "message.raw")).toBe(0);
    expect(seen.says("Merge branch 'x'", "words-message")).toContain("checkout");
  });

  test("in one hunk are told from words far apart", async () => {
    const far = ["alpha", ...Array.from({ length: 5 }, (_, n) => `line ${n}`), "beta"].join("\n");
    const seen = await see(
      [
        { ...START, files: { "src/x.js": far, "src/y.js": "one\n" } },
        {
          name: "a",
          message: "Apart",
          files: { "src/x.js": far.replace("alpha", "alpha gamma").replace("beta", "beta delta") },
        },
        { name: "b", message: "Together", files: { "src/y.js": "gamma delta\n" } },
      ],
      "gamma and then delta",
    );
    expect(seen.value("Together", "hunk.best")).toBeGreaterThan(0);
    expect(seen.value("Apart", "hunk.best")).toBe(0);
  });
});

test("files that earlier changes with the same words touched are remembered", async () => {
  const seen = await see(
    [
      { name: "old1", message: "Fix newsletter layout", files: { "src/mail.js": "1\n" } },
      { name: "old2", message: "Newsletter again", files: { "src/mail.js": "2\n" } },
      { ...START },
      { name: "a", message: "Tidy", files: { "src/mail.js": "3\n" } },
      { name: "b", message: "Other", files: { "src/login.js": "3\n" } },
    ],
    "the newsletter is empty",
  );
  expect(seen.value("Tidy", "history.words")).toBeGreaterThan(0);
  expect(seen.value("Other", "history.words")).toBe(0);
  expect(seen.says("Tidy", "history")).toBe("earlier changes that spoke of this touched the same files");
});

test("what was part of a revert before", async () => {
  const seen = await see(
    [
      { name: "old1", message: 'Revert "Mail"', files: { "src/mail.js": "1\n" } },
      START,
      { name: "a", message: "Tidy", files: { "src/mail.js": "3\n" } },
      { name: "b", message: "Other", files: { "src/login.js": "3\n" } },
    ],
    "something",
  );
  expect(seen.value("Tidy", "history.revert")).toBeGreaterThan(0);
  expect(seen.value("Other", "history.revert")).toBe(0);
});

test("the words of a document count a fifth", async () => {
  const text = "the checkout is broken\n";
  const seen = await see(
    [
      START,
      { name: "a", message: "One", files: { "docs/one.md": text } },
      { name: "b", message: "Two", files: { "src/two.js": text } },
    ],
    "at f (docs/one.md:1:1)\nat g (src/two.js:1:1)",
  );
  expect(seen.value("One", "frame.line")).toBeCloseTo(0.2);
  expect(seen.value("Two", "frame.line")).toBeCloseTo(0.8);
  expect(seen.value("One", "only.docs")).toBe(1);
});

test("the shipped weights know every value, and keep within their bounds", () => {
  expect(Object.keys(WEIGHTS.change)).toEqual(VALUE_NAMES);
  const bounds = Object.assign({}, ...KINDS.map(({ values }) => values)) as Record<
    string,
    readonly [number, number]
  >;
  for (const [name, weight] of Object.entries(WEIGHTS.change)) {
    const [least, most] = bounds[name] ?? [NaN, NaN];
    expect(weight, name).toBeGreaterThanOrEqual(least - 1e-3);
    expect(weight, name).toBeLessThanOrEqual(most + 1e-3);
  }
});
