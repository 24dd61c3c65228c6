import type { ChalkInstance } from "chalk";

import { visible } from "../model/escape.ts";
import type { ShownHunk, ShownLine } from "../model/triage.ts";
import { clip, clipPath, columns, count, padStart } from "./layout.ts";

/**
 * Hunks for a terminal: those of one file together, the file with the best one first. Changed lines are
 * broken at the width and, where very long, cut to where their highlights are; with `whole` nothing is cut.
 */
export function hunkLines(
  hunks: readonly ShownHunk[],
  width: number,
  paint: ChalkInstance,
  whole = false,
): string[] {
  const files = new Map<string, ShownHunk[]>();
  for (const hunk of hunks) {
    const own = files.get(hunk.path);
    if (own) own.push(hunk);
    else files.set(hunk.path, [hunk]);
  }
  const lines: string[] = [];
  for (const own of files.values()) {
    const inOrder = own.toSorted((a, b) => a.newStart - b.newStart || a.oldStart - b.oldStart);
    const digits = String(Math.max(...inOrder.map(lastNumber))).length;
    if (lines.length > 0) lines.push("");
    lines.push(`  ${paint.bold(title(inOrder[0], width - 2))}`);
    for (const [index, hunk] of inOrder.entries()) {
      if (index > 0) lines.push("");
      lines.push(...oneHunk(hunk, { width, digits, whole }, paint));
    }
  }
  // Without colour the marks under the lines need a word.
  if (paint.level === 0 && hunks.some(({ lines: own }) => own.some(hasMarks)))
    lines.push("", ...legend(width));
  return lines;
}

function legend(width: number): string[] {
  const words = ["  ~ differs from the other line", "  ^ named by the symptom"];
  const line = words.join(" ");
  return columns(line) <= width ? [line] : words;
}

function title(hunk: ShownHunk | undefined, room: number): string {
  if (hunk === undefined) return "";
  const path = visible(hunk.path);
  if (hunk.from === undefined) return clipPath(path, room);
  const from = visible(hunk.from);
  return columns(from) + columns(path) + 3 <= room ? `${from} → ${path}` : clipPath(path, room);
}

function lastNumber({ newStart, lines }: ShownHunk): number {
  return newStart + lines.filter(({ mark }) => mark !== "-").length;
}

/** Rows that a changed line may take; unchanged ones take one. */
const MOST_ROWS = 3;

interface Room {
  readonly width: number;
  /** Of the longest line number. */
  readonly digits: number;
  readonly whole: boolean;
}

function oneHunk(hunk: ShownHunk, { width, digits, whole }: Room, paint: ChalkInstance): string[] {
  const { header, leftOut, newStart } = hunk;
  const before = " ".repeat(4);
  const gutter = 4 + digits + 3;
  const room = Math.max(16, width - gutter);
  const lines: string[] = [];
  const where = visible(header.trim());
  if (where !== "") lines.push(paint.dim(`${" ".repeat(gutter)}${clip(where, width - gutter)}`));
  if (leftOut && leftOut.above > 0)
    lines.push(paint.dim(`${" ".repeat(gutter)}… ${count(leftOut.above, "more line")} above`));
  let now = newStart;
  for (const line of hunk.lines) {
    // A removed line has no number now.
    const number = line.mark === "-" ? "" : String(now);
    if (line.mark !== "-") now += 1;
    const mark = line.mark === " " ? " " : colorOf(line.mark, paint)(line.mark);
    const all = piecesOf(line);
    const pieces = whole ? all : cut(all, room * (line.mark === " " ? 1 : MOST_ROWS));
    for (const [index, row] of rows(pieces, room).entries()) {
      const text = row.map((piece) => styled(piece, line.mark, paint)).join("");
      const left =
        index === 0 ? `${before}${paint.dim(padStart(number, digits))} ${mark} ` : " ".repeat(gutter);
      lines.push(`${left}${text}`.trimEnd());
      const under = paint.level === 0 && line.mark !== " " ? marksUnder(row) : "";
      if (under !== "") lines.push(`${" ".repeat(gutter)}${under}`);
    }
  }
  if (leftOut && leftOut.below > 0)
    lines.push(paint.dim(`${" ".repeat(gutter)}… ${count(leftOut.below, "more line")}`));
  return lines;
}

interface Piece {
  readonly text: string;
  readonly changed: boolean;
  readonly matched: boolean;
}

/** Cuts a line where a highlight begins or ends; the pieces are harmless to print. */
function piecesOf({ text, changed, matched }: ShownLine): Piece[] {
  const edges = [...new Set([0, text.length, ...changed.flat(), ...matched.flat()])]
    .filter((at) => at >= 0 && at <= text.length)
    // Half a character is none.
    .map((at) => (/[\udc00-\udfff]/.test(text.charAt(at)) ? Math.max(0, at - 1) : at))
    .toSorted((a, b) => a - b);
  const within = (spans: ShownLine["changed"], at: number): boolean =>
    spans.some(([from, to]) => from <= at && at < to);
  return edges.slice(0, -1).flatMap((from, index) => {
    const own = text.slice(from, edges[index + 1]);
    if (own === "") return [];
    return {
      text: visible(own.replaceAll("\t", "  ")),
      changed: within(changed, from),
      matched: within(matched, from),
    };
  });
}

/** The part of a line that fits: its beginning, or where the first highlight is. */
function cut(pieces: readonly Piece[], room: number): readonly Piece[] {
  const widths = pieces.map(({ text }) => columns(text));
  const all = widths.reduce((sum, width) => sum + width, 0);
  if (all <= room) return pieces;
  let [at, from] = [0, 0];
  for (const [index, { changed, matched }] of pieces.entries()) {
    const width = widths[index] ?? 0;
    if (changed || matched) {
      // Two thirds of the room before the highlight are enough to know where one is.
      if (at + Math.min(width, 12) > room - 1) from = Math.min(all - room + 1, at - Math.floor(room / 3));
      break;
    }
    at += width;
  }
  const kept: Piece[] = from > 0 ? [{ text: "…", changed: false, matched: false }] : [];
  const most = room - (from > 0 ? 1 : 0);
  let [column, taken] = [0, 0];
  let full = false;
  for (const piece of pieces) {
    let text = "";
    for (const character of piece.text) {
      const width = columns(character);
      column += width;
      if (column <= from || full) continue;
      const rest = all - column > 0 ? 1 : 0;
      if (taken + width + rest > most) {
        full = true;
        continue;
      }
      text += character;
      taken += width;
    }
    if (text !== "") kept.push({ ...piece, text });
  }
  return full ? [...kept, { text: "…", changed: false, matched: false }] : kept;
}

/** Breaks a line where the room ends: code has no better place. */
function rows(pieces: readonly Piece[], room: number): Piece[][] {
  const broken: Piece[][] = [[]];
  let taken = 0;
  for (const piece of pieces) {
    if (taken + columns(piece.text) <= room) {
      broken.at(-1)?.push(piece);
      taken += columns(piece.text);
      continue;
    }
    let text = "";
    for (const character of piece.text) {
      const width = columns(character);
      if (taken + width > room) {
        if (text !== "") broken.at(-1)?.push({ ...piece, text });
        broken.push([]);
        [text, taken] = ["", 0];
      }
      text += character;
      taken += width;
    }
    if (text !== "") broken.at(-1)?.push({ ...piece, text });
  }
  return broken;
}

function colorOf(mark: ShownLine["mark"], paint: ChalkInstance): ChalkInstance {
  return mark === "+" ? paint.green : mark === "-" ? paint.red : paint;
}

function styled({ text, changed, matched }: Piece, mark: ShownLine["mark"], paint: ChalkInstance): string {
  let style = colorOf(mark, paint);
  if (changed && mark !== " ") style = style.inverse;
  if (matched) style = style.bold.underline;
  return style(text);
}

function hasMarks({ mark, changed, matched }: ShownLine): boolean {
  return mark !== " " && changed.length + matched.length > 0;
}

function marksUnder(pieces: readonly Piece[]): string {
  return pieces
    .map(({ text, changed, matched }) => (matched ? "^" : changed ? "~" : " ").repeat(columns(text)))
    .join("")
    .trimEnd();
}
