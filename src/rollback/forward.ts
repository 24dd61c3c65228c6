import { existsSync, lstatSync, readFileSync, readlinkSync } from "node:fs";
import { copyFile, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import path from "node:path";

import { type Git, GitError } from "../git/git.ts";
import { changedEntries, type TreeChange } from "../git/objects.ts";
import { readRef } from "../git/revision.ts";
import { visible } from "../model/escape.ts";
import type { Oid } from "../model/oid.ts";
import { readIfThere, writeAtomic } from "../system/files.ts";

/** Content of an index.lock that is mayday's: git's own locks hold an index. */
const MARK = "mayday is bringing this clone along\n";

interface Place {
  readonly index: string;
  readonly lock: string;
  /** The index that git writes while the real one is locked by us. */
  readonly own: string;
  /** Says that every path of head..commit was clean when the writing began. */
  readonly record: string;
}

function placeOf(git: Git): Place {
  const at = (name: string): string => path.join(git.layout.gitDir, name);
  return {
    index: at("index"),
    lock: at("index.lock"),
    own: at("mayday-index"),
    record: at("mayday-forward"),
  };
}

/**
 * Fast-forwards the checkout from `head` to `commit`. Call only when every path that differs is
 * clean. git works on an index of ours, under a lock of ours, so that after a crash it is known
 * which lock and which files may be touched. Null when done, else why it was not; then all is as before.
 */
export async function fastForward(git: Git, head: Oid, commit: Oid): Promise<string | null> {
  const place = placeOf(git);
  try {
    await writeFile(place.lock, MARK, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return `${visible(place.lock)} is there: another git is at work, or one was ended`;
  }
  try {
    await copyFile(place.index, place.own);
    await writeAtomic(place.record, `${head} ${commit}\n`);
  } catch (error) {
    await clean(place);
    throw error;
  }
  // From here what is begun is ended, also after Ctrl-C. An error that nobody foresaw leaves lock,
  // index and record where they are: the next run puts them in order, as after a crash.
  const why = await merge(git, place, head, commit);
  await clean(place);
  return why;
}

async function merge(git: Git, place: Place, head: Oid, commit: Oid): Promise<string | null> {
  let why = "git stayed where it was";
  try {
    await git.run(["merge", ...MERGE, commit], { mode: "write", finish: true, index: place.own });
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    why = `git would not fast-forward (${error.said})`;
  }
  const now = await headNow(git);
  if (now === commit) {
    await rename(place.own, place.index);
    return null;
  }
  if (now !== head) return why;
  const theirs = await putBack(git, head, commit);
  return theirs.length === 0 ? why : `${why}; half-written: ${theirs.map(visible).join(", ")}`;
}

/** Where HEAD is, asked also after Ctrl-C. */
async function headNow(git: Git): Promise<Oid | undefined> {
  return readRef(git, "HEAD", { finish: true });
}

/** A plain fast-forward whatever the configuration says; nothing ignored is overwritten, nothing stashed. */
const MERGE = [
  "--ff-only",
  "--no-squash",
  "--no-overwrite-ignore",
  "--no-autostash",
  "--no-verify-signatures",
  "--no-stat",
  "--quiet",
];

/**
 * Puts in order what a fast-forward left that was ended half-way: its lock, its index, its files.
 * Returns the files that are neither as before nor as git was writing them: those are somebody's.
 */
export async function settleForward(git: Git): Promise<readonly string[]> {
  const place = placeOf(git);
  const [, head, commit] = /^([0-9a-f]+) ([0-9a-f]+)\n$/.exec((await readIfThere(place.record)) ?? "") ?? [];
  let theirs: readonly string[] = [];
  if (head !== undefined && commit !== undefined) {
    const now = await headNow(git);
    if (now === commit && existsSync(place.own)) await rename(place.own, place.index);
    else if (now === head) theirs = await putBack(git, head, commit);
  }
  await clean(place);
  return theirs;
}

async function clean({ lock, own, record }: Place): Promise<void> {
  for (const file of [own, `${own}.lock`, record]) await rm(file, { force: true });
  if ((await readFile(lock, "utf8").catch(() => "")) === MARK) await rm(lock, { force: true });
}

/** The files of head..commit as in head again, if each is as git left it: old, new, missing or half-written. */
async function putBack(git: Git, head: Oid, commit: Oid): Promise<readonly string[]> {
  const root = git.layout.workTree ?? "";
  const status = await git.fields(
    ["status", "--porcelain=v1", "-z", "--untracked-files=no", "--no-renames"],
    { mode: "write", env: { GIT_OPTIONAL_LOCKS: "0" }, finish: true },
  );
  const differs = new Set(status.map((field) => field.slice(3)));
  const suspects = (await changedEntries(git, head, commit, { finish: true })).filter(
    ({ path: name, status: how, mode }) =>
      mode !== "160000" && (how === "added" ? thing(root, name) !== null : differs.has(name)),
  );
  const theirs: string[] = [];
  for (const change of suspects) if (!(await isOurs(git, root, commit, change))) theirs.push(change.path);
  if (theirs.length > 0) return theirs;
  for (const { path: name, status: how } of suspects)
    if (how === "added") await unlink(path.join(root, name));
  const again = suspects.filter(({ status: how }) => how !== "added").map(({ bytes }) => `${bytes}\0`);
  if (again.length > 0)
    await git.run(["checkout-index", "--force", "--quiet", "-z", "--stdin"], {
      mode: "write",
      finish: true,
      env: { GIT_OPTIONAL_LOCKS: "0" },
      input: Buffer.from(again.join(""), "latin1"),
    });
  return [];
}

/** git removes a file, then writes the new one from its beginning: missing, or a first part of the new one. */
async function isOurs(git: Git, root: string, commit: Oid, change: TreeChange): Promise<boolean> {
  const there = thing(root, change.path);
  if (there === null) return true;
  if (there === "other" || change.status === "deleted") return false;
  const filters = change.mode === "120000" ? "blob" : "--filters";
  const { stdout } = await git.run(["cat-file", filters, `${commit}:${change.path}`], {
    mode: "write",
    finish: true,
  });
  return stdout.subarray(0, there.length).equals(there);
}

/** What stands at a path: a file's bytes, a link's target; null when nothing does. */
function thing(root: string, name: string): Buffer | "other" | null {
  const file = path.join(root, name);
  try {
    const stat = lstatSync(file);
    if (stat.isSymbolicLink()) return readlinkSync(file, { encoding: "buffer" });
    return stat.isFile() ? readFileSync(file) : "other";
  } catch {
    return null;
  }
}
