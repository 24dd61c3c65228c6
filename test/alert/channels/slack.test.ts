import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Envelope } from "../../../src/alert/channel.ts";
import { slack } from "../../../src/alert/channels/slack.ts";
import { harmlessMessage } from "../../../src/alert/text.ts";
import { MaydayError } from "../../../src/model/error.ts";
import type { HttpAnswer } from "../../../src/system/http.ts";
import { message, NIGHT } from "../../support/alerting.ts";

const TOKEN = "xoxb-4815162342";
const CHANNEL = { type: "slack", channel: "C0123" };

function envelope(change: Partial<Envelope> = {}): Envelope {
  return {
    message: harmlessMessage(message()),
    delivery: "d".repeat(32),
    now: NIGHT,
    delayedMs: 0,
    repeat: false,
    ...change,
  };
}

function answer(body: unknown, status = 200): HttpAnswer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { state: "answered", status, headers: {}, body: text, truncated: false, redirectsTo: null, ms: 1 };
}

interface Body {
  readonly text: string;
  readonly blocks: readonly {
    readonly type: string;
    readonly text?: { type: string; text: string };
    readonly fields?: readonly { text: string }[];
  }[];
}

function bodyOf(settings: typeof CHANNEL & Record<string, unknown>, change: Partial<Envelope> = {}): Body {
  return JSON.parse(slack.prepare(settings, TOKEN, envelope(change)).body) as Body;
}

describe("what is sent", () => {
  test("a token posts to chat.postMessage, with the delivery id in the metadata", () => {
    const sent = slack.prepare(CHANNEL, TOKEN, envelope());
    expect(sent.url).toBe("https://slack.com/api/chat.postMessage");
    expect(sent.headers).toMatchObject({ authorization: `Bearer ${TOKEN}` });
    expect(JSON.parse(sent.body)).toMatchObject({
      channel: "C0123",
      text: "SEV1 · production · the cart answers 500",
      metadata: { event_type: "mayday_alert", event_payload: { delivery: "d".repeat(32), severity: "sev1" } },
      blocks: [
        { type: "header", text: { type: "plain_text", text: "SEV1 · production · the cart answers 500" } },
        { type: "section", fields: [{ type: "plain_text", text: "Live\nv1.5.0 (0a1b2c3d)" }] },
      ],
    });
  });

  test("a URL is an incoming webhook, without a token or a channel", () => {
    const sent = slack.prepare({ type: "slack" }, "https://hooks.slack.com/services/x", envelope());
    expect(sent.url).toBe("https://hooks.slack.com/services/x");
    expect(Object.keys(sent.headers)).toEqual(["content-type"]);
    expect(JSON.parse(sent.body)).not.toHaveProperty("channel");
  });

  test("a mention comes from the configuration, for its severity only", () => {
    const settings = { ...CHANNEL, mention: { sev1: "<!here>" } };
    const mrkdwn = bodyOf(settings).blocks.filter((block) => block.text?.type === "mrkdwn");
    expect(mrkdwn.map((block) => block.text?.text)).toEqual(["<!here>"]);
    const minor = { message: harmlessMessage(message({ severity: "sev3" })) };
    expect(JSON.stringify(bodyOf(settings, minor))).not.toContain("<!here>");
  });

  test("a secret that is neither, and a token without a channel, are errors that do not repeat it", () => {
    for (const [settings, secret] of [
      [CHANNEL, "hunter2-hunter2"],
      [{ type: "slack" }, TOKEN],
      [CHANNEL, null],
    ] as const) {
      const attempt = (): unknown => slack.prepare(settings, secret, envelope());
      expect(attempt).toThrow(MaydayError);
      expect(attempt).not.toThrow(/hunter2|4815162342/);
    }
  });

  test("Slack's limits hold for whatever is told (Block Kit reference)", () => {
    const long = fc.string({ unit: "grapheme", maxLength: 4_000 });
    const facts = fc.array(fc.record({ label: long, value: long }), { maxLength: 40 });
    fc.assert(
      fc.property(long, facts, (title, some) => {
        const { text, blocks } = bodyOf(CHANNEL, {
          message: harmlessMessage(message({ title, facts: some })),
        });
        expect(text.length).toBeLessThanOrEqual(4_000);
        expect(blocks.length).toBeLessThanOrEqual(50);
        let characters = 0;
        for (const { type, text: own, fields = [] } of blocks) {
          const length = own?.text.length ?? 0;
          expect(fields.length).toBeLessThanOrEqual(10);
          expect(length + fields.length).toBeGreaterThan(0);
          expect(length).toBeLessThanOrEqual(type === "header" ? 150 : 3_000);
          for (const field of fields) expect(field.text.length).toBeLessThanOrEqual(2_000);
          characters += length + fields.reduce((sum, field) => sum + field.text.length, 0);
        }
        expect(characters).toBeLessThanOrEqual(13_200);
      }),
      { numRuns: 100 },
    );
  });
});

describe("what an answer means", () => {
  test.for([
    [
      { ok: true, channel: "C0123", ts: "1.2" },
      { state: "delivered", handle: { channel: "C0123", ts: "1.2" } },
    ],
    [{ ok: true }, { state: "delivered", handle: null }],
    ["ok", { state: "delivered", handle: null }],
    [{ ok: false, error: "ratelimited" }, { state: "retry" }],
    [{ ok: false, error: "service_unavailable" }, { state: "retry" }],
    [{ ok: false, error: "internal_error" }, { state: "ambiguous" }],
    [{ ok: false, error: "fatal_error" }, { state: "ambiguous" }],
    [
      { ok: false, error: "not_in_channel" },
      { state: "refused", text: "Slack says not_in_channel: invite the app to the channel: /invite" },
    ],
    [
      { ok: false, error: "\u001b[2Jodd" },
      { state: "refused", text: "Slack says \\u{1b}[2Jodd" },
    ],
    [{ ok: false }, { state: "refused" }],
    ["<html>", { state: "ambiguous" }],
    ["null", { state: "ambiguous" }],
    ["", { state: "ambiguous" }],
  ] as const)("200 %j", ([body, wanted]) => {
    expect(slack.read(answer(body), NIGHT)).toMatchObject(wanted);
  });

  test("an incoming webhook says its reason in the body of a 4xx", () => {
    expect(slack.read(answer("no_service", 404), NIGHT)).toEqual({
      state: "refused",
      text: "Slack says no_service: the webhook was removed: make a new one",
    });
    expect(slack.read(answer("<h1>Forbidden</h1>", 403), NIGHT)).toEqual({
      state: "refused",
      text: "answered 403",
    });
  });
});
