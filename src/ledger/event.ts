import { isOid, short } from "../model/oid.ts";
import type { KnownEvent, LedgerEvent } from "../model/ledger.ts";

/** `deploy 1a2b3c4d`, then a blank line, then one line of JSON: readable with `git log` alone. */
export function encodeEvent(event: LedgerEvent): string {
  const plain = "foreign" in event ? event.raw : event;
  const sha = typeof plain.sha === "string" ? ` ${short(plain.sha)}` : "";
  return `${event.type}${sha}\n\n${JSON.stringify(plain)}\n`;
}

/**
 * The event in a ledger commit's message, or undefined when it holds none that can be read.
 * A type of a newer version comes back as foreign, with all its fields.
 */
export function decodeEvent(message: string): LedgerEvent | undefined {
  const line = message.split("\n").find((text, index) => index >= 2 && text.startsWith("{"));
  if (line === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || !isText(value["id"]) || !isText(value["at"]) || !isText(value["type"]))
    return undefined;
  if (Number.isNaN(Date.parse(value["at"]))) return undefined;
  if (value["v"] === 1 && isKnown(value)) return value;
  return {
    v: 1,
    id: value["id"],
    at: value["at"],
    actor: isText(value["actor"]) ? value["actor"] : "unknown",
    type: value["type"],
    foreign: true,
    raw: value,
  };
}

const REQUIRED: Readonly<Record<KnownEvent["type"], Readonly<Record<string, (value: unknown) => boolean>>>> =
  {
    deploy: { sha: isOidText },
    certify: { sha: isOidText },
    bad: { sha: isOidText, reason: isText },
    rollback: { sha: isOidText, restores: isOidText, from: isOidText },
  };

function isKnown(value: Record<string, unknown>): value is Record<string, unknown> & KnownEvent {
  const type = value["type"];
  if (type !== "deploy" && type !== "certify" && type !== "bad" && type !== "rollback") return false;
  if (!isText(value["actor"])) return false;
  if (value["service"] !== undefined && !isText(value["service"])) return false;
  return Object.entries(REQUIRED[type]).every(([name, holds]) => holds(value[name]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isOidText(value: unknown): boolean {
  return typeof value === "string" && isOid(value);
}
