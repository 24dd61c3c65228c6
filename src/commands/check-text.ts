import type { ChalkInstance } from "chalk";

import type { TargetPlan } from "../check/plan.ts";
import { type CheckReport, spell } from "../check/run.ts";
import type { JudgedRef } from "../check/judge.ts";
import type { CheckStatus } from "../model/check.ts";
import { visible } from "../model/escape.ts";
import { short } from "../model/oid.ts";
import { spoken } from "../model/time.ts";

/** Lines of a failed command's output that are shown; with --verbose all of them are. */
const SHOWN = 40;

export interface TextOptions {
  readonly hook: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
}

/** Everything a person sees of a run: a heading a tree, one line a check, then what failed. */
export function resultText(
  plans: readonly TargetPlan[],
  reports: readonly CheckReport[],
  paint: ChalkInstance,
  width: number,
  options: TextOptions,
): string {
  const lines: string[] = [];
  for (const plan of plans) {
    const own = reports.filter(({ commit }) => commit === plan.target.commit);
    const shown = options.quiet ? own.filter(({ status }) => isBad(status)) : own;
    if (shown.length === 0) continue;
    if (!options.quiet && (!options.hook || plans.length > 1)) lines.push(heading(plan));
    if (plan.standing?.inPlace === false && !options.quiet) {
      lines.push(paint.dim(`  checked in a temporary worktree: ${plan.standing.because}`));
    }
    lines.push(...table(shown, paint, width));
  }
  for (const report of reports) {
    if (report.output === "" || (!options.verbose && !isBad(report.status))) continue;
    lines.push("", ...outputOf(report, paint, options.verbose));
  }
  return lines.join("\n");
}

export function isBad(status: CheckStatus): boolean {
  return status === "fail" || status === "timeout" || status === "error";
}

function heading({ target, changed }: TargetPlan): string {
  const files = changed === null ? "every file counts as changed" : counted(changed, "file");
  const [first, ...more] = target.refs;
  const others = more.length === 0 ? "" : ` and ${counted(more.length, "more ref")}`;
  return `${first === undefined ? "" : refText(first)}${others}: ${files}`;
}

/** `main → main, update`. */
export function refText({ localRef, remoteRef, kind, commit }: JudgedRef): string {
  const plain = (ref: string): string => visible(ref.replace(/^refs\/(?:heads|tags)\//, ""));
  if (kind === "delete") return `${plain(remoteRef)}, delete`;
  const from = commit === null ? plain(localRef) : `${plain(localRef)} (${short(commit)})`;
  return `${from} → ${plain(remoteRef)}, ${kind}`;
}

function counted(n: number, noun: string): string {
  return n === 1 ? `1 ${noun}` : `${n} ${noun}s`;
}

/** `  fail  unit   1.2 s  exit code 1`, the words lined up; long text goes on below itself. */
function table(reports: readonly CheckReport[], paint: ChalkInstance, width: number): string[] {
  const names = Math.min(24, Math.max(...reports.map(({ name }) => name.length)));
  const times = reports.map(({ ms, status }) => (status === "skip" || ms === 0 ? "" : spoken(ms)));
  const time = Math.max(...times.map(({ length }) => length));
  const color: Readonly<Partial<Record<CheckStatus, (text: string) => string>>> = {
    pass: paint.green,
    cached: paint.green,
    skip: paint.dim,
    warn: paint.yellow,
  };
  return reports.flatMap((report, index) => {
    const status = (color[report.status] ?? paint.red)(report.status.padEnd(7));
    const left = `${visible(report.name).padEnd(names)}  ${(times[index] ?? "").padStart(time)}`;
    const indent = 2 + 7 + 1 + names + 2 + time + 2;
    const [first = "", ...rest] = wrap(visible(report.text), Math.max(24, width - indent));
    return [`  ${status} ${left}  ${first}`.trimEnd(), ...rest.map((line) => " ".repeat(indent) + line)];
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function outputOf({ name, command, output }: CheckReport, paint: ChalkInstance, verbose: boolean): string[] {
  const all = output.split("\n");
  const kept = verbose ? all : all.slice(-SHOWN);
  const cut = all.length - kept.length;
  return [
    `${paint.bold(visible(name))}  ${paint.dim(`$ ${visible(command)}`)}`,
    ...(cut === 0
      ? []
      : [paint.dim(`  … ${counted(cut, "line")} before this; all of them: mayday check --verbose`)]),
    ...kept.map((line) => `  ${line}`.trimEnd()),
  ];
}

/** What would run, where, and why the rest would not. */
export function planText(plans: readonly TargetPlan[], paint: ChalkInstance): string {
  const lines: string[] = [];
  for (const plan of plans) {
    lines.push(heading(plan));
    if (plan.standing !== null) {
      const where = plan.standing.inPlace ? "in place" : `in a temporary worktree: ${plan.standing.because}`;
      lines.push(paint.dim(`  ${where}`));
    }
    const names = Math.max(0, ...plan.choices.map(({ check }) => check.name.length));
    for (const choice of plan.choices) {
      const name = visible(choice.check.name).padEnd(names);
      if (choice.todo === "run") lines.push(`  run   ${name}  ${visible(spell(choice.check.run))}`);
      else lines.push(`  ${paint.dim(choice.status.padEnd(5))} ${name}  ${visible(choice.text)}`);
    }
  }
  return lines.join("\n");
}
