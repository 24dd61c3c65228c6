import type * as valibot from "valibot";
import type { GenericSchema, ObjectEntries } from "valibot";

import { NOT_A_REFERENCE, SECRET_REFERENCE, shown } from "./secret.ts";
import { meant } from "./suggest.ts";

/** valibot itself, handed in by whoever loads it: rooms that own a part of the schema never do. */
export type Valibot = typeof valibot;

/** Environment names, as the contract has them. */
const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
/** Checks, services and channels may look like npm scripts: `test:unit`. */
const LABEL = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,59}$/;
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/;
/** The same with at least one digit that is not zero. */
const POSITIVE = /^(?=.*[1-9])(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/;
const BRANCH = /^(?!-|refs\/)[^\s~^:?*[\\]+$/;
const REMOTE = /^(?![-/])[^\s:\\]+$/;

const COMMAND = "expected a command: text for the shell, or a list of words that meets no shell";

/** Starts the message of an unknown key; the known ones follow, for the suggestion. */
export const UNKNOWN_KEY = "unknown-key\n";

const range = (least: number, most: number): string => `expected a whole number from ${least} to ${most}`;

/** What was found, in words; text is quoted and never a secret. */
export function found(input: unknown): string {
  if (input === null || input === undefined) return "nothing";
  if (typeof input === "string") return shown(input);
  if (typeof input === "number") return `the number ${input}`;
  if (typeof input === "boolean") return String(input);
  return Array.isArray(input) ? "a list" : "a section";
}

function expected(what: string): (issue: { readonly input: unknown }) => string {
  return ({ input }) =>
    `expected ${what}, found ${found(input)}${what === "text" && typeof input !== "object" ? ": put it in quotes" : ""}`;
}

/** The small parts that the sections are made of. Nothing transforms: the schema is also published. */
export function scalars(v: Valibot) {
  const text = v.pipe(v.string(expected("text")), v.minLength(1, "expected text, found nothing"));
  const list = v.array(text, expected("a list"));

  /** A mapping with these keys and no others. */
  const section = <const E extends ObjectEntries>(entries: E) =>
    v.strictObject(entries, (issue) => {
      if (issue.expected === "never") return `${UNKNOWN_KEY}${Object.keys(entries).join("\n")}`;
      return issue.expected === "Object"
        ? `expected a section (key: value), found ${found(issue.input)}`
        : `${issue.expected ?? "a key"} is missing here`;
    });

  const oneOf = <const O extends readonly string[]>(options: O) =>
    v.picklist(options, ({ input }) =>
      typeof input === "string"
        ? `${shown(input)} is not known here${meant(input, options)}`
        : `expected one of ${options.join(", ")}, found ${found(input)}`,
    );

  /** A key that may be left out, with what an editor says about it. */
  const key = <const S extends GenericSchema>(schema: S, description: string) =>
    v.exactOptional(v.pipe(schema, v.description(description)));

  const name = (pattern: RegExp, what: string) =>
    v.pipe(
      v.string(),
      v.regex(pattern, ({ input }) => `${shown(input)} is not a name for ${what}: ${NAMES[what] ?? ""}`),
    );

  const matching = (what: string, pattern: RegExp, message: (input: string) => string) =>
    v.pipe(
      v.string(expected(what)),
      v.regex(pattern, ({ input }) => message(input)),
    );

  const duration = matching(
    "a duration (30s, 5m, 1h30m)",
    DURATION,
    (input) => `${shown(input)} is not a duration: write 30s, 5m, 1h30m or 7d`,
  );
  const deadline = matching(
    "a duration (30s, 5m, 1h30m)",
    POSITIVE,
    (input) => `${shown(input)} is not a duration longer than nothing: write 30s, 5m or 1h30m`,
  );

  return {
    text,
    list,
    section,
    oneOf,
    key,
    name,
    duration,
    deadline,
    url: matching("a URL", /^[Hh][Tt][Tt][Pp][Ss]?:\/\/[^\s]+$/, (input) =>
      // Not shown: what is no URL may be a token in the wrong place.
      input.includes("://")
        ? "only https:// is spoken here, and http:// to this machine"
        : "expected a URL (https://…)",
    ),
    secret: v.pipe(v.string(NOT_A_REFERENCE), v.regex(SECRET_REFERENCE, NOT_A_REFERENCE)),
    run: v.union(
      [v.pipe(v.string(), v.minLength(1, COMMAND)), v.pipe(v.array(v.string()), v.minLength(1, COMMAND))],
      COMMAND,
    ),
    branch: matching(
      "a branch name",
      BRANCH,
      (input) => `${shown(input)} is not a branch name: write main, not refs/heads/main`,
    ),
    remote: matching(
      "the name of a remote",
      REMOTE,
      (input) => `${shown(input)} is not the name of a remote: see git remote`,
    ),
    count: (least: number, most: number) =>
      v.pipe(
        v.number(expected("a number")),
        v.integer(range(least, most)),
        v.minValue(least, range(least, most)),
        v.maxValue(most, range(least, most)),
      ),
    yesNo: v.boolean(expected("true or false")),
    environmentName: name(NAME, "an environment"),
    label: name(LABEL, "a check, service or channel"),
  };
}

const NAMES: Readonly<Record<string, string>> = {
  "an environment": "lower case letters, digits and hyphens, at most 40, not a hyphen first",
  "a check, service or channel": "letters, digits and . _ : / -, at most 60, a letter or digit first",
};

export type Scalars = ReturnType<typeof scalars>;
