import { type ChildProcess, spawn } from "node:child_process";

import { MaydayError } from "../model/error.ts";
import { visibleLines } from "../model/escape.ts";
import type { Oid } from "../model/oid.ts";

const START_MS = 10_000;
const GRACE_MS = 2_000;

export interface ReleaseSetting {
  /** Absolute path of the node that runs the shop. */
  readonly node: string;
  /** The exported files of one commit. */
  readonly directory: string;
  readonly commit: Oid;
  readonly env: Readonly<Record<string, string>>;
  readonly onLog: (text: string) => void;
}

/** One running version of the shop: a process of its own, in a process group of its own. */
export class Release {
  readonly commit: Oid;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #port = 0;

  private constructor(commit: Oid, child: ChildProcess) {
    this.commit = commit;
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    });
  }

  get port(): number {
    return this.#port;
  }

  /** Starts the shop and waits until it listens. Throws when it ends, or says nothing for 10 s. */
  static async start(setting: ReleaseSetting): Promise<Release> {
    const child = spawn(setting.node, ["server.js"], {
      cwd: setting.directory,
      env: { ...setting.env, PORT: "0", COMMIT: setting.commit, NODE_ENV: "production" },
      // The shop ends with its standard input, so it cannot outlive us, however we end.
      stdio: ["pipe", "pipe", "pipe"],
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    const release = new Release(setting.commit, child);
    child.stdin?.on("error", () => {});
    try {
      release.#port = await new Promise<number>((resolve, reject) => {
        let said = "";
        const fail = (why: string): void => reject(notStarted(why, said));
        const timer = setTimeout(() => fail("said nothing within 10 s"), START_MS);
        const hear = (chunk: Buffer): void => {
          const text = chunk.toString("utf8");
          setting.onLog(text);
          said = (said + text).slice(-4_096);
          const port = /listening on port (\d+)/.exec(said)?.[1];
          if (port === undefined) return;
          clearTimeout(timer);
          resolve(Number(port));
        };
        child.stdout?.on("data", hear);
        child.stderr?.on("data", hear);
        child.once("error", (error) => fail(error.message));
        child.once("exit", (code) => {
          clearTimeout(timer);
          fail(`ended with exit code ${code ?? "none"}`);
        });
      });
      return release;
    } catch (error) {
      release.kill();
      throw error;
    }
  }

  /** Lets it finish what was asked of it, then ends it; by force after 2 s. */
  async stop(): Promise<void> {
    this.#signal("SIGTERM");
    const timer = setTimeout(() => this.kill(), GRACE_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  /** At once, without waiting: for the end of our own process. */
  kill(): void {
    this.#signal("SIGKILL");
  }

  #signal(name: "SIGTERM" | "SIGKILL"): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(process.platform === "win32" ? pid : -pid, name);
    } catch {
      // It ended by itself in between.
    }
  }
}

function notStarted(why: string, said: string): MaydayError {
  const lines = visibleLines(said.trim()).split("\n");
  const telling = lines.findLast((line) => /Error\b.*:/.test(line)) ?? lines.at(-1) ?? "";
  return new MaydayError(`the shop did not start: it ${why}${telling === "" ? "" : `\n  ${telling}`}`, {
    code: "demo-shop-not-started",
    exit: 70,
    hint: "mayday demo --keep --verbose",
  });
}
