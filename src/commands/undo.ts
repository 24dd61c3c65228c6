import { findStanding } from "../environment/standing.ts";
import { environmentSettings } from "../environment/target.ts";
import { treeOf } from "../git/revision.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import { short } from "../model/oid.ts";
import type { RollbackPlan } from "../model/rollback.ts";
import { takeStep } from "../rollback/inverse.ts";
import { restoringMessage } from "../rollback/message.ts";
import { lastReversible, type Operation, readOperations, unfinished } from "../rollback/operations.ts";
import { wantedProof } from "../rollback/plan.ts";
import { planScreen } from "../terminal/rollback.ts";
import { shellWord } from "../triage/advice.ts";
import { act, interruptedBefore } from "./act.ts";
import type { Context, Outcome } from "./context.ts";
import { READ_TIMEOUT_MS } from "./gather.ts";
import { type Options, textArgument, textOption } from "./options.ts";
import { confirmed } from "./rollback.ts";

/** `mayday undo [operation]`: reverses mayday's last act, or the one named, by a new commit. */
export async function undo(context: Context, args: readonly unknown[], options: Options): Promise<Outcome> {
  const git = await context.git();
  const { settings } = await context.configuration();
  const { operations, unreadable } = await readOperations(git);
  if (unreadable > 0)
    await context.terminal.warn(
      `${unreadable} entries of this clone's operation log cannot be read and are passed over`,
    );
  const operation = choose(operations, textArgument(args, 0));
  const { plan: done, commit, number } = operation;
  const environment = environmentSettings(settings, done.environment);
  const { standing } = await findStanding(git, {
    environment: done.environment,
    settings,
    good: done.tip,
    live: commit,
    now: context.world.now(),
    offline: context.globals.offline,
    timeoutMs: READ_TIMEOUT_MS,
    running: null,
    verb: "undo",
  });
  requireSamePlace(operation, standing.remote, standing.branch);
  const open = unfinished(operations, done.environment);
  if (open !== undefined && open.number !== number) throw interruptedBefore(open);
  const tree = await takeStep(git, standing.tip, commit, done.tip);
  if (tree === (await treeOf(git, standing.tip))) {
    throw new MaydayError(
      `there is nothing to undo: ${visible(standing.branch)} already is as before operation ${number}`,
      { code: "already-undone", exit: EXIT.no, hint: `mayday status ${done.environment}` },
    );
  }
  const exact = standing.tip === commit;
  // Undoing an undo takes out again what the first act had taken out.
  const first =
    done.strategy === "undo" ? operations.find((one) => one.number === operation.undoes) : undefined;
  const effect = effectOf(operation, first);
  const reason = textOption(options, "reason")?.trim() ?? "";
  const plan: RollbackPlan = {
    ...done,
    strategy: "undo",
    live: commit,
    tip: standing.tip,
    good: { sha: done.tip, ref: null, certified: false },
    tree,
    message: restoringMessage({
      subject: `Undo operation ${number}: ${done.environment} as at ${short(done.tip)}`,
      reason,
      undone: first?.plan.undone ?? [],
      trailers: [
        ...(exact
          ? ([
              ["Mayday-Rolls-Back", `${done.tip}..${standing.tip}`],
              ["Mayday-Restores", done.tip],
            ] as const)
          : ([["Mayday-Undoes", commit]] as const)),
        ["Mayday-Undoes-Operation", String(number)],
      ],
    }),
    date: Math.floor(context.world.now() / 1_000),
    kept: [],
    undone: first?.plan.undone ?? [],
    risks: [
      {
        id: first === undefined ? "undo:brings-back" : "undo:takes-out",
        level: "amber",
        text: `what operation ${first?.number ?? number} took out: ${effect}`,
      },
    ],
    push: options["push"] !== false,
    reason,
    wanted: wantedProof(environment, options["push"] !== false && done.remote !== null, true),
  };
  if (context.terminal.interactive)
    context.terminal.answer(`${planScreen(plan, context.terminal.width, await context.terminal.paint())}\n`);
  const repeat = ["mayday undo", String(number)];
  if (reason !== "") repeat.push("--reason", visible(shellWord(reason)));
  if (!plan.push) repeat.push("--no-push");
  await confirmed(context, `Undo operation ${number}?`, repeat.join(" "), plan, effect);
  return act(context, { git, settings, plan, resumed: null, undoes: { number, commit } });
}

function effectOf({ plan }: Operation, first: Operation | undefined): string {
  const count = (first ?? { plan }).plan.undone.length;
  const verb =
    first === undefined ? (count === 1 ? "comes back" : "come back") : count === 1 ? "goes out" : "go out";
  return `${count} ${count === 1 ? "commit" : "commits"} ${verb}`;
}

/** An operation is reversed where it was done, not where the configuration points today. */
function requireSamePlace({ number, plan }: Operation, remote: string | null, branch: string): void {
  if (plan.remote === remote && plan.branch === branch) return;
  const at = (name: string | null): string => (name === null ? "here" : `on ${visible(name)}`);
  throw new MaydayError(
    `operation ${number} was on ${visible(plan.branch)} ${at(plan.remote)}, and ${plan.environment} is ${visible(branch)} ${at(remote)} now`,
    {
      code: "another-branch",
      exit: EXIT.usage,
      hint: `set environments.${plan.environment}.branch and .remote as they were, or: git revert ${short(plan.tip)}`,
    },
  );
}

function choose(operations: readonly Operation[], given: string | undefined): Operation {
  if (given === undefined) {
    const last = lastReversible(operations);
    if (last) return last;
    throw new MaydayError("mayday has done nothing in this clone that could be undone", {
      code: "nothing-to-undo",
      exit: EXIT.no,
      hint: "mayday status",
    });
  }
  const found = operations.find(({ number }) => String(number) === given);
  if (found === undefined) {
    throw new MaydayError(`there is no operation ${visible(given)} in this clone`, {
      code: "unknown-operation",
      exit: EXIT.usage,
      hint: operations.length > 0 ? `the last one is ${operations.at(-1)?.number}` : "mayday status",
    });
  }
  if (found.state === "intent") throw interruptedBefore(found);
  if (found.state !== "done" && found.state !== "published") {
    throw new MaydayError(`operation ${given} was not published, so there is nothing to reverse`, {
      code: "not-published",
      exit: EXIT.no,
      hint: `mayday status ${found.plan.environment}`,
    });
  }
  return found;
}
