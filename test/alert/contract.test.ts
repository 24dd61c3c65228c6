import { describe, expect, test } from "vitest";

import { CHANNELS } from "../../src/alert/channels/index.ts";
import { previewAlert } from "../../src/alert/preview.ts";
import { sendAlert } from "../../src/alert/send.ts";
import type { Delivery } from "../../src/model/alert.ts";
import { formsOf, message, setting, VARIANTS } from "../support/alerting.ts";
import {
  answers,
  type Behaviour,
  closedPort,
  echoes,
  fakeServer,
  floods,
  hangsAfterHeaders,
  hangsBeforeHeaders,
  hangsMidBody,
  resets,
  resetsMidBody,
  slackOk,
  slackSays,
} from "../support/http.ts";

// One contract for every entry of the registry, against fake loopback servers with faults. Nothing
// here was ever sent to the real Slack.

type Status = Delivery["status"];

interface Fault {
  readonly name: string;
  readonly behaviour: Behaviour;
  /** What must become of the delivery at Slack, which has no idempotency key, and at a webhook, which has. */
  readonly slack: Status;
  readonly webhook: Status;
  /** Requests that must arrive: at Slack, at a webhook. */
  readonly attempts: readonly [number, number];
  readonly deadline: number;
}

const fault = (
  name: string,
  behaviour: Behaviour,
  slack: Status,
  webhook: Status,
  attempts: readonly [number, number],
  deadline = 5_000,
): Fault => ({ name, behaviour, slack, webhook, attempts, deadline });

const FAULTS: readonly Fault[] = [
  fault("hangs before headers", hangsBeforeHeaders, "ambiguous", "queued", [1, 1], 300),
  fault("hangs after headers", hangsAfterHeaders, "ambiguous", "delivered", [1, 1], 300),
  fault("hangs mid-body", hangsMidBody, "ambiguous", "delivered", [1, 1], 300),
  fault("resets", resets, "ambiguous", "queued", [1, 2]),
  fault("resets mid-body", resetsMidBody, "ambiguous", "delivered", [1, 1]),
  fault("200 with ok:false", slackSays("invalid_auth"), "refused", "delivered", [1, 1]),
  fault("200 with a page of HTML", answers(200, "<html>Sign in"), "ambiguous", "delivered", [1, 1]),
  fault("200 MB", floods(200), "ambiguous", "delivered", [1, 1]),
  fault("429 without Retry-After", answers(429), "queued", "queued", [2, 2]),
  fault("429 with a long Retry-After", answers(429, "", { "retry-after": "60" }), "queued", "queued", [1, 1]),
  fault("500", answers(500, "broken"), "queued", "queued", [2, 2]),
  fault("503 with a long Retry-After", answers(503, "", { "retry-after": "60" }), "queued", "queued", [1, 1]),
  fault("404", answers(404, "no_service"), "refused", "refused", [1, 1]),
  fault("410", answers(410), "refused", "refused", [1, 1]),
  fault("403 that echoes all it got", echoes(403), "refused", "refused", [1, 1]),
  fault("500 that echoes all it got", echoes(500), "queued", "queued", [2, 2]),
];

test("every entry of the registry is under this contract", () => {
  const tested = new Set(Object.values(VARIANTS).map((make) => make("http://127.0.0.1").settings.type));
  expect([...tested].toSorted()).toEqual(CHANNELS.map((entry) => entry.type).toSorted());
});

describe.each(Object.entries(VARIANTS))("%s", (_variant, make) => {
  const isSlack = make("http://127.0.0.1").settings.type === "slack";

  function expectClean(text: string, secrets: readonly string[]): void {
    for (const secret of secrets) for (const form of formsOf(secret)) expect(text).not.toContain(form);
  }

  test("accepts: delivered, with the message and nothing of the outbox left", async () => {
    const server = await fakeServer(slackOk);
    const channel = make(server.url);
    const used = setting([channel]);
    const report = await sendAlert(message(), [channel.name], used);
    expect(report).toMatchObject({
      exit: 0,
      warnings: [],
      deliveries: [{ channel: channel.name, status: "delivered" }],
    });
    expect(server.received).toHaveLength(1);
    expect(server.received[0]?.body).toContain("the cart answers 500");
    expectClean(JSON.stringify(report) + used.written(), channel.secrets);
  });

  test.each(FAULTS.map((one) => [one.name, one] as const))("%s", async (_name, one) => {
    const server = await fakeServer(one.behaviour);
    const channel = make(server.url);
    const used = setting([channel], { alerting: { require: 1, deadline: one.deadline, fallback: [] } });
    const report = await sendAlert(message(), [channel.name], used);
    const status = isSlack ? one.slack : one.webhook;
    expect(report.deliveries).toMatchObject([{ channel: channel.name, status }]);
    expect(report.exit).toBe(status === "delivered" ? 0 : 1);
    expect(server.received).toHaveLength(one.attempts[isSlack ? 0 : 1]);
    expectClean(JSON.stringify(report) + used.written(), channel.secrets);
    // What can still arrive is still in the outbox, what cannot is not.
    const { entries } = await used.outbox.read();
    expect([...entries.values()].map((entry) => entry.last?.status)).toEqual([status]);
  });

  test("nobody listens: queued, and said by host", async () => {
    const port = await closedPort();
    const channel = make(`http://127.0.0.1:${port}`);
    const used = setting([channel]);
    const report = await sendAlert(message(), [channel.name], used);
    expect(report.deliveries).toMatchObject([
      { status: "queued", text: `127.0.0.1:${port} refused the connection` },
    ]);
    expectClean(JSON.stringify(report) + used.written(), channel.secrets);
  });

  test("429 with a short Retry-After: waits, sends the same delivery again, delivered", async () => {
    const server = await fakeServer((received, response, request) => {
      server.behave(slackOk);
      answers(429, "", { "retry-after": "0.05" })(received, response, request);
    });
    const channel = make(server.url);
    const report = await sendAlert(message(), [channel.name], setting([channel]));
    expect(report.deliveries).toMatchObject([{ status: "delivered" }]);
    expect(server.received).toHaveLength(2);
    expect(server.received[1]?.headers["webhook-id"]).toBe(server.received[0]?.headers["webhook-id"]);
  });

  test("a redirect to another host: refused, and the other host gets nothing", async () => {
    const other = await fakeServer(slackOk);
    const server = await fakeServer(answers(307, "", { location: `${other.url}/x?${"a".repeat(20)}` }));
    const channel = make(server.url);
    const used = setting([channel]);
    const report = await sendAlert(message(), [channel.name], used);
    expect(report.deliveries).toMatchObject([
      { status: "refused", text: `redirects to 127.0.0.1:${other.port}, which is not followed` },
    ]);
    expect(other.received).toEqual([]);
    expectClean(JSON.stringify(report) + used.written(), channel.secrets);
  });

  test("an abort ends it at once and loses nothing", async () => {
    const server = await fakeServer(hangsBeforeHeaders);
    const channel = make(server.url);
    const controller = new AbortController();
    const used = setting([channel], {
      signal: controller.signal,
      alerting: { require: 1, deadline: 600_000, fallback: [] },
    });
    const sending = sendAlert(message(), [channel.name], used);
    await server.arrived(1);
    controller.abort();
    const report = await sending;
    expect(report.deliveries).toMatchObject([{ status: isSlack ? "ambiguous" : "queued" }]);
    expect(report.exit).toBe(1);
    const { entries } = await used.outbox.read();
    expect([...entries.values()]).toMatchObject([{ channel: channel.name, claim: null }]);
  });

  test("hostile text mentions nobody, links nowhere, formats nothing", async () => {
    const server = await fakeServer(slackOk);
    const channel = make(server.url);
    const hostile =
      "fix <!channel> <@U012AB> <https://evil.example|pay> @everyone @here *b* `c` [x](https://evil.example) www.evil.example \u202egnp\u0007\u001b[2J\u200b\nSEV4 all is well \ud800";
    const facts = [{ label: "First suspect", value: hostile }];
    await sendAlert(message({ title: hostile, facts }), [channel.name], setting([channel]));
    const body = server.received[0]?.body ?? "";
    const text = JSON.stringify(JSON.parse(body), (_key, value: unknown) => value).replaceAll(
      "\\\\u{",
      "(u{",
    );
    expect(text).not.toMatch(/<[!@h]|@everyone|@here|:\/\/evil|www\.evil|\]\(/);
    // oxlint-disable-next-line no-control-regex -- finding them is the point
    expect(body).not.toMatch(/[\u0000-\u001f\u202a-\u202e\u200b\u2066-\u2069]|\\u00[01]|\\ud8/);
  });

  test("--dry-run: the very request, with no secret in it and nothing sent or written", async () => {
    const server = await fakeServer(slackOk);
    const channel = make(server.url);
    const used = setting([channel]);
    const previews = await previewAlert(message(), [channel.name], used);
    expect(server.received).toEqual([]);
    expect(() => used.written()).toThrow("ENOENT");
    expectClean(JSON.stringify(previews), channel.secrets);
    await sendAlert(message(), [channel.name], used);
    expect(previews).toMatchObject([{ method: "POST", body: server.received[0]?.body }]);
    // A signature could be replayed: it is not shown.
    const sent = server.received[0]?.headers["webhook-signature"] ?? "no signature";
    expect(JSON.stringify(previews)).not.toContain(sent);
  });
});

const variants = Object.entries(VARIANTS);

describe.each(variants.filter(([name]) => name.startsWith("slack")))("%s", (_variant, make) => {
  test("at Slack foreign text stands in plain_text only", async () => {
    const server = await fakeServer(slackOk);
    const channel = make(server.url);
    await sendAlert(message(), [channel.name], setting([channel]));
    const { blocks, ...rest } = JSON.parse(server.received[0]?.body ?? "") as SlackBody;
    expect(rest).toMatchObject({ mrkdwn: false, parse: "none", link_names: false, unfurl_links: false });
    const texts = blocks.flatMap((block) => block.fields ?? [block.text]);
    expect(texts.length).toBeGreaterThan(1);
    for (const text of texts) expect(text).toMatchObject({ type: "plain_text", emoji: false });
  });
});

describe.each(variants.filter(([, make]) => make("http://127.0.0.1").settings.secret !== undefined))(
  "%s",
  (_variant, make) => {
    test("a secret that cannot be read: refused, nothing is sent, exit 2", async () => {
      const server = await fakeServer(slackOk);
      const channel = make(server.url);
      const used = setting([{ ...channel, env: {} }]);
      const report = await sendAlert(message(), [channel.name], used);
      expect(report).toMatchObject({ exit: 2, deliveries: [{ status: "refused" }] });
      expect(report.deliveries[0]?.text).toMatch(/^the environment variable \w+ is not set$/);
      expect(server.received).toEqual([]);
    });
  },
);

interface SlackBody {
  readonly blocks: readonly { readonly text?: unknown; readonly fields?: readonly unknown[] }[];
}
