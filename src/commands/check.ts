import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import type { Context, Outcome } from "./context.ts";
import { type Options, strings, textOption } from "./options.ts";

/** `mayday check`: by hand, or as git's pre-push hook. */
export async function check(context: Context, args: readonly unknown[], options: Options): Promise<Outcome> {
  const hook = textOption(options, "hook");
  if (hook === undefined) {
    const { run } = await import("./check-run.ts");
    return run(context, strings(args[0]), options, null);
  }
  if (hook !== "pre-push") {
    throw new MaydayError(`mayday does not answer git's hook ${visible(hook)}`, {
      code: "unknown-hook",
      exit: 2,
      hint: "mayday check --hook pre-push <remote> <url>",
    });
  }
  const probe = context.world.env["MAYDAY_PROBE"];
  if (probe !== undefined && probe !== "") return blockProbe(context, probe);
  const [remote, url] = strings(args[0]);
  if (remote === undefined || context.world.stdin.isTTY === true) {
    throw new MaydayError(
      "git gives a pre-push hook the remote's name, its URL, and lines on standard input",
      {
        code: "usage",
        exit: 2,
        hint: "to check by hand: mayday check",
      },
    );
  }
  const lines = await readLines(context);
  // Nothing is pushed: neither git nor the configuration is opened.
  if (lines === "") return nothingPushed();
  const { run } = await import("./check-run.ts");
  return run(context, [], options, { remote, url: url ?? remote, lines });
}

function nothingPushed(): Outcome {
  return {
    exit: EXIT.done,
    document: { schema: "mayday/check@1", ok: true, refs: [], results: [] },
    text: "",
  };
}

/** `mayday hook status` asks whether the gate shuts: this is the gate, shutting. It lets nothing through. */
async function blockProbe(context: Context, probe: string): Promise<Outcome> {
  context.terminal.error(`mayday-probe ${visible(probe)}`);
  return {
    exit: EXIT.no,
    document: { schema: "mayday/check@1", ok: false, refs: [], results: [] },
    text: "",
  };
}

/** git's lines; the hook has read the first itself, to see whether anything is pushed at all. */
async function readLines(context: Context): Promise<string> {
  const first = context.world.env["MAYDAY_FIRST_LINE"] ?? "";
  const chunks: Buffer[] = [];
  for await (const chunk of context.world.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return `${first === "" ? "" : `${first}\n`}${Buffer.concat(chunks).toString("utf8")}`;
}
