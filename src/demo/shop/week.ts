import type { Entry } from "./history.ts";

/**
 * What came after v1.4.0: innocent commits, and one that breaks the cart. The shop's setting says
 * `"eur"`; the old look-up took any case, the new table does not, and the tests ask for `"EUR"`.
 */
export const WEEK: readonly Entry[] = [
  {
    by: "jonas",
    say: "Explain how to add an article",
    put: {
      "docs/articles.md": `# Adding an article

Add a line to \`data/articles.json\`. Prices are in cents, the id is one short word,
the category one of tea, ware, food.
`,
    },
  },
  {
    by: "aisha",
    say: "Base image: Node 22",
    edit: { Dockerfile: [["node:20-slim", "node:22-slim"]] },
  },
  {
    pull: 38,
    branch: "search",
    title: "Search in the catalogue",
    by: "mira",
    work: [
      {
        by: "jonas",
        say: "Find articles by a word",
        put: {
          "src/catalogue/search.js": `/** Articles whose name has the word in it, whatever its case. */
export function search(articles, word) {
  const wanted = word.trim().toLowerCase();
  return articles.filter((article) => article.name.toLowerCase().includes(wanted));
}
`,
          "test/search.test.js": `import assert from "node:assert/strict";
import test from "node:test";

import { articles } from "../src/catalogue/articles.js";
import { search } from "../src/catalogue/search.js";

test("case does not matter", () => {
  assert.deepEqual(search(articles, "TEAPOT").map((article) => article.id), ["pot"]);
});
`,
        },
      },
      {
        by: "jonas",
        say: "A search box on the catalogue page",
        edit: {
          "src/catalogue/list.js": [
            [
              'from "./articles.js";\n',
              'from "./articles.js";\nimport { search as find } from "./search.js";\n',
            ],
            ["const chosen = articles.filter", 'const chosen = find(articles, search.get("q") ?? "").filter'],
          ],
        },
      },
    ],
    meanwhile: [
      {
        by: "priya",
        say: "Checkout: blanks around an e-mail address do no harm",
        edit: {
          "src/checkout/validate.js": [['.test(email ?? "")', '.test((email ?? "").trim())']],
        },
      },
    ],
  },
  {
    by: "lin",
    say: "Look currencies up in one place (#41)",
    body: "The table was read in two ways. Now there is one function for it, and the\ncatalogue can use it as well.",
    bad: true,
    edit: {
      "src/cart/currencies.js": [
        ["export const CURRENCIES = {", "const CURRENCIES = new Map(Object.entries({"],
        [
          '  USD: { symbol: "$", digits: 2, before: true },\n};\n',
          `  USD: { symbol: "$", digits: 2, before: true },
}));

/** The one place where a currency is looked up. */
export function findCurrency(code) {
  return CURRENCIES.get(code);
}
`,
        ],
      ],
      "src/cart/price.js": [
        ["import { CURRENCIES }", "import { findCurrency }"],
        [
          `  const currency = CURRENCIES[code.toUpperCase()] ?? CURRENCIES.EUR;
  const value = (amount / 10 ** currency.digits).toFixed(currency.digits);
  return place(currency, value);
`,
          `  const currency = findCurrency(code);
  const symbol = currency.symbol;
  const value = (amount / 10 ** currency.digits).toFixed(currency.digits);
  return place(currency, symbol, value);
`,
        ],
        ["function place(currency, value)", "function place(currency, symbol, value)"],
        [
          'currency.before ? currency.symbol + value : value + " " + currency.symbol',
          'currency.before ? symbol + value : value + " " + symbol',
        ],
      ],
    },
  },
  {
    by: "aisha",
    say: "CI: keep the npm cache",
    edit: {
      ".github/workflows/test.yml": [
        ["node-version: ${{ matrix.node }}", "node-version: ${{ matrix.node }}\n          cache: npm"],
      ],
    },
  },
  {
    by: "tomas",
    say: "Free shipping from 45 euro",
    edit: { "config/shop.json": [['"freeFrom": 5000', '"freeFrom": 4500']] },
  },
  {
    by: "priya",
    say: "The number of articles in the cart's title",
    edit: {
      "src/cart/view.js": [['page("Your cart", "<ul>', 'page("Your cart (" + lines.length + ")", "<ul>']],
    },
  },
  {
    by: "mira",
    say: "Log requests that take long",
    edit: {
      "server.js": [
        [
          "  const url = new URL",
          `  const started = performance.now();
  response.on("finish", () => {
    const ms = Math.round(performance.now() - started);
    if (ms > 500) log("info", request.url + " took " + ms + " ms");
  });
  const url = new URL`,
        ],
      ],
    },
  },
  {
    by: "jonas",
    say: "README: where the shop is described",
    edit: {
      "README.md": [["    npm test\n", "    npm test\n\nHow it is built: docs/architecture.md\n"]],
    },
  },
];
