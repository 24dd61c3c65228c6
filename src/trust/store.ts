import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";

import { rfc3339 } from "../model/time.ts";
import { readIfThere, writeAtomic } from "../system/files.ts";
import type { TrustEntry } from "./entries.ts";

/** The repository that a consent is for: the same words elsewhere are another matter. */
export interface ConsentScope {
  /** git's common directory; the configuration file's path outside a repository. */
  readonly commonDir: string;
  /** Without user and password; empty when there is no remote. */
  readonly remoteUrl: string;
}

export interface Consents {
  /** `new`: never agreed to; `changed`: something else was, at this place. */
  state(scope: ConsentScope, entry: TrustEntry): "agreed" | "new" | "changed";
  /** Why the stored consents could not be used, in words; null when all is well. */
  readonly fault: string | null;
}

interface StoredConsent {
  readonly repository: string;
  readonly kind: string;
  readonly where: string;
  readonly at: string;
}

type Stored = Readonly<Record<string, StoredConsent>>;

/** `$XDG_STATE_HOME/mayday/trust.json`; null when there is no home to keep it in: none is made. */
export function consentFile(env: Readonly<Record<string, string | undefined>>): string | null {
  const chosen = env["XDG_STATE_HOME"] ?? "";
  const home = env["HOME"] ?? env["USERPROFILE"] ?? "";
  if (path.isAbsolute(chosen)) return path.join(chosen, "mayday", "trust.json");
  return path.isAbsolute(home) && existsSync(home)
    ? path.join(home, ".local", "state", "mayday", "trust.json")
    : null;
}

/** SHA-256 over repository and content. The place belongs to it: a check is not a probe. */
export function consentKey(scope: ConsentScope, entry: TrustEntry): string {
  const { kind, where, content } = entry;
  return createHash("sha256")
    .update(canonical([scope.commonDir, scope.remoteUrl, { kind, where, content }]))
    .digest("hex");
}

/** JSON with sorted keys: the order in the file is not content. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export async function readConsents(file: string | null): Promise<Consents> {
  const { stored, fault } = await readStored(file);
  const places = new Set(
    Object.values(stored).map(({ repository, kind, where }) => place(repository, kind, where)),
  );
  return {
    fault,
    state(scope, entry) {
      if (Object.hasOwn(stored, consentKey(scope, entry))) return "agreed";
      return places.has(place(scope.commonDir, entry.kind, entry.where)) ? "changed" : "new";
    },
  };
}

/** Adds consents, whole or not at all. An older consent to the same place stays: reverting asks nothing. */
export async function addConsents(
  file: string,
  scope: ConsentScope,
  entries: readonly TrustEntry[],
  now: number,
): Promise<void> {
  if (entries.length === 0) return;
  const { stored } = await readStored(file);
  const added = entries.map((entry): [string, StoredConsent] => [
    consentKey(scope, entry),
    { repository: scope.commonDir, kind: entry.kind, where: entry.where, at: rfc3339(now) },
  ]);
  const consents = { ...stored, ...Object.fromEntries(added) };
  await writeAtomic(file, `${JSON.stringify({ version: 1, consents }, null, 2)}\n`);
}

function place(repository: string, kind: string, where: string): string {
  return `${repository}\0${kind}\0${where}`;
}

async function readStored(
  file: string | null,
): Promise<{ readonly stored: Stored; readonly fault: string | null }> {
  if (file === null) return { stored: {}, fault: "there is no home directory to keep consents in" };
  const text = await readIfThere(file);
  if (text === null) return { stored: {}, fault: null };
  if (((await stat(file)).mode & 0o022) !== 0 && process.platform !== "win32") {
    return { stored: {}, fault: `others may write ${file}: chmod 600 it` };
  }
  try {
    const document: unknown = JSON.parse(text);
    const { consents } = document as { readonly consents: unknown };
    if (typeof consents === "object" && consents !== null) {
      const whole = Object.entries(consents).filter(([, it]) => typeof it === "object" && it !== null);
      return { stored: Object.fromEntries(whole), fault: null };
    }
  } catch {
    // Said below: a consent that cannot be read is none.
  }
  return { stored: {}, fault: `${file} is damaged: mayday trust writes it anew` };
}
