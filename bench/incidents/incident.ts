import { createReadStream, existsSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";

import { readRange } from "../../src/environment/range.ts";
import { openRepository } from "../../src/git/open.ts";
import type { Standing } from "../../src/model/deploy.ts";
import { examine } from "../../src/triage/diagnose.ts";
import type { Ground } from "../../src/triage/ground.ts";
import { FIELDS } from "../../src/triage/observe.ts";
import { measureOutside } from "../../src/triage/outside.ts";
import { parseSymptom } from "../../src/triage/symptom.ts";

/** One line of the data: what was seen, between which commits, and what it was. */
export interface Incident {
  readonly id: string;
  readonly repo: string;
  readonly good: string;
  readonly bad: string;
  readonly culprits: readonly string[];
  readonly culprits_first_parent: readonly string[];
  readonly in_code: boolean;
  readonly has_trace: boolean;
  readonly symptom: string;
}

/** An incident as the ranking sees it. Lists are by change, newest first. */
export interface Case {
  readonly incident: Incident;
  readonly rows: readonly (readonly number[])[];
  readonly outside: readonly number[];
  readonly guilty: readonly boolean[];
  /** Scores of simple rankings in the same range, by name. */
  readonly baselines: Readonly<Record<string, readonly number[]>>;
}

export const BASELINES = ["newest", "churn", "BM25 messages", "BM25 everything"] as const;

/** Where a repository of the data lies below a folder: `owner+name/repo`, `owner/name` or `owner/name.git`. */
function findRepository(folder: string, repo: string): string | undefined {
  return [path.join(repo.replace("/", "+"), "repo"), repo, `${repo}.git`, repo.replace("/", "+")]
    .map((name) => path.join(folder, name))
    .find((place) => existsSync(place));
}

export async function readIncidents(file: string): Promise<Incident[]> {
  const incidents: Incident[] = [];
  for await (const line of createInterface({ input: createReadStream(file) }))
    if (line.trim() !== "") incidents.push(JSON.parse(line) as Incident);
  return incidents;
}

/** Reads every incident whose repository is there; two at a time, in the order of the file. */
export async function readCases(
  incidents: readonly Incident[],
  folder: string,
  report: (text: string) => void,
): Promise<Case[]> {
  const cases: (Case | null)[] = [];
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < incidents.length; at = next++) {
      const incident = incidents[at];
      if (incident === undefined) break;
      try {
        cases[at] = await readCase(incident, folder);
      } catch (error) {
        report(
          `${incident.id}: left out: ${error instanceof Error ? error.message.split("\n").at(-1) : String(error)}`,
        );
        cases[at] = null;
      }
      done += 1;
      if (done % 50 === 0) report(`${done} of ${incidents.length}`);
    }
  };
  await Promise.all([work(), work()]);
  return cases.flatMap((one) => one ?? []);
}

async function readCase(incident: Incident, folder: string): Promise<Case> {
  const place = findRepository(folder, incident.repo);
  if (place === undefined) throw new Error("its repository is not there");
  const git = await openRepository({ cwd: place, env: process.env });
  const { good, bad: live } = incident;
  const source = { source: "option", certified: false } as const;
  const standing: Standing = {
    environment: "production",
    service: null,
    remote: null,
    branch: "main",
    tip: live,
    live: { sha: live, ...source },
    good: { sha: good, ...source },
    disagreements: [],
    freshness: { fetchedAt: null, offline: true },
    shallow: false,
  };
  const range = await readRange(git, standing, []);
  const { ground, rows } = await examine(git, {
    good,
    live,
    inEffect: new Set(range.firstParent),
    paths: [],
    goneFiles: range.files.flatMap(({ status, path: name }) => (status === "deleted" ? [name] : [])),
    symptom: parseSymptom(incident.symptom),
  });
  const guilty = new Set([...incident.culprits, ...incident.culprits_first_parent]);
  return {
    incident,
    rows,
    outside: measureOutside(ground, rows),
    guilty: ground.observations.map(({ sha }) => guilty.has(sha)),
    baselines: {
      newest: ground.observations.map((_, index) => -index),
      churn: ground.observations.map(({ lines }) => lines),
      "BM25 messages": plainBm25(ground, { subject: 1, body: 1 }),
      "BM25 everything": plainBm25(ground, {
        subject: 1,
        body: 1,
        path: 3,
        header: 1,
        added: 1,
        removed: 1,
        idle: 1,
      }),
    },
  };
}

/** Okapi BM25, k1 = 1.2, b = 0.75, as a textbook has it, over the same stems. */
function plainBm25(
  { observations, query }: Ground,
  text: Partial<Record<(typeof FIELDS)[number], number>>,
): number[] {
  const shares = FIELDS.map((field) => text[field] ?? 0);
  const sum = (fields: readonly number[]): number =>
    fields.reduce((total, count, index) => total + count * (shares[index] ?? 0), 0);
  const n = observations.length;
  const idf = query.glossary.terms.map((_, term) => {
    const holding = observations.filter(({ terms }) => sum(terms.get(term) ?? []) > 0).length;
    return Math.log(1 + (n - holding + 0.5) / (holding + 0.5));
  });
  const lengths = observations.map(({ words }) => sum(words));
  const average = Math.max(1, lengths.reduce((total, one) => total + one, 0) / Math.max(1, n));
  return observations.map(({ terms }, index) => {
    const length = 1.2 * (0.25 + (0.75 * (lengths[index] ?? 0)) / average);
    let score = 0;
    for (const [term, fields] of terms) {
      const count = sum(fields);
      score += ((idf[term] ?? 0) * count * 2.2) / (count + length);
    }
    return score;
  });
}
