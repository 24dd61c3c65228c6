import { type Background, type FileHistory, historyOf } from "./background.ts";
import { FIELDS, type Field, type Observation } from "./observe.ts";
import { matchPaths, type PathMatch } from "./paths.ts";
import type { Query } from "./query.ts";
import { rarity } from "./rarity.ts";

/**
 * Texts of a change that words are counted in, as sums of FIELDS. These numbers, SHARP, K1 and B were
 * chosen by a random search over the incidents that weights are learned from (bench/README.md).
 */
const TEXTS = {
  message: { subject: 5, body: 1.2, inner: 0.7 },
  path: { path: 3 },
  code: { header: 0.4, added: 0.4, removed: 0.5, idle: 0.1 },
  all: { subject: 5, body: 1.2, inner: 0.7, path: 3, header: 0.4, added: 0.4, removed: 0.5, idle: 0.1 },
} as const satisfies Record<string, Partial<Record<Field, number>>>;
export type TextName = keyof typeof TEXTS;

/** A rare word says far more than a common one: the power of its rarity. */
const SHARP = 2.5;
const K1 = 2.5;
const B = 0.7;
/** Share of the range in a word's rarity; the rest is the repository's. */
const RANGE = 0.6;
const LEAST = 1e-9;

/** What all changes of a range are compared with. Lists are by change, newest first. */
export interface Ground {
  readonly query: Query;
  readonly observations: readonly Observation[];
  /** For each term: 0–1 or a little more, by its rarity in range and repository. */
  readonly weights: readonly number[];
  readonly wholeWeight: number;
  readonly phraseWeights: readonly number[];
  /** For each symbol: 0–1 or a little more, by its rarity in the range. */
  readonly symbolWeights: readonly number[];
  readonly texts: Readonly<Record<TextName, TextScores>>;
  readonly bestFile: readonly number[];
  readonly bestHunk: readonly number[];
  readonly bestSymbol: readonly number[];
  readonly paths: readonly PathMatch[];
  readonly history: readonly FileHistory[];
  /** The largest of the range; above 0, so that shares can be taken. */
  readonly largest: { readonly hunk: number; readonly symbol: number; readonly history: number };
}

export interface TextScores {
  readonly scores: readonly number[];
  readonly best: number;
  /** 1 for the highest; changes that share nothing come last, together. */
  readonly ranks: readonly number[];
}

export function makeGround(
  query: Query,
  observations: readonly Observation[],
  background: Background,
): Ground {
  const n = observations.length;
  const holding = countHolding(observations, query.glossary.terms.length, ({ terms }) => terms.keys());
  const holdingSymbol = countHolding(observations, query.glossary.symbols.length, ({ symbols }) =>
    symbols.keys(),
  );
  const weights = holding.map((held, term) => {
    const inRange = rarity(n, held);
    const mixed =
      background.documents === 0
        ? inRange
        : RANGE * inRange + (1 - RANGE) * rarity(background.documents, background.holding[term] ?? 0);
    return ((mixed + 1) / 8) ** SHARP;
  });
  const symbolWeights = holdingSymbol.map((held) => rarity(n, held) / 5);
  const weigh = (terms: readonly number[]): number =>
    terms.reduce((sum, term) => sum + (weights[term] ?? 0), 0);
  const hasHistory = background.documents > 0;
  const bestHunk = observations.map(({ hunks }) => most(hunks, weigh));
  const bestSymbol = observations.map(({ symbols }) =>
    most([...symbols.keys()], (symbol) => symbolWeights[symbol] ?? 0),
  );
  const history = observations.map(({ files }) =>
    hasHistory
      ? historyOf(
          files.filter(({ area }) => area !== "docs").map(({ path }) => path),
          background,
          weights,
        )
      : { words: 0, folder: 0, reverts: 0 },
  );
  return {
    query,
    observations,
    weights,
    wholeWeight: Math.max(
      LEAST,
      weights.reduce((sum, one) => sum + one, 0),
    ),
    phraseWeights: query.phraseTerms.map((terms) => weigh(terms)),
    symbolWeights,
    texts: {
      message: bm25(observations, TEXTS.message, weights),
      path: bm25(observations, TEXTS.path, weights),
      code: bm25(observations, TEXTS.code, weights),
      all: bm25(observations, TEXTS.all, weights),
    },
    bestFile: observations.map(({ files }) => most(files, ({ terms }) => weigh(terms))),
    bestHunk,
    bestSymbol,
    paths: matchPaths(query, observations),
    history,
    largest: {
      hunk: Math.max(
        LEAST,
        most(bestHunk, (one) => one),
      ),
      symbol: Math.max(
        LEAST,
        most(bestSymbol, (one) => one),
      ),
      history: Math.max(
        LEAST,
        most(history, ({ words }) => words),
      ),
    },
  };
}

function most<T>(items: readonly T[], much: (item: T) => number): number {
  return items.reduce((best, item) => Math.max(best, much(item)), 0);
}

function countHolding(
  observations: readonly Observation[],
  length: number,
  keys: (observation: Observation) => Iterable<number>,
): number[] {
  const holding = Array.from({ length }, () => 0);
  for (const observation of observations)
    for (const key of keys(observation)) holding[key] = (holding[key] ?? 0) + 1;
  return holding;
}

/** Okapi BM25 over weighted fields (Robertson, Zaragoza and Taylor 2004: BM25F). */
function bm25(
  observations: readonly Observation[],
  text: Partial<Record<Field, number>>,
  weights: readonly number[],
): TextScores {
  const shares = FIELDS.map((field) => text[field] ?? 0);
  const sum = (fields: readonly number[]): number =>
    fields.reduce((total, count, index) => total + count * (shares[index] ?? 0), 0);
  const lengths = observations.map(({ words }) => sum(words));
  const average = Math.max(
    1,
    lengths.reduce((total, one) => total + one, 0) / Math.max(1, observations.length),
  );
  const scores = observations.map(({ terms }, index) => {
    const length = K1 * (1 - B + (B * (lengths[index] ?? 0)) / average);
    let score = 0;
    for (const [term, fields] of terms) {
      const count = sum(fields);
      score += ((weights[term] ?? 0) * count * (K1 + 1)) / (count + length);
    }
    return score;
  });
  const sorted = scores.toSorted((a, b) => b - a);
  const rank = new Map<number, number>();
  for (const [index, score] of sorted.entries()) if (!rank.has(score)) rank.set(score, index + 1);
  return {
    scores,
    best: Math.max(LEAST, sorted[0] ?? 0),
    ranks: scores.map((score) => rank.get(score) ?? scores.length),
  };
}
