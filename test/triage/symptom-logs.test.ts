import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect, test } from "vitest";

import { parseSymptom } from "../../src/triage/symptom.ts";

const LOGS = path.join(import.meta.dirname, "logs");
const NAMES = readdirSync(LOGS)
  .filter((file) => file.endsWith(".log"))
  .map((file) => file.slice(0, -4));

/** What is expected of a log: lists are whole, a list that is left out is empty; of `some…` there may be more. */
interface Expected {
  readonly frames: readonly string[];
  readonly someTerms?: readonly string[];
  readonly someIdentifiers?: readonly string[];
}
const LISTS = [
  "errors",
  "messages",
  "tests",
  "endpoints",
  "paths",
  "tables",
  "columns",
  "variables",
  "flags",
  "statuses",
  "kinds",
] as const;

/** What every log is full of and no source holds. */
const NO_TERM =
  /^(?:[0-9a-f]{8,}|\d.*|z|utc|warn|debug|www|stderr|kubernetes|7d9f8b6c5d.*|x2k4p|4bf92f.*|6f1c0e7a.*|mozilla|exec|nio)$/;

test.each(NAMES)("%s", (name) => {
  const expected = JSON.parse(readFileSync(path.join(LOGS, `${name}.json`), "utf8")) as Expected;
  const { someTerms, someIdentifiers, ...lists } = expected;
  const symptom = parseSymptom(readFileSync(path.join(LOGS, `${name}.log`), "utf8"));
  const frames = symptom.frames.map((frame) =>
    [frame.function, `${frame.file}:${frame.line}`].filter((part) => part !== undefined).join(" "),
  );
  const found = Object.fromEntries(
    LISTS.map((list) => [list, symptom[list]] as const).filter(([, items]) => items.length > 0),
  );
  expect({ frames, ...found }).toEqual(lists);
  expect(symptom.terms).toEqual(expect.arrayContaining([...(someTerms ?? [])]));
  expect(symptom.identifiers).toEqual(expect.arrayContaining([...(someIdentifiers ?? [])]));
  expect(symptom.terms.filter((term) => NO_TERM.test(term))).toEqual([]);
});

test("a log in front of another changes nothing about its frames", () => {
  const trace = readFileSync(path.join(LOGS, "python-chain.log"), "utf8");
  const alone = parseSymptom(trace).frames;
  const after = parseSymptom(`${readFileSync(path.join(LOGS, "go-panic.log"), "utf8")}\n${trace}`).frames;
  expect(after.slice(-alone.length)).toEqual(alone);
});
