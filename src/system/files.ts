import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";

export interface WriteOptions {
  /** Permission bits; 0600 unless told (the umask still takes its part). */
  readonly mode?: number;
}

/** Makes a directory and its parents, readable by the user alone where they are new. */
async function ensureDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
}

/** A rename or a new name is durable only when its directory is. Not every system can do that. */
async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Windows cannot open a directory: the file itself is synced all the same.
  }
}

/**
 * Replaces a file whole or not at all: a temporary file beside it, fsync, rename, fsync of the
 * directory. A reader sees the old content or the new, also after a crash. A symbolic link with
 * this name is replaced and not followed.
 */
export async function writeAtomic(
  file: string,
  data: string | Uint8Array,
  options: WriteOptions = {},
): Promise<void> {
  const directory = path.dirname(file);
  await ensureDirectory(directory);
  const temporary = path.join(directory, `.${path.basename(file)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const handle = await open(temporary, "wx", options.mode ?? 0o600);
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(directory);
}

/**
 * Adds one line to a file and returns when it is on the disk. A torn last line (a crash while
 * writing) is ended first, so that it can spoil only itself. `line` must hold no newline.
 */
export async function appendLine(file: string, line: string, options: WriteOptions = {}): Promise<void> {
  await appendLines(file, [line], options);
}

/** The same for several lines that belong together: one write, one fsync. */
export async function appendLines(
  file: string,
  lines: readonly string[],
  options: WriteOptions = {},
): Promise<void> {
  if (lines.some((line) => line.includes("\n"))) throw new Error("a line to append must not hold a newline");
  await ensureDirectory(path.dirname(file));
  const handle = await open(file, "a+", options.mode ?? 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    // One write: appends of several processes do not mix.
    const text = lines.map((line) => `${line}\n`).join("");
    await handle.writeFile(`${size > 0 && last[0] !== 0x0a ? "\n" : ""}${text}`);
    await handle.sync();
    if (size === 0) await syncDirectory(path.dirname(file));
  } finally {
    await handle.close();
  }
}

export interface Lines {
  readonly lines: readonly string[];
  /** The file does not end with a newline: its last line, left out here, may be half written. */
  readonly torn: string | null;
}

/** The whole lines of a file written by `appendLine`; none where there is no file. */
export async function readLines(file: string): Promise<Lines> {
  const text = await readIfThere(file);
  if (text === null || text === "") return { lines: [], torn: null };
  const parts = text.split("\n");
  const last = parts.pop() ?? "";
  return { lines: parts.filter((line) => line !== ""), torn: last === "" ? null : last };
}

/** A file's text, or null when there is none. Other failures are thrown as they come. */
export async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}
