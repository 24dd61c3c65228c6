import path from "node:path";

import { type Facts, findStanding } from "../environment/standing.ts";
import { chooseEnvironment } from "../environment/target.ts";
import type { Git } from "../git/git.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import type { Settings } from "../model/settings.ts";
import { rfc3339 } from "../model/time.ts";
import type { Context } from "./context.ts";
import { askRunning } from "./running.ts";

/** All that a command about an environment begins with. */
export interface Gathered {
  readonly git: Git;
  readonly settings: Settings;
  readonly environment: string;
  readonly facts: Facts;
  /** Literal paths from the repository's root; empty: all of it. */
  readonly paths: readonly string[];
}

/** The remote is asked for at most this long by commands that only read (contract, section 2). */
export const READ_TIMEOUT_MS = 5_000;

export type Options = Readonly<Record<string, unknown>>;

export function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

export function textArgument(args: readonly unknown[], index: number): string | undefined {
  const value = args[index];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Opens the repository, chooses the environment, finds what is live and good, warns of what is odd. */
export async function gather(
  context: Context,
  env: string | undefined,
  options: Options,
  verb: string,
): Promise<Gathered> {
  const { git, settings, environment } = await chooseHere(context, env, verb);
  const paths = narrowedPaths(context, git, settings, options);
  const facts = await context.terminal.during(`asking what is live in ${environment}`, () =>
    findStanding(git, {
      environment,
      settings,
      good: textOption(options, "to") ?? textOption(options, "good"),
      live: textOption(options, "live"),
      since: textOption(options, "since"),
      service: textOption(options, "service"),
      now: context.world.now(),
      offline: context.globals.offline,
      timeoutMs: READ_TIMEOUT_MS,
      running: askRunning(context, environment),
      verb,
    }),
  );
  for (const note of facts.notes) await context.terminal.warn(note);
  for (const { text } of facts.standing.disagreements)
    await context.terminal.warn(`sources disagree: ${text}`);
  return { git, settings, environment, facts, paths };
}

/** The repository and the environment alone, for commands that need not know what is live. */
export async function chooseHere(
  context: Context,
  env: string | undefined,
  verb: string,
): Promise<Pick<Gathered, "git" | "settings" | "environment">> {
  const git = await context.git();
  const { settings } = await context.configuration();
  return {
    git,
    settings,
    environment: await chooseEnvironment(git, settings, env, context.world.env["MAYDAY_ENV"], verb),
  };
}

/** Paths a person gave, as literal paths from the repository's root. */
export function pathOption(context: Context, git: Git, value: unknown): string[] {
  const given = Array.isArray(value) ? value.map(String) : typeof value === "string" ? [value] : [];
  return given.flatMap((name) => literalPath(context, git, name));
}

function narrowedPaths(context: Context, git: Git, settings: Settings, options: Options): string[] {
  const service = textOption(options, "service");
  if (service !== undefined) {
    const known = Object.hasOwn(settings.services, service) ? settings.services[service] : undefined;
    if (known === undefined) {
      const names = Object.keys(settings.services);
      throw new MaydayError(
        `there is no service called ${visible(service)}${names.length > 0 ? ` (there is ${names.map(visible).join(", ")})` : ""}`,
        {
          code: "unknown-service",
          exit: 2,
          hint: `add services.${visible(service)}.paths to mayday.yaml`,
        },
      );
    }
    // git is given the directories in front of each pattern; files are matched exactly where they are listed.
    return [
      ...new Set(
        known.paths.map((glob) => glob.replace(/\/?[^/]*[*?[{!(].*$/, "")).filter((base) => base !== ""),
      ),
    ];
  }
  return pathOption(context, git, options["path"]);
}

function literalPath(context: Context, git: Git, name: string): string[] {
  const root = git.layout.workTree;
  const relative = root === null ? name : path.relative(root, path.resolve(context.cwd, name));
  if (relative.startsWith("..") || path.isAbsolute(relative)) {
    throw new MaydayError(`${visible(name)} is outside this repository`, {
      code: "path-outside",
      exit: 2,
      hint: "give a path inside the repository",
    });
  }
  return relative === "" ? [] : [relative.split(path.sep).join("/")];
}

export function timeOrNull(at: number | null | undefined): string | null {
  return at === undefined || at === null ? null : rfc3339(at);
}

/** `live`, `good` and `freshness` as the documents have them. */
export function standingDocument(facts: Facts): Record<string, unknown> {
  const { live, good, freshness, disagreements, environment, service, remote, branch, tip } = facts.standing;
  return {
    environment,
    service,
    remote,
    branch,
    tip,
    live: { sha: live.sha, source: live.source, ref: live.ref ?? null, at: timeOrNull(live.at) },
    good: {
      sha: good.sha,
      source: good.source,
      ref: good.ref ?? null,
      at: timeOrNull(good.at),
      certified: good.certified,
    },
    disagreements: disagreements.map(({ about, source, sha }) => ({ about, source, sha })),
    freshness: { fetchedAt: timeOrNull(freshness.fetchedAt), offline: freshness.offline },
  };
}
