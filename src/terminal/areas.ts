import type { ChalkInstance } from "chalk";

import { type Area, NOT_ONLY_CODE } from "../model/area.ts";
import type { FileChange } from "../model/change.ts";
import { visible } from "../model/escape.ts";
import { bar, clipPath, count, padEnd, padStart, plusMinus } from "./layout.ts";

interface Summary {
  readonly area: Area;
  readonly files: readonly FileChange[];
  readonly insertions: number;
  readonly deletions: number;
}

/** One line an area: a bar for its share of the changed lines, marked when it is not only code. */
export function areaLines(areas: readonly Summary[], paint: ChalkInstance, width = 80): string[] {
  const wide = width >= 80;
  const largest = Math.max(1, ...areas.map((area) => area.insertions + area.deletions));
  const label = Math.max(0, ...areas.map(({ area }) => area.length));
  const lines = areas.map(({ area, files, insertions, deletions }) => {
    const special = NOT_ONLY_CODE.has(area);
    const name = padEnd(area, label);
    const share = bar((insertions + deletions) / largest, wide ? 16 : 4);
    const note = special ? `  ${paint.yellow(wide ? "not only code" : "!")}` : "";
    const number = wide ? padStart(count(files.length, "file"), 9) : padStart(String(files.length), 4);
    return `  ${special ? paint.yellow(name) : name}  ${paint.cyan(share)} ${number}  ${plusMinus(insertions, deletions, paint, !wide)}${note}`;
  });
  const legend = !wide && areas.some(({ area }) => NOT_ONLY_CODE.has(area));
  return legend ? [...lines, `  ${paint.yellow("! not only code")}`] : lines;
}

const MARK: Readonly<Record<FileChange["status"], string>> = {
  added: "A",
  modified: "M",
  deleted: "D",
  renamed: "R",
  copied: "C",
  type: "T",
};

/** One line a file: what happened to it, its path, its counts. */
export function fileLine(file: FileChange, width: number, paint: ChalkInstance): string {
  const counts =
    file.kind === "submodule"
      ? "submodule"
      : file.insertions === null
        ? "binary"
        : `+${file.insertions} −${file.deletions ?? 0}`;
  const name = file.from === undefined ? visible(file.path) : `${visible(file.from)} → ${visible(file.path)}`;
  const room = Math.max(12, width - 20);
  return `    ${paint.dim(MARK[file.status])} ${padEnd(clipPath(name, room), room)} ${paint.dim(padStart(counts, 12))}`;
}
