import { randomBytes } from "node:crypto";

import { commandEnv } from "../check/command-env.ts";
import { hookState, installSteps, type Step, uninstallSteps } from "../check/hook/install.ts";
import { findPlace, type HookPlace } from "../check/hook/place.ts";
import type { Git } from "../git/git.ts";
import { tryResolve } from "../git/revision.ts";
import { dryRunPush } from "../git/unsealed.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { EXIT, type ExitCode } from "../model/exit.ts";
import { entryLines, grant, pending } from "./consent.ts";
import type { Context, Outcome } from "./context.ts";

/** `mayday hook install`. */
export async function install(context: Context): Promise<Outcome> {
  return installHook(context, context.world.program);
}

/**
 * Puts the hook where git will run it, and records consent to what the configuration runs.
 * `program` is the absolute path of bin/mayday.js that the hook is to call.
 */
export async function installHook(context: Context, program: string | null): Promise<Outcome> {
  const git = await context.git();
  const configuration = await context.configuration();
  if (program === null) {
    throw new MaydayError("mayday does not know where its own program is, so a hook could not call it", {
      code: "no-program",
      exit: 2,
      hint: "run the installed command: npx mayday hook install",
    });
  }
  const place = findPlace(git, context.world.env["HOME"]);
  const { missing } = configuration.settings.hook;
  let steps: Step[];
  try {
    steps = installSteps(git, place, { node: process.execPath, program, missing });
  } catch (error) {
    if (!(error instanceof MaydayError) || error.exit !== EXIT.waiting) throw error;
    const { code, message, hint } = error;
    const document = describe(place, hookState(git, place), []);
    return { exit: EXIT.waiting, document, text: "", error: { code, message, hint } };
  }
  const consents = await pending(context, configuration);
  if (/[\\/]_npx[\\/]/.test(program)) {
    await context.terminal.warn(
      "mayday runs from npx's cache, which npm may clear; better: npm install --save-dev mayday",
    );
  }
  if (steps.length > 0 || consents.length > 0) {
    const paint = await context.terminal.paintTalk();
    const agreed =
      consents.length === 0 ? [] : ["agree to what mayday.yaml wants:", ...entryLines(consents, paint)];
    const changes = [...steps.map(({ text }) => visible(text)), ...agreed];
    const no = await unconfirmed(
      context,
      "hook install",
      changes,
      describe(place, hookState(git, place), steps),
    );
    if (no !== null) return no;
    for (const step of steps) await step.act();
    await grant(context, configuration);
  }
  const state = hookState(git, place);
  const document = describe(place, state, steps);
  if (place.form === "snippet" && !place.present) {
    return {
      exit: EXIT.waiting,
      document,
      text: "",
      error: {
        code: "hook-needs-lines",
        message: `${place.manager} owns the pre-push hook here, and would lose a change of ours; add these lines yourself`,
        hint: `to ${visible(place.where)}:\n\n${place.snippet}\n\nthen: ${place.after === null ? "" : `${place.after} && `}mayday hook status`,
      },
    };
  }
  return {
    exit: EXIT.done,
    document,
    text:
      steps.length === 0
        ? `The hook is installed already.\nnext  mayday hook status`
        : installedText(place, state),
  };
}

function installedText(place: HookPlace, { other }: { readonly other: string | null }): string {
  const where = place.form === "snippet" ? place.where : place.file;
  return [
    `Every git push here is checked from now on (${visible(where)}).`,
    ...(other === null ? [] : [`The hook that was there runs first: ${visible(other)}`]),
    ...(place.form === "block"
      ? [`Commit ${visible(where)}; each clone runs mayday hook install once.`]
      : []),
    "next  mayday hook status",
  ].join("\n");
}

/** `mayday hook uninstall`. */
export async function uninstall(context: Context): Promise<Outcome> {
  const git = await context.git();
  const place = findPlace(git, context.world.env["HOME"]);
  const steps = uninstallSteps(git, place);
  if (steps.length > 0) {
    const changes = steps.map(({ text }) => visible(text));
    const no = await unconfirmed(
      context,
      "hook uninstall",
      changes,
      describe(place, hookState(git, place), steps),
    );
    if (no !== null) return no;
    for (const step of steps) await step.act();
  }
  const document = describe(place, hookState(git, place), steps);
  if (place.form === "snippet" && place.present) {
    return {
      exit: EXIT.waiting,
      document,
      text: "",
      error: {
        code: "hook-has-lines",
        message: `${visible(place.where)} still calls mayday; it is not ours to change`,
        hint: `take these lines out:\n\n${place.snippet}`,
      },
    };
  }
  return {
    exit: EXIT.done,
    document,
    text:
      steps.length === 0
        ? "There is no hook of mayday here."
        : "The hook is out; what was there before is back.",
  };
}

/** `mayday hook status`: is it there, and does a push really meet it. */
export async function hookStatus(context: Context): Promise<Outcome> {
  const git = await context.git();
  const place = findPlace(git, context.world.env["HOME"]);
  const state = hookState(git, place);
  const where = visible(place.form === "snippet" ? place.where : place.file);
  const answer = (
    exit: ExitCode,
    fires: boolean | null,
    text: string,
    error?: Outcome["error"],
  ): Outcome => ({
    exit,
    document: { ...describe(place, state, []), fires },
    text,
    ...(error === undefined ? {} : { error }),
  });
  if (!state.installed) {
    const found = state.other === null ? "" : `; ${visible(state.other)} is not mayday's`;
    return answer(EXIT.no, null, "", {
      code: "hook-absent",
      message: `no push is checked here: the hook is not installed${found}`,
      hint: "mayday hook install",
    });
  }
  const lines = [`hook   ${where}`, ...(state.other === null ? [] : [`first  ${visible(state.other)}`])];
  const head = await tryResolve(git, "HEAD");
  if (head === undefined) {
    return answer(EXIT.no, null, lines.join("\n"), {
      code: "hook-unproven",
      message: "the hook is there; whether it fires cannot be tried before the first commit",
      hint: "git commit, then: mayday hook status",
    });
  }
  const fires = await context.terminal.during("pushing to a throw-away repository", () =>
    fired(context, git, head),
  );
  if (fires)
    return answer(EXIT.done, true, [...lines, "fires  yes: a trial push was stopped by it"].join("\n"));
  return answer(EXIT.no, false, lines.join("\n"), {
    code: "hook-does-not-fire",
    message: "the hook is there, but a trial push was not stopped by it",
    hint: "write it again: mayday hook install\nsee what git runs: GIT_TRACE=1 git push --dry-run",
  });
}

/** A word that only our gate, started by this push, can say back. */
async function fired(context: Context, git: Git, head: string): Promise<boolean> {
  const word = randomBytes(8).toString("hex");
  const env = { ...commandEnv(context.world.env, {}), MAYDAY_PROBE: word };
  const result = await dryRunPush(git, head, env);
  if (result.ending === "aborted") {
    throw new MaydayError("interrupted; nothing was changed", { code: "interrupted", exit: 130 });
  }
  const said = `${result.stdout.toString("utf8")}\n${result.stderr}`;
  return result.exitCode !== 0 && said.includes(`mayday-probe ${word}`);
}

/**
 * Shows what will be changed and asks; off a terminal only `--yes` is an answer. Null when it is
 * yes, else the outcome that says how to come back.
 */
async function unconfirmed(
  context: Context,
  verb: string,
  changes: readonly string[],
  document: Outcome["document"],
): Promise<Outcome | null> {
  const { terminal, globals } = context;
  const list = changes.map((line) => `  ${line}`).join("\n");
  if (globals.yes) {
    terminal.say(list);
    return null;
  }
  let message = `nobody is here to say yes to this:\n${list}`;
  if (terminal.interactive) {
    terminal.error(list);
    if (await terminal.confirm("Do it?", true)) return null;
    message = "nothing was changed";
  }
  return {
    exit: EXIT.waiting,
    document,
    text: "",
    error: { code: "needs-answer", message, hint: `mayday ${verb} --yes` },
  };
}

function describe(
  place: HookPlace,
  state: { readonly installed: boolean; readonly other: string | null },
  steps: readonly Step[],
): Outcome["document"] {
  return {
    schema: "mayday/hook@1",
    installed: state.installed,
    form: place.form,
    file: place.form === "snippet" ? place.where : place.file,
    manager: place.manager,
    other: state.other,
    changes: steps.map(({ text }) => text),
  };
}
