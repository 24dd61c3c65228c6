import { expect, test } from "vitest";

import { signature, webhook } from "../../../src/alert/channels/webhook.ts";
import { message, NIGHT } from "../../support/alerting.ts";

const ENVELOPE = { message: message(), delivery: "d".repeat(32), now: NIGHT, delayedMs: 0, repeat: false };

test("the signature is that of the published Standard Webhooks example", () => {
  expect(
    signature(
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "1614265330",
      '{"test": 2432232314}',
    ),
  ).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

test("the payload and its headers", () => {
  const sent = webhook.prepare({ type: "webhook", url: "https://alerts.example.com/x" }, "a-key", ENVELOPE);
  expect(JSON.parse(sent.body)).toEqual({
    schema: "mayday/alert-event@1",
    type: "alert.opened",
    id: message().id,
    delivery: "d".repeat(32),
    severity: "sev1",
    environment: "production",
    title: "the cart answers 500",
    facts: [{ label: "Live", value: "v1.5.0 (0a1b2c3d)" }],
    at: "2026-11-24T03:12:09Z",
    delayedMs: 0,
    repeat: false,
    remarks: [],
  });
  expect(sent.headers).toEqual({
    "content-type": "application/json; charset=utf-8",
    "webhook-id": "d".repeat(32),
    "webhook-timestamp": "1795489929",
    "webhook-signature": signature("a-key", "d".repeat(32), "1795489929", sent.body),
  });
});

test("without a secret it is not signed, without a url it is an error", () => {
  const sent = webhook.prepare({ type: "webhook", url: "https://alerts.example.com/x" }, null, ENVELOPE);
  expect(sent.headers).not.toHaveProperty("webhook-signature");
  expect(() => webhook.prepare({ type: "webhook" }, null, ENVELOPE)).toThrow("a webhook needs `url:`");
});
