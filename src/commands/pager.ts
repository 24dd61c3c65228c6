import type { ConfigEntry } from "../git/seal.ts";
import type { Context } from "./context.ts";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The person's pager by git's rules (git-var(1), GIT_PAGER); null: none is wanted. Of the configuration
 * only what is the person's own counts: a repository's core.pager would be a program of a stranger's.
 */
export function pagerCommand(env: Env, config: readonly ConfigEntry[]): string | null {
  const own = config.findLast(
    ({ key, scope }) => key === "core.pager" && (scope === "global" || scope === "system"),
  );
  const command = env["GIT_PAGER"] ?? own?.value ?? env["PAGER"] ?? "less";
  return command.trim() === "" || command === "cat" ? null : command;
}

/**
 * Shows a long text through the person's pager; false where there is none or nobody sits at a
 * terminal: then nothing was shown.
 */
export async function page(context: Context, text: string): Promise<boolean> {
  const { world, terminal } = context;
  if (!terminal.interactive || world.stdout.isTTY !== true || world.env["TERM"] === "dumb") return false;
  const config = (await context.gitOrNull())?.config ?? [];
  const command = pagerCommand(world.env, config);
  if (command === null || world.pager === undefined) return false;
  // As git sets them: colours pass, one screen needs no key, the text stays when it ends.
  const env = { ...world.env, LESS: world.env["LESS"] ?? "FRX", LV: world.env["LV"] ?? "-c" };
  return world.pager(command, text.endsWith("\n") ? text : `${text}\n`, env);
}
