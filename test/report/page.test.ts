import { createHash } from "node:crypto";

import { describe, expect, test } from "vitest";

import { FIRST_BYTES, MOST_BYTES, triagePage } from "../../src/report/page.ts";
import { HOSTILE, pageFacts } from "./facts.ts";

function texts(page: string): string {
  return page
    .replace(/<style>.*?<\/style>|<script>.*?<\/script>/gs, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");
}

describe("a page", () => {
  const page = triagePage(pageFacts({ firstError: Date.parse("2026-01-05T09:05:00Z") }));

  test("says what the terminal says", () => {
    const said = texts(page);
    for (const part of [
      "production: which change did it?",
      "v1.4.0",
      "not certified",
      "Most likely: Change 1",
      "mayday rollback production --to v1.4.0",
      "first error 5 Jan, 09:05",
      "+2.1 shares currency",
      "−0.4 changes only tests",
      "new-cart",
      "… and 3 less likely changes",
      "STRIPE_KEY is read for the first time",
      "not only code",
      "v1.4.0 was never certified",
      "mayday alert --env production",
      "src/price.js:48 formatPrice",
      "Nothing was changed to make this page",
    ])
      expect(said).toContain(part);
    expect(page).toContain('<meta name="generator" content="mayday 1.2.3" />');
    expect(page.startsWith(FIRST_BYTES)).toBe(true);
  });

  test("the worst risk stands first", () => {
    expect(page.indexOf("a migration")).toBeLessThan(page.indexOf("was never certified"));
  });

  test("every id is there once and every link has its goal", () => {
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const goals = [...page.matchAll(/ (?:href="#|aria-labelledby=")([^"]*)"/g)].flatMap(([, goal = ""]) =>
      goal.split(" "),
    );
    expect(goals.length).toBeGreaterThan(20);
    expect(goals.filter((goal) => !ids.includes(goal))).toEqual([]);
  });

  test("headings go down one step at a time", () => {
    const levels = [...page.matchAll(/<h([1-6])[ >]/g)].map(([, level]) => Number(level));
    expect(levels[0]).toBe(1);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [index, level] of levels.slice(1).entries())
      expect(level - (levels[index] ?? 0)).toBeLessThanOrEqual(1);
  });

  test("hunks of the first three are open, three each; all others are folded", () => {
    const articles = page.split("<article").slice(1);
    const open = articles.map((article) =>
      article.split("<details").map((part) => part.split("</details>").at(-1)),
    );
    expect(open.map((parts) => parts.join("").split("<figure").length - 1)).toEqual([3, 3, 3, 0, 0]);
    expect(articles.map((article) => article.split("<figure").length - 1)).toEqual([4, 4, 4, 4, 4]);
  });
});

describe("nothing from outside", () => {
  const page = triagePage(pageFacts({ foreign: HOSTILE }));

  test("the policy allows our style and script by their hashes and nothing else", () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
    const hash = (element: string): string => {
      const inside = new RegExp(`<${element}>(.*?)</${element}>`, "s").exec(page)?.[1] ?? "";
      return `'sha256-${createHash("sha256").update(inside).digest("base64")}'`;
    };
    expect(policy).toBe(
      `default-src 'none'; style-src ${hash("style")}; script-src ${hash("script")}; base-uri 'none'; form-action 'none'`,
    );
    expect(page.match(/<(?:script|style)\b/g)).toHaveLength(2);
  });

  test("no address, no handler, no style in the markup", () => {
    const tags = page.replace(/<style>.*?<\/style>|<script>.*?<\/script>/gs, "").match(/<[a-z][^>]*>/g) ?? [];
    expect(tags.length).toBeGreaterThan(200);
    const names = tags.map((tag) => tag.replaceAll(/"[^"]*"/g, '""'));
    expect(names.filter((tag) => /\s(?:on\w+|style|src|action|srcdoc)=/.test(tag))).toEqual([]);
    expect(tags.filter((tag) => / href="(?!#)/.test(tag))).toEqual([]);
    expect(
      tags.filter((tag) => /^<(?:img|iframe|object|embed|link|base|form|image|use)\b/.test(tag)),
    ).toEqual([]);
  });

  test("what is hostile is seen", () => {
    // oxlint-disable-next-line no-control-regex -- that none is there is what is tested
    expect(page).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e\u200b]/);
    expect(page).toContain(String.raw`\u{202e}gnp\u{200b}`);
    expect(page).toContain("&lt;/script&gt;");
  });
});

describe("size", () => {
  test("a huge and hostile range keeps to its limit, and says what is left out", () => {
    const page = triagePage(
      pageFacts({
        changes: 3_000,
        shown: 3_000,
        foreign: HOSTILE.repeat(20),
        hunkLines: 400,
        given: HOSTILE.repeat(1_000),
      }),
    );
    expect(Buffer.byteLength(page)).toBeLessThanOrEqual(MOST_BYTES);
    const said = texts(page);
    expect(said).toMatch(/… and 2,\d{3} less likely changes do not fit into this page/);
    expect(said).toContain("Its lines are left out of this page");
    expect(said).toContain("The 500 most suspicious of 3,000 as a table");
    expect(said).toMatch(/[\d,]+ characters left out/);
    expect(page.trimEnd().endsWith("</html>")).toBe(true);
  });

  test("bins keep the first suspects as marks of their own", () => {
    const page = triagePage(pageFacts({ changes: 3_000 }));
    expect(page.match(/<a\s+class="mark /g)).toHaveLength(10);
    expect(page).toMatch(/<title>\s*6 changes, /);
  });
});

describe("less to say", () => {
  test("no symptom, no change", () => {
    const facts = pageFacts({ given: "" });
    expect(texts(triagePage(facts))).toContain("No symptom was given");
    const nothing = {
      ...facts,
      changes: [],
      screen: {
        ...facts.screen,
        nothing: "live is the good commit itself.",
        suspects: [],
        suspectsInAll: 0,
        areas: [],
      },
    };
    const said = texts(triagePage(nothing));
    expect(said).toContain("Nothing changed. live is the good commit itself.");
    expect(said).toContain("There is no change to suspect.");
    expect(said).not.toContain("Before going back");
  });

  test("not the code comes first where it is likelier", () => {
    const facts = pageFacts();
    const outside = { probability: 0.9, signals: [] };
    const said = texts(triagePage({ ...facts, screen: { ...facts.screen, outside } }));
    expect(said).toContain("It may well not be the code (90%)");
  });
});
