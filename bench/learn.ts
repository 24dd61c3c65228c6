// Learns the weights of the ranking from incidents and writes them to src/triage/weights.json.
//
//   npm run bench:learn -- <incidents.jsonl> <folder of repositories>
//
// First by cross-validation: the repositories are dealt into eight hands, and each hand is ranked by
// weights that were learned without it. Those figures are printed. Then from all of them.
import { writeFileSync } from "node:fs";
import path from "node:path";

import { OUTSIDE_NAMES } from "../src/triage/outside.ts";
import { VALUE_NAMES } from "../src/triage/rank.ts";
import { fit, predict } from "./incidents/fit.ts";
import { type Case, readCases, readIncidents } from "./incidents/incident.ts";
import { type Judged, report } from "./incidents/report.ts";

const HANDS = 8;
const STRENGTH = 0.02;

const [file, folder, root = process.cwd()] = process.argv.slice(2);
if (file === undefined || folder === undefined) {
  console.error("npm run bench:learn -- <incidents.jsonl> <folder of repositories>");
  process.exit(2);
}
const cases = await readCases(await readIncidents(file), folder, (text) => console.error(text));

/** Each repository in one hand, the largest first to the emptiest hand. */
function deal(all: readonly Case[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { incident } of all) counts.set(incident.repo, (counts.get(incident.repo) ?? 0) + 1);
  const filled = new Array<number>(HANDS).fill(0);
  const hands = new Map<string, number>();
  for (const [repo, count] of [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))) {
    const hand = filled.indexOf(Math.min(...filled));
    hands.set(repo, hand);
    filled[hand] = (filled[hand] ?? 0) + count;
  }
  return hands;
}

const hands = deal(cases);
const judged: Judged[] = [];
for (let hand = 0; hand < HANDS; hand += 1) {
  const weights = fit(
    cases.filter(({ incident }) => hands.get(incident.repo) !== hand),
    STRENGTH,
  );
  for (const one of cases)
    if (hands.get(one.incident.repo) === hand) judged.push({ one, probabilities: predict(one, weights) });
}
console.log("By weights learned from other repositories:\n");
report(judged, (line) => console.log(line));

const { change, outside } = fit(cases, STRENGTH);
const rounded = (names: readonly string[], weights: readonly number[]): Record<string, number> =>
  Object.fromEntries(names.map((name, index) => [name, Number((weights[index] ?? 0).toFixed(4))]));
const target = path.join(root, "src", "triage", "weights.json");
const table = {
  learnedFrom: [...hands.keys()].toSorted(),
  change: rounded(VALUE_NAMES, change),
  outside: rounded(OUTSIDE_NAMES, outside),
};
writeFileSync(target, `${JSON.stringify(table, null, 2)}\n`);
console.log(`\nwrote ${target}`);
