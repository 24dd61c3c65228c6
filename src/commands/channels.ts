import { hostname } from "node:os";
import path from "node:path";

import { channelEntry } from "../alert/channels/index.ts";
import { Outbox } from "../alert/outbox.ts";
import { routeFor } from "../alert/route.ts";
import type { AlertSetting } from "../alert/round.ts";
import type { Configuration } from "../config/load.ts";
import type { Git } from "../git/git.ts";
import type { Severity } from "../model/alert.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { entriesOf } from "../trust/entries.ts";
import { consented, judge } from "./consent.ts";
import type { Context } from "./context.ts";

const EXAMPLE = `add one to mayday.yaml, or to ~/.config/mayday/config.yaml for yourself:
version: 1
channels:
  room: {type: slack, channel: C0123456789, secret: "env:SLACK_TOKEN"}
  hook: {type: webhook, url: "https://alerts.example.com/mayday"}`;

/**
 * The channels an alert goes to: those asked for, else the environment's route, else the user's
 * own route, else all there are. Throws exit 2 when there is none, or none of that name.
 */
export function chooseChannels(
  configuration: Configuration,
  environment: string,
  severity: Severity,
  to: readonly string[],
): readonly string[] {
  const { channels, environments, alerts } = configuration.settings;
  const known = Object.keys(channels);
  if (known.length === 0) {
    throw new MaydayError("there is no channel to send to: nobody was told", {
      code: "no-channels",
      exit: 2,
      hint: EXAMPLE,
    });
  }
  const place = Object.hasOwn(environments, environment) ? environments[environment] : undefined;
  const names =
    to.length > 0
      ? to
      : (routeFor(place?.alerts ?? {}, severity) ?? routeFor(alerts ?? {}, severity) ?? known);
  const unknown = names.find((name) => !Object.hasOwn(channels, name));
  if (unknown !== undefined) {
    throw new MaydayError(
      `there is no channel called ${visible(unknown)} (there is ${known.map(visible).join(", ")})`,
      {
        code: "unknown-channel",
        exit: 2,
        // `--to room "the cart is broken"`: the message was taken for a channel.
        hint: /\s/.test(unknown)
          ? `is that the message? It stands first: mayday alert ${JSON.stringify(visible(unknown))} --to ${known.map(visible).join(" ")}`
          : `mayday alert "…" --to ${visible(known[0] ?? "")}, or add channels.${visible(unknown)} to ${configuration.label ?? "mayday.yaml"}`,
      },
    );
  }
  return [...new Set(names)];
}

/** Where unsent alerts are kept: with the clone, else with the user's state; null without a home. */
function outboxFile(git: Git | null, env: Readonly<Record<string, string | undefined>>): string | null {
  if (git !== null) return path.join(git.layout.commonDir, "mayday", "outbox.jsonl");
  const chosen = env["XDG_STATE_HOME"] ?? "";
  const home = env["HOME"] ?? env["USERPROFILE"] ?? "";
  if (path.isAbsolute(chosen)) return path.join(chosen, "mayday", "outbox.jsonl");
  return path.isAbsolute(home) ? path.join(home, ".local", "state", "mayday", "outbox.jsonl") : null;
}

/** The outbox of this repository, or the user's own. */
export function openOutbox(git: Git | null, context: Context): Outbox {
  return new Outbox(outboxFile(git, context.world.env), { pid: process.pid, host: hostname() });
}

/**
 * All that the alert room needs to know of the outside. Asks for consent to `names` and to the
 * fallback channels where that is missing.
 */
export async function alertSetting(
  context: Context,
  configuration: Configuration,
  names: readonly string[],
): Promise<AlertSetting> {
  const { settings, file } = configuration;
  const own = new Set(configuration.ownChannels);
  const { env, now, signal } = context.world;
  const home = env["HOME"] ?? env["USERPROFILE"] ?? null;
  const git = await context.gitOrNull();
  return {
    channels: settings.channels,
    own,
    leftOut: await leftOut(context, configuration, [...names, ...settings.alerting.fallback]),
    alerting: settings.alerting,
    outbox: openOutbox(git, context),
    source: (channel) => {
      const from = own.has(channel) ? (configuration.ownFile ?? null) : file;
      const cwd = from === null ? context.cwd : path.dirname(from);
      // Half of the deadline is left for the channel itself.
      return { env, home, cwd, signal, commandTimeoutMs: settings.alerting.deadline / 2 };
    },
    now,
    signal,
  };
}

/** Channels that nobody here consented to, with what to do about it. Only `names` are asked about. */
async function leftOut(
  context: Context,
  configuration: Configuration,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const used = new Set(names.map((name) => `channels.${name}`));
  const { channels } = configuration.settings;
  const sendable = new Set(
    Object.entries(channels)
      .filter(([, { type }]) => channelEntry(type) !== undefined)
      .map(([name]) => `channels.${name}`),
  );
  const entries = entriesOf(configuration).filter(({ where }) => sendable.has(where));
  const { allowed } = await consented(
    context,
    configuration,
    entries.filter(({ where }) => used.has(where)),
    "to send alerts",
  );
  // Others may have something in the outbox: it is sent where consent was given before.
  const others = await judge(
    context,
    entries.filter(({ where }) => !used.has(where)),
  );
  const closed = new Set([
    ...[...used].filter((where) => !allowed.has(where)),
    ...others.filter(({ state }) => state === "new" || state === "changed").map(({ entry }) => entry.where),
  ]);
  return new Map(
    Object.keys(channels)
      .filter((channel) => closed.has(`channels.${channel}`))
      .map((channel) => [channel, "needs consent: mayday trust"]),
  );
}
