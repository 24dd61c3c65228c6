import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { buildMessage } from "../../src/alert/message.ts";
import { routeFor } from "../../src/alert/route.ts";
import { bounded, cut, harmless, KEPT } from "../../src/alert/text.ts";
import { message, NIGHT } from "../support/alerting.ts";

const LIVE = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567";
const GOOD = "f901234567a4b5c6d7e80a1b2c3d4e5f60718293";

describe("the message", () => {
  test("says what is broken, since when, live and good, who did it, what is done, the way back", () => {
    const built = buildMessage({
      title: "the cart\n  answers 500",
      severity: "sev1",
      environment: "production",
      now: NIGHT,
      since: NIGHT - 12 * 60_000,
      live: { sha: LIVE },
      good: { sha: GOOD, ref: "v1.4.0", certified: false },
      suspect: { sha: LIVE, subject: "Refactor price formatting", probability: 0.714 },
      doing: "rolling back to v1.4.0",
      undo: "mayday undo 7",
    });
    expect(built).toMatchObject({
      severity: "sev1",
      environment: "production",
      title: "the cart answers 500",
      at: NIGHT,
      facts: [
        { label: "Since", value: "2026-11-24T03:00:09Z (12 min ago)" },
        { label: "Live", value: "0a1b2c3d" },
        { label: "Good", value: "v1.4.0 (f9012345), not certified" },
        { label: "First suspect", value: "0a1b2c3d Refactor price formatting (71 %)" },
        { label: "Being done", value: "rolling back to v1.4.0" },
        { label: "Way back", value: "mayday undo 7" },
      ],
    });
    expect(built.id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  });

  test("leaves out what is not known", () => {
    const built = buildMessage({ title: "down", severity: "sev3", environment: null, now: NIGHT, undo: "" });
    expect(built.facts).toEqual([]);
  });

  test("is bounded, however long its parts are", () => {
    const facts = Array.from({ length: 50 }, () => ({
      label: "l".repeat(1_000),
      value: "v".repeat(1_000_000),
    }));
    const small = bounded(message({ title: "t".repeat(1_000_000), facts }), (text) => text);
    expect(small.facts).toHaveLength(KEPT.facts);
    expect(JSON.stringify(small).length).toBeLessThan(40_000);
  });
});

describe("harmless text", () => {
  test.for([
    ["@everyone look", "@ everyone look"],
    ["(@here)", "(@ here)"],
    ["<!channel> <@U012AB> <#C01> <!subteam^S01>", "< !channel> < @ U012AB> < #C01> < !subteam^S01>"],
    ["see https://evil.example/x", "see https: //evil.example/x"],
    ["[pay](https://evil.example)", "[pay] (https: //evil.example)"],
    ["www.evil.example mailto:a@b.example", "www. evil.example mailto: a@b.example"],
    ["line\nsecond\r\n\tthird", "line second third"],
    ["bidi \u202egnp", "bidi \\u{202e}gnp"],
    ["a < b, c@1.2.3, ana@example.com, a[0](x)", "a < b, c@1.2.3, ana@example.com, a[0] (x)"],
    ["mayday rollback production --to v1.4.0", "mayday rollback production --to v1.4.0"],
  ] as const)("%s", ([text, wanted]) => {
    expect(harmless(text)).toBe(wanted);
  });

  test("whatever goes in, no mention, no link and no control character comes out; twice is once", () => {
    const piece = fc.constantFrom(
      "@",
      "everyone",
      "here",
      "<",
      "!",
      "channel",
      ">",
      "http",
      "s",
      ":",
      "//",
      "evil.example",
      "www.",
      "[",
      "](",
      ")",
      "\u202e",
      "\u200b",
      "\u0007",
      "\u001b[2J",
      "\n",
      " ",
      "\ud800",
      "mailto:",
      "|",
      "\uff20",
      "*",
      "`",
      "é",
      "🔥",
    );
    const text = fc.oneof(
      fc.array(piece).map((pieces) => pieces.join("")),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(text, (input) => {
        const output = harmless(input);
        expect(output).not.toMatch(
          /<[!@#]|(?<![\p{L}\p{N}_])[@\uff20][\p{L}\p{N}_]|[^ ]:\/\/|www\.\S|\]\(/iu,
        );
        expect(output).not.toMatch(
          // oxlint-disable-next-line no-control-regex -- finding them is the point
          /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u,
        );
        expect(harmless(output)).toBe(output);
      }),
      { numRuns: 5_000 },
    );
  });

  test("a cut never leaves half a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 20 }), (input, length) => {
        const output = cut(input, length);
        expect(output.length).toBeLessThanOrEqual(length);
        expect(Buffer.from(output).toString()).toBe(output);
      }),
    );
  });
});

describe("the route", () => {
  test("a severity without a route uses the next more severe one", () => {
    const routes = { sev1: ["oncall", "room"], sev3: ["room"] };
    expect(routeFor(routes, "sev1")).toEqual(["oncall", "room"]);
    expect(routeFor(routes, "sev2")).toEqual(["oncall", "room"]);
    expect(routeFor(routes, "sev3")).toEqual(["room"]);
    expect(routeFor(routes, "sev4")).toEqual(["room"]);
    expect(routeFor({ sev3: ["room"] }, "sev1")).toBeNull();
    expect(routeFor({ sev1: ["a"], sev2: [] }, "sev2")).toEqual(["a"]);
    expect(routeFor({}, "sev1")).toBeNull();
  });
});
