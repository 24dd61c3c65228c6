import { request } from "../system/http.ts";
import { Redactor } from "../system/secrets.ts";

/** What customers look at: the cart is two of five requests. */
const WALK = ["/", "/catalogue", "/cart", "/catalogue?category=tea", "/cart?items=mug:2"] as const;

interface PathCount {
  readonly path: string;
  readonly sent: number;
  readonly failed: number;
}

export interface Traffic {
  readonly sent: number;
  readonly failed: number;
  /** By path without the query, in order of first visit. */
  readonly paths: readonly PathCount[];
  /** The first failure in words, for example `/cart answered 500`. */
  readonly firstFailure: string | null;
}

/** Sends real requests one after the other and counts: anything but 2xx and 3xx failed. */
export async function sendRequests(site: string, count: number, signal?: AbortSignal): Promise<Traffic> {
  const paths = new Map<string, PathCount>();
  const secrets = new Redactor();
  let failed = 0;
  let firstFailure: string | null = null;
  for (let sent = 0; sent < count; sent += 1) {
    const target = WALK[sent % WALK.length] ?? "/";
    const result = await request({ method: "GET", url: site + target, timeoutMs: 5_000, signal, secrets });
    const ok = result.state === "answered" && result.status < 400;
    const path = target.split("?", 1)[0] ?? target;
    const tally = paths.get(path) ?? { path, sent: 0, failed: 0 };
    paths.set(path, { path, sent: tally.sent + 1, failed: tally.failed + (ok ? 0 : 1) });
    if (ok) continue;
    failed += 1;
    firstFailure ??= result.state === "answered" ? `${path} answered ${result.status}` : result.text;
  }
  return {
    sent: count,
    failed,
    paths: [...paths.values()],
    firstFailure,
  };
}

/** The commit that production says it runs; null when it says none. */
export async function askVersion(site: string, signal?: AbortSignal): Promise<string | null> {
  const secrets = new Redactor();
  const result = await request({ method: "GET", url: `${site}/version`, timeoutMs: 5_000, signal, secrets });
  if (result.state !== "answered" || result.status !== 200) return null;
  try {
    const answer: unknown = JSON.parse(result.body);
    const commit = typeof answer === "object" && answer !== null && "commit" in answer ? answer.commit : null;
    return typeof commit === "string" ? commit : null;
  } catch {
    return null;
  }
}

/** The health check, as a platform would ask it. */
export async function isHealthy(site: string, signal?: AbortSignal): Promise<boolean> {
  const secrets = new Redactor();
  const result = await request({ method: "GET", url: `${site}/healthz`, timeoutMs: 5_000, signal, secrets });
  return result.state === "answered" && result.status === 200;
}
