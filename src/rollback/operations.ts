import path from "node:path";

import type { Git } from "../git/git.ts";
import type { Oid } from "../model/oid.ts";
import type { RollbackPlan } from "../model/rollback.ts";
import { appendLine, readLines } from "../system/files.ts";

/** An act of mayday in this clone, as far as it came. Numbered from 1. */
export interface Operation {
  readonly number: number;
  readonly plan: RollbackPlan;
  /** The commit that was made for it. */
  readonly commit: Oid;
  /** When it was begun, ms since 1970. */
  readonly at: number;
  /** `intent`: planned and anchored, not known to be out. `published`: the remote has it. */
  readonly state: "intent" | "kept" | "published" | "done" | "aborted";
  /** The operation that this one reverses. */
  readonly undoes: number | null;
}

type Line =
  | {
      readonly v: 1;
      readonly number: number;
      readonly step: "intent";
      readonly at: number;
      readonly commit: Oid;
      readonly undoes: number | null;
      readonly plan: RollbackPlan;
    }
  | {
      readonly v: 1;
      readonly number: number;
      readonly step: "kept" | "published" | "done" | "aborted";
      readonly at: number;
    };

function journalFile(git: Git): string {
  return path.join(git.layout.commonDir, "mayday", "operations.jsonl");
}

export function operationRef(number: number, which: "old" | "new"): string {
  return `refs/mayday/op/${number}/${which}`;
}

/** Every operation of this clone, oldest first. Lines that cannot be read are passed over and counted. */
export async function readOperations(
  git: Git,
): Promise<{ readonly operations: readonly Operation[]; readonly unreadable: number }> {
  const { lines, torn } = await readLines(journalFile(git));
  const operations = new Map<number, Operation>();
  let unreadable = torn === null ? 0 : 1;
  for (const text of lines) {
    const line = parseLine(text);
    if (line === undefined) unreadable += 1;
    else if (line.step === "intent") {
      operations.set(line.number, {
        number: line.number,
        plan: line.plan,
        commit: line.commit,
        at: line.at,
        undoes: line.undoes,
        state: "intent",
      });
    } else {
      const known = operations.get(line.number);
      if (known) operations.set(line.number, { ...known, state: line.step });
    }
  }
  return { operations: [...operations.values()].toSorted((a, b) => a.number - b.number), unreadable };
}

function parseLine(text: string): Line | undefined {
  try {
    const value = JSON.parse(text) as Partial<Line> | null;
    if (value === null || value.v !== 1 || typeof value.number !== "number" || typeof value.step !== "string")
      return undefined;
    if (value.step === "intent" && (typeof value.commit !== "string" || typeof value.plan !== "object"))
      return undefined;
    return value as Line;
  } catch {
    return undefined;
  }
}

/** Writes the intent down, synced, before anything is done. Call under the environment's lock. */
export async function beginOperation(
  git: Git,
  plan: RollbackPlan,
  commit: Oid,
  at: number,
  undoes: number | null,
): Promise<Operation> {
  const { operations } = await readOperations(git);
  const used = await git.text(["for-each-ref", "--format=%(refname)", "refs/mayday/op"]);
  const numbers = [
    ...operations.map(({ number }) => number),
    ...[...used.matchAll(/op\/(\d+)\//g)].map((match) => Number(match[1])),
  ];
  const number = Math.max(0, ...numbers) + 1;
  const line: Line = { v: 1, number, step: "intent", at, commit, undoes, plan };
  await appendLine(journalFile(git), JSON.stringify(line));
  return { number, plan, commit, at, undoes, state: "intent" };
}

export async function markOperation(
  git: Git,
  number: number,
  step: "kept" | "published" | "done" | "aborted",
  at: number,
): Promise<void> {
  const line: Line = { v: 1, number, step, at };
  await appendLine(journalFile(git), JSON.stringify(line));
}

/** The newest act that was begun and neither finished nor given up. */
export function unfinished(operations: readonly Operation[], environment: string): Operation | undefined {
  return operations.findLast(
    ({ state, plan }) => plan.environment === environment && (state === "intent" || state === "published"),
  );
}

/** The newest finished act that was not reversed yet. */
export function lastReversible(operations: readonly Operation[]): Operation | undefined {
  const reversed = new Set(
    operations.flatMap(({ undoes, state }) =>
      undoes !== null && (state === "done" || state === "published") ? [undoes] : [],
    ),
  );
  return operations.findLast(
    ({ number, state }) => (state === "done" || state === "published") && !reversed.has(number),
  );
}
