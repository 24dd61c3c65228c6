import { short } from "../model/oid.ts";
import { rfc3339 } from "../model/time.ts";
import { count, percent } from "../terminal/layout.ts";
import { type Content, cut, html, type Html } from "./html.ts";
import {
  day,
  size,
  type Slot,
  sizeMarks,
  sizeShare,
  slotAt,
  slotsOf,
  suspicionTop,
  ticksOf,
  type TimelineChange,
} from "./timeline.ts";

export interface PlotFacts {
  /** Oldest first. */
  readonly changes: readonly TimelineChange[];
  /** Ranks that have an article on the page to go to; these get a mark of their own. */
  readonly marked: ReadonlySet<number>;
  readonly good: string;
  readonly live: string;
  /** When the symptom was first seen, ms since 1970. */
  readonly firstError: number | null;
}

/** The two drawings of a page: for a desk and for a telephone. */
export type PlotName = "wide" | "narrow";

interface Frame {
  readonly width: number;
  readonly left: number;
  readonly right: number;
  /** Most characters of a label above the lanes. */
  readonly label: number;
}

const FRAMES: Readonly<Record<PlotName, Frame>> = {
  wide: { width: 1_000, left: 46, right: 984, label: 40 },
  narrow: { width: 330, left: 38, right: 322, label: 15 },
};

const HEIGHT = 306;
const SUSPICION = { top: 62, bottom: 158 };
const SIZE = { top: 186, bottom: 262 };
/** px between two labels below the axis. */
const LABEL_ROOM = 62;
const RADIUS = 9;
/** px that a number may stand beside its bar, the nearest first. */
const ASIDE = [0, 12, -12, 20, -20, 32, -32, 44, -44, 60, -60];

/** How strongly a change is suspected: the same steps as on a terminal. */
export function level(probability: number): "strong" | "some" | "low" {
  return probability >= 0.5 ? "strong" : probability >= 0.2 ? "some" : "low";
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/**
 * The range, oldest left: above, how suspicious each change is; below, how many lines it changes.
 * One step per change and not time to scale, because commits come in bursts (Barabási, Nature 435,
 * 2005): to scale, a weekend takes all the room and an afternoon's commits lie on one another. The
 * labels below say when each burst was.
 */
export function plot(name: PlotName, facts: PlotFacts): Html {
  const frame = FRAMES[name];
  const slots = slotsOf(facts.changes, frame.right - frame.left);
  const step = (frame.right - frame.left) / Math.max(1, slots.length);
  const at = (slot: number): number => frame.left + slot * step;
  const top = suspicionTop(Math.max(0, ...slots.map(({ probability }) => probability)));
  const most = Math.max(1, ...slots.map(({ lines }) => lines));
  const suspicion = (share: number): number =>
    SUSPICION.bottom - (share / top) * (SUSPICION.bottom - SUSPICION.top);
  const height = (lines: number): number => sizeShare(lines, most) * (SIZE.bottom - SIZE.top);
  const thick = Math.min(16, Math.max(0.8, step * 0.68));

  const bars = slots.map((slot, index) => {
    const x = px(at(index + 0.5) - thick / 2);
    const tall = Math.max(slot.lines > 0 ? 1.5 : 0.75, height(slot.lines));
    const rise = SUSPICION.bottom - suspicion(slot.probability);
    return html`<g class="${level(slot.probability)}"
      ><title>${slotText(slot)}</title
      ><rect
        class="reach"
        x="${px(at(index))}"
        y="${SUSPICION.top}"
        width="${px(step)}"
        height="${SIZE.bottom - SUSPICION.top}" /><rect
        class="stem"
        x="${x}"
        y="${px(SUSPICION.bottom - rise)}"
        width="${px(thick)}"
        height="${px(rise)}" /><rect
        class="bar"
        x="${x}"
        y="${px(SIZE.bottom - tall)}"
        width="${px(thick)}"
        height="${px(tall)}"
    /></g>`;
  });

  return html`<svg
    class="plot ${name}"
    viewBox="0 0 ${frame.width} ${HEIGHT}"
    role="group"
    aria-labelledby="plot-${name}-title plot-${name}-desc"
  >
    <title id="plot-${name}-title">Timeline of the range</title>
    <desc id="plot-${name}-desc">${description(facts)}</desc>
    <g class="grid" aria-hidden="true">
      ${suspicionGrid(frame, top, suspicion)}${sizeGrid(frame, most, height)}
    </g>
    <g class="axis" aria-hidden="true">${timeAxis(frame, slots, step)}</g>
    <g aria-hidden="true">${bars}</g>
    ${ends(frame, facts)}${errorMark(frame, facts, slots, at)} ${marks(facts, slots, at, suspicion)}
  </svg>`;
}

function description({ changes, good, live, firstError }: PlotFacts): string {
  const first = changes[0];
  const last = changes.at(-1);
  const span = first && last ? `, ${rfc3339(first.at)} to ${rfc3339(last.at)}` : "";
  const seen = firstError === null ? "" : ` The symptom was first seen ${rfc3339(firstError)}.`;
  return `${count(changes.length, "change")} from good (${good}) on the left to live (${live}) on the right${span}. The upper lane shows the suspicion of each, the lower one the lines it changes.${seen} The table below says the same.`;
}

function slotText({ changes, lines, probability }: Slot): string {
  const first = changes[0];
  const last = changes.at(-1);
  if (first === undefined || last === undefined) return "";
  const spread = count(lines, "line");
  if (changes.length === 1)
    return `${short(first.sha)} ${cut(first.subject, 60)} · ${rfc3339(first.at)} · ${spread} · ${percent(probability)}`;
  return `${count(changes.length, "change")}, ${rfc3339(first.at)} to ${rfc3339(last.at)} · ${spread} · together ${percent(probability)}`;
}

function suspicionGrid(frame: Frame, top: number, y: (share: number) => number): Html[] {
  const lane = html`<text class="lane" x="${frame.left + 7}" y="${SUSPICION.top - 10}">suspicion</text>`;
  const rows = [0, top / 2, top].map(
    (share) =>
      html`<line x1="${frame.left}" x2="${frame.right}" y1="${px(y(share))}" y2="${px(y(share))}" /><text
          x="${frame.left - 6}"
          y="${px(y(share) + 4)}"
          text-anchor="end"
          >${Math.round(share * 1_000) / 10}%</text
        >`,
  );
  return [lane, ...rows];
}

function sizeGrid(frame: Frame, most: number, height: (lines: number) => number): Html[] {
  const lane = html`<text class="lane" x="${frame.left + 7}" y="${SIZE.top - 8}"
    >lines changed, log scale</text
  >`;
  const rows = sizeMarks(most).map((lines) => {
    const y = SIZE.bottom - height(lines);
    const label =
      lines < 1_000 ? String(lines) : lines < 1_000_000 ? `${lines / 1_000}k` : `${lines / 1_000_000}M`;
    return html`<line x1="${frame.left}" x2="${frame.right}" y1="${px(y)}" y2="${px(y)}" /><text
        x="${frame.left - 6}"
        y="${px(y + 4)}"
        text-anchor="end"
        >${label}</text
      >`;
  });
  return [
    lane,
    ...rows,
    html`<line x1="${frame.left}" x2="${frame.right}" y1="${SIZE.bottom}" y2="${SIZE.bottom}" />`,
  ];
}

function timeAxis(frame: Frame, slots: readonly Slot[], step: number): Html[] {
  const room = Math.floor((frame.right - frame.left) / LABEL_ROOM);
  return ticksOf(slots, room, LABEL_ROOM / step).map(({ slot, label, under }) => {
    // A bar with room of its own has its time below it; else the label begins where the time does.
    const roomy = step > LABEL_ROOM;
    const x = frame.left + (roomy ? slot + 0.5 : slot) * step;
    // The last label would run out of the drawing.
    const anchor = roomy ? "middle" : x > frame.right - LABEL_ROOM / 2 ? "end" : "start";
    const text = anchor === "end" ? frame.right : x;
    return html`<line x1="${px(x)}" x2="${px(x)}" y1="${SIZE.bottom}" y2="${SIZE.bottom + 6}" /><text
        x="${px(text)}"
        y="${SIZE.bottom + 19}"
        text-anchor="${anchor}"
        >${label}</text
      ><text class="under" x="${px(text)}" y="${SIZE.bottom + 34}" text-anchor="${anchor}">${under}</text>`;
  });
}

function ends(frame: Frame, { good, live }: PlotFacts): Html {
  const end = (name: string, x: number, anchor: string, label: string): Html =>
    html`<g class="end"
      ><line x1="${x}" x2="${x}" y1="20" y2="${SIZE.bottom}" /><text x="${x}" y="13" text-anchor="${anchor}"
        ><tspan class="${name}">${name}</tspan> ${cut(label, frame.label)}</text
      ></g
    >`;
  return html`${end("good", frame.left, "start", good)}${end("live", frame.right, "end", live)}`;
}

function errorMark(
  frame: Frame,
  { firstError }: PlotFacts,
  slots: readonly Slot[],
  at: (slot: number) => number,
): Html | null {
  if (firstError === null) return null;
  const x = at(slotAt(slots, firstError));
  const anchor = x > (frame.left + frame.right) / 2 ? "end" : "start";
  const label = x + (anchor === "end" ? -6 : 6);
  return html`<g class="error"
    ><line x1="${px(x)}" x2="${px(x)}" y1="24" y2="${SIZE.bottom}" /><path
      d="M${px(x - 5)} 24h10l-5 8z"
    /><text x="${px(label)}" y="35" text-anchor="${anchor}"
      >first error ${day(new Date(firstError))}, ${new Date(firstError).toISOString().slice(11, 16)}</text
    ></g
  >`;
}

/** The suspects of the page, each with its number, also where changes share a bar. */
function marks(
  { changes, marked }: PlotFacts,
  slots: readonly Slot[],
  at: (slot: number) => number,
  y: (share: number) => number,
): Content {
  const places = new Map<TimelineChange, number>();
  for (const [index, slot] of slots.entries())
    for (const change of slot.changes) places.set(change, index + 0.5);
  const set: { readonly x: number; readonly y: number }[] = [];
  return changes
    .filter(({ rank }) => marked.has(rank))
    .toSorted((a, b) => a.rank - b.rank)
    .map((change) => {
      const x = at(places.get(change) ?? 0);
      const foot = y(change.probability);
      const height = foot - RADIUS - 3;
      // Among neighbours of like height the lesser one's number steps aside, and none seems higher.
      const free = (aside: number): boolean =>
        set.every((other) => Math.hypot(other.x - x - aside, other.y - height) > 2 * RADIUS + 1);
      const center = x + (ASIDE.find(free) ?? 0);
      set.push({ x: center, y: height });
      return html`<a
        class="mark ${level(change.probability)}"
        href="#suspect-${change.rank}"
        aria-label="Suspect ${change.rank}: ${cut(change.subject, 60)}, ${percent(change.probability)}"
        ><title>
          ${slotText({ changes: [change], lines: size(change), probability: change.probability })}</title
        ><line x1="${px(x)}" x2="${px(center)}" y1="${px(foot)}" y2="${px(height + RADIUS)}" /><circle
          cx="${px(center)}"
          cy="${px(height)}"
          r="${RADIUS}"
        /><text x="${px(center)}" y="${px(height + 4)}" text-anchor="middle">${change.rank}</text></a
      >`;
    });
}
