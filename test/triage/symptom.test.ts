import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Symptom } from "../../src/model/triage.ts";
import { parseSymptom } from "../../src/triage/symptom.ts";
import { splitWord } from "../../src/triage/symptom/terms.ts";
import { bounded, clean, joined, SYMPTOM_LENGTH } from "../../src/triage/symptom/clean.ts";

type Part = { readonly [Key in keyof Symptom]?: unknown };

/** Sentences as people write them, and what must be found in them. */
const PROSE: readonly (readonly [string, Part])[] = [
  ["/checkout returns 500 since 3:05", { endpoints: ["/checkout"], statuses: [500], kinds: ["http"] }],
  [
    "Customers get a 502 Bad Gateway on POST /api/orders/42?full=1.",
    { endpoints: ["/api/orders/42"], statuses: [502] },
  ],
  [
    "the page https://shop.example.com:8443/cart/items#top gives 404s",
    { endpoints: ["/cart/items"], statuses: [404] },
  ],
  ["status=503, then HTTP 504 and statusCode: 429", { statuses: [503, 504, 429] }],
  ["the job took 500 ms for 404 items and 502 users", { statuses: [] }],
  ["GET /healthz HTTP/1.1 200", { statuses: [] }],
  ["since the `new-checkout` flag is on, totals are wrong", { flags: ["new-checkout"] }],
  ["feature flag enable_gift_cards breaks it", { flags: ["enable_gift_cards"] }],
  ["the flag was changed and the toggle is broken", { flags: [] }],
  ["STRIPE_API_VERSION is not set", { variables: ["STRIPE_API_VERSION"] }],
  ["missing environment variable REGION", { variables: ["REGION"] }],
  ["process.env.CART_TTL is undefined, MAX_ITEMS too", { variables: ["CART_TTL"] }],
  ["code: 'ERR_MODULE_NOT_FOUND'", { variables: [], errors: ["ERR_MODULE_NOT_FOUND"] }],
  ['the `orders` table has lost its column "gift_note"', { tables: ["orders"], columns: ["gift_note"] }],
  ["we select a plan from the list and update it", { tables: [], columns: [] }],
  ['It prints "could not find the price list" and stops', { messages: ["could not find the price list"] }],
  ["invalid byte sequence in UTF-8", { messages: ["invalid byte sequence in"] }],
  [
    "Headers in overlays of the shop are no longer fixed, and customers began to complain about it at noon.",
    { messages: [] },
  ],
  ["PriceTest and test_total fail on CI", { tests: ["PriceTest", "test_total"], kinds: ["test"] }],
  ['the test "adds the shipping" fails', { tests: ["adds the shipping"] }],
  [
    "see src/cart/price.ts, Makefile and db/0042_add.sql (not and/or)",
    { paths: ["src/cart/price.ts", "Makefile", "db/0042_add.sql"] },
  ],
  ["redis.internal:6379 and shop.example.com:443 refuse", { frames: [], paths: [] }],
  ["the disk is full and DNS times out", { kinds: ["name-resolution", "timeout", "disk"] }],
  ["x509: certificate signed by unknown authority", { kinds: ["certificate"] }],
  ["the button's colour is wrong in Safari", { kinds: ["interface"] }],
];

test.each(PROSE)("%s", (text, expected) => {
  expect(parseSymptom(text)).toMatchObject(expected);
});

describe("names", () => {
  test("whole as they are written, and split among the terms", () => {
    const { identifiers, terms } = parseSymptom(
      "formatPrice in cart_total, shop::cart::Total, new-checkout, Order#total, cart.price.format, --retry-limit and `sum`",
    );
    expect(identifiers).toEqual([
      "formatPrice",
      "cart_total",
      "shop::cart::Total",
      "new-checkout",
      "Order#total",
      "cart.price.format",
      "--retry-limit",
      "sum",
    ]);
    for (const term of [
      "formatprice",
      "format",
      "shop::cart::total",
      "shop",
      "new-checkout",
      "checkout",
      "retry",
      "retry-limit",
      "cart.price.format",
      "order#total",
    ])
      expect(terms).toContain(term);
  });

  test("splitting", () => {
    expect(splitWord("formatPrice_v2")).toEqual(["formatprice_v2", "format", "price", "v2"]);
    expect(splitWord("HTTPServer")).toEqual(["httpserver", "http", "server"]);
  });

  test("where a container keeps the repository is no term, and of other people's frames only the package is", () => {
    const { terms } = parseSymptom(
      `    at total (/usr/src/app/cart/sum.ts:1:1)
    at next (/usr/src/app/node_modules/express/lib/router/route.js:149:13)
    at node:internal/process/task_queues:95:5`,
    );
    expect(terms.toSorted()).toEqual(["cart", "express", "sum", "total", "ts"]);
  });

  test("ids, addresses and times are no terms; a line that repeats counts once", () => {
    const { terms } = parseSymptom(
      `2026-11-24T03:00:00Z [main] ERROR 6f1c0e7a-11aa-4bbb-8ccc-0123456789ab 10.0.0.1 0xdeadbeef a1b2c3d4e5f6 ip-10-1-2-3.ec2.internal eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9 cart
${"cart cart\n".repeat(50)}price price price`,
    );
    expect(terms.slice(0, 2).toSorted()).toEqual(["cart", "price"]);
    expect(terms).toEqual(expect.arrayContaining(["cart", "price"]));
    expect(terms).toHaveLength(2);
  });
});

describe("messages", () => {
  const messages = (text: string): readonly string[] => parseSymptom(text).messages;

  test("are split where values were put in", () => {
    expect(
      messages("Error: could not charge 1200 cents to card 'visa-1' of customer cus_12ab at /srv/pay/run.js"),
    ).toEqual(["could not charge", "cents to card", "of customer"]);
  });

  test("are at most forty, and leave out what every program says", () => {
    const many = Array.from(
      { length: 200 },
      (_, n) =>
        `Error: problem of shape ${"abcdefghij"[n % 10]}${"klmnopqrst"[Math.floor(n / 10) % 10]}x happened`,
    );
    expect(messages(many.join("\n")).length).toBe(40);
    expect(messages("Error: 12\nError: the\nError: at 3")).toEqual([]);
  });
});

describe("a long text", () => {
  test("keeps head, tail, and what looks like errors between them", () => {
    const noise = "listening, all is well here and everywhere\n".repeat(20_000);
    const text = `first words\n${noise}RangeError: lost in the middle\n    at inner (/app/src/inner.js:4:2)\n${noise}last words`;
    const { terms, frames, errors } = parseSymptom(text);
    expect(terms).toEqual(expect.arrayContaining(["first", "last"]));
    expect(frames).toEqual([{ function: "inner", file: "/app/src/inner.js", line: 4, column: 2 }]);
    expect(errors).toEqual(["RangeError"]);
  });

  test("is bounded", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 400 }),
        fc.integer({ min: 20, max: 200 }),
        (text, limit) => {
          expect(bounded(text, limit).length).toBeLessThanOrEqual(limit + 3);
        },
      ),
    );
  });

  test("does not push out what was given beside it", () => {
    const text = joined(["the cart is empty", `ERROR ${"x".repeat(300_000)}`, "KeyError: 'gift_note'"]);
    expect(text.length).toBeLessThanOrEqual(SYMPTOM_LENGTH);
    expect(text).toContain("the cart is empty");
    expect(text).toContain("KeyError: 'gift_note'");
  });
});

describe("hostile text", () => {
  test("loses what a terminal would obey and what no eye sees", () => {
    expect(
      clean("a\u001b[31mb\u001b]8;;http://x\u0007c\u001b]0;t\u001b\\d\u009b2Je\u0000f\u202eg\u200bh\r\ni\rj"),
    ).toBe("abcdefgh\ni\nj");
    expect(clean("\ud800x")).toBe("\ufffdx");
  });

  test("UTF-16 without its mark is read", () => {
    expect(parseSymptom(Buffer.from("TypeError: no", "utf16le").toString("latin1")).errors).toEqual([
      "TypeError",
    ]);
  });

  const line = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.constantFrom(
      "    at f (/app/a.js:1:2)",
      '  File "/app/a.py", line 3, in f',
      "Traceback (most recent call last):",
      "Caused by: java.io.IOException: x",
      "Suppressed: java.io.IOException: x",
      "{",
      "}",
      '{"level":50,"err":{"stack":"Error: x\\n    at f (/a.js:1:2)"}}',
      'level=error msg="a \\" b" path=/x',
      "_ZN999999shop5priceE",
      "\\n at \\\\n",
      "%E0%A4%A",
      "SELECT a.b, c FROM t WHERE x = 1",
      "\u001b]8;;",
    ),
  );

  test("never throws; lists hold no repeats, and nothing that a terminal obeys", () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const symptom = parseSymptom(lines.join("\n"));
        for (const list of Object.values(symptom) as readonly unknown[]) {
          if (!Array.isArray(list) || list === symptom.frames) continue;
          expect(new Set(list).size).toBe(list.length);
        }
        /* oxlint-disable no-control-regex -- that none is left is what is tested */
        expect(JSON.stringify(symptom)).not.toMatch(
          /[\u0000-\u0009\u000b-\u001f\u007f\u202e]|\\u00[01]|\\ud[89a-f]/i,
        );
        /* oxlint-enable no-control-regex */
        expect(symptom.frames.every(({ file }) => file !== "")).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});

/** What a careless pattern would look at again and again; each is made long. */
const GARBAGE: Readonly<Record<string, string>> = {
  "errors without an end": "A.AError",
  "types and colons": "Error: ",
  assignments: 'a="',
  "escaped quotes": 'msg="\\"',
  "statements without an end": "SELECT a ",
  "names without an end": "column a.b.c.d ",
  addresses: "http://",
  "paths of requests": "GET /a/b ",
  tests: "1) a › ",
  flags: "flag a flag ",
  "mangled names": "_ZN1a",
  "escapes without an end": "\u001b]",
  "open brackets of paths": "[(a/",
  "percent signs": "%2",
  "numbers and dots": "1.",
  underscores: "A_",
  "frames in one line": " at f (a.js:1:1)",
  prefixes: "[main] ",
  "objects of one level": '{"a":{',
  "quoted names": "`a` ",
};

test.each(Object.keys(GARBAGE))("four megabytes of %s end", { timeout: 10_000 }, (name) => {
  const piece = GARBAGE[name] ?? "";
  const text = piece.repeat(Math.ceil((4 * 1024 * 1024) / piece.length));
  const lines = `${piece.repeat(40)}\n`.repeat(2_000);
  for (const whole of [text, lines, `Error: ${text}`, `{"message":${JSON.stringify(text.slice(0, 60_000))}}`])
    expect(parseSymptom(whole).text.length).toBeLessThan(200_000);
});
