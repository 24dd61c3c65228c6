import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { Oid } from "../model/oid.ts";
import { type ProcessResult, runProcess } from "../system/process.ts";
import type { Git } from "./git.ts";

/** Hooks of the person run, and may take a while. */
const HOOKS_MS = 120_000;

/**
 * The one git command of mayday that is not sealed, on purpose: a `git push --dry-run` as the person
 * would type it, so that their own configuration and hooks answer. It goes to a new empty repository
 * in the directory for temporary files, which is gone afterwards. `env` is the person's environment
 * bound to no repository, with whatever the hook is to see. Call it only where the hook is mayday's.
 */
export async function dryRunPush(
  git: Git,
  commit: Oid,
  env: Readonly<Record<string, string>>,
): Promise<ProcessResult> {
  const directory = mkdtempSync(path.join(tmpdir(), "mayday-push-"));
  const bare = path.join(directory, "empty.git");
  const { signal, layout } = git;
  try {
    await runProcess(
      "git",
      ["init", "--quiet", "--bare", "--template=", `--object-format=${layout.objectFormat}`, bare],
      { cwd: directory, env: git.sealedEnvironment("write"), timeoutMs: 10_000, signal },
    );
    return await runProcess(
      "git",
      [
        "push",
        "--dry-run",
        "--no-signed",
        "--no-follow-tags",
        "--recurse-submodules=no",
        bare,
        `${commit}:refs/heads/mayday-probe`,
      ],
      { cwd: layout.workTree ?? layout.gitDir, env, timeoutMs: HOOKS_MS, signal },
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
