import { expect, test } from "vitest";

import { type Repository, withRemote } from "../support/repository.ts";
import { mayday } from "../support/world.ts";
import {
  belongings,
  colleague,
  commit,
  history,
  type RollbackDocument,
  refsOf,
  roll,
  shop,
  treeOf,
} from "./shop.ts";

async function undo(clone: Repository, args: readonly string[] = []): Promise<RollbackDocument> {
  const { exit, stdout } = await mayday(["undo", "--yes", "--json", ...args], { cwd: clone.path });
  const document = JSON.parse(stdout) as RollbackDocument;
  expect(document.exit).toBe(exit);
  return document;
}

test("exact: one new commit, and everything as before the rollback", async () => {
  const { remote, clone } = shop();
  const { commit: restoring } = await roll(clone);
  const document = await undo(clone);
  expect(document).toMatchObject({
    schema: "mayday/rollback@1",
    exit: 0,
    strategy: "undo",
    clone: { state: "updated" },
  });
  expect(remote.git("log", "-1", "--format=%P", "main")).toBe(restoring?.sha);
  expect(treeOf(remote, "main")).toBe(treeOf(remote, remote.id("late")));
  expect(remote.git("log", "-1", "--format=%(trailers)", "main")).toContain("Mayday-Undoes-Operation: 1");
});

test("with later commits: they stay, the inverse is merged in memory", async () => {
  const { remote, clone } = shop();
  const { commit: restoring } = await roll(clone);
  commit(colleague(remote), "After", { "after.txt": "kept\n", "readme.md": "a shop, kept\n" });
  clone.write("notes.txt", "untracked\n");
  const document = await undo(clone);
  expect(document).toMatchObject({ exit: 0, clone: { state: "updated" } });
  expect(remote.git("diff-tree", "-r", "--name-status", "--no-renames", remote.id("late"), "main")).toBe(
    "A\tafter.txt\nM\treadme.md",
  );
  const message = remote.git("log", "-1", "--format=%B", "main");
  expect(message).toContain(`Mayday-Undoes: ${restoring?.sha}`);
  expect(message).not.toMatch(/^Mayday-Restores:/m);
  // What came back counts as in effect again.
  const { stdout } = await mayday(["rollback", "--plan", "--json", "--good", "v1.0.0"], { cwd: clone.path });
  const subjects = (JSON.parse(stdout) as RollbackDocument).undone.map(({ subject }) => subject);
  expect(subjects).toEqual(expect.arrayContaining(["Move things about", "Round prices", "After"]));
});

test("in conflict: exit 5 with the files, nothing is changed", async () => {
  const { remote, clone } = shop();
  await roll(clone);
  commit(colleague(remote), "After", { "cart.txt": "another way\n" });
  clone.write("cart.txt", "mine\n");
  const before = [belongings(clone), refsOf(remote)];
  const document = await undo(clone);
  expect(document).toMatchObject({ schema: "mayday/rollback@1", exit: 5, error: { code: "conflict" } });
  expect(document.error?.message).toContain("cart.txt");
  expect([belongings(clone), refsOf(remote)]).toEqual(before);
});

test("an undo is undone", async () => {
  const { remote, clone } = shop();
  await roll(clone);
  await undo(clone);
  const document = await undo(clone);
  expect(document).toMatchObject({ exit: 0, operation: 3 });
  expect(document.undone).toHaveLength(2);
  expect(treeOf(remote, "main")).toBe(treeOf(remote, "v1.0.0"));
});

test("a named operation: reversed once; twice is exit 1, and changes nothing", async () => {
  const { remote, clone } = withRemote(history());
  await roll(clone, ["--only", "cart.txt"]);
  await roll(clone, ["--only", "lib"]);
  expect(await undo(clone, ["1"])).toMatchObject({ exit: 0, operation: 3 });
  expect(remote.git("show", "main:cart.txt")).toContain("broken");
  expect(remote.git("show", "main:lib/tax.txt")).toBe("19");
  const tip = remote.git("rev-parse", "main");
  expect(await undo(clone, ["1"])).toMatchObject({
    schema: "mayday/rollback@1",
    exit: 1,
    error: { code: "already-undone" },
  });
  expect(remote.git("rev-parse", "main")).toBe(tip);
  // Without a name: the last one that is not reversed yet, which is the undo itself.
  expect(await undo(clone)).toMatchObject({ exit: 0 });
  expect(remote.git("show", "main:cart.txt")).not.toContain("broken");
});

test("nothing to undo, no such operation, one that was only kept", async () => {
  const { clone } = shop();
  expect(await undo(clone)).toMatchObject({
    schema: "mayday/rollback@1",
    exit: 1,
    error: { code: "nothing-to-undo" },
  });
  expect(await undo(clone, ["7"])).toMatchObject({
    schema: "mayday/error@1",
    exit: 2,
    code: "unknown-operation",
  });
  await roll(clone, ["--no-push"]);
  expect(await undo(clone, ["1"])).toMatchObject({ exit: 1, error: { code: "not-published" } });
});

test("where the environment points to another branch today: exit 2, nothing is done there", async () => {
  const { remote, clone } = shop();
  await roll(clone);
  remote.git("branch", "release", "main~1");
  clone.write("mayday.yaml", "version: 1\nenvironments:\n  production: {branch: release}\n");
  const before = refsOf(remote);
  expect(await undo(clone)).toMatchObject({ schema: "mayday/error@1", exit: 2, code: "another-branch" });
  expect(refsOf(remote)).toBe(before);
});

test("--no-push keeps the commit; without a yes off a terminal it is exit 7", async () => {
  const { remote, clone } = shop();
  await roll(clone);
  const tip = remote.git("rev-parse", "main");
  const { exit, stdout } = await mayday(["undo", "--json"], { cwd: clone.path });
  expect(exit).toBe(7);
  expect(JSON.parse(stdout)).toMatchObject({
    schema: "mayday/rollback@1",
    exit: 7,
    error: { code: "needs-confirmation" },
  });
  expect(await undo(clone, ["--no-push"])).toMatchObject({ exit: 0, pushed: false, proof: { wanted: "P1" } });
  expect(remote.git("rev-parse", "main")).toBe(tip);
});
