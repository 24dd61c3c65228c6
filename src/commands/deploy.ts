import { environmentSettings, remoteOf } from "../environment/target.ts";
import { findSituation } from "../environment/standing.ts";
import type { Git } from "../git/git.ts";
import { listCommits } from "../git/history.ts";
import { remoteNames } from "../git/remote.ts";
import { resolve, treeOf, tryResolve } from "../git/revision.ts";
import { fetchChain, ledgerRef, readChain, union } from "../ledger/chain.ts";
import { fold } from "../ledger/fold.ts";
import { type LedgerPlace, record as recordEvents } from "../ledger/record.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import type { KnownEvent, LedgerEvent, NewEvent } from "../model/ledger.ts";
import { short } from "../model/oid.ts";
import type { Settings } from "../model/settings.ts";
import { parseTime, rfc3339, spoken } from "../model/time.ts";
import { clip, padEnd } from "../terminal/layout.ts";
import type { Context, Outcome } from "./context.ts";
import { chooseHere, READ_TIMEOUT_MS, requireService } from "./gather.ts";
import { type Options, textArgument, textOption } from "./options.ts";
import { askRunning } from "./running.ts";

/** A ledger write may take longer than a read may. */
const WRITE_TIMEOUT_MS = 20_000;

interface Target {
  readonly git: Git;
  readonly settings: Settings;
  readonly environment: string;
  readonly place: LedgerPlace;
}

async function target(context: Context, env: string | undefined, verb: string): Promise<Target> {
  const here = await chooseHere(context, env, verb);
  return { ...here, place: ledgerPlace(here.git, here.settings, here.environment) };
}

/** Where the ledger of an environment is shared: the configured remote, else the environment's. */
export function ledgerPlace(git: Git, settings: Settings, environment: string): LedgerPlace {
  const remote = settings.ledger.remote ?? remoteOf(git, environmentSettings(settings, environment));
  return { prefix: settings.ledger.prefix, remote, environment };
}

/** `mayday deploy record [env] [rev]`. A single word is the environment if one is called so, else the revision. */
export async function record(context: Context, args: readonly unknown[], options: Options): Promise<Outcome> {
  const [env, revision] = await splitArguments(context, args);
  const found = await target(context, env, "deploy record");
  const sha = await resolve(found.git, revision ?? "HEAD");
  const at = textOption(options, "at");
  const time = at === undefined ? undefined : parseTime(at, context.world.now());
  if (at !== undefined && time === undefined) {
    throw new MaydayError(`${visible(at)} is not a time`, {
      code: "bad-time",
      exit: EXIT.usage,
      hint: "write 2h or 2026-11-24T03:00:00Z",
    });
  }
  const url = textOption(options, "url");
  return append(context, found, {
    type: "deploy",
    sha,
    ...serviceOf(found.settings, options),
    ...(url === undefined ? {} : { url }),
    ...(time === undefined ? {} : { at: rfc3339(time), backdated: true as const }),
  });
}

/** `mayday deploy certify [env] [rev]`: it was healthy for its bake time. */
export async function certify(
  context: Context,
  args: readonly unknown[],
  options: Options,
): Promise<Outcome> {
  const [env, revision] = await splitArguments(context, args);
  const found = await target(context, env, "deploy certify");
  const { git, environment, settings } = found;
  const service = serviceOf(settings, options);
  const state = fold(await currentEvents(context, found), service.service);
  const sha =
    revision === undefined ? await liveNow(context, found, service.service) : await resolve(git, revision);
  const deployed = state.deploys.findLast((deploy) => deploy.sha === sha);
  const reason = deployed?.bad ?? state.bad.get(sha)?.reason;
  if (reason !== undefined) {
    throw new MaydayError(`${short(sha)} is marked bad (${visible(reason)}); it is not certified`, {
      code: "marked-bad",
      exit: EXIT.refused,
      hint: `mayday deploy list ${environment}`,
      ids: [`bad:${sha}`],
    });
  }
  // A certificate without a deploy would certify what was never there.
  const first: NewEvent[] = deployed === undefined ? [{ type: "deploy", sha, ...service }] : [];
  return append(context, found, ...first, { type: "certify", sha, ...service });
}

/** `mayday deploy bad <rev> [env] --reason TEXT`. */
export async function bad(context: Context, args: readonly unknown[], options: Options): Promise<Outcome> {
  const found = await target(context, textArgument(args, 1), "deploy bad <rev>");
  const sha = await resolve(found.git, textArgument(args, 0) ?? "");
  const reason = textOption(options, "reason")?.trim() ?? "";
  if (reason === "")
    throw new MaydayError("a bad mark needs a reason", {
      code: "usage",
      exit: EXIT.usage,
      hint: `mayday deploy bad ${short(sha)} --reason '…'`,
    });
  return append(context, found, {
    type: "bad",
    sha,
    tree: await treeOf(found.git, sha),
    reason,
    ...serviceOf(found.settings, options),
  });
}

/** `mayday deploy list [env]`: the ledger, newest first. */
export async function list(context: Context, args: readonly unknown[], options: Options): Promise<Outcome> {
  const found = await target(context, textArgument(args, 0), "deploy list");
  const events = await currentEvents(context, found);
  const wanted = textOption(options, "top") ?? "20";
  if (!/^\d{1,9}$/.test(wanted))
    throw new MaydayError("--top wants a whole number, 0 for all", {
      code: "usage",
      exit: EXIT.usage,
      hint: "mayday deploy list --top 50",
    });
  const newest = events.toReversed();
  const shown = wanted === "0" ? newest : newest.slice(0, Number(wanted));
  const state = fold(events);
  const known = new Map<string, string>();
  for (const event of shown) {
    const sha = shaOf(event);
    if (sha !== undefined && !known.has(sha)) known.set(sha, await subjectOf(found.git, sha));
  }
  return {
    exit: EXIT.done,
    document: {
      schema: "mayday/deploy-list@1",
      environment: found.environment,
      live: state.live?.sha ?? null,
      good: state.good?.sha ?? null,
      events: shown.map((event) => ("foreign" in event ? event.raw : event)),
    },
    text: (paint, width) => {
      if (shown.length === 0) {
        return `The ledger of ${found.environment} is empty.\n  ${paint.bold(`mayday deploy record ${found.environment} <rev>`)}  after every deploy, from CI`;
      }
      const lines = shown.map((event) => {
        const sha = shaOf(event);
        const when = spoken(context.world.now() - Date.parse(event.at));
        const mark =
          sha !== undefined && sha === state.live?.sha
            ? paint.green("live")
            : sha !== undefined && sha === state.good?.sha
              ? paint.cyan("good")
              : "    ";
        const type =
          event.type === "bad" ? paint.red(padEnd("bad", 8)) : padEnd(clip(visible(event.type), 8), 8);
        const reason = "reason" in event && event.type === "bad" ? `${event.reason} — ` : "";
        const subject = clip(
          visible(`${reason}${sha === undefined ? "" : (known.get(sha) ?? "")}`),
          Math.max(8, width - 36),
        );
        return `  ${mark} ${type} ${paint.cyan(sha === undefined ? "" : short(sha))}  ${padEnd(when, 8)} ${subject}`;
      });
      const rest = events.length - shown.length;
      return [
        `${paint.bold(found.environment.toUpperCase())}  the ledger, newest first`,
        ...lines,
        ...(rest > 0 ? [paint.dim(`       … and ${rest} older; all of them with --top 0`)] : []),
      ].join("\n");
    },
  };
}

function shaOf(event: LedgerEvent): string | undefined {
  const sha = "foreign" in event ? event.raw["sha"] : event.sha;
  return typeof sha === "string" ? sha : undefined;
}

async function subjectOf(git: Git, sha: string): Promise<string> {
  const held = await git.run(["cat-file", "-e", `${sha}^{commit}`], { allow: [1, 128] });
  if (held.code !== 0) return "(not in this clone)";
  return (await listCommits(git, [sha], { limit: 1 }))[0]?.subject ?? "";
}

async function currentEvents(context: Context, { git, place }: Target): Promise<readonly LedgerEvent[]> {
  const ref = ledgerRef(place.prefix, place.environment);
  const own = await readChain(git, ref);
  if (own.unreadable > 0)
    await context.terminal.warn(`${own.unreadable} entries of the ledger cannot be read and are passed over`);
  if (place.remote === null || context.globals.offline || !remoteNames(git).includes(place.remote))
    return own.events;
  try {
    return union(
      own.events,
      (await fetchChain(git, ref, place.environment, place.remote, READ_TIMEOUT_MS)).events,
    );
  } catch (error) {
    if (!(error instanceof MaydayError) || error.exit === EXIT.interrupted) throw error;
    await context.terminal.warn(
      `${visible(place.remote)} could not be asked; this is the ledger as known here`,
    );
    return own.events;
  }
}

async function liveNow(
  context: Context,
  { git, settings, environment }: Target,
  service: string | undefined,
): Promise<string> {
  const facts = await findSituation(git, {
    environment,
    settings,
    service,
    now: context.world.now(),
    offline: context.globals.offline,
    timeoutMs: READ_TIMEOUT_MS,
    running: askRunning(context, environment),
    verb: "deploy certify",
  });
  return facts.standing.live.sha;
}

async function splitArguments(
  context: Context,
  args: readonly unknown[],
): Promise<[string | undefined, string | undefined]> {
  const first = textArgument(args, 0);
  const second = textArgument(args, 1);
  if (first === undefined || second !== undefined) return [first, second];
  const { settings } = await context.configuration();
  if (Object.hasOwn(settings.environments, first)) return [first, undefined];
  if ((await tryResolve(await context.git(), first)) !== undefined) return [undefined, first];
  const names = Object.keys(settings.environments).map(visible).join(", ");
  throw new MaydayError(`${visible(first)} is neither an environment (there is ${names}) nor a commit here`, {
    code: "unknown-revision",
    exit: EXIT.usage,
    hint: "see what there is: git log --oneline -20, git tag --list",
  });
}

function serviceOf(settings: Settings, options: Options): { service?: string } {
  const service = textOption(options, "service");
  if (service === undefined) return {};
  requireService(settings, service);
  return { service };
}

async function append(
  context: Context,
  { git, environment, place }: Target,
  ...events: NewEvent[]
): Promise<Outcome> {
  const recorded = await recordEvents(git, place, events, {
    now: context.world.now(),
    offline: context.globals.offline,
    timeoutMs: WRITE_TIMEOUT_MS,
  });
  const { sync } = recorded;
  if (sync?.state === "queued") {
    await context.terminal.warn(
      `${visible(place.remote ?? "")} did not take the ledger (${visible(sync.text)}); it is written here and goes along with the next ledger write`,
    );
  }
  const last = recorded.events.at(-1);
  return {
    exit: EXIT.done,
    document: {
      schema: "mayday/deploy@1",
      environment,
      events: recorded.events,
      shared: sync === null ? null : sync.state === "synced",
    },
    text: (paint) =>
      `${paint.green("✔")} ${said(last)} in ${environment}${sync?.state === "synced" ? paint.dim(`, shared with ${visible(place.remote ?? "")}`) : paint.dim(", in this clone")}`,
  };
}

function said(event: KnownEvent | undefined): string {
  if (event === undefined) return "nothing written";
  const words: Readonly<Record<KnownEvent["type"], string>> = {
    deploy: "deploy of",
    certify: "certified",
    bad: "marked bad:",
    rollback: "rollback to",
  };
  return `${words[event.type]} ${short(event.sha)}`;
}
