import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";

import type { Git } from "../git/git.ts";
import { MaydayError } from "../model/error.ts";
import { isRunning } from "../system/running.ts";

/**
 * Holds the environment's lock in this clone while `work` runs. A lock whose process is gone is
 * taken over; one that is alive ends with exit 9 and says whose it is.
 */
export async function withLock<T>(git: Git, environment: string, work: () => Promise<T>): Promise<T> {
  const directory = path.join(git.layout.commonDir, "mayday");
  const file = path.join(directory, `lock-${environment}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await take(file, environment);
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string, environment: string): Promise<void> {
  const own = JSON.stringify({ pid: process.pid, host: hostname() });
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      await writeFile(file, own, { flag: "wx", mode: 0o600 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const held = await readFile(file, "utf8").catch(() => "");
    const owner = parseOwner(held);
    if (owner !== null && (owner.host !== hostname() || isRunning(owner.pid))) {
      throw new MaydayError(
        `another mayday works on ${environment} in this clone: process ${owner.pid}${owner.host === hostname() ? "" : ` on ${owner.host}`}`,
        {
          code: "busy",
          exit: 9,
          hint: `wait for it; if that process is gone for good: rm ${file}`,
        },
      );
    }
    await rm(file, { force: true });
  }
  throw new MaydayError(`the lock ${file} cannot be taken`, { code: "busy", exit: 9, hint: `rm ${file}` });
}

function parseOwner(text: string): { pid: number; host: string } | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "pid" in value && "host" in value) {
      return { pid: Number(value.pid), host: String(value.host) };
    }
  } catch {
    // A lock that was cut off while it was written belongs to nobody any more.
  }
  return null;
}
