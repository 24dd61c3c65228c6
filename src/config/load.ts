import path from "node:path";

import type { GenericSchema } from "valibot";

import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import type { Settings } from "../model/settings.ts";
import { cacheOf } from "./cache.ts";
import type { ChannelEntry } from "./channels.ts";
import { problemsOf } from "./issues.ts";
import { configurationError, type LocatedProblem, MOST_LOCATED, type Problem } from "./located.ts";
import { type Parsed, parseYaml } from "./parse.ts";
import { channelProblems, contradictions, type OwnWritten, type Written } from "./rules.ts";
import type { Valibot } from "./scalars.ts";
import { NOT_A_REFERENCE } from "./secret.ts";
import { settingsOf } from "./settings.ts";
import { type ConfiguredRepository, repositorySource, type Source, userSource } from "./source.ts";

/** The configuration as read, and where from. */
export interface Configuration {
  readonly settings: Settings;
  /** Absolute path of the file, null when there is none and defaults hold. */
  readonly file: string | null;
  /** As shown to people: `mayday.yaml`. */
  readonly label: string | null;
  /** The user's own file, where there is one. */
  readonly ownFile?: string | null;
  /** Channels of the user's own file: always trusted. */
  readonly ownChannels?: readonly string[];
}

export interface LoadInput {
  /** Null outside a repository. */
  readonly repository: ConfiguredRepository | null;
  readonly cwd: string;
  /** `--config` or `MAYDAY_CONFIG`; wins over the repository's file. */
  readonly file: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The alert room's registry; asked for only when there is a file to judge by it. */
  readonly channels?: () => Promise<readonly ChannelEntry[]>;
  /** Names of the configured remotes. */
  readonly remotes?: readonly string[];
}

/**
 * Reads `mayday.yaml` and the user's own file. Throws exit 2, code `config`, with every place that
 * is wrong as `file:line:column`.
 */
export async function loadConfiguration(input: LoadInput): Promise<Configuration> {
  const [source, ownSource] = await Promise.all([wanted(input), ownOf(input.env)]);
  const remotes = input.remotes ?? [];
  if (source === null && ownSource === null) {
    // Nothing to parse: neither yaml nor valibot is loaded.
    const settings = settingsOf({ written: {}, own: {}, remotes, sendable: [] });
    return { settings, file: null, label: null, ownFile: null, ownChannels: [] };
  }
  const cache =
    input.repository === null
      ? null
      : cacheOf(input.repository.layout.commonDir, [source, ownSource, remotes]);
  const cached = cache?.read() ?? null;
  if (cached !== null) return cached;
  const [v, { buildOwnSchema, buildSchema }, entries] = await Promise.all([
    import("valibot"),
    import("./schema.ts"),
    input.channels?.() ?? [],
  ]);
  const sendable = entries.map((entry) => entry.type);
  const own =
    ownSource === null
      ? {}
      : await validated<OwnWritten>(ownSource, v, buildOwnSchema(v, entries), (written) =>
          channelProblems(written, Object.keys(written.channels ?? {})),
        );
  const ownChannels = Object.keys(own.channels ?? {});
  const written =
    source === null
      ? {}
      : await validated<Written>(source, v, buildSchema(v, entries), (it) => contradictions(it, ownChannels));
  const configuration: Configuration = {
    settings: settingsOf({ written, own, remotes, sendable }),
    file: source?.file ?? null,
    label: source?.label ?? null,
    ownFile: ownSource?.file ?? null,
    ownChannels,
  };
  await cache?.write(configuration);
  return configuration;
}

async function validated<T extends object>(
  source: Source,
  v: Valibot,
  schema: GenericSchema<unknown, unknown>,
  contradicting: (written: T) => readonly Problem[],
): Promise<T> {
  const parsed = await parseYaml(source.label, source.text);
  refuseNewer(parsed);
  const result = v.safeParse(schema, parsed.value ?? {});
  const found = result.issues ? problemsOf(result.issues) : contradicting(result.output as T);
  const problems = found.slice(0, MOST_LOCATED).map((it) => parsed.locate(it));
  const secrets = parsed.secrets.filter(({ line }) => !alreadySaid(problems, line));
  if (problems.length + secrets.length > 0) {
    throw configurationError(source.label, [...problems, ...secrets], found.length - problems.length);
  }
  return result.output as T;
}

function alreadySaid(problems: readonly LocatedProblem[], line: number): boolean {
  return problems.some((problem) => problem.line === line && problem.message === NOT_A_REFERENCE);
}

/** A newer format may mean anything: it is not judged by today's rules. */
function refuseNewer(parsed: Parsed): void {
  const { label, value } = parsed;
  const version = (value as Readonly<Record<string, unknown>> | null)?.["version"];
  if (typeof version !== "number" || version <= 1) return;
  const { line, column, message } = parsed.locate({
    path: ["version"],
    on: "value",
    message: `this file is of version ${version}; this mayday reads version 1`,
  });
  throw new MaydayError(`${visible(label)}:${line}:${column} ${message}`, {
    code: "config",
    exit: 2,
    hint: "upgrade mayday: npm install --save-dev mayday@latest",
  });
}

async function wanted({ file, cwd, repository }: LoadInput): Promise<Source | null> {
  if (file === null) return repository === null ? null : repositorySource(repository);
  const absolute = path.resolve(cwd, file);
  const source = await userSource(absolute, file);
  if (source !== null) return source;
  throw new MaydayError(`there is no configuration file ${visible(absolute)}`, {
    code: "config",
    exit: 2,
    hint: "name one that is there (--config, MAYDAY_CONFIG), or make one: mayday init",
  });
}

async function ownOf(env: LoadInput["env"]): Promise<Source | null> {
  const home = env["HOME"] ?? env["USERPROFILE"] ?? "";
  const chosen = env["XDG_CONFIG_HOME"] ?? "";
  // The XDG specification: a relative path is to be ignored.
  const base = path.isAbsolute(chosen) ? chosen : path.isAbsolute(home) ? path.join(home, ".config") : null;
  if (base === null) return null;
  const file = path.join(base, "mayday", "config.yaml");
  const near = home !== "" && file.startsWith(home + path.sep);
  return userSource(file, near ? `~${file.slice(home.length)}` : file);
}
