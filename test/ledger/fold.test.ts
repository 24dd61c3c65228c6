import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { fold, type LedgerState } from "../../src/ledger/fold.ts";
import type { KnownEvent, LedgerEvent } from "../../src/model/ledger.ts";
import { bad, certify, deploy, minute, newId, oid, rollback } from "./events.ts";

const [A, B, C, D, R, U, V] = [oid(1), oid(2), oid(3), oid(4), oid(10), oid(11), oid(12)];

function shas(state: LedgerState): { live: string | undefined; good: string | undefined } {
  return { live: state.live?.sha, good: state.good?.sha };
}

describe("live and good", () => {
  test("an empty ledger knows neither", () => {
    expect(fold([])).toMatchObject({ deploys: [], live: null, good: null });
  });

  test("one deploy is live; nothing is good by it", () => {
    expect(shas(fold([deploy(A)]))).toEqual({ live: A, good: undefined });
  });

  test("without a certificate good is the newest deploy before live, and not certified", () => {
    const state = fold([deploy(A), deploy(B), deploy(C)]);
    expect(shas(state)).toEqual({ live: C, good: B });
    expect(state.good?.certified).toBe(false);
  });

  test("a certified deploy is good before a newer one that is not", () => {
    const state = fold([deploy(A), certify(A), deploy(B), deploy(C)]);
    expect(state.good).toMatchObject({ sha: A, certified: true });
  });

  test("a bad mark takes the good away, certified or not", () => {
    const state = fold([deploy(A), certify(A), deploy(B), certify(B), bad(B), deploy(C)]);
    expect(shas(state)).toEqual({ live: C, good: A });
  });

  test("the same commit deployed again is not the good before itself", () => {
    expect(shas(fold([deploy(A), deploy(B), deploy(B)]))).toEqual({ live: B, good: A });
  });

  test("a certificate of what was never deployed makes nothing good", () => {
    expect(shas(fold([deploy(A), certify(D)]))).toEqual({ live: A, good: undefined });
  });
});

describe("a restoring commit", () => {
  test("inherits the certification of what it restores", () => {
    const state = fold([deploy(A), certify(A), deploy(B), rollback(R, A, B), bad(B, 0, { by: R })]);
    expect(state.live).toMatchObject({ sha: R, certified: true, bad: null, restores: A });
    expect(state.good?.sha).toBe(R);
  });

  test("inherits its badness too", () => {
    const state = fold([deploy(A), bad(A), deploy(B), rollback(R, A, B)]);
    expect(state.live).toMatchObject({ sha: R, bad: "it broke" });
    expect(state.good?.sha).toBe(B);
  });

  test("inherits through several steps, and a circle ends", () => {
    const state = fold([
      deploy(A),
      certify(A),
      rollback(R, A, B),
      rollback(U, R, C),
      rollback(V, V, V),
      deploy(U),
    ]);
    expect(state.live).toMatchObject({ sha: U, certified: true });
    expect(state.deploys.find(({ sha }) => sha === V)).toMatchObject({ certified: false, bad: null });
  });

  test("an undo clears the marks that the rollback made, and no other", () => {
    const events = [
      deploy(A),
      certify(A),
      deploy(B),
      bad(C),
      rollback(R, A, B),
      bad(B, 0, { by: R }),
      rollback(U, B, R, { undoes: R }),
    ];
    const state = fold(events);
    expect([...state.bad.keys()]).toEqual([C]);
    expect(state.live).toMatchObject({ sha: U, bad: null });
  });

  test("an undo that was undone clears nothing", () => {
    const state = fold([
      deploy(A),
      deploy(B),
      rollback(R, A, B),
      bad(B, 0, { by: R }),
      rollback(U, B, R, { undoes: R }),
      rollback(V, R, U, { undoes: U }),
    ]);
    expect([...state.bad.keys()]).toEqual([B]);
    expect(state.live).toMatchObject({ sha: V, bad: null });
  });
});

describe("time", () => {
  test("a wrong clock changes nothing: order is the order of writing", () => {
    expect(shas(fold([deploy(A, 50), deploy(B, 10)]))).toEqual({ live: B, good: A });
  });

  test("a backdated deploy is placed by its time", () => {
    const late = [deploy(A, 10), deploy(C, 30), deploy(B, 20, { backdated: true })];
    expect(fold(late).deploys.map(({ sha }) => sha)).toEqual([A, B, C]);
    const first = [deploy(A, 10), deploy(D, 0, { backdated: true })];
    expect(fold(first).deploys.map(({ sha }) => sha)).toEqual([D, A]);
    const last = [deploy(A, 10), deploy(D, 40, { backdated: true })];
    expect(fold(last).live?.sha).toBe(D);
  });

  test("a backdated deploy of the same moment comes after", () => {
    expect(fold([deploy(A, 10), deploy(B, 10, { backdated: true })]).live?.sha).toBe(B);
  });
});

test("a service sees its own events and those of the whole environment", () => {
  const events = [
    deploy(A),
    deploy(B, 0, { service: "api" }),
    deploy(C, 0, { service: "web" }),
    bad(A, 0, { service: "web" }),
  ];
  expect(shas(fold(events, "api"))).toEqual({ live: B, good: A });
  expect(shas(fold(events, "web"))).toEqual({ live: C, good: undefined });
});

test("foreign events change nothing", () => {
  const foreign: LedgerEvent = {
    v: 1,
    id: newId(),
    at: minute(0),
    actor: "?",
    type: "freeze",
    foreign: true,
    raw: { sha: D },
  };
  expect(fold([deploy(A), foreign, deploy(B), foreign])).toEqual(
    fold([deploy(A), deploy(B)].map((event, index) => ({ ...event, id: `x${index}` }))),
  );
});

/** A ledger of a few commits with every kind of event in it. */
const history = fc
  .array(
    fc.record({
      type: fc.constantFrom("deploy", "backdated", "certify", "bad", "by", "rollback", "undo"),
      sha: fc.integer({ min: 1, max: 6 }).map(oid),
      other: fc.integer({ min: 1, max: 6 }).map(oid),
      at: fc.nat(59),
    }),
    { maxLength: 25 },
  )
  .map((items) =>
    items.map(({ type, sha, other, at }, index): KnownEvent => {
      const made = oid(100 + index);
      if (type === "deploy") return deploy(sha, at);
      if (type === "backdated") return deploy(sha, at, { backdated: true });
      if (type === "certify") return certify(sha, at);
      if (type === "bad") return bad(sha, at);
      if (type === "by") return bad(sha, at, { by: oid(100 + (at % 25)) });
      if (type === "rollback") return rollback(made, sha, other, { at: minute(at) });
      return rollback(made, sha, other, { at: minute(at), undoes: oid(100 + (at % 25)) });
    }),
  );

const isMark = (event: KnownEvent): boolean => event.type === "certify" || event.type === "bad";

describe("for every history", () => {
  test("it does not matter when marks are written", () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat(1_000)), (events, chance) => {
        const marks = events.filter(isMark);
        const moved: KnownEvent[] = events.filter((event) => !isMark(event));
        for (const mark of marks) {
          const at = (chance.next().value ?? 0) % (moved.length + 1);
          moved.splice(at, 0, mark);
        }
        const { bad: before, ...one } = fold(events);
        const { bad: after, ...other } = fold(moved);
        expect(other).toEqual(one);
        expect(new Set(after.keys())).toEqual(new Set(before.keys()));
      }),
    );
  });

  test("an event twice counts once", () => {
    fc.assert(
      fc.property(history, fc.array(fc.nat(24), { maxLength: 8 }), (events, again) => {
        const doubled = [...events];
        for (const index of again) {
          const event = events[index];
          if (event) doubled.push(event);
        }
        expect(fold(doubled)).toEqual(fold(events));
      }),
    );
  });

  test("good is never bad, and is certified whenever a certified deploy is not bad", () => {
    fc.assert(
      fc.property(history, (events) => {
        const { good, deploys, live } = fold(events);
        const fit = deploys.filter((one) => one.bad === null);
        const before = fit.filter(({ sha }) => sha !== live?.sha);
        expect(good).toEqual(fit.findLast(({ certified }) => certified) ?? before.at(-1) ?? null);
      }),
    );
  });

  test("a restoring commit is as certified and as bad as what it restores", () => {
    fc.assert(
      fc.property(history, (events) => {
        const certain = certify(A);
        const state = fold([...events, certain, deploy(A), rollback(oid(999), A, B)]);
        const restored = state.deploys.findLast(({ sha }) => sha === A);
        expect(state.deploys.findLast(({ sha }) => sha === oid(999))).toMatchObject({
          certified: true,
          bad: restored?.bad ?? null,
          restores: A,
        });
      }),
    );
  });

  test("every deploy and rollback is there, once for each event", () => {
    fc.assert(
      fc.property(history, (events) => {
        const expected = events.filter(({ type }) => type === "deploy" || type === "rollback");
        expect(
          fold(events)
            .deploys.map(({ sha }) => sha)
            .toSorted(),
        ).toEqual(expected.map(({ sha }) => sha).toSorted());
      }),
    );
  });
});
