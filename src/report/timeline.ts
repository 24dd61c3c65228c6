import type { Suspect } from "../model/triage.ts";

/** One change of the range, as the timeline draws it. */
export type TimelineChange = Pick<
  Suspect,
  "sha" | "subject" | "at" | "rank" | "probability" | "insertions" | "deletions"
>;

/** One bar: a change, or several next to each other where there is no room for each. */
export interface Slot {
  /** Oldest first, never empty. */
  readonly changes: readonly TimelineChange[];
  readonly lines: number;
  /** Of all its changes together. */
  readonly probability: number;
}

export interface Tick {
  /** Position in slots: 0 is the left edge of the first, `slots.length` the right edge of the last. */
  readonly slot: number;
  readonly label: string;
  /** The day or year, where it is another than at the tick before. */
  readonly under: string;
}

/** Narrower bars than this (px of the drawing) cannot be told apart. */
const LEAST_SLOT = 1.8;

/** Oldest first; what was committed at the same moment stays in the order given. */
export function inOrder(changes: readonly TimelineChange[]): TimelineChange[] {
  return changes.toSorted((a, b) => a.at - b.at);
}

/** How many lines, whatever they do. */
export function size({ insertions, deletions }: TimelineChange): number {
  return insertions + deletions;
}

/** Changes into bars for a drawing of `width` px: each its own while there is room, else equal bins. */
export function slotsOf(changes: readonly TimelineChange[], width: number): Slot[] {
  const each = Math.max(1, Math.ceil(changes.length / Math.floor(width / LEAST_SLOT)));
  const slots: Slot[] = [];
  for (let at = 0; at < changes.length; at += each) {
    const own = changes.slice(at, at + each);
    slots.push({
      changes: own,
      lines: own.reduce((sum, change) => sum + size(change), 0),
      probability: own.reduce((sum, { probability }) => sum + probability, 0),
    });
  }
  return slots;
}

/** Where a moment lies between the slots: behind every change that was there by then. */
export function slotAt(slots: readonly Slot[], at: number): number {
  let position = 0;
  for (const [index, { changes }] of slots.entries()) {
    const before = changes.filter((change) => change.at <= at).length;
    if (before > 0) position = index + before / changes.length;
  }
  return position;
}

interface Unit {
  readonly key: (at: Date) => string;
  readonly fine: boolean;
}

const ROUND = (minutes: number): Unit => ({
  key: (at) => String(Math.floor(at.getTime() / (minutes * 60_000))),
  fine: true,
});

/** From fine to coarse; days, months and years are those of UTC. */
const UNITS: readonly Unit[] = [
  ROUND(1),
  ROUND(15),
  ROUND(60),
  ROUND(360),
  { key: (at) => at.toISOString().slice(0, 10), fine: false },
  // Weeks that begin on Mondays: 1970-01-01 was a Thursday.
  { key: (at) => String(Math.floor((at.getTime() / 86_400_000 + 3) / 7)), fine: false },
  { key: (at) => at.toISOString().slice(0, 7), fine: false },
  { key: (at) => `${at.getUTCFullYear()}/${Math.floor(at.getUTCMonth() / 3)}`, fine: false },
  { key: (at) => at.toISOString().slice(0, 4), fine: false },
];

/**
 * Labels below the bars, where a new minute, hour, day, … begins: as fine as at most `most` of them
 * allow. They stand at least `apart` slots from each other.
 */
export function ticksOf(slots: readonly Slot[], most: number, apart: number): Tick[] {
  const times = slots.map(({ changes }) => new Date(changes[0]?.at ?? 0));
  const begins = (unit: Unit): number[] =>
    times.flatMap((at, slot) => {
      const before = times[slot - 1];
      return before === undefined || unit.key(before) !== unit.key(at) ? [slot] : [];
    });
  const coarsest = UNITS.at(-1) ?? ROUND(1);
  const unit = UNITS.find((one) => begins(one).length <= most) ?? coarsest;
  const ticks: Tick[] = [];
  let under = "";
  for (const slot of begins(unit)) {
    const last = ticks.at(-1);
    if (last !== undefined && slot - last.slot < apart) continue;
    const at = times[slot] ?? new Date(0);
    const next = unit.fine ? day(at) : String(at.getUTCFullYear());
    ticks.push({
      slot,
      label: unit.fine ? at.toISOString().slice(11, 16) : day(at),
      under: next === under ? "" : next,
    });
    under = next;
  }
  return ticks;
}

/** `5 Jan`, in UTC. */
export function day(at: Date): string {
  return at.toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
}

/**
 * A share of the height for a number of lines. Logarithmic, because sizes of commits are spread over
 * orders of magnitude (Arafat and Riehle, "The Commit Size Distribution of Open Source Software",
 * HICSS 2009): on a linear scale one vendored file would flatten all the others.
 */
export function sizeShare(lines: number, most: number): number {
  return most <= 0 ? 0 : Math.log10(1 + lines) / Math.log10(1 + Math.max(most, 9));
}

/** Powers of ten to write beside that scale, four at most. */
export function sizeMarks(most: number): number[] {
  const powers = Math.floor(Math.log10(Math.max(most, 9) + 1));
  const step = Math.ceil((powers + 1) / 4);
  return Array.from({ length: powers + 1 }, (_, power) => power)
    .filter((power) => power % step === 0 && power > 0)
    .map((power) => 10 ** power);
}

/** The top of the linear scale of suspicion: the least round share that holds them all. */
export function suspicionTop(most: number): number {
  return [0.05, 0.1, 0.25, 0.5].find((top) => most <= top) ?? 1;
}
