import type { Readable, Writable } from "node:stream";

import type { ChalkInstance } from "chalk";

import { MaydayError } from "../model/error.ts";

/** Where text goes: process.stdout and process.stderr, or a test's own. */
export interface Sink {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface TerminalOptions {
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Opened only when something is asked or read. */
  readonly stdin: () => Readable & { readonly isTTY?: boolean };
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noColor: boolean;
  readonly assumeYes: boolean;
}

/** `0` none, `1` sixteen colours: only those that light and dark terminals both keep readable. */
export type ColorLevel = 0 | 1;

export function colorLevel(
  env: Readonly<Record<string, string | undefined>>,
  isTTY: boolean,
  noColor: boolean,
): ColorLevel {
  if (noColor || (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb") return 0;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced === "0" || forced === "false" ? 0 : 1;
  return isTTY ? 1 : 0;
}

/**
 * The only writer to stdout and stderr. stdout is the answer, stderr is the talk.
 * Whatever is written must have passed `visible` where it is foreign.
 */
export class Terminal {
  readonly #options: TerminalOptions;
  readonly json: boolean;
  readonly #paints = new Map<ColorLevel, ChalkInstance>();

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.json = options.json;
  }

  /** Someone is there and may be asked. */
  get interactive(): boolean {
    const { env, stdin, stderr, json, assumeYes } = this.#options;
    const ci = env["CI"] ?? "";
    return (
      !json && !assumeYes && (ci === "" || ci === "false") && stderr.isTTY === true && stdin().isTTY === true
    );
  }

  /** Columns to draw in: the terminal's, at least 40, at most 100 (long lines are hard to read). */
  get width(): number {
    const columns = this.#options.stdout.isTTY ? (this.#options.stdout.columns ?? 80) : 80;
    return Math.min(100, Math.max(40, columns));
  }

  /** Colours for stdout. */
  async paint(): Promise<ChalkInstance> {
    return this.#paintFor(this.#options.stdout);
  }

  /** Colours for stderr. */
  async paintTalk(): Promise<ChalkInstance> {
    return this.#paintFor(this.#options.stderr);
  }

  async #paintFor(sink: Sink): Promise<ChalkInstance> {
    const level = colorLevel(this.#options.env, sink.isTTY === true, this.#options.noColor);
    let paint = this.#paints.get(level);
    if (!paint) {
      const { Chalk } = await import("chalk");
      paint = new Chalk({ level });
      this.#paints.set(level, paint);
    }
    return paint;
  }

  /** The answer, for people; nothing with `--json`. */
  answer(text: string): void {
    if (!this.json && text !== "") this.#options.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  }

  /** The answer, for programs: exactly one document a run. */
  document(value: unknown): void {
    this.#options.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** Talk: progress in words; nothing with `--quiet` or `--json`. */
  say(text: string): void {
    if (!this.#options.quiet && !this.json) this.#options.stderr.write(`${text}\n`);
  }

  /** A warning is said also with `--json` and `--quiet`: stderr is not the answer. */
  async warn(text: string): Promise<void> {
    const paint = await this.paintTalk();
    this.#options.stderr.write(`${paint.yellow("warning")} ${text}\n`);
  }

  /** Raw line to stderr: errors and `--verbose`. */
  error(text: string): void {
    this.#options.stderr.write(`${text}\n`);
  }

  /** Shows a spinner on a terminal while `work` runs; a silent wait elsewhere. */
  async during<T>(label: string, work: (update: (label: string) => void) => Promise<T>): Promise<T> {
    const { stderr, quiet, env } = this.#options;
    const draws =
      stderr.isTTY === true && !quiet && !this.json && env["TERM"] !== "dumb" && env["CI"] !== "true";
    if (!draws) return work(() => {});
    const { default: ora } = await import("ora");
    const level = colorLevel(env, true, this.#options.noColor);
    const spinner = ora({
      text: label,
      stream: stderr as unknown as Writable & { isTTY: true },
      discardStdin: false,
      hideCursor: true,
      ...(level === 0 ? { color: false } : { color: "cyan" }),
    }).start();
    try {
      return await work((next) => {
        spinner.text = next;
      });
    } finally {
      spinner.stop();
    }
  }

  /** Asks yes or no on stderr. Only when `interactive`. Ctrl-C ends with exit 130. */
  async confirm(question: string, initial: boolean): Promise<boolean> {
    const { confirm } = await import("@clack/prompts");
    return this.#answered<boolean>(
      await confirm({ message: question, initialValue: initial, ...this.#streams() }),
    );
  }

  /** Asks for one of several; Enter takes the first, or `initial`. */
  async select<T extends string>(
    question: string,
    options: readonly { readonly value: T; readonly label: string; readonly hint?: string }[],
    initial?: T,
  ): Promise<T> {
    const { select } = await import("@clack/prompts");
    const answer = await select<string>({
      message: question,
      options: options.map((option) => ({ ...option })),
      ...(initial === undefined ? {} : { initialValue: initial }),
      ...this.#streams(),
    });
    return this.#answered(answer) as T;
  }

  /** Asks for a line of text; empty is an answer. */
  async ask(question: string, placeholder = ""): Promise<string> {
    const { text } = await import("@clack/prompts");
    const line = await text({ message: question, placeholder, defaultValue: "", ...this.#streams() });
    return this.#answered<string>(line ?? "");
  }

  /** Asks for several lines, made for pasting: Enter is a line break, Tab then Enter ends it. */
  async paste(question: string): Promise<string> {
    const { multiline } = await import("@clack/prompts");
    const lines = await multiline({
      message: question,
      showSubmit: true,
      defaultValue: "",
      ...this.#streams(),
    });
    return this.#answered<string>(lines ?? "");
  }

  #streams(): { input: Readable; output: Writable; signal: AbortSignal } {
    const { stdin, stderr, signal } = this.#options;
    return { input: stdin(), output: stderr as unknown as Writable, signal };
  }

  #answered<T extends string | boolean>(answer: T | symbol): T {
    if (typeof answer !== "symbol") return answer;
    throw new MaydayError("interrupted; nothing was done", { code: "interrupted", exit: 130 });
  }
}
