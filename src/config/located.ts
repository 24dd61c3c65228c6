import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";

/** Keys and indices from the top of the file. */
export type Path = readonly (string | number)[];

export interface Position {
  /** Both from 1, as editors count. */
  readonly line: number;
  readonly column: number;
}

/** Something wrong at a place in the document, before the place is looked up. */
export interface Problem {
  readonly path: Path;
  readonly on: "key" | "value";
  readonly message: string;
}

export interface LocatedProblem extends Position {
  readonly message: string;
}

const MOST = 10;
/** More are only counted: looking a place up costs, and nobody reads them. */
export const MOST_LOCATED = 100;

/** "Cannot go on" with every place that is wrong, first ones first. Exit 2, code `config`. */
export function configurationError(
  label: string,
  problems: readonly LocatedProblem[],
  uncounted = 0,
): MaydayError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const lines = [
    ...new Set(
      sorted.map(({ line, column, message }) => `${visible(label)}:${line}:${column} ${visible(message)}`),
    ),
  ];
  const more = Math.max(0, lines.length - MOST) + uncounted;
  return new MaydayError([...lines.slice(0, MOST), ...(more > 0 ? [`and ${more} more`] : [])].join("\n"), {
    code: "config",
    exit: 2,
    hint: `correct ${visible(label)} and repeat the command; to go on without it: --config /dev/null`,
  });
}
