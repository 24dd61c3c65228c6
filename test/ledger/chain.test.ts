import { chmodSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Git } from "../../src/git/git.ts";
import { openRepository } from "../../src/git/open.ts";
import { append, fetchChain, ledgerRef, readChain, sync, union } from "../../src/ledger/chain.ts";
import { encodeEvent } from "../../src/ledger/event.ts";
import { record } from "../../src/ledger/record.ts";
import type { LedgerEvent } from "../../src/model/ledger.ts";
import { build, git, Repository, withRemote } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";
import { deploy, oid } from "./events.ts";

const REF = ledgerRef("refs/mayday", "production");
const SHOP = [{ name: "one", files: { "a.txt": "a\n" }, tags: ["v1.0.0"] }];
const WAIT_MS = 20_000;

function open(repository: Repository): Promise<Git> {
  return openRepository({ cwd: repository.path, env: cleanEnv() });
}

function synchronise(repository: Git): ReturnType<typeof sync> {
  return sync(repository, REF, "production", "origin", WAIT_MS);
}

function ids(events: readonly LedgerEvent[]): string[] {
  return events.map(({ id }) => id);
}

/** A bare remote and several people's clones of it. */
function team(size: number): { remote: Repository; clones: Repository[] } {
  const { remote, clone } = withRemote(SHOP);
  const clones = [clone];
  for (let n = 1; n < size; n += 1) {
    const directory = path.join(path.dirname(remote.path), `clone-${n}`);
    git(path.dirname(remote.path), "clone", "--quiet", remote.path, directory);
    clones.push(new Repository(directory, remote.ids));
  }
  return { remote, clones };
}

/** A pre-receive hook that refuses refs below refs/mayday, as some hosts do. */
function refuseOurRefs(remote: Repository): string {
  const hook = path.join(remote.path, "hooks", "pre-receive");
  const script =
    '#!/bin/sh\nwhile read old new ref; do case "$ref" in refs/mayday/*) echo "only branches here" >&2; exit 1;; esac; done\n';
  writeFileSync(hook, script);
  chmodSync(hook, 0o755);
  return hook;
}

describe("one repository", () => {
  test("a chain reads back in the order of writing, with any object format", async () => {
    for (const objectFormat of ["sha1", "sha256"] as const) {
      const shop = await open(build(SHOP, { objectFormat }));
      const events = [deploy(oid(1)), deploy(oid(2)), deploy(oid(3))];
      expect(await readChain(shop, REF)).toEqual({ tip: null, events: [], unreadable: 0 });
      await append(shop, REF, events.slice(0, 2));
      await append(shop, REF, events.slice(2));
      expect((await readChain(shop, REF)).events).toEqual(events);
    }
  });

  test("git log alone reads it", async () => {
    const made = build(SHOP);
    await append(await open(made), REF, [deploy(oid(0x1a2b3c4d)), deploy(oid(2), 5)]);
    expect(made.git("log", "--format=%s", REF)).toBe("deploy 00000000\ndeploy 00000000");
    expect(made.git("log", "-1", "--format=%B %T", REF)).toContain('"type":"deploy"');
    expect(made.git("ls-tree", REF)).toBe("");
    expect(made.git("log", "-1", "--format=%ct", REF)).toBe(String(Date.UTC(2026, 10, 24, 3, 5) / 1_000));
  });

  test("what is no event is counted and passed over, what is foreign is passed on", async () => {
    const made = build(SHOP);
    const shop = await open(made);
    const [first, last] = [deploy(oid(1)), deploy(oid(2))];
    await append(shop, REF, [first]);
    const raw = { v: 3, id: "f", type: "moon", at: "2026-11-24T03:00:00Z", actor: "X" };
    for (const message of [
      "garbage",
      encodeEvent(deploy(oid(9))).slice(0, -9),
      `moon\n\n${JSON.stringify(raw)}`,
    ]) {
      const tree = made.git("rev-parse", `${REF}^{tree}`);
      made.git("update-ref", REF, made.git("commit-tree", tree, "-p", REF, "-m", message));
    }
    await append(shop, REF, [last]);
    const chain = await readChain(shop, REF);
    expect(chain.unreadable).toBe(2);
    expect(ids(chain.events)).toEqual([first.id, "f", last.id]);
    expect(chain.events[1]).toMatchObject({ foreign: true, raw });
  });

  test("appends at once are all kept", async () => {
    const shop = await open(build(SHOP));
    const events = Array.from({ length: 8 }, (_, n) => deploy(oid(n + 1)));
    await Promise.all(events.map((event) => append(shop, REF, [event])));
    expect(ids((await readChain(shop, REF)).events).toSorted()).toEqual(ids(events).toSorted());
  });

  test("a branch that is checked out, the index and the work tree stay as they are", async () => {
    const made = build(SHOP);
    made.write("a.txt", "mine\n");
    const before = [made.git("rev-parse", "HEAD"), made.git("status", "--porcelain")];
    await append(await open(made), REF, [deploy(oid(1))]);
    expect([made.git("rev-parse", "HEAD"), made.git("status", "--porcelain")]).toEqual(before);
  });
});

test("union keeps the other's order, then what only we have, each once", () => {
  const [a, b, c] = [deploy(oid(1)), deploy(oid(2)), deploy(oid(3))];
  expect(union([a, b], [c, a])).toEqual([c, a, b]);
});

describe("with a remote", () => {
  test("two clones that append at once both keep their events, in one order for all", async () => {
    const { remote, clones } = team(2);
    const people = await Promise.all(clones.map(open));
    const mine = people.map((_, n) => [deploy(oid(10 + n)), deploy(oid(20 + n))]);
    for (const [n, person] of people.entries()) await append(person, REF, mine[n] ?? []);
    const results = await Promise.all(people.map(synchronise));
    expect(results.map(({ state }) => state)).toEqual(["synced", "synced"]);
    for (const person of people) await synchronise(person);
    const chains = await Promise.all([...people, await open(remote)].map((one) => readChain(one, REF)));
    expect(new Set(chains.map(({ tip }) => tip)).size).toBe(1);
    expect(ids(chains[0]?.events ?? []).toSorted()).toEqual(ids(mine.flat()).toSorted());
  });

  test("an unrelated chain on the remote (pushed by force) is joined, not overwritten", async () => {
    const { remote, clones } = team(1);
    const [person] = await Promise.all(clones.map(open));
    if (!person) throw new Error("no clone");
    const [ours, theirs] = [deploy(oid(1)), deploy(oid(2))];
    await append(person, REF, [ours]);
    await synchronise(person);
    remote.git("update-ref", "-d", REF);
    await append(await open(remote), REF, [theirs]);
    await synchronise(person);
    expect(ids((await readChain(await open(remote), REF)).events)).toEqual([theirs.id, ours.id]);
  });

  test("a chain that was deleted on the remote comes back whole", async () => {
    const { remote, clones } = team(1);
    const [person] = await Promise.all(clones.map(open));
    if (!person) throw new Error("no clone");
    const events = [deploy(oid(1)), deploy(oid(2))];
    await append(person, REF, events);
    await synchronise(person);
    remote.git("update-ref", "-d", REF);
    await synchronise(person);
    expect(ids((await readChain(await open(remote), REF)).events)).toEqual(ids(events));
  });

  test("a remote that refuses our refs queues the event; the next write delivers it", async () => {
    const { remote, clones } = team(1);
    const [person] = await Promise.all(clones.map(open));
    if (!person) throw new Error("no clone");
    const hook = refuseOurRefs(remote);
    const [first, second] = [deploy(oid(1)), deploy(oid(2))];
    await append(person, REF, [first]);
    const refused = await synchronise(person);
    expect(refused).toMatchObject({ state: "queued", text: expect.stringContaining("only branches here") });
    expect(ids(refused.chain.events)).toEqual([first.id]);
    renameSync(hook, `${hook}.off`);
    await append(person, REF, [second]);
    expect(await synchronise(person)).toMatchObject({ state: "synced" });
    expect(ids((await readChain(await open(remote), REF)).events)).toEqual([first.id, second.id]);
  });

  test("a remote that is gone queues the event", async () => {
    const { remote, clones } = team(1);
    const [person] = await Promise.all(clones.map(open));
    if (!person) throw new Error("no clone");
    const away = `${remote.path}.away`;
    renameSync(remote.path, away);
    const who = { prefix: "refs/mayday", remote: "origin", environment: "production" };
    const options = { now: 0, offline: false, timeoutMs: WAIT_MS };
    const written = await record(person, who, [{ type: "deploy", sha: oid(1) }], options);
    expect(written.sync).toMatchObject({
      state: "queued",
      text: `fatal: '${remote.path}' does not appear to be a git repository`,
    });
    expect((await readChain(person, REF)).events).toEqual(written.events);
    renameSync(away, remote.path);
    await record(person, who, [{ type: "deploy", sha: oid(2) }], options);
    expect(
      (await readChain(await open(remote), REF)).events.map((event) => "sha" in event && event.sha),
    ).toEqual([oid(1), oid(2)]);
  });

  test("offline nothing is asked, and a repository without a remote has nothing to ask", async () => {
    const { clones } = team(1);
    const [person] = await Promise.all(clones.map(open));
    if (!person) throw new Error("no clone");
    const place = { prefix: "refs/mayday", remote: "origin", environment: "production" };
    const event = { type: "deploy", sha: oid(1) } as const;
    const offline = await record(person, place, [event], { now: 0, offline: true, timeoutMs: 1 });
    expect(offline.sync).toBeNull();
    const alone = await open(build(SHOP));
    expect((await record(alone, place, [event], { now: 0, offline: false, timeoutMs: 1 })).sync).toBeNull();
  });

  test("fetching their chain leaves ours and every remote-tracking ref alone", async () => {
    const { remote, clones } = team(1);
    await append(await open(remote), REF, [deploy(oid(1))]);
    const [clone] = clones;
    if (!clone) throw new Error("no clone");
    const before = clone.git("for-each-ref", "refs/heads", "refs/remotes", "refs/tags");
    const person = await open(clone);
    const theirs = await fetchChain(person, REF, "production", "origin", WAIT_MS);
    expect(theirs.events).toHaveLength(1);
    expect((await readChain(person, REF)).tip).toBeNull();
    expect(clone.git("for-each-ref", "refs/heads", "refs/remotes", "refs/tags")).toBe(before);
  });

  /** Who does what, in any order: write into the own clone, or meet the remote. */
  const deeds = fc.array(
    fc.record({ person: fc.nat(2), deed: fc.constantFrom("write", "write two", "sync") }),
    { minLength: 4, maxLength: 9 },
  );

  test("whatever the order of writes and meetings, nothing is lost or doubled", async () => {
    await fc.assert(
      fc.asyncProperty(deeds, async (order) => {
        const { remote, clones } = team(3);
        const people = await Promise.all(clones.map(open));
        const written: string[] = [];
        for (const { person, deed } of order) {
          const who = people[person];
          if (!who) continue;
          if (deed === "sync") {
            await synchronise(who);
            continue;
          }
          const events = deed === "write" ? [deploy(oid(1))] : [deploy(oid(2)), deploy(oid(3))];
          written.push(...ids(events));
          await append(who, REF, events);
        }
        await Promise.all(people.map(synchronise));
        for (const who of people) await synchronise(who);
        const chains = await Promise.all([...people, await open(remote)].map((one) => readChain(one, REF)));
        for (const chain of chains) expect(ids(chain.events).toSorted()).toEqual(written.toSorted());
        expect(new Set(chains.map(({ tip }) => tip)).size).toBe(1);
      }),
      { numRuns: 8, seed: 20_261_124 },
    );
  });
});

test("a ledger in branches works where a host refuses other refs", async () => {
  const { remote, clone } = withRemote(SHOP);
  refuseOurRefs(remote);
  const place = { prefix: "refs/heads/mayday", remote: "origin", environment: "production" };
  const options = { now: 0, offline: false, timeoutMs: WAIT_MS };
  const written = await record(await open(clone), place, [{ type: "deploy", sha: oid(1) }], options);
  expect(written.sync).toMatchObject({ state: "synced" });
  expect(remote.git("for-each-ref", "--format=%(refname)", "refs/heads/mayday")).toBe(
    "refs/heads/mayday/ledger/production",
  );
});
