import path from "node:path";

import { actor } from "../git/objects.ts";
import type { Git } from "../git/git.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { rfc3339 } from "../model/time.ts";
import { appendLine } from "../system/files.ts";

/** Checks a person leaves out, and why. */
export interface Skips {
  readonly names: readonly string[];
  readonly reason: string;
}

export interface SkipWords {
  readonly names: readonly string[];
  readonly reason: string | null;
  /** `MAYDAY_SKIP`: names with commas or spaces between; `MAYDAY_REASON`. */
  readonly fromEnvironment: { readonly skip: string | undefined; readonly reason: string | undefined };
}

/**
 * What is to be skipped, from options and environment. Throws exit 2 for a skip without a reason
 * and for a name that is no check: a mistyped skip would otherwise go unseen.
 */
export function readSkips(words: SkipWords, checks: readonly string[]): Skips {
  const { skip, reason: why } = words.fromEnvironment;
  const names = [...new Set([...words.names, ...(skip ?? "").split(/[\s,]+/)])].filter((name) => name !== "");
  const reason = (words.reason ?? why ?? "").trim();
  if (names.length === 0 || checks.length === 0) return { names: [], reason };
  for (const name of names) requireCheck(name, checks);
  if (reason === "") {
    throw new MaydayError(`a skip needs a reason: ${names.map(visible).join(", ")}`, {
      code: "skip-without-reason",
      exit: 2,
      hint: `${skipCommand(names)}\nor through git: ${skipPush(names)}`,
    });
  }
  return { names, reason };
}

/** Throws exit 2 with the names that there are. */
export function requireCheck(name: string, checks: readonly string[]): void {
  if (checks.includes(name)) return;
  throw new MaydayError(
    checks.length === 0
      ? `there is no check ${visible(name)}: none are configured`
      : `there is no check ${visible(name)} (there is ${checks.map(visible).join(", ")})`,
    {
      code: "unknown-check",
      exit: 2,
      hint: checks.length === 0 ? "mayday init" : "mayday check --plan",
    },
  );
}

export function skipCommand(names: readonly string[]): string {
  return `mayday check --skip ${names.map(visible).join(" ")} --reason "…"`;
}

export function skipPush(names: readonly string[]): string {
  return `MAYDAY_SKIP=${names.map(visible).join(",")} MAYDAY_REASON="…" git push`;
}

export interface SkipRecord {
  readonly at: number;
  readonly via: "pre-push" | "command";
  readonly refs: readonly { readonly remoteRef: string; readonly localSha: string | null }[];
}

/**
 * Writes one line for each skip to `mayday/skips.jsonl` under the common git directory.
 * Throws exit 2 when it cannot: what is not recorded is not skipped.
 */
export async function recordSkips(git: Git, skips: Skips, record: SkipRecord): Promise<void> {
  const file = path.join(git.layout.commonDir, "mayday", "skips.jsonl");
  const who = skips.names.length === 0 ? "" : await actor(git);
  for (const name of skips.names) {
    const line = {
      v: 1,
      at: rfc3339(record.at),
      check: name,
      reason: skips.reason,
      actor: who,
      via: record.via,
      refs: record.refs,
    };
    try {
      await appendLine(file, JSON.stringify(line), { mode: 0o600 });
    } catch (error) {
      throw new MaydayError(
        `the skip cannot be recorded in ${visible(file)}: ${visible(error instanceof Error ? error.message : String(error))}`,
        {
          code: "skip-not-recorded",
          exit: 2,
          hint: "make that file writable, or run the checks: mayday check",
          cause: error,
        },
      );
    }
  }
}
