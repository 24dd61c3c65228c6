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
  readonly state: "intent" | Step;
  /** The operation that this one reverses. */
  readonly undoes: number | null;
}

type Step = "kept" | "published" | "done" | "aborted";

interface Intent {
  readonly v: 1;
  readonly number: number;
  readonly step: "intent";
  readonly at: number;
  readonly commit: Oid;
  readonly undoes: number | null;
  readonly plan: RollbackPlan;
}

type Line = Intent | { readonly v: 1; readonly number: number; readonly step: Step; readonly at: number };

function journalFile(git: Git): string {
  return path.join(git.layout.commonDir, "mayday", "operations.jsonl");
}

export function operationRef(number: number, which: "old" | "new" | "plan"): string {
  return `refs/mayday/op/${number}/${which}`;
}

export interface OperationLog {
  /** Oldest first. */
  readonly operations: readonly Operation[];
  /** Lines, and operations, that cannot be read any more. */
  readonly unreadable: number;
  /** The highest number ever given here; 0 when none was. */
  readonly last: number;
}

/**
 * Every operation of this clone. An intent that the journal lost (a crash, a torn line) is read
 * again from `refs/mayday/op/<n>/plan`. Lines that cannot be read are passed over and counted.
 */
export async function readOperations(git: Git): Promise<OperationLog> {
  const { lines, torn } = await readLines(journalFile(git));
  const intents = new Map<number, Intent>();
  const steps = new Map<number, Step>();
  let unreadable = torn === null ? 0 : 1;
  for (const text of lines) {
    const line = parseLine(text);
    if (line === undefined) unreadable += 1;
    else if (line.step === "intent") {
      intents.set(line.number, line);
      steps.delete(line.number);
    } else steps.set(line.number, line.step);
  }
  const anchored = await anchoredPlans(git);
  const lost = [...anchored].filter(([number]) => !intents.has(number));
  const newest = Math.max(0, ...intents.keys(), ...anchored.keys());
  for (const [number, plan] of lost) {
    const intent = plan === null ? undefined : parseLine(await git.text(["cat-file", "blob", plan], LOOK));
    if (intent?.step !== "intent") unreadable += 1;
    else {
      intents.set(number, intent);
      // A later operation could only begin when this one was finished.
      if (number !== newest && !steps.has(number)) steps.set(number, intent.plan.push ? "done" : "kept");
    }
  }
  const operations = [...intents.values()]
    .toSorted((a, b) => a.number - b.number)
    .map(({ number, plan, commit, at, undoes }) => ({
      number,
      plan,
      commit,
      at,
      undoes,
      state: steps.get(number) ?? ("intent" as const),
    }));
  return { operations, unreadable, last: Math.max(newest, ...steps.keys()) };
}

/** Also after Ctrl-C it must be possible to say what stands written. */
const LOOK = { finish: true } as const;

/** Numbers that have refs, with the blob of their plan where it is there. */
async function anchoredPlans(git: Git): Promise<Map<number, Oid | null>> {
  const text = await git.text(["for-each-ref", "--format=%(refname) %(objectname)", "refs/mayday/op"], LOOK);
  const plans = new Map<number, Oid | null>();
  for (const [, number, which, oid = ""] of text.matchAll(/^refs\/mayday\/op\/(\d+)\/(\w+) (\w+)$/gm)) {
    if (which === "plan") plans.set(Number(number), oid);
    else if (!plans.has(Number(number))) plans.set(Number(number), null);
  }
  return plans;
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
  const { last } = await readOperations(git);
  const operation: Operation = { number: last + 1, plan, commit, at, undoes, state: "intent" };
  await appendLine(journalFile(git), intentLine(operation));
  return operation;
}

function intentLine({ number, plan, commit, at, undoes }: Operation): string {
  const line: Intent = { v: 1, number, step: "intent", at, commit, undoes, plan };
  return JSON.stringify(line);
}

/** Keeps both ends from git's clean-up, and the plan beside them as a second record. Again is harmless. */
export async function anchor(git: Git, operation: Operation): Promise<void> {
  const { number, plan, commit } = operation;
  const there = await git.text(["for-each-ref", "--format=%(refname)", `refs/mayday/op/${number}/`]);
  const blob = await git.text(["hash-object", "-w", "--stdin", "--no-filters"], {
    mode: "write",
    input: intentLine(operation),
  });
  const wanted = [
    [operationRef(number, "old"), plan.tip],
    [operationRef(number, "new"), commit],
    [operationRef(number, "plan"), blob],
  ] as const;
  const missing = wanted.filter(([ref]) => !there.split("\n").includes(ref));
  if (missing.length === 0) return;
  await git.run(["update-ref", "--no-deref", "--stdin"], {
    mode: "write",
    input: missing.map(([ref, oid]) => `create ${ref} ${oid}\n`).join(""),
  });
}

/** Takes the refs of an operation away that came to nothing. */
export async function dropAnchor(git: Git, number: number): Promise<void> {
  const text = await git.text(["for-each-ref", "--format=%(refname)", `refs/mayday/op/${number}/`]);
  if (text === "") return;
  await git.run(["update-ref", "--no-deref", "--stdin"], {
    mode: "write",
    input: text
      .split("\n")
      .map((ref) => `delete ${ref}\n`)
      .join(""),
  });
}

export async function markOperation(git: Git, number: number, step: Step, at: number): Promise<void> {
  const line: Line = { v: 1, number, step, at };
  await appendLine(journalFile(git), JSON.stringify(line));
}

/** The newest act that was begun and neither finished, given up nor reversed since. */
export function unfinished(operations: readonly Operation[], environment: string): Operation | undefined {
  const reversed = reversedBy(operations);
  return operations.findLast(
    ({ number, state, plan }) =>
      plan.environment === environment &&
      (state === "intent" || (state === "published" && !reversed.has(number))),
  );
}

/** The newest finished act that was not reversed yet. */
export function lastReversible(operations: readonly Operation[]): Operation | undefined {
  const reversed = reversedBy(operations);
  return operations.findLast(({ number, state }) => isOut(state) && !reversed.has(number));
}

function isOut(state: Operation["state"]): boolean {
  return state === "done" || state === "published";
}

function reversedBy(operations: readonly Operation[]): ReadonlySet<number> {
  return new Set(
    operations.flatMap(({ undoes, state }) => (undoes !== null && isOut(state) ? [undoes] : [])),
  );
}
