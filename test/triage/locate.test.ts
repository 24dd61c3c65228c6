import { describe, expect, test } from "vitest";

import { locateFrames, PathIndex } from "../../src/triage/locate.ts";
import { parseSymptom } from "../../src/triage/symptom.ts";

const INDEX = new PathIndex([
  "src/cart/price.ts",
  "src/cart/index.ts",
  "src/tax/index.ts",
  "src/Tax/Rate.java",
  "src/tax/rate.java",
  "app/(shop)/checkout/page.tsx",
  "app/shop/[id].tsx",
  "web/main.js",
  "admin/main.js",
  "lib/my file.rb",
  "src/main/java/com/example/shop/Cart.java",
  "src/test/java/com/example/fake/Cart.java",
  "app/Cart/Price.php",
]);

describe("a file is found by the longest end that agrees", () => {
  test.each([
    ["src/cart/price.ts", "src/cart/price.ts"],
    ["/app/src/cart/price.ts", "src/cart/price.ts"],
    ["/builds/acme/shop/src/cart/price.ts", "src/cart/price.ts"],
    ["C:\\agent\\_work\\1\\s\\src\\cart\\price.ts", "src/cart/price.ts"],
    ["webpack:///./src/cart/price.ts?a1b2", "src/cart/price.ts"],
    ["webpack://shop/./src/cart/price.ts", "src/cart/price.ts"],
    ["file:///var/task/src/cart/price.ts", "src/cart/price.ts"],
    ["https://shop.example.com/web/main.js", "web/main.js"],
    ["/(app-pages-browser)/./app/(shop)/checkout/page.tsx", "app/(shop)/checkout/page.tsx"],
    ["file:///srv/app/shop/%5Bid%5D.tsx", "app/shop/[id].tsx"],
    ["/srv/lib/my%20file.rb", "lib/my file.rb"],
    ["/x/SRC/CART/PRICE.TS", "src/cart/price.ts"],
    ["/x/src/Tax/Rate.java", "src/Tax/Rate.java"],
    ["/x/src/tax/rate.java", "src/tax/rate.java"],
    ["/x/y/cart/index.ts", "src/cart/index.ts"],
    // Several agree as well: no answer.
    ["/x/main.js", undefined],
    ["/x/index.ts", undefined],
    ["/x/src/TAX/RATE.java", undefined],
    ["/x/other.ts", undefined],
    ["%E0%A4%A", undefined],
    ["", undefined],
  ])("%s", (name, expected) => {
    expect(INDEX.find(name)?.path).toBe(expected);
  });

  test("an import needs no ending, a built file leads to its source", () => {
    expect(INDEX.named("cart/price")).toEqual(["src/cart/price.ts"]);
    expect(INDEX.named("@/src/cart")).toEqual(["src/cart/index.ts"]);
    expect(INDEX.named("App\\Cart\\Price")).toEqual(["app/Cart/Price.php"]);
    expect(INDEX.named("and/or")).toEqual([]);
    expect(INDEX.findSource("dist/cart/price.js")?.path).toBe("src/cart/price.ts");
  });
});

test("frames of the language, of packages and of others are not of the repository", () => {
  const { frames } = parseSymptom(`java.lang.IllegalStateException: closed
	at com.example.shop.Cart.open(Cart.java:48)
	at com.other.Cart.open(Cart.java:12)
Error: no
    at a (/app/node_modules/left/src/cart/price.ts:1:1)
    at b (C:\\app\\node_modules\\left\\web\\main.js:2:1)
    at c (/usr/lib/python3/web/main.js:3:1)
    at d (node:internal/main.js:4:1)
    at e (/app/dist/cart/price.js:5:1)`);
  expect(locateFrames(frames, INDEX).map(({ path, line }) => [path, line])).toEqual([
    ["src/main/java/com/example/shop/Cart.java", 48],
    ["src/cart/price.ts", null],
  ]);
});
