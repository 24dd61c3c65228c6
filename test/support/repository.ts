import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { onTestFinished } from "vitest";

import { cleanEnv } from "./world.ts";

/** A file's content, or null to delete it. */
export type Files = Readonly<
  Record<
    string,
    string | Buffer | null | { readonly mode: "100755" | "120000" | "160000"; readonly data: string }
  >
>;

export interface CommitSpec {
  /** Name for later: `parents`, `tags`, and the ids returned. */
  readonly name: string;
  readonly message?: string;
  readonly files?: Files;
  /** Names of earlier commits; default: the one before. An empty list makes a root. */
  readonly parents?: readonly string[];
  /** Branches that end here. */
  readonly branches?: readonly string[];
  readonly tags?: readonly string[];
  readonly author?: string;
  /** Seconds since 1970; default: one hour after the one before, from START. */
  readonly at?: number;
}

/** 2026-01-05T09:00:00Z, a Monday. */
export const START = 1_767_603_600;

export class Repository {
  readonly path: string;
  readonly ids: ReadonlyMap<string, string>;

  constructor(directory: string, ids: ReadonlyMap<string, string>) {
    this.path = directory;
    this.ids = ids;
  }

  /** Runs git here, trimmed stdout; throws when it fails. */
  git(...args: string[]): string {
    return git(this.path, ...args);
  }

  id(name: string): string {
    const id = this.ids.get(name);
    if (id === undefined) throw new Error(`no commit called ${name} in this test repository`);
    return id;
  }

  write(name: string, content: string | Buffer): void {
    const file = path.join(this.path, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

export function git(cwd: string, ...args: string[]): string {
  return execFileSync("git", args, {
    cwd,
    env: cleanEnv(),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1 << 28,
  }).trim();
}

/** A directory that is gone when the test is. */
export function scratch(): string {
  const directory = mkdtempSync(path.join(tmpdir(), "mayday-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
  return directory;
}

export interface BuildOptions {
  readonly bare?: boolean;
  readonly objectFormat?: "sha1" | "sha256";
  /** The branch of commits that name none; default main. */
  readonly branch?: string;
  readonly directory?: string;
}

/**
 * Builds a repository by `git fast-import`: about a millisecond a commit. Every commit goes to
 * `branch` unless it names its own branches. A work tree, where there is one, is checked out.
 */
export function build(commits: readonly CommitSpec[], options: BuildOptions = {}): Repository {
  const directory = options.directory ?? path.join(scratch(), "repo");
  const branch = options.branch ?? "main";
  git(
    tmpdir(),
    "init",
    "--quiet",
    `--initial-branch=${branch}`,
    `--object-format=${options.objectFormat ?? "sha1"}`,
    ...(options.bare ? ["--bare"] : []),
    directory,
  );
  const ids = importCommits(directory, commits, branch);
  if (!options.bare && commits.length > 0) git(directory, "reset", "--quiet", "--hard");
  return new Repository(directory, ids);
}

/** Adds commits to an existing repository; `parents` may be names given here or full ids and refs. */
export function importCommits(
  directory: string,
  commits: readonly CommitSpec[],
  branch = "main",
  known: ReadonlyMap<string, string> = new Map(),
): Map<string, string> {
  const marks = new Map<string, number>();
  const chunks: Buffer[] = [];
  const put = (text: string | Buffer): void => void chunks.push(Buffer.from(text));
  const data = (content: string | Buffer): void => {
    const bytes = Buffer.from(content);
    put(`data ${bytes.length}\n`);
    put(bytes);
    put("\n");
  };
  let at = START - 3_600;
  let previous: string | undefined;
  for (const [index, commit] of commits.entries()) {
    at = commit.at ?? at + 3_600;
    const person = `${commit.author ?? "Ana"} <${(commit.author ?? "ana").toLowerCase().replaceAll(/\W/g, "")}@example.com> ${at} +0000`;
    put(`commit refs/heads/mayday-import\nmark :${index + 1}\nauthor ${person}\ncommitter ${person}\n`);
    data(commit.message ?? commit.name);
    const parents = commit.parents ?? (previous === undefined ? [] : [previous]);
    for (const [n, parent] of parents.entries()) {
      const mark = marks.get(parent);
      put(
        `${n === 0 ? "from" : "merge"} ${mark === undefined ? (known.get(parent) ?? parent) : `:${mark}`}\n`,
      );
    }
    for (const [name, content] of Object.entries(commit.files ?? {})) {
      const quoted = `"${name.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
      if (content === null) put(`D ${quoted}\n`);
      else if (typeof content === "string" || Buffer.isBuffer(content)) {
        put(`M 100644 inline ${quoted}\n`);
        data(content);
      } else if (content.mode === "160000") put(`M 160000 ${content.data} ${quoted}\n`);
      else {
        put(`M ${content.mode} inline ${quoted}\n`);
        data(content.data);
      }
    }
    put("\n");
    if (parents.length === 0) {
      // fast-import continues a branch; a root of its own needs a reset before it.
      chunks.splice(
        chunks.findLastIndex((chunk) => chunk.toString().startsWith("commit refs/heads/mayday-import")),
        0,
        Buffer.from("reset refs/heads/mayday-import\n\n"),
      );
    }
    marks.set(commit.name, index + 1);
    for (const name of commit.branches ?? [branch]) put(`reset refs/heads/${name}\nfrom :${index + 1}\n\n`);
    for (const name of commit.tags ?? []) put(`reset refs/tags/${name}\nfrom :${index + 1}\n\n`);
    previous = commit.name;
  }
  const marksFile = path.join(directory, "..", `${path.basename(directory)}.marks`);
  execFileSync("git", ["fast-import", "--quiet", "--force", `--export-marks=${marksFile}`], {
    cwd: directory,
    env: cleanEnv(),
    input: Buffer.concat(chunks),
    maxBuffer: 1 << 28,
  });
  const byMark = new Map<number, string>();
  for (const line of execFileSync("cat", [marksFile], { encoding: "utf8" }).trim().split("\n")) {
    const [mark = "", id = ""] = line.split(" ");
    byMark.set(Number(mark.slice(1)), id);
  }
  rmSync(marksFile);
  if (commits.length > 0) git(directory, "update-ref", "-d", "refs/heads/mayday-import");
  const ids = new Map<string, string>(known);
  for (const [name, mark] of marks) ids.set(name, byMark.get(mark) ?? "");
  return ids;
}

/** A bare remote with these commits and a clone of it, as `git clone` leaves it. */
export function withRemote(
  commits: readonly CommitSpec[],
  options: BuildOptions = {},
): { readonly remote: Repository; readonly clone: Repository } {
  const directory = scratch();
  const remote = build(commits, { ...options, bare: true, directory: path.join(directory, "remote.git") });
  const clone = path.join(directory, "clone");
  git(directory, "clone", "--quiet", remote.path, clone);
  return { remote, clone: new Repository(clone, remote.ids) };
}
