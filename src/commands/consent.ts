import type { ChalkInstance } from "chalk";

import type { Configuration } from "../config/load.ts";
import { withoutPasswords } from "../git/git.ts";
import { MaydayError } from "../model/error.ts";
import { visible, visibleLines } from "../model/escape.ts";
import { entriesOf, type TrustEntry } from "../trust/entries.ts";
import { addConsents, type ConsentScope, type Consents, consentFile, readConsents } from "../trust/store.ts";
import type { Context } from "./context.ts";

export interface Consent {
  /** Places (`checks.unit`) all of whose wanted entries may be honoured. */
  readonly allowed: ReadonlySet<string>;
  /** What is left out. */
  readonly refused: readonly TrustEntry[];
}

export interface JudgedEntry {
  readonly entry: TrustEntry;
  readonly state: "free" | "agreed" | "new" | "changed";
}

/**
 * Which of the wanted entries may be honoured. On a terminal those not yet agreed to are shown,
 * escaped, and asked about once; elsewhere they are left out with a warning. With `CI=true` check
 * commands are agreed to: CI runs the repository's code anyway. `purpose` ends the sentence
 * "mayday.yaml wants this …": "to run the checks".
 */
export async function consented(
  context: Context,
  configuration: Configuration,
  wanted: readonly TrustEntry[],
  purpose: string,
): Promise<Consent> {
  const judged = await judge(context, wanted);
  const inCI = context.world.env["CI"] === "true";
  const missing = judged.filter(
    ({ entry, state }) =>
      (state === "new" || state === "changed") &&
      // worktree.prepare runs only for a check's sake.
      !(
        inCI &&
        entry.kind === "command" &&
        (entry.where.startsWith("checks.") || entry.where === "worktree.prepare")
      ),
  );
  if (missing.length === 0) return split(wanted, new Set());
  const label = visible(configuration.label ?? "the configuration");
  if (context.terminal.interactive) {
    const paint = await context.terminal.paintTalk();
    context.terminal.error(`${label} wants this ${purpose}, and you have not agreed to it yet:\n`);
    context.terminal.error(`${entryLines(missing, paint).join("\n")}\n`);
    if (await context.terminal.confirm("Do you agree to exactly this?", false)) {
      await record(context, missing);
      return split(wanted, new Set());
    }
  } else {
    const places = [...new Set(missing.map(({ entry }) => visible(entry.where)))].join(", ");
    await context.terminal.warn(
      `left out, because nobody here has agreed to it: ${places} (see: mayday trust)`,
    );
  }
  return split(wanted, new Set(missing.map(({ entry }) => entry)));
}

/** Records consent to the whole current configuration; returns what was new. For init, hook install, trust. */
export async function grant(context: Context, configuration: Configuration): Promise<readonly TrustEntry[]> {
  const missing = await pending(context, configuration);
  await record(context, missing);
  return missing.map(({ entry }) => entry);
}

/** What the configuration wants and nobody has agreed to here. */
export async function pending(
  context: Context,
  configuration: Configuration,
): Promise<readonly JudgedEntry[]> {
  const judged = await judge(context, entriesOf(configuration));
  return judged.filter(({ state }) => state === "new" || state === "changed");
}

export async function judge(
  context: Context,
  entries: readonly TrustEntry[],
): Promise<readonly JudgedEntry[]> {
  const free = (entry: TrustEntry): JudgedEntry => ({ entry, state: "free" });
  if (entries.every((entry) => !entry.needsConsent)) return entries.map(free);
  const scope = await scopeOf(context);
  const consents: Consents = await readConsents(consentFile(context.world.env));
  if (consents.fault !== null) await context.terminal.warn(visible(consents.fault));
  return entries.map((entry) =>
    entry.needsConsent ? { entry, state: consents.state(scope, entry) } : free(entry),
  );
}

/** Entries for people: kind, place, and below them the content, nothing cut off. */
export function entryLines(judged: readonly JudgedEntry[], paint: ChalkInstance): string[] {
  return judged.flatMap(({ entry, state }) => [
    `  ${entry.kind.padEnd(7)}  ${paint.bold(visible(entry.where))}${state === "changed" ? paint.yellow("  changed since you agreed") : ""}`,
    ...visibleLines(entry.text)
      .split("\n")
      .map((line) => `           ${line}`),
  ]);
}

async function record(context: Context, judged: readonly JudgedEntry[]): Promise<void> {
  if (judged.length === 0) return;
  const file = consentFile(context.world.env);
  if (file === null) {
    throw new MaydayError("there is no home directory to keep consents in; nothing was recorded", {
      code: "no-home",
      exit: 2,
      hint: "set HOME, or XDG_STATE_HOME to a directory of yours",
    });
  }
  try {
    await addConsents(
      file,
      await scopeOf(context),
      judged.map(({ entry }) => entry),
      context.world.now(),
    );
  } catch (error) {
    throw new MaydayError(
      `the consent could not be written to ${visible(file)} (${(error as NodeJS.ErrnoException).code})`,
      {
        code: "consent-not-written",
        exit: 2,
        hint: "make that directory writable, or set XDG_STATE_HOME to a directory of yours",
        cause: error,
      },
    );
  }
}

/** Outside a repository the file itself is what is agreed to. */
async function scopeOf(context: Context): Promise<ConsentScope> {
  const git = await context.gitOrNull();
  if (git === null) return { commonDir: (await context.configuration()).file ?? "", remoteUrl: "" };
  const urls = git.config.filter(({ key }) => /^remote\..+\.url$/.test(key));
  const url = urls.find(({ key }) => key === "remote.origin.url") ?? urls[0];
  return { commonDir: git.layout.commonDir, remoteUrl: withoutPasswords(url?.value ?? "") };
}

function split(wanted: readonly TrustEntry[], left: ReadonlySet<TrustEntry>): Consent {
  const refused = wanted.filter((entry) => left.has(entry));
  const closed = new Set(refused.map((entry) => entry.where));
  const allowed = new Set(wanted.map((entry) => entry.where).filter((where) => !closed.has(where)));
  return { allowed, refused };
}
