import { type ChildProcess, execFileSync, spawn } from "node:child_process";

import { onTestFinished } from "vitest";

/**
 * util-linux' script(1) gives a real terminal without a native module. Null: not here, with the reason;
 * tests that need it are to say so and not just pass.
 */
export function whyNoTerminal(): string | null {
  try {
    const version = execFileSync("script", ["--version"], { encoding: "utf8" });
    return version.includes("util-linux") ? null : "script(1) is not the one of util-linux";
  } catch {
    return "there is no script(1)";
  }
}

/** Far more than anything takes; a test that hangs says where. */
const WAIT_MS = 30_000;

/** A program at a real pseudo terminal, with someone who types. */
export class PseudoTerminal {
  /** All that came, control sequences and all. */
  raw = "";
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;
  #seen = 0;
  #waiting: (() => void) | null = null;

  constructor(
    argv: readonly string[],
    options: {
      readonly cwd: string;
      readonly env: Readonly<Record<string, string>>;
      readonly columns: number;
      readonly rows: number;
    },
  ) {
    const words = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
    // What the terminal is set to afterwards is asked of the terminal itself.
    const line = `trap : INT; stty cols ${options.columns} rows ${options.rows}; ${words}; echo "ended with $?"; stty -a`;
    this.#child = spawn("script", ["-qec", line, "/dev/null"], {
      cwd: options.cwd,
      env: { ...options.env, SHELL: "/bin/sh" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.raw += text;
      this.#waiting?.();
    });
    this.#ended = new Promise((resolve) => {
      this.#child.on("close", (code) => {
        resolve(code ?? -1);
        this.#waiting?.();
      });
    });
    onTestFinished(() => void this.#child.kill("SIGKILL"));
  }

  /** What stands on the screen, in lines; control sequences taken out. */
  get text(): string {
    return (
      this.raw
        .replaceAll("\r\n", "\n")
        // oxlint-disable-next-line no-control-regex -- control sequences are what is taken out
        .replaceAll(/\u001b(?:\[[0-9;?]*[A-Za-z]|[=>])/g, "")
    );
  }

  /**
   * Waits until this comes behind what was waited for before; what came from there on is returned.
   * When it does not come, the error holds what did.
   */
  async see(pattern: RegExp): Promise<string> {
    let over = "ended";
    let ended = false;
    const stop = (why: string): void => {
      [over, ended] = [why, true];
      this.#waiting?.();
    };
    const deadline = setTimeout(() => stop("waited"), WAIT_MS);
    void this.#ended.then(() => stop("ended"));
    try {
      for (;;) {
        const fresh = this.text.slice(this.#seen);
        const match = pattern.exec(fresh);
        if (match !== null) {
          this.#seen += match.index + match[0].length;
          return fresh.slice(0, match.index + match[0].length);
        }
        if (ended) throw new Error(`${over} without seeing ${String(pattern)}:\n${fresh}`);
        await new Promise<void>((resolve) => {
          this.#waiting = resolve;
        });
      }
    } finally {
      clearTimeout(deadline);
    }
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** The program's exit code, and how it left the terminal: `stty -a`. */
  async end(): Promise<{ readonly exit: number; readonly stty: string }> {
    await this.#ended;
    const [, exit = "-1", stty = ""] = /ended with (\d+)\n(.*)$/s.exec(this.text) ?? [];
    return { exit: Number(exit), stty };
  }
}
