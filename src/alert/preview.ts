import type { AlertMessage } from "../model/alert.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { deliveryId } from "./send.ts";
import { type AlertSetting, Round } from "./round.ts";
import { bounded, harmlessMessage } from "./text.ts";

/** What one channel would get. Secrets and the destination's path are redacted. */
export interface Preview {
  readonly channel: string;
  readonly method: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Exactly the bytes of the body. */
  readonly body: string;
}

export interface Unsendable {
  readonly channel: string;
  readonly refused: string;
}

/** What `sendAlert` would send, made by the same code; nothing is written and nothing goes out. */
export async function previewAlert(
  message: AlertMessage,
  names: readonly string[],
  setting: AlertSetting,
): Promise<(Preview | Unsendable)[]> {
  const round = new Round(setting);
  await round.prepare(names);
  const clean = (text: string): string => round.secrets.clean(text);
  return Promise.all(
    names.map(async (channel): Promise<Preview | Unsendable> => {
      const destination = round.destination(channel);
      if (typeof destination === "string") return { channel, refused: clean(destination) };
      try {
        const secret = await destination.secret();
        const { method, url, headers, body } = destination.entry.prepare(destination.settings, secret, {
          message: harmlessMessage(bounded(message, clean)),
          delivery: deliveryId(message.id, channel),
          now: round.now,
          delayedMs: 0,
          repeat: false,
        });
        round.secrets.addUrl(url);
        return {
          channel,
          method,
          host: hostOf(url),
          headers: shownHeaders(headers, clean),
          body: clean(body),
        };
      } catch (error) {
        if (error instanceof MaydayError) return { channel, refused: clean(error.message) };
        throw error;
      }
    }),
  );
}

function hostOf(url: string): string {
  return URL.canParse(url) ? visible(new URL(url).host) : "a URL that cannot be read";
}

/** A signature is good for some minutes to whoever copies it: it is not shown. */
function shownHeaders(
  headers: Readonly<Record<string, string>>,
  clean: (text: string) => string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      name === "webhook-signature" ? "[signed when sent]" : clean(value),
    ]),
  );
}
