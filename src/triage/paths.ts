import type { Observation } from "./observe.ts";
import type { Query } from "./query.ts";
import { rareShare } from "./rarity.ts";

/** How well the paths of a change meet the ones that the symptom names. */
export interface PathMatch {
  /** 1: several parts agree; 0.8: the base name; 0.6: its stem; 0.4: the folder. */
  readonly best: number;
  /** The same, weighted by how few changes have such a file. */
  readonly rare: number;
  /** The same for the files of the trace; a deeper frame counts less. */
  readonly frame: number;
  /** A file is called like a symbol of the symptom. */
  readonly symbol: boolean;
  readonly file: string | undefined;
  /** A file that the symptom names, and that the change deleted or renamed. */
  readonly gone: string | undefined;
}

const MOST_NAMES = 30;
const MOST_PATHS = 300;
const DEEPER = 0.9;
const SAME = 0.6;
const NAMED = 0.8;

export function matchPaths(query: Query, observations: readonly Observation[]): PathMatch[] {
  const named = query.symptom.paths.slice(0, MOST_NAMES).map(prepare);
  const framed = [...new Set(query.symptom.frames.map(({ file }) => file))].slice(0, MOST_NAMES).map(prepare);
  const symbols = new Set(query.glossary.symbols.map(plain).filter((symbol) => symbol.length > 4));
  if (named.length + framed.length + symbols.size === 0) return [];
  const known = new Map<string, Prepared>();
  const of = (path: string): Prepared => {
    let one = known.get(path);
    if (one === undefined) {
      one = prepare(path);
      known.set(path, one);
    }
    return one;
  };
  const changed = observations.map(({ files }) =>
    files.slice(0, MOST_PATHS).flatMap(({ path, from }) => (from === undefined ? [path] : [path, from])),
  );
  const gradesOf = (words: readonly Prepared[]): number[][] =>
    changed.map((paths) =>
      words.map((word) => paths.reduce((best, path) => Math.max(best, grade(word, of(path))), 0)),
    );
  const byName = gradesOf(named);
  const byFrame = gradesOf(framed);
  const nameRarity = rarities(byName, named.length);
  const frameRarity = rarities(byFrame, framed.length);
  return changed.map((paths, index) => {
    const names = byName[index] ?? [];
    const frames = byFrame[index] ?? [];
    const like = paths.find((path) => symbols.has(of(path).stem));
    const all = [...named, ...framed];
    const file =
      paths
        .map((path) => ({ path, much: all.reduce((most, word) => Math.max(most, grade(word, of(path))), 0) }))
        .filter(({ much }) => much > 0)
        .toSorted((a, b) => b.much - a.much)[0]?.path ?? like;
    return {
      best: Math.max(0, ...names),
      rare: Math.max(0, ...names.map((much, word) => much * (nameRarity[word] ?? 0))),
      frame: Math.max(0, ...frames.map((much, word) => much * (frameRarity[word] ?? 0) * DEEPER ** word)),
      symbol: like !== undefined,
      file,
      gone: observations[index]?.files
        .slice(0, MOST_PATHS)
        .flatMap(({ status, path, from }) => (status === "deleted" ? [path] : (from ?? [])))
        .find((path) => all.some((word) => grade(word, of(path)) >= NAMED)),
    };
  });
}

interface Prepared {
  readonly parts: readonly string[];
  readonly stem: string;
}

function prepare(path: string): Prepared {
  const lower = path.toLowerCase().replaceAll("\\", "/");
  const parts = lower.split("/").filter((part) => part !== "" && part !== "." && part !== "..");
  const base = (parts.at(-1) ?? "").replace(/(?:[._-](?:test|spec|e2e|unittest|unit))?\.[^.]*$/, "");
  return { parts, stem: plain(base.replace(/^test_|_(?:unittest|test|spec)$/g, "")) };
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

function grade(a: Prepared, b: Prepared): number {
  let same = 0;
  while (
    same < a.parts.length &&
    same < b.parts.length &&
    a.parts[a.parts.length - 1 - same] === b.parts[b.parts.length - 1 - same]
  )
    same += 1;
  if (same > 1) return 1;
  if (same === 1) return NAMED;
  if (a.stem.length > 3 && a.stem === b.stem) return SAME;
  return a.parts.length > 1 && b.parts.length > 1 && a.parts.at(-2) === b.parts.at(-2) ? 0.4 : 0;
}

/** 1 for a name that one change alone has, towards 0 for one that all have. */
function rarities(grades: readonly (readonly number[])[], words: number): number[] {
  const n = grades.length;
  return Array.from({ length: words }, (_, word) => {
    const holding = grades.filter((row) => (row[word] ?? 0) >= SAME).length;
    return rareShare(n, holding);
  });
}
