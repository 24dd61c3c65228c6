import type { RawLine } from "../git/raw-commit.ts";

export type Span = readonly [number, number];

/** Lines that have less than this in common are not one line that was changed. */
const ALIKE = 0.4;
/** UTF-16 units; longer lines are data. */
const MOST_UNITS = 300;
/** Lines of one block of removed or added ones; in a larger one nobody compares word by word. */
const MOST_LINES = 30;

/** Words, numbers, white space, and every other sign by itself. */
const TOKEN = /[\p{L}\p{N}_$]+|\s+|[^\p{L}\p{N}_$\s]/gu;

/**
 * For lines that were changed and not just put or taken: the pieces that differ from the other line, by
 * the line's place. Only lines that stand next to each other, removed before added, are compared.
 */
export async function changedSpans(lines: readonly RawLine[]): Promise<Map<number, Span[]>> {
  const spans = new Map<number, Span[]>();
  const pairs = blocks(lines).flatMap(({ removed, added }) => pairUp(lines, removed, added));
  if (pairs.length === 0) return spans;
  const { diffArrays } = await import("diff");
  for (const [before, after] of pairs) {
    const [old, now] = [tokens(lines[before]?.text ?? ""), tokens(lines[after]?.text ?? "")];
    const [gone, come]: [Span[], Span[]] = [[], []];
    let [inOld, inNow] = [0, 0];
    for (const { value, added, removed } of diffArrays([...old], [...now])) {
      const units = value.join("").length;
      if (removed) gone.push([inOld, inOld + units]);
      else if (added) come.push([inNow, inNow + units]);
      if (!added) inOld += units;
      if (!removed) inNow += units;
    }
    spans.set(before, joined(gone, lines[before]?.text ?? ""));
    spans.set(after, joined(come, lines[after]?.text ?? ""));
  }
  return spans;
}

function tokens(text: string): readonly string[] {
  return text.match(TOKEN) ?? [];
}

interface Block {
  readonly removed: number[];
  readonly added: number[];
}

function blocks(lines: readonly RawLine[]): Block[] {
  const found: Block[] = [];
  let block: Block | null = null;
  for (const [index, { mark }] of lines.entries()) {
    if (mark === " ") block = null;
    else if (mark === "-") {
      // A removed line behind added ones begins a block of its own.
      if (block === null || block.added.length > 0) found.push((block = { removed: [], added: [] }));
      block.removed.push(index);
    } else block?.added.push(index);
  }
  return found.filter(({ removed, added }) => removed.length > 0 && added.length > 0);
}

/** The pairs of a block, in order and not crossing, whose likeness in all is greatest (Needleman and Wunsch, 1970). */
function pairUp(
  lines: readonly RawLine[],
  removed: readonly number[],
  added: readonly number[],
): [number, number][] {
  if (removed.length > MOST_LINES || added.length > MOST_LINES) return [];
  const bags = new Map([...removed, ...added].map((index) => [index, bag(lines[index]?.text ?? "")]));
  const likeness = removed.map((before) =>
    added.map((after) => alike(bags.get(before) ?? null, bags.get(after) ?? null)),
  );
  const best = Array.from({ length: removed.length + 1 }, () =>
    Array.from({ length: added.length + 1 }, () => 0),
  );
  const at = (i: number, j: number): number => best[i]?.[j] ?? 0;
  for (let i = removed.length - 1; i >= 0; i -= 1)
    for (let j = added.length - 1; j >= 0; j -= 1) {
      const row = best[i];
      if (row) row[j] = Math.max(at(i + 1, j), at(i, j + 1), (likeness[i]?.[j] ?? 0) + at(i + 1, j + 1));
    }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < removed.length && j < added.length;) {
    const much = likeness[i]?.[j] ?? 0;
    if (much > 0 && at(i, j) === much + at(i + 1, j + 1)) {
      pairs.push([removed[i] ?? 0, added[j] ?? 0]);
      i += 1;
      j += 1;
    } else if (at(i, j) === at(i + 1, j)) i += 1;
    else j += 1;
  }
  return pairs;
}

interface Bag {
  readonly counts: ReadonlyMap<string, number>;
  /** Units in all. */
  readonly size: number;
}

/** The words of a line and how often; null where it is too long to compare. */
function bag(text: string): Bag | null {
  if (text.length > MOST_UNITS) return null;
  const counts = new Map<string, number>();
  let size = 0;
  for (const token of tokens(text)) {
    if (token.trim() === "") continue;
    counts.set(token, (counts.get(token) ?? 0) + 1);
    size += token.length;
  }
  return { counts, size };
}

/** The share of the letters that both lines have (Dice, 1945), 0 where that is too little. */
function alike(a: Bag | null, b: Bag | null): number {
  if (a === null || b === null || a.size + b.size === 0) return 0;
  let shared = 0;
  for (const [token, n] of a.counts) shared += token.length * Math.min(n, b.counts.get(token) ?? 0);
  const share = (2 * shared) / (a.size + b.size);
  return share > ALIKE ? share : 0;
}

/** Pieces with nothing but white space between them are one. */
function joined(spans: readonly Span[], text: string): Span[] {
  const whole: Span[] = [];
  for (const [from, to] of spans) {
    const last = whole.at(-1);
    if (last && text.slice(last[1], from).trim() === "") whole[whole.length - 1] = [last[0], to];
    else whole.push([from, to]);
  }
  return whole;
}
