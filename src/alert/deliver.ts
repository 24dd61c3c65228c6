import { MaydayError } from "../model/error.ts";
import type { ChannelSettings } from "../model/settings.ts";
import { spoken } from "../model/time.ts";
import { type HttpResult, request } from "../system/http.ts";
import type { Redactor } from "../system/secrets.ts";
import type { ChannelEntry, Envelope, Handle, Reading } from "./channel.ts";
import { harmlessMessage } from "./text.ts";

/** A configured channel, ready to be sent to. */
export interface Destination {
  readonly channel: string;
  readonly entry: ChannelEntry;
  readonly settings: ChannelSettings;
  /** Reads the secret when it is needed, once; null where there is none. */
  readonly secret: () => Promise<string | null>;
  /** It stands in the user's own configuration: private addresses are the user's business. */
  readonly own: boolean;
}

export interface DeliveryOptions {
  /** Milliseconds for everything: the secret, both attempts, the wait between them. */
  readonly deadlineMs: number;
  readonly secrets: Redactor;
  /** Wall clock, ms since 1970. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** How a delivery ended. `queued` and `ambiguous` stay in the outbox, the others are final. */
export interface Ended {
  readonly status: "delivered" | "queued" | "refused" | "ambiguous";
  readonly text: string;
  readonly handle: Handle | null;
  readonly notBefore: number | null;
  /** Nothing was sent, because configuration or consent forbids it. */
  readonly unusable: boolean;
  readonly ms: number;
}

/** A pause before the second attempt when the receiver asked for none, ms. */
const PAUSE_MS = 500;
/** Less than this is not worth another attempt, ms. */
const WORTH_MS = 250;
/** A connection that hangs often works the second time: the first may take this part of the time. */
const FIRST_SHARE = 0.6;

/**
 * Sends one message to one channel within its deadline. A second attempt is made where it cannot
 * make a second message: nothing had been sent, the receiver said "later", or it drops copies by
 * their id. `Retry-After` is obeyed; one that ends after the deadline leaves the message queued.
 */
export async function deliver(
  destination: Destination,
  sending: Omit<Envelope, "now">,
  options: DeliveryOptions,
): Promise<Ended> {
  const started = performance.now();
  const left = (): number => options.deadlineMs - (performance.now() - started);
  const end = (status: Ended["status"], text: string, more: Partial<Ended> = {}): Ended => ({
    status,
    text: options.secrets.clean(text),
    handle: null,
    notBefore: null,
    unusable: false,
    ms: Math.round(performance.now() - started),
    ...more,
  });
  const { entry } = destination;
  let repeat = sending.repeat;
  try {
    const secret = await destination.secret();
    for (let attempt = 1; ; attempt += 1) {
      const envelope: Envelope = {
        ...sending,
        repeat,
        message: harmlessMessage(sending.message),
        now: options.now(),
      };
      const wanted = entry.prepare(destination.settings, secret, envelope);
      options.secrets.addUrl(wanted.url);
      const first = attempt === 1;
      const result = await request({
        ...wanted,
        timeoutMs: Math.max(1, first && entry.keyed ? left() * FIRST_SHARE : left()),
        signal: options.signal,
        secrets: options.secrets,
        allowPrivate: destination.own,
      });
      const reading = read(entry, result, options);
      if (reading.state === "delivered") return end("delivered", "accepted", { handle: reading.handle });
      if (reading.state !== "retry") return end(reading.state, reading.text);
      const pause = reading.afterMs ?? PAUSE_MS;
      if (!first || options.signal?.aborted || pause + WORTH_MS > left()) {
        const notBefore = reading.afterMs === null ? null : options.now() + reading.afterMs;
        return end("queued", reading.text, { notBefore });
      }
      repeat ||= result.state === "failed" && result.sent !== false;
      await wait(pause, options.signal);
    }
  } catch (error) {
    if (!(error instanceof MaydayError)) throw error;
    if (options.signal?.aborted) return end("queued", "interrupted");
    return end("refused", error.message, { unusable: true });
  }
}

/** What became of an attempt: the answer as the channel reads it, or what a failure leaves open. */
function read(entry: ChannelEntry, result: HttpResult, options: DeliveryOptions): Reading {
  const now = options.now();
  if (result.state === "answered") return entry.read(result, now);
  // Of all attempts together: what a person waited for.
  const text = result.kind === "timeout" ? `no answer within ${spoken(options.deadlineMs)}` : result.text;
  if (result.kind === "invalid-url") return { state: "refused", text };
  const partial = result.partial === null ? null : entry.read(result.partial, now);
  if (partial !== null && partial.state !== "ambiguous") return partial;
  if (result.sent === false || entry.keyed) return { state: "retry", afterMs: null, text };
  return { state: "ambiguous", text: `${text}; it may have arrived` };
}

async function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
}
