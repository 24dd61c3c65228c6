import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { Git } from "../git/git.ts";
import { MaydayError } from "../model/error.ts";
import { visible, visibleLines } from "../model/escape.ts";
import { makeRepositories, type ShopIds, writeHistory } from "./build.ts";
import { LoopbackWebhook } from "./loopback.ts";
import { Production } from "./production.ts";
import { shopHistory } from "./shop.ts";

export interface OpenSetting {
  /** Absolute path of the node to run the shop with. */
  readonly node: string;
  /** The person's environment: only what the demo needs is taken from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
  /** Leave the directory behind. */
  readonly keep: boolean;
}

/** The shop with all that belongs to it, running. */
export interface OpenShop {
  readonly directory: string;
  readonly clonePath: string;
  readonly clone: Git;
  readonly remote: Git;
  readonly ids: ShopIds;
  readonly production: Production;
  readonly webhook: LoopbackWebhook;
  /** The environment for every command of the demo. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends every process and server; removes the directory unless it is to be kept. */
  readonly close: () => Promise<void>;
}

/** Taken over from the person: how programs are found and how the terminal looks. */
const KEPT = [
  "PATH",
  "Path",
  "TMPDIR",
  "TEMP",
  "TMP",
  "SYSTEMROOT",
  "TERM",
  "COLORTERM",
  "NO_COLOR",
  "FORCE_COLOR",
  "LANG",
  "LC_ALL",
] as const;

/** No configuration of the person counts here, and none can be changed: home is elsewhere. */
function demoEnv(person: OpenSetting["env"], home: string, programs: string): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of KEPT) {
    const value = person[name];
    if (value !== undefined) env[name] = value;
  }
  return {
    ...env,
    // The shop's tests are run with `node`: where there is no other, the one that runs us.
    PATH: [env["PATH"] ?? env["Path"] ?? "", programs].join(path.delimiter),
    HOME: home,
    USERPROFILE: home,
    XDG_CONFIG_HOME: path.join(home, ".config"),
    XDG_STATE_HOME: path.join(home, ".local", "state"),
    XDG_CACHE_HOME: path.join(home, ".cache"),
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
  };
}

/**
 * Builds the shop in a temporary directory and deploys its last good release by a real push.
 * Whatever goes wrong on the way, nothing stays behind.
 */
export async function openShop(setting: OpenSetting): Promise<OpenShop> {
  const directory = makeDirectory();
  const opened: { production?: Production; webhook?: LoopbackWebhook } = {};
  const remove = (): void => {
    if (!setting.keep) rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  };
  // The last resort, when the process ends under us: no waiting there.
  const atExit = (): void => {
    opened.production?.kill();
    remove();
  };
  const hangUp = (): void => process.exit(129);
  process.once("exit", atExit);
  process.once("SIGHUP", hangUp);
  const close = async (): Promise<void> => {
    await Promise.all([opened.production?.close(), opened.webhook?.close()]);
    remove();
    process.removeListener("exit", atExit);
    process.removeListener("SIGHUP", hangUp);
  };
  try {
    const home = path.join(directory, "home");
    const releases = path.join(directory, "production");
    mkdirSync(home);
    mkdirSync(releases);
    const env = demoEnv(setting.env, home, path.dirname(setting.node));
    const { signal } = setting;
    const production = await Production.open({ node: setting.node, directory: releases, env });
    opened.production = production;
    const webhook = await LoopbackWebhook.open();
    opened.webhook = webhook;
    const repositories = await makeRepositories({ directory, env, signal });
    const history = shopHistory(
      { site: production.url, webhook: webhook.url },
      Math.floor(setting.now / 1_000),
    );
    const ids = await writeHistory(repositories.clone, history);
    production.deployFrom(repositories.remote);
    const { clone, remote, clonePath } = repositories;
    const said = await pushToProduction(clone, [`${ids.good}:refs/heads/main`, "refs/tags/*:refs/tags/*"]);
    if (production.live !== ids.good) throw notDeployed(said);
    const head = ["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"];
    await clone.run(head, { mode: "write" });
    return { directory, clonePath, clone, remote, ids, production, webhook, env, close };
  } catch (error) {
    await close();
    if (setting.signal?.aborted) throw interrupted();
    throw error;
  }
}

/** What is said when the person ends the demo on the way. */
export function interrupted(): MaydayError {
  return new MaydayError("interrupted; the shop is taken down", { code: "interrupted", exit: 130 });
}

/** Temporary directories from which nothing may be run are the likely reason. */
function notDeployed(said: string): MaydayError {
  const lines = visibleLines(said)
    .split("\n")
    .filter((line) => /^(?:remote|error|fatal|warning|hint):/.test(line));
  return new MaydayError(
    ["the shop's deploy hook did not do its work", ...lines.map((line) => `  ${line.trimEnd()}`)].join("\n"),
    {
      code: "demo-not-deployed",
      exit: 2,
      hint: "TMPDIR=<a directory from which programs may be run> mayday demo",
    },
  );
}

function makeDirectory(): string {
  try {
    return realpathSync(mkdtempSync(path.join(tmpdir(), "mayday-demo-")));
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : "it failed";
    throw new MaydayError(`no directory for the shop can be made in ${visible(tmpdir())} (${why})`, {
      code: "no-temporary-directory",
      exit: 2,
      hint: "TMPDIR=<a directory you may write to> mayday demo",
      cause: error,
    });
  }
}

/** A plain `git push origin …` in the clone; returns what git said, hook and all. */
export async function pushToProduction(clone: Git, refspecs: readonly string[]): Promise<string> {
  const answer = await clone.run(["push", "origin", ...refspecs], { mode: "network" });
  return answer.stderr;
}
