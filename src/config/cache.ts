import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";

import { writeAtomic } from "../system/files.ts";
import type { Configuration } from "./load.ts";

/**
 * The bundle's name of this chunk holds a hash over itself and all it imports, so it changes with
 * the schema. Run from source there is no such name, and nothing is cached.
 */
const BUILD = /\/load-([\w-]{8})\.js$/.exec(import.meta.url)?.[1] ?? null;

/** A configuration that was once found valid is not parsed again: a hook is paid on every push. */
export interface Cache {
  readonly read: () => Configuration | null;
  readonly write: (configuration: Configuration) => Promise<void>;
}

/**
 * Keyed by all that the result depends on. It lies in the clone; whoever can write there can write
 * mayday.yaml too, and consent is to content, wherever it was read.
 */
export function cacheOf(commonDir: string, parts: readonly unknown[]): Cache | null {
  if (BUILD === null) return null;
  const file = path.join(commonDir, "mayday", "cache", "configuration.json");
  const key = createHash("sha256")
    .update(JSON.stringify([BUILD, ...parts]))
    .digest("hex");
  return {
    read: () => {
      try {
        const held = JSON.parse(readFileSync(file, "utf8")) as {
          key?: unknown;
          configuration: Configuration;
        };
        return held.key === key ? held.configuration : null;
      } catch {
        return null;
      }
    },
    write: async (configuration) => {
      try {
        await writeAtomic(file, JSON.stringify({ key, configuration }));
      } catch {
        // A cache that cannot be written costs time, nothing else.
      }
    },
  };
}
