import { Command, CommanderError, Option } from "commander";

import { meant } from "../config/suggest.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import { asMaydayError, print, printError } from "./answer.ts";
import type { Context, Outcome, World } from "./context.ts";
import { type Main, makeContext, readGlobals } from "./make-context.ts";
import { register } from "./registry.ts";

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
      error instanceof CommanderError ? usage(error, program) : asMaydayError(error, world.signal),
      error,
      schema,
      context ?? makeContext(world, globals, main),
    );
  }
}

function usage(error: CommanderError, program: Command): MaydayError {
  // A word that no verb answers to reaches the root as an argument too many.
  const [word] = program.args;
  const verbs = program.commands.map((command) => command.name());
  const group = program.commands.find((command) => command.name() === word);
  if (group !== undefined && (error.code === "commander.help" || error.code === "commander.unknownCommand")) {
    const words = group.commands.map((command) => command.name());
    const given = program.args[1];
    return new MaydayError(
      given === undefined
        ? `mayday ${group.name()} wants one of ${words.join(", ")}`
        : `there is no mayday ${group.name()} ${visible(given)}${meant(given, words)}`,
      { code: "usage", exit: EXIT.usage, hint: `mayday ${group.name()} --help` },
    );
  }
  if (error.code === "commander.excessArguments" && word !== undefined && !verbs.includes(word)) {
    return new MaydayError(`there is no command ${visible(word)}${meant(word, verbs)}`, {
      code: "usage",
      exit: EXIT.usage,
      hint: "mayday --help",
    });
  }
  return new MaydayError(visible(error.message.replace(/^error: /, "").replaceAll("\n", " ")), {
    code: "usage",
    exit: EXIT.usage,
    hint: "mayday --help",
  });
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
