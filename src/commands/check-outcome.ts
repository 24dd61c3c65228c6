import type { JudgedRef } from "../check/judge.ts";
import type { TargetPlan } from "../check/plan.ts";
import { type CheckReport, spell } from "../check/run.ts";
import { skipCommand, skipPush } from "../check/skips.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import { isBad, planText, refText, resultText } from "./check-text.ts";
import type { Context, Outcome } from "./context.ts";

/** All that a run has come to. */
export interface Done {
  readonly refs: readonly JudgedRef[];
  readonly plans: readonly TargetPlan[];
  readonly reports: readonly CheckReport[];
  readonly hook: boolean;
  /** How many checks are configured. */
  readonly known: number;
  /** The configuration says how a temporary worktree gets its dependencies. */
  readonly prepares: boolean;
}

/** The answer to `mayday check`: document, text and exit code. */
export async function outcome(context: Context, done: Done): Promise<Outcome> {
  const { refs, plans, reports, hook, known } = done;
  const bad = reports.filter(({ status }) => isBad(status));
  const refused = reports.filter((report) => report.refused !== null);
  const exit = refused.length > 0 ? EXIT.refused : bad.length > 0 ? EXIT.no : EXIT.done;
  const { verbose, quiet } = context.globals;
  // By hand the table is the answer; in a push it is talk.
  const text = { hook, verbose, quiet: quiet && hook };
  const nothing = known === 0 ? "no checks are configured\nnext  mayday init" : nothingText(refs);
  const document = {
    schema: "mayday/check@1",
    ok: exit === EXIT.done,
    refs: refs.map(refDocument),
    results: reports.map(resultDocument),
  };
  const error = exit === EXIT.done ? {} : { error: failure(done) };
  if (!hook) {
    return {
      exit,
      document,
      text: reports.length === 0 ? nothing : (paint, width) => resultText(plans, reports, paint, width, text),
      ...error,
    };
  }
  // As a hook stdout is the push's own (`git push --porcelain`): what is said goes to stderr.
  const paint = await context.terminal.paintTalk();
  const said =
    reports.length === 0 ? nothing : resultText(plans, reports, paint, context.terminal.width, text);
  if (said !== "" && exit === EXIT.done) context.terminal.say(said);
  else if (said !== "" && !context.terminal.json) context.terminal.error(said);
  return { exit, document, text: "", ...error };
}

function nothingText(refs: readonly JudgedRef[]): string {
  return refs.length === 0
    ? "nothing is pushed"
    : `nothing to check: ${refs.slice(0, 3).map(refText).join("; ")}${refs.length > 3 ? `; ${refs.length - 3} more` : ""}`;
}

function failure({ plans, reports, hook, prepares }: Done): {
  code: string;
  message: string;
  hint: string;
  ids?: readonly string[];
} {
  const refused = reports.filter((report) => report.refused !== null);
  const named = (list: readonly CheckReport[]): string[] => [...new Set(list.map(({ name }) => name))];
  if (refused.length > 0) {
    const names = named(refused);
    return {
      code: "needs-consent",
      message: `${names.map(visible).join(", ")} cannot run: you have not agreed to what mayday.yaml runs here`,
      hint: "look at it and agree: mayday trust",
      ids: [...new Set(refused.flatMap((report) => report.refused ?? []))],
    };
  }
  const bad = named(reports.filter(({ status }) => isBad(status)));
  const skip = hook ? skipPush(bad) : skipCommand(bad);
  // A bare worktree has no installed dependencies: the commonest reason to fail in one.
  const bare = !prepares && plans.some(({ standing }) => standing?.inPlace === false);
  const prepare = bare && reports.some(({ status, text }) => status === "error" || text.includes("127"));
  return {
    code: "check-failed",
    message: `${bad.length} of ${named(reports).length} checks did not pass: ${bad.map(visible).join(", ")}`,
    hint: `${hook ? "fix it, commit, push again" : "fix it, then: mayday check"}\nto leave it out, on the record: ${skip}${prepare ? "\nthe temporary worktree has no dependencies; in mayday.yaml: worktree: {prepare: npm ci, link: [node_modules]}" : ""}`,
  };
}

/** The output of what failed goes along, its end at least: a program has no terminal to look at. */
function resultDocument(report: CheckReport): object {
  const { name, kind, status, ms, text, findings, commit, command, output } = report;
  const tail = output.split("\n").slice(-200).join("\n");
  return {
    name,
    kind,
    status,
    ms,
    text,
    findings,
    commit,
    ...(command === "" ? {} : { command }),
    ...(isBad(status) && tail !== "" ? { output: tail } : {}),
  };
}

function refDocument({ localRef, localSha, remoteRef, remoteSha, kind, base }: JudgedRef): object {
  return { localRef, localSha, remoteRef, remoteSha, kind, base };
}

/** The answer to `mayday check --plan`. */
export function planOutcome(
  refs: readonly JudgedRef[],
  plans: readonly TargetPlan[],
  known: number,
): Outcome {
  return {
    exit: EXIT.done,
    document: {
      schema: "mayday/check-plan@1",
      refs: refs.map(refDocument),
      targets: plans.map(({ target, choices, standing, environment, changed }) => ({
        commit: target.commit,
        tree: target.tree,
        environment,
        changed,
        inPlace: standing?.inPlace ?? null,
        because: standing?.inPlace === false ? standing.because : null,
        checks: choices.map((choice) => ({
          name: choice.check.name,
          kind: choice.check.kind,
          runs: choice.todo === "run",
          command: spell(choice.check.run),
          files: choice.todo === "run" ? choice.files : [],
          text: choice.todo === "run" ? "" : choice.text,
        })),
      })),
    },
    text: (paint) =>
      known === 0
        ? "no checks are configured\nnext  mayday init"
        : plans.length === 0
          ? nothingText(refs)
          : planText(plans, paint),
  };
}
