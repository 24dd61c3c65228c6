import type { Git } from "../git/git.ts";
import type { CheckResult } from "../model/check.ts";
import type { Oid } from "../model/oid.ts";
import type { RunSpec, Settings } from "../model/settings.ts";
import { commandEnv } from "./command-env.ts";
import { type CommandEnd, runCommand } from "./command.ts";
import { checkOut } from "./place.ts";
import { PREPARE, type TargetPlan } from "./plan.ts";
import { answered, type Choice } from "./select.ts";

/** A result, and what a person needs to understand it. */
export interface CheckReport extends CheckResult {
  /** The commit whose content was checked. */
  readonly commit: Oid;
  /** What ran, for people; empty when nothing did. */
  readonly command: string;
  readonly output: string;
  /** The place in the configuration that lacks consent, `checks.unit`: exit 3. */
  readonly refused: string | null;
}

export interface RunOptions {
  /** The person's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal | undefined;
  /** Commands at once. */
  readonly cores: number;
  /** Consented keys: `checks.unit`, `worktree.prepare`. */
  readonly allowed: ReadonlySet<string>;
  /** Called whenever a command starts or ends, with the names of those that run. */
  readonly onChange: (running: readonly string[], done: number) => void;
}

const PREPARE_MS = 600_000;

/**
 * Carries the plans out, tree by tree, and gives one report for each check in the plan's order.
 * Temporary worktrees are gone when it returns or throws; throws exit 130 on an interrupt.
 */
export async function runPlans(
  git: Git,
  settings: Settings,
  plans: readonly TargetPlan[],
  options: RunOptions,
): Promise<CheckReport[]> {
  const reports: CheckReport[] = [];
  for (const plan of plans) reports.push(...(await runPlan(git, settings, plan, options)));
  return reports;
}

async function runPlan(
  git: Git,
  settings: Settings,
  plan: TargetPlan,
  options: RunOptions,
): Promise<CheckReport[]> {
  const { commit } = plan.target;
  const known = new Map<string, CheckReport>();
  const open: (Choice & { todo: "run" })[] = [];
  for (const choice of plan.choices) {
    const { name } = choice.check;
    if (choice.todo === "answer") known.set(name, { ...answered(choice), ...quiet(commit) });
    else if (!options.allowed.has(`checks.${name}`))
      known.set(name, refusal(choice, commit, `checks.${name}`));
    else open.push(choice);
  }
  const { standing } = plan;
  const report = async (path: string): Promise<void> => {
    const env = commandEnv(options.env, plan.environment === null ? {} : { MAYDAY_ENV: plan.environment });
    for (const result of await runAll(open, {
      ...options,
      path,
      env,
      commit,
      environment: plan.environment,
    })) {
      known.set(result.name, result);
    }
  };
  if (open.length > 0 && standing !== null) {
    if (standing.inPlace) await report(standing.path);
    else if (settings.worktree.prepare !== undefined && !options.allowed.has(PREPARE)) {
      for (const choice of open) known.set(choice.check.name, refusal(choice, commit, PREPARE));
    } else await inWorktree(git, settings, plan, open, options, report, known);
  }
  return plan.choices.flatMap(({ check }) => known.get(check.name) ?? []);
}

async function inWorktree(
  git: Git,
  settings: Settings,
  plan: TargetPlan,
  open: readonly (Choice & { todo: "run" })[],
  options: RunOptions,
  report: (path: string) => Promise<void>,
  known: Map<string, CheckReport>,
): Promise<void> {
  options.onChange(["checkout"], 0);
  const worktree = await checkOut(git, plan.target, settings.worktree.link);
  try {
    const { prepare } = settings.worktree;
    if (prepare !== undefined && !worktree.linked) {
      options.onChange([PREPARE], 0);
      const end = await runCommand(prepare, {
        cwd: worktree.path,
        env: commandEnv(options.env, {}),
        timeoutMs: PREPARE_MS,
        signal: options.signal,
        files: [],
        environment: plan.environment,
      });
      if (end.status !== "pass") {
        for (const choice of open) known.set(choice.check.name, unprepared(choice, plan, prepare, end));
        return;
      }
    }
    await report(worktree.path);
  } finally {
    worktree.remove();
  }
}

interface Running extends RunOptions {
  readonly path: string;
  readonly commit: Oid;
  readonly environment: string | null;
}

async function runAll(
  open: readonly (Choice & { todo: "run" })[],
  options: Omit<Running, "env"> & { readonly env: Readonly<Record<string, string>> },
): Promise<CheckReport[]> {
  const waiting = [...open];
  const running = new Set<string>();
  const reports: CheckReport[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { check, files } = next;
      running.add(check.name);
      options.onChange([...running], reports.length);
      const end = await runCommand(check.run ?? [], {
        cwd: options.path,
        env: options.env,
        timeoutMs: check.timeout,
        signal: options.signal,
        files,
        environment: options.environment,
      });
      running.delete(check.name);
      const { name, kind } = check;
      reports.push({
        name,
        kind,
        findings: [],
        ...end,
        commit: options.commit,
        command: spell(check.run),
        refused: null,
      });
      options.onChange([...running], reports.length);
    }
  };
  // All have ended before anything else happens: an interrupt must not leave one in the worktree.
  const workers = Array.from({ length: Math.max(1, Math.min(options.cores, open.length)) }, worker);
  const failed = (await Promise.allSettled(workers)).find((ended) => ended.status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
  return reports;
}

function quiet(commit: Oid): Pick<CheckReport, "commit" | "command" | "output" | "refused"> {
  return { commit, command: "", output: "", refused: null };
}

function refusal(choice: Choice, commit: Oid, key: string): CheckReport {
  const { name, kind } = choice.check;
  const text = `needs consent to ${key}: mayday trust`;
  return { name, kind, status: "error", ms: 0, text, findings: [], ...quiet(commit), refused: key };
}

function unprepared(choice: Choice, plan: TargetPlan, prepare: RunSpec, end: CommandEnd): CheckReport {
  const { name, kind } = choice.check;
  return {
    name,
    kind,
    status: "error",
    ms: end.ms,
    text: `${PREPARE} failed: ${end.text}`,
    findings: [],
    commit: plan.target.commit,
    command: spell(prepare),
    output: end.output,
    refused: null,
  };
}

/** The command as the configuration has it, in one line; foreign text. */
export function spell(run: RunSpec | undefined): string {
  return typeof run === "string" ? run : (run ?? []).join(" ");
}
