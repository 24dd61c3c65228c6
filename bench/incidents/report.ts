import { BASELINES, type Case } from "./incident.ts";

/** A case with the probabilities that a ranking gave: by change, and last "outside the code". */
export interface Judged {
  readonly one: Case;
  readonly probabilities: readonly number[];
}

interface Figures {
  readonly top1: number;
  readonly top3: number;
  readonly top5: number;
  readonly mrr: number;
}

const DRAWS = 1_000;

/** Prints everything that is asked of a ranking, beside the simple rankings on the same cases. */
export function report(judged: readonly Judged[], print: (line: string) => void): void {
  const inCode = judged.filter(({ one }) => one.incident.in_code && one.guilty.includes(true));
  const lost = judged.filter(({ one }) => one.incident.in_code && !one.guilty.includes(true)).length;
  const outside = judged.filter(({ one }) => !one.incident.in_code);
  const repositories = new Set(judged.map(({ one }) => one.incident.repo)).size;
  print(
    `${inCode.length} incidents with a culprit in the range, ${outside.length} without, ${repositories} repositories` +
      (lost === 0 ? "" : `; ${lost} whose culprit is not among the first-parent changes, counted as missed`),
  );
  const missed = Array.from({ length: lost }, () => Infinity);
  const line = (name: string, ranks: readonly number[]): void => {
    const { top1, top3, top5, mrr } = figures(ranks);
    const [low, high] = interval(ranks, ({ top1: one }) => one);
    const [lowMrr, highMrr] = interval(ranks, ({ mrr: one }) => one);
    print(
      `${name.padEnd(28)}${String(ranks.length).padStart(5)}  ${two(top1)} [${two(low)}, ${two(high)}]  ${two(top3)}  ${two(top5)}  ${two(mrr)} [${two(lowMrr)}, ${two(highMrr)}]`,
    );
  };
  print("");
  print(`${"".padEnd(28)}    n  Top-1 (95 %)      Top-3 Top-5 MRR (95 %)`);
  const ranked = inCode.map(({ one, probabilities }) => rankOf(one, probabilities.slice(0, -1)));
  line("mayday", [...ranked, ...missed]);
  for (const name of BASELINES)
    line(name, [...inCode.map(({ one }) => rankOf(one, one.baselines[name] ?? [])), ...missed]);
  print("");
  const sizes = [15, 50, 150, Infinity];
  for (const [index, most] of sizes.entries()) {
    const least = sizes[index - 1] ?? 0;
    const some = ranked.filter((_, i) => {
      const n = inCode[i]?.one.rows.length ?? 0;
      return n > least && n <= most;
    });
    if (some.length > 0) line(`  ${least + 1} to ${most === Infinity ? "…" : most} changes`, some);
  }
  for (const trace of [true, false]) {
    const some = ranked.filter((_, i) => inCode[i]?.one.incident.has_trace === trace);
    if (some.length > 0) line(trace ? "  with a trace" : "  without a trace", some);
  }
  print("");
  print(`calibration error (first five suspects of every case): ${three(calibrationError(judged))}`);
  print(`AUROC, code against not code: ${two(auroc(outside.map(last), inCode.map(last)))}`);
}

function last({ probabilities }: Judged): number {
  return probabilities.at(-1) ?? 0;
}

/** Place of the best guilty change; ties are shared out. */
function rankOf(one: Case, scores: readonly number[]): number {
  const best = Math.max(...scores.filter((_, index) => one.guilty[index]));
  const above = scores.filter((score) => score > best).length;
  const same = scores.filter((score) => score === best).length;
  return above + 1 + (same - 1) / 2;
}

function figures(ranks: readonly number[]): Figures {
  const share = (most: number): number => ranks.filter((rank) => rank <= most).length / ranks.length;
  return {
    top1: share(1),
    top3: share(3),
    top5: share(5),
    mrr: ranks.reduce((sum, rank) => sum + 1 / rank, 0) / ranks.length,
  };
}

/** 95 % bootstrap interval; the same draws every time (mulberry32, seed 1). */
function interval(ranks: readonly number[], of: (figures: Figures) => number): [number, number] {
  let state = 1;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const drawn = Array.from({ length: DRAWS }, () =>
    of(figures(ranks.map(() => ranks[Math.floor(random() * ranks.length)] ?? Infinity))),
  ).toSorted((a, b) => a - b);
  return [drawn[Math.floor(DRAWS * 0.025)] ?? 0, drawn[Math.floor(DRAWS * 0.975)] ?? 0];
}

/** Ten bins of equal width (Guo et al. 2017), weighted by their size. */
export function calibrationError(judged: readonly Judged[]): number {
  const points = judged.flatMap(({ one, probabilities }) =>
    probabilities
      .slice(0, -1)
      .map((probability, index) => ({ probability, hit: one.guilty[index] ? 1 : 0 }))
      .toSorted((a, b) => b.probability - a.probability)
      .slice(0, 5),
  );
  let error = 0;
  for (let bin = 0; bin < 10; bin += 1) {
    const inside = points.filter(({ probability }) => Math.min(9, Math.floor(probability * 10)) === bin);
    const gap = inside.reduce((sum, { probability, hit }) => sum + probability - hit, 0);
    error += Math.abs(gap);
  }
  return error / Math.max(1, points.length);
}

function auroc(positive: readonly number[], negative: readonly number[]): number {
  let sum = 0;
  for (const a of positive) for (const b of negative) sum += a > b ? 1 : a === b ? 0.5 : 0;
  return sum / Math.max(1, positive.length * negative.length);
}

function two(value: number): string {
  return value.toFixed(2).replace(/^0/, "");
}

function three(value: number): string {
  return value.toFixed(3).replace(/^0/, "");
}
