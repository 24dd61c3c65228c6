import type { AlertMessage, Severity } from "../model/alert.ts";
import { short } from "../model/oid.ts";
import { rfc3339, spoken } from "../model/time.ts";
import { ulid } from "../system/ulid.ts";

interface NamedCommit {
  readonly sha: string;
  readonly ref?: string | null;
}

/** What is known when someone must be told. Everything but the title may be missing. */
interface AlertFacts {
  /** What is broken, in one line. */
  readonly title: string;
  readonly severity: Severity;
  readonly environment: string | null;
  /** When it began, ms since 1970. */
  readonly since?: number | null;
  readonly live?: NamedCommit | null;
  readonly good?: (NamedCommit & { readonly certified: boolean }) | null;
  /** The first suspect of triage; probability 0–1. */
  readonly suspect?: { readonly sha: string; readonly subject: string; readonly probability: number } | null;
  /** What is being done about it. */
  readonly doing?: string | null;
  /** The command that reverses what was done, or brings good back. */
  readonly undo?: string | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The message for the people who must know: what a reader needs to act, most urgent first. */
export function buildMessage(known: AlertFacts): AlertMessage {
  const { title, severity, environment, now } = known;
  const facts: { label: string; value: string }[] = [];
  const add = (label: string, value: string | null | undefined): void => {
    if (value !== null && value !== undefined && value !== "") facts.push({ label, value });
  };
  if (known.since !== null && known.since !== undefined) {
    add("Since", `${rfc3339(known.since)} (${spoken(now - known.since)} ago)`);
  }
  if (known.live) add("Live", named(known.live));
  if (known.good) add("Good", `${named(known.good)}${known.good.certified ? "" : ", not certified"}`);
  if (known.suspect) {
    const { sha, subject, probability } = known.suspect;
    add("First suspect", `${short(sha)} ${subject} (${Math.round(probability * 100)} %)`);
  }
  add("Being done", known.doing);
  add("Way back", known.undo);
  return { id: ulid(now), severity, environment, title: title.replace(/\s+/g, " ").trim(), facts, at: now };
}

function named(commit: NamedCommit): string {
  return commit.ref ? `${commit.ref} (${short(commit.sha)})` : short(commit.sha);
}
