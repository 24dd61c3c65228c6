import { commandEnv } from "../check/command-env.ts";
import { type Asking, askLive } from "../environment/ask.ts";
import { environmentSettings } from "../environment/target.ts";
import type { Git } from "../git/git.ts";
import { readRef, tryResolve } from "../git/revision.ts";
import type { LiveCommit } from "../model/deploy.ts";
import { visible } from "../model/escape.ts";
import { isOid, type Oid } from "../model/oid.ts";
import type { LiveSettings, ProbeSettings } from "../model/settings.ts";
import { entriesOf, type TrustEntry } from "../trust/entries.ts";
import { consented } from "./consent.ts";
import type { Context } from "./context.ts";

/** A running system gets this long to say what it runs, ms. */
const LIVE_TIMEOUT_MS = 3_000;

/**
 * How to ask the running system of an environment: `live.http`, then `live.run` where the first has
 * no answer. Null where neither is configured, agreed to or answers; why is said in a warning.
 */
export function askRunning(context: Context, environment: string): (git: Git) => Promise<LiveCommit | null> {
  return async (git) => {
    const configuration = await context.configuration();
    const { live } = environmentSettings(configuration.settings, environment);
    if (live.http === undefined && live.run === undefined) return null;
    const at = `environments.${environment}.live.`;
    const wanted = entriesOf(configuration).filter(({ where }) => where.startsWith(at));
    const purpose = `to learn what is live in ${environment}`;
    const { allowed } = await consented(context, configuration, wanted, purpose);
    const { http, pointer, run } = live;
    if (http !== undefined && allowed.has(`${at}http`)) {
      const found = await answered(context, git, environment, {
        http,
        ...(pointer === undefined ? {} : { pointer }),
      });
      if (found !== null) return found;
    }
    return run !== undefined && allowed.has(`${at}run`) ? answered(context, git, environment, { run }) : null;
  };
}

async function answered(
  context: Context,
  git: Git,
  environment: string,
  source: LiveSettings,
): Promise<LiveCommit | null> {
  const said = await askLive(source, LIVE_TIMEOUT_MS, await asking(context, environment));
  if (said === null) return null;
  if ("fault" in said) {
    await context.terminal.warn(
      `what runs in ${environment} could not be asked (live.${said.source}): ${visible(said.fault)}`,
    );
    return null;
  }
  const named = await commitSaid(git, said.text);
  if (named !== undefined) return { source: said.source, ...named };
  const text = said.text.length > 80 ? `${said.text.slice(0, 79)}…` : said.text;
  await context.terminal.warn(
    `the running system (live.${said.source}) says ${JSON.stringify(visible(text))}, which is no commit here`,
  );
  return null;
}

/**
 * The commit that a version text means: an id, a tag with or without its `v`, what `git describe`
 * prints. Nothing else: a system that answers "main" or "HEAD" has not said what it runs.
 */
async function commitSaid(
  git: Git,
  text: string,
): Promise<{ readonly sha: Oid; readonly ref?: string } | undefined> {
  // A full id is taken as it is, also when this clone does not have it yet.
  const whole = text;
  if (isOid(whole)) return { sha: whole };
  if (!/^[\w@][\w.+/@-]*$/.test(text)) return undefined;
  for (const tag of [text, `v${text}`]) {
    const sha = await readRef(git, `refs/tags/${tag}`);
    if (sha !== undefined) return { sha, ref: tag };
  }
  if (!/^[0-9a-f]{7,64}$|-g[0-9a-f]{7,64}$/.test(text)) return undefined;
  const sha = await tryResolve(git, text);
  return sha === undefined ? undefined : { sha };
}

/** May the running system be asked what it runs? False also where nothing says how. */
export async function mayAskRunning(context: Context, environment: string): Promise<boolean> {
  const configuration = await context.configuration();
  const { live } = environmentSettings(configuration.settings, environment);
  if (live.http === undefined && live.run === undefined) return false;
  const at = `environments.${environment}.live.`;
  const wanted = entriesOf(configuration).filter(({ where }) => where.startsWith(at));
  const why = `to learn what is live in ${environment}`;
  return (await consented(context, configuration, wanted, why)).refused.length === 0;
}

/** Where and with what environment a configured command or probe of an environment runs. */
export async function asking(
  context: Context,
  environment: string,
  extra: Readonly<Record<string, string>> = {},
): Promise<Asking> {
  const git = await context.gitOrNull();
  return {
    cwd: git?.layout.workTree ?? context.cwd,
    env: commandEnv(context.world.env, { MAYDAY_ENV: environment, ...extra }),
    signal: context.world.signal,
  };
}

/** The probes of an environment that may be run, and those left out for want of consent. */
export async function consentedProbes(
  context: Context,
  environment: string,
): Promise<{ readonly probes: readonly ProbeSettings[]; readonly refused: readonly TrustEntry[] }> {
  const configuration = await context.configuration();
  const { probes } = environmentSettings(configuration.settings, environment);
  if (probes.length === 0) return { probes, refused: [] };
  const at = `environments.${environment}.probes.`;
  const wanted = entriesOf(configuration).filter(({ where }) => where.startsWith(at));
  const { allowed, refused } = await consented(
    context,
    configuration,
    wanted,
    `to see whether ${environment} is healthy`,
  );
  return { probes: probes.filter(({ name }) => allowed.has(`${at}${name}`)), refused };
}
