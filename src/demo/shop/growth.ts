import type { Entry, Work } from "./history.ts";

/** A release as this shop does it: version, a few words in the changelog, a tag. */
export function release(version: string, from: string, words: string): Work {
  return {
    by: "mira",
    say: `Release ${version}`,
    tag: `v${version}`,
    edit: {
      "package.json": [[`"version": "${from}"`, `"version": "${version}"`]],
      "CHANGELOG.md": [["# Changes\n", `# Changes\n\n## ${version}\n\n- ${words}\n`]],
    },
  };
}

/** v1.0.0 to v1.2.0: more currencies, shipping, a checkout. */
export const GROWTH: readonly Entry[] = [
  {
    pull: 9,
    branch: "pounds-and-dollars",
    title: "Pounds and dollars",
    by: "mira",
    work: [
      {
        by: "lin",
        say: "A table of currencies",
        put: {
          "src/cart/currencies.js": `/** Symbol, and whether it stands before the number. */
export const CURRENCIES = {
  EUR: { symbol: "€", before: false },
  GBP: { symbol: "£", before: true },
  USD: { symbol: "$", before: true },
};
`,
        },
      },
      {
        by: "lin",
        say: "Prices take a currency",
        put: {
          "src/cart/price.js": `import { CURRENCIES } from "./currencies.js";

/** Cents to what a customer reads: 1234, "EUR" is "12.34 €". */
export function formatPrice(cents, code = "EUR") {
  const currency = CURRENCIES[code] ?? CURRENCIES.EUR;
  const value = (cents / 100).toFixed(2);
  return place(currency, value);
}

/** Pounds and dollars stand before the number, others after it. */
function place(currency, value) {
  return currency.before ? currency.symbol + value : value + " " + currency.symbol;
}
`,
        },
      },
      {
        by: "lin",
        say: "Tests for pounds and dollars",
        edit: {
          "test/price.test.js": [
            [
              'assert.equal(formatPrice(1234), "12.34 €");\n});\n',
              `assert.equal(formatPrice(1234), "12.34 €");
});

test("pounds and dollars stand before it", () => {
  assert.equal(formatPrice(1234, "GBP"), "£12.34");
  assert.equal(formatPrice(1234, "USD"), "$12.34");
});
`,
            ],
          ],
        },
      },
    ],
    meanwhile: [
      {
        by: "priya",
        say: "Say how to run it",
        edit: {
          "README.md": [["sold on the web.\n", "sold on the web.\n\n    npm start\n    npm test\n"]],
        },
      },
    ],
  },
  {
    by: "aisha",
    say: "Settings in one file",
    put: {
      "config/shop.json": `{
  "currency": "eur",
  "shipping": { "fee": 490 }
}
`,
      "src/config.js": `import { readFileSync } from "node:fs";

const FILE = new URL("../config/shop.json", import.meta.url);

export const config = JSON.parse(readFileSync(FILE, "utf8"));
`,
    },
  },
  {
    by: "tomas",
    say: "The cart in the customer's currency",
    edit: {
      "src/cart/view.js": [
        ["import { escape, page }", 'import { config } from "../config.js";\nimport { escape, page }'],
        ["STARTER);\n", 'STARTER);\n  const currency = search.get("currency") ?? config.currency;\n'],
        ["formatPrice(cartTotal(lines))", "formatPrice(cartTotal(lines), currency)"],
      ],
      "src/cart/price.js": [["CURRENCIES[code]", "CURRENCIES[code.toUpperCase()]"]],
    },
  },
  {
    by: "jonas",
    say: "A page on how it is built",
    put: {
      "docs/architecture.md": `# How the shop is built

One process, no dependencies. A route is a function from the query to an answer.

- \`src/catalogue\` what we sell
- \`src/cart\` what somebody wants to buy, and how prices are written
- \`config/shop.json\` what differs between shops
`,
    },
  },
  release("1.1.0", "1.0.0", "Pounds and dollars; settings in config/shop.json."),
  {
    by: "tomas",
    say: "Shipping",
    put: {
      "src/cart/shipping.js": `import { config } from "../config.js";

/** Cents for sending a cart. */
export function shippingFee(lines) {
  return lines.length === 0 ? 0 : config.shipping.fee;
}
`,
    },
    edit: {
      "src/cart/view.js": [
        ['from "./price.js";\n', 'from "./price.js";\nimport { shippingFee } from "./shipping.js";\n'],
        [
          "formatPrice(cartTotal(lines), currency)",
          "formatPrice(cartTotal(lines) + shippingFee(lines), currency)",
        ],
      ],
    },
  },
  {
    by: "tomas",
    say: "Test shipping",
    put: {
      "test/shipping.test.js": `import assert from "node:assert/strict";
import test from "node:test";

import { parseCart } from "../src/cart/cart.js";
import { shippingFee } from "../src/cart/shipping.js";

test("an empty cart costs nothing to send", () => {
  assert.equal(shippingFee([]), 0);
});

test("a small cart costs the fee", () => {
  assert.equal(shippingFee(parseCart("tea:1")), 490);
});
`,
    },
  },
  {
    pull: 14,
    branch: "checkout",
    title: "Checkout: address and order number",
    by: "mira",
    work: [
      {
        by: "priya",
        say: "Order numbers that people can read aloud",
        put: {
          "src/checkout/order.js": `const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ";

/** "L-00042": one letter for the year, then the count. */
export function orderNumber(year, count) {
  return LETTERS[year % LETTERS.length] + "-" + String(count).padStart(5, "0");
}
`,
        },
      },
      {
        by: "priya",
        say: "Check the address before the order",
        put: {
          "src/checkout/validate.js": `/** What is wrong with an address; empty when nothing is. */
export function addressProblems({ name, street, city, email }) {
  const problems = [];
  if (!name) problems.push("name is missing");
  if (!street) problems.push("street is missing");
  if (!city) problems.push("city is missing");
  if (!/^\\S+@\\S+$/.test(email ?? "")) problems.push("e-mail is not an address");
  return problems;
}
`,
        },
      },
      {
        by: "priya",
        say: "Test the checkout",
        put: {
          "test/checkout.test.js": `import assert from "node:assert/strict";
import test from "node:test";

import { orderNumber } from "../src/checkout/order.js";
import { addressProblems } from "../src/checkout/validate.js";

test("order numbers are short", () => {
  assert.equal(orderNumber(2026, 42), "L-00042");
});

test("an address without a street is refused", () => {
  assert.deepEqual(addressProblems({ name: "A", city: "B", email: "a@b.example" }), ["street is missing"]);
});
`,
        },
      },
    ],
    meanwhile: [
      {
        by: "aisha",
        say: "Test on Node 20 and 22",
        edit: {
          ".github/workflows/test.yml": [
            [
              "    runs-on: ubuntu-latest\n",
              "    runs-on: ubuntu-latest\n    strategy:\n      matrix: { node: [20, 22] }\n",
            ],
            ["node-version: 20", "node-version: ${{ matrix.node }}"],
          ],
        },
      },
    ],
  },
  {
    by: "aisha",
    say: "A table for orders",
    put: {
      "db/migrations/0001_orders.sql": `CREATE TABLE orders (
  number TEXT PRIMARY KEY,
  placed_at TIMESTAMP NOT NULL,
  currency CHAR(3) NOT NULL,
  total_cents INTEGER NOT NULL
);
`,
    },
  },
  {
    by: "priya",
    say: "Write down what the checkout does",
    put: {
      "docs/checkout.md": `# Checkout

1. The address is checked; what is wrong is said in one list.
2. The order gets a number that can be read aloud.
3. The order is stored. Money is taken by the payment provider, not by us.
`,
    },
  },
  release("1.2.0", "1.1.0", "Shipping; a checkout."),
];
