import type { Frame, Symptom } from "../model/triage.ts";

/** Characters read of a symptom: the head says what, the tail of a log says last. */
const HEAD = 48_000;
const TAIL = 16_000;
const MAX_FRAMES = 60;
const MAX_TERMS = 400;

const FILE = String.raw`((?:[A-Za-z]:)?[^\s:()'"\x60<>|,;=]*[\w)\]}+-]\.[A-Za-z][A-Za-z0-9]{0,8})`;

/** One pattern a language family; groups: function, file, line, column. First match of a line wins. */
const FRAMES: readonly { readonly pattern: RegExp; readonly groups: readonly (keyof Frame)[] }[] = [
  // JavaScript (V8): at name (file:1:2), at file:1:2; also Java: at a.b.C.m(C.java:12)
  {
    pattern: new RegExp(String.raw`^\s*at (?:async )?(.+?) \(?(?:file:\/\/)?${FILE}:(\d+)(?::(\d+))?\)?`),
    groups: ["function", "file", "line", "column"],
  },
  {
    pattern: new RegExp(String.raw`^\s*at ([\w$.<>/]+)\(${FILE}:(\d+)\)`),
    groups: ["function", "file", "line"],
  },
  {
    pattern: new RegExp(String.raw`^\s*at (?:file:\/\/)?${FILE}:(\d+)(?::(\d+))?`),
    groups: ["file", "line", "column"],
  },
  // JavaScript (Firefox, Safari): name@file:1:2
  {
    pattern: new RegExp(String.raw`^\s*([\w$.<>/]*)@(?:https?:\/\/[^/]+)?${FILE}(?:\?[^:]*)?:(\d+):(\d+)`),
    groups: ["function", "file", "line", "column"],
  },
  // Python
  { pattern: /^\s*File "([^"]+)", line (\d+)(?:, in (.+))?/, groups: ["file", "line", "function"] },
  // C#: at A.B.C() in /x/y.cs:line 12
  { pattern: /^\s*at (.+?) in (.+):line (\d+)/, groups: ["function", "file", "line"] },
  // PHP: #0 /x/y.php(12): name()
  { pattern: /^\s*#\d+ (.+?)\((\d+)\): (.+?)\(/, groups: ["file", "line", "function"] },
  // gdb, sanitizers: #0 0x12 in name file.c:12
  {
    pattern: new RegExp(
      String.raw`^\s*#\d+\s+(?:0x[0-9a-f]+ in )?(.+?) (?:\(.*\) )?(?:at )?${FILE}:(\d+)(?::(\d+))?`,
    ),
    groups: ["function", "file", "line", "column"],
  },
  // Ruby: x.rb:12:in `name'
  { pattern: new RegExp(String.raw`${FILE}:(\d+):in [\x60'](.+?)'`), groups: ["file", "line", "function"] },
  // Everything that names a place (Go, Rust, compilers, linters): path/file.ext:12:3
  {
    pattern: new RegExp(String.raw`(?:^|[\s("'\x60\[=]|--> )${FILE}:(\d+)(?::(\d+))?(?=$|[\s:,;)'"\x60\]])`),
    groups: ["file", "line", "column"],
  },
];

/** Takes apart what was seen. Never throws; any text is a symptom. */
export function parseSymptom(raw: string): Symptom {
  const text = bounded(raw);
  const frames: Frame[] = [];
  const seen = new Set<string>();
  for (const line of text.split("\n")) {
    if (frames.length >= MAX_FRAMES) break;
    const frame = parseFrame(line.slice(0, 2_000));
    if (!frame) continue;
    const key = `${frame.file}:${frame.line ?? ""}:${frame.function ?? ""}`;
    if (!seen.has(key)) frames.push(frame);
    seen.add(key);
  }
  const identifiers = unique(text.match(/[A-Za-z_$][\w$]*(?:(?:\.|::|->|#)[A-Za-z_$][\w$]*)*/g) ?? []).slice(
    0,
    2_000,
  );
  return {
    text,
    frames: reverseIfPython(text, frames),
    paths: pathsIn(text),
    errors: unique(
      text.match(
        /\b(?:[A-Z][\w.]*(?:Error|Exception|Panic|Fault|Failure)|E[A-Z]{4,}|SIG[A-Z]{3,5}|panic|segfault)\b/g,
      ) ?? [],
    ),
    terms: termsOf(text),
    identifiers,
  };
}

function bounded(raw: string): string {
  // oxlint-disable-next-line no-control-regex -- colour codes of logs are noise here
  const text = raw.replace(/\u001b\[[0-9;]*[A-Za-z]/g, "").replaceAll("\r\n", "\n");
  return text.length <= HEAD + TAIL ? text : `${text.slice(0, HEAD)}\n${text.slice(-TAIL)}`;
}

function parseFrame(line: string): Frame | undefined {
  for (const { pattern, groups } of FRAMES) {
    const match = pattern.exec(line);
    if (!match) continue;
    const found: { file?: string; line?: number; column?: number; function?: string } = {};
    for (const [index, group] of groups.entries()) {
      const value = match[index + 1];
      if (value === undefined) continue;
      if (group === "line" || group === "column") found[group] = Number(value);
      else found[group] = value.trim();
    }
    if (found.file !== undefined && !/^\d+(?:\.\d+)*$/.test(found.file))
      return { ...found, file: found.file };
  }
  return undefined;
}

/** Python prints the innermost frame last; everyone else first. */
function reverseIfPython(text: string, frames: readonly Frame[]): Frame[] {
  return /Traceback \(most recent call last\)/.test(text) ? frames.toReversed() : [...frames];
}

function pathsIn(text: string): string[] {
  const found = text.match(
    /(?:[\w@.+-]+\/)+[\w@.+-]+|\b[\w-]+\.(?:[cm]?[jt]sx?|py|rb|go|rs|java|kt|php|cs|c|cc|cpp|h|hpp|swift|scala|sql|ya?ml|json|toml|vue|svelte|css|scss|html|sh)\b/g,
  );
  return unique((found ?? []).map((path) => path.replace(/^\.?\//, "").replace(/[.:]+$/, ""))).slice(0, 200);
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
