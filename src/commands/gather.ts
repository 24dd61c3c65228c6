import { realpathSync } from "node:fs";
import path from "node:path";

import { type Facts, findSituation, type LiveFacts } from "../environment/standing.ts";
import { chooseEnvironment } from "../environment/target.ts";
import type { Git } from "../git/git.ts";
import { fetchRangeContents } from "../git/partial.ts";
import { listTree } from "../git/objects.ts";
import { isFarGuess } from "../model/deploy.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { type Oid, short } from "../model/oid.ts";
import type { Settings } from "../model/settings.ts";
import { rfc3339 } from "../model/time.ts";
import { count } from "../terminal/layout.ts";
import type { Context } from "./context.ts";
import { type Options, textOption } from "./options.ts";
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

/** Commands that cannot answer without file contents. A rollback can, and is never stopped for them. */
const READS_CONTENTS: ReadonlySet<string> = new Set(["status", "diff", "triage"]);

/** Opens the repository, chooses the environment, finds what is live and good, warns of what is odd. */
export async function gather(
  context: Context,
  env: string | undefined,
  options: Options,
  verb: string,
): Promise<Gathered> {
  const { facts, missing, ...here } = await gatherLive(context, env, options, verb);
  const { standing, ...found } = facts;
  const { good } = standing;
  if (good === null) throw missing ?? new Error("good is neither known nor said to be unknown");
  const whole: Facts = { ...found, standing: { ...standing, good } };
  const { git, settings } = here;
  const service = textOption(options, "service");
  const paths =
    service === undefined
      ? pathOption(context, git, options["path"])
      : await servicePaths(git, settings, service, [good.sha, standing.live.sha]);
  return { ...here, facts: whole, paths };
}

export interface GatheredLive extends Pick<Gathered, "git" | "settings" | "environment"> {
  readonly facts: LiveFacts;
  /** Why good is not known; null when it is. */
  readonly missing: MaydayError | null;
}

/** The same for commands that can go on without good. */
export async function gatherLive(
  context: Context,
  env: string | undefined,
  options: Options,
  verb: string,
): Promise<GatheredLive> {
  const { git, settings, environment } = await chooseHere(context, env, verb);
  const service = textOption(options, "service");
  if (service !== undefined) requireService(settings, service);
  const facts = await context.terminal.during(`asking what is live in ${environment}`, () =>
    findSituation(git, {
      environment,
      settings,
      good: textOption(options, "to") ?? textOption(options, "good"),
      live: textOption(options, "live"),
      since: textOption(options, "since"),
      service,
      now: context.world.now(),
      offline: context.globals.offline,
      timeoutMs: READ_TIMEOUT_MS,
      running: askRunning(context, environment),
      verb,
    }),
  );
  const { good, live, remote } = facts.standing;
  if (good !== null && READS_CONTENTS.has(verb)) {
    const timeoutMs = context.globals.offline ? 0 : READ_TIMEOUT_MS;
    const range = { good: good.sha, live: live.sha };
    await context.terminal.during("fetching what this partial clone lacks", () =>
      fetchRangeContents(git, remote, range, timeoutMs),
    );
  }
  for (const note of facts.notes) await context.terminal.warn(note);
  for (const { text } of facts.standing.disagreements)
    await context.terminal.warn(`sources disagree: ${text}`);
  return { git, settings, environment, facts, missing: facts.missing };
}

/** One line, where good is a tag so far back that it is probably not what worked last. */
export async function warnOfFarGuess(
  { terminal }: Context,
  { environment, good }: Pick<Facts["standing"], "environment" | "good">,
  changes: number,
  verb: "triage" | "diff",
): Promise<void> {
  if (!isFarGuess(good, changes)) return;
  const name = visible(good.ref ?? short(good.sha));
  await terminal.warn(
    `good is a guess and probably wrong: ${name} is ${count(changes, "change")} ago; say it: mayday ${verb} ${environment} --good <rev>, or --since 2d`,
  );
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

/** Throws exit 2 unless mayday.yaml has a service of this name. */
export function requireService(settings: Settings, service: string): readonly string[] {
  const known = Object.hasOwn(settings.services, service) ? settings.services[service] : undefined;
  if (known !== undefined) return known.paths;
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

/** More literal paths than this do not fit on a command line of git's. */
const MOST_PATHS = 2_000;

/**
 * A service's globs as literal paths, which is all that git is given: `dir/**` is the directory; any
 * other pattern is what it matches in one of the commits.
 */
async function servicePaths(
  git: Git,
  settings: Settings,
  service: string,
  commits: readonly Oid[],
): Promise<string[]> {
  const globs = requireService(settings, service);
  const bases = globs.map((glob) => glob.replace(/\/\*\*(?:\/\*)?$/, ""));
  if (bases.every((base) => base !== "" && !/[*?[\]{}()!]/.test(base)))
    return bases.map((base) => base.replace(/\/+$/, ""));
  const { default: picomatch } = await import("picomatch");
  const matches = picomatch([...globs], { dot: true });
  const found = new Set<string>();
  for (const commit of commits)
    for (const { path: name } of await listTree(git, commit)) if (matches(name)) found.add(name);
  if (found.size > 0 && found.size <= MOST_PATHS) return [...found];
  throw new MaydayError(
    `the paths of the service ${visible(service)} match ${found.size === 0 ? "no file" : `${found.size} files, too many to name one by one`}`,
    {
      code: "service-paths",
      exit: 2,
      hint: `write services.${visible(service)}.paths as directories: services/api/**`,
    },
  );
}

function literalPath(context: Context, git: Git, name: string): string[] {
  const root = git.layout.workTree;
  const relative =
    root === null
      ? path.posix.normalize(name).replace(/\/$/, "").replace(/^\.$/, "")
      : path.relative(root, path.resolve(physical(context.cwd), name));
  if (relative === ".." || relative.startsWith("../") || path.isAbsolute(relative)) {
    throw new MaydayError(`${visible(name)} is outside this repository`, {
      code: "path-outside",
      exit: 2,
      hint: "give a path inside the repository",
    });
  }
  return relative === "" ? [] : [relative.split(path.sep).join("/")];
}

/** Without symbolic links, as git names its work tree. */
function physical(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    return directory;
  }
}

export function timeOrNull(at: number | null | undefined): string | null {
  return at === undefined || at === null ? null : rfc3339(at);
}

/** `live`, `good` and `freshness` as the documents have them. */
export function standingDocument(facts: Pick<LiveFacts, "standing">): Record<string, unknown> {
  const { live, good, freshness, disagreements, environment, service, remote, branch, tip } = facts.standing;
  return {
    environment,
    service,
    remote,
    branch,
    tip,
    live: { sha: live.sha, source: live.source, ref: live.ref ?? null, at: timeOrNull(live.at) },
    good:
      good === null
        ? null
        : {
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
