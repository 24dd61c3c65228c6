import { spawn } from "node:child_process";

/** As git decides: a command with one of these is for a shell, any other is a program and its arguments. */
const SHELL = /[|&;<>()$`\\"'\t\n*?[#~=%]/;
/** What a shell ends with when there is no such program. */
const NOT_FOUND = 127;

/**
 * Shows text through a program that has the terminal to itself until it ends. The command is the
 * person's own, from their environment or their own git configuration: never a repository's.
 * False: it could not be started, and nothing was shown.
 */
export async function showThrough(
  command: string,
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  // Ctrl-C is the pager's (it stops a search); a mayday that ended on it would leave the pager behind.
  const interrupts = process.listeners("SIGINT");
  const ignore = (): void => {};
  process.removeAllListeners("SIGINT");
  process.on("SIGINT", ignore);
  try {
    return await run(command, text, env);
  } finally {
    process.removeListener("SIGINT", ignore);
    for (const listener of interrupts) process.on("SIGINT", listener);
  }
}

async function run(
  command: string,
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const [file = "", ...args] = command.trim().split(/ +/);
  const how = { env, stdio: ["pipe", "inherit", "inherit"] as ["pipe", "inherit", "inherit"] };
  const child = SHELL.test(command) ? spawn(command, { ...how, shell: true }) : spawn(file, args, how);
  return new Promise((resolve) => {
    child.on("error", () => resolve(false));
    child.on("close", (code) => resolve(code !== NOT_FOUND));
    // Whoever has seen enough leaves before the end.
    child.stdin.on("error", () => {});
    child.stdin.end(text);
  });
}
