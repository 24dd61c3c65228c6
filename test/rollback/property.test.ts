/* oxlint-disable vitest/no-conditional-expect -- what a night must hold depends on the night */
import { appendFileSync, chmodSync, lstatSync, rmSync } from "node:fs";
import path from "node:path";

import * as fc from "fast-check";
import { expect, test } from "vitest";

import { build, type CommitSpec, type Files, git, Repository } from "../support/repository.ts";
import { mayday } from "../support/world.ts";
import { belongings, expectRestored, filesOf, refsOf, type RollbackDocument, treeOf } from "./shop.ts";

const LONG = process.env["MAYDAY_LONG"] === "1";
const RUNS = LONG ? 1_000 : 40;
const SEED = Number(process.env["MAYDAY_SEED"] ?? 20_261_124);

const NAMES = [
  "a.txt",
  "b.txt",
  "src/cart.ts",
  "src/price.ts",
  "dir/x",
  "dir/y/z",
  "with space",
  "new\nline",
  'quote"d',
  "-dash",
  ":(top)",
  "*?[glob]",
  "é",
  "tab\tbed",
  "deep/er/and/deeper/file",
] as const;

/** One commit: what it does to the files it has before it. */
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("write" as const), name: fc.nat(), text: fc.nat(5) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), name: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("rename" as const), name: fc.nat(), to: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("mode" as const), name: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("merge" as const), name: fc.nat(), text: fc.nat(5) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("revert" as const), back: fc.nat(3) }) },
);

/** Something of the person's own in the work tree. */
const dirt = fc.record({
  kind: fc.constantFrom(
    "edit",
    "empty",
    "delete",
    "stage",
    "untrack",
    "mode",
    "assume",
    "skip",
    "untracked",
    "ignored",
  ),
  name: fc.nat(),
});

const night = fc.record({
  steps: fc.array(step, { minLength: 2, maxLength: 10 }),
  good: fc.nat(),
  dirt: fc.array(dirt, { maxLength: 4 }),
  undo: fc.boolean(),
});

type State = ReadonlyMap<string, { readonly text: string; readonly executable: boolean }>;

function pick<T>(list: readonly T[], n: number): T | undefined {
  return list[n % Math.max(1, list.length)];
}

/** A name that can stand beside the files there are: none of its directories is a file, and it is no directory. */
function fits(state: State, name: string): boolean {
  return [...state.keys()].every((other) => !other.startsWith(`${name}/`) && !name.startsWith(`${other}/`));
}

function changesOf(from: State, to: State): Files {
  const files: Record<string, Files[string]> = {};
  for (const name of from.keys()) if (!to.has(name)) files[name] = null;
  for (const [name, { text, executable }] of to) {
    const old = from.get(name);
    if (old?.text !== text || old.executable !== executable)
      files[name] = executable ? { mode: "100755", data: text } : text;
  }
  return files;
}

/** The commits of a night, as fast-import takes them; `side` commits are the second parents of merges. */
function historyOf(
  steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[],
  good: number,
): CommitSpec[] {
  const first: State = new Map(
    NAMES.slice(0, 8).map((name) => [name, { text: `${name}\n1\n2\n3\n`, executable: false }]),
  );
  const states: State[] = [first];
  const tagAt = good % steps.length;
  const commits: CommitSpec[] = [
    { name: "c0", files: changesOf(new Map(), first), ...(tagAt === 0 ? { tags: ["v1.0.0"] } : {}) },
  ];
  for (const [index, one] of steps.entries()) {
    const before = states.at(-1) ?? first;
    const next = new Map(before);
    const name = "name" in one ? (pick([...before.keys()], one.name) ?? "a.txt") : "";
    const fresh = "name" in one ? (NAMES[one.name % NAMES.length] ?? "a.txt") : "";
    const text = "text" in one ? `${fresh}\n1\n${"text ".repeat(one.text)}\n3\n` : "";
    if ((one.kind === "write" || one.kind === "merge") && fits(before, fresh))
      next.set(fresh, { text, executable: before.get(fresh)?.executable ?? false });
    if (one.kind === "delete" && before.size > 1) next.delete(name);
    if (one.kind === "mode") {
      const file = before.get(name);
      if (file) next.set(name, { ...file, executable: !file.executable });
    }
    if (one.kind === "rename") {
      const file = before.get(name);
      const to = NAMES[one.to % NAMES.length] ?? "a.txt";
      next.delete(name);
      if (file && fits(next, to)) next.set(to, file);
      else if (file) next.set(name, file);
    }
    if (one.kind === "revert") {
      next.clear();
      for (const [key, value] of states.at(-2 - one.back) ?? first) next.set(key, value);
    }
    const parents = [`c${index}`];
    if (one.kind === "merge") {
      // The side began at an older commit; the merge takes its file along.
      const from = Math.max(0, index - (one.name % 3));
      commits.push({
        name: `s${index}`,
        parents: [`c${from}`],
        branches: [`side${index}`],
        files: { [`side-${index}`]: "s\n" },
      });
      parents.push(`s${index}`);
      next.set(`side-${index}`, { text: "s\n", executable: false });
    }
    const tags = tagAt === index + 1 ? { tags: ["v1.0.0"] } : {};
    commits.push({
      name: `c${index + 1}`,
      message: `${one.kind} ${index}`,
      parents,
      files: changesOf(before, next),
      ...tags,
    });
    states.push(next);
  }
  return commits;
}

/** Makes the work tree dirty; returns the names that were touched. */
function makeDirty(
  clone: Repository,
  all: readonly { readonly kind: string; readonly name: number }[],
): Set<string> {
  const touched = new Set<string>();
  for (const { kind, name: n } of all) {
    const tracked = clone
      .git("ls-files", "-z")
      .split("\0")
      .filter((name) => name !== "");
    const name =
      kind === "untracked" || kind === "ignored" ? (NAMES[n % NAMES.length] ?? "") : (pick(tracked, n) ?? "");
    const file = path.join(clone.path, name);
    const there = existsAt(file);
    // Every file is touched once: what a second touch would mean is another case.
    if (name === "" || touched.has(name)) continue;
    if (kind === "untracked" || kind === "ignored") {
      const clear = [...tracked, ...touched].every(
        (other) => other !== name && !other.startsWith(`${name}/`) && !name.startsWith(`${other}/`),
      );
      if (!clear || there) continue;
      clone.write(name, `my own ${n}\n`);
      if (kind === "ignored" && !name.includes("\n")) ignore(clone, name);
    } else {
      if (!there) continue;
      if (kind === "edit") clone.write(name, `edited ${n}\n`);
      if (kind === "empty") clone.write(name, "");
      if (kind === "delete") rmSync(file);
      if (kind === "untrack") clone.git("--literal-pathspecs", "rm", "--quiet", "--cached", "--", name);
      if (kind === "mode") chmodSync(file, 0o700 ^ (lstatSync(file).mode & 0o100));
      if (kind === "assume" || kind === "skip") {
        clone.git("update-index", kind === "skip" ? "--skip-worktree" : "--assume-unchanged", "--", name);
        clone.write(name, `hidden ${n}\n`);
      }
      if (kind === "stage") {
        clone.write(name, `staged ${n}\n`);
        clone.git("--literal-pathspecs", "add", "--", name);
        clone.write(name, `and on ${n}\n`);
      }
    }
    touched.add(name);
  }
  return touched;
}

function existsAt(file: string): boolean {
  try {
    lstatSync(file);
    return true;
  } catch {
    return false;
  }
}

function ignore(clone: Repository, name: string): void {
  const escaped = name.replaceAll(/[\\*?[\]! #\t]/g, String.raw`\$&`);
  appendFileSync(path.join(clone.path, ".git/info/exclude"), `/${escaped}\n`);
}

function staged(clone: Repository, names: ReadonlySet<string>): string[] {
  return clone
    .git("ls-files", "-s", "-v", "-z")
    .split("\0")
    .filter((line) => names.has(line.slice(line.indexOf("\t") + 1)));
}

async function run(clone: Repository, argv: readonly string[]): Promise<RollbackDocument> {
  const { exit, stdout, stderr } = await mayday([...argv, "--json"], {
    cwd: clone.path,
    now: Date.UTC(2026, 10, 24),
  });
  const document = JSON.parse(stdout) as RollbackDocument;
  expect(document.exit, stderr).toBe(exit);
  return document;
}

/** Theirs, byte for byte: every touched file and its index entry; all of it where the clone was left. */
function expectUntouched(
  clone: Repository,
  touched: ReadonlySet<string>,
  before: Before,
  state: string | undefined,
): void {
  const after = filesOf(clone.path);
  for (const name of touched) expect([name, after.get(name)]).toEqual([name, before.files.get(name)]);
  expect(staged(clone, touched)).toEqual(before.staged);
  if (state !== "updated") expect(belongings(clone)).toEqual(before.all);
  else expect(clone.git("rev-parse", "HEAD")).toBe(clone.git("rev-parse", "refs/remotes/origin/main"));
}

interface Before {
  readonly files: ReadonlyMap<string, string>;
  readonly staged: readonly string[];
  readonly all: Record<string, unknown>;
}

function look(clone: Repository, touched: ReadonlySet<string>): Before {
  // git refreshes the index when it is asked; once asked, what follows compares like with like.
  clone.git("status");
  return { files: filesOf(clone.path), staged: staged(clone, touched), all: belongings(clone) };
}

test(
  `any history, any dirt: good's tree in one commit, nothing of the person's touched (${RUNS} nights)`,
  { timeout: 3_600_000 },
  async () => {
    const seen = { updated: 0, left: 0, nothing: 0 };
    await fc.assert(
      fc.asyncProperty(night, async ({ steps, good, dirt: own, undo }) => {
        const remote = build(historyOf(steps, good), { bare: true });
        const place = path.dirname(remote.path);
        try {
          git(place, "clone", "--quiet", remote.path, "clone");
          const clone = new Repository(path.join(place, "clone"), remote.ids);
          const touched = makeDirty(clone, own);
          const before = look(clone, touched);
          const tip = remote.git("rev-parse", "main");
          const refs = [refsOf(clone), refsOf(remote)];

          const [plan, again] = [
            await run(clone, ["rollback", "--plan"]),
            await run(clone, ["rollback", "--plan"]),
          ];
          expect(again).toEqual(plan);
          expect([refsOf(clone), refsOf(remote)]).toEqual(refs);

          const done = await run(clone, ["rollback", "--yes"]);
          expect(done.exit).toBe(0);
          if (treeOf(remote, "v1.0.0") === treeOf(remote, tip)) {
            seen.nothing += 1;
            expect([done.commit, remote.git("rev-parse", "main")]).toEqual([null, tip]);
            expectUntouched(clone, touched, before, "left");
            return;
          }
          seen[done.clone?.state === "updated" ? "updated" : "left"] += 1;
          expectRestored(remote, tip, treeOf(remote, "v1.0.0"));
          expect(done.commit?.tree).toBe((plan as unknown as { tree: string }).tree);
          expectUntouched(clone, touched, before, done.clone?.state);
          if (touched.size === 0) expect(done.clone?.state).toBe("updated");
          if (!undo) return;
          const back = await run(clone, ["undo", "--yes"]);
          expect(back.exit).toBe(0);
          expectRestored(remote, done.commit?.sha ?? "", treeOf(remote, tip));
          const files = filesOf(clone.path);
          for (const name of touched) expect([name, files.get(name)]).toEqual([name, before.files.get(name)]);
        } finally {
          rmSync(place, { recursive: true, force: true });
        }
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: LONG },
    );
    // The generator reaches all of it; a run in which nothing stood in the way would prove little.
    expect(Math.min(seen.updated, seen.left)).toBeGreaterThan(RUNS / 10);
  },
);
