import { createHmac } from "node:crypto";

import { MaydayError } from "../../model/error.ts";
import { rfc3339 } from "../../model/time.ts";
import type { ChannelEntry, Envelope } from "../channel.ts";
import { remarks } from "../text.ts";
import { httpUrl, statusReading } from "./http.ts";

/**
 * A generic webhook: one POST of JSON,
 *
 *     {"schema": "mayday/alert-event@1", "type": "alert.opened",
 *      "id": "01J…", "delivery": "5b0c…", "severity": "sev1", "environment": "production",
 *      "title": "…", "facts": [{"label": "Live", "value": "…"}],
 *      "at": "2026-11-24T03:12:09Z", "delayedMs": 0, "repeat": false, "remarks": []}
 *
 * All texts are plain text of one line. `at` is when the alert was made. Every attempt of one
 * alert has the same `delivery` and the same header `webhook-id`: a receiver drops the second.
 * With a `secret` the request is signed as Standard Webhooks 1.0 describe (`webhook-id`,
 * `webhook-timestamp`, `webhook-signature: v1,…`): `whsec_` and base64 gives the key's bytes, any
 * other secret is the key as it stands.
 */
export const webhook: ChannelEntry = {
  type: "webhook",
  secret: "optional",
  keyed: true,

  fragment: (v) => ({
    url: v.pipe(v.string(), httpUrl(v), v.description("Where the alert is posted as JSON.")),
  }),

  prepare(settings, secret, envelope) {
    const url = settings["url"];
    if (typeof url !== "string" || url === "") {
      throw new MaydayError("a webhook needs `url:`", {
        code: "channel",
        exit: 2,
        hint: "look at the channel in mayday.yaml",
      });
    }
    const body = JSON.stringify(payload(envelope));
    const timestamp = String(Math.floor(envelope.now / 1_000));
    return {
      method: "POST",
      url,
      headers: {
        "content-type": "application/json; charset=utf-8",
        "webhook-id": envelope.delivery,
        "webhook-timestamp": timestamp,
        ...(secret === null
          ? {}
          : { "webhook-signature": signature(secret, envelope.delivery, timestamp, body) }),
      },
      body,
    };
  },

  read(answer, now) {
    if (answer.status === 410) return { state: "refused", text: "answered 410: the receiver is gone" };
    return statusReading(answer, now);
  },
};

function payload(envelope: Envelope): Readonly<Record<string, unknown>> {
  const { message, delivery, delayedMs, repeat } = envelope;
  const { id, severity, environment, title, facts, at } = message;
  return {
    schema: "mayday/alert-event@1",
    type: "alert.opened",
    id,
    delivery,
    severity,
    environment,
    title,
    facts,
    at: rfc3339(at),
    delayedMs,
    repeat,
    remarks: remarks(envelope),
  };
}

/** `v1,` and HMAC-SHA-256 over `id.timestamp.body` in base64 (Standard Webhooks 1.0, "Signature scheme"). */
export function signature(secret: string, id: string, timestamp: string, body: string): string {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret);
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}
