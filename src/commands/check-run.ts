import { availableParallelism } from "node:os";

import { type BadPush, badPushes } from "../check/bad-tree.ts";
import { type JudgedRef, judge } from "../check/judge.ts";
import { commandsOf, planChecks, type TargetPlan } from "../check/plan.ts";
import { parsePrePush } from "../check/prepush.ts";
import { type CheckReport, runPlans } from "../check/run.ts";
import { readSkips, recordSkips, requireCheck } from "../check/skips.ts";
import type { Configuration } from "../config/load.ts";
import type { Git } from "../git/git.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import { short } from "../model/oid.ts";
import { outcome, planOutcome } from "./check-outcome.ts";
import type { Context, Outcome } from "./context.ts";
import { type Options, strings, textOption } from "./options.ts";

const INACTIVE = /(?:^|\.)(?:policy|builtin|cache)(?:\.|$)/;

/** What git has told its hook. */
export interface HookCall {
  readonly remote: string;
  readonly url: string;
  readonly lines: string;
}

/** The check itself: what is pushed, what must hold, does it. */
export async function run(
  context: Context,
  names: readonly string[],
  options: Options,
  call: HookCall | null,
): Promise<Outcome> {
  // A push waits for this: what does not need each other is done at once.
  const hooked = call === null ? null : judgeHook(context, call);
  const [git, configuration, judged] = await Promise.all([context.git(), context.configuration(), hooked]);
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
  const pushed = await pushedRefs(context, git, configuration, options, judged);
  const wish = { names, skips, all: options["all"] === true, hook: call !== null };
  const plans = await planChecks(git, settings, pushed.refs, { ...wish, ...pushed });
  if (options["plan"] === true) return planOutcome(pushed.refs, plans, known.length);
  const bad = await badPushes(git, settings, pushed.refs, pushed.remote);
  if (bad.length > 0) throw comesBack(bad);
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
    prepares: settings.worktree.prepare !== undefined || settings.worktree.link.length > 0,
  });
}

/** What was rolled back is not let through again by accident: exit 3. */
function comesBack(bad: readonly BadPush[]): MaydayError {
  const lines = bad.map(
    ({ environment, ref, sha, reason }) =>
      `${visible(ref.localRef)} holds exactly the files of ${short(sha)}, which is marked bad in ${environment}: ${visible(reason)}`,
  );
  return new MaydayError(lines.join("\n"), {
    code: "marked-bad",
    exit: EXIT.refused,
    ids: bad.map(({ environment, sha }) => `bad:${environment}:${short(sha)}`),
    hint: "if the rollback was wrong: mayday undo   (brings it back and takes the mark away)\npast every hook, this once: git push --no-verify",
  });
}

interface Pushed {
  readonly refs: readonly JudgedRef[];
  readonly remote: string;
  readonly environment: string | null;
}

async function judgeHook(context: Context, call: HookCall): Promise<Omit<Pushed, "environment">> {
  const lines = parsePrePush(call.lines);
  const { offline } = context.globals;
  return { refs: await judge(await context.git(), lines, { ...call, offline }), remote: call.remote };
}

async function pushedRefs(
  context: Context,
  git: Git,
  { settings }: Configuration,
  options: Options,
  judged: Omit<Pushed, "environment"> | null,
): Promise<Pushed> {
  const env = textOption(options, "env");
  if (judged !== null && env === undefined) return { ...judged, environment: null };
  const { chosenEnvironment, outgoing, rangeOf } = await import("../check/outgoing.ts");
  const fallback = context.world.env["MAYDAY_ENV"];
  const environment = env === undefined ? null : await chosenEnvironment(git, settings, env);
  if (judged !== null) return { ...judged, environment };
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
  const allowed = await allowedOf(context, configuration, commandsOf(plans, configuration.settings));
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

/** Which of these places of the configuration may run: the one gate for a repository's commands. */
async function allowedOf(
  context: Context,
  configuration: Configuration,
  places: readonly string[],
): Promise<ReadonlySet<string>> {
  if (places.length === 0) return new Set();
  const [{ consented }, { entriesOf }] = await Promise.all([
    import("./consent.ts"),
    import("../trust/entries.ts"),
  ]);
  const wanted = entriesOf(configuration).filter(({ where }) => places.includes(where));
  return (await consented(context, configuration, wanted, "to check what is pushed")).allowed;
}
