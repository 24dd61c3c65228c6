import { readFileSync } from "node:fs";

import type { World } from "./commands/context.ts";

/** Runs one command line; returns its exit code. Nothing of the process is touched but through `world`. */
export async function main(argv: readonly string[], world: World): Promise<number> {
  const end = argv.indexOf("--");
  const words = end === -1 ? argv : argv.slice(0, end);
  if (words.includes("--version") || words.includes("-V")) {
    world.stdout.write(`${version()}\n`);
    return 0;
  }
  // The hook's own call: commander is not loaded for it.
  if (words.join(" ") === "check --hook pre-push" && end !== -1) {
    const { runPrePush } = await import("./commands/hook-entry.ts");
    return runPrePush(argv.slice(end + 1), world, main);
  }
  const { runCommandLine } = await import("./commands/program.ts");
  return runCommandLine(argv, world, main);
}

/** The version of package.json, beside which both src/ and dist/ lie. */
function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "0.0.0";
}

/** Called by bin/mayday.js: the process becomes a world, and its exit code is ours. */
export async function start(program: string): Promise<void> {
  const controller = new AbortController();
  let asked = 0;
  const interrupt = (): void => {
    asked += 1;
    if (asked > 1) process.exit(130);
    controller.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  // The terminal was closed, often right after a Ctrl-C: what is begun is still put in order.
  const hangUp = (): void => controller.abort();
  process.on("SIGHUP", hangUp);
  process.exitCode = await main(process.argv.slice(2), {
    cwd: process.cwd(),
    env: process.env,
    get stdin() {
      return process.stdin;
    },
    // Opened when first used: to open them both costs a fifth of a start.
    get stdout() {
      return opened(process.stdout);
    },
    get stderr() {
      return opened(process.stderr);
    },
    now: Date.now,
    signal: controller.signal,
    program,
    version,
    pager: async (command, text, env) => (await import("./system/pager.ts")).showThrough(command, text, env),
  });
  process.removeListener("SIGINT", interrupt);
  process.removeListener("SIGTERM", interrupt);
  process.removeListener("SIGHUP", hangUp);
}

const guarded = new WeakSet<NodeJS.WriteStream>();

/** The stream with its errors taken: they take the answer away, not the exit code. */
function opened(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  if (guarded.has(stream)) return stream;
  guarded.add(stream);
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // A closed pipe (`mayday … | head`), or a terminal that was closed (EIO).
    if (error.code === "EPIPE" || error.code === "EIO") return;
    // A full disk takes it away too; that is said once where it can be.
    if (stream === process.stdout) process.stderr.write(`mayday: the answer was lost: ${error.message}\n`);
  });
  return stream;
}
