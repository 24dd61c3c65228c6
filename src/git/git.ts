import { MaydayError } from "../model/error.ts";
import { visibleLines } from "../model/escape.ts";
import {
  type Ending,
  type ProcessOptions,
  type ProcessResult,
  runProcess,
  streamProcess,
} from "../system/process.ts";
import { type ConfigEntry, type Mode, parseConfigList, sealedEnv } from "./seal.ts";

export interface GitOptions {
  readonly mode?: Mode;
  readonly input?: string | Uint8Array;
  /** Exit codes that are an answer and not a failure; 0 is always one. */
  readonly allow?: readonly number[];
  readonly timeoutMs?: number;
  /** A temporary index instead of the repository's. */
  readonly index?: string;
  /** Extra environment of ours: commit dates and the like. */
  readonly env?: Readonly<Record<string, string>>;
  /** Not ended by Ctrl-C: stopped half-way it would leave half-written files behind. */
  readonly finish?: boolean;
  /** Another worktree of this repository. */
  readonly worktree?: { readonly gitDir: string; readonly path: string };
}

export interface GitAnswer {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Where a repository is; all paths absolute. */
export interface Layout {
  readonly gitDir: string;
  readonly commonDir: string;
  /** Null in a bare repository. */
  readonly workTree: string | null;
  readonly objectFormat: "sha1" | "sha256";
  /** History is cut off: parent-based work cannot be trusted. */
  readonly shallow: boolean;
  /** Objects may be missing here by design. */
  readonly partial: boolean;
}

export interface GitSetting {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** For `--verbose`: every command and its time. */
  readonly onCommand?: ((argv: readonly string[], ms: number, exit: number | null) => void) | undefined;
}

/** Milliseconds, when a call says nothing else. */
export const DEADLINE = { read: 60_000, write: 60_000, network: 60_000, stream: 600_000 } as const;

/** What git says when this machine does not let it write; the far side's words begin with `remote:`. */
const NOT_WRITABLE =
  /^(?!remote:).*(?:No space left on device|Disk quota exceeded|Read-only file system|File too large|insufficient permission for adding an object|unable to (?:create|write|append)[^\n]*: Permission denied)/m;

/** Words of git, ssh and hosts; see connect.c and transport.c of git, and what OpenSSH prints. */
const TROUBLE =
  /^(?:fatal|error): |denied|failed|refused|rejected|not found|could not|unable to|timed out|closed by/i;

/** A partial clone that may not fetch on demand: what is missing is asked for on purpose, or not at all. */
const NOT_HERE =
  /could not fetch [0-9a-f]+ from promisor remote|lazy fetching disabled|unable to read [0-9a-f]{40}/;

export class GitError extends MaydayError {
  readonly ending: Ending;
  readonly gitExit: number | null;
  /** As it came: not for a person's eyes. */
  readonly stderr: string;
  /** What was wrong in one line, harmless and without passwords; never empty. */
  readonly said: string;

  constructor(result: ProcessResult, timeoutMs: number) {
    const argv = result.argv.filter(
      (arg) => !arg.startsWith("--git-dir=") && !arg.startsWith("--work-tree="),
    );
    const ended: Readonly<Record<Ending, string>> = {
      exited: `ended with exit code ${result.exitCode}`,
      signalled: `was ended by ${result.signalName ?? "a signal"}`,
      timeout: `gave no answer within ${timeoutMs / 1_000} s`,
      aborted: "was interrupted",
      "not-started": `could not be started (${result.startError})`,
      "too-much-output": "printed more than mayday keeps",
    };
    const words = withoutPasswords(visibleLines(result.stderr.trim())).split("\n");
    const lines = words.slice(-6).join("\n  ");
    super(
      // Whoever pressed Ctrl-C knows why it ended.
      result.ending === "aborted"
        ? "interrupted"
        : `${withoutPasswords(argv.map(visibleLines).join(" "))} ${ended[result.ending]}${lines ? `\n  ${lines}` : ""}`,
      result.ending === "not-started"
        ? { code: "git-missing", exit: 2, hint: "install git 2.38 or newer, or put it on PATH" }
        : result.ending === "aborted"
          ? { code: "interrupted", exit: 130 }
          : NOT_WRITABLE.test(result.stderr)
            ? { code: "not-writable", exit: 2, hint: "make room, or make the repository writable: df -h ." }
            : NOT_HERE.test(result.stderr)
              ? {
                  code: "missing-contents",
                  exit: 4,
                  hint: "bring what is missing here: git fetch --refetch --no-filter <remote>",
                }
              : {
                  code: result.ending === "timeout" ? "git-timeout" : "git-failed",
                  exit: 70,
                  hint: "repeat with --verbose to see every git command",
                },
    );
    this.ending = result.ending;
    this.gitExit = result.exitCode;
    this.stderr = result.stderr;
    this.said = telling(words) ?? `git ${ended[result.ending]}`;
  }
}

/** The line that says what was wrong: after it come a general one and advice, before it warnings and banners. */
function telling(lines: readonly string[]): string | undefined {
  const said = lines.map((line) => line.trim()).filter((line) => line !== "" && !/^warning:/i.test(line));
  const specific = said.find(
    (line) => TROUBLE.test(line) && !line.startsWith("fatal: Could not read from remote repository"),
  );
  return (specific ?? said.find((line) => line.startsWith("fatal: ")) ?? said.at(-1))?.replace(
    /^remote: /,
    "",
  );
}

/** `https://user:secret@host` → `https://host`: no URL with a password leaves this room. */
export function withoutPasswords(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/]*@/gi, "$1");
}

/**
 * The one way git is run. Arguments are arrays made by our code; a person's words reach git only
 * through `resolve` (revisions) and on standard input.
 */
export class Git {
  readonly layout: Layout;
  readonly config: readonly ConfigEntry[];
  readonly #setting: GitSetting;
  readonly #envs = new Map<Mode, Record<string, string>>();
  readonly #worktreeConfigs = new Map<string, Promise<readonly ConfigEntry[]>>();

  constructor(layout: Layout, config: readonly ConfigEntry[], setting: GitSetting) {
    this.layout = layout;
    this.config = config;
    this.#setting = setting;
  }

  /** Runs git to its end. Throws GitError unless the exit code is 0 or allowed. */
  async run(args: readonly string[], options: GitOptions = {}): Promise<GitAnswer> {
    const mode = options.mode ?? "read";
    const timeoutMs = options.timeoutMs ?? DEADLINE[mode];
    const argv = this.#argv(args, options);
    const result = await runProcess("git", argv, await this.#process(mode, timeoutMs, options));
    this.#setting.onCommand?.(result.argv, result.ms, result.exitCode);
    const code = result.exitCode;
    if (code === null || (code !== 0 && !(options.allow ?? []).includes(code))) {
      throw new GitError(result, timeoutMs);
    }
    return { code, stdout: result.stdout, stderr: result.stderr };
  }

  /** stdout as text without the last newline. For ids, counts and names git itself has checked. */
  async text(args: readonly string[], options: GitOptions = {}): Promise<string> {
    const answer = await this.run(args, options);
    return answer.stdout.toString("utf8").replace(/\n$/, "");
  }

  /** stdout split at NUL, for `-z` output. */
  async fields(args: readonly string[], options: GitOptions = {}): Promise<string[]> {
    const answer = await this.run(args, options);
    const text = answer.stdout.toString("utf8");
    return text === "" ? [] : text.replace(/\0$/, "").split("\0");
  }

  /** stdout in chunks while git runs. Throws GitError at the end if git failed. */
  async *stream(args: readonly string[], options: GitOptions = {}): AsyncGenerator<Buffer, void, void> {
    const mode = options.mode ?? "read";
    const timeoutMs = options.timeoutMs ?? DEADLINE.stream;
    let last: ProcessResult | null = null;
    const how = await this.#process(mode, timeoutMs, options);
    yield* streamProcess("git", this.#argv(args, options), how, (end) => {
      last = end;
    });
    const result = last as ProcessResult | null;
    if (result === null) return;
    this.#setting.onCommand?.(result.argv, result.ms, result.exitCode);
    if (result.exitCode !== 0) throw new GitError(result, timeoutMs);
  }

  /** The environment for another program that must find this repository sealed (simple-git). */
  sealedEnvironment(mode: Mode): Record<string, string> {
    let env = this.#envs.get(mode);
    if (!env) {
      env = sealedEnv(mode, this.#setting.env, this.config);
      this.#envs.set(mode, env);
    }
    return env;
  }

  get signal(): AbortSignal | undefined {
    return this.#setting.signal;
  }

  #argv(args: readonly string[], options: GitOptions): string[] {
    const { gitDir, workTree } = options.worktree
      ? { gitDir: options.worktree.gitDir, workTree: options.worktree.path }
      : this.layout;
    return [`--git-dir=${gitDir}`, ...(workTree === null ? [] : [`--work-tree=${workTree}`]), ...args];
  }

  /** Another worktree may have configuration of its own, also by a condition on its git directory. */
  #worktreeConfig(gitDir: string): Promise<readonly ConfigEntry[]> {
    let config = this.#worktreeConfigs.get(gitDir);
    if (config === undefined) {
      config = this.run([`--git-dir=${gitDir}`, "config", "--list", "-z", "--show-scope"]).then(
        ({ stdout }) => parseConfigList(stdout),
      );
      this.#worktreeConfigs.set(gitDir, config);
    }
    return config;
  }

  async #process(mode: Mode, timeoutMs: number, options: GitOptions): Promise<ProcessOptions> {
    const { worktree } = options;
    const sealed =
      worktree === undefined || worktree.gitDir === this.layout.gitDir
        ? this.sealedEnvironment(mode)
        : sealedEnv(mode, this.#setting.env, await this.#worktreeConfig(worktree.gitDir));
    return {
      cwd: worktree?.path ?? this.layout.workTree ?? this.layout.gitDir,
      env: {
        ...sealed,
        ...options.env,
        ...(options.index === undefined ? {} : { GIT_INDEX_FILE: options.index }),
      },
      ...(options.input === undefined ? {} : { input: options.input }),
      timeoutMs,
      signal: options.finish === true ? undefined : this.#setting.signal,
    };
  }
}
