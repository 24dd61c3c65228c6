import { GitError, type Git } from "../git/git.ts";
import { commitTree, emptyTree } from "../git/objects.ts";
import { fetchInto, listRemote, push } from "../git/remote.ts";
import { compareAndSwap, isAncestor, readRef } from "../git/revision.ts";
import { MaydayError } from "../model/error.ts";
import type { LedgerEvent } from "../model/ledger.ts";
import type { Oid } from "../model/oid.ts";
import { decodeEvent, encodeEvent } from "./event.ts";

/** How often a lost race is run again before it is said that something is wrong. */
const TRIES = 20;

export interface Chain {
  readonly tip: Oid | null;
  /** Oldest first. */
  readonly events: readonly LedgerEvent[];
  /** Commits of the chain that hold no event that can be read. */
  readonly unreadable: number;
}

export const NO_CHAIN: Chain = { tip: null, events: [], unreadable: 0 };

/** The full name of a ledger ref; `prefix` is `refs/mayday` unless the configuration says else. */
export function ledgerRef(prefix: string, environment: string): string {
  return `${prefix}/ledger/${environment}`;
}

/** Where the remote's chain is kept as last seen. */
export function temporaryRef(environment: string): string {
  return `refs/mayday/tmp/ledger/${environment}`;
}

/** Reads a chain by its tip: one git process, however long it is. */
export async function readChainAt(git: Git, tip: Oid | null): Promise<Chain> {
  if (tip === null) return NO_CHAIN;
  const messages = await git.fields(["log", "--first-parent", "--reverse", "-z", "--format=%B", tip]);
  const events: LedgerEvent[] = [];
  let unreadable = 0;
  for (const message of messages) {
    const event = decodeEvent(message);
    if (event) events.push(event);
    else unreadable += 1;
  }
  return { tip, events, unreadable };
}

export async function readChain(git: Git, ref: string): Promise<Chain> {
  return readChainAt(git, (await readRef(git, ref)) ?? null);
}

/** The events of both, each once: the other's order first, then what only `own` has. */
export function union(own: readonly LedgerEvent[], other: readonly LedgerEvent[]): LedgerEvent[] {
  const ids = new Set(other.map((event) => event.id));
  return [...other, ...own.filter((event) => !ids.has(event.id))];
}

async function commitEvent(git: Git, parent: Oid | null, event: LedgerEvent): Promise<Oid> {
  return commitTree(git, {
    tree: await emptyTree(git),
    parents: parent === null ? [] : [parent],
    message: encodeEvent(event),
    date: Math.max(0, Math.floor(Date.parse(event.at) / 1_000)),
  });
}

/** Appends events to the local ref. Somebody else's append in between is kept: ours goes on top. */
export async function append(git: Git, ref: string, events: readonly LedgerEvent[]): Promise<Oid> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const old = (await readRef(git, ref)) ?? null;
    let tip = old;
    for (const event of events) tip = await commitEvent(git, tip, event);
    if (tip === null || (await compareAndSwap(git, ref, tip, old))) return tip ?? "";
  }
  throw new MaydayError(`the ledger ${ref} kept moving; the events were not written`, {
    code: "ledger-busy",
    exit: 9,
    hint: "repeat the command; if it stays so, look for a stale lock file below .git/refs/mayday",
  });
}

export type SyncResult =
  | { readonly state: "synced"; readonly chain: Chain }
  /** The remote was not reached or refused the ref: our events wait here and go with the next sync. */
  | { readonly state: "queued"; readonly chain: Chain; readonly text: string };

/**
 * Makes the local and the remote chain one: fetch, put our own events on top of theirs, push with
 * the exact old value, again when somebody was faster. No event is lost or doubled.
 */
export async function sync(
  git: Git,
  ref: string,
  environment: string,
  remote: string,
  timeoutMs: number,
): Promise<SyncResult> {
  const queued = async (text: string): Promise<SyncResult> => ({
    state: "queued",
    chain: await readChain(git, ref),
    text,
  });
  try {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const theirs = await fetchChain(git, ref, environment, remote, timeoutMs);
      const ours = await join(git, ref, theirs);
      if (ours === null) continue;
      if (ours.tip === null || ours.tip === theirs.tip) return { state: "synced", chain: ours };
      const outcome = await push(git, remote, [{ ref, next: ours.tip, expected: theirs.tip }], timeoutMs);
      if (outcome.state === "accepted" || outcome.state === "up-to-date")
        return { state: "synced", chain: ours };
      if (outcome.state === "rejected") return await queued(outcome.text);
      if (outcome.state === "unclear") {
        const { refs } = await listRemote(git, remote, [ref], timeoutMs);
        if (refs.get(ref) === ours.tip) return { state: "synced", chain: ours };
      }
    }
    return await queued("the remote ledger kept moving");
  } catch (error) {
    if (error instanceof GitError && error.code !== "interrupted") return queued(error.said);
    throw error;
  }
}

/** The remote's chain, fetched to a temporary ref of ours. */
export async function fetchChain(
  git: Git,
  ref: string,
  environment: string,
  remote: string,
  timeoutMs: number,
  known?: Oid | null,
): Promise<Chain> {
  const tip =
    known === undefined ? ((await listRemote(git, remote, [ref], timeoutMs)).refs.get(ref) ?? null) : known;
  if (tip === null) return NO_CHAIN;
  const held = await git.run(["cat-file", "-e", `${tip}^{commit}`], { allow: [1, 128] });
  if (held.code !== 0) {
    await fetchInto(git, remote, [{ from: ref, to: temporaryRef(environment) }], timeoutMs);
    return readChain(git, temporaryRef(environment));
  }
  return readChainAt(git, tip);
}

/** Moves the local ref so that it holds theirs and, on top, what only we have. Null: it moved meanwhile. */
async function join(git: Git, ref: string, theirs: Chain): Promise<Chain | null> {
  const own = await readChain(git, ref);
  if (theirs.tip === null || own.tip === theirs.tip) return own;
  if (own.tip !== null && (await isAncestor(git, theirs.tip, own.tip))) return own;
  const ids = new Set(theirs.events.map((event) => event.id));
  let tip: Oid = theirs.tip;
  for (const event of own.events) {
    if (ids.has(event.id)) continue;
    ids.add(event.id);
    tip = await commitEvent(git, tip, event);
  }
  if (!(await compareAndSwap(git, ref, tip, own.tip))) return null;
  return { tip, events: union(own.events, theirs.events), unreadable: theirs.unreadable };
}
