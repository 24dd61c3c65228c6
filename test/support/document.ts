import { readFileSync } from "node:fs";

import { Ajv, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

import type { Transcript } from "./world.ts";

const compiled = new Map<string, ValidateFunction>();

/** stdout as the document `schema/<command>.schema.json` describes; throws when it is another. */
export function published<T = Record<string, unknown>>(run: Transcript, command: string): T {
  let validate = compiled.get(command);
  if (validate === undefined) {
    const file = new URL(`../../schema/${command}.schema.json`, import.meta.url);
    const schema = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    const options = { allErrors: true, allowUnionTypes: true };
    const ajv = String(schema["$schema"]).includes("2020-12") ? new Ajv2020(options) : new Ajv(options);
    addFormats.default(ajv);
    validate = ajv.compile(schema);
    compiled.set(command, validate);
  }
  const document = run.json<T>();
  if (!validate(document)) {
    throw new Error(`not a mayday/${command}@1: ${JSON.stringify(validate.errors)}\n${run.stdout}`);
  }
  return document;
}
