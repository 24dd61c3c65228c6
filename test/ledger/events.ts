import type { BadEvent, CertifyEvent, DeployEvent, RollbackEvent } from "../../src/model/ledger.ts";

let count = 0;

/** An id that no other event of this test run has. */
export function newId(): string {
  count += 1;
  return `01KAT3Q2X5M5Z0${String(count).padStart(12, "0")}`;
}

/** `oid(3)` is 40 digits that say 3. */
export function oid(n: number): string {
  return n.toString(16).padStart(40, "0");
}

/** RFC 3339, `minute` minutes after 2026-11-24T03:00:00Z. */
export function minute(n: number): string {
  return new Date(Date.UTC(2026, 10, 24, 3, n)).toISOString().replace(".000", "");
}

const base = () => ({ v: 1 as const, id: newId(), actor: "Ana <ana@example.com>" });

export function deploy(sha: string, at = 0, change: Partial<DeployEvent> = {}): DeployEvent {
  return { ...base(), type: "deploy", at: minute(at), sha, ...change };
}

export function certify(sha: string, at = 0, change: Partial<CertifyEvent> = {}): CertifyEvent {
  return { ...base(), type: "certify", at: minute(at), sha, ...change };
}

export function bad(sha: string, at = 0, change: Partial<BadEvent> = {}): BadEvent {
  return { ...base(), type: "bad", at: minute(at), sha, reason: "it broke", ...change };
}

export function rollback(
  sha: string,
  restores: string,
  from: string,
  change: Partial<RollbackEvent> = {},
): RollbackEvent {
  return {
    ...base(),
    type: "rollback",
    at: minute(0),
    sha,
    restores,
    from,
    operation: 1,
    strategy: "tree",
    reason: "",
    proof: "P2",
    ms: 1,
    ...change,
  };
}
