import { lstat, readFile, stat } from "node:fs/promises";
import path from "node:path";

import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";

/** What is needed of a repository: `Git` is one. */
export interface ConfiguredRepository {
  readonly layout: { readonly workTree: string | null; readonly commonDir: string };
  run(
    args: readonly string[],
    options: { readonly allow: readonly number[] },
  ): Promise<{ readonly code: number; readonly stdout: Buffer }>;
}

export interface Source {
  /** Absolute path; `HEAD:mayday.yaml` in a bare repository. */
  readonly file: string;
  /** As shown to people. */
  readonly label: string;
  readonly text: string;
}

const CONFIGURATION_FILE = "mayday.yaml";
const MOST_BYTES = 1024 * 1024;

/** `mayday.yaml` of the work tree's root, or of HEAD in a bare repository; null when there is none. */
export async function repositorySource(repository: ConfiguredRepository): Promise<Source | null> {
  const { workTree } = repository.layout;
  if (workTree !== null) {
    const file = path.join(workTree, CONFIGURATION_FILE);
    // A committed link could make mayday read, and quote, any file of this machine.
    const kind = await kindOf(file, lstat);
    if (kind === "none") return null;
    if (kind === "link")
      throw unreadable(CONFIGURATION_FILE, "is a symbolic link; mayday reads only a plain file");
    return read(file, CONFIGURATION_FILE, kind);
  }
  const spec = `HEAD:${CONFIGURATION_FILE}`;
  const entry = await repository.run(["ls-tree", "-l", "HEAD", "--", CONFIGURATION_FILE], { allow: [128] });
  const [mode, , , size] = entry.stdout.toString("utf8").split(/\s+/);
  if (entry.code !== 0 || mode === undefined || mode === "") return null;
  if (!mode.startsWith("100")) throw unreadable(spec, "is not a plain file");
  if (Number(size) > MOST_BYTES) throw tooLarge(spec);
  const blob = await repository.run(["cat-file", "blob", spec], { allow: [] });
  return { file: spec, label: spec, text: decode(blob.stdout, spec) };
}

/** A file that the user named, or the user's own: a link is theirs to make. Null when there is none. */
export async function userSource(file: string, label: string): Promise<Source | null> {
  if (file === "/dev/null") return { file, label, text: "" };
  const kind = await kindOf(file, stat);
  return kind === "none" ? null : read(file, label, kind);
}

type Kind = "none" | "file" | "link" | "other";

async function kindOf(file: string, look: typeof stat): Promise<Kind> {
  try {
    const found = await look(file);
    return found.isFile() ? "file" : found.isSymbolicLink() ? "link" : "other";
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return "none";
    throw unreadable(file, `cannot be read (${code})`);
  }
}

async function read(file: string, label: string, kind: Kind): Promise<Source> {
  if (kind !== "file") throw unreadable(label, "is not a plain file");
  if ((await stat(file)).size > MOST_BYTES) throw tooLarge(label);
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw unreadable(label, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  if (bytes.length > MOST_BYTES) throw tooLarge(label);
  return { file, label, text: decode(bytes, label) };
}

function decode(bytes: Uint8Array, label: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw unreadable(label, "is not UTF-8 text");
  }
}

function tooLarge(label: string): MaydayError {
  return unreadable(label, "is larger than 1 MiB");
}

function unreadable(label: string, fault: string): MaydayError {
  return new MaydayError(`${visible(label)} ${fault}`, {
    code: "config",
    exit: 2,
    hint: "put a plain file in its place, or go on without it: --config /dev/null",
  });
}
