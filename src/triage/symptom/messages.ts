import type { Line } from "../unfold.ts";
import { messageParts } from "./message-parts.ts";

const MOST = 40;
const LINE = 1_000;
/** Longer lines without a mark of a log are prose. */
const COPIED = 80;

/** `TypeError`, `java.io.IOException`, `Shop\Error`, `PG::UndefinedTable`, `error[E0308]`. */
const TYPE = String.raw`(?:[\w$]{1,80}(?:\.|::|\\|\/)){0,10}[A-Z]\w{0,80}(?:Error|Exception|Panic|Fault|Failure|Warning|Interrupt|Exit|NotFound|Invalid|Violation|Undefined\w{0,40})(?:\s?\[[\w-]{1,60}\])?(?:\s?\([\w ,.:'-]{1,80}\))?`;

/** Where a line says what is wrong: what follows is the message. */
const HEADS: readonly RegExp[] = [
  new RegExp(
    String.raw`(?:^|[\s>(\[|"'*]|---> )(?:Uncaught |Unhandled |Caused by:? )?(?:${TYPE})(?: ?in [^:\n]{1,200})?: {1,4}(\S.*)$`,
  ),
  // Python and Rails: KeyError: 'x' has been seen above; ActiveRecord::RecordNotFound (message):
  new RegExp(String.raw`(?:^|\s)(?:${TYPE}) \((\S[^\n]{4,600})\):?$`),
  // Ruby: x.rb:1:in 'f': message (NoMethodError)
  /:in [`'][^']{1,200}': (\S.{0,600}?)(?: \([A-Z][\w:]{1,100}\))?$/,
  // compilers: error TS2322: no, error[E0308]: no, fatal error: no, error C2065: no
  /(?<!Failure\/)\b(?:fatal |internal |syntax |compile |build |linker )?(?:error|ERROR|Error)(?:\[[\w:-]{1,40}\]| [A-Z]{1,8}\d{1,6})?:{1,2} {0,4}(\S.*)$/,
  /^(?:panic|fatal|failed|failure|Failure|FATAL|Fatal|abort(?:ed)?|Exception|Warning|warning|E|\[cause\]|Caused by|caused by|Reason|reason|cause|Cause|Message|message|rejected|undefined reference|ld|npm|make): {1,4}(\S.*)$/,
  /^(?:PHP )?(?:Fatal error|Parse error|Warning|Notice|Deprecated): {1,4}(?:Uncaught )?(\S.*)$/,
  /\bpanicked at '(.{1,600})', \S{1,300}$/,
  /^E {1,8}(?:[\w.]{1,80}(?:Error|Exception): )?(\S.*)$/,
  /\b(?:Assertion|assertion) (?:failed: |[`'"](.{1,300})['"] failed)/,
  /\berrorMessage["']?[:=] ?["'](.{1,600})["']/,
  /\b(?:ORA-\d{5}|SQLSTATE\[\w{1,10}\]): (\S.*)$/,
  // Elixir: ** (KeyError) message; Go: http: panic serving 10.0.0.1:80: message
  /^\*\* \([\w.]{1,100}\) (\S.*)$/,
  /\bpanic serving \S{1,80}: (\S.*)$/,
  // a type that has no usual ending, with its package: psycopg2.errors.UndefinedColumn: message
  /^\s{0,20}(?:[A-Za-z_$][\w$]{0,80}(?:\.|::|\\)){1,10}[A-Z]\w{0,80}: {1,4}(\S.*)$/,
];
const DEEPER = new RegExp(String.raw`^(?:Uncaught |Unhandled )?(?:ERROR|Error|error|${TYPE}): {1,4}(\S.*)$`);
const PANIC_PLACE = /\bpanicked at \S{1,300}:\d{1,9}:\d{1,9}:$/;
const QUOTED =
  /"([^"\n]{6,300})"|“([^”\n]{6,300})”|`([^`\n]{6,300})`|‘([^’\n]{6,300})’|(?<![\w])'([^'\n]{6,300})'(?!\w)/g;

/** Lines of reports that look like messages: what was run, where it ran. */
const NO_MESSAGE =
  /^(?:test\w{0,150} \([\w.]{1,200}\)$|EXCEPTION: |Process: |CategoryInfo\b|FullyQualifiedErrorId\b|Failure\/Error: )/;

/** How MySQL names the parts of a statement. */
const CLAUSE = /^(?:field list|(?:where|on|order|having|group) (?:clause|statement))$/;

/** What the lines of a symptom say, as pieces that may stand in the source; in the order of the text. */
export function messagesIn(lines: readonly Line[], framed: ReadonlySet<number>): string[] {
  const found = new Set<string>();
  const add = (message: string): void => {
    for (const part of messageParts(message.slice(0, LINE))) if (found.size < MOST) found.add(part);
  };
  for (const [index, line] of lines.entries()) {
    if (found.size >= MOST) break;
    const text = line.text.slice(0, LINE).trim();
    if (text === "" || NO_MESSAGE.test(text)) continue;
    const said = messageOf(text) ?? (PANIC_PLACE.test(lines[index - 1]?.text ?? "") ? text : null);
    if (said !== null) add(said);
    else if (line.said || (line.level === "error" && !framed.has(index))) add(withoutLogger(text));
    if (!framed.has(index)) for (const quoted of quotedSentences(text)) add(quoted);
  }
  // One short line that holds nothing of a log may be the message itself, copied.
  const [only, ...more] = lines.filter(({ text }) => text.trim() !== "");
  if (found.size === 0 && only && more.length === 0 && only.text.length <= COPIED) add(only.text);
  return [...found];
}

function messageOf(text: string): string | null {
  for (const head of HEADS) {
    const match = head.exec(text);
    if (!match) continue;
    const message = match[1] ?? text;
    // A cause in the same line: System.Exception: outer ---> System.Other: inner
    return message === text ? message : ((message.includes(": ") ? deeper(message) : null) ?? message);
  }
  return null;
}

/** `Uncaught TypeError: no` behind `PHP Fatal error:`: the last type in front is taken off, too. */
function deeper(message: string): string | null {
  return DEEPER.exec(message)?.[1] ?? null;
}

/** `c.e.shop.PriceController     : message`, `com.example.Price - message` */
function withoutLogger(text: string): string {
  return text
    .replace(/, client: .*$/, "")
    .replace(/^(?:[\w$[\]/]{1,60}\.){1,10}[\w$[\]/]{1,60}\s{0,40}(?::|-) {1,4}/, "");
}

/** Of quotations, those that are sentences; one word is a name. */
function quotedSentences(text: string): string[] {
  return [...text.matchAll(QUOTED)]
    .map((match) => match.slice(1).find((group) => group !== undefined) ?? "")
    .filter(
      (quoted) => /\S\s+\S+\s+\S|\S\s\S/.test(quoted) && /[A-Za-z]{3}/.test(quoted) && !CLAUSE.test(quoted),
    );
}
