import { stripPrefixes } from "./symptom/prefixes.ts";
import { readRecord } from "./symptom/records.ts";

/** One line of a symptom, without what its log puts in front. */
export interface Line {
  readonly text: string;
  readonly level: "error" | "other" | null;
  /** It is what a record calls its message. */
  readonly said: boolean;
}

/** Records inside strings of records: Docker around a logger. */
const DEPTH = 3;
/** A record over more lines than this is read as text. */
const RECORD_LINES = 600;
const MOST_LINES = 20_000;
const FLAT_LINE = 20_000;

/**
 * The lines of a text. Records of JSON and logfmt, as loggers write them, become the text they hold:
 * a stack trace inside a string becomes lines again. Prefixes of logs are taken off.
 */
export function unfold(text: string): Line[] {
  const into: Line[] = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length && into.length < MOST_LINES; at += 1) {
    const line = lines[at] ?? "";
    const end = /^\s{0,40}\{$/.test(line) ? endOfRecord(lines, at) : -1;
    const record =
      end === -1
        ? undefined
        : parsed(
            lines
              .slice(at, end + 1)
              .join("\n")
              .replace(/,\s*$/, ""),
          );
    if (record === undefined) read(line, into, 0);
    else {
      tell(record, into, 0, null);
      at = end;
    }
  }
  return into;
}

function read(line: string, into: Line[], depth: number): void {
  const { text, level } = stripPrefixes(line);
  const at = text.indexOf("{");
  const trimmed = at === -1 ? "" : text.trimEnd().replace(/\s\[\]$/, "");
  const record = trimmed.endsWith("}") && depth < DEPTH ? parsed(trimmed.slice(at)) : undefined;
  if (record !== undefined) {
    const before = text.slice(0, at).trimEnd();
    if (before !== "") into.push({ text: before, level, said: false });
    return tell(record, into, depth, level);
  }
  const pairs = logfmt(text);
  if (pairs !== undefined) return tell(pairs, into, depth, level);
  // Not JSON after all, or cut off: as text it may still hold a trace.
  if (
    /\\n(?:\\t|\s){0,20}(?:at |File |#\d|from |\w)/.test(text) &&
    /\\n(?:\\t|\s){0,20}(?:at |File |#\d|from )/.test(text)
  ) {
    const lines = text
      .replaceAll(String.raw`\n`, "\n")
      .replaceAll(String.raw`\t`, "\t")
      .replaceAll(String.raw`\"`, '"');
    for (const one of lines.split("\n")) into.push({ text: one, level, said: false });
  } else for (const one of flat(text)) into.push({ text: one, level, said: false });
}

function tell(record: unknown, into: Line[], depth: number, outer: Line["level"]): void {
  const level = levelOf(record) ?? outer;
  for (const { text, said } of readRecord(record)) {
    for (const [index, line] of text.replace(/\n$/, "").split(/\r?\n/).entries()) {
      const start = into.length;
      read(line, into, depth + 1);
      for (let at = start; at < into.length; at += 1) {
        const one = into[at];
        if (one)
          into[at] = {
            ...one,
            level: one.level ?? (said ? level : null),
            said: one.said || (said && index === 0),
          };
      }
    }
  }
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && Object.keys(value).length > 0 ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Where the record that opens here closes: a bracket as far to the right. */
function endOfRecord(lines: readonly string[], start: number): number {
  const indent = (lines[start] ?? "").replace(/\S.*$/, "");
  const last = Math.min(lines.length, start + RECORD_LINES);
  for (let at = start + 1; at < last; at += 1)
    if (/^\},?$/.test((lines[at] ?? "").replace(indent, ""))) return at;
  return -1;
}

/** Pino counts its levels: 50 is error, 60 fatal. */
function levelOf(record: unknown): Line["level"] {
  const fields = record as Readonly<Record<string, unknown>>;
  const level =
    fields["level"] ?? fields["severity"] ?? fields["levelname"] ?? fields["lvl"] ?? fields["log.level"];
  if (typeof level === "number") return level >= 50 ? "error" : "other";
  if (typeof level !== "string") return null;
  return /^(?:err|error|fatal|crit|critical|alert|emerg\w*|panic|dpanic|severe)$/i.test(level)
    ? "error"
    : "other";
}

/** A trace whose line ends were lost on the way, as chats and tickets do it. */
const FLAT =
  /\s{1,20}(?=at (?:async )?(?:[^\s()]{1,200}(?: \[as [^\]]{1,80}\])? ?\()?[^\s()]{1,300}:\d{1,9}(?::\d{1,9})?\)?|File "[^"]{1,300}", line \d)/g;

function flat(text: string): readonly string[] {
  const pieces = text.length > FLAT_LINE || !/:\d|", line \d/.test(text) ? [] : text.split(FLAT);
  return pieces.length > 2 ? pieces.map((piece, index) => (index === 0 ? piece : `    ${piece}`)) : [text];
}

const PAIR = /([\w.@-]{1,60})=(?:"((?:[^"\\]|\\.){0,4000})"|([^\s"]{0,400}))(?=\s|$)/g;

/** `level=error msg="no such table" path=/cart`: at least two pairs, one of them of a logger. */
function logfmt(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!/(?:^|\s)(?:level|lvl|msg|error|err|at|severity)=/.test(text)) return undefined;
  const pairs = [...text.matchAll(PAIR)].map(
    ([, key = "", quoted, bare]) => [key, quoted?.replace(/\\(["\\])/g, "$1") ?? bare ?? ""] as const,
  );
  if (pairs.length < 2 || text.replace(PAIR, "").trim().length > text.length / 4) return undefined;
  return Object.fromEntries(
    pairs.map(([key, value]) => [key, /^[1-5]\d\d$/.test(value) ? Number(value) : value]),
  );
}
