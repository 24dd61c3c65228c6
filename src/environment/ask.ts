import { visible } from "../model/escape.ts";
import type { LiveSettings, RunSpec } from "../model/settings.ts";
import { request } from "../system/http.ts";
import { runProcess } from "../system/process.ts";
import { Redactor } from "../system/secrets.ts";

/** What probes and live sources need of the outside. */
export interface Asking {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export type Said = { readonly text: string } | { readonly fault: string };

/** Asks a running system for its version: one GET, the value at a JSON pointer or the whole body. */
export async function askHttp(
  url: string,
  pointer: string | undefined,
  timeoutMs: number,
  asking: Asking,
): Promise<Said> {
  // The URL was consented to, so a private address is what was meant.
  const answer = await request({
    method: "GET",
    url,
    timeoutMs,
    signal: asking.signal,
    secrets: new Redactor(),
    allowPrivate: true,
  });
  if (answer.state === "failed") return { fault: answer.text };
  if (answer.status < 200 || answer.status > 299) return { fault: `answered with status ${answer.status}` };
  if (pointer === undefined) return { text: answer.body.trim() };
  let value: unknown;
  try {
    value = JSON.parse(answer.body);
  } catch {
    return { fault: "did not answer with JSON" };
  }
  const found = at(value, pointer);
  return typeof found === "string" ? { text: found.trim() } : { fault: `has no text at ${visible(pointer)}` };
}

/** JSON pointer, RFC 6901. */
function at(value: unknown, pointer: string): unknown {
  let here = value;
  for (const token of pointer.split("/").slice(1)) {
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}

/** Runs a configured command and takes the first line it prints. */
export async function askCommand(run: RunSpec, timeoutMs: number, asking: Asking): Promise<Said> {
  const [file = "", ...args] = typeof run === "string" ? ["sh", "-c", run] : run;
  const result = await runProcess(file, args, { ...asking, timeoutMs });
  if (result.ending === "timeout") return { fault: `gave no answer within ${timeoutMs / 1_000} s` };
  if (result.ending === "not-started") return { fault: `cannot be started (${result.startError})` };
  if (result.exitCode !== 0) return { fault: `ended with exit code ${result.exitCode ?? result.signalName}` };
  return { text: result.stdout.toString("utf8").split("\n", 1)[0]?.trim() ?? "" };
}

/** Asks `live.http`, else `live.run`, whichever is set; null when neither is. */
export async function askLive(
  live: Pick<LiveSettings, "http" | "pointer" | "run">,
  timeoutMs: number,
  asking: Asking,
): Promise<(Said & { readonly source: "http" | "run" }) | null> {
  if (live.http !== undefined)
    return { source: "http", ...(await askHttp(live.http, live.pointer, timeoutMs, asking)) };
  if (live.run !== undefined) return { source: "run", ...(await askCommand(live.run, timeoutMs, asking)) };
  return null;
}
