import type { Symptom } from "../model/triage.ts";
import { parseFrames } from "./frames.ts";
import { unfold } from "./unfold.ts";

/** Characters read of a symptom: the head says what, the tail of a log says last. */
const HEAD = 48_000;
const TAIL = 16_000;
const MAX_FRAMES = 60;
const MAX_TERMS = 400;

/** Takes apart what was seen. Never throws; any text is a symptom. */
export function parseSymptom(raw: string): Symptom {
  const text = unfold(bounded(raw));
  const identifiers = unique(text.match(/[A-Za-z_$][\w$]*(?:(?:\.|::|->|#)[A-Za-z_$][\w$]*)*/g) ?? []).slice(
    0,
    2_000,
  );
  return {
    text,
    frames: parseFrames(text, MAX_FRAMES),
    paths: pathsIn(text),
    errors: unique(
      text.match(
        /\b(?:[A-Z]\w{0,80}(?:Error|Exception|Panic|Fault|Failure)|E[A-Z]{4,20}|SIG[A-Z]{3,5}|panic|segfault)\b/g,
      ) ?? [],
    ),
    messages: [],
    tests: [],
    endpoints: [],
    tables: [],
    columns: [],
    variables: [],
    flags: [],
    statuses: [],
    kinds: [],
    terms: termsOf(text),
    identifiers,
  };
}

function bounded(raw: string): string {
  // oxlint-disable-next-line no-control-regex -- colour codes of logs are noise here
  const text = raw.replace(/\u001b\[[0-9;]*[A-Za-z]/g, "").replaceAll("\r\n", "\n");
  return text.length <= HEAD + TAIL ? text : `${text.slice(0, HEAD)}\n${text.slice(-TAIL)}`;
}

/** Longer runs of path characters are not paths; looking through them would cost time for nothing. */
const LONGEST_PATH = 300;
const SOURCE_FILE =
  /^[\w-]{1,100}\.(?:[cm]?[jt]sx?|py|rb|go|rs|java|kt|php|cs|c|cc|cpp|h|hpp|swift|scala|sql|ya?ml|json|toml|vue|svelte|css|scss|html|sh)$/;

function pathsIn(text: string): string[] {
  const words = (text.match(/[\w@.+/-]+/g) ?? []).filter((word) => word.length <= LONGEST_PATH);
  const found = words
    .map((word) => word.replace(/^(?:\.{0,2}\/)+/, "").replace(/[./]+$/, ""))
    .filter((word) => /[\w@+-]\/[\w@.+-]/.test(word) || SOURCE_FILE.test(word));
  return unique(found).slice(0, 200);
}

const STOP = new Set(
  "a an and are as at be been but by can could did do does for from get got had has have how i if in into is it its just like may me more most my no nor not of off on one only or our out over own same she so some such than that the their them then there these they this those through to too up us use used uses using very was we were what when where which while who why will with would you your also after before again because being both each few other should now new all any about error errors issue problem see seen still fails failed failing line file".split(
    " ",
  ),
);

/** Words and identifiers, whole and split at case, underscore and dash; most frequent first. */
export function termsOf(text: string): string[] {
  const counts = new Map<string, number>();
  for (const word of text.match(/[A-Za-z][A-Za-z0-9_]*/g) ?? []) {
    for (const term of splitWord(word)) {
      if (term.length > 1 && !STOP.has(term)) counts.set(term, (counts.get(term) ?? 0) + 1);
    }
  }
  return [...counts]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, MAX_TERMS)
    .map(([term]) => term);
}

/** `formatPrice_v2` → formatprice_v2, format, price, v2. */
export function splitWord(word: string): string[] {
  const whole = word.toLowerCase();
  // A run of letters as long as this is data, not a name.
  if (word.length > 80) return [whole.slice(0, 80)];
  if (!/[a-z0-9][A-Z]|[A-Z]{2}[a-z]|_/.test(word)) return [whole];
  const parts = word
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(/[ _]+/);
  return unique([whole, ...parts.map((part) => part.toLowerCase()).filter((part) => part !== "")]);
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
