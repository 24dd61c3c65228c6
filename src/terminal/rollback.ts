import type { ChalkInstance } from "chalk";

import { visible } from "../model/escape.ts";
import { short } from "../model/oid.ts";
import type { CloneAfter, Proof, RollbackPlan, Rung } from "../model/rollback.ts";
import { clip, count, pairs, wrap } from "./layout.ts";
import { riskLines } from "./triage.ts";

const UNDONE_SHOWN = 12;

/** The plan as a person should see it before saying yes. */
export function planScreen(plan: RollbackPlan, width: number, paint: ChalkInstance): string {
  const to =
    plan.good.ref === null ? short(plan.good.sha) : `${visible(plan.good.ref)} (${short(plan.good.sha)})`;
  const target =
    plan.remote === null
      ? `the local branch ${visible(plan.branch)}`
      : `${visible(plan.branch)} on ${visible(plan.remote)}`;
  const lines = [
    `${paint.bold(plan.environment.toUpperCase())}  ${plan.strategy === "undo" ? "undo" : "roll back"}`,
    ...pairs(
      [
        ["from", `${paint.bold(short(plan.tip))}  ${paint.dim(`the tip of ${target}`)}`],
        [
          "to",
          `${paint.bold(to)}  ${plan.good.certified ? paint.green("certified") : paint.yellow("not certified")}`,
        ],
        [
          "how",
          wrapped(
            `one new commit on top, its tree ${plan.kept.length === 0 ? "exactly" : "as"} ${plan.good.ref === null ? short(plan.good.sha) : visible(plan.good.ref)}'s; a plain fast-forward push`,
            width,
          ),
        ],
        ...(plan.url === null
          ? []
          : ([
              ["push", plan.push ? `${visible(plan.url)} ${visible(plan.branch)}` : "nothing (--no-push)"],
            ] as [string, string][])),
        ...(plan.kept.length === 0
          ? []
          : ([["stays", clip(plan.kept.map(visible).join(", "), width - 10)]] as [string, string][])),
      ],
      paint,
    ),
    "",
  ];
  if (plan.undone.length > 0) {
    lines.push(
      paint.bold(`${count(plan.undone.length, "commit")} ${plan.undone.length === 1 ? "goes" : "go"} out`),
    );
    for (const { sha, subject, deployed } of plan.undone.slice(0, UNDONE_SHOWN)) {
      lines.push(
        `  ${paint.cyan(short(sha))} ${clip(visible(subject), width - 28)}${deployed ? "" : paint.yellow("  not deployed yet")}`,
      );
    }
    if (plan.undone.length > UNDONE_SHOWN)
      lines.push(paint.dim(`  … and ${plan.undone.length - UNDONE_SHOWN} more (--json has all)`));
    lines.push("");
  }
  lines.push(...riskLines(plan.risks, width, paint));
  return lines.join("\n").trimEnd();
}

/** A value of `pairs` that takes several lines, below each other. */
function wrapped(text: string, width: number): string {
  return wrap(text, width - 10).join("\n        ");
}

const MARKS: Readonly<Record<Rung["state"], string>> = { pass: "✔", fail: "✘", unknown: "?", skipped: "–" };

export function rungLines(rungs: readonly Rung[], width: number, paint: ChalkInstance): string[] {
  const colors = { pass: paint.green, fail: paint.red, unknown: paint.dim, skipped: paint.dim } as const;
  return rungs.flatMap(({ id, state, text }) => {
    const [first = "", ...more] = wrap(text, width - 8);
    return [
      `  ${colors[state](MARKS[state])} ${paint.dim(id)}  ${first}`,
      ...more.map((line) => `        ${line}`),
    ];
  });
}

/** What was done, what is proven, what is next. */
export function doneScreen(
  done: {
    readonly headline: string;
    readonly good: boolean;
    readonly proof: Proof;
    readonly clone: CloneAfter;
    readonly next: readonly (readonly [string, string])[];
  },
  width: number,
  paint: ChalkInstance,
): string {
  const { headline, good, proof, clone, next } = done;
  const lines = [
    `${good ? paint.green("✔") : paint.yellow("!")} ${paint.bold(headline)}`,
    ...rungLines(proof.rungs, width, paint),
  ];
  const cloneText =
    clone.state === "updated"
      ? `your clone: ${clone.text}`
      : clone.state === "left"
        ? `your clone is as it was: ${clone.text}`
        : "";
  if (cloneText !== "")
    lines.push(
      ...wrap(cloneText, width - 4).map((line, index) => `  ${index === 0 ? paint.dim("·") : " "} ${line}`),
    );
  for (const file of clone.files.slice(0, 10)) lines.push(`      ${visible(file)}`);
  if (clone.files.length > 10) lines.push(paint.dim(`      … and ${clone.files.length - 10} more`));
  if (next.length > 0) {
    const label = Math.max(...next.map(([command]) => command.length));
    lines.push(
      "",
      ...next.map(([command, why]) => `  ${paint.bold(command.padEnd(label))}  ${paint.dim(why)}`),
    );
  }
  return lines.join("\n");
}
