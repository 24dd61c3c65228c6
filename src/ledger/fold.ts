import type { BadEvent, KnownEvent, LedgerEvent, RollbackEvent } from "../model/ledger.ts";
import type { Oid } from "../model/oid.ts";

export interface LedgerDeploy {
  readonly sha: Oid;
  /** ms since 1970 */
  readonly at: number;
  readonly certified: boolean;
  readonly bad: string | null;
  /** The commit whose tree this one brought back, for a restoring commit. */
  readonly restores: Oid | null;
}

/** What the ledger says of one environment. */
export interface LedgerState {
  /** Every deploy, oldest first, a commit as often as it was deployed. */
  readonly deploys: readonly LedgerDeploy[];
  readonly live: LedgerDeploy | null;
  /** Newest deploy that is certified and not bad; without one the newest not bad before live. */
  readonly good: LedgerDeploy | null;
  readonly bad: ReadonlyMap<Oid, BadEvent>;
  readonly rollbacks: readonly RollbackEvent[];
  /** Somebody records deploys here. A ledger of nothing but rollbacks does not know what came after them. */
  readonly recorded: boolean;
}

/**
 * Events to state. Order is the order of writing, which a wrong clock cannot change; only events
 * with a time given by hand are placed by it. The same event twice counts once.
 */
export function fold(events: readonly LedgerEvent[], service?: string): LedgerState {
  const seen = new Set<string>();
  const known: KnownEvent[] = [];
  for (const event of events) {
    if ("foreign" in event || seen.has(event.id)) continue;
    seen.add(event.id);
    if (event.service === undefined || service === undefined || event.service === service) known.push(event);
  }
  const rollbacks = known.filter((event) => event.type === "rollback");
  const undone = new Set<Oid>();
  // Newest first: an undo that was itself undone reverses nothing.
  for (const { sha, undoes } of rollbacks.toReversed())
    if (undoes !== undefined && !undone.has(sha)) undone.add(undoes);
  const restores = new Map(rollbacks.map((event) => [event.sha, event.restores]));
  const certified = new Set(known.filter((event) => event.type === "certify").map((event) => event.sha));
  const bad = new Map<Oid, BadEvent>();
  for (const event of known) {
    if (event.type === "bad" && (event.by === undefined || !undone.has(event.by))) bad.set(event.sha, event);
  }
  const inherits = <T>(sha: Oid, find: (sha: Oid) => T | undefined): T | undefined => {
    const passed = new Set<Oid>();
    for (let at: Oid | undefined = sha; at !== undefined && !passed.has(at); at = restores.get(at)) {
      passed.add(at);
      const found = find(at);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const deploys = inOrder(known).map((event): LedgerDeploy => ({
    sha: event.sha,
    at: Date.parse(event.at),
    certified: inherits(event.sha, (sha) => (certified.has(sha) ? true : undefined)) ?? false,
    bad: inherits(event.sha, (sha) => bad.get(sha)?.reason) ?? null,
    restores: restores.get(event.sha) ?? null,
  }));
  const live = deploys.at(-1) ?? null;
  const good =
    deploys.findLast((deploy) => deploy.certified && deploy.bad === null) ??
    deploys.findLast((deploy) => deploy.bad === null && deploy.sha !== live?.sha) ??
    null;
  return { deploys, live, good, bad, rollbacks, recorded: known.some(({ type }) => type === "deploy") };
}

function inOrder(events: readonly KnownEvent[]): KnownEvent[] {
  const ordered = events.filter(
    (event) => event.type === "rollback" || (event.type === "deploy" && !event.backdated),
  );
  for (const event of events) {
    if (event.type !== "deploy" || !event.backdated) continue;
    const at = Date.parse(event.at);
    const before = ordered.findIndex((other) => Date.parse(other.at) > at);
    ordered.splice(before === -1 ? ordered.length : before, 0, event);
  }
  return ordered;
}
