import { expect, test } from "vitest";

import { git, withRemote } from "../support/repository.ts";
import { mayday } from "../support/world.ts";

function shop() {
  return withRemote([
    { name: "good", files: { "a.txt": "1" }, tags: ["v1.0.0"] },
    { name: "bad", files: { "a.txt": "2" } },
  ]);
}

async function push(cwd: string, remote: string, from: string, to = "refs/heads/main") {
  const sha = git(cwd, "rev-parse", from);
  const old = git(remote, "rev-parse", "main");
  return mayday(["check", "--hook", "pre-push", "--", "origin", remote], {
    cwd,
    stdin: `refs/heads/main ${sha} ${to} ${old}\n`,
  });
}

test("what was rolled back does not creep back under another commit", async () => {
  const { remote, clone } = shop();
  expect(await mayday(["rollback", "--yes", "--reason", "prices broken"], { cwd: clone.path })).toMatchObject(
    { exit: 0 },
  );
  git(clone.path, "revert", "--no-edit", "HEAD");

  const refused = await push(clone.path, remote.path, "HEAD");
  expect(refused).toMatchObject({ exit: 3, stdout: "" });
  expect(refused.stderr).toContain(
    `holds exactly the files of ${clone.id("bad").slice(0, 8)}, which is marked bad in production: prices broken`,
  );
  expect(refused.stderr).toContain("mayday undo");
  const document = await mayday(["check", "--json"], { cwd: clone.path });
  expect(document.json()).toMatchObject({ exit: 3, ids: [`bad:production:${clone.id("bad").slice(0, 8)}`] });

  // Another branch is nobody's production, and other content on this one was not marked.
  expect(await push(clone.path, remote.path, "HEAD", "refs/heads/try")).toMatchObject({ exit: 0 });
  clone.write("a.txt", "3");
  git(clone.path, "commit", "-qam", "mended");
  expect(await push(clone.path, remote.path, "HEAD")).toMatchObject({ exit: 0 });
});

test("an undo takes the mark away", async () => {
  const { remote, clone } = shop();
  expect(await mayday(["rollback", "--yes"], { cwd: clone.path })).toMatchObject({ exit: 0 });
  expect(await push(clone.path, remote.path, clone.id("bad"))).toMatchObject({ exit: 3 });
  expect(await mayday(["undo", "--yes"], { cwd: clone.path })).toMatchObject({ exit: 0 });
  expect(await push(clone.path, remote.path, "HEAD")).toMatchObject({ exit: 0 });
});
