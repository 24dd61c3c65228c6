import { expect, test } from "vitest";

import { published } from "../support/document.ts";
import { answers, type FakeServer, fakeServer } from "../support/http.ts";
import { build, type Repository } from "../support/repository.ts";
import { mayday } from "../support/world.ts";

/** A shop without a release: good is not known, and that does not matter here. */
async function shop(): Promise<{ made: Repository; cwd: string; server: FakeServer }> {
  const made = build([{ name: "one", files: { a: "1" } }]);
  const server = await fakeServer(answers(200, made.id("one")));
  const probe = { name: "health", http: server.url, times: 1, within: "500ms", timeout: "1s", every: "2s" };
  const production = { live: { http: server.url }, probes: [probe] };
  made.write("mayday.yaml", JSON.stringify({ version: 1, environments: { production } }));
  return { made, cwd: made.path, server };
}

test("the branch's commit runs and the probe passes: exit 0", async () => {
  const at = await shop();
  const document = published(await mayday(["verify", "--json"], at), "verify");
  expect(document).toMatchObject({
    exit: 0,
    healthy: true,
    good: null,
    rungs: [
      { id: "P4", state: "pass" },
      { id: "P5", state: "pass" },
    ],
  });
});

test("an unhealthy probe is exit 1", async () => {
  const at = await shop();
  at.server.behave(answers(500));
  const document = published(await mayday(["verify", "--json"], at), "verify");
  expect(document).toMatchObject({ exit: 1, healthy: false });
});

test("nothing to verify by is exit 1 and says what to add", async () => {
  const made = build([{ name: "one", files: { a: "1" } }]);
  const run = await mayday(["verify"], { cwd: made.path });
  expect([run.exit, run.stderr]).toEqual([1, expect.stringContaining("live: and probes:")]);
});
