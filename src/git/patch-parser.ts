import { StringDecoder } from "node:string_decoder";

import type { FileChange } from "../model/change.ts";

/** A commit as it comes out of the stream: the patches of one file at a time, text capped. */
export interface RawFile {
  path: string;
  from?: string;
  status: FileChange["status"];
  binary: boolean;
  insertions: number;
  deletions: number;
  truncated: boolean;
  hunks: RawHunk[];
}

export interface RawHunk {
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  header: string;
  removed: string[];
  added: string[];
}

export interface RawCommit {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly at: number;
  readonly author: string;
  readonly message: string;
  readonly files: RawFile[];
}

/**
 * `--format` for this parser: five NUL-ended fields behind a \x01. A message cannot hold a NUL and
 * a line of a patch is counted by its hunk header, so neither can forge a commit.
 */
export const COMMIT_FORMAT = "%x01%H%x00%P%x00%ct%x00%an%x00%B%x00";

export interface Caps {
  /** Lines of text kept of one file; more are counted only. */
  readonly fileLines: number;
  readonly commitLines: number;
  /** Characters kept of one line. */
  readonly lineLength: number;
  /** Files whose text is not wanted (generated, lock files): counted only. */
  readonly skipText: (path: string) => boolean;
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/s;

/** Reads `git log -p -U0` piece by piece; memory holds one commit and one unfinished line. */
export class PatchParser {
  readonly #caps: Caps;
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";
  #commit: RawCommit | null = null;
  #file: RawFile | null = null;
  #hunk: RawHunk | null = null;
  #removedLeft = 0;
  #addedLeft = 0;
  #fileKept = 0;
  #commitKept = 0;
  #wantsText = true;

  constructor(caps: Caps) {
    this.#caps = caps;
  }

  /** Takes a chunk; gives the commits that are now complete. */
  *push(chunk: Buffer): Generator<RawCommit, void, void> {
    this.#rest += this.#decoder.write(chunk);
    yield* this.#drain(false);
  }

  /** The last commit, when the stream has ended. */
  *end(): Generator<RawCommit, void, void> {
    this.#rest += this.#decoder.end();
    yield* this.#drain(true);
    if (this.#commit) yield this.#commit;
    this.#commit = null;
  }

  *#drain(ended: boolean): Generator<RawCommit, void, void> {
    let at = 0;
    const text = this.#rest;
    while (at < text.length) {
      if (this.#removedLeft + this.#addedLeft === 0 && text.charCodeAt(at) === 1) {
        const fields = readFields(text, at + 1, 5);
        if (fields === null) break;
        const done = this.#commit;
        this.#start(fields.values);
        if (done) yield done;
        at = fields.end;
        continue;
      }
      let end = text.indexOf("\n", at);
      if (end === -1) {
        if (!ended) break;
        end = text.length;
      }
      this.#line(text.slice(at, end));
      at = end + 1;
    }
    this.#rest = text.slice(at);
  }

  #start(values: readonly string[]): void {
    const [sha = "", parents = "", at = "0", author = "", message = ""] = values;
    this.#commit = {
      sha,
      parents: parents === "" ? [] : parents.split(" "),
      at: Number(at) * 1_000,
      author,
      message,
      files: [],
    };
    this.#file = null;
    this.#hunk = null;
    this.#commitKept = 0;
  }

  #line(line: string): void {
    if (this.#removedLeft + this.#addedLeft > 0) this.#content(line);
    else if (line.startsWith("diff --git ")) this.#newFile(line);
    else if (line.startsWith("@@ ")) this.#newHunk(line);
    else if (this.#file && this.#hunk === null) this.#header(this.#file, line);
  }

  #newFile(line: string): void {
    // "diff --git a/NAME b/NAME": both names are the same here, renames say theirs below.
    const body = line.slice("diff --git ".length);
    const half = (body.length - 1) / 2;
    const file: RawFile = {
      path: unquote(body.slice(half + 1)).slice(2),
      status: "modified",
      binary: false,
      insertions: 0,
      deletions: 0,
      truncated: false,
      hunks: [],
    };
    this.#commit?.files.push(file);
    this.#file = file;
    this.#hunk = null;
    this.#fileKept = 0;
    this.#wantsText = true;
  }

  #header(file: RawFile, line: string): void {
    if (line.startsWith("new file mode ")) file.status = "added";
    else if (line.startsWith("deleted file mode ")) file.status = "deleted";
    else if (line.startsWith("rename from ")) {
      file.status = "renamed";
      file.from = unquote(line.slice("rename from ".length));
    } else if (line.startsWith("copy from ")) {
      file.status = "copied";
      file.from = unquote(line.slice("copy from ".length));
    } else if (line.startsWith("rename to ")) file.path = unquote(line.slice("rename to ".length));
    else if (line.startsWith("copy to ")) file.path = unquote(line.slice("copy to ".length));
    else if (line.startsWith("--- ") && !line.startsWith("--- /dev/null")) {
      if (file.status === "deleted") file.path = headerName(line);
    } else if (line.startsWith("+++ ") && !line.startsWith("+++ /dev/null")) file.path = headerName(line);
    else if (line.startsWith("Binary files ")) file.binary = true;
  }

  #newHunk(line: string): void {
    const match = HUNK.exec(line);
    if (!match || !this.#file) return;
    if (this.#file.hunks.length === 0) this.#wantsText = !this.#caps.skipText(this.#file.path);
    this.#hunk = {
      oldStart: Number(match[1]),
      oldLines: Number(match[2] ?? 1),
      newStart: Number(match[3]),
      newLines: Number(match[4] ?? 1),
      header: (match[5] ?? "").slice(0, this.#caps.lineLength),
      removed: [],
      added: [],
    };
    this.#file.hunks.push(this.#hunk);
    this.#removedLeft = this.#hunk.oldLines;
    this.#addedLeft = this.#hunk.newLines;
  }

  #content(line: string): void {
    const file = this.#file;
    const hunk = this.#hunk;
    if (!file || !hunk) return;
    const mark = line.charCodeAt(0);
    // "\ No newline at end of file" belongs to the line before it and is not counted by git.
    if (mark === 92) return;
    const added = mark === 43;
    if (added) {
      this.#addedLeft -= 1;
      file.insertions += 1;
    } else {
      this.#removedLeft -= 1;
      file.deletions += 1;
    }
    if (
      !this.#wantsText ||
      this.#fileKept >= this.#caps.fileLines ||
      this.#commitKept >= this.#caps.commitLines
    ) {
      file.truncated = true;
      return;
    }
    this.#fileKept += 1;
    this.#commitKept += 1;
    (added ? hunk.added : hunk.removed).push(line.slice(1, 1 + this.#caps.lineLength));
  }
}

function readFields(text: string, from: number, count: number): { values: string[]; end: number } | null {
  const values: string[] = [];
  let at = from;
  for (let i = 0; i < count; i += 1) {
    const end = text.indexOf("\0", at);
    if (end === -1) return null;
    values.push(text.slice(at, end));
    at = end + 1;
  }
  return { values, end: at };
}

/** The name in a `--- a/NAME` or `+++ b/NAME` line; git puts a tab behind names with spaces. */
function headerName(line: string): string {
  return unquote(line.slice(4).replace(/\t$/, "")).slice(2);
}

const ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  "\\": 92,
};

/** A name in git's C style (`"a\tb\303\244"`) as it really is. */
export function unquote(name: string): string {
  if (!name.startsWith('"') || !name.endsWith('"')) return name;
  const bytes: number[] = [];
  const body = Buffer.from(name.slice(1, -1), "utf8");
  for (let i = 0; i < body.length; i += 1) {
    const byte = body[i] ?? 0;
    if (byte !== 92) {
      bytes.push(byte);
      continue;
    }
    const octal = /^[0-7]{3}/.exec(body.subarray(i + 1, i + 4).toString("latin1"));
    if (octal) {
      bytes.push(Number.parseInt(octal[0], 8));
      i += 3;
    } else {
      bytes.push(ESCAPES[String.fromCharCode(body[i + 1] ?? 0)] ?? 0);
      i += 1;
    }
  }
  return Buffer.from(bytes).toString("utf8");
}
