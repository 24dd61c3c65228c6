import type { Severity } from "./alert.ts";
import type { CheckKind } from "./check.ts";

/** The configuration after parsing: durations in ms, defaults filled in. What `mayday.yaml` says. */
export interface Settings {
  readonly environments: Readonly<Record<string, EnvironmentSettings>>;
  readonly services: Readonly<Record<string, { readonly paths: readonly string[] }>>;
  readonly worktree: { readonly prepare?: RunSpec; readonly link: readonly string[] };
  readonly checks: Readonly<Record<string, CheckSettings>>;
  readonly channels: Readonly<Record<string, ChannelSettings>>;
  readonly alerting: AlertingSettings;
  readonly ledger: { readonly prefix: string; readonly remote: string | null };
  readonly hook: { readonly missing: "block" | "warn" };
  /** Routes of the user's own file: for an environment without routes, and outside a repository. */
  readonly alerts?: Readonly<Partial<Record<Severity, readonly string[]>>>;
  readonly flags?: FlagSettings;
  /** Sections that were read and that this version does not act on yet. */
  readonly inactive: readonly string[];
}

export interface FlagSettings {
  readonly type: string;
  readonly url?: string;
  readonly project?: string;
  readonly environment?: string;
  /** A reference, never the secret. */
  readonly secret?: string;
  readonly find: readonly string[];
}

/** A string goes through the shell as npm scripts do, a list does not. */
export type RunSpec = string | readonly string[];

export interface LiveSettings {
  readonly http?: string;
  /** JSON pointer (RFC 6901) into the answer. */
  readonly pointer?: string;
  readonly run?: RunSpec;
  /** Glob of tag names. */
  readonly tags?: string;
  readonly github?: boolean;
  readonly branch?: boolean;
}

export interface ProbeSettings {
  readonly name: string;
  readonly http?: string;
  readonly run?: RunSpec;
  readonly status: number;
  readonly body?: string;
  readonly within: number;
  readonly times: number;
  readonly every: number;
  readonly timeout: number;
}

export interface EnvironmentSettings {
  readonly remote: string;
  /** Null: the remote's default branch. */
  readonly branch: string | null;
  readonly live: LiveSettings;
  readonly bake: number;
  readonly probes: readonly ProbeSettings[];
  readonly rollback: {
    readonly via: string;
    readonly keep: readonly string[];
    readonly proof: "P1" | "P2" | "P3" | "P4" | "P5" | "P6" | null;
    readonly wait: number;
    readonly window: number;
    /** Puts the good artifact back on the platform. */
    readonly artifact?: { readonly run: RunSpec };
    /** Name of the branch that `pr` makes; `{id}` is the operation. */
    readonly prBranch?: string;
  };
  /** Prints the variables of the running system, one NAME=value a line. */
  readonly variables?: { readonly run: RunSpec };
  readonly alerts: Readonly<Partial<Record<Severity, readonly string[]>>>;
}

export interface CheckSettings {
  readonly kind: CheckKind;
  readonly run?: RunSpec;
  readonly timeout: number;
  /** Globs; empty means always. */
  readonly files: readonly string[];
  readonly evidence?: "ci" | "attest";
  readonly cache?: "tree" | "off";
  /** How old evidence may be. */
  readonly maxAge?: number;
}

/** `secret` is a reference (`env:NAME`), never the secret. Other keys belong to the channel type. */
export interface ChannelSettings {
  readonly type: string;
  readonly secret?: string;
  readonly [key: string]: unknown;
}

export interface AlertingSettings {
  /** How many channels must accept. */
  readonly require: number;
  readonly deadline: number;
  readonly fallback: readonly string[];
  /** Also told when a change touches this area. */
  readonly areas?: Readonly<Record<string, readonly string[]>>;
  /** Also told for the files of this code owner. */
  readonly codeowners?: Readonly<Record<string, readonly string[]>>;
  readonly quiet?: readonly string[];
  readonly ackWithin?: number;
}
