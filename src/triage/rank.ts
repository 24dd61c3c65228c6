import type { Area } from "../model/area.ts";
import { visible } from "../model/escape.ts";
import { spoken } from "../model/time.ts";
import type { Evidence, Suspect, Symptom } from "../model/triage.ts";
import type { Observation } from "./observe.ts";

/**
 * Weights in log-odds. Set by hand from the literature and a look at real incidents; they are not
 * learned, so the probabilities order suspects and are not calibrated.
 */
const WEIGHT = {
  frameLine: 3.2,
  frameNear: 2.2,
  frameFunction: 1.8,
  frameFile: 1.2,
  /** Each deeper frame counts this much of the one above it. */
  frameDecay: 0.8,
  named: 1.3,
  /** Share of the best text score of the range. */
  text: 2.6,
  /** Share of the symptom's rare words that the change holds at all. */
  coverage: 1.6,
  newest: 0.4,
  size: 0.12,
  /** It came to be after the error was first seen. */
  tooLate: -6,
  onlyTests: -3,
  onlyDocs: -4,
  /** What a document or a test says of a symptom is no trace of its cause: its words count this much. */
  idleWords: 0.2,
  onlyCi: -1.2,
} as const;

export interface Scored {
  readonly observation: Observation;
  readonly score: number;
  readonly evidence: readonly Evidence[];
}

/** Okapi BM25 (Robertson and Walker 1994), k1 = 1.2, b = 0.75, over the terms of the symptom. */
export function bm25(
  observations: readonly Observation[],
  terms: readonly string[],
): { scores: number[]; idf: ReadonlyMap<string, number> } {
  const n = observations.length;
  const average = observations.reduce((sum, { words }) => sum + words, 0) / Math.max(1, n);
  const idf = new Map<string, number>();
  for (const term of terms) {
    const holding = observations.filter(({ counts }) => counts.has(term)).length;
    idf.set(term, Math.log(1 + (n - holding + 0.5) / (holding + 0.5)));
  }
  const scores = observations.map(({ counts, words }) => {
    const length = 1.2 * (0.25 + (0.75 * words) / Math.max(1, average));
    let sum = 0;
    for (const [term, count] of counts) sum += ((idf.get(term) ?? 0) * count * 2.2) / (count + length);
    return sum;
  });
  return { scores, idf };
}

/**
 * Scores every change of the range, newest first, each with its evidence in words. `firstError` is
 * when the symptom was first seen, ms since 1970.
 */
export function score(
  observations: readonly Observation[],
  symptom: Symptom,
  firstError: number | null = null,
): Scored[] {
  const { scores, idf } = bm25(observations, symptom.terms);
  const best = scores.reduce((most, one) => Math.max(most, one), 1e-9);
  const whole = Math.max(
    1e-9,
    [...idf.values()].reduce((sum, value) => sum + value, 0),
  );
  return observations.map((observation, index) => {
    const evidence: Evidence[] = [
      ...frameEvidence(observation),
      ...namedEvidence(observation),
      ...textEvidence(observation, (scores[index] ?? 0) / best, idf, whole),
      ...timeEvidence(observation, firstError),
      ...roleEvidence(observation),
      ...newestEvidence(index, observations.length),
    ];
    const size = WEIGHT.size * Math.log1p(Math.min(observation.lines, 2_000));
    const sum = evidence.reduce((total, { weight }) => total + weight, 0) + size;
    return {
      observation,
      score: sum,
      evidence: evidence.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight)),
    };
  });
}

function frameEvidence(observation: Observation): Evidence[] {
  const decay = (index: number): number => WEIGHT.frameDecay ** index;
  const all: Evidence[] = [
    ...observation.inHunk.map(({ frame, distance, file }) => ({
      kind: "frame",
      weight: (distance === 0 ? WEIGHT.frameLine : WEIGHT.frameNear) * decay(frame.index),
      text: `frame ${frame.index + 1} (${visible(frame.path)}:${frame.frame.line ?? "?"}) is ${distance === 0 ? "inside" : `${distance} lines from`} a hunk of ${visible(file)}`,
    })),
    ...observation.inFunction.map((frame) => ({
      kind: "function",
      weight: WEIGHT.frameFunction * decay(frame.index),
      text: `frame ${frame.index + 1} is in ${visible(frame.frame.function ?? "")}, which it changed`,
    })),
    ...observation.inFile.map((frame) => ({
      kind: "frame-file",
      weight: WEIGHT.frameFile * decay(frame.index),
      text: `frame ${frame.index + 1} is in ${visible(frame.path)}, which it changed`,
    })),
  ].toSorted((a, b) => b.weight - a.weight);
  // The frames of one stack tell the same story: the second says less than the first.
  return all.slice(0, 4).map((item, index) => ({ ...item, weight: item.weight / (index + 1) }));
}

function namedEvidence({ named }: Observation): Evidence[] {
  const [first] = named;
  if (first === undefined) return [];
  const more = named.length > 1 ? ` and ${named.length - 1} more` : "";
  return [{ kind: "path", weight: WEIGHT.named, text: `the symptom names ${visible(first)}${more}` }];
}

function textEvidence(
  observation: Observation,
  share: number,
  idf: ReadonlyMap<string, number>,
  whole: number,
): Evidence[] {
  if (share <= 0) return [];
  const held = [...observation.counts.keys()].toSorted((a, b) => (idf.get(b) ?? 0) - (idf.get(a) ?? 0));
  const covered = held.reduce((sum, term) => sum + (idf.get(term) ?? 0), 0) / whole;
  const words = held.slice(0, 4).map(visible).join(", ");
  const idle = onlyDocuments(observation) || only(observation, "test", "docs");
  const counted = idle ? WEIGHT.idleWords : 1;
  return [
    {
      kind: "words",
      weight: counted * (WEIGHT.text * share + WEIGHT.coverage * covered),
      text: `shares ${words}`,
    },
  ];
}

function timeEvidence({ at }: Observation, firstError: number | null): Evidence[] {
  if (firstError === null || at <= firstError) return [];
  const text = `was committed ${spoken(at - firstError)} after the error was first seen`;
  return [{ kind: "too-late", weight: WEIGHT.tooLate, text }];
}

/** Style sheets and archives are assets, and they can break what people see. */
const RUNS = /\.(?:css|scss|sass|less|styl|zip|gz|tgz|jar)$/i;

function onlyDocuments({ files }: Observation): boolean {
  return files.every(({ area, path }) => area === "docs" || (area === "assets" && !RUNS.test(path)));
}

function only({ files }: Observation, ...areas: Area[]): boolean {
  return files.every(({ area }) => areas.includes(area));
}

function roleEvidence(observation: Observation): Evidence[] {
  const { files } = observation;
  if (files.length === 0) return [{ kind: "empty", weight: WEIGHT.onlyDocs, text: "changes no file" }];
  if (onlyDocuments(observation))
    return [{ kind: "docs-only", weight: WEIGHT.onlyDocs, text: "changes only documents and pictures" }];
  if (only(observation, "test", "docs"))
    return [{ kind: "test-only", weight: WEIGHT.onlyTests, text: "changes only tests" }];
  if (only(observation, "ci", "docs", "test"))
    return [{ kind: "ci-only", weight: WEIGHT.onlyCi, text: "changes only CI" }];
  return [];
}

function newestEvidence(index: number, n: number): Evidence[] {
  if (n < 2) return [];
  const weight = WEIGHT.newest * (1 - index / (n - 1));
  return index === 0
    ? [{ kind: "newest", weight, text: "the newest change" }]
    : weight > 0
      ? [{ kind: "recency", weight, text: `change ${index + 1} of ${n}, counted from live` }]
      : [];
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
      evidence: item.evidence.filter(({ weight }) => Math.abs(weight) >= 0.05),
      files: observation.files.toSorted((a, b) => b.lines - a.lines).map(({ path }) => path),
      flags: observation.flags,
    };
  });
  return { suspects, outside: outside / total };
}
