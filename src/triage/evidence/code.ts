import { visible } from "../../model/escape.ts";
import type { LocatedFrame } from "../locate.ts";
import type { SymbolUse } from "../observe.ts";
import { atLeast, type Candidate, type EvidenceKind, FOR } from "./kind.ts";

/** Each deeper frame counts this much of the one above it. */
const DEEPER = 0.8;

function nearest(frames: readonly LocatedFrame[]): number {
  return frames.reduce((most, { index }) => Math.max(most, DEEPER ** index), 0);
}

function top(frames: readonly LocatedFrame[]): LocatedFrame | undefined {
  return frames.toSorted((a, b) => a.index - b.index)[0];
}

/** A frame of the stack in, or next to, a hunk of the change. */
export const FRAME: EvidenceKind = {
  kind: "frame",
  values: { "frame.line": atLeast(4), "frame.near": atLeast(3) },
  measure: ({ observation: { inHunk } }) => [
    nearest(inHunk.filter(({ distance }) => distance === 0).map(({ frame }) => frame)),
    nearest(inHunk.filter(({ distance }) => distance > 0).map(({ frame }) => frame)),
  ],
  say: ({ observation: { inHunk } }) => {
    const [best] = inHunk.toSorted(
      (a, b) => Number(a.distance > 0) - Number(b.distance > 0) || a.frame.index - b.frame.index,
    );
    if (best === undefined) return null;
    const { frame, distance, file } = best;
    const where = distance === 0 ? "inside" : `${distance} ${distance === 1 ? "line" : "lines"} from`;
    return `frame ${frame.index + 1} (${visible(frame.path)}:${frame.frame.line ?? "?"}) is ${where} a hunk of ${visible(file)}`;
  },
};

/** A frame in a function whose name stands in a hunk header of the change. */
export const FUNCTION: EvidenceKind = {
  kind: "function",
  values: { "frame.function": atLeast(1.2) },
  measure: ({ observation: { inFunction } }) => [nearest(inFunction)],
  say: ({ observation: { inFunction } }) => {
    const frame = top(inFunction);
    return frame === undefined
      ? null
      : `frame ${frame.index + 1} is in ${visible(frame.frame.function ?? "")}, which it changed`;
  },
};

/** A frame in a file that the change touches elsewhere. */
export const FRAME_FILE: EvidenceKind = {
  kind: "frame-file",
  values: { "frame.file": atLeast(0.8) },
  measure: ({ observation: { inFile } }) => [nearest(inFile)],
  say: ({ observation: { inFile } }) => {
    const frame = top(inFile);
    return frame === undefined
      ? null
      : `frame ${frame.index + 1} is in ${visible(frame.path)}, which it changed`;
  },
};

/** A symbol that the symptom names and the change removes, brings in, or uses. */
export const SYMBOLS: EvidenceKind = {
  kind: "symbol",
  values: {
    "symbol.onlyRemoved": atLeast(0.4),
    "symbol.onlyAdded": FOR,
    "symbol.undefined": atLeast(0.4),
    "symbol.defined": FOR,
    "symbol.share": FOR,
  },
  measure: ({ observation, index, ground }) => {
    const sum = (counts: (use: SymbolUse) => boolean): number => {
      let total = 0;
      for (const [symbol, use] of observation.symbols)
        if (counts(use)) total += ground.symbolWeights[symbol] ?? 0;
      return Math.log1p(total);
    };
    return [
      sum(({ added, removed }) => removed > 0 && added === 0),
      sum(({ added, removed }) => added > 0 && removed === 0),
      sum((use) => use.undefined > 0),
      sum((use) => use.defined > 0),
      (ground.bestSymbol[index] ?? 0) / ground.largest.symbol,
    ];
  },
  say: (candidate) => {
    const [best] = [...candidate.observation.symbols].toSorted(
      (a, b) => heavy(candidate, b[0]) - heavy(candidate, a[0]),
    );
    if (best === undefined) return null;
    const [symbol, use] = best;
    const name = visible(candidate.ground.query.glossary.symbols[symbol] ?? "");
    const verb =
      use.undefined > 0 && use.defined === 0
        ? "removes the definition of"
        : use.defined > 0 && use.undefined === 0
          ? "brings in"
          : use.undefined > 0
            ? "changes the definition of"
            : use.added === 0
              ? "no longer uses"
              : use.removed === 0
                ? "uses, as a new thing,"
                : "changes lines with";
    return `${verb} ${name}, which the symptom names`;
  },
};

function heavy({ ground }: Candidate, symbol: number): number {
  return ground.symbolWeights[symbol] ?? 0;
}

/** A file that the symptom names, or one whose name is much like it. */
export const PATHS: EvidenceKind = {
  kind: "path",
  values: {
    "path.named": atLeast(0.5),
    "path.rare": atLeast(0.8),
    "path.symbol": FOR,
    "path.frame": FOR,
    "path.gone": atLeast(2.5),
  },
  measure: ({ index, ground }) => {
    const paths = ground.paths[index];
    return paths === undefined
      ? [0, 0, 0, 0, 0]
      : [paths.best, paths.rare, paths.symbol ? 1 : 0, paths.frame, paths.gone === undefined ? 0 : 1];
  },
  say: ({ index, ground }) => {
    const paths = ground.paths[index];
    if (paths?.gone !== undefined) return `took away ${visible(paths.gone)}, which the symptom names`;
    if (paths?.file === undefined) return null;
    return paths.best >= 0.8
      ? `the symptom names ${visible(paths.file)}`
      : paths.best > 0 || paths.symbol
        ? `the symptom names something like ${visible(paths.file)}`
        : `the trace goes through something like ${visible(paths.file)}`;
  },
};
