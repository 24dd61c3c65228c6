import { mkdirSync } from "node:fs";
import path from "node:path";

import type { Git } from "../git/git.ts";
import { openRepository } from "../git/open.ts";
import { sealedEnv } from "../git/seal.ts";
import { MaydayError } from "../model/error.ts";
import { visibleLines } from "../model/escape.ts";
import { isOid, type Oid } from "../model/oid.ts";
import { runProcess } from "../system/process.ts";
import { GOOD_TAG, type ShopCommit } from "./shop.ts";

export interface ShopSetting {
  /** An existing empty directory for everything. */
  readonly directory: string;
  /** The environment of the demo, not the person's. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface ShopRepositories {
  /** The bare remote; the paths are absolute. */
  readonly remotePath: string;
  readonly remote: Git;
  /** The clone that a person works in. */
  readonly clonePath: string;
  readonly clone: Git;
}

export interface ShopIds {
  readonly good: Oid;
  readonly bad: Oid;
  readonly tip: Oid;
  /** By the commit's place in the history. */
  readonly all: readonly Oid[];
}

/** A bare remote and an empty clone of it, as `git clone` leaves one. */
export async function makeRepositories(setting: ShopSetting): Promise<ShopRepositories> {
  const remotePath = path.join(setting.directory, "shop.git");
  const clonePath = path.join(setting.directory, "shop");
  await git(setting, ["init", "--quiet", "--bare", "--initial-branch=main", "--template=", remotePath]);
  await git(setting, ["init", "--quiet", "--initial-branch=main", "--template=", clonePath]);
  mkdirSync(path.join(remotePath, "hooks"), { recursive: true });
  const hooks = path.join(remotePath, "hooks");
  // A system-wide hooks path would keep the deploy hook from running.
  await git(setting, ["--git-dir", remotePath, "config", "core.hooksPath", hooks]);
  const config = [
    ["remote.origin.url", remotePath],
    ["remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"],
    ["branch.main.remote", "origin"],
    ["branch.main.merge", "refs/heads/main"],
    ["user.name", "On Call"],
    ["user.email", "oncall@corner-shop.example"],
  ] as const;
  for (const [key, value] of config) {
    await git(setting, ["--git-dir", path.join(clonePath, ".git"), "config", key, value]);
  }
  const { env, signal } = setting;
  const [remote, clone] = await Promise.all([
    // Named, not searched for: the temporary directory may lie inside somebody's repository.
    openRepository({ cwd: remotePath, env: { ...env, GIT_DIR: remotePath }, signal }),
    openRepository({ cwd: clonePath, env, signal }),
  ]);
  return { remotePath, remote, clonePath, clone };
}

/** Writes the whole history into the clone (main = the newest commit) and checks it out. */
export async function writeHistory(clone: Git, history: readonly ShopCommit[]): Promise<ShopIds> {
  const answer = await clone.run(["fast-import", "--quiet", "--done"], {
    mode: "write",
    input: fastImport(history),
  });
  const all = answer.stdout.toString("utf8").trim().split("\n");
  if (all.length !== history.length || !all.every(isOid))
    throw failed(`git fast-import told ${all.length} ids`);
  await clone.run(["reset", "--quiet", "--hard", "refs/heads/main"], { mode: "write" });
  const idOf = (found: (commit: ShopCommit) => boolean): Oid => {
    const id = all[history.findIndex(found)];
    if (id === undefined) throw failed("the history has no such commit");
    return id;
  };
  return {
    good: idOf((commit) => commit.tag === GOOD_TAG),
    bad: idOf((commit) => commit.bad),
    tip: idOf((commit) => commit.index === history.length - 1),
    all,
  };
}

/** The input of git-fast-import(1): commits with marks, annotated tags, then every id on stdout. */
function fastImport(history: readonly ShopCommit[]): string {
  const lines: string[] = [];
  const data = (text: string): void => void lines.push(`data ${Buffer.byteLength(text)}\n${text}\n`);
  for (const commit of history) {
    const person = `${commit.author} <${commit.mail}> ${commit.at} +0000`;
    lines.push(`commit refs/heads/main\nmark :${commit.index + 1}\nauthor ${person}\ncommitter ${person}\n`);
    data(commit.message);
    commit.parents.forEach((parent, n) => lines.push(`${n === 0 ? "from" : "merge"} :${parent + 1}\n`));
    for (const [name, content] of commit.changes) {
      if (content === null) lines.push(`D ${name}\n`);
      else {
        lines.push(`M 100644 inline ${name}\n`);
        data(content);
      }
    }
    lines.push("\n");
    if (commit.tag !== null) {
      lines.push(`tag ${commit.tag}\nfrom :${commit.index + 1}\ntagger ${person}\n`);
      data(`${commit.tag}\n`);
    }
  }
  for (const commit of history) lines.push(`get-mark :${commit.index + 1}\n`);
  lines.push("done\n");
  return lines.join("");
}

async function git(setting: ShopSetting, args: readonly string[]): Promise<void> {
  const result = await runProcess("git", args, {
    cwd: setting.directory,
    env: sealedEnv("write", setting.env, []),
    timeoutMs: 30_000,
    signal: setting.signal,
  });
  if (result.ending === "aborted") {
    throw new MaydayError("interrupted", { code: "interrupted", exit: 130 });
  }
  if (result.ending === "not-started") {
    throw new MaydayError("git could not be started", {
      code: "git-missing",
      exit: 2,
      hint: "install git 2.38 or newer, or put it on PATH",
    });
  }
  if (result.exitCode !== 0) throw failed(visibleLines(result.stderr.trim()));
}

function failed(why: string): MaydayError {
  return new MaydayError(`the made-up shop could not be built: ${why}`, {
    code: "demo-not-built",
    exit: 70,
    hint: "repeat with --verbose, or try another temporary directory: TMPDIR=<dir> mayday demo",
  });
}
