import { defineConfig } from "rolldown";

// The benchmarks that look inside: built beside the installed packages, never shipped.
export default defineConfig({
  input: { learn: "bench/learn.ts", suspects: "bench/suspects.ts" },
  platform: "node",
  tsconfig: false,
  output: {
    dir: "node_modules/.cache/mayday-bench",
    cleanDir: true,
    format: "esm",
    entryFileNames: "[name].mjs",
  },
});
