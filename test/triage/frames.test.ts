import { describe, expect, test } from "vitest";

import { parseSymptom } from "../../src/triage/symptom.ts";

/** A text, and its frames as `function file:line` or `file:line`, innermost first. */
const TRACES: Readonly<Record<string, { readonly text: string; readonly frames: readonly string[] }>> = {
  node: {
    text: `TypeError: Cannot read properties of undefined (reading 'currency')
    at formatPrice (/app/src/cart/price.js:48:15)
    at new Cart (file:///app/src/cart/cart.mjs:12:3)
    at async Promise.all (index 0)
    at Object.<anonymous> [as render] (/app/src/page.js:7:1)
    at /app/src/server.js:90:12
    at node:internal/main/run_main_module:28:49`,
    frames: [
      "formatPrice /app/src/cart/price.js:48",
      "new Cart /app/src/cart/cart.mjs:12",
      "Object.<anonymous> /app/src/page.js:7",
      "/app/src/server.js:90",
    ],
  },
  chrome: {
    text: `Uncaught TypeError: x is not a function
    at formatPrice (https://shop.example.com/static/price.js:1:2345)
    at http://localhost:3000/src/cart.tsx?t=1732416000:10:5
    at render (webpack-internal:///./src/page.jsx:3:1)
    at load (webpack://shop/./src/load.ts:4:1)`,
    frames: [
      "formatPrice /static/price.js:1",
      "/src/cart.tsx:10",
      "render /./src/page.jsx:3",
      "load /./src/load.ts:4",
    ],
  },
  "firefox and safari": {
    text: `formatPrice@https://shop.example.com/static/price.js:1:2345
@https://shop.example.com/app.js:2:1`,
    frames: ["formatPrice /static/price.js:1", "/app.js:2"],
  },
  "python, innermost first": {
    text: `Traceback (most recent call last):
  File "/srv/shop/app.py", line 10, in main
    run()
  File "/srv/shop/cart/price.py", line 48, in format_price
    return value["currency"]
KeyError: 'currency'`,
    frames: ["format_price /srv/shop/cart/price.py:48", "main /srv/shop/app.py:10"],
  },
  ruby: {
    text: `app/models/price.rb:48:in \`format': undefined method 'currency' for nil (NoMethodError)
\tfrom app/controllers/cart.rb:12:in 'CartController#show'`,
    frames: ["format app/models/price.rb:48", "CartController#show app/controllers/cart.rb:12"],
  },
  java: {
    text: `java.lang.NullPointerException: currency
\tat com.example.shop.Price.format(Price.java:48) ~[shop.jar:1.2.3]
\tat com.example.shop.Cart$Item.lambda$show$0(Cart.java:12)
\tat java.base/java.lang.Thread.run(Thread.java:840)
\tat com.example.shop.Native.call(Native Method)
Caused by: java.io.IOException: gone`,
    frames: [
      "com.example.shop.Price.format Price.java:48",
      "com.example.shop.Cart$Item.lambda$show$0 Cart.java:12",
      "java.base/java.lang.Thread.run Thread.java:840",
    ],
  },
  go: {
    text: `panic: runtime error: index out of range [3] with length 3

goroutine 1 [running]:
main.formatPrice(0x0, 0x3)
\t/app/cart/price.go:48 +0x1d
github.com/example/shop/cart.(*Cart).Show(0xc000012345)
\t/app/cart/cart.go:12 +0x65`,
    frames: [
      "main.formatPrice /app/cart/price.go:48",
      "github.com/example/shop/cart.(*Cart).Show /app/cart/cart.go:12",
    ],
  },
  rust: {
    text: `thread 'main' panicked at src/price.rs:48:5:
index out of bounds
   3: shop::cart::show
             at ./src/cart.rs:12:9`,
    frames: ["src/price.rs:48", "shop::cart::show ./src/cart.rs:12"],
  },
  php: {
    text: `PHP Fatal error:  Uncaught TypeError: Unsupported operand in /app/src/Price.php:48
Stack trace:
#0 /app/src/Cart.php(12): Shop\\Price->format()
#1 {main}
  thrown in /app/src/Price.php on line 48`,
    frames: ["/app/src/Price.php:48", "Shop\\Price->format /app/src/Cart.php:12"],
  },
  "c#": {
    text: `System.NullReferenceException: Object reference not set
   at Shop.Price.Format(Decimal value) in C:\\build\\Shop\\Price.cs:line 48
   at Shop.Cart.Show() in /src/Shop/Cart.cs:line 12`,
    frames: [
      "Shop.Price.Format(Decimal value) C:\\build\\Shop\\Price.cs:48",
      "Shop.Cart.Show() /src/Shop/Cart.cs:12",
    ],
  },
  "gdb and sanitizers": {
    text: `#0  0x0000555555555131 in format_price (value=0x0) at src/price.c:48
#1  main () at main.c:12
    #0 0x4f2b1d in format_price /build/src/price.c:48:15`,
    frames: ["format_price src/price.c:48", "main main.c:12", "format_price /build/src/price.c:48"],
  },
  "a compiler": {
    text: `src/cart/price.ts(48,5): error\nsrc/cart/price.ts:48:5 - error TS2322: no`,
    frames: ["src/cart/price.ts:48"],
  },
  "windows, node": {
    text: `    at formatPrice (C:\\shop\\src\\price.js:48:15)`,
    frames: ["formatPrice C:\\shop\\src\\price.js:48"],
  },
  "a log line of JSON": {
    text: `2026-11-24T03:00:00Z web.1: {"level":"error","err":{"type":"TypeError","stack":"TypeError: no\\n    at formatPrice (/app/src/price.js:48:15)\\n    at show (/app/src/cart.js:12:1)"}}`,
    frames: ["formatPrice /app/src/price.js:48", "show /app/src/cart.js:12"],
  },
  "a log line of JSON that was cut off": {
    text: `{"level":"error","stack":"TypeError: no\\n    at formatPrice (/app/src/price.js:48:15)\\n    at sho`,
    frames: ["formatPrice /app/src/price.js:48"],
  },
  "with colours": {
    text: `\u001b[31m    at formatPrice (\u001b[1m/app/src/price.js\u001b[0m:48:15)\u001b[39m`,
    frames: ["formatPrice /app/src/price.js:48"],
  },
  "names with brackets": {
    text: `    at Page (/app/pages/shop/[id].tsx:48:1)`,
    frames: ["Page /app/pages/shop/[id].tsx:48"],
  },
  "words without a place": { text: "checkout is slow since 3:05, 50% of users, v1.2.3:4", frames: [] },
};

test.each(Object.keys(TRACES))("%s", (name) => {
  const { text = "", frames = [] } = TRACES[name] ?? {};
  const found = parseSymptom(text).frames.map((frame) =>
    [frame.function, `${frame.file}:${frame.line}`].filter((part) => part !== undefined).join(" "),
  );
  expect(found).toEqual(frames);
});

describe("the rest of a symptom", () => {
  test("errors, paths, terms and identifiers", () => {
    const symptom = parseSymptom(
      "TypeError in ./src/cart/price.ts and tax.sql: formatPrice got ECONNREFUSED, see /api/v1/orders.",
    );
    expect(symptom.errors).toEqual(["TypeError", "ECONNREFUSED"]);
    expect(symptom.paths).toEqual(["src/cart/price.ts", "tax.sql", "api/v1/orders"]);
    expect(symptom.terms).toEqual(expect.arrayContaining(["formatprice", "format", "price", "cart", "tax"]));
    expect(symptom.identifiers).toEqual(expect.arrayContaining(["formatPrice"]));
  });

  test("nothing is a symptom too", () => {
    expect(parseSymptom("")).toMatchObject({ frames: [], paths: [], errors: [], terms: [] });
  });

  test("of a long log the head and the tail are read", () => {
    const log = `    at first (/app/a.js:1:1)\n${"noise noise\n".repeat(100_000)}    at last (/app/z.js:9:1)`;
    expect(parseSymptom(log).frames.map((frame) => frame.function)).toEqual(["first", "last"]);
  });
});

/** Ten MiB each; what a careless pattern would look at again and again. */
const GARBAGE: Readonly<Record<string, string>> = {
  "one letter": "a",
  dotted: "a.",
  "capitals and dots": "A.",
  slashes: "a/",
  dashes: "a-",
  brackets: "[",
  "open groups": "(a ",
  "frames without an end": "at a ",
  "at and in": "at x in y ",
  numbered: "#1 ( ) ",
  colons: "a.b:",
  camel: "aB",
  quotes: "\"'`",
  braces: '{"a":',
  "line ends in strings": "\\n at ",
  spaces: " ",
  zero: "\u0000",
  "broken surrogates": "\ud800",
};

test.each(Object.keys(GARBAGE))("ten megabytes of %s end, and do no harm", { timeout: 10_000 }, (name) => {
  const piece = GARBAGE[name] ?? "";
  const text = piece.repeat(Math.ceil((10 * 1024 * 1024) / piece.length));
  for (const whole of [text, `at ${text}`, `#0 ${text}`, `File "${text}`, `E${text}Error`]) {
    const symptom = parseSymptom(whole);
    expect(symptom.frames.length).toBeLessThan(100);
  }
});
