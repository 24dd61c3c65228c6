#!/usr/bin/env node
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = new URL("../dist/main.js", import.meta.url);
if (existsSync(main)) {
  const { start } = await import(main.href);
  await start(fileURLToPath(import.meta.url));
} else {
  process.stderr.write("mayday is not built here. Build it: npm run build\n");
  process.exitCode = 70;
}
