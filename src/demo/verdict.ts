import { visible } from "../model/escape.ts";
import { type Oid, short } from "../model/oid.ts";
import { percent } from "../terminal/layout.ts";
import type { Traffic } from "./traffic.ts";

/** One verified (or not verified) fact of the night. */
export interface Step {
  /** A stable word for programs. */
  readonly step: string;
  readonly ok: boolean;
  /** For people, one clause; foreign text is escaped. */
  readonly text: string;
}

/** Every request was answered. */
export function allAnswered(step: string, when: string, traffic: Traffic): Step {
  const { sent, failed, firstFailure } = traffic;
  const ok = sent > 0 && failed === 0;
  const rest = firstFailure === null ? "" : ` (${visible(firstFailure)})`;
  return { step, ok, text: `${when}, ${sent - failed} of ${sent} real requests were answered${rest}` };
}

/** The cart fails and nothing else does: the outage is the one that was meant. */
export function cartIsBroken(traffic: Traffic, log: string, healthy: boolean): Step {
  const wrong = traffic.paths.filter(({ path, failed, sent }) =>
    path === "/cart" ? failed !== sent : failed > 0,
  );
  const ok = traffic.failed > 0 && wrong.length === 0 && log.includes("TypeError") && healthy;
  const rate = percent(traffic.sent === 0 ? 0 : traffic.failed / traffic.sent);
  return {
    step: "outage",
    ok,
    text: `${rate} of real requests fail${ok ? ", all of the cart's, while /healthz is green" : ""}`,
  };
}

/** Production says which commit it runs. */
export function runs(step: string, what: string, commit: Oid, told: string | null): Step {
  const ok = told === commit;
  const said = told === null ? "nothing" : visible(told).slice(0, 8);
  const text = ok
    ? `production runs ${what}: /version says ${said}`
    : `production does not run ${what}: /version says ${said}, not ${short(commit)}`;
  return { step, ok, text };
}

/** What production runs has exactly the files of the good release. */
export function runsTree(wanted: Oid, told: Oid | null, goodRef: string): Step {
  const ok = told === wanted;
  const text = ok
    ? `production runs exactly the files of ${goodRef}`
    : `production does not run the files of ${goodRef}`;
  return { step: "restored", ok, text };
}

/** Reads `mayday/triage@1`: the bad commit must be the first suspect. */
export function badIsFirst(document: unknown, bad: Oid): Step {
  const suspects = list(document, "suspects");
  const place = suspects.findIndex((suspect) => field(suspect, "sha") === bad);
  const probability = field(suspects[place], "probability");
  const sure = typeof probability === "number" ? ` (${percent(probability)})` : "";
  const text =
    place === 0
      ? `the bad commit ${short(bad)} is the first suspect${sure}`
      : place === -1
        ? `the bad commit ${short(bad)} is not among the suspects shown`
        : `the bad commit ${short(bad)} is only suspect ${place + 1}${sure}`;
  return { step: "triage", ok: place === 0, text };
}

/** The checks let the push through: that is why the bad commit could ship. */
export function checksPassed(exit: number): Step {
  const ok = exit === 0;
  return {
    step: "checks",
    ok,
    text: `mayday check ended with exit ${exit}${ok ? ": the tests saw nothing" : ""}`,
  };
}

/** The alert's own words arrived, once. */
export function alertArrived(bodies: readonly string[], title: string): Step {
  const bodiesWith = bodies.filter((body) => {
    const event = parse(body);
    return field(event, "title") === title && field(event, "environment") === "production";
  });
  const ok = bodiesWith.length === 1;
  const text = ok
    ? "the alert arrived at the loopback channel, word for word"
    : `the alert arrived ${bodiesWith.length} times at the loopback channel`;
  return { step: "alert", ok, text };
}

export function rolledBack(exit: number): Step {
  const ok = exit === 0;
  return {
    step: "rollback",
    ok,
    text: `mayday rollback ended with exit ${exit}${ok ? ": done and proven" : ""}`,
  };
}

export interface HistoryFacts {
  /** The bad tip is an ancestor of what the remote has now. */
  readonly kept: boolean;
  readonly added: number;
}

export function historyIntact({ kept, added }: HistoryFacts): Step {
  const text = kept
    ? `no commit was lost or rewritten; ${added} was added on top`
    : "the pushed history is no longer part of the branch";
  return { step: "history", ok: kept && added === 1, text };
}

export interface CloneFacts {
  /** Lines of `git status --porcelain`. */
  readonly changed: readonly string[];
  readonly head: Oid;
  readonly remote: Oid | null;
}

export function cloneClean({ changed, head, remote }: CloneFacts): Step {
  const level = head === remote;
  const text =
    changed.length > 0
      ? `the clone has ${changed.length} changed files: ${visible(changed.slice(0, 3).join(", "))}`
      : level
        ? "the clone is clean and level with the remote"
        : "the clone is clean, but not level with the remote";
  return { step: "clone", ok: changed.length === 0 && level, text };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function list(value: unknown, name: string): readonly unknown[] {
  const found = field(value, name);
  return Array.isArray(found) ? (found as readonly unknown[]) : [];
}
