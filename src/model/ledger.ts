import type { Oid } from "./oid.ts";

interface EventBase {
  readonly v: 1;
  /** ULID: unique, and sorts by time of writing. */
  readonly id: string;
  /** RFC 3339. When it happened, which for a backfilled deploy is not when it was written. */
  readonly at: string;
  readonly actor: string;
}

export interface DeployEvent extends EventBase {
  readonly type: "deploy";
  readonly sha: Oid;
  readonly service?: string;
  readonly url?: string;
  /** True when `at` was given by hand: such an event is placed by its time. */
  readonly backdated?: true;
}

export interface CertifyEvent extends EventBase {
  readonly type: "certify";
  readonly sha: Oid;
  readonly service?: string;
}

export interface BadEvent extends EventBase {
  readonly type: "bad";
  readonly sha: Oid;
  readonly tree?: Oid;
  readonly reason: string;
  /** The restoring commit that took it out: reversing that one takes the mark away too. */
  readonly by?: Oid;
  readonly service?: string;
}

/** A restoring commit was published: `sha` now stands for `restores`, and `from` is out. */
export interface RollbackEvent extends EventBase {
  readonly type: "rollback";
  readonly sha: Oid;
  readonly restores: Oid;
  readonly from: Oid;
  readonly operation: number;
  readonly strategy: string;
  readonly reason: string;
  readonly proof: string;
  readonly ms: number;
  /** Set when this reverses an earlier rollback. */
  readonly undoes?: Oid;
  readonly service?: string;
}

/** An event of a type this version does not know: kept, passed on, never dropped. */
export interface ForeignEvent extends EventBase {
  readonly type: string;
  readonly foreign: true;
  readonly raw: Readonly<Record<string, unknown>>;
}

export type KnownEvent = DeployEvent | CertifyEvent | BadEvent | RollbackEvent;
export type LedgerEvent = KnownEvent | ForeignEvent;

/** An event before the ledger gave it its id, time and actor. */
export type NewEvent = KnownEvent extends infer E
  ? E extends KnownEvent
    ? Omit<E, "v" | "id" | "at" | "actor"> & { readonly at?: string }
    : never
  : never;
