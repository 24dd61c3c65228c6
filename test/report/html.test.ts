import { expect, test } from "vitest";

import { asIs, cut, html, lines } from "../../src/report/html.ts";
import { HOSTILE } from "./facts.ts";

test("every value is escaped and made visible, in text and in attributes", () => {
  const page = html`<p title="${HOSTILE}">${HOSTILE}</p>`.toString();
  expect(page.match(/[<>]/g)).toHaveLength(4);
  expect(page.match(/"/g)).toHaveLength(2);
  expect(page).not.toMatch(/['`]/);
  // oxlint-disable-next-line no-control-regex -- that none is there is what is tested
  expect(page).not.toMatch(/[\u0000-\u001f\u202e\u200b]/);
  expect(page).toContain(String.raw`\u{0}\u{1b}[31m\u{202e}gnp`);
});

test("markup is kept once it is safe, lists are joined, nothing is nothing", () => {
  expect(html`<b>${["<", 2, null, html`<i>&amp;</i>`, [asIs("<u>")]]}</b>`.toString()).toBe(
    "<b>&lt;2<i>&amp;</i><u></b>",
  );
});

test("a value outside quotes is a bug, a value that ends with = is not", () => {
  expect(() => html`<p class=${"x"}></p>`).toThrow("quotes");
  expect(html`<p>${"a="}${"b"}</p>`.toString()).toBe("<p>a=b</p>");
});

test("lines keep their ends, tabs become spaces", () => {
  expect(lines("a\r\n\t<b>\u001b").toString()).toBe("a\n  &lt;b&gt;\\u{1b}");
});

test("a cut leaves whole characters", () => {
  expect(cut("abcdef", 6)).toBe("abcdef");
  expect(cut("abcdef", 4)).toBe("abc…");
  expect(cut("ab😀def", 4)).toBe("ab…");
  expect(cut("ab😀def", 5)).toBe("ab😀…");
});
