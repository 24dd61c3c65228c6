import { environmentSettings } from "../environment/target.ts";
import type { Git } from "../git/git.ts";
import { listTree } from "../git/objects.ts";
import { treeOf, tryResolve } from "../git/revision.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import { type Oid, short } from "../model/oid.ts";
import type { RollbackPlan, Rung } from "../model/rollback.ts";
import { withLock } from "../rollback/lock.ts";
import { type Operation, readOperations, unfinished } from "../rollback/operations.ts";
import { planRollback } from "../rollback/plan.ts";
import { judgeProof } from "../rollback/prove.ts";
import { whereIs } from "../rollback/publish.ts";
import { giveUp } from "../rollback/settle.ts";
import { planScreen, rungLines } from "../terminal/rollback.ts";
import { standingLines } from "../terminal/standing.ts";
import { shellWord } from "../triage/advice.ts";
import { act, interruptedBefore, nothingToContinue } from "./act.ts";
import { rollbackDocument } from "./act-document.ts";
import { askSight, needsProbes, proveLive } from "./act-proof.ts";
import type { Context, Outcome } from "./context.ts";
import { chooseHere, gather, type Gathered, pathOption } from "./gather.ts";
import { type Options, textArgument, textOption } from "./options.ts";

/** `mayday rollback [env]`: plan, show, ask, act, prove. */
export async function rollback(
  context: Context,
  args: readonly unknown[],
  options: Options,
): Promise<Outcome> {
  const [goOn, giveItUp] = [options["continue"] === true, options["abort"] === true];
  if (goOn && giveItUp) throw oneOfTwo();
  if (goOn) return resume(context, textArgument(args, 0));
  if (giveItUp) return abort(context, textArgument(args, 0));
  const planOnly = options["plan"] === true || options["dryRun"] === true;
  const gathered = await gather(context, textArgument(args, 0), options, "rollback");
  const { git, settings, environment, facts, paths } = gathered;
  const { standing } = facts;
  if (standing.remote === null && standing.branch === "HEAD") throw detached(environment);
  const open = unfinished(await operationsHere(context, git), environment);
  if (open !== undefined && !planOnly) throw interruptedBefore(open);
  const only = [...paths, ...pathOption(context, git, options["only"])];
  await requirePaths(git, [standing.tip, standing.good.sha], only);
  const plan = await context.terminal.during("planning", () =>
    planRollback(git, {
      facts,
      settings: environmentSettings(settings, environment),
      only,
      reason: textOption(options, "reason")?.trim() ?? "",
      push: options["push"] !== false,
      verify: options["verify"] !== false,
      now: context.world.now(),
    }),
  );
  if (planOnly) return planned(plan);
  if (plan.tree === (await treeOf(git, plan.tip))) return alreadySo(context, gathered, plan, only);
  const repeat = commandAgain(environment, options);
  checkRisks(plan, textOption(options, "accept"), repeat);
  if (context.terminal.interactive) {
    const paint = await context.terminal.paint();
    context.terminal.answer(
      `${standingLines(standing, context.world.now(), paint, context.terminal.width).join("\n")}\n\n${planScreen(plan, context.terminal.width, paint)}\n`,
    );
  }
  const count = plan.undone.length;
  await confirmed(
    context,
    `Roll back ${environment}?`,
    repeat,
    plan,
    `${count} ${count === 1 ? "commit goes" : "commits go"} out`,
  );
  return act(context, { git, settings, plan, resumed: null, undoes: null });
}

function oneOfTwo(): MaydayError {
  return new MaydayError("--continue and --abort say the opposite of each other", {
    code: "usage",
    exit: EXIT.usage,
    hint: "mayday rollback --continue, or mayday rollback --abort",
  });
}

function detached(environment: string): MaydayError {
  return new MaydayError("HEAD is detached and there is no remote, so it is unknown which branch is meant", {
    code: "no-branch",
    exit: EXIT.usage,
    hint: `git switch <branch>, or set environments.${environment}.branch in mayday.yaml`,
  });
}

async function operationsHere(context: Context, git: Git): Promise<readonly Operation[]> {
  const { operations, unreadable } = await readOperations(git);
  if (unreadable > 0)
    await context.terminal.warn(
      `${unreadable} ${unreadable === 1 ? "entry" : "entries"} of this clone's operation log cannot be read and ${unreadable === 1 ? "is" : "are"} passed over (git for-each-ref refs/mayday/op shows what was made)`,
    );
  return operations;
}

/** A path that is in neither commit is a mistake, and no reason to say that all is well. */
async function requirePaths(git: Git, commits: readonly Oid[], only: readonly string[]): Promise<void> {
  for (const name of only) {
    const found = await Promise.all(commits.map((commit) => listTree(git, commit, [name])));
    if (found.some((entries) => entries.length > 0)) continue;
    const isCommit = (await tryResolve(git, name)) !== undefined;
    throw new MaydayError(
      isCommit
        ? `${visible(name)} is a commit; --only takes paths`
        : `there is no ${visible(name)} in either commit`,
      {
        code: "unknown-path",
        exit: EXIT.usage,
        hint: isCommit ? `git revert ${visible(name)}` : "git ls-files, and give the path from here",
      },
    );
  }
}

function planned(plan: RollbackPlan): Outcome {
  return {
    exit: EXIT.done,
    document: {
      ...rollbackDocument(plan, null, null, false),
      proof: { wanted: plan.wanted, reached: null, rungs: [] },
    },
    text: (paint, width) => `${planScreen(plan, width, paint)}\n\n${paint.dim("nothing was changed")}`,
  };
}

/** Asks on a terminal; off one only `--yes` goes on. */
export async function confirmed(
  context: Context,
  question: string,
  repeat: string,
  plan: RollbackPlan,
  effect: string,
): Promise<void> {
  if (context.globals.yes) return;
  if (context.terminal.interactive) {
    if (await context.terminal.confirm(question, false)) return;
    throw new MaydayError("nothing was changed", { code: "declined", exit: EXIT.no, hint: "" });
  }
  const { schema: _, ...members } = rollbackDocument(plan, null, null, false);
  throw new MaydayError(
    `this would put one new commit on ${visible(plan.branch)}: ${effect}; it needs a yes`,
    {
      code: "needs-confirmation",
      exit: EXIT.waiting,
      hint:
        plan.strategy === "undo" ? `${repeat} --yes` : `${repeat} --yes\n${repeat} --plan   to see it first`,
      document: { ...members, proof: { wanted: plan.wanted, reached: null, rungs: [] } },
    },
  );
}

/** The same command, to be repeated with a yes: every option that shapes the plan, quoted. */
function commandAgain(environment: string, options: Options): string {
  const words = ["mayday rollback", environment];
  for (const name of ["to", "good", "live", "since", "service", "path", "reason", "accept"]) {
    const value = textOption(options, name);
    if (value !== undefined) words.push(`--${name}`, shellWord(value));
  }
  const only = options["only"];
  if (Array.isArray(only)) words.push("--only", ...only.map((one) => shellWord(String(one))));
  if (options["push"] === false) words.push("--no-push");
  if (options["verify"] === false) words.push("--no-verify");
  return words.map(visible).join(" ");
}

function checkRisks(plan: RollbackPlan, accept: string | undefined, repeat: string): void {
  const accepted = new Set(
    (accept ?? "")
      .split(",")
      .map((id) => id.trim())
      .filter((id) => id !== ""),
  );
  const known = new Set(plan.risks.map(({ id }) => id));
  const unknown = [...accepted].filter((id) => !known.has(id));
  if (unknown.length > 0) {
    throw new MaydayError(`this plan has no risk called ${unknown.map(visible).join(", ")}`, {
      code: "unknown-risk",
      exit: EXIT.usage,
      hint: known.size > 0 ? `its risks are: ${[...known].join(", ")}` : "it has no risks",
    });
  }
  const red = plan.risks.filter(({ level, id }) => level === "red" && !accepted.has(id));
  if (red.length === 0) return;
  throw new MaydayError(`refused for safety: ${red.map(({ text }) => text).join("; ")}`, {
    code: "risk",
    exit: EXIT.refused,
    ids: red.map(({ id }) => id),
    hint: `if you accept that: ${repeat.replace(/ --accept \S+/, "")} --accept ${shellWord([...accepted, ...red.map(({ id }) => id)].join(","))}`,
  });
}

/** The branch holds it already: said so only with the proof that is wanted, as after an act. */
async function alreadySo(
  context: Context,
  { git, settings, facts }: Gathered,
  plan: RollbackPlan,
  only: readonly string[],
): Promise<Outcome> {
  const to = plan.good.ref === null ? short(plan.good.sha) : visible(plan.good.ref);
  const seen = plan.remote === null || facts.asked;
  const what = only.length > 0 ? only.map(visible).join(", ") : visible(plan.branch);
  const rungs: Rung[] = [
    {
      id: "P2",
      state: seen ? "pass" : "unknown",
      text: seen
        ? `${what} at ${short(plan.tip)} already is as in ${to}`
        : `${visible(plan.remote ?? "")} was not asked: this is what was known before`,
    },
  ];
  let persists = false;
  if (needsProbes(plan)) {
    const proved = await proveLive(context, git, settings, plan, await askSight(context, plan), null);
    rungs.push(...proved.rungs);
    persists = proved.symptomPersists;
  }
  const { proof, enough } = judgeProof(rungs, plan.wanted === "P1" ? "P2" : plan.wanted);
  const exit = enough ? EXIT.done : persists ? EXIT.symptomPersists : EXIT.unproven;
  const kept = plan.kept.length > 0 && only.length === 0 ? " (but for what stays)" : "";
  return {
    exit,
    document: { ...rollbackDocument(plan, null, null, false), schema: "mayday/rollback@1", proof },
    text: (paint, width) =>
      [
        `${enough ? paint.green("✔") : paint.yellow("!")} ${paint.bold(`nothing to do: ${what} already is as in ${to}${kept}`)}`,
        ...rungLines(proof.rungs, width, paint),
      ].join("\n"),
    ...(enough
      ? {}
      : {
          error: {
            code: persists ? "symptom-persists" : "unproven",
            message: persists
              ? `${to} is live and a probe still fails; a rollback will not help`
              : `wanted ${proof.wanted}, reached ${proof.reached ?? "nothing"}`,
            hint: `mayday verify ${plan.environment}`,
          },
        }),
  };
}

async function resume(context: Context, env: string | undefined): Promise<Outcome> {
  const { git, settings, environment } = await chooseHere(context, env, "rollback");
  const operations = await operationsHere(context, git);
  const open = unfinished(operations, environment);
  if (open === undefined) throw nothingToContinue(environment);
  const undone = operations.find(({ number }) => number === open.undoes);
  return act(context, {
    git,
    settings,
    plan: open.plan,
    resumed: open,
    undoes: undone === undefined ? null : { number: undone.number, commit: undone.commit },
  });
}

async function abort(context: Context, env: string | undefined): Promise<Outcome> {
  const { git, environment } = await chooseHere(context, env, "rollback");
  return withLock(git, environment, async () => {
    const open = unfinished(await operationsHere(context, git), environment);
    if (open === undefined) throw nothingToContinue(environment);
    const { plan, number, commit, state } = open;
    if (state === "published" || (await whereIs(git, open)) !== "absent") {
      throw new MaydayError(
        `operation ${number} is published (${short(commit)}) and cannot be given up any more`,
        {
          code: "published",
          exit: EXIT.refused,
          ids: [`published:${number}`],
          hint: `mayday rollback ${environment} --continue\nmayday undo ${number}   reverses it by a new commit`,
        },
      );
    }
    await giveUp(git, open, { now: context.world.now });
    return {
      exit: EXIT.done,
      document: {
        ...rollbackDocument(plan, open, null, false),
        proof: { wanted: plan.wanted, reached: null, rungs: [] },
      },
      text: (paint) => `${paint.green("✔")} operation ${number} is given up; nothing had been published`,
    };
  });
}
