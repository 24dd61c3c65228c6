import { constants } from "node:fs";
import { access, lstat, open, stat } from "node:fs/promises";
import path from "node:path";

import type { Git } from "../git/git.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import type { Oid } from "../model/oid.ts";
import type { ShownHunk, Suspect, Symptom } from "../model/triage.ts";
import { writeAtomic } from "../system/files.ts";
import type { TriageScreen } from "../terminal/triage.ts";
import type { Context } from "./context.ts";
import { type Options, textOption } from "./options.ts";

/** Suspects whose hunks are read for the page: each costs git processes of its own. */
const WITH_HUNKS = 12;
/** What a page shows of one suspect, and a few to count as left out. */
const HUNKS_OF_EACH = 16;

/** Where a page goes: looked at before the work is done, so that no answer waits behind a typing error. */
export interface PageFile {
  /** As it was given. */
  readonly shown: string;
  readonly path: string;
}

/**
 * The file that `--html` names, or null. It must be a new name in a directory that is there, or a page
 * of mayday's own: triage changes nothing else, and at night `--html src/index.html` is soon typed.
 * Throws exit 2.
 */
export async function choosePage(context: Context, options: Options): Promise<PageFile | null> {
  const given = textOption(options, "html");
  if (given === undefined) return null;
  const shown = visible(given);
  if (given === "" || given === "-")
    throw refusal("--html wants the name of a file; standard output is the answer");
  const file = { shown, path: path.resolve(context.cwd, given) };
  // A name that ends like a directory's would lose its end, and become a file.
  if (given.endsWith("/") || given.endsWith(path.sep))
    throw refusal(`${shown} names a directory`, `mayday triage --html ${path.join(shown, "triage.html")}`);
  const there = await lstat(file.path).catch(whereMissing);
  if (there === null) await requireDirectory(path.dirname(file.path), shown);
  else if (there.isDirectory())
    throw refusal(`${shown} is a directory`, `mayday triage --html ${path.join(shown, "triage.html")}`);
  else if (!there.isFile())
    throw refusal(
      `${shown} is ${there.isSymbolicLink() ? "a symbolic link" : "no regular file"}, and mayday does not write through it`,
    );
  else if (there.size > 0 && !(await isPage(file.path)))
    throw refusal(`${shown} is there already and was not made by mayday: it stays as it is`);
  return file;
}

function refusal(message: string, hint = "give another name: mayday triage --html triage.html"): MaydayError {
  return new MaydayError(message, { code: "html-file", exit: EXIT.usage, hint });
}

function whereMissing(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw refusal(`the file for --html cannot be looked at (${error.code ?? "unknown"})`);
}

async function requireDirectory(directory: string, shown: string): Promise<void> {
  const parent = visible(path.dirname(shown));
  const there = await stat(directory).catch(() => null);
  if (there?.isDirectory() !== true)
    throw refusal(`there is no directory ${parent} to write ${shown} into`, `mkdir -p ${parent}`);
  await access(directory, constants.W_OK).catch(() => {
    throw refusal(`the directory ${parent} cannot be written to`);
  });
}

async function isPage(file: string): Promise<boolean> {
  const { FIRST_BYTES } = await import("../report/page.ts");
  const handle = await open(file, "r").catch(() => null);
  if (handle === null) return false;
  try {
    const head = Buffer.alloc(Buffer.byteLength(FIRST_BYTES));
    await handle.read(head, 0, head.length, 0);
    return head.toString("utf8") === FIRST_BYTES;
  } finally {
    await handle.close();
  }
}

export interface PageFacts {
  readonly git: Git;
  /** Literal paths; empty: the whole repository. */
  readonly paths: readonly string[];
  readonly screen: TriageScreen;
  /** Every change of the range, not only those shown. */
  readonly suspects: readonly Suspect[];
  readonly given: string;
  readonly symptom: Symptom;
  readonly firstError: number | null;
}

/** Writes the page; what kept it from being written comes back, so that the answer itself is not lost. */
export async function writePage(
  context: Context,
  file: PageFile,
  facts: PageFacts,
): Promise<MaydayError | null> {
  const { suspects, screen, symptom, given, firstError } = facts;
  const page = await context.terminal.during(`making ${file.shown}`, async () => {
    const { triagePage } = await import("../report/page.ts");
    const hunks = await hunksOf(facts);
    return triagePage({
      screen,
      given,
      symptom,
      firstError,
      version: context.world.version?.() ?? null,
      hunks,
      changes: suspects,
    });
  });
  try {
    await writeAtomic(file.path, page, { mode: 0o666 });
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    const unwritten = refusal(`${file.shown} could not be written (${why})`);
    if (context.terminal.interactive) await context.terminal.warn(unwritten.message);
    return unwritten;
  }
  context.terminal.say(`wrote ${file.shown}`);
  return null;
}

/** The lines that matter of the first suspects, one commit after the other: git reads the same packs. */
async function hunksOf({ git, paths, screen, symptom }: PageFacts): Promise<Map<Oid, readonly ShownHunk[]>> {
  const { commitHunks } = await import("../triage/hunks.ts");
  const options = { paths, live: screen.standing.live.sha, most: HUNKS_OF_EACH };
  const hunks = new Map<Oid, readonly ShownHunk[]>();
  for (const { sha } of screen.suspects.slice(0, WITH_HUNKS))
    hunks.set(sha, (await commitHunks(git, sha, symptom, options)).hunks);
  return hunks;
}
