import { expect, test } from "vitest";

import { published } from "../support/document.ts";
import { type Repository, withRemote } from "../support/repository.ts";
import { mayday } from "../support/world.ts";

test("files by area: renames, binaries, links and submodules are named as such", async () => {
  const text = "line\n".repeat(40);
  const { clone } = withRemote([
    { name: "one", files: { "src/old.js": text, "src/gone.js": "x" }, tags: ["v1.0.0"] },
    {
      name: "two",
      files: {
        "src/old.js": null,
        "src/new.js": text,
        "src/gone.js": null,
        "logo.png": Buffer.from([0, 1, 2, 0]),
        link: { mode: "120000", data: "src" },
        "lib/dep": { mode: "160000", data: "1".repeat(40) },
        "db/migrations/1.sql": "x\n",
      },
    },
  ]);
  const document = published<{ areas: { area: string; files: object[] }[] }>(
    await mayday(["diff", "--json"], { cwd: clone.path }),
    "diff",
  );
  const files = document.areas.flatMap((area) => area.files);
  expect(files).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ path: "src/new.js", from: "src/old.js", status: "renamed" }),
      expect.objectContaining({ path: "src/gone.js", status: "deleted" }),
      expect.objectContaining({ path: "logo.png", binary: true, insertions: null }),
      expect.objectContaining({ path: "link", kind: "symlink" }),
      expect.objectContaining({ path: "lib/dep", kind: "submodule" }),
    ]),
  );
  expect(document.areas.map(({ area }) => area)).toContain("migration");
  const run = await mayday(["diff"], { cwd: clone.path });
  expect(run.stdout).toContain("R src/old.js → src/new.js");
  expect(run.stdout).toMatch(/logo\.png +binary/);
});

test("nothing differs: said, exit 0", async () => {
  const { clone } = withRemote([{ name: "one", files: { a: "1" }, tags: ["v1.0.0"] }]);
  const run = await mayday(["diff", "--good=main"], { cwd: clone.path });
  expect([run.exit, run.stdout]).toEqual([0, expect.stringContaining("Nothing differs")]);
});

const PRICE = [
  "export function formatPrice(amount, currency) {",
  "  const symbol = SYMBOLS[currency] ?? currency;",
  "  return symbol + amount.toFixed(2);",
  "}",
];
const NOW = PRICE.with(1, "  const symbol = CURRENCIES[currency].symbol;");
const SYMPTOM =
  "TypeError: Cannot read properties of undefined (reading 'symbol') at formatPrice (src/price.js:2:39)";

interface Hunk {
  readonly path: string;
  readonly newStart: number;
  readonly above: number;
  readonly below: number;
  readonly lines: { mark: string; text: string; changed: number[][]; matched: number[][] }[];
}
type DiffDocument = {
  only: { sha: string } | null;
  hunks: Hunk[];
  truncated: number;
  areas: { files: { path: string }[] }[];
};

function shop(more: Readonly<Record<string, string>> = {}): Repository {
  return withRemote([
    { name: "good", files: { "src/price.js": `${PRICE.join("\n")}\n` }, tags: ["v1.0.0"] },
    {
      name: "price",
      message: "Use the currency's own symbol",
      files: { "src/price.js": `${NOW.join("\n")}\n` },
    },
    { name: "table", files: { "db/migrations/1.sql": "ALTER TABLE a ADD b int;\n", ...more } },
  ]).clone;
}

test("the hunks that matter are in the document: by risk, or by the symptom", async () => {
  const { path: cwd } = shop();
  const plain = published<DiffDocument>(await mayday(["diff", "--json"], { cwd }), "diff");
  expect(plain.hunks.map(({ path }) => path)).toEqual(["db/migrations/1.sql", "src/price.js"]);
  const run = await mayday(["diff", "--json", "--symptom", SYMPTOM], { cwd });
  const [first, second] = published<DiffDocument>(run, "diff").hunks;
  expect([first?.path, second?.path]).toEqual(["src/price.js", "db/migrations/1.sql"]);
  const removed = first?.lines.find(({ mark }) => mark === "-");
  const pieces = (spans: number[][] = []): string[] =>
    spans.map(([from, to]) => removed?.text.slice(from, to) ?? "");
  expect(pieces(removed?.changed)).toEqual(["SYMBOLS", " ?? currency"]);
  expect(pieces(removed?.matched)).toEqual(["symbol", "SYMBOLS"]);
  expect(run.json()).toMatchObject({ only: null, truncated: 0 });
});

test("a long list is cut, and says by how much; -v has all", async () => {
  const files = Object.fromEntries(Array.from({ length: 80 }, (_, n) => [`src/f${n}.js`, `go(${n});\n`]));
  const { path: cwd } = shop({ ...files, "src/long.js": "go();\n".repeat(300) });
  const cut = published<DiffDocument>(await mayday(["diff", "--json"], { cwd }), "diff");
  expect([cut.hunks.length, cut.truncated]).toEqual([50, 33]);
  const all = published<DiffDocument>(await mayday(["diff", "--json", "-v"], { cwd }), "diff");
  expect([all.hunks.length, all.truncated]).toEqual([83, 0]);
  const long = (document: DiffDocument): number | undefined =>
    document.hunks.find(({ path }) => path === "src/long.js")?.lines.length;
  expect([long(cut), long(all)]).toEqual([60, 300]);
  const text = await mayday(["diff"], { cwd });
  expect(text.stdout).toMatch(/… and \d+ more hunks; more of them with -v/);
  expect(text.stdout.split("\n").length).toBeLessThan(90);
  const whole = await mayday(["diff", "-v"], { cwd });
  expect(whole.stdout).toContain("go(79);");
});

test("areas, then what matters most, then the files; the symptom's own place first", async () => {
  const { path: cwd } = shop();
  const { stdout } = await mayday(["diff", "--symptom", SYMPTOM], { cwd });
  const places = [
    "not only code",
    "What matters most  nearest to the symptom first",
    "  src/price.js\n",
    "ALTER TABLE",
    "M src/price.js",
  ];
  const found = places.map((place) => stdout.indexOf(place));
  expect(found).not.toContain(-1);
  expect(found).toEqual(found.toSorted((a, b) => a - b));
  expect(stdout).toContain(
    "      -   const symbol = SYMBOLS[currency] ?? currency;\n                ^^^^^^   ^^^^^^^          ~~~~~~~~~~~~\n",
  );
});

test("--only shows one change, named in any way git knows; a first commit too", async () => {
  const repository = shop();
  const cwd = repository.path;
  const run = await mayday(["diff", "--only", "main~1", "--json"], { cwd });
  const document = published<DiffDocument>(run, "diff");
  expect(document.only).toMatchObject({
    sha: repository.id("price"),
    subject: "Use the currency's own symbol",
  });
  expect(document.hunks.map(({ path }) => path)).toEqual(["src/price.js"]);
  expect(document.areas.flatMap(({ files }) => files.map(({ path }) => path))).toEqual(["src/price.js"]);
  const text = await mayday(["diff", "--only", "main~1"], { cwd });
  expect(text.stdout).toMatch(/^[0-9a-f]{8} {2}Use the currency's own symbol/);
  const root = await mayday(["diff", "--only", "v1.0.0"], { cwd });
  expect(root.stdout).toContain("1 + export function formatPrice");
  const elsewhere = await mayday(["diff", "--only", "main~1", "--path", "db"], { cwd });
  expect(elsewhere.stdout).toContain("It changes nothing below db.");
  const none = await mayday(["diff", "--only", "nothing"], { cwd });
  expect([none.exit, none.stderr]).toEqual([2, expect.stringContaining("there is no commit nothing")]);
});

test("a pipe is not read unless it is named", async () => {
  const { path: cwd } = shop();
  const silent = await mayday(["diff"], { cwd, stdin: SYMPTOM });
  expect(silent.stdout).toContain("most risky first");
  const named = await mayday(["diff", "--symptom-file", "-"], { cwd, stdin: SYMPTOM });
  expect(named.stdout).toContain("nearest to the symptom first");
});
