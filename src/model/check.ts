import type { Oid } from "./oid.ts";

export const CHECK_KINDS = [
  "unit",
  "integration",
  "performance",
  "regression",
  "functional",
  "lint",
  "usability",
  "policy",
] as const;

export type CheckKind = (typeof CHECK_KINDS)[number];

export type CheckStatus = "pass" | "fail" | "warn" | "skip" | "cached" | "timeout" | "error";

export interface Finding {
  readonly rule: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly commit: Oid | null;
  readonly text: string;
}

export interface CheckResult {
  readonly name: string;
  readonly kind: CheckKind;
  readonly status: CheckStatus;
  readonly ms: number;
  readonly text: string;
  readonly findings: readonly Finding[];
}

/** One line of git's pre-push protocol, judged. Ids are null for "no object". */
export interface PushedRef {
  readonly localRef: string;
  readonly localSha: Oid | null;
  readonly remoteRef: string;
  readonly remoteSha: Oid | null;
  readonly kind: "create" | "update" | "force" | "delete" | "tag";
}
