import { unquote } from "./quote.ts";
import type { RawCommit, RawFile, RawHunk } from "./raw-commit.ts";

/**
 * `--format` for this parser: five NUL-ended fields behind a \x01. git gives no NUL inside a field
 * and a line of a patch is counted by its hunk header, so neither can forge a commit.
 */
export const COMMIT_FORMAT = "%x01%H%x00%P%x00%ct%x00%an%x00%B%x00";
const FIELDS = 5;

export interface Caps {
  /** Lines of text kept of one file; more are counted only. */
  readonly fileLines: number;
  readonly commitLines: number;
  /** Characters kept of one line. */
  readonly lineLength: number;
  /** Files whose text is not wanted (generated, lock files): counted only. */
  readonly skipText: (path: string) => boolean;
  /** Keeps lines in `RawHunk.lines` instead of `removed` and `added`; unchanged ones count like others. */
  readonly inOrder?: boolean;
  /** Takes each file as soon as it is whole, so that a commit is never held as one; its files stay empty. */
  readonly eachFile?: (file: RawFile) => void;
}

/** Bytes kept of a message, and of a line that is not content: a name has at most a few thousand. */
const FIELD_BYTES = 1024 * 1024;
const HEADER_BYTES = 64 * 1024;
/** Hunks kept of one commit; a generated file can have millions, and what is left out is still counted. */
const COMMIT_HUNKS = 50_000;
/** A character of UTF-16 has at most three bytes of UTF-8. */
const BYTES_OF_CHARACTER = 3;

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/s;
const [COMMIT, NEWLINE, SPACE, PLUS, BACKSLASH] = [1, 10, 32, 43, 92] as const;

/**
 * Reads `git log -p` piece by piece, as bytes: what is not kept is never made into text, and
 * what is kept holds on to no chunk. Memory: one commit, within its caps.
 */
export class PatchParser {
  readonly #caps: Caps;
  /** The beginning of a line or field whose end has not come yet, as far as it is kept. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #midway = false;
  /** The fields of a commit that are there; null outside of one. */
  #fields: string[] | null = null;
  #commit: RawCommit | null = null;
  #file: RawFile | null = null;
  #hunk: RawHunk | null = null;
  #removedLeft = 0;
  #addedLeft = 0;
  #fileKept = 0;
  #commitKept = 0;
  #commitHunks = 0;
  #wantsText = true;

  constructor(caps: Caps) {
    this.#caps = caps;
  }

  /** Takes a chunk; gives the commits that are now complete. */
  *push(chunk: Buffer): Generator<RawCommit, void, void> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#inHunk && !this.#midway) {
        at = this.#contents(chunk, at);
        continue;
      }
      if (this.#fields === null && !this.#midway && !this.#inHunk && chunk[at] === COMMIT) {
        this.#fields = [];
        at += 1;
        continue;
      }
      const end = chunk.indexOf(this.#fields === null ? NEWLINE : 0, at);
      if (end === -1) {
        this.#hold(chunk.subarray(at));
        return;
      }
      const whole = this.#release(chunk.subarray(at, end));
      at = end + 1;
      if (this.#fields === null) this.#line(whole);
      else if (this.#fields.push(whole.toString("utf8", 0, FIELD_BYTES)) === FIELDS) {
        this.#handOver(0);
        if (this.#commit) yield this.#commit;
        this.#start(this.#fields);
        this.#fields = null;
      }
    }
  }

  /** The last commit, when the stream has ended. */
  *end(): Generator<RawCommit, void, void> {
    if (this.#midway && this.#fields === null) this.#line(this.#release(Buffer.alloc(0)));
    this.#handOver(0);
    if (this.#commit) yield this.#commit;
    this.#commit = null;
  }

  get #inHunk(): boolean {
    return this.#removedLeft + this.#addedLeft > 0;
  }

  #hold(piece: Buffer): void {
    const limit = this.#fields !== null ? FIELD_BYTES : this.#inHunk ? this.#contentBytes : HEADER_BYTES;
    this.#midway = true;
    const kept = piece.subarray(0, Math.max(0, limit - this.#heldBytes));
    if (kept.length === 0) return;
    this.#held.push(kept);
    this.#heldBytes += kept.length;
  }

  #release(last: Buffer): Buffer {
    if (!this.#midway) return last;
    this.#hold(last);
    const whole = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    this.#midway = false;
    return whole;
  }

  /** The mark and the text of a line of content. */
  get #contentBytes(): number {
    return 1 + BYTES_OF_CHARACTER * this.#caps.lineLength;
  }

  #start(values: readonly string[]): void {
    const [sha = "", parents = "", at = "0", author = "", message = ""] = values;
    this.#commit = {
      sha,
      parents: parents === "" ? [] : parents.split(" "),
      at: Number(at) * 1_000,
      author,
      message: withoutLeadingLines(message),
      files: [],
    };
    this.#file = null;
    this.#hunk = null;
    this.#commitKept = 0;
    this.#commitHunks = 0;
  }

  #line(line: Buffer): void {
    if (this.#inHunk) {
      this.#content(line, 0, line.length);
      return;
    }
    const text = line.toString("utf8", 0, HEADER_BYTES);
    if (text.startsWith("diff --git ")) this.#newFile(text);
    else if (text.startsWith("@@ ")) this.#newHunk(text);
    else if (this.#file && this.#hunk === null) this.#header(this.#file, text);
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
    // The one before may turn out to be the first half of a change of type.
    this.#handOver(2);
    this.#file = file;
    this.#hunk = null;
    this.#fileKept = 0;
    this.#wantsText = true;
  }

  /** Gives whole files away, all but the last `kept`, where someone takes them one by one. */
  #handOver(kept: number): void {
    const { eachFile } = this.#caps;
    const files = this.#commit?.files;
    if (eachFile === undefined || files === undefined) return;
    while (files.length > kept) {
      const whole = files.shift();
      if (whole) eachFile(whole);
    }
  }

  #header(file: RawFile, line: string): void {
    if (line.startsWith("new file mode ")) {
      file.status = "added";
      this.#joinTypeChange(file);
    } else if (line.startsWith("deleted file mode ")) file.status = "deleted";
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

  /** A file that became a link, or the reverse, comes as a deletion and an addition of the same name. */
  #joinTypeChange(file: RawFile): void {
    const files = this.#commit?.files ?? [];
    const before = files.at(-2);
    if (before?.status !== "deleted" || before.path !== file.path) return;
    files.pop();
    before.status = "type";
    this.#file = before;
  }

  #newHunk(line: string): void {
    const match = HUNK.exec(line);
    const file = this.#file;
    if (!match || !file) return;
    if (this.#hunk === null) this.#wantsText = !this.#caps.skipText(file.path);
    this.#hunk = {
      oldStart: Number(match[1]),
      oldLines: Number(match[2] ?? 1),
      newStart: Number(match[3]),
      newLines: Number(match[4] ?? 1),
      header: (match[5] ?? "").slice(0, this.#caps.lineLength),
      removed: [],
      added: [],
      ...(this.#caps.inOrder === true ? { lines: [] } : {}),
    };
    this.#removedLeft = this.#hunk.oldLines;
    this.#addedLeft = this.#hunk.newLines;
    this.#commitHunks += 1;
    if (this.#commitHunks <= COMMIT_HUNKS) file.hunks.push(this.#hunk);
    else file.truncated = true;
  }

  /** Takes the lines of a hunk that are whole in the chunk, as places in it; returns where it stopped. */
  #contents(chunk: Buffer, from: number): number {
    let at = from;
    while (this.#inHunk && at < chunk.length) {
      const end = endOfLine(chunk, at);
      if (end === -1) {
        this.#hold(chunk.subarray(at));
        return chunk.length;
      }
      this.#content(chunk, at, end);
      at = end + 1;
    }
    return at;
  }

  #content(bytes: Buffer, from: number, to: number): void {
    const file = this.#file;
    const hunk = this.#hunk;
    if (!file || !hunk) return;
    const mark = from === to ? SPACE : bytes[from];
    // "\ No newline at end of file" belongs to the line before it and is not counted by git.
    if (mark === BACKSLASH) return;
    const added = mark === PLUS;
    if (added || mark === SPACE) this.#addedLeft -= 1;
    if (!added) this.#removedLeft -= 1;
    if (mark === SPACE) {
      if (hunk.lines === undefined) return;
    } else if (added) file.insertions += 1;
    else file.deletions += 1;
    const { fileLines, commitLines, lineLength } = this.#caps;
    const full = this.#fileKept >= fileLines || this.#commitKept >= commitLines;
    if (full || !this.#wantsText || this.#commitHunks > COMMIT_HUNKS) {
      file.truncated = true;
      return;
    }
    this.#fileKept += 1;
    this.#commitKept += 1;
    let text = bytes.toString("utf8", from + 1, Math.min(to, from + this.#contentBytes));
    if (text.length > lineLength) text = text.slice(0, lineLength);
    if (hunk.lines === undefined) (added ? hunk.added : hunk.removed).push(text);
    else hunk.lines.push({ mark: added ? "+" : mark === SPACE ? " " : "-", text });
  }
}

/** Up to here a loop is faster than the call of `indexOf`; most lines of code are shorter. */
const SHORT = 96;

function endOfLine(bytes: Buffer, from: number): number {
  const near = Math.min(bytes.length, from + SHORT);
  for (let at = from; at < near; at += 1) if (bytes[at] === NEWLINE) return at;
  return bytes.indexOf(NEWLINE, near);
}

/** As `git log` shows a message: blank lines in front of the subject are not part of it. */
export function withoutLeadingLines(message: string): string {
  return message.replace(/^(?:[^\S\n]*\n)+/, "");
}

/** The name in a `--- a/NAME` or `+++ b/NAME` line; git puts a tab behind names with spaces. */
function headerName(line: string): string {
  return unquote(line.slice(4).replace(/\t$/, "")).slice(2);
}
