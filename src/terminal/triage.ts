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
  /** Why the range is empty, where it is: one sentence. */
  readonly nothing: string | null;
  readonly suspects: readonly Suspect[];
  readonly suspectsInAll: number;
  readonly outside: OutsideCode;
  readonly risks: readonly Risk[];
  readonly actions: readonly Action[];
  readonly now: number;
}

const EVIDENCE_SHOWN = 3;
/** From this share on a suspect's evidence is shown; the first suspect's always. */
const WORTH_WORDS = 0.03;
const SIGNALS_SHOWN = 6;
const RISKS_SHOWN = 6;

/** What is known before anything is ranked. */
export type RangeScreen = Pick<TriageScreen, "standing" | "range" | "areas" | "nothing" | "now">;

/** What is live, what changed. */
export function rangeScreen(screen: RangeScreen, width: number, paint: ChalkInstance): string[] {
  const { standing, range, nothing } = screen;
  const lines = [standingTitle(standing, paint), ...standingLines(standing, screen.now, paint, width), ""];
  if (nothing !== null) {
    lines.push(paint.bold("Nothing changed"), ...wrap(nothing, width - 2).map((line) => `  ${line}`));
    return lines;
  }
  const changes = changesText(range.firstParent, range.commits);
  const files = `${count(range.files, "file")}, ${plusMinus(range.insertions, range.deletions, paint)}`;
  const title = paint.bold("What changed");
  if (columns(title) + columns(changes) + columns(files) + 4 <= width)
    lines.push(`${title}  ${changes}, ${files}`);
  else lines.push(title, `  ${changes},`, `  ${files}`);
  lines.push(...areaLines(screen.areas, paint, width));
  return lines;
}

/** Narrower than this a suspect's subject stands on a line of its own. */
const WIDE = 72;

/** How far evidence is set in: below the subject where there is room. */
function inset(width: number): number {
  return width >= WIDE ? 21 : 5;
}

/** Who did it, as far as evidence goes. */
export function suspectScreen(screen: TriageScreen, width: number, paint: ChalkInstance): string[] {
  const lines: string[] = [];
  if (screen.suspects.length > 0) {
    const hint = "no symptom given: only size and recency speak; add --symptom";
    if (screen.symptomGiven) lines.push(paint.bold("Suspects"));
    else if (width >= WIDE) lines.push(`${paint.bold("Suspects")}  ${paint.yellow(hint)}`);
    else
      lines.push(paint.bold("Suspects"), ...wrap(hint, width - 2).map((line) => `  ${paint.yellow(line)}`));
    for (const suspect of screen.suspects) lines.push(...suspectLines(suspect, screen.now, width, paint));
    const rest = screen.suspectsInAll - screen.suspects.length;
    if (rest > 0)
      lines.push(
        ...wrap(`… and ${count(rest, "less likely change")}; all of them with --top 0`, width - 5).map(
          (line) => paint.dim(`     ${line}`),
        ),
      );
    lines.push("");
  }
  lines.push(...outsideLines(screen.outside, width, paint));
  return lines;
}

/** Further suspects, below those that were shown. */
export function moreSuspects(
  suspects: readonly Suspect[],
  now: number,
  width: number,
  paint: ChalkInstance,
): string[] {
  return suspects.flatMap((suspect) => suspectLines(suspect, now, width, paint));
}

function suspectLines(suspect: Suspect, now: number, width: number, paint: ChalkInstance): string[] {
  const share = `${padStart(percent(suspect.probability), 4)} ${bar(suspect.probability, 10)}`;
  const age = spoken(Math.max(0, now - suspect.at));
  const colored =
    suspect.probability >= 0.5 ? paint.red(share) : suspect.probability >= 0.2 ? paint.yellow(share) : share;
  const head = `${padStart(String(suspect.rank), 3)}  ${colored} ${paint.cyan(short(suspect.sha))} `;
  const wide = width >= WIDE;
  const room = wide ? width - columns(head) - columns(age) - 2 : width - 5;
  const plain = clip(visible(suspect.subject), room);
  const subject = suspect.rank === 1 ? paint.bold(plain) : plain;
  const lines = wide
    ? [`${head}${subject}  ${paint.dim(age)}`]
    : [`${head} ${paint.dim(age)}`, `     ${subject}`];
  // Why one of a long tail is there costs more lines than it says.
  if (suspect.rank > 1 && suspect.probability < WORTH_WORDS) return lines;
  // What speaks against it is said too, where nothing speaks for it.
  const speaking = suspect.evidence.filter(({ weight }) => weight > 0);
  for (const { text } of (speaking.length > 0 ? speaking : suspect.evidence).slice(0, EVIDENCE_SHOWN))
    lines.push(...pointLines(text, width, paint));
  if (suspect.flags.length > 0) {
    const [first = "", ...more] = wrap(suspect.flags.map(visible).join(", "), width - inset(width) - 5);
    const left = " ".repeat(inset(width));
    lines.push(`${left}${paint.magenta("flag")} ${first}`, ...more.map((line) => `${left}     ${line}`));
  }
  return lines;
}

function pointLines(text: string, width: number, paint: ChalkInstance): string[] {
  const left = " ".repeat(inset(width));
  const [first = "", ...more] = wrap(text, width - inset(width) - 2);
  return [paint.dim(`${left}· ${first}`), ...more.map((line) => paint.dim(`${left}  ${line}`))];
}

function outsideLines({ probability, signals }: OutsideCode, width: number, paint: ChalkInstance): string[] {
  const share = `${padStart(percent(probability), 4)} ${bar(probability, 10)}`;
  const [first = "", ...more] = wrap(
    "environment, infrastructure, a dependency, or older than this range",
    width - 21,
  );
  const lines = [
    paint.bold("Not the code?"),
    `     ${probability >= 0.5 ? paint.red(share) : share} ${first}`,
    ...more.map((line) => `${" ".repeat(21)}${line}`),
  ];
  for (const signal of signals.slice(0, SIGNALS_SHOWN)) {
    const text = signal.kind === "environment-variable" ? `${signal.name} is ${signal.text}` : signal.text;
    lines.push(...pointLines(text, width, paint));
  }
  if (signals.length > SIGNALS_SHOWN)
    lines.push(
      paint.dim(`${" ".repeat(inset(width))}… and ${signals.length - SIGNALS_SHOWN} more (--json has all)`),
    );
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
      ...wrap(
        `… and ${count(serious.length - RISKS_SHOWN, "more risk")}; all of them in --json`,
        width - 9,
      ).map((line) => paint.dim(`         ${line}`)),
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

/** What the ranking says; it stands below the range. */
export function rankingScreen(screen: TriageScreen, width: number, paint: ChalkInstance): string[] {
  const risks = screen.nothing === null ? riskLines(screen.risks, width, paint) : [];
  return [
    "",
    ...suspectScreen(screen, width, paint),
    "",
    ...(risks.length > 0 ? [...risks, ""] : []),
    ...actionLines(screen.actions, width, paint),
  ];
}
