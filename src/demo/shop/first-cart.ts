import type { Entry } from "./history.ts";

/** On to v1.0.0: a cart, an image to deploy, a version to ask for. */
export const FIRST_CART: readonly Entry[] = [
  {
    by: "tomas",
    say: "A cart with lines and a total",
    put: {
      "src/cart/cart.js": `import { findArticle } from "../catalogue/articles.js";
import { total } from "./total.js";

/** "tea:2,mug:1" as lines; what the shop does not sell is left out. */
export function parseCart(text) {
  return text
    .split(",")
    .map((part) => part.split(":"))
    .map(([id, count]) => ({ article: findArticle(id), count: Number(count ?? 1) }))
    .filter((line) => line.article !== undefined && line.count > 0);
}

export function cartTotal(lines) {
  return total(lines.map((line) => line.article.price * line.count));
}
`,
      "src/cart/total.js": `/** The sum of amounts in cents. */
export function total(amounts) {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}
`,
      "test/cart.test.js": `import assert from "node:assert/strict";
import test from "node:test";

import { cartTotal, parseCart } from "../src/cart/cart.js";

test("a cart adds up", () => {
  assert.equal(cartTotal(parseCart("tea:2,mug:1")), 2630);
});

test("unknown articles are left out", () => {
  assert.equal(parseCart("tea:1,piano:1").length, 1);
});
`,
    },
  },
  {
    by: "tomas",
    say: "Show the cart",
    put: {
      "src/cart/view.js": `import { page } from "../page.js";
import { cartTotal, parseCart } from "./cart.js";
import { formatPrice } from "./price.js";

const STARTER = "tea:2,mug:1,honey:1";

export function renderCart(search) {
  const lines = parseCart(search.get("items") ?? STARTER);
  const rows = lines.map(
    (line) => "<li>" + line.count + " × " + line.article.name + "</li>\\n",
  );
  const sum = formatPrice(cartTotal(lines));
  return { body: page("Your cart", "<ul>\\n" + rows.join("") + "</ul>\\n<p>Total " + sum + "</p>\\n") };
}
`,
    },
    edit: {
      "src/routes.js": [
        [
          "import { renderCatalogue }",
          'import { renderCart } from "./cart/view.js";\nimport { renderCatalogue }',
        ],
        ['  "/catalogue"', '  "/cart": renderCart,\n  "/catalogue"'],
      ],
    },
  },
  {
    by: "aisha",
    say: "Build an image",
    put: {
      Dockerfile: `FROM node:20-slim
WORKDIR /srv/shop
COPY . .
ENV NODE_ENV=production PORT=8080
USER node
CMD ["node", "server.js"]
`,
      ".dockerignore": `.git
node_modules
test
docs
`,
    },
  },
  {
    by: "jonas",
    say: "A home page",
    put: {
      "src/home.js": `import { articles } from "./catalogue/articles.js";
import { page } from "./page.js";

export function renderHome() {
  const [first] = articles;
  return { body: page("Welcome", '<p>New: <a href="/catalogue">' + first.name + "</a></p>\\n") };
}
`,
    },
    edit: {
      "src/routes.js": [
        ['list.js";\n', 'list.js";\nimport { renderHome } from "./home.js";\n'],
        ['  "/cart"', '  "/": renderHome,\n  "/cart"'],
      ],
    },
  },
  {
    by: "aisha",
    say: "Tell which commit is running",
    put: {
      "src/version.js": `/** What runs here: the deploy sets COMMIT. */
export function renderVersion() {
  const commit = process.env.COMMIT ?? "unknown";
  return { type: "application/json", body: JSON.stringify({ commit }) + "\\n" };
}
`,
    },
    edit: {
      "src/routes.js": [
        ['home.js";\n', 'home.js";\nimport { renderVersion } from "./version.js";\n'],
        ["renderCatalogue,\n", 'renderCatalogue,\n  "/version": renderVersion,\n'],
      ],
    },
  },
  {
    by: "mira",
    say: "Names of articles cannot be HTML",
    edit: {
      "src/page.js": [
        [
          "/** A whole page",
          `const HTML = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export function escape(text) {
  return text.replace(/[&<>"]/g, (character) => HTML[character]);
}

/** A whole page`,
        ],
      ],
      "src/catalogue/list.js": [
        ["import { page }", "import { escape, page }"],
        ["article.name +", "escape(article.name) +"],
      ],
      "src/cart/view.js": [
        ["import { page }", "import { escape, page }"],
        ["line.article.name +", "escape(line.article.name) +"],
      ],
    },
  },
  {
    by: "mira",
    say: "Release 1.0.0",
    tag: "v1.0.0",
    put: {
      "CHANGELOG.md": `# Changes

## 1.0.0

- A catalogue, a cart, prices in euro.
`,
    },
    edit: { "package.json": [['"0.1.0"', '"1.0.0"']] },
  },
];
