import type { ChannelSettings } from "../model/settings.ts";
import { visible } from "../model/escape.ts";
import { MaydayError } from "../model/error.ts";
import { type Redactor, resolveSecret, type SecretSource } from "../system/secrets.ts";
import { channelEntry } from "./channels/index.ts";
import type { Destination } from "./deliver.ts";

/** What is configured, and what of it may be used. */
export interface ConfiguredChannels {
  readonly channels: Readonly<Record<string, ChannelSettings>>;
  /** Those of the user's own configuration. */
  readonly own: ReadonlySet<string>;
  /** Channels that may not be used, and why ("needs consent: mayday trust"). */
  readonly leftOut: ReadonlyMap<string, string>;
  /** Where a channel's secret is read. */
  readonly source: (channel: string) => SecretSource;
}

/**
 * A channel ready to be sent to, or in words why it is not. `env:` and `file:` secrets are read
 * now, so that the redactor knows them before anything is written; `cmd:` runs when it is needed,
 * within the delivery's deadline, so that a slow password store delays nobody else.
 */
export async function destinationOf(
  channel: string,
  configured: ConfiguredChannels,
  secrets: Redactor,
): Promise<Destination | string> {
  const { channels, own, leftOut, source } = configured;
  const settings = Object.hasOwn(channels, channel) ? channels[channel] : undefined;
  if (settings === undefined) return "it is not configured any more";
  const entry = channelEntry(settings.type);
  if (entry === undefined) return `this version of mayday cannot send to ${visible(settings.type)} yet`;
  const reason = leftOut.get(channel);
  if (reason !== undefined) return reason;
  const reference = settings.secret;
  if (reference === undefined && entry.secret === "required") return "it has no secret: add secret: env:NAME";
  let read: Promise<string | null> | undefined;
  const secret = (): Promise<string | null> =>
    (read ??=
      reference === undefined ? Promise.resolve(null) : readSecret(reference, source(channel), secrets));
  if (reference !== undefined && !reference.startsWith("cmd:")) {
    try {
      await secret();
    } catch (error) {
      if (error instanceof MaydayError) return error.message;
      throw error;
    }
  }
  if (typeof settings["url"] === "string") secrets.addUrl(settings["url"]);
  return { channel, entry, settings, secret, own: own.has(channel) };
}

async function readSecret(reference: string, source: SecretSource, secrets: Redactor): Promise<string> {
  const secret = await resolveSecret(reference, source);
  secrets.add(secret);
  return secret;
}
