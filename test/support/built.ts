import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The program as it is shipped: builds it from today's sources into a directory of its own, so that no
 * test meets a stale or half-written `dist`. For the top of a test file; gone when the file is done.
 * Returns the absolute path of bin/mayday.js.
 */
export function built(): string {
  const directory = mkdtempSync(path.join(tmpdir(), "mayday-built-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const rolldown = path.join(ROOT, "node_modules", ".bin", "rolldown");
  execFileSync(rolldown, ["-c", "rolldown.config.js", "--dir", path.join(directory, "dist")], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
  });
  cpSync(path.join(ROOT, "bin"), path.join(directory, "bin"), { recursive: true });
  cpSync(path.join(ROOT, "package.json"), path.join(directory, "package.json"));
  return path.join(directory, "bin", "mayday.js");
}
