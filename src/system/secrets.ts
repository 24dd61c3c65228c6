import { open } from "node:fs/promises";
import path from "node:path";

import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { runProcess } from "./process.ts";

const REDACTED = "[redacted]";
/** Shorter than this, redaction would blank ordinary words; nothing shorter is taken as a secret. */
const SHORTEST = 4;
const LONGEST = 16 * 1024;

/** What stands for a secret in whatever is said: each secret is registered once, every text cleaned. */
export class Redactor {
  readonly #forms = new Set<string>();
  #sorted: readonly string[] = [];

  /**
   * Registers a secret in the forms it may come back in: as it is, URL-encoded, in base64 (at each
   * of the three offsets that a prefix such as `user:` can give it), escaped as JSON. Of a URL also
   * its path and query, and their parts of 8 characters and more.
   */
  add(secret: string): void {
    this.#addText(secret);
    const url = URL.canParse(secret) ? new URL(secret) : null;
    if (url !== null && url.host !== "") this.addUrl(secret);
  }

  /** Registers what may give access in a URL that is not secret as a whole: path, query, userinfo. */
  addUrl(text: string): void {
    if (!URL.canParse(text)) return;
    const url = new URL(text);
    const whole = url.pathname + url.search + url.hash;
    if (whole.length >= 8) this.#addText(whole);
    const parts = [
      ...url.pathname.split("/"),
      ...url.search.slice(1).split(/[&=]/),
      url.username,
      url.password,
    ];
    for (const part of parts) {
      // `services`, `webhooks`: words of an address, and no secrets.
      if (part.length >= 8 && !/^[a-z-]{1,12}$/.test(part)) this.#addText(part);
    }
  }

  /** The text without any registered secret. */
  clean(text: string): string {
    let cleaned = text;
    for (const form of this.#sorted) cleaned = cleaned.replaceAll(form, REDACTED);
    return cleaned;
  }

  #addText(text: string): void {
    if (text.length < SHORTEST) return;
    const encoded = encodeURIComponent(Buffer.from(text).toString());
    const forms = [text, encoded, encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())];
    if (text.length >= 8) {
      for (let offset = 0; offset < 3; offset += 1) forms.push(...base64Forms(text, offset));
    }
    for (const form of forms) {
      this.#forms.add(form);
      this.#forms.add(JSON.stringify(form).slice(1, -1));
    }
    // Long forms first: a secret that holds another one is replaced as a whole.
    this.#sorted = [...this.#forms].toSorted((a, b) => b.length - a.length);
  }
}

/** The characters of base64 that depend on the secret alone when `offset` bytes stand before it. */
function base64Forms(secret: string, offset: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
  const start = Math.ceil((offset * 8) / 6);
  const end = Math.floor((bytes.length * 8) / 6);
  return (["base64", "base64url"] as const).map((encoding) => bytes.toString(encoding).slice(start, end));
}

/** What is needed of the outside to read a secret. */
export interface SecretSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home directory, for `~`; null when there is none. */
  readonly home: string | null;
  /** Where relative paths and commands start from: the directory of the configuration file. */
  readonly cwd: string;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds a `cmd:` may take; 10 s unless told. */
  readonly commandTimeoutMs?: number;
}

/**
 * Reads the secret behind a reference: `env:NAME`, `file:PATH` (mode 0600 or 0400), `cmd:COMMAND`
 * (a shell string; its first line on stdout). Throws exit 2, naming the reference and never a
 * value: what a command prints on stderr is not repeated either.
 */
export async function resolveSecret(reference: string, source: SecretSource): Promise<string> {
  const cut = reference.indexOf(":");
  const kind = cut === -1 ? "" : reference.slice(0, cut);
  const rest = reference.slice(cut + 1);
  switch (kind) {
    case "env":
      return accepted(reference, fromEnvironment(rest, source));
    case "file":
      return accepted(reference, await fromFile(rest, source));
    case "cmd":
      return accepted(reference, await fromCommand(rest, source));
    case "keychain":
      throw failed(
        `${visible(reference)}: the keychain is not supported by this version`,
        "use env:, file: or cmd:",
      );
    default:
      // Perhaps a literal secret: it is not repeated.
      throw failed("a secret is not a reference", "write env:NAME, file:PATH or cmd:COMMAND in its place");
  }
}

function accepted(reference: string, value: string): string {
  const secret = value.trim();
  const name = visible(reference);
  if (secret === "") throw failed(`${name} is empty`, "put the secret there and repeat");
  if (secret.length < SHORTEST) {
    throw failed(
      `${name} is shorter than ${SHORTEST} characters: not a secret`,
      "look at what is stored there",
    );
  }
  // Header values hold no control characters; a key file given by mistake stops here.
  // oxlint-disable-next-line no-control-regex -- finding them is the point
  if (secret.length > LONGEST || /[\u0000-\u001f\u007f]/.test(secret)) {
    throw failed(`${name} is not one line of text`, "store the bare secret, without line breaks");
  }
  return secret;
}

function fromEnvironment(name: string, source: SecretSource): string {
  const value = source.env[name];
  if (value !== undefined) return value;
  throw failed(
    `the environment variable ${visible(name)} is not set`,
    `export ${visible(name)}=…, then repeat`,
  );
}

async function fromFile(name: string, source: SecretSource): Promise<string> {
  const file = expand(name, source);
  const shown = visible(name);
  let handle;
  try {
    handle = await open(file, "r");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
    throw failed(
      `the secret file ${shown} cannot be read (${code})`,
      `put the secret there, then: chmod 600 ${shown}`,
    );
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw failed(`the secret file ${shown} is not a file`, "name a file");
    const mode = stat.mode & 0o777;
    // Windows has no such bits.
    if (process.platform !== "win32" && mode !== 0o600 && mode !== 0o400) {
      throw failed(
        `the secret file ${shown} has mode ${mode.toString(8).padStart(4, "0")}: others may read it`,
        `chmod 600 ${shown}`,
      );
    }
    if (stat.size > LONGEST)
      throw failed(`the secret file ${shown} is larger than 16 KiB`, "store the bare secret");
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

function expand(name: string, source: SecretSource): string {
  if (name !== "~" && !name.startsWith("~/")) return path.resolve(source.cwd, name);
  if (source.home === null) {
    throw failed(`the secret file ${visible(name)} is below ~, and there is no home directory`, "set HOME");
  }
  return path.join(source.home, name.slice(1));
}

async function fromCommand(command: string, source: SecretSource): Promise<string> {
  const timeoutMs = source.commandTimeoutMs ?? 10_000;
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(source.env)) if (value !== undefined) env[name] = value;
  const [shell, ...before] = process.platform === "win32" ? ["cmd.exe", "/d", "/s", "/c"] : ["/bin/sh", "-c"];
  const result = await runProcess(shell ?? "/bin/sh", [...before, command], {
    cwd: source.cwd,
    env,
    timeoutMs,
    signal: source.signal,
    maxBytes: 4 * LONGEST,
    graceMs: 500,
  });
  if (result.ending === "exited" && result.exitCode === 0) return result.stdout.toString("utf8");
  const why = {
    exited: `ended with exit code ${result.exitCode}`,
    signalled: `was ended by ${result.signalName ?? "a signal"}`,
    timeout: `gave no answer within ${timeoutMs / 1_000} s`,
    aborted: "was interrupted",
    "not-started": "could not be started",
    "too-much-output": "printed too much",
  }[result.ending];
  throw failed(`the secret command ${visible(`cmd:${command}`)} ${why}`, "run it by hand and look");
}

function failed(message: string, hint: string): MaydayError {
  return new MaydayError(message, { code: "secret", exit: 2, hint });
}
