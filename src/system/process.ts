import type { Readable } from "node:stream";

import { readdirSync, readFileSync } from "node:fs";

/** How a process ended. Only `exited` has an exit code that means what the program wanted to say. */
export type Ending = "exited" | "signalled" | "timeout" | "aborted" | "not-started" | "too-much-output";

export interface ProcessOptions {
  readonly cwd: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  /** After this many ms the process group is ended. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of stdout kept before the process is ended; 256 MiB unless told. */
  readonly maxBytes?: number;
  /** Ms between SIGTERM and SIGKILL, when the group has to be ended; 2 s unless told. */
  readonly graceMs?: number;
  /** Given, chunks go here and are not kept. */
  readonly onStdout?: (chunk: Buffer) => void;
  readonly onStderr?: (chunk: Buffer) => void;
}

export interface ProcessResult {
  readonly argv: readonly string[];
  readonly ending: Ending;
  readonly exitCode: number | null;
  readonly signalName: string | null;
  readonly stdout: Buffer;
  /** The last 64 KiB. */
  readonly stderr: string;
  readonly ms: number;
  /** Why it could not be started (`ENOENT`, …). */
  readonly startError: string | null;
}

const STDERR_KEPT = 64 * 1024;
const GRACE_MS = 2_000;
/** After a kill, this long is waited for pipes that somebody else still holds. */
const PIPE_MS = 250;

function endGroup(pid: number | undefined, signalName: "SIGTERM" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, signalName);
  } catch {
    // The group is gone already: that is what was wanted.
  }
}

/** The leader is gone, what it started may not be: waits for the group, then kills what is left. */
async function groupEnd(pid: number | undefined, graceMs: number): Promise<void> {
  if (pid === undefined || process.platform === "win32") return;
  const until = performance.now() + graceMs;
  while (groupLives(pid)) {
    if (performance.now() >= until) return endGroup(pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function groupLives(pid: number): boolean {
  try {
    process.kill(-pid, 0);
  } catch {
    return false;
  }
  // The dead whom nobody has collected yet count as well: where init is slow or missing (containers),
  // only their state tells. /proc/<id>/stat is `id (name) state parent group …`, see proc(5).
  if (process.platform !== "linux") return true;
  return readdirSync("/proc").some((id) => {
    if (!/^\d+$/.test(id)) return false;
    try {
      const [state, , group] = (readFileSync(`/proc/${id}/stat`, "latin1").split(") ").at(-1) ?? "").split(
        " ",
      );
      return group === String(pid) && state !== "Z" && state !== "X";
    } catch {
      return false;
    }
  });
}

/** A program that runs in a process group of its own, and what ends it before its time. */
interface Started {
  readonly stdout: Readable | null;
  readonly onStderr: (listener: (chunk: Buffer) => void) => void;
  /** Ends the group: asked first, killed after the grace; at once with a grace of 0. */
  readonly cut: (why: Ending, graceMs: number) => void;
  readonly wasCut: () => boolean;
  /** Waits for the end. Never throws for what the program did. */
  readonly ended: () => Promise<Omit<ProcessResult, "stdout">>;
}

/**
 * The one place where a program is started: nothing of our environment but what is given, no shell,
 * and a group of its own, so that a deadline or an abort ends its children too (git leaves its
 * transport helpers behind otherwise).
 */
async function start(
  file: string,
  args: readonly string[],
  options: ProcessOptions,
  endingGraceMs: number,
): Promise<Started> {
  const { execa } = await import("execa");
  const started = performance.now();
  let stderr = Buffer.alloc(0);
  let why: Ending | null = null;
  const child = execa(file, [...args], {
    cwd: options.cwd,
    env: { ...options.env },
    extendEnv: false,
    reject: false,
    buffer: false,
    detached: process.platform !== "win32",
    windowsHide: true,
    stdin: options.input === undefined ? "ignore" : "pipe",
    ...(options.input === undefined ? {} : { input: options.input }),
  });
  const kill = (): void => {
    endGroup(child.pid, "SIGKILL");
    // A descendant that left the group may still hold a pipe: nobody waits for it.
    setTimeout(() => [child.stdout, child.stderr].forEach((pipe) => pipe?.destroy()), PIPE_MS).unref();
  };
  const cut = (ending: Ending, graceMs: number): void => {
    if (why !== null) return;
    why = ending;
    if (graceMs === 0) return kill();
    endGroup(child.pid, "SIGTERM");
    setTimeout(kill, graceMs).unref();
  };
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-STDERR_KEPT);
  });
  const deadline = setTimeout(() => cut("timeout", endingGraceMs), options.timeoutMs);
  const abort = (): void => cut("aborted", endingGraceMs);
  if (options.signal?.aborted) abort();
  options.signal?.addEventListener("abort", abort, { once: true });
  return {
    stdout: child.stdout,
    onStderr: (listener) => void child.stderr?.on("data", listener),
    cut,
    wasCut: () => why !== null,
    ended: async () => {
      const result = await child;
      clearTimeout(deadline);
      options.signal?.removeEventListener("abort", abort);
      if (why !== null && endingGraceMs > 0) await groupEnd(child.pid, endingGraceMs);
      const exitCode = result.exitCode ?? null;
      const startError = exitCode === null && child.pid === undefined ? (result.code ?? "ENOENT") : null;
      const ending: Ending =
        startError !== null ? "not-started" : (why ?? (exitCode === null ? "signalled" : "exited"));
      return {
        argv: [file, ...args],
        ending,
        exitCode: ending === "exited" ? exitCode : null,
        signalName: result.signal ?? null,
        stderr: stderr.toString("utf8"),
        ms: Math.round(performance.now() - started),
        startError,
      };
    },
  };
}

/**
 * Runs a program from an argument array to its end.
 * Never throws for what the program does: the ending says it.
 */
export async function runProcess(
  file: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<ProcessResult> {
  const graceMs = options.graceMs ?? GRACE_MS;
  const child = await start(file, args, options, graceMs);
  const stdout: Buffer[] = [];
  let bytes = 0;
  child.stdout?.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (options.onStdout) options.onStdout(chunk);
    else if (bytes > (options.maxBytes ?? 256 * 1024 * 1024)) child.cut("too-much-output", graceMs);
    else stdout.push(chunk);
  });
  if (options.onStderr) child.onStderr(options.onStderr);
  const result = await child.ended();
  return { ...result, stdout: Buffer.concat(stdout) };
}

/**
 * The same, read while it runs: yields stdout in chunks with back-pressure, so memory stays
 * bounded however long the output is. Calls `onEnd` with the ending before it returns.
 * Stopping early ends the process.
 */
export async function* streamProcess(
  file: string,
  args: readonly string[],
  options: Omit<ProcessOptions, "onStdout" | "onStderr" | "maxBytes" | "graceMs">,
  onEnd: (result: ProcessResult) => void,
): AsyncGenerator<Buffer, void, void> {
  const child = await start(file, args, options, 0);
  let whole = false;
  try {
    if (child.stdout) for await (const chunk of child.stdout) yield chunk as Buffer;
    whole = true;
  } catch (error) {
    // Our own end of the program also ends its pipe.
    if (!child.wasCut()) throw error;
    whole = true;
  } finally {
    if (!whole) child.cut("aborted", 0);
    const result = await child.ended();
    if (whole || result.startError !== null) onEnd({ ...result, stdout: Buffer.alloc(0) });
  }
}
