import type { RawCommit, RawFile } from "../git/raw-commit.ts";
import type { LocatedFrame } from "./locate.ts";

/** What a commit has to do with the frames of the symptom. */
export interface FrameTouch {
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
}

/** Lines around a hunk that still count as "at" it. */
const NEAR = 3;

interface Place {
  readonly frame: LocatedFrame;
  path: string;
  line: number | null;
  /** The commit that wrote the line was seen: older ones only came near. */
  written: boolean;
}

/** Follows each frame's line from live back through the commits, newest first. */
export class Follower {
  /** Each frame's place before the commits seen so far. */
  readonly #places: readonly Place[];

  constructor(frames: readonly LocatedFrame[]) {
    this.#places = frames.map((frame) => ({ frame, path: frame.path, line: frame.line, written: false }));
  }

  follow(commit: RawCommit): FrameTouch {
    const inHunk: FrameTouch["inHunk"][number][] = [];
    const inFile: LocatedFrame[] = [];
    const inFunction: LocatedFrame[] = [];
    if (this.#places.length === 0) return { inHunk, inFile, inFunction };
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
export function carriedBack(file: RawFile, line: number): number {
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
