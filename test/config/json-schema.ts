import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";

import { CHANNELS } from "../../src/alert/channels/index.ts";
import { buildSchema } from "../../src/config/schema.ts";

/**
 * The JSON Schema of mayday.yaml, from the same source that judges it. Written to
 * schema/mayday.schema.json by `vitest run test/config/schema.test.ts --update`.
 */
export function configurationJsonSchema(): JsonSchema {
  const schema = toJsonSchema(buildSchema(v, CHANNELS), {
    typeMode: "input",
    // What only code can say (is this URL this machine?) is left to mayday itself.
    ignoreActions: ["check"],
  });
  return {
    ...schema,
    title: "mayday.yaml",
    description: "How a repository is deployed, checked and rolled back with mayday.",
  };
}
