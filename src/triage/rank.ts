import type { Evidence, Suspect } from "../model/triage.ts";
import { spoken } from "../model/time.ts";
import { FRAME, FRAME_FILE, FUNCTION, PATHS, SYMBOLS } from "./evidence/code.ts";
import { AREAS_TOUCHED, CALLED_SO, HISTORY, onlyDocuments, RECENCY, ROLES, SIZE } from "./evidence/change.ts";
import type { EvidenceKind } from "./evidence/kind.ts";
import { LINE_WORDS, MESSAGE_WORDS, PATH_WORDS, PHRASES, TOGETHER, WORDS } from "./evidence/words.ts";
import type { Ground } from "./ground.ts";
import type { Observation } from "./observe.ts";
import WEIGHTS from "./weights.json" with { type: "json" };

/** What a change has to do with the symptom. */
const TRACES: readonly EvidenceKind[] = [
  FRAME,
  FUNCTION,
  FRAME_FILE,
  SYMBOLS,
  PATHS,
  WORDS,
  MESSAGE_WORDS,
  PATH_WORDS,
  LINE_WORDS,
  PHRASES,
  TOGETHER,
  HISTORY,
];
/** What it is like, whatever the symptom. */
const LIKE: readonly EvidenceKind[] = [...ROLES, AREAS_TOUCHED, SIZE, CALLED_SO, RECENCY];

export const KINDS: readonly EvidenceKind[] = [...TRACES, ...LIKE];

export const VALUE_NAMES: readonly string[] = KINDS.flatMap(({ values }) => Object.keys(values));

/** Everything measured of every change, newest first; each row in the order of VALUE_NAMES. */
export function measure(ground: Ground): number[][] {
  return ground.observations.map((observation, index) => {
    const candidate = { observation, index, ground };
    const counted = onlyDocuments(observation) ? IDLE : 1;
    return [
      ...TRACES.flatMap(({ measure: of }) => of(candidate).map((value) => value * counted)),
      ...LIKE.flatMap(({ measure: of }) => of(candidate)),
    ];
  });
}

/** What a document says of a symptom is no trace of its cause: it counts this much. */
const IDLE = 0.2;

const CHANGE_WEIGHTS: Readonly<Record<string, number>> = WEIGHTS.change;

/** It came to be after the error was first seen. */
const TOO_LATE = -12;
/** Evidence that weighs less is not worth a line. */
const WORTH = 0.05;

export interface Scored {
  readonly observation: Observation;
  /** Log-odds, but for a constant that all changes share. */
  readonly score: number;
  readonly evidence: readonly Evidence[];
}

/**
 * Scores every change of the range, newest first. `firstError` is when the symptom was first seen,
 * ms since 1970. Weights are learned (bench/learn.ts); this is a conditional logit: McFadden 1974.
 */
export function score(
  ground: Ground,
  rows: readonly (readonly number[])[],
  firstError: number | null = null,
): Scored[] {
  return ground.observations.map((observation, index) => {
    const row = rows[index] ?? [];
    const evidence: Evidence[] = [];
    let total = 0;
    let at = 0;
    for (const { kind, values, say } of KINDS) {
      let weight = 0;
      for (const name of Object.keys(values)) {
        weight += (CHANGE_WEIGHTS[name] ?? 0) * (row[at] ?? 0);
        at += 1;
      }
      total += weight;
      if (Math.abs(weight) < WORTH) continue;
      const text = say({ observation, index, ground });
      if (text !== null) evidence.push({ kind, weight, text });
    }
    if (firstError !== null && observation.at > firstError) {
      total += TOO_LATE;
      const text = `was committed ${spoken(observation.at - firstError)} after the error was first seen`;
      evidence.push({ kind: "too-late", weight: TOO_LATE, text });
    }
    return {
      observation,
      score: total,
      evidence: evidence.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight)),
    };
  });
}

/** Softmax over the changes and "outside the code": the probabilities sum to 1. */
export function probabilities(
  scored: readonly Scored[],
  outsideScore: number,
): { suspects: Suspect[]; outside: number } {
  const highest = scored.reduce((most, item) => Math.max(most, item.score), outsideScore);
  const weights = scored.map((item) => Math.exp(item.score - highest));
  const outside = Math.exp(outsideScore - highest);
  const total = weights.reduce((sum, weight) => sum + weight, outside);
  const order = scored
    .map((item, index) => ({ item, probability: (weights[index] ?? 0) / total }))
    .toSorted((a, b) => b.probability - a.probability || b.item.observation.at - a.item.observation.at);
  const suspects = order.map(({ item, probability }, index): Suspect => {
    const { observation } = item;
    return {
      rank: index + 1,
      sha: observation.sha,
      subject: observation.subject,
      at: observation.at,
      probability,
      evidence: item.evidence,
      files: observation.files
        .toSorted((a, b) => b.insertions + b.deletions - a.insertions - a.deletions)
        .map(({ path }) => path),
      insertions: observation.files.reduce((sum, { insertions }) => sum + insertions, 0),
      deletions: observation.files.reduce((sum, { deletions }) => sum + deletions, 0),
      flags: observation.flags,
    };
  });
  return { suspects, outside: outside / total };
}
