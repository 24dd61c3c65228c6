import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { NO_BACKGROUND } from "../../src/triage/background.ts";
import { makeGround } from "../../src/triage/ground.ts";
import { FIELDS, type Observation } from "../../src/triage/observe.ts";
import { outsideCode } from "../../src/triage/outside.ts";
import { makeQuery } from "../../src/triage/query.ts";
import { measure, probabilities, score, VALUE_NAMES } from "../../src/triage/rank.ts";
import { parseSymptom } from "../../src/triage/symptom.ts";
import { published } from "../support/document.ts";
import { build, type CommitSpec, type Files } from "../support/repository.ts";
import { mayday } from "../support/world.ts";

interface Document {
  readonly suspects: readonly {
    readonly sha: string;
    readonly subject: string;
    readonly probability: number;
    readonly evidence: readonly { readonly kind: string; readonly text: string }[];
  }[];
  readonly outsideCode: {
    readonly probability: number;
    readonly signals: readonly { readonly kind: string; readonly name: string; readonly text: string }[];
  };
}

async function triage(commits: readonly CommitSpec[], symptom: string, ...more: string[]): Promise<Document> {
  const made = build(commits);
  const argv = ["triage", "--json", "--top=0", "--symptom", symptom, ...more];
  return published<Document>(await mayday(argv, { cwd: made.path }), "triage");
}

const numbered = (name: string, lines: number): string =>
  Array.from({ length: lines }, (_, n) => `${name} ${n + 1}`).join("\n");

/** A release, then thirty changes of all sorts; `culprit` is one of them, its files are given. */
function thirty(culprit: number, files: Files): CommitSpec[] {
  const start: CommitSpec = {
    name: "good",
    message: "Release",
    tags: ["v1.0.0"],
    files: {
      "src/price.js": numbered("price", 80),
      "src/cart.js": numbered("cart", 80),
      "README.md": numbered("about price and cart", 10),
    },
  };
  const others = Array.from({ length: 30 }, (_, n): CommitSpec => {
    if (n === culprit) return { name: `c${n}`, message: "Tidy up", files };
    const kind = n % 5;
    if (kind === 0) return { name: `c${n}`, files: { [`docs/${n}.md`]: "currency of undefined price\n" } };
    if (kind === 1) return { name: `c${n}`, files: { [`test/${n}.test.js`]: "formatPrice(undefined)\n" } };
    if (kind === 2) return { name: `c${n}`, files: { [`src/other${n}.js`]: numbered("other", 60) } };
    if (kind === 3)
      return { name: `c${n}`, message: "Price of shipping", files: { [`src/ship${n}.js`]: "x\n" } };
    return { name: `c${n}`, files: { "package.json": `{"version": "${n}"}\n` } };
  });
  return [start, ...others];
}

const TRACE = `TypeError: Cannot read properties of undefined (reading 'currency')
    at formatPrice (/app/src/price.js:40:15)
    at show (/app/src/cart.js:70:3)`;

describe("among thirty changes", () => {
  test.each([1, 12, 22, 29])("the one that wrote the failing line is first (change %i)", async (culprit) => {
    const price = numbered("price", 80).replace("price 40\n", "return value.currency\n");
    const { suspects } = await triage(thirty(culprit, { "src/price.js": price }), TRACE);
    expect(suspects).toHaveLength(30);
    expect(suspects[0]).toMatchObject({ subject: "Tidy up" });
    expect(suspects[0]?.probability).toBeGreaterThan(0.5);
    expect(suspects[0]?.evidence[0]).toMatchObject({
      kind: "frame",
      text: "frame 1 (src/price.js:40) is inside a hunk of src/price.js",
    });
  });

  test("one that deleted the module which is missed is first", async () => {
    const { suspects } = await triage(
      thirty(9, { "src/price.js": null }),
      "Error: Cannot find module '/app/src/price.js'",
    );
    expect(suspects[0]).toMatchObject({ subject: "Tidy up" });
  });

  test("one that renamed it too", async () => {
    const { suspects } = await triage(
      thirty(9, { "src/price.js": null, "src/Money.js": numbered("price", 80) }),
      "Error: Cannot find module '/app/src/price.js'",
    );
    expect(suspects[0]).toMatchObject({ subject: "Tidy up" });
  });

  test("documents are never first, whatever they say, nor are tests where code changed", async () => {
    for (const words of ["currency of undefined price", "formatPrice(undefined)", "readme", "docs/5.md:1"]) {
      const { suspects } = await triage(thirty(3, { "src/cart.js": numbered("basket", 80) }), words);
      expect(suspects[0]?.evidence.map(({ kind }) => kind)).not.toContain("docs-only");
      expect(suspects[0]?.evidence.map(({ kind }) => kind)).not.toContain("test-only");
    }
  });

  test("a change that came after the first error is the last to suspect", async () => {
    const price = numbered("price", 80).replace("price 40\n", "return value.currency\n");
    const commits = thirty(20, { "src/price.js": price });
    const before = await triage(commits, TRACE, "--first-error", "2026-01-05T20:00:00Z");
    const culprit = before.suspects.find(({ subject }) => subject === "Tidy up");
    expect(culprit?.evidence.map(({ kind }) => kind)).toContain("too-late");
    expect(before.suspects[0]?.subject).not.toBe("Tidy up");
    const after = await triage(commits, TRACE, "--first-error", "2026-01-07T00:00:00Z");
    expect(after.suspects[0]?.subject).toBe("Tidy up");
  });

  test("the words of the world below raise the share of what is not code", async () => {
    const commits = thirty(3, { "src/cart.js": numbered("basket", 80) });
    const plain = (await triage(commits, "the cart is broken")).outsideCode;
    const world = (await triage(commits, "the cart is broken: ECONNREFUSED, no space left on device"))
      .outsideCode;
    expect(world.probability).toBeGreaterThan(plain.probability);
    expect(world.signals.map(({ name }) => name)).toEqual(["connection", "disk"]);
    const line = (await triage(commits, "    at x (/app/src/cart.js:504:1)")).outsideCode.signals;
    expect(line.map(({ name }) => name)).not.toContain("timeout");
  });

  test("a variable that is read for the first time is a signal, one that good reads is not", async () => {
    const made = thirty(3, {
      "src/cart.js": "const a = process.env.STRIPE_API_VERSION;\nconst b = process.env.OLD_NAME;\n",
    });
    const [good, ...rest] = made;
    const commits = [
      { ...good, name: "good", files: { ...good?.files, "src/b.js": "process.env.OLD_NAME\n" } },
      ...rest,
    ];
    const { outsideCode: outside } = await triage(commits, "the cart is broken");
    expect(outside.signals.filter(({ kind }) => kind === "environment-variable")).toEqual([
      {
        kind: "environment-variable",
        name: "STRIPE_API_VERSION",
        text: "read for the first time in src/cart.js",
      },
    ]);
  });
});

test("a merge is one suspect: what it brought to the branch", async () => {
  const commits: CommitSpec[] = [
    { name: "good", files: { "src/a.js": numbered("a", 20) }, tags: ["v1.0.0"] },
    { name: "main", files: { "src/b.js": "b\n" } },
    {
      name: "side",
      parents: ["good"],
      files: { "src/a.js": `bad\n${numbered("a", 20)}` },
      branches: ["side"],
    },
    {
      name: "merge",
      message: "Merge side",
      parents: ["main", "side"],
      files: { "src/a.js": `bad\n${numbered("a", 20)}` },
    },
  ];
  const { suspects } = await triage(commits, "at f (/src/a.js:1:1)");
  expect(suspects.map(({ subject }) => subject)).toEqual(["Merge side", "main"]);
});

const TERMS = ["cart", "price", "tax"];

const observations = fc.array(
  fc.record({
    lines: fc.nat(5_000),
    at: fc.nat(1_000_000),
    words: fc.array(fc.nat(10_000), { minLength: FIELDS.length, maxLength: FIELDS.length }),
    area: fc.constantFrom("source" as const, "docs" as const, "test" as const, "ci" as const),
    counts: fc.array(fc.tuple(fc.nat(2), fc.nat(FIELDS.length - 1), fc.integer({ min: 1, max: 50 }))),
  }),
  { maxLength: 40 },
);

function observed(index: number, more: Partial<Observation>): Observation {
  return {
    sha: String(index).padStart(40, "0"),
    subject: "x",
    at: index,
    files: [],
    lines: 1,
    inHunk: [],
    inFile: [],
    inFunction: [],
    terms: new Map(),
    words: FIELDS.map(() => 1),
    hunks: [],
    phrases: new Map(),
    symbols: new Map(),
    flags: [],
    variables: [],
    ...more,
  };
}

test("for every range the shares are shares, sum to 1 and are in order", () => {
  fc.assert(
    fc.property(observations, fc.string(), (items, text) => {
      const query = makeQuery(parseSymptom(`${TERMS.join(" ")} ${text}`));
      const seen = items.map(({ counts, area, lines, at, words }, index): Observation => {
        const terms = new Map<number, number[]>();
        for (const [term, field, count] of counts)
          terms.set(
            term,
            FIELDS.map((_, one) => (one === field ? count : 0)),
          );
        const file = {
          path: "a",
          area,
          status: "modified",
          insertions: lines,
          deletions: 0,
          terms: [],
        } as const;
        return observed(index, { lines, at, words, terms, files: [file] });
      });
      const ground = makeGround(query, seen, NO_BACKGROUND);
      const rows = measure(ground);
      for (const row of rows) {
        expect(row).toHaveLength(VALUE_NAMES.length);
        for (const value of row) expect(value).toBeGreaterThanOrEqual(0);
      }
      const { suspects, outside } = probabilities(score(ground, rows), outsideCode(ground, rows, []).score);
      const shares = suspects.map(({ probability }) => probability);
      const sum = shares.reduce((total, share) => total + share, outside);
      expect(Math.abs(sum - 1)).toBeLessThan(1e-9);
      expect(shares).toEqual(shares.toSorted((a, b) => b - a));
      for (const share of [...shares, outside]) expect(share).toBeGreaterThanOrEqual(0);
      expect(suspects.map(({ rank }) => rank)).toEqual(suspects.map((_, index) => index + 1));
    }),
  );
});

test("a hundred thousand changes are no trouble", () => {
  const many = Array.from({ length: 150_000 }, (_, index) => observed(index, {}));
  const ground = makeGround(makeQuery(parseSymptom("")), many, NO_BACKGROUND);
  const { suspects } = probabilities(score(ground, measure(ground)), 0);
  expect(suspects).toHaveLength(150_000);
});
