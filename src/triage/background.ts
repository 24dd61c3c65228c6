import type { Git } from "../git/git.ts";
import type { Oid } from "../model/oid.ts";
import type { Query } from "./query.ts";
import { WORD } from "./words.ts";

/** Changes before good that are looked at. */
const CHANGES = 2_000;
const MESSAGE = 5_000;
/** A change of more files than this says nothing of any one of them. */
const MOST_FILES = 60;

/** What the repository was like before the range: how common words are, and what they went with. */
export interface Background {
  readonly documents: number;
  /** For each term of the query: in how many messages. */
  readonly holding: readonly number[];
  /** For each file: how often it changed, and in a revert. */
  readonly files: ReadonlyMap<string, { changes: number; reverts: number }>;
  readonly folders: ReadonlyMap<string, number>;
  /** For each term: the files and folders that changed where a message spoke of it, by how often. */
  readonly termFiles: readonly ReadonlyMap<string, number>[];
  readonly termFolders: readonly ReadonlyMap<string, number>[];
}

export const NO_BACKGROUND: Background = {
  documents: 0,
  holding: [],
  files: new Map(),
  folders: new Map(),
  termFiles: [],
  termFolders: [],
};

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Reads messages and names of files of the changes before good; no contents. */
export async function readBackground(git: Git, good: Oid, query: Query): Promise<Background> {
  if (query.glossary.terms.length === 0) return NO_BACKGROUND;
  const holding = query.glossary.terms.map(() => 0);
  const files = new Map<string, { changes: number; reverts: number }>();
  const folders = new Map<string, number>();
  const termFiles = query.glossary.terms.map(() => new Map<string, number>());
  const termFolders = query.glossary.terms.map(() => new Map<string, number>());
  const answer = await git.run([
    "log",
    "--first-parent",
    "--diff-merges=first-parent",
    `--max-count=${CHANGES}`,
    "--no-renames",
    "--name-only",
    "-z",
    "--format=%x01%B%x00",
    good,
    "--",
  ]);
  // No message and no path holds a NUL, and with -z a path may begin with anything: the first field is the message.
  const records = answer.stdout.toString("utf8").split("\0\u0001");
  let documents = 0;
  for (const record of records) {
    const [raw = "", ...rest] = record.split("\0");
    const message = (raw.startsWith("\u0001") ? raw.slice(1) : raw).slice(0, MESSAGE);
    documents += 1;
    const met = new Set<number>();
    for (const word of message.match(WORD) ?? [])
      for (const term of query.glossary.look(word).terms) met.add(term);
    for (const term of met) holding[term] = (holding[term] ?? 0) + 1;
    const paths = rest.map((path) => path.replace(/^\n+/, "")).filter((path) => path !== "");
    if (paths.length > MOST_FILES) continue;
    const reverts = /^revert/i.test(message) ? 1 : 0;
    const share = 1 / Math.sqrt(Math.max(1, paths.length));
    for (const path of paths) {
      const folder = folderOf(path);
      const file = files.get(path);
      if (file === undefined) files.set(path, { changes: 1, reverts });
      else {
        file.changes += 1;
        file.reverts += reverts;
      }
      folders.set(folder, (folders.get(folder) ?? 0) + 1);
      for (const term of met) {
        add(termFiles[term], path, share);
        add(termFolders[term], folder, share);
      }
    }
  }
  return { documents, holding, files, folders, termFiles, termFolders };
}

function add(counts: Map<string, number> | undefined, key: string, much: number): void {
  counts?.set(key, (counts.get(key) ?? 0) + much);
}

/** Shrinks what was seen only a few times. */
const DOUBT_FILE = 5;
const DOUBT_FOLDER = 10;

export interface FileHistory {
  /** How much earlier messages that share the symptom's words went with these files. */
  readonly words: number;
  readonly folder: number;
  /** Largest share of a file's changes that were part of a revert. */
  readonly reverts: number;
}

export function historyOf(
  paths: readonly string[],
  background: Background,
  weights: readonly number[],
): FileHistory {
  let words = 0;
  let folder = 0;
  let reverts = 0;
  for (const path of paths.slice(0, MOST_FILES)) {
    const known = background.files.get(path) ?? { changes: 0, reverts: 0 };
    const place = folderOf(path);
    const inFolder = background.folders.get(place) ?? 0;
    let file = 0;
    let near = 0;
    for (const [term, weight] of weights.entries()) {
      file += (weight * (background.termFiles[term]?.get(path) ?? 0)) / (known.changes + DOUBT_FILE);
      near += (weight * (background.termFolders[term]?.get(place) ?? 0)) / (inFolder + DOUBT_FOLDER);
    }
    words = Math.max(words, file);
    folder = Math.max(folder, near);
    reverts = Math.max(reverts, known.reverts / (known.changes + DOUBT_FILE));
  }
  return { words, folder, reverts };
}
