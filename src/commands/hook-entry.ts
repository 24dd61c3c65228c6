import { asMaydayError, print, printError } from "./answer.ts";
import { check } from "./check.ts";
import type { World } from "./context.ts";
import { type Main, makeContext, readGlobals } from "./make-context.ts";

/**
 * `mayday check --hook pre-push -- <remote> <url>`, as our hook calls it: the same check as by the
 * command line, without loading what parses one. It is paid on every push.
 */
export async function runPrePush(args: readonly string[], world: World, main: Main): Promise<number> {
  const context = makeContext(world, readGlobals({}, world), main);
  try {
    return await print(await check(context, [args], { hook: "pre-push" }), context);
  } catch (error) {
    return await printError(asMaydayError(error, world.signal), error, "mayday/check@1", context);
  }
}
