import { lookup } from "node:dns/promises";

import { visible } from "../model/escape.ts";
import { isAddress, isLoopbackHost, isPrivateAddress } from "./address.ts";
import type { Redactor } from "./secrets.ts";

/** Bytes of a body that are read; the rest is never fetched (200 MB of text cost 600 MiB unread). */
export const BODY_KEPT = 64 * 1024;

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For everything together: name, connection, headers and the last byte of the body. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly secrets: Redactor;
  /** Private and link-local addresses are allowed: only where the user's own configuration says so. */
  readonly allowPrivate?: boolean;
}

export interface HttpAnswer {
  readonly state: "answered";
  readonly status: number;
  /** Names in lower case; values and body without secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly truncated: boolean;
  /** The host a 3xx points to. It is never followed: another host was not consented to. */
  readonly redirectsTo: string | null;
  readonly ms: number;
}

/** `invalid-url`: it was not asked, because of what the URL is or where it leads. */
type FailureKind = "timeout" | "refused" | "dns" | "tls" | "reset" | "aborted" | "invalid-url";

interface HttpFailure {
  readonly state: "failed";
  readonly kind: FailureKind;
  /** Whether the request reached the other side: `unknown` when the connection stood and broke. */
  readonly sent: boolean | "unknown";
  /** For people: the host and what happened, never the path, the query or a secret. */
  readonly text: string;
  /** What had come of the answer before it broke off. */
  readonly partial: HttpAnswer | null;
  readonly ms: number;
}

export type HttpResult = HttpAnswer | HttpFailure;

/** Makes one request, within its time. It never throws: a failure is a value too. */
export async function request(wanted: HttpRequest): Promise<HttpResult> {
  // Not AbortSignal.any of AbortSignal.timeout: Node 20 may collect that before it fires.
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  const timer = setTimeout(stop, wanted.timeoutMs);
  wanted.signal?.addEventListener("abort", stop, { once: true });
  try {
    return await requestUntil(wanted, controller.signal);
  } finally {
    clearTimeout(timer);
    wanted.signal?.removeEventListener("abort", stop);
  }
}

async function requestUntil(wanted: HttpRequest, signal: AbortSignal): Promise<HttpResult> {
  const started = performance.now();
  const elapsed = (): number => Math.round(performance.now() - started);
  const fail = (
    kind: FailureKind,
    sent: HttpFailure["sent"],
    text: string,
    partial: HttpAnswer | null = null,
  ): HttpFailure => ({
    state: "failed",
    kind,
    sent,
    text: wanted.secrets.clean(text),
    partial,
    ms: elapsed(),
  });

  const url = checkUrl(wanted.url);
  if (typeof url === "string") return fail("invalid-url", false, url);
  const host = visible(url.host);
  if (wanted.signal?.aborted) return fail("aborted", false, "interrupted");
  const stopped = (sent: HttpFailure["sent"], partial: HttpAnswer | null): HttpFailure =>
    wanted.signal?.aborted
      ? fail("aborted", sent, "interrupted", partial)
      : fail(
          "timeout",
          sent,
          `${host} gave no ${partial ? "whole " : ""}answer within ${seconds(wanted.timeoutMs)}`,
          partial,
        );

  const refusal = await checkAddress(url, wanted.allowPrivate === true, signal);
  if (signal.aborted) return stopped(false, null);
  if (refusal) return fail(refusal.kind, false, refusal.text);

  let response: Response;
  try {
    response = await fetch(url, {
      method: wanted.method,
      headers: { ...wanted.headers },
      ...(wanted.body === undefined ? {} : { body: wanted.body }),
      redirect: "manual",
      signal,
    });
  } catch (error) {
    if (signal.aborted) return stopped("unknown", null);
    const { kind, sent, text } = explain(error);
    return fail(kind, sent, `${host} ${text}`);
  }
  const answer = (body: string, truncated: boolean): HttpAnswer => ({
    state: "answered",
    status: response.status,
    headers: Object.fromEntries(
      [...response.headers].map(([name, value]) => [name, wanted.secrets.clean(value)]),
    ),
    body: wanted.secrets.clean(body),
    truncated,
    redirectsTo: redirectHost(response, url),
    ms: elapsed(),
  });
  const body = await readBody(response, signal);
  if (body.ended) return answer(body.text, body.truncated);
  const partial = answer(body.text, true);
  if (signal.aborted) return stopped(true, partial);
  return fail("reset", true, `${host} broke off its answer`, partial);
}

/** The URL, or in words why mayday does not ask it; the words hold no path and no secret. */
export function checkUrl(text: string): URL | string {
  if (!URL.canParse(text)) return "the URL cannot be read";
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return "the URL is not http or https";
  const host = visible(url.host);
  if (url.username !== "" || url.password !== "") return `the URL of ${host} holds a user name or password`;
  if (url.protocol === "http:" && !isLoopbackHost(url.hostname)) {
    return `the URL of ${host} is not https (http is for this machine only)`;
  }
  return url;
}

interface Refusal {
  readonly kind: FailureKind;
  readonly text: string;
}

async function checkAddress(url: URL, allowPrivate: boolean, signal: AbortSignal): Promise<Refusal | null> {
  if (allowPrivate || isLoopbackHost(url.hostname)) return null;
  const host = visible(url.host);
  const refused: Refusal = {
    kind: "invalid-url",
    text: `${host} is a private address: only the user's own configuration may name one`,
  };
  if (isAddress(url.hostname)) return isPrivateAddress(url.hostname) ? refused : null;
  try {
    const found = await Promise.race([lookup(url.hostname, { all: true }), ended(signal)]);
    return found !== null && found.some((entry) => isPrivateAddress(entry.address)) ? refused : null;
  } catch {
    return { kind: "dns", text: `the name ${host} cannot be resolved` };
  }
}

/** Resolves when the signal fires: a name lookup cannot be aborted, only left behind. */
function ended(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}

interface Body {
  readonly text: string;
  readonly truncated: boolean;
  /** False when the connection broke, or the time ended, before the body did. */
  readonly ended: boolean;
}

async function readBody(response: Response, signal: AbortSignal): Promise<Body> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const text = (): string => Buffer.concat(chunks).subarray(0, BODY_KEPT).toString("utf8");
  if (reader === undefined) return { text: "", truncated: false, ended: true };
  try {
    while (bytes <= BODY_KEPT) {
      const { done, value } = await reader.read();
      if (done) return { text: text(), truncated: false, ended: true };
      chunks.push(value);
      bytes += value.length;
    }
    await reader.cancel();
    return { text: text(), truncated: true, ended: !signal.aborted };
  } catch {
    return { text: text(), truncated: true, ended: false };
  }
}

function redirectHost(response: Response, from: URL): string | null {
  if (response.status < 300 || response.status > 399) return null;
  const location = response.headers.get("location") ?? "";
  return URL.canParse(location, from.href) ? visible(new URL(location, from).host) : "nowhere";
}

const NOT_SENT: Readonly<Record<string, readonly [FailureKind, string]>> = {
  ECONNREFUSED: ["refused", "refused the connection"],
  EHOSTUNREACH: ["refused", "cannot be reached"],
  ENETUNREACH: ["refused", "cannot be reached (is the network up?)"],
  EADDRNOTAVAIL: ["refused", "cannot be reached"],
  EACCES: ["refused", "cannot be reached: this machine forbids it"],
  EPERM: ["refused", "cannot be reached: this machine forbids it"],
  ENOTFOUND: ["dns", "cannot be resolved"],
  EAI_AGAIN: ["dns", "cannot be resolved (is the network up?)"],
  UND_ERR_CONNECT_TIMEOUT: ["timeout", "took too long to connect"],
  UND_ERR_INVALID_ARG: ["invalid-url", "cannot be asked: the request is not valid"],
};

/** What undici's errors mean. Their messages can hold URLs and header values and are never repeated. */
function explain(error: unknown): { kind: FailureKind; sent: HttpFailure["sent"]; text: string } {
  const code = codeOf(error);
  const known = NOT_SENT[code];
  if (known) return { kind: known[0], sent: false, text: known[1] };
  if (/CERT|TLS|SSL|EPROTO|UNABLE_TO|SELF_SIGNED|ISSUER/.test(code)) {
    return { kind: "tls", sent: false, text: `cannot be trusted: TLS failed (${code})` };
  }
  // A bad header value or port: the request was never made.
  if (code === "")
    return { kind: "invalid-url", sent: false, text: "cannot be asked: the request is not valid" };
  if (code === "ETIMEDOUT") return { kind: "timeout", sent: "unknown", text: "took too long to answer" };
  return { kind: "reset", sent: "unknown", text: "broke the connection" };
}

function codeOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string") return cause.code;
    if (cause instanceof AggregateError && cause.errors.length > 0) return codeOf(cause.errors[0]);
  }
  return "";
}

/**
 * `Retry-After` in milliseconds from `now` (ms since 1970): seconds, fractions of them (Discord),
 * or an HTTP date (RFC 9110, section 10.2.3). Null when there is none that can be read.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: number): number | null {
  const value = headers["retry-after"]?.trim() ?? "";
  if (/^\d+(?:\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1_000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.max(0, Math.round(ms))} ms` : `${Number((ms / 1_000).toFixed(1))} s`;
}
