import path from "node:path";

import type { Configuration } from "../config/load.ts";
import type { Git } from "../git/git.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import type { ExitCode } from "../model/exit.ts";
import { Terminal } from "../terminal/terminal.ts";
import type { Context, Globals, World } from "./context.ts";

export type Main = (argv: readonly string[], world: World) => Promise<number>;

/** Global options from what commander, or nobody, has parsed. */
export function readGlobals(options: Readonly<Record<string, unknown>>, world: World): Globals {
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

/** The context of one command: nothing costly happens before a member is asked for. */
export function makeContext(world: World, globals: Globals, main: Main): Context {
  const terminal = new Terminal({
    get stdout() {
      return world.stdout;
    },
    get stderr() {
      return world.stderr;
    },
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
