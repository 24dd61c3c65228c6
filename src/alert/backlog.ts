import type { Delivery } from "../model/alert.ts";
import { deliver } from "./deliver.ts";
import { isPending, type Outbox, type OutboxEntry, type OutboxState } from "./outbox.ts";
import type { Round } from "./round.ts";

/** Queued alerts are sent by themselves for this long, ms; after it a person decides. */
const SENT_LATE_FOR_MS = 3_600_000;

/** A channel that comes back is not flooded: so many of its queued alerts a run (Slack: 1 a second). */
const A_RUN = 10;

interface Backlog {
  /** To be tried again now, oldest first. */
  readonly due: readonly OutboxEntry[];
  /** Unsent and too old to be sent unasked. */
  readonly stale: number;
}

/** What of the outbox is to be tried again at `now` (ms since 1970): not stale, not held by another. */
export function backlogOf(state: OutboxState, outbox: Outbox, now: number): Backlog {
  const pending = [...state.entries.values()].filter(isPending);
  const fresh = pending.filter((entry) => now - entry.message.at <= SENT_LATE_FOR_MS);
  const counts = new Map<string, number>();
  const due = fresh
    .filter((entry) => (entry.last?.notBefore ?? 0) <= now && outbox.isFree(entry, now))
    .toSorted((a, b) => a.message.at - b.message.at)
    .filter(({ channel }) => {
      const count = (counts.get(channel) ?? 0) + 1;
      counts.set(channel, count);
      return count <= A_RUN;
    });
  return { due, stale: pending.length - fresh.length };
}

/**
 * Sends one channel's claimed alerts in order, within `budgetMs`, until one is not taken; the rest
 * is let go, still queued.
 */
export async function catchUp(
  round: Round,
  channel: string,
  entries: readonly OutboxEntry[],
  budgetMs: number,
): Promise<Delivery[]> {
  const destination = round.destination(channel);
  const started = performance.now();
  const deliveries: Delivery[] = [];
  let open = true;
  for (const entry of entries) {
    const left = budgetMs - (performance.now() - started);
    if (!open || left <= 0 || typeof destination === "string") {
      await round.record({ ...(entry.last ?? UNKNOWN), id: entry.id });
      continue;
    }
    const ended = await deliver(
      destination,
      {
        message: entry.message,
        delivery: entry.id,
        delayedMs: Math.max(1, round.now - entry.message.at),
        repeat: (entry.last ?? UNKNOWN).status === "ambiguous",
      },
      round.options(left),
    );
    await round.settle(entry.id, ended);
    deliveries.push({ channel, status: ended.status, ms: ended.ms, text: ended.text });
    open = ended.status === "delivered" || ended.status === "refused";
  }
  return deliveries;
}

/** No receipt: the process that sent it was ended, and nobody knows how far it came. */
const UNKNOWN = { status: "ambiguous", text: "the process that sent it was ended" } as const;
