import type { OwnWritten, Written } from "./rules.ts";

/** Sections that are read by shape and not acted on yet. An issue that makes one real takes it out. */
const NOT_YET = ["builtin", "flags"] as const;
const NOT_YET_ENVIRONMENT = ["bake", "policy", "variables"] as const;
const NOT_YET_ROLLBACK = ["artifact", "prBranch", "window"] as const;
const NOT_YET_CHECK = ["evidence", "cache", "maxAge"] as const;
const NOT_YET_ALERTING = ["quiet", "areas", "codeowners", "ackWithin"] as const;

/** What the file says and this version does not do, as paths: commands tell it, nothing is silent. */
export function inactive(written: Written, own: OwnWritten, sendable: readonly string[]): string[] {
  const paths: string[] = present(written, NOT_YET, "");
  for (const [name, environment] of Object.entries(written.environments ?? {})) {
    const at = `environments.${name}.`;
    paths.push(...present(environment, NOT_YET_ENVIRONMENT, at));
    paths.push(...present(environment?.live, ["github"], `${at}live.`));
    paths.push(...present(environment?.rollback, NOT_YET_ROLLBACK, `${at}rollback.`));
    const via = environment?.rollback?.via ?? "auto";
    if (via !== "auto" && via !== "tree") paths.push(`${at}rollback.via (${via})`);
  }
  for (const [name, check] of Object.entries(written.checks ?? {})) {
    paths.push(...present(check, NOT_YET_CHECK, `checks.${name}.`));
  }
  for (const [name, channel] of Object.entries({ ...written.channels, ...own.channels })) {
    if (!sendable.includes(channel.type)) paths.push(`channels.${name} (${channel.type})`);
  }
  paths.push(...present({ ...written.alerting, ...own.alerting }, NOT_YET_ALERTING, "alerting."));
  return paths;
}

function present(section: object | null | undefined, keys: readonly string[], at: string): string[] {
  const filled = (value: unknown): boolean =>
    value !== null && value !== undefined && (typeof value !== "object" || Object.keys(value).length > 0);
  return keys
    .filter((key) => filled((section as Readonly<Record<string, unknown>> | null | undefined)?.[key]))
    .map((key) => at + key);
}
