import { expect, test } from "vitest";

import { type ChoiceName, initial, likely, menu, type Stand } from "../../src/commands/choices.ts";
import { knownVerbs, type Verbs } from "../../src/commands/verbs.ts";
import type { Suspect } from "../../src/model/triage.ts";

const none: Verbs = { has: () => false };
const all: Verbs = { has: () => true };

function suspect(rank: number, probability: number, flags: readonly string[] = []): Suspect {
  return {
    rank,
    sha: String(rank).repeat(40),
    subject: `Change ${rank}`,
    at: 0,
    probability,
    evidence: [],
    files: [],
    insertions: 1,
    deletions: 0,
    flags,
  };
}

function stand(suspects: readonly Suspect[], more: Partial<Stand> = {}, outside = 0.1): Stand {
  const good = { sha: "f".repeat(40), source: "tag", ref: "v1.0.0", certified: true } as const;
  const live = { sha: "e".repeat(40), source: "branch" } as const;
  const goBack = suspects.length > 0 && outside < 0.5;
  return {
    screen: {
      standing: {
        environment: "production",
        service: null,
        remote: null,
        branch: "main",
        tip: "e".repeat(40),
        live,
        good,
        disagreements: [],
        freshness: { fetchedAt: null, offline: false },
        shallow: false,
      },
      range: { firstParent: 1, commits: 1, files: suspects.length, insertions: 1, deletions: 0 },
      areas: [],
      symptomGiven: true,
      nothing: null,
      suspects: suspects.slice(0, 2),
      suspectsInAll: suspects.length,
      outside: { probability: outside, signals: [] },
      risks: [],
      actions: [{ action: goBack ? "rollback" : "alert", recommended: true, command: "", why: "" }],
      now: 0,
    },
    suspects,
    verbs: none,
    told: false,
    lookedOutside: false,
    shown: 2,
    ...more,
  };
}

const names = (given: Stand): ChoiceName[] => menu(given).map(({ value }) => value);
const three = [suspect(1, 0.6, ["new-cart"]), suspect(2, 0.2), suspect(3, 0.1)];

test("what has no command is not offered", () => {
  expect(names(stand(three))).toEqual(["tell", "rollback", "suspect", "diff", "outside", "more", "stop"]);
});

test("with its command each choice is there; a flag only where one was found", () => {
  expect(names(stand(three, { verbs: all }))).toEqual([
    "tell",
    "rollback",
    "revert",
    "flag",
    "bisect",
    "suspect",
    "diff",
    "outside",
    "more",
    "stop",
  ]);
  const labels = menu(stand(three, { verbs: all })).map(({ label }) => label);
  expect(labels).toEqual(expect.arrayContaining(["Revert only 11111111", "Turn off the flag new-cart"]));
  const one = stand([suspect(1, 0.9)], { verbs: all });
  expect(names(one)).not.toContain("flag");
  expect(names(one)).not.toContain("bisect");
  expect(names(one)).not.toContain("more");
});

test("nobody is named the only one to revert who is not likely", () => {
  expect(likely(stand([suspect(1, 0.1), suspect(2, 0.1)]))).toBeNull();
  expect(likely(stand([suspect(1, 0.4)], {}, 0.5))).toBeNull();
  expect(names(stand([suspect(1, 0.4)], { verbs: all }, 0.5))).not.toContain("revert");
});

test("nothing to go back from: tell, look outside, stop", () => {
  expect(names(stand([], { verbs: all }))).toEqual(["tell", "outside", "stop"]);
});

test("Enter tells someone first, then goes where triage points, and never acts unasked", () => {
  expect(initial(stand(three))).toBe("tell");
  expect(initial(stand(three, { told: true }))).toBe("rollback");
  expect(initial(stand(three, { told: true }, 0.8))).toBe("outside");
  expect(initial(stand(three, { told: true, lookedOutside: true }, 0.8))).toBe("stop");
});

test("verbs are those of the command line as it is", async () => {
  const verbs = await knownVerbs();
  expect([
    verbs.has("rollback"),
    verbs.has("rollback", "--via", "tree"),
    verbs.has("diff", "--symptom"),
  ]).toEqual([true, true, true]);
  expect([
    verbs.has("dance"),
    verbs.has("rollback", "--dance"),
    verbs.has("rollback", "--via", "dance"),
  ]).toEqual([false, false, false]);
});
