import { Readable } from "node:stream";

import type { World } from "../../src/commands/context.ts";
import { main } from "../../src/main.ts";

export interface Transcript {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout parsed; throws when it is not exactly one JSON document. */
  json<T = Record<string, unknown>>(): T;
}

/** A clean environment: no global or system git configuration, fixed identity, no CI. */
export function cleanEnv(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    // No directory can ever be made there, not even by root.
    HOME: "/dev/null/home",
    TMPDIR: process.env["TMPDIR"] ?? "/tmp",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_AUTHOR_NAME: "Ana",
    GIT_AUTHOR_EMAIL: "ana@example.com",
    GIT_COMMITTER_NAME: "Ana",
    GIT_COMMITTER_EMAIL: "ana@example.com",
    NO_COLOR: "1",
    ...extra,
  };
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly now?: number;
  readonly columns?: number;
  readonly signal?: AbortSignal;
}

/** Runs mayday in this process and keeps what it said. */
export async function mayday(argv: readonly string[], options: RunOptions): Promise<Transcript> {
  let stdout = "";
  let stderr = "";
  const columns = options.columns ?? 80;
  const world: World = {
    cwd: options.cwd,
    env: cleanEnv(options.env),
    stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
    stdout: { isTTY: false, columns, write: (text) => void (stdout += text) },
    stderr: { isTTY: false, columns, write: (text) => void (stderr += text) },
    now: () => options.now ?? Date.now(),
    signal: options.signal ?? new AbortController().signal,
    program: null,
  };
  const exit = await main(argv, world);
  return { exit, stdout, stderr, json: <T>() => JSON.parse(stdout) as T };
}
