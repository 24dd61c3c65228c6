import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";

import type { Git } from "../git/git.ts";
import { MaydayError } from "../model/error.ts";
import { EXIT } from "../model/exit.ts";
import { isRunning } from "../system/running.ts";

/**
 * Holds the environment's lock in this clone while `work` runs. A lock whose process is gone is
 * taken over; one that is alive ends with exit 9 and says whose it is.
 */
export async function withLock<T>(git: Git, environment: string, work: () => Promise<T>): Promise<T> {
  const directory = path.join(git.layout.commonDir, "mayday");
  const file = path.join(directory, `lock-${environment}`);
  // Asked first: on a read-only file system mkdir says only that there is no such directory.
  await access(git.layout.commonDir, constants.W_OK);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const token = randomBytes(8).toString("hex");
  const own = JSON.stringify({ pid: process.pid, host: hostname(), token });
  await take(file, environment, own, token);
  try {
    return await work();
  } finally {
    if ((await readLock(file)) === own) await rm(file, { force: true });
  }
}

async function take(file: string, environment: string, own: string, token: string): Promise<void> {
  const mine = `${file}.${token}`;
  // Written beside and linked: a lock is never seen empty, which would look like a dead one.
  await writeFile(mine, own, { flag: "wx", mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      if (await linked(mine, file)) return;
      const held = await readLock(file);
      const owner = held === null ? null : parseOwner(held);
      if (owner !== null && (owner.host !== hostname() || isRunning(owner.pid)))
        throw busy(file, environment, owner);
      if (held !== null) await removeDead(file, held, token);
    }
    throw new MaydayError(`the lock ${file} cannot be taken`, {
      code: "busy",
      exit: EXIT.busy,
      hint: `rm ${file}`,
    });
  } finally {
    await rm(mine, { force: true });
  }
}

/** Moves a dead lock aside; if it was somebody's new one after all, it is put back. */
async function removeDead(file: string, dead: string, token: string): Promise<void> {
  const aside = `${file}.dead-${token}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if ((await readLock(aside)) !== dead) await linked(aside, file);
  await rm(aside, { force: true });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function readLock(file: string): Promise<string | null> {
  return readFile(file, "utf8").catch(() => null);
}

interface Owner {
  readonly pid: number;
  readonly host: string;
}

function busy(file: string, environment: string, { pid, host }: Owner): MaydayError {
  return new MaydayError(
    `another mayday works on ${environment} in this clone: process ${pid}${host === hostname() ? "" : ` on ${host}`}`,
    {
      code: "busy",
      exit: EXIT.busy,
      hint: `wait for it; if that process is gone for good: rm ${file}`,
    },
  );
}

function parseOwner(text: string): Owner | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "pid" in value && "host" in value) {
      const pid = Number(value.pid);
      return Number.isInteger(pid) && pid > 0 ? { pid, host: String(value.host) } : null;
    }
  } catch {
    // A lock that was cut off while it was written belongs to nobody any more.
  }
  return null;
}
