import type { Readable } from "node:stream";

import type { ChalkInstance } from "chalk";

import type { Configuration } from "../config/load.ts";
import type { Git } from "../git/git.ts";
import type { ExitCode } from "../model/exit.ts";
import type { Sink, Terminal } from "../terminal/terminal.ts";

/** Everything of the outside that mayday may see. Tests hand in their own. */
export interface World {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Wall clock, ms since 1970. */
  readonly now: () => number;
  /** Aborts on the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Absolute path of bin/mayday.js, for the hook to call; null in tests that have none. */
  readonly program: string | null;
  /**
   * Shows text through a pager's command until the person leaves it; false when it could not be
   * started. Missing where the terminal is not really there.
   */
  readonly pager?: (command: string, text: string, env: World["env"]) => Promise<boolean>;
  /** mayday's own version; missing in tests that have none. */
  readonly version?: () => string;
}

/** Global options of the contract. */
export interface Globals {
  readonly directory: string | null;
  readonly config: string | null;
  readonly json: boolean;
  readonly yes: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly offline: boolean;
  readonly noColor: boolean;
}

/** What a command gets. The costly members are thunks: `--help` loads nothing. */
export interface Context {
  readonly world: World;
  readonly globals: Globals;
  readonly terminal: Terminal;
  /** The directory to work from: `-C`, else the current one. */
  readonly cwd: string;
  /** The repository, opened once. Throws exit 2 outside one. */
  readonly git: () => Promise<Git>;
  /** The repository, or null outside one; still throws for a broken one. */
  readonly gitOrNull: () => Promise<Git | null>;
  /** mayday.yaml and the user's own file, read once. Throws exit 2 with file:line:column. */
  readonly configuration: () => Promise<Configuration>;
  /** Runs another mayday command in this process, as if typed (the guided flow, the demo). */
  readonly again: (
    argv: readonly string[],
    change?: Partial<Pick<World, "cwd" | "env" | "stdout" | "stderr">>,
  ) => Promise<ExitCode>;
}

/** What a command answers: main prints the document with `--json`, else the text. */
export interface Outcome {
  readonly exit: ExitCode;
  /** The command's own document; `exit` and `error` are added by main where missing. */
  readonly document: Readonly<Record<string, unknown>> & { readonly schema: string };
  /** For people, on stdout. */
  readonly text: string | ((paint: ChalkInstance, width: number) => string);
  /** The text may be long: on a terminal the person's pager shows it. */
  readonly paged?: boolean;
  /** With exit ≠ 0: what is wrong and the next command. On stderr for people, in `error` for programs. */
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly hint: string;
    /** Risk or rule ids, with exit 3. */
    readonly ids?: readonly string[];
  };
}
