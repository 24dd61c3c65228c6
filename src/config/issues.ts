import type { BaseIssue } from "valibot";

import { MOST_LOCATED, type Problem } from "./located.ts";
import { found, UNKNOWN_KEY } from "./scalars.ts";
import { shown } from "./secret.ts";
import { meant } from "./suggest.ts";

type Step = {
  readonly type: string;
  readonly key: unknown;
  readonly origin: string;
  readonly input: unknown;
};

/** What the schema found wrong → places in the document. */
export function problemsOf(issues: readonly BaseIssue<unknown>[]): Problem[] {
  return issues.flatMap((issue) => {
    const steps = (issue.path ?? []) as unknown as readonly Step[];
    const path = steps.map(({ key }) => (typeof key === "number" ? key : String(key)));
    const last = steps.at(-1);
    const parent = path.slice(0, -1);
    // A list is an object to valibot, with 0, 1, 2 for keys.
    const list = steps.findIndex(({ type, input }) => type === "object" && Array.isArray(input));
    if (list !== -1) {
      return [
        {
          path: path.slice(0, list),
          on: "value",
          message: "expected a section (key: value), found a list",
        } as const,
      ];
    }
    if (issue.message.startsWith(UNKNOWN_KEY)) return unknownKeys(issue.message, last?.input, parent);
    // A missing key has no place of its own: the key above it has.
    const missing =
      last !== undefined &&
      typeof last.input === "object" &&
      last.input !== null &&
      !(String(last.key) in last.input);
    if (missing) return [{ path: parent, on: "key", message: worded(issue) } as const];
    return [{ path, on: last?.origin === "key" ? "key" : "value", message: worded(issue) } as const];
  });
}

/** Parts of other rooms may leave the wording to valibot; its own words would print the value. */
function worded({ message, expected, input }: BaseIssue<unknown>): string {
  if (!message.startsWith("Invalid ")) return message;
  if (expected === "never") return `unknown key ${found(input)}`;
  const wanted = WORDS[expected ?? ""] ?? expected ?? "something else";
  return input === undefined ? `${wanted} is missing here` : `expected ${wanted}, found ${found(input)}`;
}

const WORDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  boolean: "true or false",
  Array: "a list",
  Object: "a section",
};

/** valibot names the first unknown key of a section; a person wants them all. */
function unknownKeys(message: string, section: unknown, path: readonly (string | number)[]): Problem[] {
  const known = message.slice(UNKNOWN_KEY.length).split("\n");
  return Object.keys(section ?? {})
    .filter((key) => !known.includes(key))
    .map((key, index) => ({
      path: [...path, key],
      on: "key" as const,
      message: `unknown key ${shown(key)}${index < MOST_LOCATED ? meant(key, known) : ""}`,
    }));
}
