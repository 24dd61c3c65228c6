import type { ChalkInstance } from "chalk";

import { type Area, NOT_ONLY_CODE } from "../model/area.ts";
import type { FileChange } from "../model/change.ts";
import { visible } from "../model/escape.ts";
import { type Oid, short } from "../model/oid.ts";
import { spoken } from "../model/time.ts";
import type { ShownHunk } from "../model/triage.ts";
import { areaLines, fileLine } from "./areas.ts";
import { hunkLines } from "./hunks.ts";
import { clip, columns, count, wrap } from "./layout.ts";

export interface DiffScreen {
  readonly areas: readonly {
    readonly area: Area;
    readonly files: readonly FileChange[];
    readonly insertions: number;
    readonly deletions: number;
  }[];
  /** Best first. */
  readonly hunks: readonly ShownHunk[];
  /** Hunks that there are. */
  readonly hunksInAll: number;
  readonly symptomGiven: boolean;
  /** Everything, in full length. */
  readonly whole: boolean;
}

/** Files shown of one area before the rest is only counted, in a small diff and in one with `MANY` files. */
const FILES_SHOWN = 12;
const FEW_SHOWN = 4;
const MANY = 40;
/** Lines that hunks take before the rest is only counted: about two screens; and hunks shown in any case. */
const HUNK_LINES = 48;
const AT_LEAST = 2;

/** Areas, the hunks that matter most, then every file. */
export function diffLines(screen: DiffScreen, width: number, paint: ChalkInstance): string[] {
  const [first, second] = screen.areas;
  // One bar says nothing that the counts above do not say, unless it stands for what is not only code.
  const bars = second !== undefined || (first !== undefined && NOT_ONLY_CODE.has(first.area));
  const lines = bars ? ["", ...areaLines(screen.areas, paint, width)] : [];
  lines.push(...mattersLines(screen, width, paint));
  const all = screen.areas.reduce((sum, { files }) => sum + files.length, 0);
  for (const { area, files } of screen.areas) {
    const shown = screen.whole ? files : files.slice(0, all > MANY ? FEW_SHOWN : FILES_SHOWN);
    lines.push("", `  ${paint.bold(area)}`, ...shown.map((file) => fileLine(file, width, paint)));
    if (shown.length < files.length)
      lines.push(
        paint.dim(`    … and ${count(files.length - shown.length, "more file")}; all of them with -v`),
      );
  }
  return lines;
}

/** The hunks that matter most, under a title that says by what. */
export function mattersLines(
  { hunks, hunksInAll, symptomGiven, whole }: Omit<DiffScreen, "areas">,
  width: number,
  paint: ChalkInstance,
): string[] {
  if (hunks.length === 0) return [];
  const title = paint.bold("What matters most");
  const by = symptomGiven
    ? "nearest to the symptom first"
    : "most risky first; nearer to the fault with --symptom";
  const beside = columns(title) + columns(by) + 2 <= width;
  const lines = beside
    ? ["", `${title}  ${paint.dim(by)}`, ""]
    : ["", title, ...wrap(by, width - 2).map((line) => paint.dim(`  ${line}`)), ""];
  let shown = whole ? hunks.length : Math.min(AT_LEAST, hunks.length);
  let drawn = hunkLines(hunks.slice(0, shown), width, paint, whole);
  for (let next = shown + 1; next <= hunks.length; next += 1) {
    const more = hunkLines(hunks.slice(0, next), width, paint);
    if (more.length > HUNK_LINES) break;
    [drawn, shown] = [more, next];
  }
  lines.push(...drawn);
  if (shown < hunksInAll) {
    const how = whole ? "" : "; more of them with -v";
    lines.push("", paint.dim(`  … and ${count(hunksInAll - shown, "more hunk")}${how}`));
  }
  return lines;
}

/** Which one change is looked at: its id, age and subject. */
export function changeTitle(
  change: { readonly sha: Oid; readonly subject: string; readonly at: number },
  now: number,
  width: number,
  paint: ChalkInstance,
): string[] {
  const age = `${spoken(Math.max(0, now - change.at))} ago`;
  const subject = clip(visible(change.subject), width - 13);
  const head = `${paint.cyan(short(change.sha))}  ${paint.bold(subject)}`;
  return columns(head) + columns(age) + 2 <= width
    ? [`${head}  ${paint.dim(age)}`]
    : [head, paint.dim(`  ${age}`)];
}
