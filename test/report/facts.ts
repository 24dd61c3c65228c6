import { byArea } from "../../src/environment/range.ts";
import { areaOf } from "../../src/model/area.ts";
import type { FileChange } from "../../src/model/change.ts";
import type { ShownHunk, Suspect } from "../../src/model/triage.ts";
import type { TriagePage } from "../../src/report/page.ts";
import { advise } from "../../src/triage/advice.ts";
import { parseSymptom } from "../../src/triage/symptom.ts";

/** 2026-01-05T09:00:00Z */
const START = Date.parse("2026-01-05T09:00:00Z");
const MINUTE = 60_000;

/** What an attacker can write into a commit, a name of a file, a line of code or a log. */
export const HOSTILE = `</script></title><img src=x onerror="alert(1)"><svg onload='alert(2)'>\u0000\u001b[31m\u202egnp\u200b" onmouseover="alert(3)" javascript:alert(4) \`&lt;`;

export interface PageSpec {
  /** Changes of the range, and how many of them have an article. */
  readonly changes?: number;
  readonly shown?: number;
  /** Put into every foreign text. */
  readonly foreign?: string;
  readonly hunkLines?: number;
  readonly firstError?: number | null;
  readonly given?: string;
}

/** A page's facts as triage would hand them over: newest change last, the middle one suspected most. */
export function pageFacts(spec: PageSpec = {}): TriagePage {
  const { changes = 8, shown = 5, foreign = "", hunkLines = 3, firstError = null } = spec;
  const given =
    spec.given ?? `TypeError: no currency ${foreign}\n    at formatPrice (/app/src/price.js:48:15)\n`;
  const sha = (n: number): string => (n + 1).toString(16).padStart(40, "0");
  const shares = Array.from({ length: changes }, (_, n) => 1 / (1 + n) ** 2);
  const total = shares.reduce((sum, share) => sum + share, 0) / 0.88;
  const suspects = shares.map((share, n): Suspect => ({
    rank: n + 1,
    sha: sha(n),
    subject: `Change ${n + 1} ${foreign}`,
    // Ranks jump over the range: 1 in the middle, 2 behind it, 3 before it, …
    at: START + MINUTE * (changes / 2 + (n % 2 === 0 ? -n / 2 : (n + 1) / 2)),
    probability: share / total,
    evidence: [
      { kind: "words", weight: 2.1, text: `shares currency, ${foreign}` },
      { kind: "test-only", weight: -0.4, text: "changes only tests" },
    ],
    files: [`src/price-${n}${foreign}.js`, `db/migrations/${n}${foreign}.sql`],
    insertions: n * 7,
    deletions: n,
    flags: n === 0 ? [`new-cart${foreign}`] : [],
  }));
  const files = suspects.slice(0, 60).flatMap(({ files: names }) =>
    names.map((path): FileChange => ({
      path,
      status: "modified",
      insertions: 3,
      deletions: 1,
      area: areaOf(path),
      kind: "file",
    })),
  );
  const standing: TriagePage["screen"]["standing"] = {
    environment: "production",
    service: null,
    remote: "origin",
    branch: `main${foreign}`,
    tip: sha(changes),
    live: { sha: sha(changes), source: "tag", ref: `v1.5.0${foreign}`, at: START + changes * MINUTE },
    good: { sha: sha(changes + 1), source: "tag", ref: `v1.4.0${foreign}`, certified: false },
    disagreements: [],
    freshness: { fetchedAt: START, offline: false },
    shallow: false,
  };
  const outside = {
    probability: 0.12,
    signals: [
      {
        kind: "environment-variable",
        name: `STRIPE_KEY${foreign}`,
        text: `read for the first time in src/pay.js${foreign}`,
      },
    ],
  };
  return {
    given,
    symptom: parseSymptom(given),
    firstError,
    version: "1.2.3",
    changes: suspects,
    hunks: new Map(
      suspects
        .slice(0, shown)
        .map(({ sha: id, files: [path = ""] }) => [id, hunks(path, hunkLines, foreign)]),
    ),
    screen: {
      standing,
      range: { firstParent: changes, commits: changes, files: files.length, insertions: 90, deletions: 30 },
      areas: byArea(files),
      symptomGiven: given !== "",
      nothing: null,
      suspects: suspects.slice(0, shown),
      suspectsInAll: changes,
      outside,
      risks: [
        { id: "good:uncertified", level: "amber", text: `v1.4.0 was never certified ${foreign}` },
        { id: "migration:x", level: "red", text: "a migration" },
      ],
      actions: advise(standing, suspects, outside),
      now: START + 2 * changes * MINUTE,
    },
  };
}

function hunks(path: string, lines: number, foreign: string): ShownHunk[] {
  const hunk = (at: number): ShownHunk => ({
    path,
    oldStart: at,
    newStart: at + 2,
    header: `function formatPrice(item) { ${foreign}`,
    score: 1,
    lines: [
      { mark: " ", text: `function formatPrice(item) { // ${foreign}`, changed: [], matched: [[9, 20]] },
      { mark: "-", text: "  return item.price + money;", changed: [[22, 27]], matched: [] },
      { mark: "+", text: "  return item.price + currency;", changed: [[22, 30]], matched: [[22, 30]] },
      ...Array.from({ length: lines }, (_, n) => ({
        mark: "+" as const,
        text: `  line ${n} ${foreign}`,
        changed: [],
        matched: [],
      })),
    ],
  });
  return [48, 90, 130, 200].map(hunk);
}
