import type { Path, Problem } from "./located.ts";
import { nearest } from "./suggest.ts";

const PLACEHOLDERS = ["good.sha", "good.ref", "live.sha", "env", "operation", "files"] as const;

const ENVIRONMENT: Readonly<Record<string, string>> = {
  "good.sha": "MAYDAY_GOOD_SHA",
  "good.ref": "MAYDAY_GOOD_REF",
  "live.sha": "MAYDAY_LIVE_SHA",
  env: "MAYDAY_ENV",
  operation: "MAYDAY_OPERATION",
};

/** `{word}` and `{word.word}`, but not the shell's `${word}`. */
const BRACED = /(?<!\$)\{([a-z]+(?:\.[a-z]+)?)\}/g;

/**
 * Placeholders stand in list form only: put into a shell string, a tag's name would become part of
 * a command. `{files}` alone is let through there, where it is quoted.
 */
export function placeholderProblems(run: string | readonly string[], path: Path): Problem[] {
  const text = typeof run === "string";
  return (text ? [run] : run).flatMap((word, index) =>
    [...word.matchAll(BRACED)].flatMap(([, name = ""]): Problem[] => {
      const at = { path: text ? path : [...path, index], on: "value" } as const;
      const variable = ENVIRONMENT[name];
      if (variable !== undefined) {
        return text
          ? [{ ...at, message: `{${name}} stands only in a list; in a shell string write "$${variable}"` }]
          : [];
      }
      if (name === "files") return [];
      const near = nearest(name, PLACEHOLDERS);
      return near === undefined || text
        ? []
        : [{ ...at, message: `unknown placeholder {${name}}, did you mean {${near}}?` }];
    }),
  );
}
