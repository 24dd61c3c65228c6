import type { RawCommit, RawFile } from "../git/patch-parser.ts";
import type { Area } from "../model/area.ts";
import type { Oid } from "../model/oid.ts";
import type { Symptom } from "../model/triage.ts";
import { areaOf } from "../model/area.ts";
import type { LocatedFrame } from "./locate.ts";
import { splitWord } from "./symptom.ts";

/** What one commit has to do with the symptom: facts only, no judgement. Its patch is not kept. */
export interface Observation {
  readonly sha: Oid;
  readonly subject: string;
  readonly at: number;
  readonly files: readonly { readonly path: string; readonly area: Area; readonly lines: number }[];
  readonly lines: number;
  /** Frames whose line this commit wrote, or came within a few lines of. */
  readonly inHunk: readonly {
    readonly frame: LocatedFrame;
    readonly distance: number;
    readonly file: string;
  }[];
  /** Frames whose file this commit changed elsewhere. */
  readonly inFile: readonly LocatedFrame[];
  /** Frames whose function git names in a hunk header of a changed file. */
  readonly inFunction: readonly LocatedFrame[];
  readonly named: readonly string[];
  /** For each term of the symptom, how often it stands in message, paths and changed lines. */
  readonly counts: ReadonlyMap<string, number>;
  /** Words in the document altogether, for length normalisation. */
  readonly words: number;
  readonly flags: readonly string[];
  /** Environment variables that added lines read. */
  readonly variables: readonly { readonly name: string; readonly file: string }[];
}

/** Paths count this often in the bag of words: they say more than a line of a diff. */
const PATH_WEIGHT = 3;
/** Lines around a hunk that still count as "at" it. */
const NEAR = 3;

const FLAG =
  /\b(?:is_?enabled|is_?feature_?enabled|variation|bool_?variation|feature_?flag|use_?flag|use_?feature|flags?\.(?:get|is|enabled))\w*\(\s*["'`]([\w.:/-]{2,60})["'`]/gi;
const VARIABLE =
  /\bprocess\.env(?:\.([A-Z][A-Z0-9_]+)|\[["']([A-Z][A-Z0-9_]+)["']\])|\b(?:os\.environ(?:\.get)?|os\.getenv|ENV(?:\.fetch)?|System\.getenv|(?:std::)?env::var(?:_os)?|os\.(?:Getenv|LookupEnv)|getenv|Environment\.GetEnvironmentVariable|import\.meta\.env)[([.]\s*["']?([A-Z][A-Z0-9_]{2,})/g;

/** Sees the commits of a range newest first and follows each frame's line back through them. */
export class Observer {
  readonly #terms: ReadonlySet<string>;
  readonly #wordTerms = new Map<string, readonly string[]>();
  /** A frame's place before the commits seen so far: carried back from live. */
  readonly #places: {
    readonly frame: LocatedFrame;
    path: string;
    line: number | null;
    /** The commit that wrote the line was seen: older ones only came near. */
    written: boolean;
  }[];
  readonly #named: ReadonlySet<string>;

  constructor(symptom: Symptom, frames: readonly LocatedFrame[], named: readonly string[]) {
    this.#terms = new Set(symptom.terms);
    this.#places = frames.map((frame) => ({ frame, path: frame.path, line: frame.line, written: false }));
    this.#named = new Set(named);
  }

  observe(commit: RawCommit): Observation {
    const counts = new Map<string, number>();
    let words = this.#count(commit.message.slice(0, 10_000), 1, counts);
    const flags = new Set<string>();
    const variables = new Map<string, string>();
    for (const file of commit.files) {
      words += this.#count(file.path, PATH_WEIGHT, counts);
      for (const hunk of file.hunks) {
        words += this.#count(hunk.header, 1, counts);
        for (const line of hunk.removed) words += this.#count(line, 1, counts);
        for (const line of hunk.added) {
          words += this.#count(line, 1, counts);
          if (line.includes("(") || line.includes("env")) readLine(line, file.path, flags, variables);
        }
        for (const line of hunk.removed) if (line.includes("(")) readLine(line, file.path, flags, null);
      }
    }
    const frames = this.#follow(commit);
    return {
      sha: commit.sha,
      subject: commit.message.split("\n", 1)[0] ?? "",
      at: commit.at,
      files: commit.files.map((file) => ({
        path: file.path,
        area: areaOf(file.path),
        lines: file.insertions + file.deletions,
      })),
      lines: commit.files.reduce((sum, file) => sum + file.insertions + file.deletions, 0),
      ...frames,
      named: commit.files
        .filter(({ path, from }) => this.#named.has(path) || (from !== undefined && this.#named.has(from)))
        .map(({ path }) => path),
      counts,
      words,
      flags: [...flags].slice(0, 20),
      variables: [...variables].slice(0, 50).map(([name, file]) => ({ name, file })),
    };
  }

  #count(text: string, weight: number, counts: Map<string, number>): number {
    let words = 0;
    for (const word of text.match(/[A-Za-z][A-Za-z0-9_]*/g) ?? []) {
      words += weight;
      let terms = this.#wordTerms.get(word);
      if (terms === undefined) {
        terms = splitWord(word).filter((term) => this.#terms.has(term));
        if (this.#wordTerms.size < 500_000) this.#wordTerms.set(word, terms);
      }
      for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + weight);
    }
    return words;
  }

  #follow(commit: RawCommit): Pick<Observation, "inHunk" | "inFile" | "inFunction"> {
    const inHunk: Observation["inHunk"][number][] = [];
    const inFile: LocatedFrame[] = [];
    const inFunction: LocatedFrame[] = [];
    const files = new Map(commit.files.map((file) => [file.path, file]));
    for (const place of this.#places) {
      const file = files.get(place.path);
      if (!file) continue;
      const distance = place.line === null ? null : distanceTo(file, place.line);
      const name = place.frame.frame.function?.split(/[.:#\s]+/).at(-1);
      if (distance !== null && distance <= NEAR) {
        inHunk.push({
          frame: place.frame,
          distance: place.written ? Math.max(1, distance) : distance,
          file: file.path,
        });
        place.written ||= distance === 0;
      } else if (
        name !== undefined &&
        name.length > 2 &&
        file.hunks.some((hunk) => hunk.header.includes(name))
      )
        inFunction.push(place.frame);
      else inFile.push(place.frame);
      if (place.line !== null) place.line = carriedBack(file, place.line);
      if (file.from !== undefined) place.path = file.from;
    }
    return { inHunk, inFile, inFunction };
  }
}

/** Lines between a line of the new file and the nearest hunk; 0 inside one. */
function distanceTo(file: RawFile, line: number): number | null {
  let nearest: number | null = null;
  for (const hunk of file.hunks) {
    const first = hunk.newLines === 0 ? hunk.newStart + 1 : hunk.newStart;
    const last = hunk.newLines === 0 ? hunk.newStart : hunk.newStart + hunk.newLines - 1;
    const distance = line < first ? first - line : line > last ? line - last : 0;
    if (nearest === null || distance < nearest) nearest = distance;
  }
  return nearest;
}

/** Where a line of the new file stood in the old one; a line written here falls to where it was put. */
function carriedBack(file: RawFile, line: number): number {
  let shift = 0;
  for (const hunk of file.hunks) {
    const end = hunk.newStart + hunk.newLines;
    if (line >= end && !(hunk.newLines === 0 && line <= hunk.newStart))
      shift += hunk.newLines - hunk.oldLines;
    else if (line >= hunk.newStart && hunk.newLines > 0)
      return Math.max(1, hunk.oldStart + Math.min(line - hunk.newStart, Math.max(0, hunk.oldLines - 1)));
    else break;
  }
  return Math.max(1, line - shift);
}

function readLine(
  line: string,
  file: string,
  flags: Set<string>,
  variables: Map<string, string> | null,
): void {
  for (const match of line.matchAll(FLAG)) if (match[1] !== undefined) flags.add(match[1]);
  if (variables === null) return;
  for (const match of line.matchAll(VARIABLE)) {
    const name = match[1] ?? match[2] ?? match[3];
    if (name !== undefined && !variables.has(name)) variables.set(name, file);
  }
}
