import { PassThrough } from "node:stream";

import type { World } from "../../src/commands/context.ts";
import { main } from "../../src/main.ts";
import type { RunOptions } from "./world.ts";
import { cleanEnv } from "./world.ts";

export interface Answer {
  /** Typed when this stands on the screen and was not there at the answer before. */
  readonly when: RegExp;
  readonly keys: string;
}

export const KEY = { enter: "\r", down: "\u001b[B", up: "\u001b[A", interrupt: "\u0003" } as const;

export interface Session {
  readonly exit: number;
  readonly stdout: string;
  /** All that was drawn, control sequences taken out. */
  readonly screen: string;
}

/** A keyboard as the prompts want it: a stream that says it is a terminal. */
class Keyboard extends PassThrough {
  readonly isTTY = true;
  isRaw = false;
  setRawMode(raw: boolean): this {
    this.isRaw = raw;
    return this;
  }
}

/** A screen: what a spinner moves on it is of no interest here. */
class Screen extends PassThrough {
  readonly isTTY = true;
  readonly rows = 40;
  readonly columns: number;
  constructor(columns: number) {
    super();
    this.columns = columns;
  }
  cursorTo(): boolean {
    return true;
  }
  moveCursor(): boolean {
    return true;
  }
  clearLine(): boolean {
    return true;
  }
  hasColors(): boolean {
    return false;
  }
}

/** Runs mayday at a terminal with someone who answers; ends with an error when a question stays open. */
export async function atTerminal(
  argv: readonly string[],
  answers: readonly Answer[],
  options: RunOptions & { readonly program?: string },
): Promise<Session> {
  const keyboard = new Keyboard();
  const waiting = [...answers];
  let stdout = "";
  let screen = "";
  let seen = 0;
  const drawn = (text: string): boolean => {
    // oxlint-disable-next-line no-control-regex -- control sequences are what is taken out
    screen += text.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, "");
    const [next] = waiting;
    if (next?.when.test(screen.slice(seen)) === true) {
      waiting.shift();
      seen = screen.length;
      // After this turn: the prompt listens once it has drawn itself.
      setImmediate(() => keyboard.write(next.keys));
    }
    return true;
  };
  const screenSink = new Screen(options.columns ?? 80);
  screenSink.on("data", (chunk: Buffer) => drawn(chunk.toString("utf8")));
  const world: World = {
    cwd: options.cwd,
    env: { ...cleanEnv(options.env), TERM: "xterm" },
    stdin: keyboard,
    stdout: { isTTY: true, columns: options.columns ?? 80, write: (text) => void (stdout += text) },
    stderr: screenSink,
    now: () => options.now ?? Date.now(),
    signal: options.signal ?? new AbortController().signal,
    program: options.program ?? null,
  };
  const exit = await main(argv, world);
  if (waiting.length > 0) throw new Error(`never asked: ${String(waiting[0]?.when)}\n${screen}`);
  return { exit, stdout, screen };
}
