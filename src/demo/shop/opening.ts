import type { Entry } from "./history.ts";

/** From nothing to v1.0.0: a catalogue, a cart, one currency. */
export const OPENING: readonly Entry[] = [
  {
    by: "mira",
    say: "Start the shop",
    put: {
      "README.md": `# Corner shop

Tea, honey and mugs, sold on the web.
`,
      "package.json": `{
  "name": "corner-shop",
  "version": "0.1.0",
  "private": true,
  "type": "module",
  "scripts": {
    "start": "node server.js",
    "test": "node --test"
  },
  "engines": {
    "node": ">=20"
  }
}
`,
      ".gitignore": `node_modules/
coverage/
*.log
`,
    },
  },
  {
    by: "mira",
    say: "A server that answers /healthz",
    put: {
      "server.js": `import http from "node:http";

import { log } from "./src/log.js";
import { routes } from "./src/routes.js";

const server = http.createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://shop.internal");
  try {
    const route = routes[url.pathname];
    const answer = route ? route(url.searchParams) : { status: 404, type: "text/plain", body: "not found\\n" };
    response.writeHead(answer.status ?? 200, { "content-type": answer.type ?? "text/html; charset=utf-8" });
    response.end(answer.body);
  } catch (error) {
    log("error", request.method + " " + request.url + " failed", error);
    response.writeHead(500, { "content-type": "text/plain" });
    response.end("Sorry, something broke. We are looking into it.\\n");
  }
});

server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => {
  log("info", "listening on port " + server.address().port);
});

// Finish what was asked, then go.
process.on("SIGTERM", () => server.close(() => process.exit(0)));

// Whoever started us holds our standard input: when they are gone, so are we.
process.stdin.resume().on("end", () => process.exit(0));
`,
      "src/routes.js": `export const routes = {
  "/healthz": () => ({ type: "text/plain", body: "ok\\n" }),
};
`,
      "src/log.js": `/** One line for people, and the stack where there is one. */
export function log(level, text, error) {
  const stream = level === "error" ? process.stderr : process.stdout;
  stream.write(new Date().toISOString() + " " + level + " " + text + "\\n");
  if (error) stream.write(error.stack + "\\n");
}
`,
    },
  },
  {
    by: "jonas",
    say: "The first articles",
    put: {
      "data/articles.json": `[
  { "id": "tea", "name": "Green tea, 100 g", "price": 690 },
  { "id": "mug", "name": "Mug, blue", "price": 1250 },
  { "id": "honey", "name": "Forest honey, 500 g", "price": 980 },
  { "id": "pot", "name": "Teapot, cast iron", "price": 4900 }
]
`,
      "src/catalogue/articles.js": `import { readFileSync } from "node:fs";

const FILE = new URL("../../data/articles.json", import.meta.url);

export const articles = JSON.parse(readFileSync(FILE, "utf8"));

export function findArticle(id) {
  return articles.find((article) => article.id === id);
}
`,
    },
  },
  {
    by: "jonas",
    say: "Show the catalogue",
    put: {
      "src/page.js": `/** A whole page around its content. */
export function page(title, content) {
  return (
    '<!doctype html>\\n<html lang="en">\\n<head><meta charset="utf-8"><title>' +
    title +
    " · Corner shop</title></head>\\n<body>\\n<h1>" +
    title +
    "</h1>\\n" +
    content +
    "</body>\\n</html>\\n"
  );
}
`,
      "src/catalogue/list.js": `import { page } from "../page.js";
import { articles } from "./articles.js";

export function renderCatalogue() {
  const rows = articles.map((article) => "<li>" + article.name + "</li>\\n");
  return { body: page("Catalogue", "<ul>\\n" + rows.join("") + "</ul>\\n") };
}
`,
    },
    edit: {
      "src/routes.js": [
        [
          "export const routes",
          'import { renderCatalogue } from "./catalogue/list.js";\n\nexport const routes',
        ],
        ['"ok\\n" }),\n', '"ok\\n" }),\n  "/catalogue": renderCatalogue,\n'],
      ],
    },
  },
  {
    by: "priya",
    say: "Test that every article is listed",
    put: {
      "test/catalogue.test.js": `import assert from "node:assert/strict";
import test from "node:test";

import { articles } from "../src/catalogue/articles.js";
import { renderCatalogue } from "../src/catalogue/list.js";

test("the catalogue lists every article", () => {
  const { body } = renderCatalogue(new URLSearchParams());
  for (const article of articles) assert.ok(body.includes(article.name), article.name);
});
`,
    },
  },
  {
    by: "priya",
    say: "Run the tests on every push",
    put: {
      ".github/workflows/test.yml": `name: test
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 20
      - run: npm test
`,
    },
  },
  {
    by: "lin",
    say: "Write prices as people read them",
    put: {
      "src/cart/price.js": `/** Cents to what a customer reads: 1234 is "12.34 €". */
export function formatPrice(cents) {
  return (cents / 100).toFixed(2) + " €";
}
`,
      "test/price.test.js": `import assert from "node:assert/strict";
import test from "node:test";

import { formatPrice } from "../src/cart/price.js";

test("euro stand after the number", () => {
  assert.equal(formatPrice(1234), "12.34 €");
});
`,
    },
  },
  {
    by: "lin",
    say: "Prices in the catalogue",
    edit: {
      "src/catalogue/list.js": [
        ["import { page }", 'import { formatPrice } from "../cart/price.js";\nimport { page }'],
        ['article.name + "</li>\\n"', 'article.name + " " + formatPrice(article.price) + "</li>\\n"'],
      ],
    },
  },
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
