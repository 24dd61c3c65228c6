import { describe, expect, test } from "vitest";

import { columns } from "../../src/terminal/layout.ts";
import { atTerminal } from "../support/person.ts";
import { type Repository, withRemote } from "../support/repository.ts";
import { mayday } from "../support/world.ts";

const WIDE = "東京の通貨を表示する";

/** Everything long that a repository can hold: names, tags, subjects, many areas. */
async function shop(): Promise<Repository> {
  const deep = `packages/storefront/src/components/checkout/${"nested/".repeat(6)}`;
  const { clone } = withRemote([
    {
      name: "good",
      message: "Release",
      files: { [`${deep}PriceFormatter.tsx`]: "a\n".repeat(60), "src/price.js": "x\n".repeat(60) },
      tags: ["v2026.1.20260105123456789012345678901234567890"],
    },
    {
      name: "bad",
      message: `Show the currency ${"of every customer in every country ".repeat(5)}${WIDE.repeat(4)}`,
      files: {
        [`${deep}PriceFormatter.tsx`]: "b\n".repeat(12_345),
        "src/price.js": "y.currency\n".repeat(60),
      },
    },
    {
      name: "table",
      message: WIDE.repeat(9),
      files: {
        [`db/migrations/20260105123456_${"add_currency_column_".repeat(4)}.sql`]: "x",
        [`k8s/${"overlays/".repeat(9)}web.yaml`]: "x",
        "package-lock.json": "{}\n".repeat(120_000),
        "src/pay.js": `process.env.${"STRIPE_API_VERSION_".repeat(4)}X\n`,
      },
    },
  ]);
  const at = { cwd: clone.path };
  await mayday(["deploy", "record", "production", "main~2"], at);
  await mayday(["deploy", "record", "production", "main"], at);
  await mayday(["deploy", "bad", "main", "--reason", "it loses orders ".repeat(12)], at);
  return clone;
}

/** Lines that are wider than the terminal, but for commands to copy. */
function tooWide(text: string, width: number): string[] {
  return text.split("\n").filter((line) => columns(line) > width && !/^\s+(?:→ )?(?:mayday|git) /.test(line));
}

const TRACE = `TypeError: no currency\n    at formatPrice (/app/src/price.js:48:15)\n    at ${"x".repeat(90)} (/app/src/a.js:1:1)`;

describe.each([80, 44])("at %i columns", (width) => {
  test.each([
    [["status"]],
    [["diff"]],
    [["diff", "--verbose"]],
    [["triage", "--symptom", TRACE, "--top=0"]],
    [["triage"]],
    [["triage", "--path=nowhere/that/is/far/away/from/here/and/there"]],
    [["verify"]],
    [["deploy", "list"]],
  ])("%j: no line of the answer is wider, but a command to copy", async (argv) => {
    const made = await shop();
    const { stdout } = await atTerminal([...argv, "--yes", "--no-color"], [], {
      cwd: made.path,
      columns: width,
    });
    expect(stdout).not.toBe("");
    expect(tooWide(stdout, width)).toEqual([]);
  });
});
