import { visible } from "../model/escape.ts";
import type { AlertingSettings } from "../model/settings.ts";
import { Redactor } from "../system/secrets.ts";
import type { DeliveryOptions, Destination, Ended } from "./deliver.ts";
import { type ConfiguredChannels, destinationOf } from "./destination.ts";
import type { Outbox, OutboxEntry, OutboxItem, OutboxState, Receipt } from "./outbox.ts";

export interface AlertSetting extends ConfiguredChannels {
  readonly alerting: AlertingSettings;
  readonly outbox: Outbox;
  /** Wall clock, ms since 1970. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One run of sending: what its parts share. An outbox that cannot be used is a warning and no more,
 * because a full disk must not stop an alert.
 */
export class Round {
  readonly setting: AlertSetting;
  readonly secrets = new Redactor();
  readonly #ready = new Map<string, Destination | string>();
  readonly #warnings = new Set<string>();

  constructor(setting: AlertSetting) {
    this.setting = setting;
  }

  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  get now(): number {
    return this.setting.now();
  }

  warn(text: string): void {
    this.#warnings.add(text);
  }

  async prepare(channels: Iterable<string>): Promise<void> {
    await Promise.all(
      [...new Set(channels)].map(async (channel) => {
        this.#ready.set(channel, await destinationOf(channel, this.setting, this.secrets));
      }),
    );
  }

  /** The channel, or in words why it cannot be used. */
  destination(channel: string): Destination | string {
    return this.#ready.get(channel) ?? "it is not configured";
  }

  options(deadlineMs: number): DeliveryOptions {
    const { now, signal } = this.setting;
    return { deadlineMs, secrets: this.secrets, now, signal };
  }

  async read(): Promise<OutboxState> {
    const state = await this.#tried(this.setting.outbox.read(), "the outbox cannot be read");
    return state ?? { entries: new Map(), skipped: 0 };
  }

  /** Puts a batch on the disk; false when that is not possible. */
  async queue(items: readonly OutboxItem[]): Promise<boolean> {
    if (items.length === 0) return true;
    const queued = this.setting.outbox.queue(items, this.now, this.#until()).then(() => true);
    const failure = "the outbox cannot be written: what is not accepted now is not sent later";
    return (await this.#tried(queued, failure)) ?? false;
  }

  async claim(entries: readonly OutboxEntry[]): Promise<readonly OutboxEntry[]> {
    const claimed = this.setting.outbox.claim(entries, this.now, this.#until());
    return (await this.#tried(claimed, "the outbox cannot be written")) ?? [];
  }

  async settle(id: string, ended: Ended): Promise<void> {
    const { status, text, handle, notBefore } = ended;
    await this.record({ id, status, text, handle, notBefore });
  }

  async record(receipt: Receipt): Promise<void> {
    const recorded = this.setting.outbox.record(receipt, this.now);
    await this.#tried(recorded, "the outbox cannot be written: an alert may be sent twice");
  }

  /** Longer than a run can take: own channels and fallback, each with a deadline. */
  #until(): number {
    return this.now + 3 * this.setting.alerting.deadline + 10_000;
  }

  async #tried<T>(work: Promise<T>, failure: string): Promise<T | null> {
    try {
      return await work;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? ` (${visible(String(error.code))})` : "";
      this.warn(`${failure}${code}`);
      return null;
    }
  }
}
