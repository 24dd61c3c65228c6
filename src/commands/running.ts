import { commandEnv } from "../check/command-env.ts";
import { type Asking, askLive } from "../environment/ask.ts";
import { environmentSettings } from "../environment/target.ts";
import type { Git } from "../git/git.ts";
import { tryResolve } from "../git/revision.ts";
import type { LiveCommit } from "../model/deploy.ts";
import { visible } from "../model/escape.ts";
import { isOid } from "../model/oid.ts";
import type { ProbeSettings } from "../model/settings.ts";
import { entriesOf, type TrustEntry } from "../trust/entries.ts";
import { consented } from "./consent.ts";
import type { Context } from "./context.ts";

/** A running system gets this long to say what it runs, ms. */
const LIVE_TIMEOUT_MS = 3_000;

/** How to ask the running system of an environment; null where that is not configured. */
export function askRunning(context: Context, environment: string): (git: Git) => Promise<LiveCommit | null> {
  return async (git) => {
    const configuration = await context.configuration();
    const { live } = environmentSettings(configuration.settings, environment);
    if (live.http === undefined && live.run === undefined) return null;
    const wanted = entriesOf(configuration).filter(({ where }) =>
      where.startsWith(`environments.${environment}.live.`),
    );
    const { refused } = await consented(
      context,
      configuration,
      wanted,
      `to learn what is live in ${environment}`,
    );
    if (refused.length > 0) return null;
    const said = await askLive(live, LIVE_TIMEOUT_MS, await asking(context, environment));
    if (said === null) return null;
    if ("fault" in said) {
      await context.terminal.warn(
        `what runs in ${environment} could not be asked (live.${said.source}): ${visible(said.fault)}`,
      );
      return null;
    }
    // A full id is taken as it is, also when this clone does not have it yet.
    const sha = isOid(said.text) ? said.text : await tryResolve(git, said.text);
    if (sha === undefined) {
      await context.terminal.warn(
        `the running system says ${JSON.stringify(visible(said.text.slice(0, 80)))}, which is no commit here`,
      );
      return null;
    }
    return { sha, source: said.source, ...(isOid(said.text) ? {} : { ref: said.text }) };
  };
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
