import type { Git } from "../git/git.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import type { ExitCode } from "../model/exit.ts";
import { short } from "../model/oid.ts";
import type { Suspect, Symptom } from "../model/triage.ts";
import { clip, padStart, percent } from "../terminal/layout.ts";
import { outsideScreen } from "../terminal/outside.ts";
import { moreSuspects, type TriageScreen } from "../terminal/triage.ts";
import { goodName } from "../triage/advice.ts";
import { FIRST_CHECKS, nextCheck } from "../triage/next-checks.ts";
import { type ChoiceName, flagOf, initial, likely, menu, type Stand } from "./choices.ts";
import type { Context } from "./context.ts";
import { changeText, readChange } from "./diff-only.ts";
import { page } from "./pager.ts";
import { knownVerbs } from "./verbs.ts";

export interface Findings {
  readonly git: Git;
  readonly screen: TriageScreen;
  /** Every change of the range, the likeliest first. */
  readonly suspects: readonly Suspect[];
  readonly symptom: Symptom;
  /** Literal paths; empty: the whole repository. */
  readonly paths: readonly string[];
  /** `--service=…`, `--path=…`, as other commands take them. */
  readonly narrow: readonly string[];
}

/** Suspects that are shown at a time when more are wanted. */
const PORTION = 10;
/** What a list to choose from takes of a line; a longer label is broken. */
const SELECT_FRAME = 16;
/** A hint behind a label needs this much room. */
const HINT_WIDTH = 64;

/**
 * The guided part of triage: tell someone, look, act, as often as the person likes. Every choice is
 * a command they could have typed. Returns the exit code of the act, or null when nothing was done.
 */
export async function guide(context: Context, findings: Findings): Promise<ExitCode | null> {
  const verbs = await knownVerbs();
  const { screen, suspects } = findings;
  let stand: Stand = {
    screen,
    suspects,
    verbs,
    told: false,
    lookedOutside: false,
    shown: screen.suspects.length,
  };
  try {
    for (;;) {
      const choice = await ask(context, stand);
      if (choice === "stop") return null;
      const argv = actOf(choice, findings);
      if (argv !== null) return await context.again([...passedOn(context), ...argv]);
      stand = await look(context, choice, findings, stand);
    }
  } catch (error) {
    if (error instanceof MaydayError && error.code === "interrupted" && stand.told)
      throw new MaydayError("interrupted; only the alert went out", { code: "interrupted", exit: 130 });
    throw error;
  }
}

async function ask({ terminal }: Context, stand: Stand): Promise<ChoiceName> {
  const items = menu(stand).map(({ value, label, hint }) => ({
    value,
    label: clip(label, terminal.width - 8),
    ...(terminal.width < HINT_WIDTH ? {} : { hint }),
  }));
  return terminal.select<ChoiceName>("What now?", items, initial(stand));
}

/** The command of a choice that ends the guided part; null for one that comes back to it. */
function actOf(choice: ChoiceName, { screen, suspects, narrow }: Findings): string[] | null {
  const { environment } = screen.standing;
  switch (choice) {
    case "rollback":
      return ["rollback", environment, `--to=${goodRevision(screen)}`, ...narrow];
    case "revert":
      return ["rollback", environment, `--only=${likely({ suspects, screen })?.sha ?? ""}`, "--via=revert"];
    case "flag":
      return ["flag", "off", flagOf({ suspects }) ?? ""];
    case "bisect":
      return ["bisect", environment, ...rangeOptions(screen), ...narrow];
    default:
      return null;
  }
}

/** Does what changes nothing here, and says where the person stands then. */
async function look(context: Context, choice: ChoiceName, findings: Findings, stand: Stand): Promise<Stand> {
  const { screen, suspects, symptom, narrow } = findings;
  const { terminal } = context;
  switch (choice) {
    case "tell":
      return { ...stand, told: (await tell(context, findings, stand)) || stand.told };
    case "suspect": {
      const suspect = await chooseSuspect(context, stand);
      if (suspect !== null) await showSuspect(context, findings, suspect);
      return stand;
    }
    case "diff": {
      const said = symptom.text === "" ? [] : [`--symptom=${symptom.text}`];
      await context.again([
        ...passedOn(context),
        "diff",
        screen.standing.environment,
        ...rangeOptions(screen),
        ...said,
        ...narrow,
      ]);
      return stand;
    }
    case "outside": {
      const { outside } = screen;
      const facts = { outside, checks: outside.signals.map(nextCheck), first: FIRST_CHECKS };
      terminal.answer(`\n${outsideScreen(facts, terminal.width, await terminal.paint())}\n`);
      return { ...stand, lookedOutside: true };
    }
    case "more": {
      const next = suspects.slice(stand.shown, stand.shown + PORTION);
      const lines = moreSuspects(next, screen.now, terminal.width, await terminal.paint());
      terminal.answer(`\n${lines.join("\n")}\n`);
      return { ...stand, shown: stand.shown + next.length };
    }
    default:
      return stand;
  }
}

/** Which of the suspects that were shown; null: none after all. */
async function chooseSuspect(
  { terminal }: Context,
  { suspects, shown }: Pick<Stand, "suspects" | "shown">,
): Promise<Suspect | null> {
  const [only] = suspects;
  if (suspects.length === 1 && only) return only;
  const items = suspects.slice(0, shown).map(({ sha, probability, subject }) => ({
    value: sha,
    label: clip(
      `${padStart(percent(probability), 4)} ${short(sha)} ${visible(subject)}`,
      terminal.width - SELECT_FRAME,
    ),
  }));
  const chosen = await terminal.select("Which one?", [...items, { value: "", label: "None, back" }]);
  return suspects.find(({ sha }) => sha === chosen) ?? null;
}

async function showSuspect(context: Context, findings: Findings, { sha }: Suspect): Promise<void> {
  const { git, paths, screen, symptom } = findings;
  const { terminal } = context;
  const change = await readChange(
    context,
    { git, paths, live: screen.standing.live.sha, symptom: symptom.text === "" ? null : symptom },
    sha,
  );
  const text = changeText(context, change)(await terminal.paint(), terminal.width);
  if (!(await page(context, `\n${text}\n`))) terminal.answer(`\n${text}\n`);
}

/** Sends an alert; true when somebody got it. */
async function tell(context: Context, findings: Findings, stand: Stand): Promise<boolean> {
  const proposal = defaultMessage(findings, stand.lookedOutside);
  const message = (
    await context.terminal.ask("What shall they read? (Enter: as it stands)", proposal)
  ).trim();
  const exit = await context.again([
    ...passedOn(context),
    "alert",
    `--env=${findings.screen.standing.environment}`,
    "--",
    message === "" ? proposal : message,
  ]);
  return exit === 0 || exit === 8;
}

/** A name says more than an id, in the plan and in the commit's message. */
function goodRevision({ standing: { good } }: TriageScreen): string {
  const name = goodName(good);
  return good.sha.startsWith(name) ? good.sha : name;
}

function rangeOptions(screen: TriageScreen): string[] {
  return [`--good=${goodRevision(screen)}`, `--live=${screen.standing.live.sha}`];
}

/** Global options hold for what is called from here too. */
function passedOn(context: Context): string[] {
  const { directory, config, quiet, verbose, offline, noColor } = context.globals;
  return [
    ...(directory === null ? [] : ["-C", directory]),
    ...(config === null ? [] : ["--config", config]),
    ...(quiet ? ["--quiet"] : []),
    ...(verbose ? ["--verbose"] : []),
    ...(offline ? ["--offline"] : []),
    ...(noColor ? ["--no-color"] : []),
  ];
}

function defaultMessage({ screen, symptom, suspects }: Findings, lookedOutside: boolean): string {
  const seen = visible(
    symptom.text
      .split("\n")
      .find((line) => line.trim() !== "")
      ?.trim() ?? "",
  );
  const [first] = suspects;
  const { signals, probability } = screen.outside;
  const points = signals
    .slice(0, 2)
    .map(({ kind, name }) => (kind === "environment-variable" ? name : visible(name)));
  const cause = lookedOutside
    ? `; it may not be the code${points.length === 0 ? "" : ` (${points.join(", ")})`}`
    : first && first.probability > probability
      ? `; first suspect ${short(first.sha)} (${percent(first.probability)})`
      : "";
  return `${screen.standing.environment} is broken${seen === "" ? "" : `: ${seen.slice(0, 160)}`}${cause}`;
}
