import type { CheckResult } from "../model/check.ts";
import type { Oid } from "../model/oid.ts";
import type { CheckSettings } from "../model/settings.ts";
import type { ChangedFiles, Matcher } from "./changed.ts";
import type { JudgedRef } from "./judge.ts";
import { type Skips, skipCommand, skipPush } from "./skips.ts";

/** One pushed tree: refs with the same tree are checked once, over what they change together. */
export interface Target {
  readonly tree: Oid;
  /** A commit with that tree, to check out. */
  readonly commit: Oid;
  readonly refs: readonly JudgedRef[];
}

/** The distinct pushed trees, in the order of the push. Deletes and bare blobs have none. */
export function targets(refs: readonly JudgedRef[]): Target[] {
  const byTree = new Map<Oid, { commit: Oid; refs: JudgedRef[] }>();
  for (const ref of refs) {
    if (ref.commit === null || ref.tree === null) continue;
    const target = byTree.get(ref.tree);
    if (target) target.refs.push(ref);
    else byTree.set(ref.tree, { commit: ref.commit, refs: [ref] });
  }
  return [...byTree].map(([tree, target]) => ({ tree, ...target }));
}

export interface NamedCheck extends CheckSettings {
  readonly name: string;
  readonly matches: Matcher;
}

/** What is to be done about one check: run a command, or the answer is known already. */
export type Choice =
  | { readonly check: NamedCheck; readonly todo: "run"; readonly files: readonly string[] }
  | {
      readonly check: NamedCheck;
      readonly todo: "answer";
      readonly status: "skip" | "fail";
      readonly text: string;
    };

export interface Wish {
  /** Every check, whatever changed. */
  readonly all: boolean;
  readonly skips: Skips;
  /** Called by git: the way on is another push. */
  readonly hook: boolean;
}

/** Decides, without looking at anything but its arguments, what runs for one tree and why not. */
export function choose(check: NamedCheck, changed: ChangedFiles, wish: Wish): Choice {
  const answer = (status: "skip" | "fail", text: string): Choice => ({ check, todo: "answer", status, text });
  if (wish.skips.names.includes(check.name)) return answer("skip", `skipped: ${wish.skips.reason}`);
  const always = wish.all || check.files.length === 0;
  if (!always && !changed.touched.some(check.matches)) {
    return answer("skip", `nothing that it covers changed (${check.files.join(" ")})`);
  }
  if (check.evidence !== undefined) return answer("fail", noEvidence(check.name, check.evidence, wish.hook));
  const files = changed.present.filter(check.matches);
  if (takesFiles(check.run) && files.length === 0) return answer("skip", "no file is left to give it");
  return { check, todo: "run", files };
}

function takesFiles(run: CheckSettings["run"]): boolean {
  return (typeof run === "string" ? [run] : (run ?? [])).some((word) => word.includes("{files}"));
}

function noEvidence(name: string, evidence: "ci" | "attest", hook: boolean): string {
  const source = evidence === "ci" ? "a result from CI" : "a person's word";
  return `needs ${source}, which this version cannot look up; to go on: ${(hook ? skipPush : skipCommand)([name])}`;
}

export function answered(choice: Choice & { todo: "answer" }): CheckResult {
  const { check, status, text } = choice;
  return { name: check.name, kind: check.kind, status, ms: 0, text, findings: [] };
}
