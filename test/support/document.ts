import { readFileSync } from "node:fs";

import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";

import type { Transcript } from "./world.ts";

const compiled = new Map<string, ValidateFunction>();

/** stdout as the document `schema/<command>.schema.json` describes; throws when it is another. */
export function published<T = Record<string, unknown>>(run: Transcript, command: string): T {
  let validate = compiled.get(command);
  if (validate === undefined) {
    const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
    addFormats.default(ajv);
    const file = new URL(`../../schema/${command}.schema.json`, import.meta.url);
    validate = ajv.compile(JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>);
    compiled.set(command, validate);
  }
  const document = run.json<T>();
  if (!validate(document)) {
    throw new Error(`not a mayday/${command}@1: ${JSON.stringify(validate.errors)}\n${run.stdout}`);
  }
  return document;
}
