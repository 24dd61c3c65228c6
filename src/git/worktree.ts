import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";

import type { Oid } from "../model/oid.ts";
import { isRunning } from "../system/running.ts";
import type { Git } from "./git.ts";

/** A linked worktree of ours. It must be removed by whoever made it. */
export interface TemporaryWorktree {
  readonly path: string;
  /** Its own git directory, below the common one: for `GitOptions.worktree`. */
  readonly gitDir: string;
  /** Takes it away with all that is in it; what it links to stays. Works also after an abort. */
  readonly remove: () => void;
}

/** A large repository on a slow disk takes its time. */
const CHECKOUT_MS = 600_000;

/**
 * Checks a commit out beside the person's work: no hook runs, no branch moves, nothing of theirs is
 * touched. It lies in the system's directory for temporary files and not below `.git`, where test
 * runners (jest, vitest) do not look for tests. Filters of the user's own configuration run, so
 * that LFS files are there.
 */
export async function addTemporaryWorktree(git: Git, commit: Oid): Promise<TemporaryWorktree> {
  sweep(git);
  const home = realpathSync(mkdtempSync(path.join(tmpdir(), "mayday-worktree-")));
  const place = path.join(home, "tree");
  const note = path.join(notes(git), `${process.pid}-${path.basename(home)}`);
  mkdirSync(notes(git), { recursive: true, mode: 0o700 });
  writeFileSync(note, `${home}\n${hostname()}`, { mode: 0o600 });
  const remove = (): void => {
    discard(git, home);
    rmSync(note, { force: true });
  };
  try {
    await git.run(["worktree", "add", "--quiet", "--detach", "--no-checkout", place, commit], {
      mode: "write",
    });
    const gitDir = gitDirOf(place);
    await git.run(["-c", "core.sparseCheckout=false", "reset", "--quiet", "--hard", commit], {
      mode: "write",
      worktree: { gitDir, path: place },
      timeoutMs: CHECKOUT_MS,
    });
    return { path: place, gitDir, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** One file a worktree, named by process and directory: what a killed run leaves is found by it. */
function notes(git: Git): string {
  return path.join(git.layout.commonDir, "mayday", "worktrees");
}

function gitDirOf(place: string): string {
  const pointer = readFileSync(path.join(place, ".git"), "utf8");
  return path.resolve(place, pointer.replace(/^gitdir: /, "").trim());
}

/** As `git worktree remove` does, but without git: an interrupted run starts no more programs. */
function discard(git: Git, home: string): void {
  const administration = path.join(git.layout.commonDir, "worktrees");
  const place = path.join(home, "tree");
  const pointer = path.join(place, ".git");
  for (const name of existsSync(administration) ? readdirSync(administration) : []) {
    const back = path.join(administration, name, "gitdir");
    if (existsSync(back) && path.resolve(path.dirname(back), readFileSync(back, "utf8").trim()) === pointer) {
      rmSync(path.join(administration, name), { recursive: true, force: true });
    }
  }
  try {
    rmdirSync(administration);
  } catch {
    // Not empty: the person has worktrees of their own.
  }
  rmSync(home, { recursive: true, force: true, maxRetries: 3 });
}

/** Takes away what runs that were killed have left. */
function sweep(git: Git): void {
  const directory = notes(git);
  for (const name of existsSync(directory) ? readdirSync(directory) : []) {
    const pid = Number.parseInt(name, 10);
    if (!Number.isInteger(pid) || isRunning(pid)) continue;
    const note = path.join(directory, name);
    const [home = "", host] = readFileSync(note, "utf8").split("\n");
    // Another machine or container that shares this repository has process ids of its own.
    if (host !== hostname()) continue;
    if (
      path.basename(home) === name.slice(`${pid}-`.length) &&
      path.basename(home).startsWith("mayday-worktree-")
    ) {
      discard(git, home);
    }
    rmSync(note, { force: true });
  }
}
