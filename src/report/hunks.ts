import type { ShownHunk, ShownLine } from "../model/triage.ts";
import { count } from "../terminal/layout.ts";
import { asIs, cut, html, type Html, lines } from "./html.ts";

/** Lines of one hunk, and UTF-16 units of one line; more does not help at night. */
const MOST_LINES = 60;
const MOST_UNITS = 500;

type Span = readonly [number, number];

/** One hunk of a patch: its place, and its lines with what changed in them and what the symptom names. */
export function hunkView(hunk: ShownHunk): Html {
  const numbered = numberLines(hunk).slice(0, MOST_LINES);
  const rest = hunk.lines.length - numbered.length;
  const digits = String(Math.max(0, ...numbered.map(({ number }) => number))).length;
  const path = cut(hunk.path, 300);
  return html`<figure class="hunk">
    <figcaption>
      ${hunk.from === undefined ? null : html`<bdi>${cut(hunk.from, 300)}</bdi> → `}<bdi class="path"
        >${path}</bdi
      ><span class="where">line ${hunk.newStart}</span
      >${hunk.header === "" ? null : html`<bdi class="where function">${cut(hunk.header, 160)}</bdi>`}
    </figcaption>
    <pre
      tabindex="0"
      role="region"
      aria-label="Change in ${path} at line ${hunk.newStart}"
      class="digits-${Math.min(7, digits)}"
    ><code>${numbered.map(({ line, number }) => lineView(line, number))}</code></pre>
    ${rest > 0 ? html`<p class="left-out">${count(rest, "more line")} of this hunk left out</p>` : null}
  </figure>`;
}

interface Numbered {
  readonly line: ShownLine;
  readonly number: number;
}

/** A line's number is the one it has now; a removed line's the one it had. */
function numberLines({ oldStart, newStart, lines: shown }: ShownHunk): Numbered[] {
  let before = oldStart;
  let now = newStart;
  return shown.map((line) => {
    const number = line.mark === "-" ? before : now;
    if (line.mark !== "+") before += 1;
    if (line.mark !== "-") now += 1;
    return { line, number };
  });
}

const NAMES: Readonly<Record<ShownLine["mark"], string>> = { "+": "added", "-": "removed", " ": "same" };

const LINE_END = asIs("\n");

function lineView(line: ShownLine, number: number): Html {
  const text = cut(line.text, MOST_UNITS);
  const pieces = piecesOf(text, line.changed, line.matched).map((piece) => {
    const words = lines(piece.text);
    const named = piece.matched ? html`<mark>${words}</mark>` : words;
    if (!piece.changed || line.mark === " ") return named;
    return line.mark === "+" ? html`<ins>${named}</ins>` : html`<del>${named}</del>`;
  });
  // The number is drawn by the style sheet: a selection to copy holds code only.
  return html`<span class="line ${NAMES[line.mark]}" data-number="${number}"
    >${line.mark}${pieces}${LINE_END}</span
  >`;
}

export interface Piece {
  readonly text: string;
  readonly changed: boolean;
  readonly matched: boolean;
}

/** Cuts a line where a highlight begins or ends; spans that leave the line or cut a character are mended. */
export function piecesOf(text: string, changed: readonly Span[], matched: readonly Span[]): Piece[] {
  const mend = (at: number): number => {
    const inside = Math.min(text.length, Math.max(0, at));
    return /[\udc00-\udfff]/.test(text.charAt(inside)) ? inside - 1 : inside;
  };
  const mended = (spans: readonly Span[]): Span[] => spans.map(([from, to]) => [mend(from), mend(to)]);
  const [differs, names] = [mended(changed), mended(matched)];
  const edges = [...new Set([0, text.length, ...differs.flat(), ...names.flat()])].toSorted((a, b) => a - b);
  const within = (spans: readonly Span[], at: number): boolean =>
    spans.some(([from, to]) => from <= at && at < to);
  return edges.slice(0, -1).map((from, index) => ({
    text: text.slice(from, edges[index + 1]),
    changed: within(differs, from),
    matched: within(names, from),
  }));
}
