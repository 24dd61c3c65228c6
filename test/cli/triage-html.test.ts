import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { published } from "../support/document.ts";
import { atTerminal } from "../support/person.ts";
import { type CommitSpec, type Repository, scratch, withRemote } from "../support/repository.ts";
import { mayday } from "../support/world.ts";

const price = (line: string): string =>
  Array.from({ length: 60 }, (_, n) => (n === 47 ? line : `price ${n}`)).join("\n");

const COMMITS: readonly CommitSpec[] = [
  {
    name: "good",
    author: "Zoe",
    message: "Release",
    files: { "src/price.js": price("ok") },
    tags: ["v1.4.0"],
  },
  {
    name: "bad",
    author: "Zoe",
    message: "Show the customer's currency",
    files: { "src/price.js": price("return x.currency") },
  },
  { name: "docs", author: "Zoe", message: "Explain prices", files: { "README.md": "prices\n".repeat(12) } },
];
const TRACE = "TypeError: no currency\n    at formatPrice (/app/src/price.js:48:15)\n";

function shop(): Repository {
  return withRemote(COMMITS).clone;
}

function triage(repository: Repository, ...argv: string[]): ReturnType<typeof mayday> {
  return mayday(["triage", "--symptom", TRACE, ...argv], { cwd: repository.path });
}

describe("the page", () => {
  test("is written beside the usual answer", async () => {
    const repository = shop();
    const plain = await triage(repository);
    const run = await triage(repository, "--html", "out.html");
    expect(run).toMatchObject({ exit: 0, stdout: plain.stdout, stderr: `${plain.stderr}wrote out.html\n` });
    const page = readFileSync(path.join(repository.path, "out.html"), "utf8");
    for (const part of [
      "Show the customer&#39;s currency",
      repository.id("bad"),
      "v1.4.0",
      "src/price.js:48",
    ])
      expect(page).toContain(part);
    expect(page).toMatch(/\+12<\/span\s*>/);
    expect(page).not.toContain("Zoe");
    expect(readdirSync(repository.path).toSorted()).toEqual([".git", "README.md", "out.html", "src"]);
  });

  test("shows the lines that matter, with what the symptom names", async () => {
    const repository = shop();
    await triage(repository, "--html=out.html");
    const page = readFileSync(path.join(repository.path, "out.html"), "utf8");
    const article = page.slice(page.indexOf('id="suspect-1"'), page.indexOf('id="suspect-2"'));
    expect(article).toContain('data-number="48"');
    expect(article).toMatch(/<mark>currency<\/mark\s*>/);
  });

  test("its path is in the document, and only where one was asked for", async () => {
    const repository = shop();
    const run = await triage(repository, "--json", "--html", "pages.html");
    const { html } = published<{ html: string }>(run, "triage");
    expect(statSync(html).size).toBeGreaterThan(10_000);
    expect(path.basename(html)).toBe("pages.html");
    expect(run.stderr).toBe("");
    expect(published(await triage(repository, "--json"), "triage")).not.toHaveProperty("html");
  });

  test("is written for an empty range too", async () => {
    const repository = shop();
    const run = await triage(repository, "--good=v1.4.0", "--live=v1.4.0", "--html=out.html");
    expect(run.exit).toBe(1);
    expect(readFileSync(path.join(repository.path, "out.html"), "utf8")).toContain("Nothing changed");
  });

  test("sizes are those of the path that is looked at", async () => {
    const repository = withRemote([
      { name: "good", files: { "api/a": "1", "web/b": "1" }, tags: ["v1.0.0"] },
      { name: "both", files: { "api/a": "1\n2\n3\n", "web/b": "x\n".repeat(900) } },
    ]).clone;
    await triage(repository, "--path=api", "--html=out.html");
    const page = readFileSync(path.join(repository.path, "out.html"), "utf8");
    expect(page).toMatch(/· 4 lines ·/);
  });

  test("is there before the guided flow asks what to do", async () => {
    const repository = shop();
    const session = await atTerminal(
      ["triage", "--symptom", TRACE, "--html", "out.html"],
      [{ when: /What now\?/, keys: "\u0003" }],
      { cwd: repository.path },
    );
    expect(session.screen).toContain("wrote out.html");
    expect(statSync(path.join(repository.path, "out.html")).size).toBeGreaterThan(10_000);
  });
});

describe("the file", () => {
  test("a page of mayday's, or an empty file, is replaced", async () => {
    const repository = shop();
    writeFileSync(path.join(repository.path, "out.html"), "");
    expect((await triage(repository, "--html=out.html")).exit).toBe(0);
    const first = readFileSync(path.join(repository.path, "out.html"), "utf8");
    expect((await triage(repository, "--top=1", "--html=out.html")).exit).toBe(0);
    const second = readFileSync(path.join(repository.path, "out.html"), "utf8");
    expect(second.length).toBeLessThan(first.length);
  });

  test.each([
    ["src/price.js", /src\/price\.js is there already and was not made by mayday/, "triage.html"],
    ["src", /src is a directory/, "mayday triage --html src/triage.html"],
    ["gone/", /gone\/ names a directory/, "mayday triage --html gone/triage.html"],
    ["link.html", /link\.html is a symbolic link/, "triage.html"],
    ["nowhere/out.html", /there is no directory nowhere/, "mkdir -p nowhere"],
    ["README.md/out.html", /--html/, "triage.html"],
    ["-", /standard output is the answer/, "triage.html"],
    ["", /wants the name of a file/, "triage.html"],
    ["/dev/null", /\/dev\/null is no regular file/, "triage.html"],
  ])("--html=%s is refused, and nothing is written", async (name, message, hint) => {
    const repository = shop();
    const target = path.join(scratch(), "target");
    writeFileSync(target, "mine");
    symlinkSync(target, path.join(repository.path, "link.html"));
    const run = await triage(repository, `--html=${name}`);
    expect(run).toMatchObject({ exit: 2, stdout: "" });
    expect(run.stderr).toMatch(message);
    expect(run.stderr).toContain(hint);
    expect(readFileSync(target, "utf8")).toBe("mine");
    expect(repository.git("status", "--porcelain")).toBe("?? link.html");
  });

  test("-C is where a relative name begins", async () => {
    const repository = shop();
    mkdirSync(path.join(repository.path, "pages"));
    const run = await mayday(["-C", repository.path, "triage", "--html=pages/a.html", "--symptom=x"], {
      cwd: scratch(),
    });
    expect(run.stderr).toContain("wrote pages/a.html");
    expect(statSync(path.join(repository.path, "pages/a.html")).mode & 0o777 & ~0o666).toBe(0);
  });
});
