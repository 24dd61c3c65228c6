import type { Git } from "../git/git.ts";
import { remoteNames } from "../git/remote.ts";
import type { CheckSettings, Settings } from "../model/settings.ts";
import { changedFiles, matcher, together } from "./changed.ts";
import type { JudgedRef } from "./judge.ts";
import { type Standing, standing } from "./place.ts";
import { type Choice, choose, type NamedCheck, type Target, targets, type Wish } from "./select.ts";

/** What will be done for one pushed tree. */
export interface TargetPlan {
  readonly target: Target;
  readonly choices: readonly Choice[];
  /** Null when no command runs. */
  readonly standing: Standing | null;
  /** The environment whose branch is pushed; null when it is none of them. */
  readonly environment: string | null;
  /** How many files the push changes; null when the base is unknown and all of them count. */
  readonly changed: number | null;
}

export interface PlanOptions extends Wish {
  /** Only these checks; empty: all. */
  readonly names: readonly string[];
  /** Chosen by the person; else it follows from the pushed ref. */
  readonly environment: string | null;
  /** The remote as git named it. */
  readonly remote: string;
}

/** Facts in, plan out: which checks run on which tree, where, and why the others do not. */
export async function planChecks(
  git: Git,
  settings: Settings,
  refs: readonly JudgedRef[],
  options: PlanOptions,
): Promise<TargetPlan[]> {
  const wanted = Object.entries(settings.checks).filter(
    ([name]) => options.names.length === 0 || options.names.includes(name),
  );
  const checks = await Promise.all(wanted.map(([name, check]) => named(name, check)));
  const plans: TargetPlan[] = [];
  for (const target of targets(refs)) {
    const changes = options.all
      ? [await changedFiles(git, null, target.commit)]
      : await Promise.all(
          [...new Set(target.refs.map(({ base }) => base))].map((base) =>
            changedFiles(git, base, target.commit),
          ),
        );
    const changed = together(changes);
    const choices = checks.map((check) => choose(check, changed, options));
    const unknown = target.refs.some(({ base }) => base === null);
    plans.push({
      target,
      choices,
      standing: choices.some(({ todo }) => todo === "run") ? await standing(git, target.tree) : null,
      environment: options.environment ?? environmentOf(git, settings, options.remote, target.refs),
      changed: unknown ? null : changed.touched.length,
    });
  }
  return plans;
}

async function named(name: string, check: CheckSettings): Promise<NamedCheck> {
  return { ...check, name, matches: await matcher(check.files) };
}

/** The first environment whose branch one of these refs is. */
function environmentOf(
  git: Git,
  settings: Settings,
  remote: string,
  refs: readonly JudgedRef[],
): string | null {
  const known = remoteNames(git).includes(remote);
  const found = Object.entries(settings.environments).find(
    ([, environment]) =>
      environment.branch !== null &&
      (!known || environment.remote === remote) &&
      refs.some(({ remoteRef }) => remoteRef === `refs/heads/${environment.branch}`),
  );
  return found?.[0] ?? null;
}

/** Keys of the configuration that this plan runs, as consent names them. */
export function commandsOf(plans: readonly TargetPlan[], settings: Settings): string[] {
  const keys = plans.flatMap(({ choices }) =>
    choices.flatMap(({ check, todo }) => (todo === "run" ? `checks.${check.name}` : [])),
  );
  const away = plans.some((plan) => plan.standing?.inPlace === false);
  return [...new Set(away && settings.worktree.prepare !== undefined ? [...keys, PREPARE] : keys)];
}

export const PREPARE = "worktree.prepare";
