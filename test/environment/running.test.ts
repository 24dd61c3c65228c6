import { chmodSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "vitest";

import {
  answers,
  type Behaviour,
  closedPort,
  fakeServer,
  hangsBeforeHeaders,
  resets,
} from "../support/http.ts";
import { scratch } from "../support/repository.ts";
import { done, type Place, range, shop } from "./shop.ts";

/** A shop whose production is asked over http; the server is a fake. */
async function asked(
  behaviour: Behaviour | ((at: Place) => Behaviour),
  live: Readonly<Record<string, unknown>> = {},
): Promise<Place> {
  const server = await fakeServer(answers(500));
  const at = shop(undefined, {
    environments: { production: { live: { http: `${server.url}/version`, ...live } } },
  });
  const made =
    behaviour.length === 1 ? (behaviour as (at: Place) => Behaviour)(at) : (behaviour as Behaviour);
  server.behave(made);
  return at;
}

describe("live.http", () => {
  test.each<[string, (at: Place) => string]>([
    ["a full id", (at) => at.remote.id("four")],
    ["a full id with a line end", (at) => `${at.remote.id("four")}\n`],
    ["a short id", (at) => at.remote.id("four").slice(0, 10)],
    ["what git describe prints", (at) => `v1.1.0-1-g${at.remote.id("four").slice(0, 8)}`],
    ["a prerelease tag", () => "v1.2.0-rc.1"],
    ["a version without its v", () => "1.2.0-rc.1"],
  ])("%s names the commit that runs", async (_name, text) => {
    const at = await asked((place: Place) => answers(200, text(place)));
    expect((await range(at)).live).toMatchObject({ sha: at.remote.id("four"), source: "http" });
  });

  test("a pointer finds it in JSON", async () => {
    const at = await asked(
      (place: Place) => answers(200, { "a/b": { "~c": [{ commit: place.remote.id("two") }] } }),
      {
        pointer: "/a~1b/~0c/0/commit",
      },
    );
    expect((await range(at)).live).toMatchObject({ sha: at.remote.id("two"), source: "http" });
  });

  test("a commit that this clone lacks is fetched alone", async () => {
    const at = await asked((place: Place) => answers(200, place.remote.id("five")));
    at.remote.git("config", "uploadpack.allowAnySHA1InWant", "true");
    at.clone.git("update-ref", "-d", "refs/remotes/origin/main");
    at.remote.git("update-ref", "refs/heads/main", at.remote.id("four"));
    expect((await range(at)).live.sha).toBe(at.remote.id("five"));
  });

  test.each<[string, Behaviour, Record<string, unknown>, string]>([
    ["status 500", answers(500, "sorry"), {}, "status 500"],
    ["no JSON", answers(200, "<html>"), { pointer: "/commit" }, "did not answer with JSON"],
    ["no such member", answers(200, { other: 1 }), { pointer: "/commit" }, "no text at /commit"],
    ["a branch's name", answers(200, "main"), {}, '"main", which is no commit here'],
    ["HEAD", answers(200, "HEAD"), {}, '"HEAD", which is no commit here'],
    ["a revision expression", answers(200, "v1.1.0~1"), {}, "no commit here"],
    ["an option", answers(200, "--all"), {}, "no commit here"],
    ["nothing", answers(200, ""), {}, '"", which is no commit here'],
    ["terminal control", answers(200, "\u001b[2Jgone\u202e"), {}, "\\\\u{1b}[2Jgone\\\\u{202e}"],
    ["a cut connection", resets, {}, "could not be asked"],
    ["silence", hangsBeforeHeaders, {}, "could not be asked"],
  ])("%s is a warning, and the next source is taken", async (_name, behaviour, live, words) => {
    const at = await asked(() => {}, live);
    const server = await fakeServer(behaviour);
    at.clone.write(
      "mayday.yaml",
      JSON.stringify({
        version: 1,
        environments: { production: { live: { http: `${server.url}/version`, ...live } } },
      }),
    );
    const found = await range(at);
    expect(found.live).toMatchObject({ sha: at.remote.id("five"), source: "branch" });
    expect(found.stderr).toContain(words);
    // oxlint-disable-next-line no-control-regex -- that none is there is what is tested
    expect(found.stderr.trim()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  test("nobody listening: a warning, and the ledger is next", async () => {
    const at = shop(undefined, {
      environments: { production: { live: { http: `http://127.0.0.1:${await closedPort()}/` } } },
    });
    await done(at, "deploy", "record", "production", "v1.1.0");
    const found = await range(at);
    expect(found.live).toMatchObject({ sha: at.remote.id("three"), source: "ledger" });
    expect(found.stderr).toContain("could not be asked (live.http)");
  });

  test("the ledger that says otherwise is shown", async () => {
    const at = await asked((place: Place) => answers(200, place.remote.id("four")));
    await done(at, "deploy", "record", "production", "main");
    const found = await range(at);
    expect(found.disagreements).toEqual([{ about: "live", source: "ledger", sha: at.remote.id("five") }]);
    expect(found.good).toMatchObject({ sha: at.remote.id("three"), source: "tag" });
  });

  test("rolled back by hand to the first deploy: what came later is not good", async () => {
    const at = await asked((place: Place) => answers(200, place.remote.id("three")));
    await done(at, "deploy", "record", "production", "v1.1.0");
    await done(at, "deploy", "record", "production", "main");
    expect((await range(at)).good).toMatchObject({ sha: at.remote.id("one"), source: "tag" });
  });
});

describe("live.run", () => {
  const settings = { environments: { production: { live: { run: "./live.sh now" } } } };

  function script(at: Place, text: string): void {
    at.clone.write("live.sh", `#!/bin/sh\n${text}\n`);
    chmodSync(path.join(at.cwd, "live.sh"), 0o755);
  }

  test("without consent nothing runs, and this is said", async () => {
    const at = shop(undefined, settings);
    script(at, "touch ran; git rev-parse main~1");
    const found = await range({ ...at, env: { XDG_STATE_HOME: scratch() } });
    expect(found.live.source).toBe("branch");
    expect(found.stderr).toContain("environments.production.live.run (see: mayday trust)");
    expect(at.clone.git("status", "--porcelain")).not.toContain("ran");
  });

  test("with consent its first line is the answer, and it is told the environment", async () => {
    const at = shop(undefined, settings);
    const here = { ...at, env: { XDG_STATE_HOME: scratch() } };
    script(at, `[ "$MAYDAY_ENV $1" = "production now" ] && git rev-parse main~1 && echo noise`);
    await done(here, "trust", "--yes");
    expect((await range(here)).live).toMatchObject({ sha: at.remote.id("four"), source: "run" });
    script(at, "exit 3");
    const failed = await range(here);
    expect(failed.live.source).toBe("branch");
    expect(failed.stderr).toContain("(live.run): ended with exit code 3");
  });

  test("it is asked where live.http has no answer", async () => {
    const server = await fakeServer(answers(503));
    const at = shop(undefined, {
      environments: { production: { live: { http: server.url, run: ["git", "rev-parse", "main~1"] } } },
    });
    const here = { ...at, env: { XDG_STATE_HOME: scratch() } };
    await done(here, "trust", "--yes");
    const found = await range(here);
    expect(found.live).toMatchObject({ sha: at.remote.id("four"), source: "run" });
    expect(found.stderr).toContain("status 503");
    server.behave(answers(200, at.remote.id("two")));
    expect((await range(here)).live).toMatchObject({ sha: at.remote.id("two"), source: "http" });
  });
});
