import type { ChalkInstance } from "chalk";

const PLAIN = /^[ -~]*$/;

/** Columns a text takes on a terminal: wide characters count two, combining ones none. */
export function columns(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  // oxlint-disable-next-line no-control-regex -- colour codes take no room
  for (const character of text.replace(/\u001b\[[0-9;]*m/g, "")) {
    const code = character.codePointAt(0) ?? 0;
    if (/\p{Mark}/u.test(character)) continue;
    const wide =
      (code >= 0x1100 && code <= 0x115f) ||
      (code >= 0x2e80 && code <= 0xa4cf) ||
      (code >= 0xac00 && code <= 0xd7a3) ||
      (code >= 0xf900 && code <= 0xfaff) ||
      (code >= 0xfe30 && code <= 0xfe6f) ||
      (code >= 0xff00 && code <= 0xff60) ||
      (code >= 0x1f300 && code <= 0x1faff) ||
      (code >= 0x20000 && code <= 0x3fffd);
    width += wide ? 2 : 1;
  }
  return width;
}

export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - columns(text)));
}

export function padStart(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - columns(text))) + text;
}

/** Cuts plain text (no colours) to a width, with an ellipsis where something is missing. */
export function clip(text: string, width: number): string {
  if (columns(text) <= width) return text;
  return `${firstColumns(text, width - 1)}…`;
}

function firstColumns(text: string, width: number): string {
  let kept = "";
  let taken = 0;
  for (const character of text) {
    taken += columns(character);
    if (taken > width) break;
    kept += character;
  }
  return kept;
}

/** Cuts a path in the middle: its end says most. */
export function clipPath(path: string, width: number): string {
  if (columns(path) <= width) return path;
  const head = firstColumns(path, Math.max(0, Math.floor((width - 1) / 3)));
  const reversed = firstColumns([...path].toReversed().join(""), width - 1 - columns(head));
  return `${head}…${[...reversed].toReversed().join("")}`;
}

/** Breaks plain text at spaces; a word longer than the width is broken where it must be. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ").flatMap((one) => pieces(one, width))) {
      if (line !== "" && columns(line) + 1 + columns(word) > width) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines;
}

function pieces(word: string, width: number): string[] {
  const parts: string[] = [];
  let rest = word;
  while (columns(rest) > Math.max(1, width)) {
    const part = firstColumns(rest, Math.max(1, width));
    if (part === "") break;
    parts.push(part);
    rest = rest.slice(part.length);
  }
  return [...parts, rest];
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** A bar for a share of 0–1; as many full cells as it deserves, eighths at its end. */
export function bar(share: number, width: number): string {
  const cells = Math.min(1, Math.max(0, share)) * width;
  const full = Math.floor(cells);
  return padEnd("█".repeat(full) + (EIGHTHS[Math.floor((cells - full) * 8)] ?? ""), width);
}

export function percent(share: number): string {
  if (share > 0 && share < 0.01) return "<1%";
  if (share < 1 && share >= 0.995) return ">99%";
  return `${Math.round(share * 100)}%`;
}

/** `1 commit`, `3 commits`, `1,204 lines`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;
}

/** `9 changes (23 commits)`; without merges a change is a commit and that is said once. */
export function changesText(changes: number, commits: number): string {
  return changes === commits
    ? count(changes, "change")
    : `${count(changes, "change")} (${count(commits, "commit")})`;
}

/** Label and value under each other, values aligned. */
export function pairs(
  rows: readonly (readonly [string, string])[],
  paint: ChalkInstance,
  indent = 2,
): string[] {
  const width = Math.max(0, ...rows.map(([label]) => columns(label)));
  return rows.map(([label, value]) => `${" ".repeat(indent)}${paint.dim(padEnd(label, width))}  ${value}`);
}

/** A command to copy, never broken, with what it is for beside it, or below it where the line is short. */
export function commandLines(
  rows: readonly (readonly [string, string])[],
  width: number,
  paint: ChalkInstance,
): string[] {
  const column = Math.max(0, ...rows.map(([command]) => columns(command)));
  const beside = rows.every(([, why]) => column + columns(why) + 4 <= width);
  return rows.flatMap(([command, why]) =>
    beside
      ? [`  ${paint.bold(padEnd(command, column))}  ${paint.dim(why)}`]
      : [`  ${paint.bold(command)}`, ...wrap(why, width - 4).map((line) => `    ${paint.dim(line)}`)],
  );
}

/** `+1,204 −311`; with `brief`, from ten thousand on in thousands. */
export function plusMinus(
  insertions: number,
  deletions: number,
  paint: ChalkInstance,
  brief = false,
): string {
  const spell = (n: number): string =>
    brief && n >= 10_000 ? `${Math.round(n / 1_000).toLocaleString("en-US")}k` : n.toLocaleString("en-US");
  return `${paint.green(`+${spell(insertions)}`)} ${paint.red(`−${spell(deletions)}`)}`;
}
