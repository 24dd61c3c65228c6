import type { Configuration } from "../config/load.ts";
import { hostOf, isLoopback } from "../config/url.ts";
import type { ChannelSettings, RunSpec, Settings } from "../model/settings.ts";

/** One thing of the configuration that does more than describe. */
export interface TrustEntry {
  /** It runs a program, names a host that receives data, or asks for a secret. */
  readonly kind: "command" | "host" | "secret";
  /** Its place in the file: `checks.unit`, `environments.production.probes.health`, `channels.room`. */
  readonly where: string;
  /** What is shown, not yet escaped. */
  readonly text: string;
  /** What is consented to, exactly: a change of it needs consent again. */
  readonly content: unknown;
  /** False for this machine's own addresses and for what the user's own file says. */
  readonly needsConsent: boolean;
}

/** Everything in the configuration that needs consent, or would if it were not the user's own. */
export function entriesOf(configuration: Configuration): TrustEntry[] {
  const { settings } = configuration;
  const own = new Set(configuration.ownChannels ?? []);
  return [
    ...Object.entries(settings.checks).flatMap(([name, check]) => command(`checks.${name}`, check.run)),
    ...command("worktree.prepare", settings.worktree.prepare),
    ...environmentEntries(settings),
    ...Object.entries(settings.channels).flatMap(([name, channel]) =>
      channelEntries(`channels.${name}`, channel, own.has(name)),
    ),
    ...flagEntries(settings),
  ];
}

function environmentEntries(settings: Settings): TrustEntry[] {
  return Object.entries(settings.environments).flatMap(([name, environment]) => {
    const at = `environments.${name}`;
    return [
      ...host(`${at}.live.http`, environment.live.http),
      ...command(`${at}.live.run`, environment.live.run),
      ...environment.probes.flatMap((probe) => [
        ...host(`${at}.probes.${probe.name}`, probe.http),
        ...command(`${at}.probes.${probe.name}`, probe.run),
      ]),
      ...command(`${at}.rollback.artifact`, environment.rollback.artifact?.run),
      ...command(`${at}.variables`, environment.variables?.run),
    ];
  });
}

/** Keys that only say how a message looks. */
const DESCRIBING: ReadonlySet<string> = new Set(["type", "secret", "mention"]);
const ADDRESSES = ["url", "api", "host"] as const;

function channelEntries(where: string, channel: ChannelSettings, own: boolean): TrustEntry[] {
  const { type, secret } = channel;
  const rest = Object.entries(channel).filter(([key, value]) => !DESCRIBING.has(key) && value !== undefined);
  const addresses = ADDRESSES.flatMap((key) => {
    const value = channel[key];
    return typeof value === "string" ? [value] : [];
  });
  const target = [
    type,
    ...rest.map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`),
  ];
  const destination = { type, ...Object.fromEntries(rest) };
  const entries: TrustEntry[] = [
    {
      kind: "host",
      where,
      text: target.join(" "),
      content: destination,
      needsConsent: !own && !(addresses.length > 0 && addresses.every(isHere)),
    },
  ];
  if (secret !== undefined) {
    entries.push({
      kind: "secret",
      where,
      text: `${secret} for ${target.join(" ")}`,
      content: { secret, to: destination },
      needsConsent: !own,
    });
  }
  return entries;
}

function flagEntries({ flags }: Settings): TrustEntry[] {
  if (flags === undefined) return [];
  const { type, url, secret } = flags;
  return [
    ...host("flags", url),
    ...(secret === undefined
      ? []
      : [
          {
            kind: "secret",
            where: "flags",
            text: `${secret} for ${type} ${url ?? ""}`.trim(),
            content: { secret, to: { type, url: url ?? null } },
            needsConsent: true,
          } as const,
        ]),
  ];
}

function command(where: string, run: RunSpec | undefined): TrustEntry[] {
  if (run === undefined) return [];
  const text = typeof run === "string" ? run : run.map(quoted).join(" ");
  return [{ kind: "command", where, text, content: run, needsConsent: true }];
}

function host(where: string, url: string | undefined): TrustEntry[] {
  return url === undefined
    ? []
    : [{ kind: "host", where, text: url, content: url, needsConsent: !isHere(url) }];
}

function isHere(address: string): boolean {
  const name = hostOf(address);
  return name !== undefined && isLoopback(name);
}

/** A list is shown as words; those that a reader could take for several are quoted. */
function quoted(word: string): string {
  return /^[\w@%+=:,./{}-]+$/.test(word) ? word : JSON.stringify(word);
}
