import type { Git } from "../git/git.ts";
import { actor } from "../git/objects.ts";
import { remoteNames } from "../git/remote.ts";
import type { KnownEvent, NewEvent } from "../model/ledger.ts";
import { rfc3339 } from "../model/time.ts";
import { ulid } from "../system/ulid.ts";
import { append, ledgerRef, sync, type SyncResult } from "./chain.ts";

export interface LedgerPlace {
  readonly prefix: string;
  /** Null: the ledger stays in this repository. */
  readonly remote: string | null;
  readonly environment: string;
}

export interface Recorded {
  readonly events: readonly KnownEvent[];
  /** Null when there is no remote or it was not to be asked. */
  readonly sync: SyncResult | null;
}

/** Writes events to the local ledger, then shares them. The local write is what counts; a remote that refuses only delays. */
export async function record(
  git: Git,
  place: LedgerPlace,
  events: readonly NewEvent[],
  options: { readonly now: number; readonly offline: boolean; readonly timeoutMs: number },
): Promise<Recorded> {
  const who = await actor(git);
  const complete = events.map((event) => {
    const { at = rfc3339(options.now), ...rest } = event;
    return { v: 1 as const, id: ulid(options.now), at, actor: who, ...rest };
  });
  const ref = ledgerRef(place.prefix, place.environment);
  await append(git, ref, complete);
  const { remote } = place;
  const shared = remote !== null && !options.offline && remoteNames(git).includes(remote);
  return {
    events: complete,
    sync: shared ? await sync(git, ref, place.environment, remote, options.timeoutMs) : null,
  };
}
