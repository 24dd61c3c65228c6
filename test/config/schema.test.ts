import { readFileSync } from "node:fs";

import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";

import { configurationJsonSchema } from "./json-schema.ts";

const FILE = new URL("../../schema/mayday.schema.json", import.meta.url);
const EXAMPLE = readFileSync(new URL("contract.yaml", import.meta.url), "utf8");

test("schema/mayday.schema.json is current", async () => {
  const text = `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot(FILE.pathname);
});

function judge(value: unknown): { readonly valid: boolean; readonly errors: string } {
  const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false });
  const validate = ajv.compile(configurationJsonSchema() as Record<string, unknown>);
  const valid = validate(value);
  return { valid, errors: ajv.errorsText(validate.errors) };
}

test("it accepts the contract's example, an empty section and an empty environment", () => {
  expect(judge(parse(EXAMPLE))).toEqual({ valid: true, errors: "No errors" });
  expect(judge({ checks: null, environments: { production: null } }).valid).toBe(true);
});

test.each([
  ["a misspelt section", { enviroments: {} }],
  ["a misspelt key of an environment", { environments: { production: { probe: [] } } }],
  ["a misspelt key of a probe", { environments: { production: { probes: [{ htp: "https://a.example" }] } } }],
  ["a misspelt key of a check", { checks: { unit: { kind: "unit", rum: "npm test" } } }],
  ["a kind that is none", { checks: { unit: { kind: "untit", run: "npm test" } } }],
  ["a duration without unit", { checks: { unit: { kind: "unit", run: "npm test", timeout: 30 } } }],
  ["an environment's name", { environments: { Production: {} } }],
  ["a literal secret", { channels: { room: { type: "slack", secret: "not-a-reference" } } }],
  ["a misspelt key of a channel", { channels: { room: { type: "slack", secret: "env:A", chanel: "C1" } } }],
  ["a channel type that is none", { channels: { room: { type: "slak", secret: "env:A" } } }],
])("it refuses %s", (_, value) => {
  expect(judge(value).valid).toBe(false);
});

test("every key says what it is, so that an editor can", () => {
  const silent: string[] = [];
  const walk = (schema: unknown, path: string): void => {
    if (typeof schema !== "object" || schema === null) return;
    const { properties } = schema as { properties?: Record<string, { description?: string }> };
    for (const [key, inner] of Object.entries(properties ?? {})) {
      const obvious = /^(?:type|run|paths|sev[1-4])$/.test(key);
      if (inner.description === undefined && !obvious) silent.push(`${path}.${key}`);
    }
    for (const [key, inner] of Object.entries(schema)) walk(inner, `${path}.${key}`);
  };
  walk(configurationJsonSchema(), "");
  expect(silent).toEqual([]);
});
