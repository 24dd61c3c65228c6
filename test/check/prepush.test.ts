import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parsePrePush } from "../../src/check/prepush.ts";
import { MaydayError } from "../../src/model/error.ts";

const A = "a".repeat(40);
const B = "b".repeat(40);
const ZERO = "0".repeat(40);

describe("git's pre-push lines", () => {
  test("nothing pushed is no ref", () => {
    expect(parsePrePush("")).toEqual([]);
  });

  test("all zeros, of either length, is no object", () => {
    const zero = "0".repeat(64);
    const id = "c".repeat(64);
    expect(
      parsePrePush(`(delete) ${ZERO} refs/heads/old ${A}\nrefs/heads/new ${id} refs/heads/new ${zero}\n`),
    ).toEqual([
      { localRef: "(delete)", localSha: null, remoteRef: "refs/heads/old", remoteSha: A },
      { localRef: "refs/heads/new", localSha: id, remoteRef: "refs/heads/new", remoteSha: null },
    ]);
  });

  test("a local ref may hold spaces", () => {
    expect(parsePrePush(`main@{1 day ago} ${A} refs/heads/main ${B}\n`)[0]).toMatchObject({
      localRef: "main@{1 day ago}",
      localSha: A,
    });
  });

  test.each([
    ["an empty line", "\n"],
    ["a word too few", `refs/heads/main ${A} refs/heads/main\n`],
    ["a short id", `refs/heads/main abc refs/heads/main ${B}\n`],
    ["ids of two lengths", `refs/heads/main ${A} refs/heads/main ${"b".repeat(64)}\n`],
    ["no full remote ref", `refs/heads/main ${A} main ${B}\n`],
    ["a refspec as remote ref", `refs/heads/main ${A} refs/heads/a:refs/heads/b ${B}\n`],
    ["a line cut in the middle", `refs/heads/main ${A} refs/heads/main ${B.slice(0, 12)}`],
    ["a second line that is bad", `refs/heads/main ${A} refs/heads/main ${B}\nnonsense\n`],
  ])("%s blocks", (_name, text) => {
    expect(() => parsePrePush(text)).toThrow(MaydayError);
  });

  test("the line that cannot be read is shown, made harmless", () => {
    expect(() => parsePrePush("evil \u001b[2J line\n")).toThrow(
      'line 1 of what git said is being pushed cannot be read: "evil \\u{1b}[2J line"',
    );
  });

  const hex = (length: number): fc.Arbitrary<string> =>
    fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length });
  const word = fc.string({ unit: fc.constantFrom(..."abzÄ9-_./"), minLength: 1, maxLength: 20 });
  const line = fc
    .constantFrom(40, 64)
    .chain((length) =>
      fc.record({
        localRef: fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(" ")),
        localSha: fc.option(hex(length), { freq: 4 }),
        remoteRef: word.map((name) => `refs/${name}`),
        remoteSha: fc.option(hex(length), { freq: 4 }),
        zero: fc.constant("0".repeat(length)),
      }),
    )
    .filter(({ localSha, remoteSha, zero }) => localSha !== zero && remoteSha !== zero);

  test("what git writes is read back whole", () => {
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines
          .map((l) => `${l.localRef} ${l.localSha ?? l.zero} ${l.remoteRef} ${l.remoteSha ?? l.zero}\n`)
          .join("");
        expect(parsePrePush(text)).toEqual(lines.map(({ zero: _zero, ...rest }) => rest));
      }),
    );
  });

  test("anything else is refused with exit 2, and never fewer refs than lines come out", () => {
    const piece = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(A, ZERO, " ", "\n", "\r\n", "refs/heads/main", "(delete)"),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join("");
        const lines = text === "" ? 0 : text.replace(/\n$/, "").split("\n").length;
        const outcome = attempt(() => parsePrePush(text).length);
        expect(outcome).toEqual(typeof outcome === "number" ? lines : { exit: 2 });
      }),
      { numRuns: 2_000 },
    );
  });
});

/** What it gives, or the exit code it ends with; what is no MaydayError is thrown on. */
function attempt(work: () => number): number | { readonly exit: number } {
  try {
    return work();
  } catch (error) {
    if (error instanceof MaydayError) return { exit: error.exit };
    throw error;
  }
}
