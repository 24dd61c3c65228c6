import { stripVTControlCharacters } from "node:util";

import type { CheckResult } from "../model/check.ts";
import { MaydayError } from "../model/error.ts";
import { visible, visibleLines } from "../model/escape.ts";
import type { RunSpec } from "../model/settings.ts";
import { spoken } from "../model/time.ts";
import { type ProcessResult, runProcess } from "../system/process.ts";

/** Bytes of output kept of one command: its end, where the reason usually stands. */
const KEPT = 256 * 1024;
/** Linux takes 128 KiB in one argument (MAX_ARG_STRLEN) and more in all; half of it is safe everywhere. */
const BATCH = 64 * 1024;
const GRACE_MS = 5_000;

export interface CommandOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** For `{files}`. */
  readonly files: readonly string[];
  /** For `{env}` in list form. */
  readonly environment: string | null;
}

/** How a configured command ended, with its output made harmless. */
export interface CommandEnd extends Pick<CheckResult, "status" | "ms" | "text"> {
  readonly output: string;
}

/**
 * Runs a configured command; with more files than fit in one command line, several times. stdout
 * and stderr are kept together as they arrive. Throws exit 130 on an interrupt;
 * everything else that goes wrong is a result.
 */
export async function runCommand(run: RunSpec, options: CommandOptions): Promise<CommandEnd> {
  const output = new Tail();
  const until = performance.now() + options.timeoutMs;
  let ms = 0;
  let text = "";
  let status: CheckResult["status"] = "pass";
  for (const argv of commandLines(run, options.files, options.environment)) {
    const left = Math.max(1, Math.ceil(until - performance.now()));
    const [file = "", ...args] = argv;
    const result = await runProcess(file, args, {
      cwd: options.cwd,
      env: options.env,
      timeoutMs: left,
      graceMs: GRACE_MS,
      signal: options.signal,
      onStdout: (chunk) => output.add(chunk),
      onStderr: (chunk) => output.add(chunk),
    });
    ms += result.ms;
    const end = describe(result, file, options.timeoutMs);
    // The other batches still run: their findings are wanted too.
    if (status === "pass") ({ status, text } = end);
    if (end.status === "timeout" || end.status === "error") break;
  }
  return { status, ms, text, output: readable(output.text()) };
}

function describe(
  result: ProcessResult,
  file: string,
  timeoutMs: number,
): Pick<CheckResult, "status" | "text"> {
  switch (result.ending) {
    case "aborted":
      throw new MaydayError("interrupted; the commands were ended", { code: "interrupted", exit: 130 });
    case "timeout":
      return { status: "timeout", text: `no end within ${spoken(timeoutMs)}; it was stopped` };
    case "not-started":
      return {
        status: "error",
        text:
          result.startError === "ENOENT"
            ? `there is no program ${visible(file)} on PATH`
            : `${visible(file)} cannot be started (${result.startError})`,
      };
    case "signalled":
      return { status: "fail", text: `ended by ${result.signalName ?? "a signal"}` };
    default:
      return result.exitCode === 0
        ? { status: "pass", text: "" }
        : { status: "fail", text: `exit code ${result.exitCode}${shellWord(result.exitCode)}` };
  }
}

/** What a shell means by it (POSIX, 2.8.2 Exit Status for Commands). */
function shellWord(exit: number | null): string {
  return exit === 127 ? " (command not found)" : exit === 126 ? " (not executable)" : "";
}

/** The argument arrays to run, one a batch of files. Pure. */
export function commandLines(
  run: RunSpec,
  files: readonly string[],
  environment: string | null,
): (readonly string[])[] {
  // A name that begins with a dash would be read as an option.
  const safe = files.map((file) => (file.startsWith("-") ? `./${file}` : file));
  if (typeof run === "string") {
    if (!run.includes("{files}")) return [["sh", "-c", run]];
    return batches(safe.map(quote)).map((batch) => [
      "sh",
      "-c",
      run.replaceAll("{files}", () => batch.join(" ")),
    ]);
  }
  const words = run.map((word) =>
    environment === null ? word : word.replaceAll("{env}", () => environment),
  );
  if (!words.some((word) => word.includes("{files}"))) return [words];
  // `--file={files}` becomes one such word a file.
  return batches(safe).map((batch) =>
    words.flatMap((word) =>
      word.includes("{files}") ? batch.map((file) => word.replaceAll("{files}", () => file)) : [word],
    ),
  );
}

function quote(word: string): string {
  return /^[\w./@+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function batches(words: readonly string[]): string[][] {
  const all: string[][] = [];
  let size = Infinity;
  for (const word of words) {
    const bytes = Buffer.byteLength(word) + 1;
    if (size + bytes > BATCH) {
      all.push([]);
      size = 0;
    }
    all.at(-1)?.push(word);
    size += bytes;
  }
  return all;
}

/** The last bytes of a stream. */
class Tail {
  #chunks: Buffer[] = [];
  #size = 0;
  #cut = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#size - (this.#chunks[0]?.length ?? 0) >= KEPT) {
      const first = this.#chunks.shift()?.length ?? 0;
      this.#size -= first;
      this.#cut += first;
    }
  }

  text(): string {
    const all = Buffer.concat(this.#chunks);
    const kept = all.subarray(-KEPT).toString("utf8");
    const cut = this.#cut + Math.max(0, all.length - KEPT);
    return cut === 0 ? kept : `… ${Math.ceil(cut / 1024)} KiB before this were not kept\n${kept}`;
  }
}

/** Without colours and cursor movements, and with a line for each state of a progress line. */
function readable(text: string): string {
  const plain = stripVTControlCharacters(text).replaceAll("\r\n", "\n").replaceAll(/\r+/g, "\n");
  return visibleLines(plain).trimEnd();
}
