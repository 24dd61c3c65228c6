// How well the shipped ranking finds the culprit, on incidents of a file, beside simple rankings.
//
//   npm run bench:suspects -- <incidents.jsonl> <folder of repositories>
//
// Repositories that the weights were learned from are reported apart: their figures flatter.
import { OUTSIDE_NAMES } from "../src/triage/outside.ts";
import { VALUE_NAMES } from "../src/triage/rank.ts";
import table from "../src/triage/weights.json" with { type: "json" };
import { predict, type Weights } from "./incidents/fit.ts";
import { readCases, readIncidents } from "./incidents/incident.ts";
import { report } from "./incidents/report.ts";

const [file, folder] = process.argv.slice(2);
if (file === undefined || folder === undefined) {
  console.error("npm run bench:suspects -- <incidents.jsonl> <folder of repositories>");
  process.exit(2);
}
const pick = (names: readonly string[], from: Readonly<Record<string, number>>): number[] =>
  names.map((name) => from[name] ?? 0);
const weights: Weights = {
  change: pick(VALUE_NAMES, table.change),
  outside: pick(OUTSIDE_NAMES, table.outside),
};
const learned = new Set<string>(table.learnedFrom);
const cases = await readCases(await readIncidents(file), folder, (text) => console.error(text));
const judged = cases.map((one) => ({ one, probabilities: predict(one, weights) }));
for (const known of [false, true]) {
  const some = judged.filter(({ one }) => learned.has(one.incident.repo) === known);
  if (some.length === 0) continue;
  console.log(
    known ? "\nRepositories that the weights were learned from:\n" : "Repositories not learned from:\n",
  );
  report(some, (line) => console.log(line));
}
