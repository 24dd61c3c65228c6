import type { ChalkInstance } from "chalk";

import type { OutsideCode } from "../model/triage.ts";
import { bar, percent, wrap } from "./layout.ts";

export interface OutsideScreen {
  readonly outside: OutsideCode;
  /** What to look at for each signal, in the order of `outside.signals`. */
  readonly checks: readonly string[];
  /** What to look at in any case. */
  readonly first: readonly string[];
}

/** Everything that points outside the code, and what to look at next. */
export function outsideScreen(
  { outside, checks, first }: OutsideScreen,
  width: number,
  paint: ChalkInstance,
): string {
  const { probability, signals } = outside;
  const share = `${percent(probability)} ${bar(probability, 10).trimEnd()}`;
  const lines = [`${paint.bold("Outside the code")}  ${probability >= 0.5 ? paint.red(share) : share}`];
  const under = (text: string, left: string, below: string): string[] =>
    wrap(text, width - below.length).map((line, index) => `${index === 0 ? left : below}${line}`);
  for (const [index, { kind, name, text }] of signals.entries()) {
    const said = kind === "environment-variable" ? `${name} is ${text}` : text;
    lines.push(...under(said, "  · ", "    "));
    lines.push(...under(checks[index] ?? "", "    → ", "      ").map((line) => paint.cyan(line)));
  }
  if (signals.length === 0) lines.push("  Nothing in the symptom or the changes points there.");
  lines.push("", paint.bold("Worth a look in any case"));
  for (const text of first) lines.push(...under(text, "  · ", "    "));
  return lines.join("\n");
}
