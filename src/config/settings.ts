import type {
  AlertingSettings,
  CheckSettings,
  EnvironmentSettings,
  ProbeSettings,
  Settings,
} from "../model/settings.ts";
import { parseDuration } from "../model/time.ts";
import { inactive } from "./inactive.ts";
import type { OwnWritten, Written } from "./rules.ts";

/** Milliseconds, where `mayday.yaml` says nothing. */
const DEFAULT = {
  bake: 600_000,
  within: 5_000,
  every: 5_000,
  probeTimeout: 30_000,
  wait: 600_000,
  window: 60_000,
  checkTimeout: 300_000,
  deadline: 10_000,
} as const;

export interface SettingsInput {
  readonly written: Written;
  /** The user's own file. */
  readonly own: OwnWritten;
  readonly remotes: readonly string[];
  /** Channel types that this version can send to. */
  readonly sendable: readonly string[];
}

type WrittenEnvironment = NonNullable<NonNullable<Written["environments"]>[string]>;
type WrittenProbe = NonNullable<WrittenEnvironment["probes"]>[number];
type WrittenCheck = NonNullable<Written["checks"]>[string];

/** What is written → what holds: defaults filled in, durations in ms, the user's own file on top. */
export function settingsOf(input: SettingsInput): Settings {
  const { written, own } = input;
  const remote = input.remotes.length === 1 ? (input.remotes[0] ?? "origin") : "origin";
  const environments = mapValues(written.environments ?? {}, (it) => environmentOf(it ?? {}, remote));
  return {
    environments:
      Object.keys(environments).length > 0 ? environments : { production: environmentOf({}, remote) },
    services: written.services ?? {},
    worktree: { link: [], ...written.worktree },
    checks: mapValues(written.checks ?? {}, checkOf),
    channels: { ...written.channels, ...own.channels },
    alerting: alertingOf({ ...written.alerting, ...own.alerting }),
    ledger: { prefix: written.ledger?.prefix ?? "refs/mayday", remote: written.ledger?.remote ?? null },
    hook: { missing: written.hook?.missing ?? "block" },
    ...(own.alerts === undefined ? {} : { alerts: own.alerts }),
    ...(written.flags ? { flags: { find: [], ...written.flags } } : {}),
    inactive: inactive(written, own, input.sendable),
  };
}

function environmentOf(written: WrittenEnvironment, remote: string): EnvironmentSettings {
  const { rollback = {}, probes = [] } = written;
  return {
    remote: written.remote ?? remote,
    branch: written.branch ?? null,
    live: written.live ?? {},
    bake: ms(written.bake, DEFAULT.bake),
    probes: probes.map(probeOf),
    rollback: {
      via: rollback.via ?? "auto",
      keep: rollback.keep ?? [],
      proof: rollback.proof ?? null,
      wait: ms(rollback.wait, DEFAULT.wait),
      window: ms(rollback.window, DEFAULT.window),
      ...(rollback.artifact === undefined ? {} : { artifact: rollback.artifact }),
      ...(rollback.prBranch === undefined ? {} : { prBranch: rollback.prBranch }),
    },
    ...(written.variables === undefined ? {} : { variables: written.variables }),
    alerts: written.alerts ?? {},
  };
}

function probeOf(written: WrittenProbe, index: number): ProbeSettings {
  const { name, http, run, body } = written;
  return {
    name: name ?? `probe-${index + 1}`,
    ...(http === undefined ? {} : { http }),
    ...(run === undefined ? {} : { run }),
    ...(body === undefined ? {} : { body }),
    status: written.status ?? 200,
    within: ms(written.within, Math.min(DEFAULT.within, ms(written.timeout, DEFAULT.probeTimeout))),
    times: written.times ?? 3,
    every: ms(written.every, DEFAULT.every),
    timeout: ms(written.timeout, DEFAULT.probeTimeout),
  };
}

function checkOf(written: WrittenCheck): CheckSettings {
  const { kind, run, evidence, cache, maxAge } = written;
  return {
    kind,
    timeout: ms(written.timeout, DEFAULT.checkTimeout),
    files: written.files ?? [],
    ...(run === undefined ? {} : { run }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(cache === undefined ? {} : { cache }),
    ...(maxAge === undefined ? {} : { maxAge: ms(maxAge, 0) }),
  };
}

function alertingOf(written: NonNullable<Written["alerting"]>): AlertingSettings {
  const { quiet, areas, codeowners, ackWithin } = written;
  return {
    require: written.require ?? 1,
    deadline: ms(written.deadline, DEFAULT.deadline),
    fallback: written.fallback ?? [],
    ...(areas === undefined ? {} : { areas }),
    ...(codeowners === undefined ? {} : { codeowners }),
    ...(quiet === undefined ? {} : { quiet }),
    ...(ackWithin === undefined ? {} : { ackWithin: ms(ackWithin, 0) }),
  };
}

function ms(text: string | undefined, fallback: number): number {
  return text === undefined ? fallback : (parseDuration(text) ?? fallback);
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
