import { availableParallelism } from "node:os";

import { type JudgedRef, judge } from "../check/judge.ts";
import { outgoing, rangeOf } from "../check/outgoing.ts";
import { commandsOf, planChecks, type TargetPlan } from "../check/plan.ts";
import { parsePrePush } from "../check/prepush.ts";
import { type CheckReport, runPlans, spell } from "../check/run.ts";
import { readSkips, recordSkips, requireCheck, skipCommand, skipPush, type Skips } from "../check/skips.ts";
import type { Configuration } from "../config/load.ts";
import { chooseEnvironment } from "../environment/target.ts";
import type { Git } from "../git/git.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import { entriesOf } from "../trust/entries.ts";
import { isBad, planText, refText, resultText } from "./check-text.ts";
import { consented } from "./consent.ts";
import type { Context, Outcome } from "./context.ts";
import { type Options, textOption } from "./gather.ts";

const INACTIVE = /(?:^|\.)(?:policy|builtin|cache)(?:\.|$)/;

/** `mayday check`: by hand, or as git's pre-push hook. */
export async function check(context: Context, args: readonly unknown[], options: Options): Promise<Outcome> {
  const hook = textOption(options, "hook");
  if (hook === undefined) return run(context, strings(args[0]), options, null);
  if (hook !== "pre-push") {
    throw new MaydayError(`mayday does not answer git's hook ${visible(hook)}`, {
      code: "unknown-hook",
      exit: 2,
      hint: "mayday check --hook pre-push <remote> <url>",
    });
  }
  const probe = context.world.env["MAYDAY_PROBE"];
  if (probe !== undefined && probe !== "") return blockProbe(context, probe);
  const [remote, url] = strings(args[0]);
  if (remote === undefined || context.world.stdin.isTTY === true) {
    throw new MaydayError(
      "git gives a pre-push hook the remote's name, its URL, and lines on standard input",
      {
        code: "usage",
        exit: 2,
        hint: "to check by hand: mayday check",
      },
    );
  }
  return run(context, [], options, { remote, url: url ?? remote, lines: await readLines(context) });
}

interface HookCall {
  readonly remote: string;
  readonly url: string;
  readonly lines: string;
}

async function run(
  context: Context,
  names: readonly string[],
  options: Options,
  call: HookCall | null,
): Promise<Outcome> {
  const git = await context.git();
  const configuration = await context.configuration();
  const { settings } = configuration;
  const known = Object.keys(settings.checks);
  const { env } = context.world;
  const skips = readSkips(
    {
      names: strings(options["skip"]),
      reason: textOption(options, "reason") ?? null,
      fromEnvironment: { skip: env["MAYDAY_SKIP"], reason: env["MAYDAY_REASON"] },
    },
    known,
  );
  for (const name of names) requireCheck(name, known);
  const inactive = settings.inactive.filter((name) => INACTIVE.test(name));
  if (inactive.length > 0) {
    const label = visible(configuration.label ?? "mayday.yaml");
    await context.terminal.warn(`${label}: this version does not act on ${inactive.map(visible).join(", ")}`);
  }
  const pushed = await pushedRefs(context, git, configuration, options, call);
  const wish = { names, skips, all: options["all"] === true, hook: call !== null };
  const plans = await planChecks(git, settings, pushed.refs, { ...wish, ...pushed });
  if (options["plan"] === true) return planOutcome(pushed.refs, plans, known.length);
  if (known.length > 0) {
    await recordSkips(git, skips, {
      at: context.world.now(),
      via: call === null ? "command" : "pre-push",
      refs: pushed.refs.map(({ remoteRef, localSha }) => ({ remoteRef, localSha })),
    });
  }
  const reports = await execute(context, git, configuration, plans);
  return outcome(context, {
    refs: pushed.refs,
    plans,
    reports,
    hook: call !== null,
    known: known.length,
    skips,
  });
}

interface Pushed {
  readonly refs: readonly JudgedRef[];
  readonly remote: string;
  readonly environment: string | null;
}

async function pushedRefs(
  context: Context,
  git: Git,
  { settings }: Configuration,
  options: Options,
  call: HookCall | null,
): Promise<Pushed> {
  const { offline } = context.globals;
  const env = textOption(options, "env");
  const fallback = context.world.env["MAYDAY_ENV"];
  const environment =
    env === undefined ? null : await chooseEnvironment(git, settings, env, fallback, "check --env");
  if (call !== null) {
    const refs = await judge(git, parsePrePush(call.lines), { ...call, offline });
    return { refs, remote: call.remote, environment };
  }
  const range = textOption(options, "range");
  if (range !== undefined) return { refs: [await rangeOf(git, range)], remote: "", environment };
  const { lines, remote, environment: chosen } = await outgoing(git, settings, { env, fallback });
  const refs = await judge(git, lines, { remote, url: remote, offline: true });
  return { refs, remote, environment: environment ?? chosen };
}

async function execute(
  context: Context,
  git: Git,
  configuration: Configuration,
  plans: readonly TargetPlan[],
): Promise<CheckReport[]> {
  const keys = commandsOf(plans, configuration.settings);
  const wanted =
    keys.length === 0 ? [] : entriesOf(configuration).filter(({ where }) => keys.includes(where));
  const { allowed } = await consented(context, configuration, wanted, "to check what is pushed");
  const total = plans.reduce(
    (sum, { choices }) => sum + choices.filter(({ todo }) => todo === "run").length,
    0,
  );
  return context.terminal.during("checking", (update) =>
    runPlans(git, configuration.settings, plans, {
      env: context.world.env,
      signal: context.world.signal,
      cores: availableParallelism(),
      allowed,
      onChange: (running, done) =>
        update(
          `${done} of ${total} done${running.length > 0 ? ` · ${running.map(visible).join(", ")}` : ""}`,
        ),
    }),
  );
}

interface Done {
  readonly refs: readonly JudgedRef[];
  readonly plans: readonly TargetPlan[];
  readonly reports: readonly CheckReport[];
  readonly hook: boolean;
  /** How many checks are configured. */
  readonly known: number;
  readonly skips: Skips;
}

async function outcome(context: Context, done: Done): Promise<Outcome> {
  const { refs, plans, reports, hook, known } = done;
  const bad = reports.filter(({ status }) => isBad(status));
  const refused = reports.filter((report) => report.refused);
  const exit = refused.length > 0 ? EXIT.refused : bad.length > 0 ? EXIT.no : EXIT.done;
  const { verbose, quiet } = context.globals;
  const text = { hook, verbose, quiet };
  const nothing = known === 0 ? "no checks are configured\nnext  mayday init" : nothingText(refs);
  const document = {
    schema: "mayday/check@1",
    ok: exit === EXIT.done,
    refs: refs.map(refDocument),
    results: reports.map(resultDocument),
  };
  const error = exit === EXIT.done ? {} : { error: failure(reports, hook) };
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

function failure(
  reports: readonly CheckReport[],
  hook: boolean,
): { code: string; message: string; hint: string; ids?: readonly string[] } {
  const refused = reports.filter((report) => report.refused);
  const named = (list: readonly CheckReport[]): string[] => [...new Set(list.map(({ name }) => name))];
  if (refused.length > 0) {
    const names = named(refused);
    return {
      code: "needs-consent",
      message: `${names.map(visible).join(", ")} cannot run: you have not agreed to what mayday.yaml runs here`,
      hint: "look at it and agree: mayday trust",
      ids: names.map((name) => `checks.${name}`),
    };
  }
  const bad = named(reports.filter(({ status }) => isBad(status)));
  const skip = hook ? skipPush(bad) : skipCommand(bad);
  return {
    code: "check-failed",
    message: `${bad.length} of ${named(reports).length} checks did not pass: ${bad.map(visible).join(", ")}`,
    hint: `${hook ? "fix it, commit, push again" : "fix it, then: mayday check"}\nto leave it out, on the record: ${skip}`,
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

function planOutcome(refs: readonly JudgedRef[], plans: readonly TargetPlan[], known: number): Outcome {
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

/** `mayday hook status` asks whether the gate shuts: this is the gate, shutting. It lets nothing through. */
async function blockProbe(context: Context, probe: string): Promise<Outcome> {
  context.terminal.error(`mayday-probe ${visible(probe)}`);
  return {
    exit: EXIT.no,
    document: { schema: "mayday/check@1", ok: false, refs: [], results: [] },
    text: "",
  };
}

/** git's lines; the hook has read the first itself, to see whether anything is pushed at all. */
async function readLines(context: Context): Promise<string> {
  const first = context.world.env["MAYDAY_FIRST_LINE"] ?? "";
  const chunks: Buffer[] = [];
  for await (const chunk of context.world.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return `${first === "" ? "" : `${first}\n`}${Buffer.concat(chunks).toString("utf8")}`;
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}
