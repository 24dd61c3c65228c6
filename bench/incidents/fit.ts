import { KINDS, VALUE_NAMES } from "../../src/triage/rank.ts";
import { EITHER } from "../../src/triage/evidence/kind.ts";
import { OUTSIDE } from "../../src/triage/outside.ts";
import type { Case } from "./incident.ts";

/** Weights of the values of a change and of "outside the code", in the units of the values. */
export interface Weights {
  readonly change: readonly number[];
  readonly outside: readonly number[];
}

const BOUNDS = [...KINDS.flatMap(({ values }) => Object.values(values)), ...Object.values(OUTSIDE)];
const STEPS = 100;

/**
 * Conditional logit (McFadden 1974): softmax over the changes of a range and "outside the code",
 * maximum likelihood of the guilty ones together, L2 on standardised values, weights held within their bounds. Accelerated
 * projected gradient (Beck and Teboulle 2009) with restarts; no randomness.
 */
export function fit(cases: readonly Case[], l2: number): Weights {
  const usable = cases.filter(({ rows }) => rows.length > 0);
  const width = VALUE_NAMES.length;
  const [first] = usable;
  const outsideWidth = first === undefined ? 0 : first.outside.length;
  const all = usable.flatMap(({ rows }) => rows);
  const change = spreads(all, width);
  const outside = spreads(
    usable.map((one) => one.outside),
    outsideWidth,
  );
  const values = new Float64Array(all.length * width);
  for (const [at, row] of all.entries())
    for (let i = 0; i < width; i += 1) values[at * width + i] = (row[i] ?? 0) / (change[i] ?? 1);
  const total = width + outsideWidth;

  const evaluate = (w: Float64Array): { loss: number; gradient: Float64Array } => {
    const gradient = new Float64Array(total);
    let loss = 0;
    let start = 0;
    for (const { rows, outside: facts, guilty } of usable) {
      const n = rows.length;
      const scores = new Float64Array(n + 1);
      for (let row = 0; row < n; row += 1) {
        let sum = 0;
        const from = (start + row) * width;
        for (let i = 0; i < width; i += 1) sum += (w[i] ?? 0) * (values[from + i] ?? 0);
        scores[row] = sum;
      }
      for (const [i, fact] of facts.entries())
        scores[n] = (scores[n] ?? 0) + ((w[width + i] ?? 0) * fact) / (outside[i] ?? 1);
      const highest = scores.reduce((most, one) => Math.max(most, one), -Infinity);
      const odds = scores.map((one) => Math.exp(one - highest));
      const whole = odds.reduce((sum, one) => sum + one, 0);
      const isOutside = !guilty.includes(true);
      const isRight = (row: number): boolean => (row === n ? isOutside : guilty[row] === true);
      const right = odds.reduce((sum, one, row) => sum + (isRight(row) ? one : 0), 0);
      loss -= Math.log(Math.max(1e-300, right / whole));
      for (let row = 0; row <= n; row += 1) {
        const odd = odds[row] ?? 0;
        const slope = odd / whole - (isRight(row) ? odd / right : 0);
        if (row === n)
          for (const [i, fact] of facts.entries())
            gradient[width + i] = (gradient[width + i] ?? 0) + (slope * fact) / (outside[i] ?? 1);
        else {
          const from = (start + row) * width;
          for (let i = 0; i < width; i += 1)
            gradient[i] = (gradient[i] ?? 0) + slope * (values[from + i] ?? 0);
        }
      }
      start += n;
    }
    loss /= usable.length;
    for (let i = 0; i < total; i += 1) {
      const strength = i < width ? l2 : l2 / 100;
      loss += strength * (w[i] ?? 0) ** 2;
      gradient[i] = (gradient[i] ?? 0) / usable.length + 2 * strength * (w[i] ?? 0);
    }
    return { loss, gradient };
  };
  const hold = (w: Float64Array): Float64Array =>
    w.map((one, i) => {
      const [least, most] = BOUNDS[i] ?? EITHER;
      const unit = (i < width ? change[i] : outside[i - width]) ?? 1;
      return Math.min(most * unit, Math.max(least * unit, one));
    });
  const w = descend(evaluate, hold, total);
  return {
    change: Array.from({ length: width }, (_, i) => (w[i] ?? 0) / (change[i] ?? 1)),
    outside: Array.from({ length: outsideWidth }, (_, i) => (w[width + i] ?? 0) / (outside[i] ?? 1)),
  };
}

function descend(
  evaluate: (w: Float64Array) => { loss: number; gradient: Float64Array },
  hold: (w: Float64Array) => Float64Array,
  length: number,
): Float64Array {
  let here: Float64Array = new Float64Array(length);
  let ahead = here;
  let speed = 1;
  let step = 1;
  let before = Infinity;
  for (let round = 0; round < STEPS; round += 1) {
    const { loss, gradient } = evaluate(ahead);
    let next = here;
    for (;;) {
      const size = step;
      const from = ahead;
      next = hold(from.map((one, i) => one - size * (gradient[i] ?? 0)));
      const moved = next.map((one, i) => one - (from[i] ?? 0));
      const expected =
        loss +
        moved.reduce((sum, one, i) => sum + one * (gradient[i] ?? 0), 0) +
        moved.reduce((sum, one) => sum + one * one, 0) / (2 * size);
      const reached = evaluate(next).loss;
      if (reached <= expected + 1e-12 || step < 1e-6) {
        // Momentum that carries uphill is dropped (O'Donoghue and Candès 2015).
        if (reached > before) speed = 1;
        before = reached;
        break;
      }
      step /= 2;
    }
    const faster = (1 + Math.sqrt(1 + 4 * speed * speed)) / 2;
    const last = here;
    const momentum = (speed - 1) / faster;
    here = next;
    ahead = here.map((one, i) => one + momentum * (one - (last[i] ?? 0)));
    speed = faster;
    step *= 1.1;
  }
  return here;
}

/** Standard deviation of each column; 1 where it does not vary. */
function spreads(rows: readonly (readonly number[])[], width: number): number[] {
  return Array.from({ length: width }, (_, i) => {
    const mean = rows.reduce((sum, row) => sum + (row[i] ?? 0), 0) / Math.max(1, rows.length);
    const square = rows.reduce((sum, row) => sum + ((row[i] ?? 0) - mean) ** 2, 0) / Math.max(1, rows.length);
    return square < 1e-12 ? 1 : Math.sqrt(square);
  });
}

/** Probability of each change and, last, of "outside the code". */
export function predict({ rows, outside }: Case, weights: Weights): number[] {
  const dot = (values: readonly number[], by: readonly number[]): number =>
    values.reduce((sum, value, i) => sum + value * (by[i] ?? 0), 0);
  const scores = [...rows.map((row) => dot(row, weights.change)), dot(outside, weights.outside)];
  const highest = scores.reduce((most, one) => Math.max(most, one), -Infinity);
  const odds = scores.map((one) => Math.exp(one - highest));
  const whole = odds.reduce((sum, one) => sum + one, 0);
  return odds.map((one) => one / whole);
}
