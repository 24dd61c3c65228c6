import { visible } from "../model/escape.ts";
import type { ExitCode } from "../model/exit.ts";
import { short } from "../model/oid.ts";
import type { TriageScreen } from "../terminal/triage.ts";
import { percent } from "../terminal/layout.ts";
import { goodName } from "../triage/advice.ts";
import type { Context } from "./context.ts";

type Choice = "tell" | "rollback" | "diff" | "stop";

/**
 * The guided part of triage: tell someone, look, act, as often as the person likes. Every choice is
 * a command they could have typed. Returns the exit code of the act, or null when nothing was done.
 */
export async function guide(
  context: Context,
  screen: TriageScreen,
  symptom: string,
  narrow: readonly string[],
): Promise<ExitCode | null> {
  const { terminal } = context;
  const { environment, good } = screen.standing;
  const to = goodName(good);
  const canGoBack = screen.suspects.length > 0;
  // A name says more than an id, in the plan and in the commit's message.
  const named = good.sha.startsWith(to) ? good.sha : to;
  const pass = passedOn(context);
  const recommended: Choice = screen.actions[0]?.action === "rollback" ? "rollback" : "tell";
  let next: Choice = "tell";
  let told = false;
  for (;;) {
    const choice = await terminal.select<Choice>(
      "What now?",
      [
        {
          value: "tell",
          label: told ? "Tell someone again" : "Tell someone",
          hint: "alert the on-call channels",
        },
        ...(canGoBack
          ? [
              {
                value: "rollback" as const,
                label: `Roll back to ${to}`,
                hint: "shows the plan and asks first",
              },
              { value: "diff" as const, label: "Look at what changed", hint: "file by file" },
            ]
          : []),
        {
          value: "stop",
          label: "Stop here",
          hint: told ? "only the alert went out" : "nothing was changed",
        },
      ],
      next,
    );
    next = recommended;
    if (choice === "stop") return null;
    if (choice === "diff")
      await context.again([
        ...pass,
        "diff",
        environment,
        `--good=${named}`,
        `--live=${screen.standing.live.sha}`,
        ...narrow,
      ]);
    if (choice === "tell") {
      const proposal = defaultMessage(screen, symptom);
      const message = (await terminal.ask("What shall they read? (Enter: as it stands)", proposal)).trim();
      const exit = await context.again([
        ...pass,
        "alert",
        `--env=${environment}`,
        "--",
        message === "" ? proposal : message,
      ]);
      told ||= exit === 0 || exit === 8;
    }
    if (choice === "rollback")
      return context.again([...pass, "rollback", environment, `--to=${named}`, ...narrow]);
  }
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

function defaultMessage(screen: TriageScreen, symptom: string): string {
  const [first] = screen.suspects;
  const seen = visible(
    symptom
      .split("\n")
      .find((line) => line.trim() !== "")
      ?.trim() ?? "",
  );
  const suspect =
    first && first.probability > screen.outside.probability
      ? `; first suspect ${short(first.sha)} (${percent(first.probability)})`
      : "";
  return `${screen.standing.environment} is broken${seen === "" ? "" : `: ${seen.slice(0, 160)}`}${suspect}`;
}
