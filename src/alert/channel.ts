import type * as valibot from "valibot";

import type { AlertMessage } from "../model/alert.ts";
import type { ChannelSettings } from "../model/settings.ts";
import type { HttpAnswer } from "../system/http.ts";

/** One alert on its way to one channel. The message has been made harmless: no mention, no link. */
export interface Envelope {
  readonly message: AlertMessage;
  /** The same for every attempt of this alert at this channel: a receiver can drop the second. */
  readonly delivery: string;
  /** Wall clock of this attempt, ms since 1970. */
  readonly now: number;
  /** Milliseconds since the alert was made, where it waited in the outbox; 0 when sent at once. */
  readonly delayedMs: number;
  /** An earlier attempt may have arrived. */
  readonly repeat: boolean;
}

/** What would be sent, as data: `--dry-run` prints it, delivery sends it. */
export interface ChannelRequest {
  readonly method: "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Where a message landed, for an update in place later: `{channel, ts}` at Slack. */
export type Handle = Readonly<Record<string, string>>;

/** What an answer means. */
export type Reading =
  | { readonly state: "delivered"; readonly handle: Handle | null }
  /** Not taken now. `afterMs` is what the receiver asked for, null when it said nothing. */
  | { readonly state: "retry"; readonly afterMs: number | null; readonly text: string }
  /** Will not be taken however often it is sent. */
  | { readonly state: "refused"; readonly text: string }
  /** It may have arrived, or not. */
  | { readonly state: "ambiguous"; readonly text: string };

/**
 * A kind of channel: one file here, one line in channels/index.ts. It says what to send and what
 * the answer means, and nothing else: deadlines, retries and order live in deliver.ts.
 */
export interface ChannelEntry {
  /** The word after `type:` in mayday.yaml. */
  readonly type: string;
  readonly secret: "required" | "optional";
  /** The receiver drops a second copy with the same delivery id, so a doubtful attempt is repeated. */
  readonly keyed: boolean;
  /** This type's own keys in mayday.yaml; `type` and `secret` are every channel's. */
  fragment(v: typeof valibot): valibot.ObjectEntries;
  /** Pure. Throws exit 2 when settings and secret do not make a request. */
  prepare(settings: ChannelSettings, secret: string | null, envelope: Envelope): ChannelRequest;
  /** Pure. `now` (ms since 1970) is for a `Retry-After` that is a date. */
  read(answer: HttpAnswer, now: number): Reading;
}
