import type { Entry } from "./history.ts";

/** The first days: a server, a catalogue, prices in euro. */
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
];
