import type { ChalkInstance } from "chalk";

import type { Area } from "../model/area.ts";
import type { FileChange } from "../model/change.ts";
import type { Standing } from "../model/deploy.ts";
import { visible } from "../model/escape.ts";
import { short } from "../model/oid.ts";
import type { Risk } from "../model/risk.ts";
import { spoken } from "../model/time.ts";
import type { Action, OutsideCode, Suspect } from "../model/triage.ts";
import { areaLines } from "./areas.ts";
import { bar, clip, columns, changesText, count, percent, padStart, plusMinus, wrap } from "./layout.ts";
import { standingLines, standingTitle } from "./standing.ts";

export interface TriageScreen {
  readonly standing: Standing;
  readonly range: {
    readonly firstParent: number;
    readonly commits: number;
    readonly files: number;
    readonly insertions: number;
    readonly deletions: number;
  };
  readonly areas: readonly {
    readonly area: Area;
    readonly files: readonly FileChange[];
    readonly insertions: number;
    readonly deletions: number;
  }[];
  readonly symptomGiven: boolean;
  readonly suspects: readonly Suspect[];
  readonly suspectsInAll: number;
  readonly outside: OutsideCode;
  readonly risks: readonly Risk[];
  readonly actions: readonly Action[];
  readonly now: number;
}

const EVIDENCE_SHOWN = 3;
const SIGNALS_SHOWN = 6;
const RISKS_SHOWN = 6;

/** What is live, what changed. */
export function rangeScreen(screen: TriageScreen, paint: ChalkInstance): string[] {
  const { standing, range } = screen;
  const lines = [standingTitle(standing, paint), ...standingLines(standing, screen.now, paint), ""];
  if (range.firstParent === 0) {
    lines.push(
      `${paint.bold("Nothing changed")}  live and good are the same: it is not a change in this range.`,
    );
    return lines;
  }
  lines.push(
    `${paint.bold("What changed")}  ${changesText(range.firstParent, range.commits)}, ${count(range.files, "file")}, ${plusMinus(range.insertions, range.deletions, paint)}`,
    ...areaLines(screen.areas, paint),
  );
  return lines;
}

/** Who did it, as far as evidence goes. */
export function suspectScreen(screen: TriageScreen, width: number, paint: ChalkInstance): string[] {
  const lines: string[] = [];
  if (screen.suspects.length > 0) {
    const hint = screen.symptomGiven
      ? ""
      : paint.yellow("  no symptom given: only size and recency speak; add --symptom");
    lines.push(`${paint.bold("Suspects")}${hint}`);
    for (const suspect of screen.suspects) lines.push(...suspectLines(suspect, screen.now, width, paint));
    const rest = screen.suspectsInAll - screen.suspects.length;
    if (rest > 0)
      lines.push(paint.dim(`     … and ${count(rest, "less likely change")}; all of them with --top 0`));
  }
  lines.push("", ...outsideLines(screen.outside, width, paint));
  return lines;
}

function suspectLines(suspect: Suspect, now: number, width: number, paint: ChalkInstance): string[] {
  const share = `${padStart(percent(suspect.probability), 4)} ${bar(suspect.probability, 10)}`;
  const age = spoken(Math.max(0, now - suspect.at));
  const colored =
    suspect.probability >= 0.5 ? paint.red(share) : suspect.probability >= 0.2 ? paint.yellow(share) : share;
  const head = `${padStart(String(suspect.rank), 3)}  ${colored} ${paint.cyan(short(suspect.sha))} `;
  const room = width - columns(head) - columns(age) - 2;
  const subject = clip(visible(suspect.subject), Math.max(16, room));
  const lines = [`${head}${suspect.rank === 1 ? paint.bold(subject) : subject}  ${paint.dim(age)}`];
  for (const { text } of suspect.evidence.filter(({ weight }) => weight > 0).slice(0, EVIDENCE_SHOWN)) {
    const [first = "", ...more] = wrap(text, width - 23);
    lines.push(
      paint.dim(`${" ".repeat(21)}· ${first}`),
      ...more.map((line) => paint.dim(`${" ".repeat(23)}${line}`)),
    );
  }
  if (suspect.flags.length > 0)
    lines.push(`${" ".repeat(21)}${paint.magenta("flag")} ${suspect.flags.map(visible).join(", ")}`);
  return lines;
}

function outsideLines({ probability, signals }: OutsideCode, width: number, paint: ChalkInstance): string[] {
  const share = `${padStart(percent(probability), 4)} ${bar(probability, 10)}`;
  const lines = [
    `${paint.bold("Not the code?")}`,
    `     ${probability >= 0.5 ? paint.red(share) : share} environment, infrastructure, a dependency, or older than this range`,
  ];
  for (const signal of signals.slice(0, SIGNALS_SHOWN)) {
    const [first = "", ...more] = wrap(
      signal.kind === "environment-variable" ? `${signal.name} is ${signal.text}` : signal.text,
      width - 23,
    );
    lines.push(
      paint.dim(`${" ".repeat(21)}· ${first}`),
      ...more.map((line) => paint.dim(`${" ".repeat(23)}${line}`)),
    );
  }
  if (signals.length > SIGNALS_SHOWN)
    lines.push(paint.dim(`${" ".repeat(21)}… and ${signals.length - SIGNALS_SHOWN} more (--json has all)`));
  return lines;
}

/** Amber and red risks, the worst first; green ones are only counted. */
export function riskLines(risks: readonly Risk[], width: number, paint: ChalkInstance): string[] {
  const serious = risks
    .filter(({ level }) => level !== "green")
    .toSorted((a, b) => Number(b.level === "red") - Number(a.level === "red"));
  if (serious.length === 0) return [];
  const lines = [paint.bold("Before going back")];
  for (const risk of serious.slice(0, RISKS_SHOWN)) {
    const mark = risk.level === "red" ? paint.red("red  ") : paint.yellow("amber");
    const [first = "", ...more] = wrap(risk.text, width - 9);
    lines.push(`  ${mark}  ${first}`, ...more.map((line) => `         ${line}`));
  }
  if (serious.length > RISKS_SHOWN)
    lines.push(
      paint.dim(`         … and ${count(serious.length - RISKS_SHOWN, "more risk")}; all of them in --json`),
    );
  return lines;
}

/** What to type next. The command stands alone on its line, so that it can be copied. */
export function actionLines(actions: readonly Action[], width: number, paint: ChalkInstance): string[] {
  const lines = [paint.bold("What to do")];
  for (const action of actions) {
    lines.push(`  ${action.recommended ? paint.green("→") : " "} ${paint.bold(action.command)}`);
    lines.push(...wrap(action.why, width - 4).map((line) => paint.dim(`    ${line}`)));
  }
  return lines;
}

export function triageScreen(screen: TriageScreen, width: number, paint: ChalkInstance): string {
  const risks = riskLines(screen.risks, width, paint);
  return [
    ...rangeScreen(screen, paint),
    "",
    ...suspectScreen(screen, width, paint),
    "",
    ...(risks.length > 0 ? [...risks, ""] : []),
    ...actionLines(screen.actions, width, paint),
  ].join("\n");
}
