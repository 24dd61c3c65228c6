import { spawnSync } from "node:child_process";

import * as fc from "fast-check";
import { expect, test } from "vitest";

import {
  hookScript,
  isShell,
  sharedBlock,
  shellWord,
  withBlock,
  withoutBlock,
} from "../../src/check/hook/script.ts";
import { cleanEnv } from "../support/world.ts";

const line = fc.oneof(
  fc.constantFrom(
    "#!/bin/sh",
    "# words",
    "",
    "npm test",
    '. "$(dirname -- "$0")/_/husky.sh"',
    'git lfs pre-push "$@"',
  ),
  fc.string(),
);

test("a block goes into any script and comes out again, byte for byte", () => {
  const script = fc
    .tuple(fc.array(line), fc.boolean())
    .map(([lines, end]) => lines.join("\n") + (end ? "\n" : ""));
  fc.assert(
    fc.property(script, fc.constantFrom("block", "warn", "silent"), (text, missing) => {
      const block = sharedBlock(missing);
      expect(withoutBlock(withBlock(text, block))).toBe(text);
    }),
  );
  expect(withoutBlock("#!/bin/sh\nnpm test\n")).toBeUndefined();
});

test("the block stands behind the first line and before everything the script does", () => {
  const script = '#!/bin/sh\n. "$(dirname "$0")/_/husky.sh"\n\nnpm test\n';
  const [before = "", after = ""] = withBlock(script, sharedBlock("block")).split("mayday_hook=");
  expect(before).toMatch(/^#!\/bin\/sh\n\. .*husky\.sh"\n# >>> mayday >>>/);
  expect(after).toContain("\nnpm test\n");
});

test("any path is one word to the shell", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !text.includes("\0")),
      (text) => {
        const said = spawnSync("sh", ["-c", `printf '%s' ${shellWord(text)}`], {
          env: cleanEnv(),
          encoding: "utf8",
        });
        expect(said.stdout).toBe(text);
      },
    ),
    { numRuns: 50 },
  );
});

test.each(["block", "warn"] as const)("what is written is a script that sh can read (%s)", (missing) => {
  const script = hookScript({ node: "/a 'b'/node", program: '/c "d"/mayday.js', missing });
  for (const text of [script, `#!/bin/sh\n${sharedBlock(missing)}`, `#!/bin/sh\n${sharedBlock("silent")}`]) {
    expect(spawnSync("sh", ["-n"], { input: text, env: cleanEnv(), encoding: "utf8" }).stderr).toBe("");
  }
});

test.each([
  ["npm test\n", true],
  ["#!/bin/sh\n", true],
  ["#!/usr/bin/env bash\n", true],
  ["#! /bin/dash\n", true],
  ["#!/usr/bin/env python3\n", false],
  ["#!/usr/bin/env node\n", false],
])("%j is a shell script: %s", (script, expected) => {
  expect(isShell(script)).toBe(expected);
});
