import { execFileSync } from "node:child_process";
import v8 from "node:v8";
import vm from "node:vm";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { streamRange } from "../../src/git/history.ts";
import { openRepository } from "../../src/git/open.ts";
import { type Caps, COMMIT_FORMAT, PatchParser } from "../../src/git/patch-parser.ts";
import type { RawCommit, RawFile } from "../../src/git/raw-commit.ts";
import { build, type CommitSpec, type Files, type Repository } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

const CAPS: Caps = { fileLines: 10_000, commitLines: 100_000, lineLength: 400, skipText: () => false };

async function read(repository: Repository, good: string, live: string, caps = CAPS): Promise<RawCommit[]> {
  const git = await openRepository({ cwd: repository.path, env: cleanEnv() });
  const commits: RawCommit[] = [];
  for await (const commit of streamRange(git, { good, live, paths: [] }, caps)) commits.push(commit);
  return commits;
}

function bytes(repository: Repository, args: readonly string[], input?: Buffer): Buffer {
  return execFileSync("git", args, { cwd: repository.path, env: cleanEnv(), input, maxBuffer: 1 << 28 });
}

interface Counted {
  readonly path: string;
  readonly from?: string;
  /** Null for binary files. */
  readonly insertions: number | null;
  readonly deletions: number | null;
}

/** What git itself counts, by another command and another format. */
function counted(repository: Repository, sha: string): Counted[] {
  const args = ["show", "--numstat", "-z", "-M", "-l400", "--diff-merges=first-parent", "--format=", sha];
  const fields = bytes(repository, args).toString("utf8").split("\0").slice(0, -1);
  const files: Counted[] = [];
  const count = (text: string | undefined): number | null => (text === "-" ? null : Number(text));
  while (fields.length > 0) {
    const [, insertions, deletions, name = ""] =
      /^\n?([^\t]*)\t([^\t]*)\t(.*)$/s.exec(fields.shift() ?? "") ?? [];
    const two = name === "" ? { from: fields.shift() ?? "", path: fields.shift() ?? "" } : { path: name };
    files.push({ ...two, insertions: count(insertions), deletions: count(deletions) });
  }
  return byPath(files);
}

function byPath<T extends { readonly path: string }>(files: readonly T[]): T[] {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function asCounted(files: readonly RawFile[]): Counted[] {
  return byPath(
    files.map(({ path, from, binary, insertions, deletions }) => ({
      path,
      ...(from === undefined ? {} : { from }),
      insertions: binary ? null : insertions,
      deletions: binary ? null : deletions,
    })),
  );
}

/** Statuses from `diff-tree`, which shares no format with a patch. */
function statuses(repository: Repository, sha: string): Record<string, string> {
  const parent = bytes(repository, ["rev-list", "--parents", "-1", sha]).toString().trim().split(" ")[1];
  const empty = bytes(repository, ["hash-object", "-t", "tree", "--stdin"], Buffer.alloc(0))
    .toString()
    .trim();
  const args = ["diff-tree", "-r", "-z", "-M", "-l400", "--name-status", parent ?? empty, sha];
  const fields = bytes(repository, args).toString("utf8").split("\0").slice(0, -1);
  const found: Record<string, string> = {};
  while (fields.length > 0) {
    const letter = fields.shift()?.[0] ?? "";
    if (letter === "R") fields.shift();
    found[fields.shift() ?? ""] = letter;
  }
  return found;
}

const LETTERS = { added: "A", modified: "M", deleted: "D", renamed: "R", copied: "C", type: "T" } as const;

function lines(blob: Buffer): string[] {
  const all = blob.toString("utf8").split("\n");
  return all.at(-1) === "" ? all.slice(0, -1) : all;
}

/** The new file, made from the old one and the hunks alone. */
function applied(old: readonly string[], file: RawFile): string[] {
  const made: string[] = [];
  let at = 0;
  for (const hunk of file.hunks) {
    const start = hunk.oldLines === 0 ? hunk.oldStart : hunk.oldStart - 1;
    made.push(...old.slice(at, start), ...hunk.added);
    expect(old.slice(start, start + hunk.oldLines)).toEqual(hunk.removed);
    at = start + hunk.oldLines;
  }
  return [...made, ...old.slice(at)];
}

const NAMES = [
  "plain.txt",
  "two words.txt",
  'a "quote"',
  "new\nline",
  "\ttab first",
  "tab\tin it",
  "-dash",
  ":(top)magic",
  ":100644 100644 raw",
  "back\\slash",
  "ö",
  "dir b/dir b",
  "diff --git a/x b/x",
  "x\u202Ebidi",
  " space ",
];
const LINES = [
  "text",
  "other text",
  "",
  " ",
  "-",
  "+",
  "diff --git a/fake b/fake",
  "@@ -1 +1 @@ fake",
  "\\ No newline at end of file",
  "--- a/fake",
  "+++ b/fake",
  `\u0001${"0".repeat(40)}`,
  "with return\r",
  "é\u2028",
  "Binary files a/x and b/x differ",
  "rename to fake",
];
const MESSAGES = [
  "Plain subject\n\nand a body\n",
  "\n\n  \nAfter blank lines\n",
  `\u0001${"0".repeat(40)}\n\ndiff --git a/fake b/fake\nnew file mode 100644\n--- /dev/null\n+++ b/fake\n@@ -0,0 +1 @@\n+fake\n`,
  "commit 0000000000000000000000000000000000000000\nAuthor: Fake <fake@example.com>\n\n    fake\n",
  "no newline at the end",
  "",
];

const content = fc
  .tuple(fc.array(fc.constantFrom(...LINES), { maxLength: 12 }), fc.boolean())
  .map(([text, ended]) => text.join("\n") + (ended && text.length > 0 ? "\n" : ""));
const file = fc.oneof(
  { weight: 8, arbitrary: content },
  { weight: 2, arbitrary: fc.constant(null) },
  // Never the same twice: of a binary file that only moved, a patch does not say that it is one.
  {
    weight: 1,
    arbitrary: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((end) => Buffer.from([0, 255, ...end])),
  },
  { weight: 1, arbitrary: fc.constant({ mode: "120000", data: "target" } as const) },
  { weight: 1, arbitrary: content.map((data) => ({ mode: "100755", data }) as const) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("1", "2")
      .map((digit) => ({ mode: "160000", data: digit.repeat(40) }) as const),
  },
);
const history = fc
  .array(
    fc.record({
      files: fc.dictionary(fc.constantFrom(...NAMES), file, { maxKeys: 5 }),
      message: fc.constantFrom(...MESSAGES),
      sides: fc.array(fc.nat(), { maxLength: 2 }),
    }),
    { minLength: 3, maxLength: 10 },
  )
  .map((steps): CommitSpec[] =>
    steps.map(({ files, message, sides }, index) => {
      const first = index === 0 ? [] : [`c${index - 1}`];
      // Merges with one or two older commits beside the first parent.
      const others = index < 2 ? [] : sides.map((side) => `c${side % (index - 1)}`);
      return { name: `c${index}`, files, message, parents: [...new Set([...first, ...others])] };
    }),
  );

describe("against git's own counts, on random histories", () => {
  test("every file, its status, its counts; and the hunks make the new file of the old one", async () => {
    const check = async (commits: readonly CommitSpec[]): Promise<void> => {
      const repository = build(commits, { bare: true });
      const [good, live] = [repository.id("c0"), repository.id(`c${commits.length - 1}`)];
      const seen = await read(repository, good, live);
      const expected = repository.git("rev-list", "--first-parent", `${good}..${live}`);
      expect(seen.map(({ sha }) => sha)).toEqual(expected.split("\n"));
      for (const commit of seen) {
        expect(asCounted(commit.files)).toEqual(counted(repository, commit.sha));
        const found = commit.files.map(({ path, status }) => [path, LETTERS[status]] as const);
        expect(Object.fromEntries(found)).toEqual(statuses(repository, commit.sha));
        const spec = commits.find(({ name }) => repository.id(name) === commit.sha);
        expect(commit.message.trimEnd()).toBe(spec?.message?.replace(/^\s*\n/, "").trimEnd());
        for (const one of commit.files) {
          if (one.binary || one.status !== "modified" || one.hunks[0]?.added[0]?.startsWith("Subproject"))
            continue;
          const blob = (rev: string): string[] =>
            lines(bytes(repository, ["cat-file", "blob", `${rev}:${one.path}`]));
          expect(applied(blob(`${commit.sha}^1`), one)).toEqual(blob(commit.sha));
        }
      }
    };
    await fc.assert(fc.asyncProperty(history, check), { numRuns: 30, seed: 20_260_105 });
  });
});

const LATIN = Buffer.from("caf\xe9.txt", "latin1");

/** A history of everything odd at once; the last commit is made by hand, byte for byte. */
function odd(): { repository: Repository; good: string; live: string } {
  const long = (word: string): string => Array.from({ length: 30 }, (_, n) => `${word} ${n}\n`).join("");
  const all: Files = Object.fromEntries(NAMES.map((name) => [name, long(name.slice(0, 3))]));
  const moved: Record<string, string | null> = {};
  for (const name of NAMES) {
    moved[name] = null;
    moved[`moved/${name}`] = `${long(name.slice(0, 3))}one more\n`;
  }
  const repository = build([
    { name: "root", files: { ...all, "run.sh": "true\n", empty: "", link: "a file\n" } },
    { name: "moved", files: moved, message: MESSAGES[2] ?? "" },
    {
      name: "modes",
      files: {
        "run.sh": { mode: "100755", data: "true\n" },
        link: { mode: "120000", data: "empty" },
        "sub module": { mode: "160000", data: "1".repeat(40) },
        picture: Buffer.from([137, 80, 0, 255]),
        broken: Buffer.from("ok\n\xff\xfe broken\n\u0001\n", "latin1"),
        "empty too": "",
      },
    },
    { name: "side", parents: ["root"], files: { "from side": "side\n" }, branches: ["side"] },
    { name: "side too", parents: ["root"], files: { "from side too": "side\n" }, branches: ["side2"] },
    { name: "octopus", parents: ["modes", "side", "side too"], files: { "from side": "side\n" } },
  ]);
  const tree = repository.git("rev-parse", "main^{tree}");
  const blob = repository.git("rev-parse", "main:run.sh");
  const listed = bytes(repository, ["ls-tree", "-z", tree]);
  const entry = Buffer.concat([Buffer.from(`100644 blob ${blob}\t`), LATIN, Buffer.from([0])]);
  const made = bytes(repository, ["mktree", "-z", "--missing"], Buffer.concat([listed, entry]))
    .toString()
    .trim();
  const commit = Buffer.from(
    `tree ${made}\nparent ${repository.id("octopus")}\nauthor \xff\u0001 <x> 1767603600 +0000\ncommitter x <x> 1767603600 +0000\n\nSubject \xff\xfe\n\u0001fake\0hidden\n`,
    "latin1",
  );
  const args = ["hash-object", "-t", "commit", "-w", "--stdin", "--literally"];
  return {
    repository,
    good: repository.id("root"),
    live: bytes(repository, args, commit).toString().trim(),
  };
}

function parse(chunks: Iterable<Buffer>, caps = CAPS): RawCommit[] {
  const parser = new PatchParser(caps);
  const commits: RawCommit[] = [];
  for (const chunk of chunks) commits.push(...parser.push(chunk));
  commits.push(...parser.end());
  return commits;
}

function* pieces(whole: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}

describe("what is odd", () => {
  test("renames of every name, modes, links, submodules, binaries, an octopus, bytes that are no text", async () => {
    const { repository, good, live } = odd();
    const seen = await read(repository, good, live);
    expect(seen.map(({ message }) => message.split("\n", 1)[0])).toEqual([
      "Subject \uFFFD\uFFFD",
      "octopus",
      "modes",
      MESSAGES[2]?.split("\n", 1)[0],
    ]);
    const [last, octopus, modes, renamed] = seen;
    expect(last).toMatchObject({ author: "\uFFFD\u0001", message: "Subject \uFFFD\uFFFD\n\u0001fake" });
    expect(last?.files.map(({ path, status }) => [path, status])).toEqual([["caf\uFFFD.txt", "added"]]);
    expect(octopus?.parents).toHaveLength(3);
    expect(octopus?.files.map(({ path }) => path)).toEqual(["from side"]);
    const pairs = renamed?.files.map(({ from, path }) => `${from} → ${path}`);
    expect(pairs?.toSorted()).toEqual(NAMES.map((name) => `${name} → moved/${name}`).toSorted());
    const of = (path: string): RawFile | undefined => modes?.files.find((one) => one.path === path);
    expect(of("run.sh")).toMatchObject({ status: "modified", hunks: [], insertions: 0 });
    expect(of("link")).toMatchObject({ status: "type", insertions: 1, deletions: 1 });
    expect(of("sub module")?.hunks[0]?.added).toEqual([`Subproject commit ${"1".repeat(40)}`]);
    expect(of("picture")).toMatchObject({ status: "added", binary: true });
    expect(of("broken")?.hunks[0]?.added).toEqual(["ok", "\uFFFD\uFFFD broken", "\u0001"]);
    expect(of("empty too")).toMatchObject({ status: "added", hunks: [] });
    for (const { sha, files } of seen) expect(asCounted(files)).toEqual(counted(repository, sha));
  });

  test("the same whatever the person's configuration says about how a diff looks", async () => {
    const { repository, good, live } = odd();
    const before = await read(repository, good, live);
    const settings = [
      ["diff.noprefix", "true"],
      ["diff.mnemonicPrefix", "true"],
      ["diff.context", "7"],
      ["diff.interHunkContext", "9"],
      ["diff.renames", "copies"],
      ["diff.submodule", "log"],
      ["diff.orderFile", "/nonexistent"],
      ["diff.suppressBlankEmpty", "true"],
      ["diff.algorithm", "patience"],
      ["log.diffMerges", "combined"],
      ["log.showRoot", "false"],
      ["log.follow", "true"],
      ["log.decorate", "full"],
      ["color.ui", "always"],
      ["i18n.logOutputEncoding", "UTF-16"],
      ["i18n.commitEncoding", "latin1"],
      ["core.quotePath", "true"],
      ["format.pretty", "raw"],
      ["core.abbrev", "4"],
    ] as const;
    for (const [key, value] of settings) repository.git("config", key, value);
    expect(await read(repository, good, live)).toEqual(before);
  });

  test("chunk boundaries change nothing", () => {
    const { repository, live } = odd();
    const format = `--format=${COMMIT_FORMAT}`;
    const raw = bytes(repository, ["log", "-p", "-U0", "-M", "--diff-merges=first-parent", format, live]);
    const whole = parse([raw]);
    expect(whole.length).toBeGreaterThan(5);
    for (const size of [1, 2, 3, 7, 64, 4_096]) expect(parse(pieces(raw, size))).toEqual(whole);
    const caps = { ...CAPS, lineLength: 3, fileLines: 2 };
    expect(parse(pieces(raw, 1), caps)).toEqual(parse([raw], caps));
  });

  test("cut anywhere, lines of every length come out whole, the unchanged ones too", () => {
    const made = fc.array(
      fc.tuple(
        fc.constantFrom("-", "+", " "),
        fc.oneof(
          fc.nat({ max: 8 }),
          fc.integer({ min: 90, max: 100 }),
          fc.integer({ min: 395, max: 405 }),
          fc.integer({ min: 1_195, max: 1_205 }),
        ),
        fc.constantFrom("x", "é", "\u20ac"),
      ),
      { minLength: 1, maxLength: 12 },
    );
    const check = (hunk: readonly (readonly [string, number, string])[], size: number): void => {
      const shown = hunk.map(([mark, length, letter]) => ({ mark, text: letter.repeat(length) }));
      const only = (...marks: string[]): string[] =>
        shown.filter(({ mark }) => marks.includes(mark)).map(({ text }) => text);
      const fields = ["1".repeat(40), "", "1767603600", "Ana", "one\n", ""].join("\0");
      const head = `\u0001${fields}\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n`;
      const range = `@@ -1,${only("-", " ").length} +1,${only("+", " ").length} @@ in here\n`;
      const body = shown.map(({ mark, text }) => `${mark}${text}\n`).join("");
      const next = "diff --git a/y b/y\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n";
      const raw = Buffer.from(`${head}${range}${body}${next}`);
      const cut = (text: string): string => text.slice(0, CAPS.lineLength);
      const [apart] = parse(pieces(raw, size));
      expect(apart?.files.map(({ path, insertions }) => [path, insertions])).toEqual([
        ["x", only("+").length],
        ["y", 1],
      ]);
      expect(apart?.files[0]?.hunks[0]?.added).toEqual(only("+").map(cut));
      expect(apart?.files[0]?.hunks[0]?.removed).toEqual(only("-").map(cut));
      const [inOrder] = parse(pieces(raw, size), { ...CAPS, inOrder: true });
      const cutAll = shown.map(({ mark, text }) => ({ mark, text: cut(text) }));
      expect(inOrder?.files[0]?.hunks[0]?.lines).toEqual(cutAll);
    };
    fc.assert(fc.property(made, fc.integer({ min: 1, max: 700 }), check), {
      numRuns: 300,
      seed: 20_260_105,
    });
  });
});

describe("caps", () => {
  const many = Array.from({ length: 50 }, (_, n) => `line ${n} é`).join("\n");

  test("lines beyond are counted and not kept; lines are cut; some files are only counted", async () => {
    const repository = build([
      { name: "one" },
      { name: "two", files: { a: many, b: many, lock: many, "c.txt": "short\n" } },
    ]);
    const caps = {
      fileLines: 20,
      commitLines: 30,
      lineLength: 6,
      skipText: (path: string) => path === "lock",
    };
    const [commit] = await read(repository, repository.id("one"), repository.id("two"), caps);
    const kept = Object.fromEntries(
      (commit?.files ?? []).map((one) => [
        one.path,
        [one.insertions, one.hunks[0]?.added.length, one.truncated],
      ]),
    );
    expect(kept).toEqual({
      a: [50, 20, true],
      b: [50, 10, true],
      "c.txt": [1, 0, true],
      lock: [50, 0, true],
    });
    expect(commit?.files[0]?.hunks[0]?.added[0]).toBe("line 0");
  });

  test("a line of many megabytes is read through, and its beginning kept", async () => {
    const huge = `${"x".repeat(30_000_000)}\nend\n`;
    const repository = build([{ name: "one" }, { name: "two", files: { "bundle.js": huge, other: "o\n" } }]);
    const [commit] = await read(repository, repository.id("one"), repository.id("two"));
    expect(commit?.files.map(({ path, insertions }) => [path, insertions])).toEqual([
      ["bundle.js", 2],
      ["other", 1],
    ]);
    expect(commit?.files[0]?.hunks[0]?.added).toEqual(["x".repeat(400), "end"]);
  });

  test("a commit of very many hunks keeps a bounded number and counts all", () => {
    const hunk = (n: number): string => `@@ -${n} +${n} @@\n-a\n+b\n`;
    const fields = ["1".repeat(40), "", "1767603600", "Ana", "many\n", ""].join("\0");
    const head = `\u0001${fields}\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n`;
    const raw = Buffer.from(head + Array.from({ length: 60_000 }, (_, n) => hunk(n + 1)).join(""));
    const [commit] = parse(pieces(raw, 65_536));
    expect(commit?.files[0]).toMatchObject({ insertions: 60_000, deletions: 60_000, truncated: true });
    expect(commit?.files[0]?.hunks.length).toBe(50_000);
  });
});

/** Bytes that are still reachable. */
function reachable(): number {
  v8.setFlagsFromString("--expose-gc");
  (vm.runInNewContext("gc") as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test("what is kept of a long range holds on to nothing else of it", async () => {
  const text = (seed: number): string =>
    Array.from(
      { length: 400 },
      (_, n) => `the line number ${n} of version ${seed}, with some text behind it\n`,
    ).join("");
  const commits = Array.from({ length: 1_000 }, (_, n) => ({ name: `c${n}`, files: { a: text(n) } }));
  const repository = build(commits, { bare: true });
  const git = await openRepository({ cwd: repository.path, env: cleanEnv() });
  const [good, live] = [repository.id("c0"), repository.id("c999")];
  const before = reachable();
  const kept: string[] = [];
  let bytesRead = 0;
  for await (const commit of streamRange(git, { good, live, paths: [] }, CAPS)) {
    const added = commit.files[0]?.hunks[0]?.added ?? [];
    for (const line of added) bytesRead += line.length;
    kept.push(commit.sha, commit.message.split("\n", 1)[0] ?? "", added[0] ?? "");
  }
  expect(kept).toHaveLength(2_997);
  expect(bytesRead).toBeGreaterThan(20_000_000);
  expect(reachable() - before).toBeLessThan(5_000_000);
});
