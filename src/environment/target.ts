import type { Git } from "../git/git.ts";
import { remoteNames } from "../git/remote.ts";
import { headBranch, tryResolve } from "../git/revision.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import type { EnvironmentSettings, Settings } from "../model/settings.ts";

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

/**
 * The environment a person means: what was given, else MAYDAY_ENV, else the only one, else
 * `production`. A revision in its place is refused by name, with the command that was meant.
 */
export async function chooseEnvironment(
  git: Git | null,
  settings: Settings,
  given: string | undefined,
  fallback: string | undefined,
  verb: string,
): Promise<string> {
  const names = Object.keys(settings.environments);
  const chosen =
    given ??
    (fallback === "" ? undefined : fallback) ??
    (names.length === 1 ? names[0] : undefined) ??
    "production";
  if (Object.hasOwn(settings.environments, chosen) && NAME.test(chosen)) return chosen;
  const first = names.includes("production") ? "production" : (names[0] ?? "production");
  if (git !== null && (await tryResolve(git, chosen)) !== undefined) {
    throw new MaydayError(`${visible(chosen)} is a revision, not an environment`, {
      code: "revision-for-environment",
      exit: 2,
      hint: `did you mean ${meant(verb, first, visible(chosen))}?`,
    });
  }
  throw new MaydayError(
    `there is no environment called ${visible(chosen)} (there is ${names.map(visible).join(", ")})`,
    {
      code: "unknown-environment",
      exit: 2,
      hint: `mayday ${verb} ${first}${NAME.test(chosen) ? `, or add environments.${chosen} to mayday.yaml` : ""}`,
    },
  );
}

/** The command that a person who wrote a revision where the environment goes most likely meant. */
function meant(verb: string, environment: string, revision: string): string {
  if (verb === "rollback") return `mayday rollback ${environment} --to ${revision}`;
  if (verb === "deploy record" || verb === "deploy certify")
    return `mayday ${verb} ${environment} ${revision}`;
  const takesRange = verb === "triage" || verb === "diff" || verb === "verify";
  return `mayday ${verb} ${environment}${takesRange ? ` --good ${revision}` : ""}`;
}

export function environmentSettings(settings: Settings, name: string): EnvironmentSettings {
  const found = settings.environments[name];
  if (found) return found;
  throw new MaydayError(`there is no environment called ${visible(name)}`, {
    code: "unknown-environment",
    exit: 2,
  });
}

/** The remote an environment lives on; null in a repository that has none. */
export function remoteOf(git: Git, settings: EnvironmentSettings): string | null {
  const names = remoteNames(git);
  if (names.includes(settings.remote)) return settings.remote;
  if (names.length === 0) return null;
  const [only] = names;
  if (names.length === 1 && settings.remote === "origin" && only !== undefined) return only;
  throw new MaydayError(
    `there is no remote called ${visible(settings.remote)} (there is ${names.map(visible).join(", ")})`,
    {
      code: "unknown-remote",
      exit: 2,
      hint: "set environments.<name>.remote in mayday.yaml",
    },
  );
}

/** The branch in a repository without a remote: the configured one, else the current one. */
export async function localBranch(git: Git, settings: EnvironmentSettings): Promise<string | null> {
  return settings.branch ?? (await headBranch(git));
}
