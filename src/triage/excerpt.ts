import type { RawLine } from "../git/raw-commit.ts";
import { trivial } from "./trivial.ts";
import type { Span } from "./word-diff.ts";

export interface Excerpt {
  /** Places in the hunk's lines, `to` behind the last. */
  readonly from: number;
  readonly to: number;
  readonly oldStart: number;
  readonly newStart: number;
}

const FRAMED = 20;
const MATCHED = 2;
const CHANGED = 0.2;
/** Imports and comments stand on top of many hunks, and the rest of the file below them. */
const IMPORTED = 0.02;
/** To say that so few lines are left out takes as much room as they do. */
const FEW = 4;

/** The part of a long hunk that says most: where frames stand, words of the symptom, changed lines; else its beginning. */
export function excerpt(
  lines: readonly RawLine[],
  how: {
    readonly path: string;
    readonly oldStart: number;
    readonly newStart: number;
    readonly most: number;
    /** Lines of the file after the change. */
    readonly framed: ReadonlySet<number>;
    readonly matched: readonly (readonly Span[])[];
  },
): Excerpt {
  const { path, oldStart, newStart, most, framed, matched } = how;
  if (lines.length <= most + FEW) return { from: 0, to: lines.length, oldStart, newStart };
  let now = newStart;
  const worth = lines.map(({ mark, text }, index) => {
    const isFramed = mark !== "-" && framed.has(now);
    if (mark !== "-") now += 1;
    const named = Math.min(3, matched[index]?.length ?? 0) * (mark === " " ? 0.3 : 1);
    const says = mark !== " " && text.trim() !== "";
    const changed = says ? (trivial(path, [{ mark, text }]) === null ? CHANGED : IMPORTED) : 0;
    return (isFramed ? FRAMED : 0) + named * MATCHED + changed;
  });
  let sum = worth.slice(0, most).reduce((total, value) => total + value, 0);
  let [best, from] = [sum, 0];
  for (let end = most; end < lines.length; end += 1) {
    sum += (worth[end] ?? 0) - (worth[end - most] ?? 0);
    // A little better is not worth a beginning in the middle.
    if (sum > best + 1) [best, from] = [sum, end - most + 1];
  }
  // What says something stands in the middle of what is shown.
  const told = worth.flatMap((value, index) =>
    value >= MATCHED && index >= from && index < from + most ? [index] : [],
  );
  const [first, last] = [told[0], told.at(-1)];
  if (from > 0 && first !== undefined && last !== undefined)
    from = Math.max(0, Math.min(lines.length - most, Math.floor((first + last - most) / 2)));
  const skipped = lines.slice(0, from);
  return {
    from,
    to: from + most,
    oldStart: oldStart + skipped.filter(({ mark }) => mark !== "+").length,
    newStart: newStart + skipped.filter(({ mark }) => mark !== "-").length,
  };
}
