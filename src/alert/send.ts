import { createHash } from "node:crypto";

import type { AlertMessage, Delivery } from "../model/alert.ts";
import { backlogOf, catchUp } from "./backlog.ts";
import { deliver } from "./deliver.ts";
import type { OutboxEntry } from "./outbox.ts";
import { type AlertSetting, Round } from "./round.ts";
import { bounded } from "./text.ts";

export interface AlertReport {
  /** 0 every channel accepted; 8 some did; 1 none did; 2 none could even be tried. */
  readonly exit: 0 | 1 | 2 | 8;
  /** This alert, in the order of the route, fallback channels last. */
  readonly deliveries: readonly Delivery[];
  /** Alerts of before that were tried again. */
  readonly delayed: readonly Delivery[];
  /** Unsent alerts that are too old to be sent unasked. */
  readonly stale: number;
  readonly warnings: readonly string[];
}

interface Told {
  readonly delivery: Delivery;
  /** Nothing was sent, because configuration or consent forbids it. */
  readonly unusable: boolean;
}

/** Alert and channel make the id: whoever sends it again, the receiver sees the same one. */
export function deliveryId(alert: string, channel: string): string {
  return createHash("sha256").update(`${alert}\0${channel}`).digest("hex").slice(0, 32);
}

/**
 * Tells the channels, all at once. What is to be sent is on the disk before the first byte goes
 * out; what is not accepted within the deadline stays there. Alerts still queued from before, not
 * older than an hour, go first on their channel. Fallback channels are told when a channel refuses,
 * or when fewer than `alerting.require` accepted. Never throws for what a channel does.
 */
export async function sendAlert(
  message: AlertMessage,
  names: readonly string[],
  setting: AlertSetting,
): Promise<AlertReport> {
  const round = new Round(setting);
  const { deadline, require, fallback: configured } = setting.alerting;
  const fallback = configured.filter((name) => !names.includes(name));
  const state = await round.read();
  if (state.skipped > 0) {
    round.warn(`the outbox has ${state.skipped} unreadable line${state.skipped === 1 ? "" : "s"}: skipped`);
  }
  const { due, stale } = backlogOf(state, setting.outbox, round.now);
  await round.prepare([...names, ...fallback, ...due.map((entry) => entry.channel)]);
  const clean = bounded(message, (text) => round.secrets.clean(text));

  // Durable first: the new alert, then the claim on the old ones, and only then the network.
  const kept = await queueFor(round, names, clean);
  const backlog = byChannel(
    await round.claim(due.filter((entry) => typeof round.destination(entry.channel) !== "string")),
  );
  let fallbackTold: Promise<Told[]> | undefined;
  const useFallback = (): Promise<Told[]> => (fallbackTold ??= tellFallback(round, fallback, clean));
  const delayed: Delivery[] = [];

  const own = names.map(async (channel) => {
    const started = performance.now();
    delayed.push(...(await catchUp(round, channel, backlog.get(channel) ?? [], deadline / 2)));
    const told = await tell(round, channel, clean, kept, deadline - (performance.now() - started));
    if (told.delivery.status === "refused") void useFallback();
    return told;
  });
  const others = [...backlog].filter(([channel]) => !names.includes(channel));
  await Promise.all(
    others.map(async ([channel, entries]) => {
      delayed.push(...(await catchUp(round, channel, entries, deadline / 2)));
    }),
  );
  const told = await Promise.all(own);
  if (told.filter((one) => one.delivery.status === "delivered").length < require) await useFallback();
  const all = [...told, ...((await fallbackTold) ?? [])];
  return {
    exit: exitOf(all),
    deliveries: all.map((one) => one.delivery),
    delayed,
    stale,
    warnings: round.warnings,
  };
}

async function tellFallback(
  round: Round,
  channels: readonly string[],
  message: AlertMessage,
): Promise<Told[]> {
  const kept = await queueFor(round, channels, message);
  const { deadline } = round.setting.alerting;
  return Promise.all(channels.map((channel) => tell(round, channel, message, kept, deadline)));
}

/** Puts the alert on the disk for every channel that can be used; false when that was not possible. */
async function queueFor(round: Round, channels: readonly string[], message: AlertMessage): Promise<boolean> {
  const usable = channels.filter((channel) => typeof round.destination(channel) !== "string");
  return round.queue(usable.map((channel) => ({ id: deliveryId(message.id, channel), channel, message })));
}

async function tell(
  round: Round,
  channel: string,
  message: AlertMessage,
  kept: boolean,
  deadlineMs: number,
): Promise<Told> {
  const destination = round.destination(channel);
  if (typeof destination === "string") {
    const text = round.secrets.clean(destination);
    return { unusable: true, delivery: { channel, status: "refused", ms: 0, text } };
  }
  const id = deliveryId(message.id, channel);
  const ended = await deliver(
    destination,
    { message, delivery: id, delayedMs: 0, repeat: false },
    round.options(deadlineMs),
  );
  if (kept) await round.settle(id, ended);
  const { status, text, ms, unusable } = ended;
  const lost = !kept && status === "queued";
  return {
    unusable,
    delivery: { channel, status: lost ? "refused" : status, ms, text: lost ? `${text}; not queued` : text },
  };
}

function byChannel(entries: readonly OutboxEntry[]): Map<string, OutboxEntry[]> {
  const channels = new Map<string, OutboxEntry[]>();
  for (const entry of entries) channels.set(entry.channel, [...(channels.get(entry.channel) ?? []), entry]);
  return channels;
}

function exitOf(told: readonly Told[]): AlertReport["exit"] {
  if (told.every((one) => one.unusable)) return 2;
  const reached = told.filter((one) => one.delivery.status === "delivered").length;
  return reached === told.length ? 0 : reached > 0 ? 8 : 1;
}
