import type { Entry } from "./history.ts";
import { release } from "./growth.ts";

/** v1.2.0 to v1.4.0, the last release that was good. `settings` is the text of mayday.yaml. */
export function season(settings: string): readonly Entry[] {
  return [
    {
      by: "jonas",
      say: "Sort the catalogue by name",
      edit: {
        "src/catalogue/list.js": [
          [
            "const rows = articles",
            "const sorted = articles.toSorted((a, b) => a.name.localeCompare(b.name));\n  const rows = sorted",
          ],
        ],
      },
    },
    {
      by: "lin",
      say: "Yen have no cents",
      edit: {
        "src/cart/currencies.js": [
          ["/** Symbol, and", "/** Symbol, digits after the point, and"],
          ['"€", before', '"€", digits: 2, before'],
          ['"£", before', '"£", digits: 2, before'],
          [
            '  USD: { symbol: "$", before: true },\n',
            '  JPY: { symbol: "¥", digits: 0, before: true },\n  USD: { symbol: "$", digits: 2, before: true },\n',
          ],
        ],
        "src/cart/price.js": [
          ["/** Cents to", "/** Minor units to"],
          ["formatPrice(cents,", "formatPrice(amount,"],
          ["(cents / 100).toFixed(2)", "(amount / 10 ** currency.digits).toFixed(currency.digits)"],
        ],
      },
    },
    {
      by: "lin",
      say: "Test yen",
      edit: {
        "test/price.test.js": [
          [
            'assert.equal(formatPrice(1234, "USD"), "$12.34");\n});\n',
            `assert.equal(formatPrice(1234, "USD"), "$12.34");
});

test("yen have no digits after the point", () => {
  assert.equal(formatPrice(1234, "JPY"), "¥1234");
});
`,
          ],
        ],
      },
    },
    {
      by: "aisha",
      say: "Let the platform ask for health",
      edit: {
        Dockerfile: [
          [
            "USER node\n",
            "USER node\nHEALTHCHECK --interval=10s CMD node -e \"fetch('http://127.0.0.1:8080/healthz').then((r) => process.exit(r.ok ? 0 : 1))\"\n",
          ],
        ],
      },
    },
    {
      by: "tomas",
      say: "Free shipping for large carts",
      edit: {
        "config/shop.json": [['{ "fee": 490 }', '{ "fee": 490, "freeFrom": 5000 }']],
        "src/cart/shipping.js": [
          [
            'import { config } from "../config.js";\n',
            'import { config } from "../config.js";\nimport { cartTotal } from "./cart.js";\n',
          ],
          [
            "return lines.length === 0 ? 0 : config.shipping.fee;",
            "const { fee, freeFrom } = config.shipping;\n  return lines.length === 0 || cartTotal(lines) >= freeFrom ? 0 : fee;",
          ],
        ],
        "test/shipping.test.js": [
          [
            '"tea:1")), 490);\n});\n',
            '"tea:1")), 490);\n});\n\ntest("a large cart is sent for free", () => {\n  assert.equal(shippingFee(parseCart("pot:2")), 0);\n});\n',
          ],
        ],
      },
    },
    {
      by: "priya",
      say: "Room for a note of the customer",
      put: {
        "db/migrations/0002_customer_note.sql": "ALTER TABLE orders ADD COLUMN customer_note TEXT;\n",
      },
    },
    release("1.3.0", "1.2.0", "Yen; free shipping for large carts."),
    {
      pull: 23,
      branch: "categories",
      title: "Categories in the catalogue",
      by: "priya",
      work: [
        {
          by: "jonas",
          say: "Every article has a category",
          edit: {
            "data/articles.json": [
              ['"price": 690 }', '"price": 690, "category": "tea" }'],
              ['"price": 1250 }', '"price": 1250, "category": "ware" }'],
              ['"price": 980 }', '"price": 980, "category": "food" }'],
              ['"price": 4900 }', '"price": 4900, "category": "ware" }'],
            ],
          },
        },
        {
          by: "jonas",
          say: "Show one category",
          edit: {
            "src/catalogue/list.js": [
              ["renderCatalogue()", "renderCatalogue(search)"],
              [
                "const sorted = articles.toSorted(",
                'const category = search.get("category");\n  const chosen = articles.filter((article) => !category || article.category === category);\n  const sorted = chosen.toSorted(',
              ],
            ],
          },
        },
      ],
      meanwhile: [
        {
          by: "aisha",
          say: "Headers that browsers should see",
          edit: {
            "server.js": [
              [
                "  const url = new URL",
                '  response.setHeader("x-content-type-options", "nosniff");\n  response.setHeader("referrer-policy", "same-origin");\n  const url = new URL',
              ],
            ],
          },
        },
      ],
    },
    {
      by: "aisha",
      say: "Watch production with mayday",
      put: { "mayday.yaml": settings },
    },
    {
      by: "lin",
      say: "Swiss francs",
      edit: {
        "src/cart/currencies.js": [["  EUR:", '  CHF: { symbol: "CHF", digits: 2, before: false },\n  EUR:']],
      },
    },
    {
      by: "tomas",
      say: "The price of every line in the cart",
      edit: {
        "src/cart/view.js": [
          [
            'line.article.name) + "</li>\\n"',
            'line.article.name) + ", " + formatPrice(line.article.price * line.count, currency) + "</li>\\n"',
          ],
        ],
      },
    },
    {
      by: "tomas",
      say: "Say it when the cart is empty",
      edit: {
        "src/cart/view.js": [
          [
            "  const currency =",
            '  if (lines.length === 0) return { body: page("Your cart", "<p>Nothing in it yet.</p>\\n") };\n  const currency =',
          ],
        ],
      },
    },
    {
      by: "priya",
      say: "Who knows what",
      put: {
        CODEOWNERS: `/src/cart/       @lin @tomas
/src/catalogue/  @jonas
/src/checkout/   @priya
/db/             @aisha @priya
`,
      },
    },
    release("1.4.0", "1.3.0", "Categories; Swiss francs."),
  ];
}
