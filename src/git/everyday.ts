import type { SimpleGit } from "simple-git";

import { DEADLINE, type Git } from "./git.ts";

/**
 * simple-git refuses an environment that sets configuration unless each kind is allowed. What is
 * allowed here is our own seal, which switches those programs off; nothing else reaches it.
 */
const SEAL_ALLOWED = {
  allowUnsafeAskPass: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeDiffExternal: true,
  allowUnsafeDiffTextConv: true,
  allowUnsafeEditor: true,
  allowUnsafeFilter: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeGitProxy: true,
  allowUnsafeGpgProgram: true,
  allowUnsafeHooksPath: true,
  allowUnsafeMergeDriver: true,
  allowUnsafePager: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeSshCommand: true,
} as const;

/**
 * simple-git behind the same seal, for everyday reads: names of branches, tags, remotes, files.
 * Not for what decides: its `log()` can be forged by a subject, its `status()` loses bytes of
 * names, and it cannot set stdin. Those go through `Git`. Diffs need `--no-ext-diff` and
 * `--no-textconv`: the seal leaves those programs without a name, and git stops there.
 */
export async function everyday(git: Git): Promise<SimpleGit> {
  const { simpleGit } = await import("simple-git");
  const { layout } = git;
  const env = {
    ...git.sealedEnvironment("read"),
    GIT_DIR: layout.gitDir,
    ...(layout.workTree === null ? {} : { GIT_WORK_TREE: layout.workTree }),
  };
  return simpleGit({
    baseDir: layout.workTree ?? layout.gitDir,
    maxConcurrentProcesses: 4,
    timeout: { block: DEADLINE.read },
    ...(git.signal === undefined ? {} : { abort: git.signal }),
    allowEnvironment: Object.keys(env),
    unsafe: SEAL_ALLOWED,
  }).env(env);
}
