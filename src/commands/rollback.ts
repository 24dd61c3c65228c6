import { environmentSettings } from "../environment/target.ts";
import { GitError } from "../git/git.ts";
import { listRemote } from "../git/remote.ts";
import { treeOf } from "../git/revision.ts";
import { MaydayError } from "../model/error.ts";
import { EXIT } from "../model/exit.ts";
import { short } from "../model/oid.ts";
import type { RollbackPlan } from "../model/rollback.ts";
import { giveUp } from "../rollback/execute.ts";
import { readOperations, unfinished } from "../rollback/operations.ts";
import { planRollback } from "../rollback/plan.ts";
import { planScreen } from "../terminal/rollback.ts";
import { standingLines } from "../terminal/standing.ts";
import { act, rollbackDocument } from "./act.ts";
import type { Context, Outcome } from "./context.ts";
import { chooseHere, gather, type Options, pathOption, textArgument, textOption } from "./gather.ts";

/** `mayday rollback [env]`: plan, show, ask, act, prove. */
export async function rollback(
  context: Context,
  args: readonly unknown[],
  options: Options,
): Promise<Outcome> {
  if (options["continue"] === true) return resume(context, textArgument(args, 0));
  if (options["abort"] === true) return abort(context, textArgument(args, 0));
  const planOnly = options["plan"] === true || options["dryRun"] === true;
  const { git, settings, environment, facts, paths } = await gather(
    context,
    textArgument(args, 0),
    options,
    "rollback",
  );
  const { operations } = await readOperations(git);
  const open = unfinished(operations, environment);
  if (open !== undefined && !planOnly) {
    throw new MaydayError(
      `operation ${open.number} on ${environment} was interrupted; finish it or give it up first`,
      {
        code: "interrupted-operation",
        exit: EXIT.waiting,
        hint: `mayday rollback ${environment} --continue\nmayday rollback ${environment} --abort`,
      },
    );
  }
  const plan = await context.terminal.during("planning", () =>
    planRollback(git, {
      facts,
      settings: environmentSettings(settings, environment),
      only: [...paths, ...pathOption(context, git, options["only"])],
      reason: textOption(options, "reason")?.trim() ?? "",
      push: options["push"] !== false,
      verify: options["verify"] !== false,
      now: context.world.now(),
    }),
  );
  if (plan.tree === (await treeOf(git, plan.tip))) return alreadySo(plan);
  if (planOnly) {
    return {
      exit: EXIT.done,
      document: {
        ...rollbackDocument(plan, null, null, false),
        proof: { wanted: plan.wanted, reached: null, rungs: [] },
      },
      text: (paint, width) => `${planScreen(plan, width, paint)}\n\n${paint.dim("nothing was changed")}`,
    };
  }
  checkRisks(plan, textOption(options, "accept"));
  const repeat = commandAgain(environment, options);
  if (context.terminal.interactive) {
    const paint = await context.terminal.paint();
    context.terminal.answer(
      `${standingLines(facts.standing, context.world.now(), paint).join("\n")}\n\n${planScreen(plan, context.terminal.width, paint)}\n`,
    );
  }
  await confirmed(context, `Roll back ${environment}?`, repeat, plan);
  return act(context, { git, settings, plan, resumed: null, undoes: null });
}

/** Asks on a terminal; off one only `--yes` goes on. */
export async function confirmed(
  context: Context,
  question: string,
  repeat: string,
  plan: RollbackPlan,
): Promise<void> {
  if (context.globals.yes) return;
  if (context.terminal.interactive) {
    if (await context.terminal.confirm(question, false)) return;
    throw new MaydayError("nothing was changed", { code: "declined", exit: EXIT.no, hint: "" });
  }
  throw new MaydayError(
    `this would put one new commit on ${plan.branch}: ${plan.undone.length} ${plan.undone.length === 1 ? "commit goes" : "commits go"} out; it needs a yes`,
    {
      code: "needs-confirmation",
      exit: EXIT.waiting,
      hint: `${repeat} --yes\n${repeat} --plan   to see it first`,
    },
  );
}

function commandAgain(environment: string, options: Options): string {
  const words = ["mayday rollback", environment];
  for (const [name, flag] of [
    ["to", "--to"],
    ["good", "--good"],
    ["live", "--live"],
    ["since", "--since"],
    ["service", "--service"],
  ] as const) {
    const value = textOption(options, name);
    if (value !== undefined) words.push(flag, value);
  }
  return words.join(" ");
}

function checkRisks(plan: RollbackPlan, accept: string | undefined): void {
  const accepted = new Set(
    (accept ?? "")
      .split(",")
      .map((id) => id.trim())
      .filter((id) => id !== ""),
  );
  const known = new Set(plan.risks.map(({ id }) => id));
  const unknown = [...accepted].filter((id) => !known.has(id));
  if (unknown.length > 0) {
    throw new MaydayError(`this plan has no risk called ${unknown.join(", ")}`, {
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
    hint: `if you accept that: mayday rollback ${plan.environment} --accept ${red.map(({ id }) => id).join(",")}`,
  });
}

function alreadySo(plan: RollbackPlan): Outcome {
  const to = plan.good.ref ?? short(plan.good.sha);
  const proof = {
    wanted: "P2",
    reached: "P2",
    rungs: [
      { id: "P2", state: "pass", text: `the tree of ${plan.branch} (${short(plan.tip)}) already is ${to}'s` },
    ],
  };
  return {
    exit: EXIT.done,
    document: { ...rollbackDocument(plan, null, null, false), schema: "mayday/rollback@1", proof },
    text: (paint) =>
      `${paint.green("✔")} ${paint.bold(`nothing to do: ${plan.branch} already holds exactly what ${to} held`)}\n  ${plan.live === plan.tip ? "" : paint.yellow("what is live is another commit: wait for the deploy, then: ")}mayday verify ${plan.environment}`,
  };
}

async function resume(context: Context, env: string | undefined): Promise<Outcome> {
  const { git, settings, environment } = await chooseHere(context, env, "rollback");
  const { operations } = await readOperations(git);
  const open = unfinished(operations, environment);
  if (open === undefined) {
    throw new MaydayError(`there is no interrupted operation on ${environment}`, {
      code: "nothing-to-continue",
      exit: EXIT.no,
      hint: `mayday status ${environment}`,
    });
  }
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
  const { operations } = await readOperations(git);
  const open = unfinished(operations, environment);
  if (open === undefined) {
    throw new MaydayError(`there is no interrupted operation on ${environment}`, {
      code: "nothing-to-abort",
      exit: EXIT.no,
      hint: `mayday status ${environment}`,
    });
  }
  const { plan, number, commit } = open;
  const published =
    open.state === "published" ||
    (plan.remote !== null && plan.push && (await isPublished(git, plan, commit)));
  if (published) {
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
}

async function isPublished(
  git: Parameters<typeof listRemote>[0],
  plan: RollbackPlan,
  commit: string,
): Promise<boolean> {
  try {
    const { refs } = await listRemote(git, plan.remote ?? "", [`refs/heads/${plan.branch}`], 60_000);
    return refs.get(`refs/heads/${plan.branch}`) === commit;
  } catch (error) {
    if (!(error instanceof GitError) || error.code === "interrupted") throw error;
    throw new MaydayError(
      "the remote cannot be asked, so it is unknown whether the operation was published; nothing was given up",
      { code: "unclear", exit: EXIT.unproven, hint: "repeat when the remote answers" },
    );
  }
}
