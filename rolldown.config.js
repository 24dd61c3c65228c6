import { defineConfig } from "rolldown";

// One bundle in chunks: what a command does not use is not loaded, and no node_modules is needed.
export default defineConfig({
  input: { main: "src/main.ts" },
  platform: "node",
  tsconfig: false,
  output: {
    dir: "dist",
    cleanDir: true,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    minify: true,
  },
});
