import type { Frame } from "../model/triage.ts";
import { type Form, FRAMES, PLACES, SOURCE_ENDING } from "./symptom/frame-forms.ts";

/** Characters of a line that are looked at; a minified stack is longer than a person reads. */
const LINE = 1_000;
/** Places that one line of prose may name. */
const PLACES_IN_LINE = 8;

/** Frames of one error: one block for the error, one for each cause. */
interface Block {
  readonly frames: Frame[];
  /** Where the innermost call is printed last. */
  readonly inverted: "python" | "pytest" | null;
  readonly indent: number;
}

const CAUSE = /^\s{0,40}(?:\[?Caused by\b|\[cause\]|\[errors\]|Root cause\b)/;
const SUPPRESSED = /^\s{0,40}Suppressed:/;
const INVERTED = /^(.{0,60}?)Traceback \(most recent call last\)/;
/** A frame of Python; the header may have been cut off. */
const PYTHON = /^\s{0,40}File "/;
const PYTEST = /^[^\s:]{1,300}\.py:\d{1,9}:(?: in [\w<>]{1,100}| [A-Za-z][\w.]{0,100})?\s*$/;
const PYTEST_BOUNDARY = /^(?:_{3,}|={3,})/;
const HEADLINE =
  /^\S.{0,200}(?:\w(?:Error|Exception|Panic)\b|\bpanick?(?:ed)?\b)|^goroutine \d|^(?:FAIL|E)\b/;

/** The frames of a text, innermost call first and causes before what they caused; each place once, at most `most`. */
export function parseFrames(text: string, most: number): Frame[] {
  const traces = new Traces(most);
  let before = "";
  for (const whole of text.split("\n")) {
    const line = whole.slice(0, LINE);
    if (!traces.take(line, framesIn(line, before))) break;
    before = line;
  }
  return unrepeated(traces.frames()).slice(0, most);
}

/** Sorts lines into traces, and the blocks of a trace into causes and what they caused. */
class Traces {
  readonly #traces: Block[][] = [];
  readonly #most: number;
  readonly #seen = new Set<string>();
  #current: Block = block();
  #suppressed = false;

  constructor(most: number) {
    this.#most = most;
    this.#traces.push([this.#current]);
  }

  /** False: there are enough. */
  take(line: string, frames: readonly Frame[]): boolean {
    this.#turn(line, frames.length > 0);
    for (const frame of frames) {
      const key = keyOf(frame);
      if (this.#seen.has(key) && this.#current.frames.some((one) => keyOf(one) === key)) continue;
      this.#seen.add(key);
      this.#current.frames.push(frame);
    }
    // A little more than wanted: a cause comes last and stands first.
    return this.#seen.size < this.#most * 4;
  }

  /** Decides to which block a line belongs. */
  #turn(line: string, framed: boolean): void {
    const inverted = INVERTED.exec(line);
    if (inverted)
      return this.#begin(block("python", /^\s*$/.test(inverted[1] ?? "") ? (inverted[1] ?? "").length : 0));
    if (PYTEST_BOUNDARY.test(line)) return this.#begin(block());
    if (framed && PYTHON.test(line) && this.#current.inverted !== "python")
      return this.#begin(block("python"));
    if (framed && PYTEST.test(line)) {
      if (this.#current.inverted !== "pytest") this.#begin(block("pytest"));
      return undefined;
    }
    if (SUPPRESSED.test(line)) {
      this.#suppressed = true;
      this.#traces.at(-1)?.push((this.#current = block()));
    } else if (CAUSE.test(line)) {
      // The cause of something suppressed stays behind, with it.
      if (this.#suppressed && /^\s/.test(line)) return undefined;
      this.#traces.at(-1)?.unshift((this.#current = block()));
    } else if (this.#current.inverted === "python" && !framed && endsPython(line, this.#current))
      this.#begin(block());
    else if (!framed && this.#current.inverted === null && HEADLINE.test(line) && !CAUSE.test(line)) {
      if (this.#traces.at(-1)?.some(({ frames }) => frames.length > 0)) this.#begin(block());
    }
    return undefined;
  }

  #begin(next: Block): void {
    this.#suppressed = false;
    this.#current = next;
    this.#traces.push([next]);
  }

  frames(): Frame[] {
    return this.#traces
      .flat()
      .flatMap(({ frames, inverted }) => (inverted === null ? frames : frames.toReversed()));
  }
}

function block(inverted: Block["inverted"] = null, indent = 0): Block {
  return { frames: [], inverted, indent };
}

/** The line that says the error stands as far left as the block's first line. */
function endsPython(line: string, { indent, frames }: Block): boolean {
  return frames.length > 0 && line.trim() !== "" && line.search(/\S/) <= indent;
}

function keyOf({ file, line, column, function: name }: Frame): string {
  return `${file}:${line ?? ""}:${column ?? ""}:${name ?? ""}`;
}

/** Each place once: what names it twice, once with and once without its function or column, is one frame. */
function unrepeated(frames: readonly Frame[]): Frame[] {
  const kept: Frame[] = [];
  const at = new Map<string, number[]>();
  for (const frame of frames) {
    const place = `${frame.file.replace(/^\.\//, "")}:${frame.line ?? ""}`;
    const same = at.get(place) ?? [];
    const index = same.find((one) => agree(kept[one], frame));
    const found = index === undefined ? undefined : kept[index];
    if (index !== undefined && found !== undefined) {
      kept[index] = { ...frame, ...found };
      continue;
    }
    same.push(kept.length);
    at.set(place, same);
    kept.push(frame);
  }
  return kept;
}

function agree(a: Frame | undefined, b: Frame): boolean {
  if (a === undefined) return false;
  const column = a.column === undefined || b.column === undefined || a.column === b.column;
  return column && (a.function === undefined || b.function === undefined || a.function === b.function);
}

/** The frames of one line; `before` is the line before it, where Go and Rust name the function. */
export function framesIn(line: string, before = ""): Frame[] {
  if (!/\d/.test(line) || !/[.\w](?:[:(["',]| line)/.test(line)) return [];
  for (const form of FRAMES) {
    const match = form.pattern.exec(line);
    const frame = match && frameOf(match, form);
    if (frame) return [called(frame, before)];
  }
  const found: { readonly frame: Frame; readonly at: number }[] = [];
  for (const form of PLACES) {
    for (const match of line.matchAll(form.pattern)) {
      const frame = frameOf(match, form);
      if (frame && isPlace(frame.file)) found.push({ frame: called(frame, before), at: match.index });
    }
  }
  return found
    .toSorted((a, b) => a.at - b.at)
    .slice(0, PLACES_IN_LINE)
    .map(({ frame }) => frame);
}

function frameOf(match: RegExpExecArray, { groups }: Form): Frame | undefined {
  const found: { file?: string; line?: number; column?: number; function?: string } = {};
  for (const [index, group] of groups.entries()) {
    const value = match[index + 1];
    if (value === undefined || value === "") continue;
    if (group === "line" || group === "column") found[group] = Number(value);
    else found[group] = value.trim().replaceAll("\\\\", "\\");
  }
  return found.file === undefined ? undefined : { ...found, file: found.file };
}

function isPlace(file: string): boolean {
  return SOURCE_ENDING.test(file) || /[\\/]/.test(file) || /(?:file|BUILD)$/.test(file);
}

const GO_CALL = /^([\w./*()[\]-]{1,300})\(.{0,400}\)$|^created by ([\w./*()[\]-]{1,300})/;
const RUST_CALL = /^\s{0,8}\d{1,4}:\s{1,8}(?:0x[0-9a-f]{1,16} - )?(\S.{0,300})$/;

function called(frame: Frame, before: string): Frame {
  if (frame.function !== undefined) return frame;
  const go = frame.file.endsWith(".go") ? GO_CALL.exec(before) : null;
  const name = go?.[1] ?? go?.[2] ?? (frame.file.endsWith(".rs") ? RUST_CALL.exec(before)?.[1] : undefined);
  return name === undefined ? frame : { function: name.replace(/::h[0-9a-f]{16}$/, ""), ...frame };
}
