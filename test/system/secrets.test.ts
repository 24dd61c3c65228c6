import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import * as fc from "fast-check";
import { expect, test } from "vitest";

import { MaydayError } from "../../src/model/error.ts";
import { Redactor, resolveSecret, type SecretSource } from "../../src/system/secrets.ts";
import { scratch } from "../support/repository.ts";

function source(change: Partial<SecretSource> = {}): SecretSource {
  return { env: { PATH: process.env["PATH"] ?? "" }, home: null, cwd: scratch(), ...change };
}

async function failure(reference: string, from: SecretSource): Promise<MaydayError> {
  const error: unknown = await resolveSecret(reference, from).catch((thrown: unknown) => thrown);
  if (!(error instanceof MaydayError)) throw new Error(`no MaydayError but ${String(error)}`);
  expect(error).toMatchObject({ code: "secret", exit: 2 });
  expect(error.hint).not.toBe("");
  return error;
}

test("env: the variable's value, trimmed", async () => {
  expect(await resolveSecret("env:TOKEN", source({ env: { TOKEN: "  abcdef\n" } }))).toBe("abcdef");
  expect((await failure("env:TOKEN", source())).message).toBe("the environment variable TOKEN is not set");
  expect((await failure("env:TOKEN", source({ env: { TOKEN: " " } }))).message).toBe("env:TOKEN is empty");
  expect((await failure("env:TOKEN", source({ env: { TOKEN: "abc" } }))).message).not.toContain("abc");
});

test("file: only where nobody else can read it", async () => {
  const home = scratch();
  mkdirSync(path.join(home, "keys"));
  const file = path.join(home, "keys", "slack");
  writeFileSync(file, "xoxb-from-a-file\n", { mode: 0o600 });
  const from = source({ home, cwd: path.join(home, "keys") });
  for (const reference of [`file:${file}`, "file:~/keys/slack", "file:slack"]) {
    expect(await resolveSecret(reference, from)).toBe("xoxb-from-a-file");
  }
  chmodSync(file, 0o400);
  expect(await resolveSecret("file:slack", from)).toBe("xoxb-from-a-file");
  for (const mode of [0o644, 0o640, 0o660, 0o604, 0o700]) {
    chmodSync(file, mode);
    const error = await failure("file:~/keys/slack", from);
    expect(error.message).toContain("others may read it");
    expect(error.hint).toBe("chmod 600 ~/keys/slack");
    expect(error.message).not.toContain("xoxb");
  }
});

test("file: what is missing, a directory, many lines or too long is said", async () => {
  const cwd = scratch();
  const write = (name: string, text: string): void =>
    writeFileSync(path.join(cwd, name), text, { mode: 0o600 });
  write("key.pem", "-----BEGIN-----\nabcdef\n-----END-----\n");
  write("long", "x".repeat(20_000));
  const from = source({ cwd });
  expect((await failure("file:none", from)).message).toContain("ENOENT");
  expect((await failure("file:.", from)).message).toContain("is not a file");
  expect((await failure("file:~/x", from)).message).toContain("no home directory");
  expect((await failure("file:long", from)).message).toContain("16 KiB");
  const error = await failure("file:key.pem", from);
  expect(error.message).toBe("file:key.pem is not one line of text");
});

test("cmd: what a command prints; its failure says no word of its output", async () => {
  const from = source();
  expect(await resolveSecret("cmd:printf 'a b%sc' -d", from)).toBe("a b-dc");
  const failed = await failure("cmd:echo hidden; echo hidden >&2; exit 3", from);
  expect(failed.message).toContain("ended with exit code 3");
  expect(failed.message.replaceAll("echo hidden", "")).not.toContain("hidden");
  const slow = await failure("cmd:sleep 30", { ...from, commandTimeoutMs: 100 });
  expect(slow.message).toContain("gave no answer within 0.1 s");
});

test("the keychain is refused by name, and a literal secret is not repeated", async () => {
  expect((await failure("keychain:mayday/slack", source())).message).toContain(
    "not supported by this version",
  );
  for (const literal of ["xoxb-1234567890", "https://hooks.example.com/secret", "vault:thing"]) {
    expect((await failure(literal, source())).message).toBe("a secret is not a reference");
  }
});

test("no form of a secret survives cleaning", () => {
  const word = fc
    .string({ minLength: 8, maxLength: 60, unit: "grapheme" })
    .filter((text) => text.trim().length >= 8);
  fc.assert(
    fc.property(word, fc.string(), fc.string(), (secret, before, after) => {
      const redactor = new Redactor();
      redactor.add(secret);
      const raw = redactor.clean(`${before}${secret}${after}`);
      expect(raw).toContain("[redacted]");
      for (const prefix of ["", "u", "u:", "user:"]) {
        const encoded = Buffer.from(prefix + secret).toString("base64");
        expect(redactor.clean(`Basic ${encoded}`)).not.toContain(encoded);
        expect(redactor.clean(`Basic ${encoded}`)).toContain("[redacted]");
      }
      const percent = encodeURIComponent(secret);
      expect(redactor.clean(`?k=${percent}`)).toBe("?k=[redacted]");
      expect(redactor.clean(JSON.stringify({ k: secret }))).toBe('{"k":"[redacted]"}');
    }),
  );
});

test("of a secret URL the path and its long parts are secrets, its words are not", () => {
  const redactor = new Redactor();
  redactor.add("https://hooks.example.com/services/T0AB12CD3/Zq9fK2mX7pLw?token=0123456789");
  expect(redactor.clean("no answer from hooks.example.com for /services/T0AB12CD3/Zq9fK2mX7pLw")).toBe(
    "no answer from hooks.example.com for /services/[redacted]/[redacted]",
  );
  expect(redactor.clean("token 0123456789, the services are down")).toBe(
    "token [redacted], the services are down",
  );
});

test("nothing registered changes nothing; a short word is not taken for a secret", () => {
  const redactor = new Redactor();
  redactor.add("abc");
  expect(redactor.clean("abc abc")).toBe("abc abc");
});
