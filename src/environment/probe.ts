import { visible } from "../model/escape.ts";
import type { ProbeSettings } from "../model/settings.ts";
import { request } from "../system/http.ts";
import { runProcess } from "../system/process.ts";
import { Redactor } from "../system/secrets.ts";
import type { Asking } from "./ask.ts";

export interface ProbeResult {
  readonly name: string;
  readonly healthy: boolean;
  readonly text: string;
  /** Of the last try. */
  readonly ms: number;
  readonly tries: number;
}

interface Try {
  readonly ok: boolean;
  readonly text: string;
  readonly ms: number;
}

/** Tries a probe once. */
export async function tryProbe(probe: ProbeSettings, asking: Asking): Promise<Try> {
  if (probe.run !== undefined) {
    const [file = "", ...args] = typeof probe.run === "string" ? ["sh", "-c", probe.run] : probe.run;
    const result = await runProcess(file, args, { ...asking, timeoutMs: probe.timeout });
    const ok = result.exitCode === 0;
    const text =
      result.ending === "timeout"
        ? `no end within ${probe.timeout / 1_000} s`
        : result.ending === "not-started"
          ? `cannot be started (${result.startError})`
          : `exit code ${result.exitCode ?? result.signalName}`;
    return { ok, text, ms: result.ms };
  }
  const answer = await request({
    method: "GET",
    url: probe.http ?? "",
    timeoutMs: probe.within,
    signal: asking.signal,
    secrets: new Redactor(),
    allowPrivate: true,
  });
  if (answer.state === "failed") return { ok: false, text: answer.text, ms: answer.ms };
  if (answer.status !== probe.status)
    return { ok: false, text: `status ${answer.status}, wanted ${probe.status}`, ms: answer.ms };
  if (probe.body !== undefined && !answer.body.includes(probe.body))
    return {
      ok: false,
      text: `status ${answer.status}, but the body does not hold ${JSON.stringify(visible(probe.body))}`,
      ms: answer.ms,
    };
  return { ok: true, text: `status ${answer.status} in ${answer.ms} ms`, ms: answer.ms };
}

/**
 * Healthy means `times` in a row, `every` ms apart, within `timeout` ms of the first try (a longer
 * row than fits is given the time it needs). One failure starts the row anew.
 */
export async function runProbe(probe: ProbeSettings, asking: Asking): Promise<ProbeResult> {
  const started = performance.now();
  const needed = (probe.times - 1) * probe.every + probe.within;
  const deadline = started + Math.max(probe.timeout, needed);
  let row = 0;
  for (let tries = 1; ; tries += 1) {
    const last = await tryProbe(probe, asking);
    row = last.ok ? row + 1 : 0;
    const said = { name: probe.name, text: last.text, ms: last.ms, tries };
    if (row >= probe.times) return { ...said, healthy: true };
    if (asking.signal.aborted || performance.now() + probe.every >= deadline)
      return { ...said, healthy: false };
    await pause(probe.every, asking.signal);
  }
}

/** All probes at once. */
export async function runProbes(probes: readonly ProbeSettings[], asking: Asking): Promise<ProbeResult[]> {
  return Promise.all(probes.map((probe) => runProbe(probe, asking)));
}

/** Waits; an abort ends the wait and is for the caller to see. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
