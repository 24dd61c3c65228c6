import { visible } from "../model/escape.ts";
import { spoken } from "../model/time.ts";
import type { Signal, Symptom } from "../model/triage.ts";
import type { Observation } from "./observe.ts";

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

/** Prior: about one outage in five has its cause outside the pushed changes (log-odds of all of them). */
const PRIOR = Math.log(0.25);

export interface NewVariable {
  readonly name: string;
  readonly file: string;
}

/** ms since 1970; null where it is not known. */
export interface Times {
  readonly firstError: number | null;
  readonly liveSince: number | null;
}

export const NO_TIMES: Times = { firstError: null, liveSince: null };

/** What speaks for a cause outside the code, and its score beside the changes' scores. */
export function outsideCode(
  symptom: Symptom,
  observations: readonly Observation[],
  newVariables: readonly NewVariable[],
  times: Times = NO_TIMES,
): { readonly signals: Signal[]; readonly score: number } {
  const signals: Signal[] = [];
  let score = PRIOR + Math.log(Math.max(1, observations.length));
  for (const { name, pattern } of INFRASTRUCTURE) {
    const found = pattern.exec(symptom.text)?.[0];
    if (found === undefined) continue;
    signals.push({
      kind: "infrastructure",
      name,
      text: `the symptom says ${JSON.stringify(visible(found))}: ${name}`,
    });
    score += 1.1;
  }
  for (const { name, file } of newVariables) {
    signals.push({ kind: "environment-variable", name, text: `read for the first time in ${visible(file)}` });
    if (symptom.text.includes(name)) score += 1.5;
  }
  const touched = observations.some(
    (item) => item.inHunk.length + item.inFile.length + item.inFunction.length + item.named.length > 0,
  );
  if (symptom.frames.length > 0 && !touched && observations.length > 0) {
    signals.push({
      kind: "untouched-frames",
      name: "stack",
      text: "no change of the range touches a file of the stack trace",
    });
    score += 1.2;
  }
  if (times.firstError !== null && times.liveSince !== null && times.firstError < times.liveSince) {
    signals.push({
      kind: "before-deploy",
      name: "time",
      text: `it was first seen ${spoken(times.liveSince - times.firstError)} before live was deployed`,
    });
    score += 3;
  }
  if (observations.length === 0) {
    signals.push({
      kind: "empty-range",
      name: "range",
      text: "there is no change between good and live that can have done it",
    });
  }
  return { signals, score };
}
