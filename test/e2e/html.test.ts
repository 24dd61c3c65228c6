import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { triagePage } from "../../src/report/page.ts";
import { HOSTILE, pageFacts } from "../report/facts.ts";
import { Chromium, findChromium, type Tab, type View } from "../support/chromium.ts";
import { scratch } from "../support/repository.ts";

const program = findChromium();
// Said aloud: a green run without a browser is not taken for one with it.
if (program === null)
  process.stderr.write(
    "SKIPPED test/e2e/html.test.ts: no Chromium (apt-get install chromium-headless-shell)\n",
  );

describe.skipIf(program === null)("in Chromium", () => {
  let browser: Chromium;
  beforeAll(() => {
    browser = new Chromium(program ?? "");
  });
  afterAll(() => browser.close());

  async function look(
    page: string,
    view: View,
    act: (tab: Tab, file: string) => Promise<void>,
  ): Promise<void> {
    const file = path.join(scratch(), "page.html");
    writeFileSync(file, page);
    const tab = await browser.open(file, view);
    try {
      await act(tab, file);
    } finally {
      await tab.close();
    }
  }

  const VIEWS: readonly View[] = [360, 1_280].flatMap((width) =>
    [false, true].map((dark) => ({ width, dark })),
  );
  const hostile = triagePage(
    pageFacts({
      foreign: HOSTILE,
      firstError: Date.parse("2026-01-05T09:05:00Z"),
      given: `${HOSTILE}\n${"x".repeat(900)}`,
    }),
  );

  test.each(VIEWS)(
    "$width px, dark: $dark: nothing runs, nothing is asked for, nothing sticks out",
    async (view) => {
      await look(hostile, view, async (tab, file) => {
        await tab.value("for (const one of document.querySelectorAll('details')) one.open = true");
        const wide = await tab.value<number[]>(
          "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
        );
        expect(wide).toEqual([view.width, view.width]);
        expect(
          await tab.value(
            "document.querySelectorAll('img, script:not(:last-of-type), [onerror], [onload]').length",
          ),
        ).toBe(0);
        expect(await tab.value("document.querySelectorAll('article').length")).toBe(5);
        expect(tab.dialogs).toEqual([]);
        expect(tab.complaints).toEqual([]);
        expect(tab.requests).toEqual([pathToFileURL(file).href]);
      });
    },
  );

  test("a policy that is broken would be heard of", async () => {
    const page = hostile.replace(
      "<main>",
      '<main><img src="https://example.com/x.png"><p style="color: red"></p><script>alert(1)</script>',
    );
    await look(page, { width: 1_280 }, async (tab) => {
      expect(tab.dialogs).toEqual([]);
      for (const directive of ["img-src", "style-src", "script-src"])
        expect(tab.complaints.join("\n")).toContain(directive);
    });
  });

  test("each width has its own drawing, each colour scheme its own colours", async () => {
    const seen = new Set<string>();
    for (const view of VIEWS)
      await look(hostile, view, async (tab) => {
        const drawn = await tab.value<string[]>(
          "[...document.querySelectorAll('svg.plot')].filter((plot) => plot.getBoundingClientRect().width > 0).map((plot) => plot.getAttribute('class'))",
        );
        expect(drawn).toEqual([view.width < 700 ? "plot narrow" : "plot wide"]);
        seen.add(await tab.value("getComputedStyle(document.body).backgroundColor"));
      });
    expect(seen.size).toBe(2);
  });

  test("the smallest text of the plot can be read on a telephone", async () => {
    await look(hostile, { width: 360 }, async (tab) => {
      const sizes = await tab.value<number[]>(
        "[...document.querySelectorAll('svg.narrow text')].filter((text) => text.textContent.trim() !== '').map((text) => text.getBoundingClientRect().height)",
      );
      expect(sizes.length).toBeGreaterThan(8);
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(11);
    });
  });

  test("a button copies the command, the whole id is copied, and it is said", async () => {
    await look(hostile, { width: 1_280 }, async (tab) => {
      await tab.value("navigator.clipboard.writeText = async (text) => { window.copied = text; }");
      await tab.value("document.querySelector('.verdict .copy').click()");
      expect(await tab.value("window.copied")).toMatch(/^mayday rollback production --to /);
      await tab.value("document.querySelector('.suspect .copy').click()");
      expect(await tab.value("window.copied")).toBe("1".padStart(40, "0"));
      expect(await tab.value("document.getElementById('said').textContent")).toContain("Copied 0000");
    });
  });

  test("without scripts all is there to read, and no button that does nothing", async () => {
    await look(hostile, { width: 1_280, scripts: false }, async (tab) => {
      expect(await tab.value("document.querySelectorAll('button').length")).toBe(0);
      expect(await tab.value("document.querySelectorAll('.hunk').length")).toBe(20);
      expect(await tab.value("document.querySelector('.verdict code[data-copy]').textContent")).toContain(
        "mayday rollback",
      );
      expect(tab.complaints).toEqual([]);
    });
  });

  test("Tab comes to every control, and where one is can be seen", async () => {
    await look(hostile, { width: 1_280 }, async (tab) => {
      const reached = new Set<string>();
      for (let n = 0; n < 30; n += 1) {
        await tab.press("Tab");
        reached.add(await tab.value("document.activeElement.tagName.toLowerCase()"));
        expect(await tab.value("getComputedStyle(document.activeElement).outlineStyle")).not.toBe("none");
      }
      for (const name of ["a", "button", "summary", "pre"]) expect([...reached]).toContain(name);
    });
  });

  test("code that is selected is copied without line numbers and blank lines", async () => {
    await look(triagePage(pageFacts()), { width: 1_280 }, async (tab) => {
      const copied = await tab.value<string>(
        "(() => { const range = document.createRange(); range.selectNodeContents(document.querySelector('.hunk pre code')); const selection = getSelection(); selection.removeAllRanges(); selection.addRange(range); return selection.toString(); })()",
      );
      expect(copied.split("\n").slice(1, 3)).toEqual([
        "-  return item.price + money;",
        "+  return item.price + currency;",
      ]);
    });
  });

  test("3,000 changes make a page that still fits", async () => {
    await look(triagePage(pageFacts({ changes: 3_000 })), { width: 360 }, async (tab, file) => {
      expect(readFileSync(file).length).toBeLessThan(2_000_000);
      expect(await tab.value("document.documentElement.scrollWidth")).toBe(360);
      expect(await tab.value("document.querySelectorAll('svg.narrow a.mark').length")).toBe(5);
    });
  });
});
