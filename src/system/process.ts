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
  try {
    while (performance.now() < until) {
      process.kill(-pid, 0);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left in the group.
  }
}

/**
 * Runs a program from an argument array, in a process group of its own, so that a deadline or an
 * abort ends its children too (git leaves its transport helpers behind otherwise).
 * Never throws for what the program does: the ending says it.
 */
export async function runProcess(
  file: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<ProcessResult> {
  const { execa } = await import("execa");
  const started = performance.now();
  const stdout: Buffer[] = [];
  let stdoutBytes = 0;
  let stderr = Buffer.alloc(0);
  let cut: Ending | null = null;

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
  const end = (why: Ending): void => {
    if (cut !== null) return;
    cut = why;
    endGroup(child.pid, "SIGTERM");
    setTimeout(() => endGroup(child.pid, "SIGKILL"), options.graceMs ?? GRACE_MS).unref();
  };
  child.stdout?.on("data", (chunk: Buffer) => {
    stdoutBytes += chunk.length;
    if (options.onStdout) options.onStdout(chunk);
    else if (stdoutBytes > (options.maxBytes ?? 256 * 1024 * 1024)) end("too-much-output");
    else stdout.push(chunk);
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    options.onStderr?.(chunk);
    stderr = Buffer.concat([stderr, chunk]).subarray(-STDERR_KEPT);
  });
  const deadline = setTimeout(() => end("timeout"), options.timeoutMs);
  const abort = (): void => end("aborted");
  if (options.signal?.aborted) abort();
  options.signal?.addEventListener("abort", abort, { once: true });
  try {
    const result = await child;
    if (cut !== null) await groupEnd(child.pid, options.graceMs ?? GRACE_MS);
    const exitCode = result.exitCode ?? null;
    const startError = exitCode === null && child.pid === undefined ? (result.code ?? "ENOENT") : null;
    const ending: Ending =
      startError !== null ? "not-started" : (cut ?? (exitCode === null ? "signalled" : "exited"));
    return {
      argv: [file, ...args],
      ending,
      exitCode: ending === "exited" ? exitCode : null,
      signalName: result.signal ?? null,
      stdout: Buffer.concat(stdout),
      stderr: stderr.toString("utf8"),
      ms: Math.round(performance.now() - started),
      startError,
    };
  } finally {
    clearTimeout(deadline);
    options.signal?.removeEventListener("abort", abort);
  }
}

/**
 * The same, read while it runs: yields stdout in chunks with back-pressure, so memory stays
 * bounded however long the output is. Calls `onEnd` with the ending before it returns.
 * Stopping early ends the process.
 */
export async function* streamProcess(
  file: string,
  args: readonly string[],
  options: Omit<ProcessOptions, "onStdout" | "onStderr" | "maxBytes">,
  onEnd: (result: ProcessResult) => void,
): AsyncGenerator<Buffer, void, void> {
  const { execa } = await import("execa");
  const started = performance.now();
  let stderr = Buffer.alloc(0);
  let cut: Ending | null = null;
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
  const end = (why: Ending): void => {
    cut ??= why;
    endGroup(child.pid, "SIGKILL");
  };
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-STDERR_KEPT);
  });
  const deadline = setTimeout(() => end("timeout"), options.timeoutMs);
  const abort = (): void => end("aborted");
  if (options.signal?.aborted) abort();
  options.signal?.addEventListener("abort", abort, { once: true });
  let whole = false;
  try {
    if (child.stdout) for await (const chunk of child.stdout) yield chunk as Buffer;
    whole = true;
  } finally {
    if (!whole) end("aborted");
    clearTimeout(deadline);
    options.signal?.removeEventListener("abort", abort);
    const result = await child;
    const exitCode = result.exitCode ?? null;
    const notStarted = exitCode === null && child.pid === undefined;
    const ending: Ending = notStarted ? "not-started" : (cut ?? (exitCode === null ? "signalled" : "exited"));
    if (whole || notStarted) {
      onEnd({
        argv: [file, ...args],
        ending,
        exitCode: ending === "exited" ? exitCode : null,
        signalName: result.signal ?? null,
        stdout: Buffer.alloc(0),
        stderr: stderr.toString("utf8"),
        ms: Math.round(performance.now() - started),
        startError: notStarted ? (result.code ?? "ENOENT") : null,
      });
    }
  }
}
