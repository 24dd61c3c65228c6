import { lstat } from "node:fs/promises";
import path from "node:path";

import type { ChalkInstance } from "chalk";

import type { Facts } from "../config/facts.ts";
import { type Choice, defaultChoice, starter } from "../config/starter.ts";
import { MaydayError } from "../model/error.ts";
import { visible, visibleLines } from "../model/escape.ts";
import { EXIT, type ExitCode } from "../model/exit.ts";
import { writeAtomic } from "../system/files.ts";
import { grant } from "./consent.ts";
import type { Context, Outcome } from "./context.ts";
import { look } from "./look.ts";

const FILE = "mayday.yaml";

/** `mayday init`: looks, decides, shows, asks; writes mayday.yaml and installs the hook. */
export async function init(
  context: Context,
  _args: readonly unknown[],
  options: Readonly<Record<string, unknown>>,
): Promise<Outcome> {
  const { terminal, globals } = context;
  const git = await context.git();
  const root = git.layout.workTree;
  if (root === null) {
    throw new MaydayError("a bare repository has no work tree to write mayday.yaml into; nothing was done", {
      code: "no-work-tree",
      exit: EXIT.usage,
      hint: "run mayday init in a clone, commit the file and push it",
    });
  }
  const file = path.join(root, FILE);
  const wantsHook = options["hook"] !== false;
  const exists = await standing(file);
  const force = options["force"] === true;
  if (exists && !force && !terminal.interactive) throw alreadyThere(wantsHook);
  const keep = exists && !force && (await keeps(context));

  const facts = await terminal.during("Looking at the repository", () => look(context, git, root));
  const ask = terminal.interactive && !keep;
  const choice = ask ? await choose(context, facts) : defaultChoice(facts);
  const content = starter(facts, choice);
  const document = (state: string, hook: string, consents: number): Outcome["document"] => ({
    schema: "mayday/init@1",
    file: FILE,
    state,
    content: keep ? null : content,
    checks: choice.checks.map(({ name, kind, run, from }) => ({ name, kind, run, from })),
    hook,
    consents,
  });
  const again = `mayday init --yes${force ? " --force" : ""}${wantsHook ? "" : " --no-hook"}`;
  const waiting = (exit: ExitCode, message: string): Outcome => ({
    exit,
    document: document("planned", wantsHook ? "planned" : "skipped", 0),
    text: "",
    error: { code: "not-confirmed", message, hint: again },
  });

  if (!globals.yes && !terminal.interactive) {
    return { ...waiting(EXIT.waiting, `${FILE} would hold this; nothing was written`), text: content };
  }
  if (ask) {
    terminal.error(await preview(context, content));
    const what = `${exists ? "Replace" : "Write"} ${FILE}${wantsHook ? " and install the pre-push hook" : ""}? What it runs you agree to.`;
    if (!(await terminal.confirm(what, true))) return waiting(EXIT.no, "nothing was written");
  }
  if (!keep) await write(file, content);
  const consents = keep ? 0 : await agreed(context, file);
  const hook = wantsHook ? await installHook(context, root, keep) : EXIT.done;
  const done = keep ? "kept" : exists ? "replaced" : "written";
  const state = !wantsHook ? "skipped" : hook === EXIT.done ? "installed" : "failed";
  const outcome: Outcome = {
    exit: EXIT.done,
    document: document(done, state, consents),
    text: (paint) => summary(facts, choice, done, state, paint),
  };
  if (state !== "failed") return outcome;
  return {
    ...outcome,
    exit: EXIT.unproven,
    error: {
      code: "hook-not-installed",
      message: `${FILE} is ${done}, but the hook is not installed`,
      hint: "mayday hook install",
    },
  };
}

/** True when the file is there; what is not a plain file is not ours to replace. */
async function standing(file: string): Promise<boolean> {
  const found = await lstat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (found === null || found.isFile()) return found !== null;
  throw new MaydayError(`${FILE} is there and is not a plain file; nothing was done`, {
    code: "not-a-file",
    exit: EXIT.refused,
    ids: [`exists:${FILE}`],
    hint: `look at it, and move it away: ls -l ${visible(file)}`,
  });
}

function alreadyThere(wantsHook: boolean): MaydayError {
  return new MaydayError(`${FILE} is already there; nothing was done`, {
    code: "exists",
    exit: EXIT.refused,
    ids: [`exists:${FILE}`],
    hint: `replace it: mayday init --force --yes${wantsHook ? "\nonly the hook: mayday hook install" : ""}`,
  });
}

async function keeps({ terminal }: Context): Promise<boolean> {
  const answer = await terminal.select(`${FILE} is already there.`, [
    { value: "keep", label: "Keep it", hint: "only install the hook" },
    { value: "replace", label: "Replace it" },
  ]);
  return answer === "keep";
}

async function choose({ terminal }: Context, facts: Facts): Promise<Choice> {
  const proposed = defaultChoice(facts);
  const live = await terminal.select<Choice["live"]>(
    `How does a commit reach production${facts.branch === null ? "" : ` (branch ${visible(facts.branch)})`}?`,
    [
      { value: "branch", label: "Every push to the branch is deployed" },
      { value: "tags", label: `A tag is deployed (${visible(facts.tags?.pattern ?? "v*")})` },
      { value: "later", label: "Otherwise, or I do not know yet", hint: "the file says how to tell mayday" },
    ],
    proposed.live,
  );
  const quick = facts.checks.filter(({ kind }) => kind === "unit" || kind === "lint");
  const names = (some: Choice["checks"]): string => some.map(({ name }) => visible(name)).join(", ");
  if (facts.checks.length === 0) return { live, checks: [] };
  const which = await terminal.select<"all" | "quick" | "none">("What must pass before a push?", [
    { value: "all", label: "All that was found", hint: names(facts.checks) },
    ...(quick.length > 0 && quick.length < facts.checks.length
      ? [{ value: "quick" as const, label: "The quick ones", hint: names(quick) }]
      : []),
    { value: "none", label: "Nothing yet" },
  ]);
  return { live, checks: which === "all" ? facts.checks : which === "quick" ? quick : [] };
}

async function preview({ terminal }: Context, content: string): Promise<string> {
  const paint = await terminal.paintTalk();
  const lines = visibleLines(content).trimEnd().split("\n");
  const shown = lines.map((line) => (/^\s*#/.test(line) ? paint.dim(line) : line));
  return `\n${paint.bold(FILE)}\n\n${shown.join("\n")}\n`;
}

async function write(file: string, content: string): Promise<void> {
  try {
    await writeAtomic(file, content, { mode: 0o644 });
  } catch (error) {
    throw new MaydayError(
      `${visible(file)} could not be written (${(error as NodeJS.ErrnoException).code}); nothing was done`,
      {
        code: "not-written",
        exit: EXIT.usage,
        hint: "make the directory writable, then: mayday init",
        cause: error,
      },
    );
  }
}

/** Writing the file is consent to it. A fault of the user's own file must not undo what was written. */
async function agreed(context: Context, file: string): Promise<number> {
  try {
    const configuration = await context.configuration();
    return configuration.file === file ? (await grant(context, configuration)).length : 0;
  } catch (error) {
    if (!(error instanceof MaydayError)) throw error;
    await context.terminal.warn(`${error.message}\n        next: ${error.hint}`);
    return 0;
  }
}

/**
 * What goes wrong there is said on stderr; stdout is for our own answer. A file that was kept was
 * not shown here, so the hook asks for itself.
 */
async function installHook(context: Context, root: string, ask: boolean): Promise<ExitCode> {
  return context.again(["-C", root, ...(ask ? [] : ["--yes"]), "hook", "install"], {
    stdout: { write: () => true },
  });
}

function summary(facts: Facts, choice: Choice, done: string, hook: string, paint: ChalkInstance): string {
  const { remote, branch, hookManagers, migrations } = facts;
  const live = { branch: "every push is deployed", tags: `tags ${facts.tags?.pattern ?? "v*"}`, later: "" }[
    choice.live
  ];
  const rows: (readonly [string, readonly string[]])[] = [
    [
      "production",
      [
        `${branch ?? "the default branch"}${remote === null ? "" : ` on ${remote}`}${live === "" ? "" : `, ${live}`}`,
      ],
    ],
    [
      "checks",
      choice.checks.length === 0
        ? ["none yet"]
        : choice.checks.map(({ name, kind, run }) => `${name} (${kind}): ${run}`),
    ],
    ["kept", migrations],
    [
      "hook",
      [
        `${hook}${hookManagers.length > 0 ? `, beside ${hookManagers.map(({ name }) => name).join(", ")}` : ""}`,
      ],
    ],
  ];
  const lines = rows.flatMap(([label, values]) =>
    values.map((value, index) => `  ${(index === 0 ? label : "").padEnd(10)}  ${visible(value)}`),
  );
  const head = done === "kept" ? `${FILE} is kept as it is` : `${FILE} is ${done}`;
  const body = done === "kept" ? [`  ${"hook".padEnd(10)}  ${hook}`] : lines;
  return `${paint.bold(head)}\n\n${body.join("\n")}\n\nCommit it, so that everybody has it: git add ${FILE}\nThen see where you stand: mayday status`;
}
