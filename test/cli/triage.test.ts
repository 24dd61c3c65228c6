import { writeFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { columns } from "../../src/terminal/layout.ts";
import { answers, fakeServer } from "../support/http.ts";
import { published } from "../support/document.ts";
import { atTerminal, KEY } from "../support/person.ts";
import { type CommitSpec, type Repository, scratch, withRemote } from "../support/repository.ts";
import { mayday } from "../support/world.ts";

const price = (line: string): string =>
  Array.from({ length: 60 }, (_, n) => (n === 47 ? line : `price ${n}`)).join("\n");

const COMMITS: readonly CommitSpec[] = [
  { name: "good", message: "Release", files: { "src/price.js": price("ok") }, tags: ["v1.4.0"] },
  { name: "bad", message: "Show the customer's currency", files: { "src/price.js": price("x.currency") } },
  { name: "docs", message: "Explain prices", files: { "README.md": "prices\n" } },
  { name: "table", message: "Add a table", files: { "db/migrations/1_a.sql": "x", "k8s/web.yaml": "x" } },
];
const TRACE = "TypeError: no currency\n    at formatPrice (/app/src/price.js:48:15)\n";

interface Document {
  readonly exit: number;
  readonly error: { readonly code: string } | null;
  readonly symptom: { readonly frames: readonly unknown[] };
  readonly suspects: readonly { readonly sha: string; readonly probability: number }[];
  readonly outsideCode: { readonly probability: number };
  readonly actions: readonly { readonly command: string; readonly recommended: boolean }[];
}

function clone(commits: readonly CommitSpec[] = COMMITS): Repository {
  return withRemote(commits).clone;
}

async function json(repository: Repository, argv: readonly string[], stdin?: string): Promise<Document> {
  const options = { cwd: repository.path, ...(stdin === undefined ? {} : { stdin }) };
  return published<Document>(await mayday(["triage", "--json", ...argv], options), "triage");
}

/** Lines that are wider than the terminal, but for commands to copy. */
function tooWide(text: string, width: number): string[] {
  return text.split("\n").filter((line) => columns(line) > width && !/^\s+(?:→ )?(?:mayday|git) /.test(line));
}

describe("the document", () => {
  test("names the culprit first; all shares sum to 1", async () => {
    const shop = clone();
    const document = await json(shop, ["--top=0", "--symptom", TRACE]);
    expect(document).toMatchObject({ exit: 0, error: null });
    expect(document.suspects[0]?.sha).toBe(shop.id("bad"));
    const sum = document.suspects.reduce((total, { probability }) => total + probability, 0);
    expect(sum + document.outsideCode.probability).toBeCloseTo(1, 9);
    expect(document.actions[0]).toMatchObject({
      recommended: true,
      command: "mayday rollback production --to v1.4.0",
    });
    expect((await json(shop, ["--top=1"])).suspects).toHaveLength(1);
  });

  test("no command names what will mean something else tomorrow", async () => {
    const shop = clone();
    const sha = shop.id("good").slice(0, 8);
    for (const argv of [["--good=main~3"], ["--since=2026-01-05T09:00:00Z"]]) {
      const { actions } = await json(shop, argv);
      expect(actions.map(({ command }) => command)).toContain(`mayday rollback production --to ${sha}`);
    }
  });

  test("an empty range is exit 1 with words that are true", async () => {
    const shop = clone();
    expect(await json(shop, ["--live=v1.4.0", "--good=v1.4.0"])).toMatchObject({
      exit: 1,
      error: { code: "no-suspect" },
      suspects: [],
      outsideCode: { probability: 1 },
    });
    const same = await mayday(["triage", "--live=v1.4.0", "--good=v1.4.0"], { cwd: shop.path });
    expect(same.stdout).toContain("live is the good commit itself");
    const elsewhere = await mayday(["triage", "--path=nowhere"], { cwd: shop.path });
    expect([elsewhere.exit, elsewhere.stdout]).toEqual([1, expect.stringContaining("touches nowhere")]);
    const older = await mayday(["triage", "--live=v1.4.0", "--good=main"], { cwd: shop.path });
    expect([older.exit, older.stdout]).toEqual([1, expect.stringMatching(/live is\s+older than good/)]);
    expect(older.stderr).toContain("look outside the code");
  });

  test("wrong numbers and times are exit 2", async () => {
    const shop = clone();
    for (const option of ["--top=many", "--first-error=soon", "--symptom-file=/nowhere/log"]) {
      const run = await mayday(["triage", "--json", option], { cwd: shop.path });
      expect(published(run, "error")).toMatchObject({ exit: 2 });
    }
  });
});

describe("a symptom comes", () => {
  test("by option, file, pipe and dash, all the same", async () => {
    const shop = clone();
    const file = path.join(scratch(), "log");
    writeFileSync(file, TRACE);
    const expected = (await json(shop, ["--symptom", TRACE])).symptom;
    expect(expected.frames).toHaveLength(1);
    expect((await json(shop, ["--symptom-file", file])).symptom).toEqual(expected);
    expect((await json(shop, [], TRACE)).symptom).toEqual(expected);
    expect((await json(shop, ["-"], TRACE)).symptom).toEqual(expected);
    expect((await json(shop, ["production", "--symptom-file=-"], TRACE)).symptom).toEqual(expected);
  });

  test("of a large file head and tail are read; UTF-16 is understood", async () => {
    const shop = clone();
    const file = path.join(scratch(), "log");
    writeFileSync(file, `start\n${"noise here\n".repeat(400_000)}${TRACE}`);
    expect((await json(shop, ["--symptom-file", file])).symptom.frames).toHaveLength(1);
    writeFileSync(file, Buffer.from(`\ufeff${TRACE}`, "utf16le"));
    expect((await json(shop, ["--symptom-file", file])).symptom.frames).toHaveLength(1);
    const wide = Buffer.from(`\ufeffstart\n${"noise here\n".repeat(200_000)}${TRACE}`, "utf16le");
    // The last byte of a file that is still being written may be half a letter.
    for (const bytes of [wide, Buffer.concat([wide, Buffer.from("x")])]) {
      writeFileSync(file, bytes);
      expect((await json(shop, ["--symptom-file", file])).symptom.frames).toHaveLength(1);
    }
  });
});

describe("the text", () => {
  test("fits 80 columns, has no colour, and says what to type", async () => {
    const run = await mayday(["triage", "--symptom", TRACE], { cwd: clone().path });
    expect(run.exit).toBe(0);
    expect(tooWide(run.stdout, 80)).toEqual([]);
    // oxlint-disable-next-line no-control-regex -- that none is there is what is tested
    expect(run.stdout).not.toMatch(/\u001b/);
    expect(run.stdout).toContain("→ mayday rollback production --to v1.4.0");
    expect(run.stdout).toMatch(/frame 1 \(src\/price.js:48\) is inside a hunk of\s+src\/price.js/);
    expect(run.stdout).not.toContain("100%");
  });

  test("hostile subjects, paths and tags are made visible", async () => {
    const evil = "\u001b[2J\u202egnp\u200b";
    const shop = clone([
      { name: "good", files: { a: "1" }, tags: ["v1.0.0"] },
      {
        name: "bad",
        message: `x ${evil} [31m`,
        files: { [`src/${evil}.js`]: "1", [`db/migrations/${evil}.sql`]: "1" },
      },
    ]);
    for (const argv of [["triage"], ["diff", "-v"], ["status"], ["deploy", "list"]]) {
      const run = await mayday(
        [...argv, "--symptom", evil].slice(0, argv[0] === "triage" ? 3 : argv.length),
        {
          cwd: shop.path,
        },
      );
      // oxlint-disable-next-line no-control-regex -- that none is there is what is tested
      expect(run.stdout + run.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e\u200b]/);
      const names = argv[0] === "triage" || argv[0] === "diff";
      expect(run.stdout.includes("\\u{202e}")).toBe(names);
    }
  });
});

describe("guided, at a terminal", () => {
  test.each([80, 44])("%i columns: look, tell, go back", async (width) => {
    const shop = clone();
    const server = await fakeServer(answers(200));
    shop.write(
      "mayday.yaml",
      JSON.stringify({
        version: 1,
        channels: { room: { type: "webhook", url: `${server.url}/in` } },
        environments: { production: { alerts: { sev1: ["room"] } } },
      }),
    );
    const session = await atTerminal(
      ["triage", "--symptom", "cannot format the currency at src/price.js:48"],
      [
        { when: /What now\?/, keys: `${KEY.down}${KEY.down}${KEY.down}${KEY.enter}` },
        { when: /What now\?/, keys: KEY.enter },
        { when: /What shall they read\?/, keys: KEY.enter },
        { when: /What now\?/, keys: KEY.enter },
        { when: /Roll back production\?/, keys: `y${KEY.enter}` },
      ],
      { cwd: shop.path, columns: width },
    );
    expect(session.exit).toBe(0);
    expect(server.received[0]?.body).toContain("cannot format the currency");
    expect(shop.git("ls-remote", "origin", "refs/heads/main")).not.toContain(shop.id("table"));
    const own = session.stdout.slice(0, session.stdout.indexOf("roll back"));
    expect(tooWide(own, width)).toEqual([]);
  });

  test("Ctrl-C is exit 130 and nothing was changed", async () => {
    const shop = clone();
    const session = await atTerminal(["triage"], [{ when: /What do you see\?/, keys: KEY.interrupt }], {
      cwd: shop.path,
    });
    expect(session.exit).toBe(130);
  });
});
