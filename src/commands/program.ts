import path from "node:path";

import { Command, CommanderError, Option } from "commander";

import type { Configuration } from "../config/load.ts";
import type { Git } from "../git/git.ts";
import { errorDocument, MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { EXIT, type ExitCode, hasOwnDocument } from "../model/exit.ts";
import { Terminal } from "../terminal/terminal.ts";
import type { Context, Globals, Outcome, World } from "./context.ts";
import { register } from "./registry.ts";

type Main = (argv: readonly string[], world: World) => Promise<number>;

/** Parses a command line, runs the command, prints its answer, returns its exit code. */
export async function runCommandLine(argv: readonly string[], world: World, main: Main): Promise<number> {
  const json = argv.includes("--json");
  let outcome: Outcome | undefined;
  let context: Context | undefined;
  let schema = "mayday/error@1";
  const program = new Command("mayday")
    .description(
      "Production is down after a push: what changed, which change did it, how to get back, who must know.",
    )
    .usage("[options] [command]")
    .option("-C <dir>", "work from this directory")
    .option("--config <file>", "another configuration file (also MAYDAY_CONFIG)")
    .option("--json", "one JSON document on stdout")
    .option("-y, --yes", "ask nothing, take the answer as given")
    .option("-q, --quiet", "only the answer")
    .option("-v, --verbose", "print every git command and its time")
    .option("--offline", "do not ask the remote")
    .option("--no-color", "no colour (also NO_COLOR)")
    .addOption(new Option("-V, --version", "print the version"))
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(100, world.stdout.columns || 80),
    })
    .showSuggestionAfterError()
    .enablePositionalOptions(false)
    .exitOverride();

  const action =
    (
      load: () => Promise<
        (
          context: Context,
          args: readonly unknown[],
          options: Readonly<Record<string, unknown>>,
        ) => Promise<Outcome>
      >,
    ) =>
    async (...received: unknown[]): Promise<void> => {
      const command = received.at(-1) as Command;
      context = makeContext(world, readGlobals(command.optsWithGlobals(), world), main);
      schema = schemaOf(command);
      const run = await load();
      outcome = await run(context, received.slice(0, -2), command.opts());
    };
  register(program, action);

  try {
    await program.parseAsync([...argv], { from: "user" });
    if (outcome === undefined) throw new Error("no command ran");
    return await print(outcome, context ?? makeContext(world, readGlobals({ json }, world), main));
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const globals = readGlobals({ ...program.opts(), json }, world);
    return await printError(
      asMaydayError(error, world.signal),
      error,
      schema,
      context ?? makeContext(world, globals, main),
    );
  }
}

function readGlobals(options: Readonly<Record<string, unknown>>, world: World): Globals {
  const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
  return {
    directory: text(options["C"]),
    config: text(options["config"]) ?? text(world.env["MAYDAY_CONFIG"]),
    json: options["json"] === true,
    yes: options["yes"] === true,
    quiet: options["quiet"] === true,
    verbose: options["verbose"] === true,
    offline: options["offline"] === true,
    noColor: options["color"] === false,
  };
}

function makeContext(world: World, globals: Globals, main: Main): Context {
  const terminal = new Terminal({
    stdout: world.stdout,
    stderr: world.stderr,
    stdin: () => world.stdin,
    signal: world.signal,
    env: world.env,
    json: globals.json,
    quiet: globals.quiet,
    noColor: globals.noColor,
    assumeYes: globals.yes,
  });
  const cwd = path.resolve(world.cwd, globals.directory ?? ".");
  let git: Promise<Git> | undefined;
  let configuration: Promise<Configuration> | undefined;
  const open = (): Promise<Git> =>
    (git ??= import("../git/open.ts").then(({ openRepository }) =>
      openRepository({
        cwd,
        env: world.env,
        signal: world.signal,
        onCommand: globals.verbose
          ? (argv, ms, exit) =>
              terminal.error(
                `${String(ms).padStart(6)} ms  exit ${exit ?? "-"}  ${argv.map(visible).join(" ")}`,
              )
          : undefined,
      }),
    ));
  const gitOrNull = async (): Promise<Git | null> => {
    try {
      return await open();
    } catch (error) {
      if (error instanceof MaydayError && error.code === "not-a-repository") return null;
      throw error;
    }
  };
  return {
    world,
    globals,
    terminal,
    cwd,
    git: open,
    gitOrNull,
    configuration: () =>
      (configuration ??= import("../config/load.ts").then(async ({ loadConfiguration }) => {
        const repository = await gitOrNull();
        return loadConfiguration({
          repository,
          cwd,
          file: globals.config,
          env: world.env,
          channels: async () => (await import("../alert/channels/index.ts")).CHANNELS,
          remotes: repository === null ? [] : (await import("../git/remote.ts")).remoteNames(repository),
        });
      })),
    again: async (argv, change) => (await main(argv, changed(world, change ?? {}))) as ExitCode,
  };
}

/** A copy that keeps `stdin` lazy: touching process.stdin opens it. */
function changed(world: World, change: Partial<World>): World {
  const copy: World = Object.create(null, Object.getOwnPropertyDescriptors(world));
  return Object.defineProperties(copy, Object.getOwnPropertyDescriptors(change));
}

async function print(outcome: Outcome, context: Context): Promise<number> {
  const { terminal } = context;
  if (terminal.json) {
    if (hasOwnDocument(outcome.exit) || outcome.error === undefined) {
      terminal.document({ exit: outcome.exit, error: outcome.error ?? null, ...outcome.document });
    } else {
      terminal.document(
        errorDocument(new MaydayError(outcome.error.message, { ...outcome.error, exit: outcome.exit })),
      );
    }
    return outcome.exit;
  }
  const paint = await terminal.paint();
  terminal.answer(typeof outcome.text === "string" ? outcome.text : outcome.text(paint, terminal.width));
  if (outcome.error) await sayError(outcome.error.message, outcome.error.hint, context);
  return outcome.exit;
}

/** Documents that are not called as the command is. */
const SCHEMAS: Readonly<Record<string, string>> = {
  mayday: "status",
  undo: "rollback",
  "deploy-record": "deploy",
  "deploy-certify": "deploy",
  "deploy-bad": "deploy",
  "hook-install": "hook",
  "hook-uninstall": "hook",
  "hook-status": "hook",
};

function schemaOf(command: Command): string {
  const words: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) words.unshift(at.name());
  const name = (words.length > 1 ? words.slice(1) : words).join("-");
  return `mayday/${SCHEMAS[name] ?? name}@1`;
}

/** An answer that was thrown (exits 1, 5, 7, 8, 10) is still the command's own document. */
async function printError(
  error: MaydayError,
  original: unknown,
  schema: string,
  context: Context,
): Promise<number> {
  const { code, message, hint, exit, document } = error;
  if (context.terminal.json)
    context.terminal.document(
      hasOwnDocument(exit)
        ? { schema, exit, error: { code, message, hint }, ...document }
        : errorDocument(error),
    );
  else await sayError(error.message, error.hint, context);
  if (context.globals.verbose && original instanceof Error) context.terminal.error(original.stack ?? "");
  return error.exit;
}

async function sayError(message: string, hint: string, context: Context): Promise<void> {
  const paint = await context.terminal.paintTalk();
  // Further lines stand under the first, behind the word.
  context.terminal.error(`${paint.red("error")} ${message.replaceAll("\n", "\n      ")}`);
  for (const [index, line] of (hint === "" ? [] : hint.split("\n")).entries()) {
    context.terminal.error(`${index === 0 ? paint.cyan(" next") : "     "} ${line}`);
  }
}

/** System errors that say: this disk, this file system, this directory does not let us. */
const NOT_WRITABLE: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EFBIG"]);

function asMaydayError(error: unknown, signal: AbortSignal): MaydayError {
  if (error instanceof MaydayError) return error;
  if (error instanceof CommanderError) {
    return new MaydayError(visible(error.message.replace(/^error: /, "").replaceAll("\n", " ")), {
      code: "usage",
      exit: EXIT.usage,
      hint: "mayday --help",
    });
  }
  if (signal.aborted) return new MaydayError("interrupted", { code: "interrupted", exit: EXIT.interrupted });
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && "code" in error && NOT_WRITABLE.has(String(error.code))) {
    return new MaydayError(`mayday cannot write: ${visible(text)}`, {
      code: "not-writable",
      exit: EXIT.usage,
      hint: "make room, or make that place writable: df -h .",
      cause: error,
    });
  }
  return new MaydayError(`a bug in mayday: ${visible(text)}`, {
    code: "bug",
    exit: EXIT.bug,
    hint: "repeat with --verbose and report what it prints",
    cause: error,
  });
}
