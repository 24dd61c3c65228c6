import { visible } from "../model/escape.ts";
import { spoken } from "../model/time.ts";
import type { Signal, Symptom } from "../model/triage.ts";
import { AGAINST, atLeast, atMost, type Bounds, EITHER } from "./evidence/kind.ts";
import type { Ground } from "./ground.ts";
import { VALUE_NAMES } from "./rank.ts";
import WEIGHTS from "./weights.json" with { type: "json" };

/** Words of the world below the code. Each kind counts once. */
const INFRASTRUCTURE: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  {
    name: "name resolution",
    pattern:
      /\b(?:ENOTFOUND|EAI_AGAIN|NXDOMAIN|getaddrinfo|could not resolve host|name or service not known)\b/i,
  },
  {
    name: "connection",
    pattern:
      /\b(?:ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|connection (?:refused|reset|timed out)|no route to host|upstream connect error)\b/i,
  },
  {
    name: "timeout",
    pattern:
      /\b(?:ETIMEDOUT|gateway time-?out|(?:status|http|code)[ =:/\d.]{1,8}504|context deadline exceeded|upstream timed out)\b/i,
  },
  { name: "disk", pattern: /\b(?:ENOSPC|no space left|disk full|read-only file system|EROFS)\b/i },
  { name: "memory", pattern: /\b(?:OOM-?killed|out of memory|cannot allocate memory|ENOMEM)\b/i },
  { name: "file handles", pattern: /\b(?:EMFILE|ENFILE|too many open files)\b/i },
  {
    name: "certificate",
    pattern:
      /\b(?:certificate (?:has )?expired|x509|CERT_HAS_EXPIRED|SSL handshake|TLS handshake|unable to verify the first certificate)\b/i,
  },
  {
    name: "rights",
    pattern:
      /\b(?:EACCES|permission denied|access denied|AccessDenied|403 Forbidden|invalid credentials|authentication failed|token expired)\b/i,
  },
  {
    name: "scheduling",
    pattern:
      /\b(?:CrashLoopBackOff|ImagePullBackOff|ErrImagePull|FailedScheduling|evicted|node not ready|readiness probe failed)\b/i,
  },
  {
    name: "quota",
    pattern: /\b(?:rate limit(?:ed)? exceeded|429 too many requests|quota exceeded|throttl(?:ed|ing))\b/i,
  },
];

/** First seen before live was deployed: no incident to learn this from, so it is set by hand. */
const BEFORE_DEPLOY = 3;
/** A new variable that the symptom names; set by hand as well. */
const NAMED_VARIABLE = 1.5;

export interface NewVariable {
  readonly name: string;
  readonly file: string;
}

/** ms since 1970: when the symptom was first seen, when live was deployed; null where it is not known. */
export interface Times {
  readonly firstError: number | null;
  readonly liveSince: number | null;
}

export const NO_TIMES: Times = { firstError: null, liveSince: null };

const OUTSIDE_WEIGHTS: Readonly<Record<string, number>> = WEIGHTS.outside;

/**
 * What is measured of "outside the code", each with the least and the most that its weight may be;
 * the weights are learned beside those of the changes.
 */
export const OUTSIDE: Readonly<Record<string, Bounds>> = {
  constant: EITHER,
  changes: EITHER,
  "cover.best": EITHER,
  "cover.mean": EITHER,
  "words.best": EITHER,
  "words.mean": EITHER,
  "words.gap": EITHER,
  "message.best": EITHER,
  "path.best": AGAINST,
  "frame.best": atMost(-1),
  infrastructure: atLeast(0.5),
  untouched: atLeast(0.5),
  terms: EITHER,
  trace: EITHER,
};
export const OUTSIDE_NAMES: readonly string[] = Object.keys(OUTSIDE);

/** In the order of OUTSIDE_NAMES: how little the best of the changes has to do with the symptom. */
export function measureOutside(ground: Ground, rows: readonly (readonly number[])[]): number[] {
  const { symptom, glossary } = ground.query;
  const column = (name: string): number[] => {
    const at = VALUE_NAMES.indexOf(name);
    return rows.map((row) => row[at] ?? 0);
  };
  const best = (values: readonly number[]): number => values.reduce((most, one) => Math.max(most, one), 0);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length);
  const cover = column("all.cover");
  const words = column("all.raw");
  return [
    1,
    Math.log(Math.max(1, rows.length)),
    best(cover),
    mean(cover),
    best(words),
    mean(words),
    best(words) - (words.toSorted((a, b) => a - b)[words.length >> 1] ?? 0),
    best(column("message.cover")),
    best(column("path.rare")),
    Math.max(best(column("frame.line")), best(column("frame.near"))),
    infrastructureIn(symptom).length,
    isUntouched(ground) ? 1 : 0,
    Math.log1p(glossary.terms.length),
    symptom.frames.length > 0 ? 1 : 0,
  ];
}

function infrastructureIn(symptom: Symptom): { readonly name: string; readonly found: string }[] {
  return INFRASTRUCTURE.flatMap(({ name, pattern }) => {
    const found = pattern.exec(symptom.text)?.[0];
    return found === undefined ? [] : [{ name, found }];
  });
}

function isUntouched({ query, observations, paths }: Ground): boolean {
  return (
    query.symptom.frames.length > 0 &&
    observations.length > 0 &&
    !observations.some((item) => item.inHunk.length + item.inFile.length + item.inFunction.length > 0) &&
    !paths.some(({ best }) => best >= 0.8)
  );
}

/** What speaks for a cause outside the code, and its score beside the changes' scores. */
export function outsideCode(
  ground: Ground,
  rows: readonly (readonly number[])[],
  newVariables: readonly NewVariable[],
  times: Times = NO_TIMES,
): { readonly signals: Signal[]; readonly score: number } {
  const { symptom } = ground.query;
  const signals: Signal[] = [];
  let score = measureOutside(ground, rows).reduce(
    (sum, value, index) => sum + value * (OUTSIDE_WEIGHTS[OUTSIDE_NAMES[index] ?? ""] ?? 0),
    0,
  );
  for (const { name, found } of infrastructureIn(symptom)) {
    const text = `the symptom says ${JSON.stringify(visible(found))}: ${name}`;
    signals.push({ kind: "infrastructure", name, text });
  }
  for (const { name, file } of newVariables) {
    signals.push({ kind: "environment-variable", name, text: `read for the first time in ${visible(file)}` });
    if (symptom.text.includes(name)) score += NAMED_VARIABLE;
  }
  if (isUntouched(ground)) {
    signals.push({
      kind: "untouched-frames",
      name: "stack",
      text: "no change of the range touches a file of the stack trace",
    });
  }
  if (times.firstError !== null && times.liveSince !== null && times.firstError < times.liveSince) {
    signals.push({
      kind: "before-deploy",
      name: "time",
      text: `it was first seen ${spoken(times.liveSince - times.firstError)} before live was deployed`,
    });
    score += BEFORE_DEPLOY;
  }
  if (ground.observations.length === 0) {
    signals.push({
      kind: "empty-range",
      name: "range",
      text: "there is no change between good and live that can have done it",
    });
  }
  return { signals, score };
}
