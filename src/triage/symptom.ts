import type { Symptom } from "../model/triage.ts";
import { framesIn, parseFrames } from "./frames.ts";
import { readable } from "./symptom/clean.ts";
import { kindsOf } from "./symptom/kinds.ts";
import { messagesIn } from "./symptom/messages.ts";
import { flagsIn, identifiersIn, variablesIn } from "./symptom/names.ts";
import { demangled, packageOfForeign, withoutNoise } from "./symptom/noise.ts";
import { pathsIn } from "./symptom/paths.ts";
import { endpointsIn, statusesIn } from "./symptom/requests.ts";
import { sqlNamesIn } from "./symptom/sql.ts";
import { termsOf } from "./symptom/terms.ts";
import { testsIn } from "./symptom/tests.ts";
import { type Line, unfold } from "./unfold.ts";

const MAX_FRAMES = 60;
const MAX_ERRORS = 60;
/** Longer lines are data; they are looked at this far. */
const LINE = 4_000;

const ERRORS =
  /\b(?:[A-Z]\w{0,80}(?:Error|Exception|Panic|Fault|Failure|Interrupt)|E(?:ACCES|ADDRINUSE|ADDRNOTAVAIL|AGAIN|AI_[A-Z]{3,10}|BADF|BUSY|CANCELED|CHILD|CONN(?:ABORTED|REFUSED|RESET|ECTION)|DEADLK|DQUOT|EXIST|FAULT|FBIG|HOST(?:UNREACH|DOWN)|INTR|INVAL|IO|ISDIR|LOOP|MFILE|MLINK|MSGSIZE|NAMETOOLONG|NETUNREACH|NFILE|NO(?:BUFS|DEV|ENT|EXEC|LCK|MEM|SPC|SYS|TCONN|TDIR|TEMPTY|TFOUND|TSOCK|TSUP|TTY)|PERM|PIPE|PROTO|RANGE|ROFS|SRCH|SOCKET(?:TIMEDOUT)?|STALE|TIMEDOUT|TXTBSY|XDEV|RESOLVE|INTEGRITY|TARGET|BADENGINE|JSONPARSE|AUTH|PROTOTYPE)|ERR_[A-Z_]{3,40}|SIG(?:SEGV|ABRT|KILL|TERM|BUS|FPE|ILL|HUP|INT|PIPE|TRAP|QUIT)|OOMKilled|CrashLoopBackOff|ImagePullBackOff|ORA-\d{5}|SQLSTATE\[\w{1,10}\]|TS\d{4}|CS\d{4}|E\d{4}(?=\])|PG::\w{1,40}|(?:[A-Z]\w{0,40}::){1,4}(?:RecordNotFound|RecordInvalid|StatementInvalid|NotFound)|Undefined(?:Column|Table|Function|Object)|(?:Unique|ForeignKey|NotNull|Check)Violation|(?:Record|Does)Not(?:Found|Exist)|panic|segfault|segmentation fault)\b/g;

/** Takes apart what was seen. Never throws; any text is a symptom. */
export function parseSymptom(raw: string): Symptom {
  const lines = unfold(readable(raw)).map((line) => ({ ...line, text: line.text.slice(0, LINE) }));
  const text = lines.map((line) => line.text).join("\n");
  const frames = parseFrames(text, MAX_FRAMES);
  const framed = framedLines(lines);
  const words = telling(lines, framed);
  const unframed = withoutFrames(lines, framed);
  const tests = testsIn(text);
  const statuses = statusesIn(text);
  const { tables, columns } = sqlNamesIn(text);
  return {
    text,
    frames,
    paths: pathsIn(unframed, frames),
    errors: unique(text.match(ERRORS) ?? []).slice(0, MAX_ERRORS),
    messages: messagesIn(lines, framed),
    tests,
    endpoints: endpointsIn(unframed),
    tables,
    columns,
    variables: variablesIn(text),
    flags: flagsIn(text),
    statuses,
    kinds: kindsOf(unframed, { tests, statuses, tables }),
    terms: termsOf(words),
    identifiers: identifiersIn(words),
  };
}

/** Lines that are nothing but a frame: `at …`, `File "…"`, `#0 …`, `from …`. */
function framedLines(lines: readonly Line[]): Set<number> {
  const framed = new Set<number>();
  for (const [index, { text }] of lines.entries()) {
    if (!/^\s{0,40}(?:at |bei |File "|#\d|from |❯ |[\w$.<>/*]{0,200}@|\t)/.test(text)) continue;
    if (packageOfForeign(text) !== null || framesIn(text.slice(0, 1_000)).length > 0) framed.add(index);
  }
  return framed;
}

/** The text that words are counted in: each line once, no noise, and of other people's frames only the package. */
function telling(lines: readonly Line[], framed: ReadonlySet<number>): string {
  const seen = new Set<string>();
  const kept: string[] = [];
  for (const [index, { text }] of lines.entries()) {
    const line = (framed.has(index) ? packageOfForeign(text) : null) ?? text;
    if (line === "" || seen.has(line)) continue;
    seen.add(line);
    kept.push(line);
  }
  return withoutNoise(demangled(kept.join("\n")));
}

function withoutFrames(lines: readonly Line[], framed: ReadonlySet<number>): string {
  return lines
    .filter((_, index) => !framed.has(index))
    .map(({ text }) => text)
    .join("\n");
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
