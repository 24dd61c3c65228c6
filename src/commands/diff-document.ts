import type { AreaSummary } from "../environment/range.ts";
import type { HunkList } from "../triage/hunks.ts";
import type { Context } from "./context.ts";

/** How much is read: a screen or two for people, more for programs, all but the endless with `-v`. */
export function limits({ globals, terminal }: Context): { readonly most: number; readonly lines: number } {
  if (globals.verbose) return { most: 2_000, lines: 400 };
  return terminal.json ? { most: 50, lines: 60 } : { most: 10, lines: 12 };
}

/** The `areas` member: every file that differs, by area. */
export function areasDocument(areas: readonly AreaSummary[]): object[] {
  return areas.map(({ area, files, insertions, deletions }) => ({
    area,
    insertions,
    deletions,
    files: files.map((file) => ({
      path: file.path,
      from: file.from ?? null,
      status: file.status,
      kind: file.kind,
      binary: file.kind === "file" && file.insertions === null,
      insertions: file.insertions,
      deletions: file.deletions,
    })),
  }));
}

/** The members `hunks` and `truncated`. */
export function hunksDocument({ hunks, inAll }: HunkList): { hunks: object[]; truncated: number } {
  return {
    hunks: hunks.map(({ path, from, oldStart, newStart, header, score, lines, leftOut }) => ({
      path,
      from: from ?? null,
      oldStart,
      newStart,
      header,
      score,
      lines,
      above: leftOut?.above ?? 0,
      below: leftOut?.below ?? 0,
    })),
    truncated: Math.max(0, inAll - hunks.length),
  };
}
