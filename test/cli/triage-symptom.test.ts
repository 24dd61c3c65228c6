import { writeFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { published } from "../support/document.ts";
import { type CommitSpec, type Repository, scratch, withRemote } from "../support/repository.ts";
import { mayday, type Transcript } from "../support/world.ts";

const COMMITS: readonly CommitSpec[] = [
  { name: "good", message: "Release", files: { "src/price.js": "a\n" }, tags: ["v1.4.0"] },
  { name: "bad", message: "Show the currency", files: { "src/price.js": "b\n", "src/tax.js": "c\n" } },
];
const PRICE = "TypeError: no currency\n    at formatPrice (/app/src/price.js:1:15)";
const TAX = "RangeError: no rate\n    at rateOf (/app/src/tax.js:1:3)";

interface Document {
  readonly symptom: {
    readonly frames: readonly { readonly function?: string }[];
    readonly terms: readonly string[];
  };
}

function triage(shop: Repository, argv: readonly string[], stdin?: string): Promise<Transcript> {
  return mayday(["triage", "--json", ...argv], { cwd: shop.path, ...(stdin === undefined ? {} : { stdin }) });
}

function functions(run: Transcript): (string | undefined)[] {
  return published<Document>(run, "triage").symptom.frames.map((frame) => frame.function);
}

describe("several symptoms at once", () => {
  test("text, text, file and pipe are one symptom, in that order", async () => {
    const shop = withRemote(COMMITS).clone;
    const file = path.join(scratch(), "log");
    writeFileSync(file, "ValueError: third\n    at third (/app/src/c.js:1:1)\n");
    const run = await triage(
      shop,
      ["-", "--symptom", PRICE, "--symptom", TAX, "--symptom-file", file],
      "Error: fourth\n    at fourth (/app/src/d.js:1:1)\n",
    );
    expect(functions(run)).toEqual(["formatPrice", "rateOf", "third", "fourth"]);
  });

  test("a long log does not push out a sentence", async () => {
    const shop = withRemote(COMMITS).clone;
    const directory = scratch();
    const logs = ["a", "b"].map((name) => path.join(directory, name));
    for (const log of logs) writeFileSync(log, "ERROR the shelf is empty again\n".repeat(200_000));
    const argv = logs.flatMap((log) => ["--symptom-file", log]);
    const run = await triage(shop, [...argv, "--symptom", TAX]);
    expect(functions(run)).toEqual(["rateOf"]);
    expect(published<Document>(run, "triage").symptom.terms).toContain("shelf");
  });

  test("one that cannot be read is an error, whatever else is given", async () => {
    const shop = withRemote(COMMITS).clone;
    const run = await triage(shop, ["--symptom", TAX, "--symptom-file", "/nowhere/log"]);
    expect(run.exit).toBe(2);
    expect(run.stdout).toContain("symptom-file");
  });

  test("a dash is standard input once, however often it is given", async () => {
    const shop = withRemote(COMMITS).clone;
    const run = await triage(shop, ["-", "--symptom=-", "--symptom-file=-"], PRICE);
    expect(functions(run)).toEqual(["formatPrice"]);
  });
});
