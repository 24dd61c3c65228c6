import type { ObjectEntries } from "valibot";

import { found, type Scalars, type Valibot } from "./scalars.ts";
import { shown } from "./secret.ts";
import { meant } from "./suggest.ts";

/**
 * What the alert room says about one channel type: its name and its keys beside `type`. valibot
 * comes in as an argument, so that the room never loads it.
 */
export interface ChannelEntry {
  readonly type: string;
  readonly secret?: "required" | "optional";
  fragment(v: Valibot): ObjectEntries;
}

/** Every type of the contract and its plans. One that has no entry is read by shape and not sent to. */
const CHANNEL_WORDS = [
  "slack",
  "webhook",
  "pagerduty",
  "smtp",
  "opsgenie",
  "discord",
  "teams",
  "mattermost",
  "googlechat",
  "telegram",
  "matrix",
  "ntfy",
  "gotify",
  "pushover",
  "twilio",
  "alertmanager",
  "grafana",
  "command",
] as const;

/** The schema of one channel: strict where this version can send, by shape where it cannot yet. */
export function channelSchema(v: Valibot, s: Scalars, entries: readonly ChannelEntry[]) {
  const sendable = entries.map((entry) => entry.type);
  const words = [...new Set([...sendable, ...CHANNEL_WORDS])];
  const reference = v.pipe(
    s.secret,
    v.description("Where the secret is: env:NAME, file:PATH, keychain:NAME or cmd:COMMAND."),
  );
  const strict = entries.map((entry) =>
    s.section({
      secret: entry.secret === "required" ? reference : v.exactOptional(reference),
      ...entry.fragment(v),
      type: v.literal(entry.type),
    }),
  );
  const later = v.looseObject({
    secret: v.exactOptional(reference),
    type: v.picklist(words.filter((word) => !sendable.includes(word))),
  });
  return v.variant("type", [...strict, later], ({ input }) => {
    if (typeof input === "string") return `there is no channel type ${shown(input)}${meant(input, words)}`;
    return input === undefined
      ? `"type" is missing here: one of ${words.join(", ")}`
      : `expected a channel (type: …), found ${found(input)}`;
  });
}
