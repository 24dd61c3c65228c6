import { MaydayError } from "../../model/error.ts";
import { visible } from "../../model/escape.ts";
import type { ChannelSettings } from "../../model/settings.ts";
import { type HttpAnswer, retryAfterMs } from "../../system/http.ts";
import type { ChannelEntry, ChannelRequest, Envelope, Reading } from "../channel.ts";
import { cut, remarks } from "../text.ts";
import { httpUrl, statusReading } from "./http.ts";

const API = "https://slack.com/api";

/** Characters, as documented with Slack's Block Kit; ALL is where its servers begin to refuse. */
const LIMIT = { header: 150, section: 3_000, field: 2_000, fields: 10, text: 3_000, all: 12_000 } as const;

type Block = Readonly<Record<string, unknown>>;

/**
 * Slack. The secret decides the way: a token (`xoxb-…`) posts through the Web API to `channel`,
 * an https URL is an incoming webhook. Foreign text stands in `plain_text` only, which Slack
 * neither formats nor searches for mentions; a mention comes from mayday.yaml alone.
 */
export const slack: ChannelEntry = {
  type: "slack",
  secret: "required",
  // Slack has no idempotency key: the delivery id in `metadata` only helps to find a copy.
  keyed: false,

  fragment: (v) => {
    const mention = v.pipe(
      v.string(),
      v.regex(
        /^(?:<(?:!here|!channel|!everyone|@[A-Z0-9]+|!subteam\^[A-Z0-9]+)>\s*)+$/,
        "is not a mention as Slack writes it: <!here>, <@U012AB>, <!subteam^S012AB>",
      ),
    );
    const mentions = v.strictObject({
      sev1: v.exactOptional(mention),
      sev2: v.exactOptional(mention),
      sev3: v.exactOptional(mention),
      sev4: v.exactOptional(mention),
    });
    return {
      channel: v.exactOptional(
        v.pipe(
          v.string(),
          v.minLength(1),
          v.description("Slack's id of the channel, such as C0123456789; not with a webhook."),
        ),
      ),
      api: v.exactOptional(v.pipe(v.string(), httpUrl(v), v.description(`Slack's Web API. Default ${API}.`))),
      mention: v.exactOptional(v.pipe(mentions, v.description("Who is mentioned, by severity."))),
    };
  },

  prepare(settings, secret, envelope) {
    if (secret !== null && /^https?:\/\//i.test(secret)) return incomingWebhook(settings, secret, envelope);
    if (secret === null || !/^xox[a-z]-/.test(secret)) {
      throw configurationError("the secret is neither a Slack token (xoxb-…) nor a webhook URL");
    }
    return webApi(settings, secret, envelope);
  },

  read(answer, now) {
    const general = statusReading(answer, now);
    if (general.state !== "delivered") {
      // Incoming webhooks say why with a word in the body: `no_service`, `channel_is_archived`.
      const word = /^[a-z_]{3,60}$/.exec(answer.body.trim())?.[0];
      return general.state === "refused" && word !== undefined ? explained(word) : general;
    }
    if (answer.body.trim() === "ok") return { state: "delivered", handle: null };
    return readApi(answer, now);
  },
};

function webApi(settings: ChannelSettings, token: string, envelope: Envelope): ChannelRequest {
  const channel = settings["channel"];
  if (typeof channel !== "string" || channel === "") {
    throw configurationError("a Slack token needs `channel:`, the id of a Slack channel");
  }
  const api = typeof settings["api"] === "string" ? settings["api"] : API;
  const { message, delivery } = envelope;
  return {
    method: "POST",
    url: `${api.replace(/\/+$/, "")}/chat.postMessage`,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify({
      channel,
      ...content(settings, envelope),
      metadata: {
        event_type: "mayday_alert",
        event_payload: { delivery, alert: message.id, severity: message.severity },
      },
    }),
  };
}

function incomingWebhook(settings: ChannelSettings, url: string, envelope: Envelope): ChannelRequest {
  return {
    method: "POST",
    url,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify(content(settings, envelope)),
  };
}

function content(settings: ChannelSettings, envelope: Envelope): Readonly<Record<string, unknown>> {
  const { message } = envelope;
  const title = [message.severity.toUpperCase(), message.environment, message.title, ...remarks(envelope)]
    .filter((part) => part !== null)
    .join(" · ");
  return {
    text: escaped(cut(title, LIMIT.text / 5)),
    mrkdwn: false,
    parse: "none",
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: blocks(title, mentionOf(settings, envelope), envelope),
  };
}

function blocks(title: string, mention: string | null, envelope: Envelope): Block[] {
  const { facts } = envelope.message;
  const list: Block[] = [{ type: "header", text: plain(title, LIMIT.header) }];
  if (title.length > LIMIT.header) list.push({ type: "section", text: plain(title, LIMIT.section) });
  if (mention !== null) list.push({ type: "section", text: { type: "mrkdwn", text: mention } });
  let left: number = LIMIT.all - 2 * title.length;
  const fields: string[] = [];
  for (const { label, value } of facts) {
    const text = cut(`${label}\n${value}`, LIMIT.field);
    left -= text.length;
    if (left < 0) break;
    fields.push(text);
  }
  for (let i = 0; i < fields.length; i += LIMIT.fields) {
    const some = fields.slice(i, i + LIMIT.fields);
    list.push({ type: "section", fields: some.map((text) => plain(text, LIMIT.field)) });
  }
  return list;
}

/** `emoji: false`: `:fire:` in a branch name stays what it is. */
function plain(text: string, limit: number): Block {
  return { type: "plain_text", text: cut(text, limit), emoji: false };
}

/** The three characters that Slack asks to be escaped in `text`. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function mentionOf(settings: ChannelSettings, envelope: Envelope): string | null {
  const mentions = settings["mention"];
  if (typeof mentions !== "object" || mentions === null) return null;
  const mention: unknown = Reflect.get(mentions, envelope.message.severity);
  return typeof mention === "string" && mention.trim() !== "" ? mention.trim() : null;
}

/** https://docs.slack.dev/reference/methods/chat.postMessage: errors come with status 200. */
function readApi(answer: HttpAnswer, now: number): Reading {
  const body = parsed(answer.body);
  if (body === null || typeof body["ok"] !== "boolean") {
    return { state: "ambiguous", text: "answered something that Slack does not answer" };
  }
  if (body["ok"]) {
    const { channel, ts } = body;
    return {
      state: "delivered",
      handle: typeof channel === "string" && typeof ts === "string" ? { channel, ts } : null,
    };
  }
  const error = typeof body["error"] === "string" ? body["error"] : "no reason";
  if (error === "ratelimited" || error === "rate_limited") {
    return { state: "retry", afterMs: retryAfterMs(answer.headers, now), text: "Slack asks to wait" };
  }
  if (error === "service_unavailable" || error === "request_timeout") {
    return { state: "retry", afterMs: null, text: `Slack is not able to: ${error}` };
  }
  // "Some aspect of the operation may have succeeded before the error was raised."
  if (error === "internal_error" || error === "fatal_error") {
    return { state: "ambiguous", text: `Slack failed: ${error}` };
  }
  return explained(error);
}

const NEXT: Readonly<Record<string, string>> = {
  channel_not_found: "is `channel:` the id of the Slack channel?",
  not_in_channel: "invite the app to the channel: /invite",
  is_archived: "the Slack channel is archived",
  channel_is_archived: "the Slack channel is archived",
  invalid_auth: "is the secret the right token?",
  not_authed: "is the secret the right token?",
  token_revoked: "the token was revoked: make a new one",
  token_expired: "the token has expired: make a new one",
  account_inactive: "the token's account is gone: make a new one",
  missing_scope: "the token lacks the scope chat:write",
  no_service: "the webhook was removed: make a new one",
  invalid_token: "the webhook was removed: make a new one",
};

function explained(error: string): Reading {
  const next = NEXT[error];
  const word = visible(cut(error, 60));
  return {
    state: "refused",
    text: next === undefined ? `Slack says ${word}` : `Slack says ${word}: ${next}`,
  };
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

function configurationError(message: string): MaydayError {
  return new MaydayError(message, { code: "channel", exit: 2, hint: "look at the channel in mayday.yaml" });
}
