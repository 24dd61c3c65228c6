import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect, test } from "vitest";

import type { TrustEntry } from "../../src/trust/entries.ts";
import { addConsents, canonical, consentFile, consentKey, readConsents } from "../../src/trust/store.ts";
import { scratch } from "../support/repository.ts";

const SCOPE = { commonDir: "/shop/.git", remoteUrl: "https://example.com/shop.git" };

function entry(content: unknown, where = "checks.unit"): TrustEntry {
  return { kind: "command", where, text: String(content), content, needsConsent: true };
}

test("a consent is for exactly this content, place and repository", async () => {
  const file = path.join(scratch(), "deep", "trust.json");
  await addConsents(file, SCOPE, [entry("npm test")], 0);
  const consents = await readConsents(file);
  expect(consents.fault).toBeNull();
  expect(consents.state(SCOPE, entry("npm test"))).toBe("agreed");
  expect(consents.state(SCOPE, entry("npm test; evil"))).toBe("changed");
  expect(consents.state(SCOPE, entry(["npm test"]))).toBe("changed");
  expect(consents.state(SCOPE, entry("npm test", "checks.other"))).toBe("new");
  expect(consents.state({ ...SCOPE, commonDir: "/other/.git" }, entry("npm test"))).toBe("new");
  expect(consents.state({ ...SCOPE, remoteUrl: "https://evil.example/" }, entry("npm test"))).toBe("changed");
});

test("a later consent keeps the earlier ones; the file is the user's alone and holds no content", async () => {
  const file = path.join(scratch(), "trust.json");
  await addConsents(file, SCOPE, [entry("npm test")], 0);
  await addConsents(file, SCOPE, [entry("npm run all")], 1_000);
  const consents = await readConsents(file);
  expect(consents.state(SCOPE, entry("npm test"))).toBe("agreed");
  expect(consents.state(SCOPE, entry("npm run all"))).toBe("agreed");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8")).not.toContain("npm");
});

test("a file that others may write, or that is damaged, agrees to nothing and says so", async () => {
  const file = path.join(scratch(), "trust.json");
  await addConsents(file, SCOPE, [entry("npm test")], 0);
  chmodSync(file, 0o622);
  const open = await readConsents(file);
  expect([open.state(SCOPE, entry("npm test")), open.fault]).toEqual([
    "new",
    expect.stringContaining("chmod 600"),
  ]);
  for (const text of ["{half", "null", "[]", '{"consents": 3}']) {
    writeFileSync(file, text);
    chmodSync(file, 0o600);
    const damaged = await readConsents(file);
    expect([damaged.state(SCOPE, entry("npm test")), damaged.fault]).toEqual([
      "new",
      expect.stringContaining("damaged"),
    ]);
  }
  await addConsents(file, SCOPE, [entry("npm test")], 0);
  expect((await readConsents(file)).state(SCOPE, entry("npm test"))).toBe("agreed");
});

test("entries of the file that are not consents do no harm", async () => {
  const file = path.join(scratch(), "trust.json");
  writeFileSync(file, '{"version":1,"consents":{"x":null,"y":3}}', { mode: 0o600 });
  expect((await readConsents(file)).state(SCOPE, entry("npm test"))).toBe("new");
});

test("the order of keys is not content", () => {
  expect(canonical({ b: [1, { d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[1,{"c":2,"d":1}]}');
  expect(consentKey(SCOPE, entry({ a: 1, b: 2 }))).toBe(consentKey(SCOPE, entry({ b: 2, a: 1 })));
  expect(consentKey(SCOPE, entry({ a: 1 }))).toMatch(/^[0-9a-f]{64}$/);
});

test("where it is kept: XDG_STATE_HOME, else the home directory if there is one", () => {
  const home = scratch();
  mkdirSync(path.join(home, "state"));
  expect(consentFile({ XDG_STATE_HOME: "/s", HOME: home })).toBe("/s/mayday/trust.json");
  expect(consentFile({ XDG_STATE_HOME: "relative", HOME: home })).toBe(
    path.join(home, ".local/state/mayday/trust.json"),
  );
  expect(consentFile({ HOME: "/dev/null/home" })).toBeNull();
  expect(consentFile({})).toBeNull();
});
