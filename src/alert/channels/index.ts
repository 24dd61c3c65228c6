import type { ChannelEntry } from "../channel.ts";
import { slack } from "./slack.ts";
import { webhook } from "./webhook.ts";

/** Every channel this version can send to. A new one is one file and one line. */
export const CHANNELS: readonly ChannelEntry[] = [slack, webhook];

export function channelEntry(type: string): ChannelEntry | undefined {
  return CHANNELS.find((entry) => entry.type === type);
}
