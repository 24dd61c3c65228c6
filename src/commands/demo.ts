import type { Audience, Decision, Night } from "../demo/night.ts";
import type { OpenShop } from "../demo/open.ts";
import type { Page, Shown } from "../demo/page.ts";
import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import type { Context, Outcome } from "./context.ts";

/** `mayday demo`: one bad night on a made-up shop. Exit 0 only if every step was verified. */
export async function demo(
  context: Context,
  _args: readonly unknown[],
  options: Readonly<Record<string, unknown>>,
): Promise<Outcome> {
  const keep = options["keep"] === true;
  const { terminal, world } = context;
  const [{ openShop }, { CHAPTERS, playNight }, { Page: Sheet }] = await Promise.all([
    import("../demo/open.ts"),
    import("../demo/night.ts"),
    import("../demo/page.ts"),
  ]);
  const page = new Sheet(await terminal.paint(), terminal.width);
  const shop = await terminal.during("building the shop", () =>
    openShop({ node: process.execPath, env: world.env, now: world.now(), signal: world.signal, keep }),
  );
  let night: Night | undefined;
  try {
    night = await playNight(shop, audience(context, page, CHAPTERS, shop));
  } finally {
    await shop.close();
    if (keep && night === undefined) terminal.say(`kept for a look: ${visible(shop.directory)}`);
  }
  return outcome(night, keep ? shop.directory : null, page);
}

function outcome(night: Night, kept: string | null, page: Page): Outcome {
  const { steps, recoveryMs, stopped } = night;
  const failed = steps.filter(({ ok }) => !ok);
  const done = !stopped && failed.length === 0;
  const error = stopped
    ? {
        code: "demo-stopped",
        message: "stopped before the end; what was not shown is not claimed",
        hint: "mayday demo --yes   plays it through",
      }
    : {
        code: "demo-not-verified",
        message: `${failed.length} of ${steps.length} steps could not be verified: ${failed.map(({ step }) => step).join(", ")}`,
        hint: "mayday demo --keep --verbose",
      };
  return {
    exit: done ? EXIT.done : EXIT.no,
    document: { schema: "mayday/demo@1", steps, recoveryMs, kept },
    text: page.summary(night, kept),
    ...(done ? {} : { error }),
  };
}

/** The person at the terminal, or nobody: with `--json` and `--quiet` nothing is shown on the way. */
function audience(
  context: Context,
  page: Page,
  inAll: number,
  shop: Pick<OpenShop, "clonePath" | "env">,
): Audience {
  const { terminal, world, globals } = context;
  const silent = terminal.json || globals.quiet;
  const asks = terminal.interactive && !silent;
  let last: Shown = "command";
  const show = (kind: Shown, lines: readonly string[]): void => {
    if (!silent) terminal.answer([...page.gap(last, kind), ...lines].join("\n"));
    last = kind;
  };
  const nobody = { isTTY: false, write: () => true };
  const setting = {
    cwd: shop.clonePath,
    env: { ...shop.env, ...(globals.noColor ? { NO_COLOR: "1" } : {}) },
    // Not a terminal to the commands: what they would ask is asked here, in the story's order.
    stderr: {
      isTTY: false,
      columns: terminal.width,
      write: (text: string): void => void world.stderr.write(text),
    },
    ...(silent ? { stdout: nobody } : {}),
  };
  const asked = async <T>(answer: Promise<T>): Promise<T> => {
    last = "command";
    return answer;
  };
  const passed = [...(globals.verbose ? ["--verbose"] : []), ...(silent ? ["--quiet"] : [])];
  let chapters = 0;
  return {
    now: world.now,
    signal: world.signal,
    chapter(title, words) {
      chapters += 1;
      show("words", page.chapter(`${chapters}/${inAll}`, title, words));
    },
    say: (words) => show("words", page.say(words)),
    command: (words, output) => show("command", [page.typed(words), ...page.output(output)]),
    traffic: (traffic) => show("figures", page.traffic(traffic)),
    log: (lines) => show("figures", page.log(lines)),
    step: (step) => show("step", page.step(step)),
    async mayday(argv) {
      show("command", [page.typed(["mayday", ...argv])]);
      return context.again([...passed, ...argv], setting);
    },
    async document(argv) {
      let text = "";
      const stdout = { isTTY: false, write: (chunk: string) => (text += chunk) };
      await context.again(["--json", "--quiet", ...argv], { ...setting, stdout, stderr: nobody });
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return null;
      }
    },
    goOn: async (question) => !asks || asked(terminal.confirm(question, true)),
    decide: async () => (asks ? asked(decision(context)) : "rollback"),
  };
}

async function decision({ terminal }: Context): Promise<Decision> {
  return terminal.select<Decision>("What do you do?", [
    { value: "rollback", label: "Roll back", hint: "production becomes v1.4.0 again" },
    { value: "patch", label: "Look at the first suspect", hint: "git show" },
    { value: "suspects", label: "Look at all suspects", hint: "mayday triage --top 0" },
    { value: "diff", label: "Look at everything that changed", hint: "mayday diff" },
    { value: "quit", label: "Leave", hint: "the shop is taken down" },
  ]);
}
