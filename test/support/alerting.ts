import { readFileSync } from "node:fs";
import path from "node:path";

import { Outbox } from "../../src/alert/outbox.ts";
import type { AlertSetting } from "../../src/alert/round.ts";
import type { AlertMessage } from "../../src/model/alert.ts";
import type { ChannelSettings } from "../../src/model/settings.ts";
import { scratch } from "./repository.ts";

/** 2026-11-24T03:12:09Z */
export const NIGHT = Date.UTC(2026, 10, 24, 3, 12, 9);

export function message(change: Partial<AlertMessage> = {}): AlertMessage {
  return {
    id: "01KAT3Q2X5M5Z0000000000001",
    severity: "sev1",
    environment: "production",
    title: "the cart answers 500",
    facts: [{ label: "Live", value: "v1.5.0 (0a1b2c3d)" }],
    at: NIGHT,
    ...change,
  };
}

/** A channel on a fake loopback server, and the secrets that may not be seen anywhere. */
export interface ConfiguredChannel {
  readonly name: string;
  readonly settings: ChannelSettings;
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

const PATH = "/T0AB12CD3/Zq9fK2mX7pLw";

/** Every way a channel can be configured, by the name of its test. The server is a fake, never the real service. */
export const VARIANTS: Readonly<Record<string, (url: string) => ConfiguredChannel>> = {
  "slack, Web API": (url) => ({
    name: "room",
    settings: { type: "slack", channel: "C0123", api: `${url}/api`, secret: "env:SLACK_TOKEN" },
    env: { SLACK_TOKEN: "xoxb-4815162342-QwErTyUiOp/+?=" },
    secrets: ["xoxb-4815162342-QwErTyUiOp/+?=", "QwErTyUiOp"],
  }),
  "slack, incoming webhook": (url) => ({
    name: "hook",
    settings: { type: "slack", secret: "env:SLACK_URL" },
    env: { SLACK_URL: `${url}/services${PATH}` },
    secrets: ["T0AB12CD3", "Zq9fK2mX7pLw"],
  }),
  "webhook, signed": (url) => ({
    name: "signed",
    settings: { type: "webhook", url: `${url}/in${PATH}`, secret: "env:SIGNING" },
    env: { SIGNING: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" },
    secrets: ["T0AB12CD3", "Zq9fK2mX7pLw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqr"],
  }),
  "webhook, unsigned": (url) => ({
    name: "plain",
    settings: { type: "webhook", url: `${url}/in${PATH}` },
    env: {},
    secrets: ["T0AB12CD3", "Zq9fK2mX7pLw"],
  }),
};

export interface TestSetting extends AlertSetting {
  readonly file: string;
  /** The whole outbox as text. */
  written(): string;
}

/** What sendAlert needs, with an outbox in a scratch directory. */
export function setting(
  channels: readonly ConfiguredChannel[],
  change: Partial<AlertSetting> & { readonly file?: string } = {},
): TestSetting {
  const file = change.file ?? path.join(scratch(), "mayday", "outbox.jsonl");
  const env = Object.assign({}, ...channels.map((channel) => channel.env)) as Record<string, string>;
  return {
    channels: Object.fromEntries(channels.map((channel) => [channel.name, channel.settings])),
    own: new Set(),
    leftOut: new Map(),
    alerting: { require: 1, deadline: 5_000, fallback: [] },
    outbox: new Outbox(file, { pid: process.pid, host: "here" }),
    source: () => ({ env, home: null, cwd: path.dirname(file) }),
    now: () => NIGHT,
    ...change,
    file,
    written: () => readFileSync(file, "utf8"),
  };
}

/** Forms a secret could hide in. */
export function formsOf(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64").replace(/=+$/, ""),
    JSON.stringify(secret).slice(1, -1),
  ];
}
