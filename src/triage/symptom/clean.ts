/** Of a text longer than this, only head and tail are looked at: a log of gigabytes must not cost minutes. */
const LOOKED_AT = 8 * 1024 * 1024;
/** Characters of a symptom that are taken apart. */
export const SYMPTOM_LENGTH = 64_000;
/** Longest line that is looked at where a log is cut. */
const LINE = 1_000;

/* oxlint-disable no-control-regex, no-misleading-character-class -- taking them out is the point */
/** Colours, cursor moves, titles and links of terminals (ECMA-48). */
const ESCAPES =
  /(?:\u001b\[|\u009b)[0-?]{0,64}[ -/]{0,8}[@-~]|\u001b\][^\u0007\u001b]{0,4096}(?:\u0007|\u001b\\)|\u001b[ -/]{0,4}[0-~]/g;
/** Without a meaning in a log: control characters, soft hyphens, zero widths, bidi, byte order marks. */
const UNSEEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+/g;
/* oxlint-enable no-control-regex, no-misleading-character-class */

/** The text as a person meant it: no terminal codes, nothing unseen, lines that end in `\n`, whole characters. */
export function clean(text: string): string {
  return text
    .replace(ESCAPES, "")
    .replace(UNSEEN, "")
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, "\n")
    .replace(/[\u00a0\u202f]/g, " ")
    .toWellFormed();
}

/** Lines that say what went wrong, or where. */
const TELLING =
  /\b(?:error|exception|panic|panicked|fatal|traceback|caused by|undefined|assert\w{0,10}|fail(?:ed|ure)?)\b|^\s{1,40}(?:at|from) |^\s{0,40}File "|^\s{0,40}#\d|\w(?:Error|Exception)\b/i;

/**
 * At most about `limit` characters: the head says what, the tail of a log says last, and of what lies
 * between, the lines that look like errors and frames, each once.
 */
export function bounded(text: string, limit: number = SYMPTOM_LENGTH): string {
  if (text.length <= limit) return text;
  const head = text.slice(0, Math.floor(limit / 2));
  const tail = text.slice(-Math.floor(limit / 4));
  const middle = telling(text.slice(head.length, text.length - tail.length), Math.floor(limit / 4));
  return `${head}\n${middle}${middle === "" ? "" : "\n"}${tail}`;
}

function telling(text: string, limit: number): string {
  const kept = new Set<string>();
  let room = limit;
  for (let start = 0; start < text.length && room > 0;) {
    const end = text.indexOf("\n", start);
    const line = text.slice(start, Math.min(end === -1 ? text.length : end, start + LINE));
    start = end === -1 ? text.length : end + 1;
    if (line.length > room || kept.has(line) || !TELLING.test(line)) continue;
    kept.add(line);
    room -= line.length + 1;
  }
  return [...kept].join("\n");
}

/** Several texts as one; each has its share of the room, so that a long log does not push out the others. */
export function joined(texts: readonly string[]): string {
  const limit = Math.floor(SYMPTOM_LENGTH / Math.max(1, texts.length)) - 1;
  return texts.map((text) => readable(text, limit)).join("\n");
}

/** Cleaned and bounded. */
export function readable(raw: string, limit: number = SYMPTOM_LENGTH): string {
  const text = raw.length <= LOOKED_AT ? raw : `${raw.slice(0, LOOKED_AT / 2)}\n${raw.slice(-LOOKED_AT / 2)}`;
  return bounded(clean(text), limit);
}
