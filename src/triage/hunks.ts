import type { Git } from "../git/git.ts";
import { type Change, readPatch } from "../git/patch.ts";
import type { Caps } from "../git/patch-parser.ts";
import type { RawFile, RawHunk, RawLine } from "../git/raw-commit.ts";
import { areaOf } from "../model/area.ts";
import type { Oid } from "../model/oid.ts";
import type { ShownHunk, Symptom } from "../model/triage.ts";
import { carriedBack } from "./follow.ts";
import { excerpt } from "./excerpt.ts";
import { commonTerms, type HunkFacts, type Places, placesNamed, riskOf, scoreHunks } from "./hunk-order.ts";
import { HunkWords } from "./hunk-words.ts";
import { makeQuery } from "./query.ts";
import { parseSymptom } from "./symptom.ts";
import { trivial } from "./trivial.ts";
import { changedSpans, type Span } from "./word-diff.ts";

export interface HunkOptions {
  /** Literal paths; empty: the whole repository. */
  readonly paths?: readonly string[];
  /** Hunks wanted. */
  readonly most: number;
  /** Lines shown of one hunk: its part that matters most; 40 unless told. */
  readonly lines?: number;
  /** What runs now: the lines of the symptom's frames are lines of it. Without it they are taken as the commit's. */
  readonly live?: Oid;
}

export interface HunkList {
  /** Best first. */
  readonly hunks: readonly ShownHunk[];
  /** Hunks that there are, also those not wanted; without generated files, of which no text is read. */
  readonly inAll: number;
}

const LINES = 40;
const CONTEXT = 3;
/** A vendored drop must not cost seconds: beyond this, lines of a file are passed over. */
const CAPS: Caps = {
  fileLines: 3_000,
  commitLines: 500_000,
  lineLength: 400,
  inOrder: true,
  skipText: (path) => areaOf(path) === "generated",
};
/** Lines held at once; beyond, the hunks that matter least are let go: some 30 MB. */
const HELD_LINES = 100_000;

/** The hunks of one commit against its first parent, those that have most to do with the symptom first. */
export async function commitHunks(
  git: Git,
  commit: Oid,
  symptom: Symptom | null,
  options: HunkOptions,
): Promise<HunkList> {
  return rank(git, { commit }, symptom, options);
}

/** The hunks in which live differs from good, those that have most to do with the symptom first. */
export async function rangeHunks(
  git: Git,
  range: { readonly good: Oid; readonly live: Oid },
  symptom: Symptom | null,
  options: HunkOptions,
): Promise<HunkList> {
  return rank(git, { from: range.good, to: range.live }, symptom, options);
}

interface Candidate extends HunkFacts {
  readonly oldStart: number;
  readonly lines: readonly RawLine[];
  /** Lines behind the last one that was kept. */
  readonly lost: number;
}

async function rank(
  git: Git,
  change: Change,
  symptom: Symptom | null,
  options: HunkOptions,
): Promise<HunkList> {
  const { paths = [], most } = options;
  const query = makeQuery(symptom ?? parseSymptom(""));
  const words = new HunkWords(query);
  let held: Candidate[] = [];
  let heldLines = 0;
  let inAll = 0;
  await readPatch(git, change, { paths, context: CONTEXT }, CAPS, (file) => {
    for (const candidate of candidatesOf(file, words)) {
      inAll += 1;
      held.push(candidate);
      heldLines += candidate.lines.length;
    }
    if (heldLines <= HELD_LINES) return;
    const places = placesNamed(held, query.symptom);
    held = bestFirst(
      held,
      scoreHunks(held, query, places, (_, line) => line),
    ).kept(HELD_LINES / 2);
    heldLines = held.reduce((sum, { lines }) => sum + lines.length, 0);
  });
  const places = placesNamed(held, query.symptom);
  const lineNow = await linesOf(git, change, options.live, places);
  const scored = bestFirst(held, scoreHunks(held, query, places, lineNow)).all.slice(0, most);
  const common = commonTerms(held);
  const hunks: ShownHunk[] = [];
  for (const { hunk, score } of scored)
    hunks.push(
      await shown(hunk, score, options.lines ?? LINES, words, common, placeIn(hunk, places, lineNow)),
    );
  return { hunks, inAll };
}

function candidatesOf({ path, from, hunks }: RawFile, words: HunkWords): Candidate[] {
  return hunks.flatMap((hunk) => {
    const lines = hunk.lines ?? [];
    if (lines.length === 0) return [];
    const kind = trivial(path, lines);
    const changed = lines.filter(({ mark }) => mark !== " ");
    return {
      path,
      ...(from === undefined ? {} : { from }),
      header: hunk.header,
      oldStart: hunk.oldStart,
      start: hunk.newStart,
      length: hunk.newLines,
      changes: changed.length,
      print: changed
        .slice(0, 8)
        .map(({ mark, text }) => mark + text.trim().slice(0, 60))
        .join("\n"),
      risk: riskOf(path, lines, kind),
      trivial: kind,
      met: words.read(hunk.header, lines),
      lines,
      lost: lostLines(hunk, lines),
    };
  });
}

/** At least so many lines came after the last one that was kept. */
function lostLines({ oldLines, newLines }: RawHunk, lines: readonly RawLine[]): number {
  const added = lines.filter(({ mark }) => mark === "+").length;
  const removed = lines.filter(({ mark }) => mark === "-").length;
  const same = lines.length - added - removed;
  return Math.max(0, oldLines - removed - same, newLines - added - same);
}

interface Ordered {
  readonly all: readonly { readonly hunk: Candidate; readonly score: number }[];
  /** The best ones that have so many lines together. */
  readonly kept: (lines: number) => Candidate[];
}

function bestFirst(hunks: readonly Candidate[], scores: readonly number[]): Ordered {
  const all = hunks
    .map((hunk, index) => ({ hunk, score: scores[index] ?? 0 }))
    .toSorted((a, b) => b.score - a.score);
  return {
    all,
    kept: (lines) => {
      let sum = 0;
      return all.flatMap(({ hunk }) => ((sum += hunk.lines.length) <= lines ? [hunk] : []));
    },
  };
}

type LineNow = (path: string, line: number) => number;

/** Carries lines of live back to the commit, through what changed since in the files of the frames. */
async function linesOf(git: Git, change: Change, live: Oid | undefined, places: Places): Promise<LineNow> {
  const paths = [...places.framed.keys()];
  if (!("commit" in change) || live === undefined || live === change.commit || paths.length === 0)
    return (_, line) => line;
  const files = new Map<string, RawFile>();
  await readPatch(
    git,
    { from: change.commit, to: live },
    { paths, context: 0 },
    { ...CAPS, lineLength: 0 },
    (file) => void files.set(file.path, file),
  );
  return (path, line) => {
    const file = files.get(path);
    return file === undefined ? line : carriedBack(file, line);
  };
}

/** Lines of the file, as the change leaves it, at which frames of the symptom stand. */
function placeIn({ path }: HunkFacts, { framed }: Places, lineNow: LineNow): ReadonlySet<number> {
  const lines = (framed.get(path) ?? []).flatMap(({ line }) => (line === null ? [] : lineNow(path, line)));
  return new Set(lines);
}

async function shown(
  hunk: Candidate,
  score: number,
  most: number,
  words: HunkWords,
  common: ReadonlySet<number>,
  framed: ReadonlySet<number>,
): Promise<ShownHunk> {
  const { path, from, header, oldStart, start, lost } = hunk;
  const matched = hunk.lines.map(({ text }): Span[] => words.matched(text, common));
  const part = excerpt(hunk.lines, { path, oldStart, newStart: start, most, framed, matched });
  const lines = withoutReturns(hunk.lines.slice(part.from, part.to));
  const changed = await changedSpans(lines);
  const below = hunk.lines.length - part.to + lost;
  return {
    path,
    ...(from === undefined ? {} : { from }),
    oldStart: part.oldStart,
    newStart: part.newStart,
    header,
    score: Math.round(score * 1_000) / 1_000,
    lines: lines.map(({ mark, text }, index) => ({
      mark,
      text,
      changed: changed.get(index) ?? [],
      matched: matched[part.from + index] ?? [],
    })),
    ...(part.from + below > 0 ? { leftOut: { above: part.from, below } } : {}),
  };
}

/** Where every line ends as on Windows, that says nothing; where some do, it is the change. */
function withoutReturns(lines: readonly RawLine[]): readonly RawLine[] {
  if (!lines.every(({ text }) => text.endsWith("\r"))) return lines;
  return lines.map(({ mark, text }) => ({ mark, text: text.slice(0, -1) }));
}
