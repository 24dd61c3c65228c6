import type { Ground } from "../ground.ts";
import type { Observation } from "../observe.ts";

/** A change of the range and everything it is compared with. */
export interface Candidate {
  readonly observation: Observation;
  /** 0 is the newest. */
  readonly index: number;
  readonly ground: Ground;
}

/**
 * One kind of evidence: what it measures, by the names that the table of weights knows, and what it
 * says to people. Pure. The values lie between 0 and about 10; 0 is "nothing to say".
 */
export interface EvidenceKind {
  readonly kind: string;
  /** Names of `measure`'s values, each with the least and the most that its weight may be. */
  readonly values: Readonly<Record<string, Bounds>>;
  readonly measure: (candidate: Candidate) => readonly number[];
  /** One clause; null where there is nothing worth a line. */
  readonly say: (candidate: Candidate) => string | null;
}

/**
 * What is known before any incident is looked at, in log-odds: evidence of guilt is never held
 * against a change, a frame inside its hunk is strong however few incidents of the data have a trace.
 */
export type Bounds = readonly [least: number, most: number];
export const FOR: Bounds = [0, Infinity];
export const AGAINST: Bounds = [-Infinity, 0];
export const EITHER: Bounds = [-Infinity, Infinity];

export function atLeast(least: number): Bounds {
  return [least, Infinity];
}

export function atMost(most: number): Bounds {
  return [-Infinity, most];
}
