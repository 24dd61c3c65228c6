import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { type ProcessResult, runProcess } from "../system/process.ts";
import { Git, GitError, type GitSetting, type Layout } from "./git.ts";
import { parseConfigList, sealedEnv } from "./seal.ts";

/** merge-tree --write-tree came with 2.38; nothing older is tried. */
export const OLDEST_GIT = [2, 38] as const;

const INHERITED = [
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_COMMON_DIR",
  "GIT_CEILING_DIRECTORIES",
  "GIT_DISCOVERY_ACROSS_FILESYSTEM",
];

/**
 * Finds the repository of `cwd`. What a hook passes on (`GIT_DIR`, …) is used here once and never
 * after: everything later runs with explicit directories.
 * Throws exit 2 outside a repository, for git older than 2.38, and for a bare repository that lies
 * inside another repository's work tree (it can carry configuration that a clone brought along).
 */
export async function openRepository(setting: GitSetting): Promise<Git> {
  const inherited: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = setting.env[name];
    if (value !== undefined && value !== "") inherited[name] = value;
  }
  const [version, found] = await Promise.all([
    discover(setting, {}, ["version"]),
    discover(setting, inherited, [
      "rev-parse",
      "--path-format=absolute",
      "--is-bare-repository",
      "--is-inside-work-tree",
      "--show-object-format",
      "--git-dir",
      "--git-common-dir",
    ]),
  ]);
  checkVersion(version);
  if (found.exitCode !== 0) throw notARepository(found, setting.cwd);
  const [, inside, format, gitDir, commonDir] = found.stdout.toString("utf8").split("\n");
  if (gitDir === undefined || commonDir === undefined || (format !== "sha1" && format !== "sha256")) {
    throw new GitError(found, 0);
  }
  const [listed, top] = await Promise.all([
    discover(setting, { GIT_DIR: gitDir }, ["config", "--list", "-z", "--show-scope"]),
    inside === "true"
      ? discover(setting, inherited, ["rev-parse", "--path-format=absolute", "--show-toplevel"])
      : null,
  ]);
  if (listed.exitCode !== 0) throw brokenConfig(listed);
  const config = parseConfigList(listed.stdout);
  const workTree =
    top === null ? mainWorkTree(gitDir, commonDir, config) : top.stdout.toString("utf8").replace(/\n$/, "");
  if (workTree === null && inherited["GIT_DIR"] === undefined) await refuseEmbedded(setting, gitDir);
  const layout: Layout = {
    gitDir,
    commonDir,
    workTree,
    objectFormat: format,
    shallow: existsSync(path.join(commonDir, "shallow")),
    partial: config.some(
      (entry) =>
        entry.scope === "local" && /^remote\..*\.promisor$/.test(entry.key) && entry.value === "true",
    ),
  };
  return new Git(layout, config, setting);
}

async function discover(
  setting: GitSetting,
  extra: Record<string, string>,
  args: readonly string[],
): Promise<ProcessResult> {
  const result = await runProcess("git", args, {
    cwd: setting.cwd,
    env: { ...sealedEnv("read", setting.env, []), ...extra },
    timeoutMs: 10_000,
    signal: setting.signal,
  });
  setting.onCommand?.(result.argv, result.ms, result.exitCode);
  if (result.ending !== "exited") {
    if (result.startError !== null && !existsSync(setting.cwd)) {
      throw new MaydayError(`the directory ${visible(setting.cwd)} does not exist`, {
        code: "no-such-directory",
        exit: 2,
        hint: "give an existing directory with -C",
      });
    }
    throw new GitError(result, 10_000);
  }
  return result;
}

function checkVersion(answer: ProcessResult): void {
  const match = /git version (\d+)\.(\d+)/.exec(answer.stdout.toString("utf8"));
  const [major, minor] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  if (major > OLDEST_GIT[0] || (major === OLDEST_GIT[0] && minor >= OLDEST_GIT[1])) return;
  throw new MaydayError(
    `git ${match ? `${major}.${minor}` : "of an unknown version"} is too old: mayday needs git ${OLDEST_GIT.join(".")} or newer; nothing was done`,
    {
      code: "git-too-old",
      exit: 2,
      hint: "install a newer git, then: git --version",
    },
  );
}

function notARepository(answer: ProcessResult, cwd: string): MaydayError {
  const stderr = answer.stderr;
  if (stderr.includes("dubious ownership")) {
    return new MaydayError(`git does not trust ${visible(cwd)}: it belongs to another user`, {
      code: "dubious-ownership",
      exit: 2,
      hint: `git config --global --add safe.directory ${visible(cwd)}`,
    });
  }
  if (/not a git repository/.test(stderr)) {
    return new MaydayError(`${visible(cwd)} is not inside a git repository`, {
      code: "not-a-repository",
      exit: 2,
      hint: "change into the repository, or name it: mayday -C <dir> …",
    });
  }
  return brokenConfig(answer);
}

function brokenConfig(answer: ProcessResult): MaydayError {
  return new MaydayError(
    `git cannot read this repository: ${visible(answer.stderr.trim().split("\n").at(-1) ?? "")}`,
    {
      code: "broken-repository",
      exit: 2,
      hint: "see what git itself says: git status",
    },
  );
}

/** Started inside the .git directory of an ordinary repository: its work tree is still known. */
function mainWorkTree(
  gitDir: string,
  commonDir: string,
  config: readonly { key: string; value: string }[],
): string | null {
  if (config.findLast((entry) => entry.key === "core.bare")?.value === "true") return null;
  if (gitDir !== commonDir) {
    const pointer = path.join(gitDir, "gitdir");
    return existsSync(pointer) ? path.dirname(readFileSync(pointer, "utf8").trim()) : null;
  }
  return path.basename(gitDir) === ".git" ? path.dirname(gitDir) : null;
}

async function refuseEmbedded(setting: GitSetting, gitDir: string): Promise<void> {
  const outside = path.dirname(gitDir);
  const outer = await discover({ ...setting, cwd: outside }, {}, ["rev-parse", "--is-inside-work-tree"]);
  if (outer.exitCode !== 0 || outer.stdout.toString("utf8").trim() !== "true") return;
  throw new MaydayError(
    `${visible(gitDir)} is a bare repository inside another repository's work tree; mayday does not enter it unasked`,
    {
      code: "embedded-bare-repository",
      exit: 2,
      hint: `mayday -C ${visible(outside)} …, or set GIT_DIR=${visible(gitDir)} if you mean it`,
    },
  );
}
