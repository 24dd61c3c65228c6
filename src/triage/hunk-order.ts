import type { RawLine } from "../git/raw-commit.ts";
import { type Area, areaOf } from "../model/area.ts";
import type { Symptom } from "../model/triage.ts";
import type { Met } from "./hunk-words.ts";
import { locateFrames, PathIndex } from "./locate.ts";
import type { Query } from "./query.ts";
import { rareShare } from "./rarity.ts";
import type { Trivial } from "./trivial.ts";
import { WORD } from "./words.ts";

/** What is known of a hunk before it is compared with the others. */
export interface HunkFacts {
  readonly path: string;
  readonly from?: string;
  readonly header: string;
  /** First line and number of lines, as the file is after the change. */
  readonly start: number;
  readonly length: number;
  /** Changed lines. */
  readonly changes: number;
  /** Their beginning: the same in hunks that do the same. */
  readonly print: string;
  /** The worst that can be said of it without a symptom, 0–1. */
  readonly risk: number;
  readonly trivial: Trivial | null;
  readonly met: Met;
}

/** How much harm each area does by itself: what no rollback of code brings back comes first. */
const HARM: Readonly<Record<Area, number>> = {
  migration: 1,
  configuration: 0.9,
  infrastructure: 0.85,
  dependency: 0.8,
  source: 0.6,
  ci: 0.4,
  assets: 0.25,
  test: 0.2,
  docs: 0.1,
  lockfile: 0.08,
  generated: 0.05,
};
/** Settings of tools that developers use: production does not read them. */
const TOOLING =
  /(?:^|\/)(?:\.[^/]*ignore|\.gitattributes|\.editorconfig|\.(?:eslint|prettier|stylelint|nyc|oxlint|oxfmt|rubocop)[^/]*|tsconfig[^/]*\.json|(?:eslint|prettier|jest|vitest|playwright|cypress|knip|biome|karma|stylelint|commitlint|lint-staged)[^/]*\.[cm]?[jt]s(?:on)?|renovate\.json5?|\.vscode\/[^/]*|codecov\.ya?ml|mayday\.ya?ml)$/i;
/** What makes the program, and is not there when it runs. */
const BUILD =
  /(?:^|\/)(?:makefile|rakefile|cmakelists\.txt|build(?:\.bazel)?|workspace|gulpfile[^/]*|gruntfile[^/]*|[^/]+\.config\.[cm]?[jt]s|[^/]+\.(?:mk|cmake|build))$/i;
/** Not what production runs, whatever kind of file it is. */
const ASIDE =
  /(?:^|\/)(?:t|examples?|samples?|playgrounds?|demos?|bench(?:es|marks?)?|scripts|contrib|stories|storybook|po|locales?|i18n|translations)\/|\.(?:po|pot|stories\.[jt]sx?)$/i;

/** Words of lines that break things more often than others. */
const RISKY =
  /\b(?:drop|rename|alter|truncate|not\s+null|delete|timeout|retry|retries|max|min|limit|pool|cache|ttl|lock|transaction|auth\w*|token|secret|password|host|port|url|env|cors|cookie|replicas|memory|concurrency|encoding|charset|timezone|default|null|undefined|nil|none|throw|raise|panic|unwrap|catch|except|async|await)\b/i;

/** Steps within an area are smaller than those between areas. */
const STEP = 0.04;
const TRIVIAL: Readonly<Record<Trivial, number>> = { import: 0.05, comment: 0.03, blank: 0.01 };
/** Tests and documents speak of everything and break nothing. */
const IDLE: Partial<Record<Area, number>> = { test: 0.3, docs: 0.2, lockfile: 0.4, generated: 0.3 };
/** Each further hunk of one file counts this much less: the next file says more. */
const SAME_FILE_AGAIN = 0.85;
/** Each further hunk of one area, but for source; so that forty updated packages do not hide what uses them. */
const SAME_AREA_AGAIN = 0.95;
/** The same lines in another file, as a sweeping rename leaves them. */
const SAME_LINES_AGAIN = 0.6;

const FRAME = 6;
const NEAR_FRAME = 4;
const FUNCTION = 2.5;
const SAME_FILE = 1;
const DEEPER = 0.85;
/** Lines around a hunk that still count as at it. */
const NEAR = 3;
const MESSAGE = 3;
const SYMBOL = 2;
/** What is left of words that stand only in comments, or in imports where those cannot be the fault. */
const NAMED_IN_PASSING = 0.15;
const PHRASE = 1;
const NAMED_PATH = 1.5;
const IN_PATH = 0.4;

/** The risk of a hunk by itself, 0–1. */
export function riskOf(path: string, lines: readonly RawLine[], isTrivial: Trivial | null): number {
  const area = areaOf(path);
  if (isTrivial !== null) return TRIVIAL[isTrivial] * (0.5 + HARM[area] / 2);
  let [added, removed, risky] = [0, 0, false];
  for (const { mark, text } of lines) {
    if (mark === " ") continue;
    if (mark === "+") added += 1;
    else removed += 1;
    risky ||= RISKY.test(text);
  }
  const steps = Number(risky) + Number(removed > 0) * 0.5 + Math.min(1, (added + removed) / 40) * 0.5;
  return Math.min(1, harmOf(path, area) + (steps - 1) * STEP);
}

function harmOf(path: string, area: Area): number {
  if (area === "configuration" && TOOLING.test(path)) return 0.3;
  const harm = area === "configuration" && BUILD.test(path) ? 0.5 : HARM[area];
  return ASIDE.test(path) ? harm * 0.3 : harm;
}

/**
 * What each hunk has to do with the symptom, or could do by itself where there is none; same order.
 * `lineNow` says where a line of live stands in the file as the hunk leaves it.
 */
export function scoreHunks(
  hunks: readonly HunkFacts[],
  query: Query,
  places: Places,
  lineNow: (path: string, line: number) => number,
): number[] {
  const inPath = wordsInPaths(hunks, query);
  const rare = rarities(hunks, inPath);
  const imports = query.symptom.kinds.some((kind) => kind === "module" || kind === "compile")
    ? 1
    : NAMED_IN_PASSING;
  const scores = hunks.map((hunk) => {
    const { met } = hunk;
    const words = [
      ...[...met.terms].map(([term, worth]) => worth * rare("terms", term)),
      ...(inPath.get(hunk.path) ?? []).map((term) => IN_PATH * rare("terms", term)),
      ...[...met.symbols].map(([symbol, worth]) => SYMBOL * worth * (0.3 + 0.7 * rare("symbols", symbol))),
      ...[...met.phrases].map(([phrase, worth]) => PHRASE * worth * rare("phrases", phrase)),
    ];
    const own = fading(words) / longer(hunk.changes) + (met.message ? MESSAGE : 0);
    const place = framesAt(hunk, places, lineNow) + (places.named.get(hunk.path) ?? 0) * NAMED_PATH;
    const idle = IDLE[areaOf(hunk.path)] ?? (ASIDE.test(hunk.path) ? 0.35 : 1);
    const less = hunk.trivial === null ? 1 : hunk.trivial === "import" ? imports : NAMED_IN_PASSING;
    return (own * idle + place) * less + hunk.risk / 2;
  });
  return spread(hunks, scores);
}

/** A long hunk holds many words of any symptom. */
function longer(changes: number): number {
  return 0.7 + 0.3 * Math.sqrt(Math.max(1, changes / 15));
}

/** Many weak words together say less than their sum. */
function fading(values: readonly number[]): number {
  return values
    .toSorted((a, b) => b - a)
    .slice(0, 12)
    .reduce((sum, value, index) => sum + value * 0.85 ** index, 0);
}

/** The best hunk of its kind keeps its score, the next ones lose of theirs. */
function spread(hunks: readonly HunkFacts[], scores: readonly number[]): number[] {
  const order = scores.map((_, index) => index).toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const seen = new Map<string, number>();
  const before = (key: string): number => {
    const times = seen.get(key) ?? 0;
    seen.set(key, times + 1);
    return times;
  };
  const result = [...scores];
  for (const index of order) {
    const hunk = hunks[index];
    if (hunk === undefined) continue;
    const area = areaOf(hunk.path);
    const inArea = area === "source" ? 0 : before(`area ${area}`);
    const less =
      SAME_FILE_AGAIN ** before(`file ${hunk.path}`) *
      SAME_AREA_AGAIN ** inArea *
      SAME_LINES_AGAIN ** Math.min(4, before(`lines ${hunk.print}`));
    result[index] = (scores[index] ?? 0) * less;
  }
  return result;
}

type Kind = "terms" | "symbols" | "phrases";

/** 1 for what one hunk alone holds, towards 0 for what all hold (the weight of BM25, scaled). */
function rarities(
  hunks: readonly HunkFacts[],
  inPath: ReadonlyMap<string, readonly number[]>,
): (kind: Kind, key: number) => number {
  const counts = { terms: new Map(), symbols: new Map(), phrases: new Map() } as Record<
    Kind,
    Map<number, number>
  >;
  const count = (kind: Kind, key: number): void =>
    void counts[kind].set(key, (counts[kind].get(key) ?? 0) + 1);
  for (const { met, path } of hunks) {
    for (const term of new Set([...met.terms.keys(), ...(inPath.get(path) ?? [])])) count("terms", term);
    for (const kind of ["symbols", "phrases"] as const) for (const key of met[kind].keys()) count(kind, key);
  }
  const n = hunks.length;
  return (kind, key) => {
    const holding = counts[kind].get(key) ?? 1;
    return rareShare(n, holding);
  };
}

/** Terms that so many hunks hold that to mark them would mark everything. */
export function commonTerms(hunks: readonly HunkFacts[]): ReadonlySet<number> {
  const counts = new Map<number, number>();
  for (const { met } of hunks)
    for (const term of met.terms.keys()) counts.set(term, (counts.get(term) ?? 0) + 1);
  if (hunks.length < 8) return new Set();
  return new Set([...counts].filter(([, holding]) => holding > hunks.length / 3).map(([term]) => term));
}

function wordsInPaths(hunks: readonly HunkFacts[], query: Query): Map<string, readonly number[]> {
  const found = new Map<string, readonly number[]>();
  if (query.glossary.terms.length === 0) return found;
  for (const { path } of hunks)
    if (!found.has(path))
      found.set(path, [
        ...new Set((path.match(WORD) ?? []).flatMap((word) => query.glossary.look(word).terms)),
      ]);
  return found;
}

interface Place {
  /** 0 is the innermost. */
  readonly depth: number;
  readonly line: number | null;
  readonly name: string | null;
  /** How far the names agree, 0–1. */
  readonly sure: number;
}

export interface Places {
  readonly framed: ReadonlyMap<string, readonly Place[]>;
  readonly named: ReadonlyMap<string, number>;
}

/** Which of the changed files the symptom's frames and paths mean. */
export function placesNamed(hunks: readonly HunkFacts[], symptom: Symptom): Places {
  const framed = new Map<string, Place[]>();
  const named = new Map<string, number>();
  if (symptom.frames.length + symptom.paths.length === 0) return { framed, named };
  const now = new Map(
    hunks.flatMap(({ path, from }) => [
      [path, path] as const,
      ...(from === undefined ? [] : [[from, path] as const]),
    ]),
  );
  const index = new PathIndex([...now.keys()]);
  for (const { frame, index: depth, path, line } of locateFrames(symptom.frames, index)) {
    const file = now.get(path) ?? path;
    const name = frame.function?.split(/[.:#\s]+/).at(-1) ?? "";
    const place = { depth, line, name: name.length > 2 ? name : null, sure: agreement(frame.file, path) };
    framed.set(file, [...(framed.get(file) ?? []), place]);
  }
  for (const word of symptom.paths) {
    const files = index.named(word);
    for (const path of files) {
      const file = now.get(path) ?? path;
      named.set(file, Math.max(named.get(file) ?? 0, 1 / files.length));
    }
  }
  return { framed, named };
}

/** Only changed files are known here: a base name alone may mean another file of that name. */
function agreement(frame: string, path: string): number {
  const [a, b] = [frame, path].map((name) =>
    name
      .replaceAll("\\", "/")
      .split("/")
      .filter((part) => part !== "" && part !== "."),
  );
  const [wanted = [], have = []] = [a, b];
  let same = 0;
  while (same < wanted.length && same < have.length && wanted.at(-1 - same) === have.at(-1 - same)) same += 1;
  return same === Math.min(wanted.length, have.length) ? 1 : same > 1 ? 0.8 : 0.4;
}

function framesAt(
  { path, header, start, length }: HunkFacts,
  { framed }: Places,
  lineNow: (path: string, line: number) => number,
): number {
  let best = 0;
  for (const { depth, line, name, sure } of framed.get(path) ?? []) {
    const at = line === null ? null : lineNow(path, line);
    const distance = at === null ? Infinity : Math.max(0, start - at, at - (start + length - 1));
    const worth =
      distance === 0
        ? FRAME
        : distance <= NEAR
          ? NEAR_FRAME
          : name !== null && header.includes(name)
            ? FUNCTION
            : SAME_FILE;
    best = Math.max(best, worth * sure * DEEPER ** depth);
  }
  return best;
}
