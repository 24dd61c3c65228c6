import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { type ProcessResult, runProcess } from "../system/process.ts";
import { Git, GitError, type GitSetting, type Layout } from "./git.ts";
import { type ConfigEntry, parseConfigList, sealedEnv, unnameable } from "./seal.ts";

/** merge-tree --write-tree came with 2.38; nothing older is tried. */
export const OLDEST_GIT = [2, 38] as const;

const INHERITED = [
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_COMMON_DIR",
  "GIT_CEILING_DIRECTORIES",
  "GIT_DISCOVERY_ACROSS_FILESYSTEM",
];

const WHERE = [
  "rev-parse",
  "--path-format=absolute",
  "--is-bare-repository",
  "--is-inside-work-tree",
  "--show-object-format",
  "--git-dir",
  "--git-common-dir",
];

/** A bare repository that is found and not named is looked at twice: a clone can bring one along. */
const EXPLICIT_BARE = ["-c", "safe.bareRepository=explicit"];

/** Booleans as git-config(1) reads them. */
const TRUE = /^(?:true|yes|on|[1-9]\d*)$/i;

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
  const [version, first] = await Promise.all([
    discover(setting, {}, ["version"]),
    discover(setting, inherited, [...EXPLICIT_BARE, ...WHERE]),
  ]);
  checkVersion(version);
  const bare = first.exitCode !== 0 && first.stderr.includes("safe.bareRepository");
  const found = bare ? await discover(setting, inherited, WHERE) : first;
  if (found.exitCode !== 0) throw notARepository(found, setting.cwd);
  const [, inside, format, gitDir, commonDir, ...more] = found.stdout.toString("utf8").split("\n");
  if (more.length > 1) throw lineBreak(setting.cwd);
  if (gitDir === undefined || commonDir === undefined || (format !== "sha1" && format !== "sha256")) {
    throw new GitError(found, 0);
  }
  if (bare) await refuseEmbedded(setting, gitDir);
  const [listed, top] = await Promise.all([
    discover(setting, { GIT_DIR: gitDir }, ["config", "--list", "-z", "--show-scope"]),
    inside === "true"
      ? discover(setting, inherited, ["rev-parse", "--path-format=absolute", "--show-toplevel"])
      : null,
  ]);
  if (listed.exitCode !== 0) throw brokenConfig(listed);
  const config = parseConfigList(listed.stdout);
  refuseUnnameable(config);
  const workTree =
    top === null ? mainWorkTree(gitDir, commonDir, config) : top.stdout.toString("utf8").replace(/\n$/, "");
  const layout: Layout = {
    gitDir,
    commonDir,
    workTree,
    objectFormat: format,
    shallow: existsSync(path.join(commonDir, "shallow")),
    partial: config.some(
      ({ scope, key, value }) =>
        (scope === "local" || scope === "worktree") &&
        (key === "extensions.partialclone" || (/^remote\..*\.promisor$/.test(key) && TRUE.test(value))),
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
    const place = statSync(setting.cwd, { throwIfNoEntry: false });
    if (result.startError !== null && place?.isDirectory() !== true) {
      const fault = place === undefined ? "does not exist" : "is not a directory";
      throw new MaydayError(`${visible(setting.cwd)} ${fault}`, {
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

/** Walks outwards: one embedded repository may stand inside another. */
async function refuseEmbedded(setting: GitSetting, gitDir: string): Promise<void> {
  // A tree cannot hold `.git`: what lies below one (a submodule, a worktree) came by no clone.
  for (let inner = gitDir; !inner.split(path.sep).includes(".git");) {
    const outside = path.dirname(inner);
    const asked = ["rev-parse", "--path-format=absolute", "--is-inside-work-tree", "--git-dir"];
    const outer = await discover({ ...setting, cwd: outside }, {}, asked);
    if (outer.exitCode !== 0) return;
    const [inside, found = outside] = outer.stdout.toString("utf8").split("\n");
    if (inside === "true") {
      throw new MaydayError(
        `${visible(gitDir)} is a bare repository inside another repository's work tree; mayday does not enter it unasked`,
        {
          code: "embedded-bare-repository",
          exit: 2,
          hint: `mayday -C ${visible(outside)} …, or set GIT_DIR=${visible(gitDir)} if you mean it`,
        },
      );
    }
    inner = found;
  }
}

function refuseUnnameable(config: readonly ConfigEntry[]): void {
  const [key] = unnameable(config);
  if (key === undefined) return;
  throw new MaydayError(
    `this repository's own configuration runs a program under a name that is not UTF-8 (${visible(key)}); mayday cannot switch it off and goes no further`,
    {
      code: "hostile-configuration",
      exit: 2,
      hint: "look at it, and take the section out: git config --local --list",
    },
  );
}

function lineBreak(cwd: string): MaydayError {
  return new MaydayError(`the path of this repository has a line break in it: ${visible(cwd)}`, {
    code: "path-with-line-break",
    exit: 2,
    hint: "rename the directory, then ask again",
  });
}
