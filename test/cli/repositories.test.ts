import { execFileSync } from "node:child_process";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import path from "node:path";

import { describe, expect, onTestFinished, test } from "vitest";

import { build, type CommitSpec, git, Repository, scratch, withRemote } from "../support/repository.ts";
import { mayday, type Transcript } from "../support/world.ts";

/** Repositories of all kinds: a right answer, or a clear error with its exit code and the next command. */

const SHOP: readonly CommitSpec[] = [
  { name: "first", files: { "src/cart.js": "one\n", "a.txt": "one of a\n" } },
  { name: "good", files: { "src/cart.js": "two\n" }, tags: ["v1.0.0"] },
  { name: "bad", message: "Break the cart", files: { "src/cart.js": "throw new Error('cart')\n" } },
  { name: "next", message: "Say more", files: { "a.txt": "more\n" } },
];

interface TriageDocument {
  readonly live: { readonly sha: string };
  readonly good: { readonly sha: string; readonly ref?: string };
  readonly range: {
    readonly commits: number;
    readonly files: number;
    readonly insertions: number;
    readonly deletions: number;
  };
  readonly suspects: readonly { readonly sha: string; readonly subject: string }[];
  readonly freshness: { readonly fetchedAt: string | null; readonly offline: boolean };
}

function triage(
  cwd: string,
  env: Record<string, string> = {},
  args: readonly string[] = [],
): Promise<Transcript> {
  return mayday(["triage", "--json", "--symptom", "Error: cart at src/cart.js:1", ...args], { cwd, env });
}

/** The answer that every kind of repository with this history must give. */
function right(at: Pick<Repository, "id">): object {
  return {
    exit: 0,
    live: at.id("next"),
    good: [at.id("good"), "v1.0.0"],
    range: { commits: 2, files: 2, insertions: 2, deletions: 2 },
    suspects: [at.id("bad"), at.id("next")],
  };
}

/** What was answered, in the shape of `right`; all of it is shown where it is another. */
async function answer(cwd: string, env: Record<string, string> = {}): Promise<object> {
  const said = await triage(cwd, env);
  const document = said.json<TriageDocument & { readonly exit: number }>();
  if (document.exit !== 0) return document;
  const { exit, live, good, range, suspects } = document;
  const { commits, files, insertions, deletions } = range;
  return {
    exit,
    live: live.sha,
    good: [good.sha, good.ref],
    range: { commits, files, insertions, deletions },
    suspects: suspects.map(({ sha }) => sha),
  };
}

describe("object formats and layouts", () => {
  test("SHA-256: triage, rollback, undo", async () => {
    const { remote, clone } = withRemote(SHOP, { objectFormat: "sha256" });
    expect(remote.id("good")).toHaveLength(64);
    expect(await answer(clone.path)).toEqual(right(remote));
    expect((await mayday(["rollback", "--yes"], { cwd: clone.path })).exit).toBe(0);
    expect(remote.git("rev-parse", "main^{tree}")).toBe(remote.git("rev-parse", "v1.0.0^{tree}"));
    expect((await mayday(["undo", "--yes"], { cwd: clone.path })).exit).toBe(0);
    expect(remote.git("rev-parse", "main^{tree}")).toBe(
      remote.git("rev-parse", `${remote.id("next")}^{tree}`),
    );
  });

  test("a linked worktree, from its root, a directory below, and its git directory", async () => {
    const { remote, clone } = withRemote(SHOP);
    const linked = path.join(scratch(), "linked");
    clone.git("worktree", "add", "--quiet", "-b", "other", linked);
    expect(await answer(linked)).toEqual(right(remote));
    expect(await answer(path.join(linked, "src"))).toEqual(right(remote));
    expect(await answer(path.join(clone.path, ".git", "worktrees", "linked"))).toEqual(right(remote));
    expect(await answer(path.join(clone.path, ".git"))).toEqual(right(remote));
  });

  test("a bare clone and a mirror, which also roll back", async () => {
    for (const how of ["--bare", "--mirror"]) {
      const { remote } = withRemote(SHOP);
      const bare = path.join(scratch(), "bare.git");
      git(path.dirname(bare), "clone", "--quiet", how, remote.path, bare);
      expect(await answer(bare)).toEqual(right(remote));
      const back = await mayday(["rollback", "--yes", "--json"], { cwd: bare });
      expect(back.json()).toMatchObject({ exit: 0, pushed: true, clone: { state: "absent" } });
      expect(remote.git("rev-parse", "main^{tree}")).toBe(remote.git("rev-parse", "v1.0.0^{tree}"));
    }
  });

  test("a submodule's own repository", async () => {
    const { remote } = withRemote(SHOP);
    const outer = build([{ name: "outer" }]);
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", remote.path, "shop");
    expect(await answer(path.join(outer.path, "shop"))).toEqual(right(remote));
    expect(await answer(path.join(outer.path, ".git", "modules", "shop"))).toEqual(right(remote));
  });

  test("a repository in a directory that is reached by a symbolic link, with spaces and quotes in it", async () => {
    const directory = path.join(scratch(), `a "shop" with 'quotes' ö`);
    mkdirSync(directory);
    const { remote } = withRemote(SHOP);
    git(directory, "clone", "--quiet", remote.path, "clone");
    const link = path.join(scratch(), "link");
    symlinkSync(path.join(directory, "clone"), link);
    expect(await answer(link)).toEqual(right(remote));
  });

  test("a path with a line break is refused by name", async () => {
    const directory = path.join(scratch(), "line\nbreak");
    build(SHOP, { directory });
    const said = await triage(directory);
    expect(said.json()).toMatchObject({ exit: 2, code: "path-with-line-break" });
    expect(said.json<{ message: string }>().message).not.toContain("\n");
  });
});

describe("clones that lack something", () => {
  test("shallow, and the tag is not there: exit 4 and how to get it", async () => {
    const { remote } = withRemote(SHOP);
    const shallow = path.join(scratch(), "shallow");
    git(path.dirname(shallow), "clone", "--quiet", "--depth=1", `file://${remote.path}`, shallow);
    const said = await triage(shallow);
    expect(said.exit).toBe(4);
    const error = said.json<{ code: string; hint: string; message: string }>();
    expect(error.code).toBe("no-good");
    expect(error.message).toContain("shallow");
    expect(error.hint).toContain("git fetch --unshallow");
    git(shallow, "fetch", "--quiet", "--unshallow", "--tags");
    expect(await answer(shallow)).toEqual(right(remote));
  });

  test("shallow, and the tag and the range are there", async () => {
    const { remote } = withRemote(SHOP);
    const shallow = path.join(scratch(), "shallow");
    git(path.dirname(shallow), "clone", "--quiet", "--depth=3", `file://${remote.path}`, shallow);
    git(shallow, "fetch", "--quiet", "--depth=3", "origin", "tag", "v1.0.0");
    expect(await answer(shallow)).toEqual(right(remote));
    expect((await mayday(["rollback", "--yes"], { cwd: shallow })).exit).toBe(0);
    expect(remote.git("rev-parse", "main^{tree}")).toBe(remote.git("rev-parse", "v1.0.0^{tree}"));
  });

  test("shallow, and what lies between the tag and live is not there: it is said, with the way to get it", async () => {
    const { remote } = withRemote(SHOP);
    const shallow = path.join(scratch(), "shallow");
    git(path.dirname(shallow), "clone", "--quiet", "--depth=1", `file://${remote.path}`, shallow);
    git(shallow, "fetch", "--quiet", "--depth=1", "origin", "tag", "v1.0.0");
    // The tag is no ancestor as far as this clone can see: by itself it is not taken for good.
    expect((await triage(shallow)).json()).toMatchObject({ exit: 4, code: "no-good" });
    for (const verb of ["triage", "diff"]) {
      const said = await mayday([verb, "--good", "v1.0.0", "--json"], { cwd: shallow });
      expect(said.json()).toMatchObject({ exit: 0, range: { files: 2, insertions: 2, deletions: 2 } });
      expect(said.stderr).toContain("git fetch --unshallow");
    }
    const plan = await mayday(["rollback", "--to", "v1.0.0", "--plan"], { cwd: shallow });
    expect(plan.stdout.replaceAll(/\s+/g, " ")).toContain("the list of what goes out may not be whole");
    expect((await mayday(["rollback", "--to", "v1.0.0", "--yes"], { cwd: shallow })).exit).toBe(0);
    expect(remote.git("rev-parse", "main^{tree}")).toBe(remote.git("rev-parse", "v1.0.0^{tree}"));
  });

  function partial(filter: string): { remote: Repository; clone: Repository } {
    const { remote } = withRemote(SHOP);
    remote.git("config", "uploadpack.allowFilter", "true");
    const directory = path.join(scratch(), "partial");
    const url = `file://${remote.path}`;
    git(path.dirname(directory), "clone", "--quiet", "--no-checkout", `--filter=${filter}`, url, directory);
    return { remote, clone: new Repository(directory, remote.ids) };
  }

  function lacking(clone: Repository): number {
    const listed = clone.git("rev-list", "--objects", "--all", "--missing=print");
    return listed.split("\n").filter((line) => line.startsWith("?")).length;
  }

  test("partial: what the range needs is fetched, and nothing else", async () => {
    const { remote, clone } = partial("blob:none");
    const [config, before] = [readFileSync(path.join(clone.path, ".git", "config"), "utf8"), lacking(clone)];
    expect(await answer(clone.path)).toEqual(right(remote));
    // Of five contents four stand on a side of a change in the range.
    expect([before, lacking(clone)]).toEqual([5, 1]);
    expect(readFileSync(path.join(clone.path, ".git", "config"), "utf8")).toBe(config);
    expect((await mayday(["diff"], { cwd: clone.path })).exit).toBe(0);
  });

  test("partial, offline or with the remote gone: exit 4 and the command; a rollback plan needs none of it", async () => {
    const { remote, clone } = partial("blob:none");
    const offline = await triage(clone.path, {}, ["--offline"]);
    expect(offline.json()).toMatchObject({ exit: 4, code: "missing-contents" });
    expect(offline.json<{ hint: string }>().hint).toMatch(
      /^git log -p [0-9a-f]{40}\.\.[0-9a-f]{40} > \/dev\/null /,
    );
    renameSync(remote.path, `${remote.path}.gone`);
    for (const argv of [["triage"], ["diff"]]) {
      const said = await mayday([...argv, "--json"], { cwd: clone.path });
      expect(said.json()).toMatchObject({ exit: 4, code: "missing-contents" });
    }
    expect((await mayday(["rollback", "--plan"], { cwd: clone.path })).exit).toBe(0);
  });

  test("partial: a rollback brings production back", async () => {
    const { remote, clone } = partial("blob:none");
    const said = await mayday(["rollback", "--yes", "--json"], { cwd: clone.path });
    expect(said.json()).toMatchObject({ exit: 0, pushed: true });
    expect(remote.git("rev-parse", "main^{tree}")).toBe(remote.git("rev-parse", "v1.0.0^{tree}"));
  });

  test("without trees: exit 4 and the command that gets further", async () => {
    const { remote, clone } = partial("tree:0");
    const said = await triage(clone.path);
    expect(said.json()).toMatchObject({ exit: 4, code: "missing-contents" });
    expect(said.json<{ hint: string }>().hint).toContain("git fetch --refetch --no-filter");
    clone.git("fetch", "--quiet", "--refetch", "--no-filter", "origin");
    expect(await answer(clone.path)).toEqual(right(remote));
  });
});

describe("HEAD and branches", () => {
  test("a detached HEAD changes nothing: the remote's branch is what is live", async () => {
    const { remote, clone } = withRemote(SHOP);
    clone.git("checkout", "--quiet", "--detach", clone.id("first"));
    expect(await answer(clone.path)).toEqual(right(remote));
    const back = await mayday(["rollback", "--yes", "--json"], { cwd: clone.path });
    expect(back.json()).toMatchObject({ exit: 0, clone: { state: "absent" } });
    expect(clone.git("rev-parse", "HEAD")).toBe(clone.id("first"));
  });

  test("an unborn branch: exit 4; with a remote that has commits, a right answer", async () => {
    const empty = build([]);
    for (const argv of [["status"], ["triage"], ["diff"], ["rollback", "--plan"]]) {
      const said = await mayday([...argv, "--json"], { cwd: empty.path });
      expect(said.json()).toMatchObject({ exit: 4, code: "unborn-branch" });
    }
    const { remote } = withRemote(SHOP);
    empty.git("remote", "add", "origin", remote.path);
    empty.git("fetch", "--quiet", "--tags", "origin");
    expect(await answer(empty.path)).toEqual(right(remote));
  });

  test("no remote: the current branch; detached, the commit itself", async () => {
    const alone = build(SHOP);
    expect(await answer(alone.path)).toEqual(right(alone));
    alone.git("checkout", "--quiet", "--detach");
    expect(await answer(alone.path)).toEqual(right(alone));
  });
});

describe("remotes", () => {
  test("one that is not called origin is taken when it is the only one", async () => {
    const { remote, clone } = withRemote(SHOP);
    clone.git("remote", "rename", "origin", "upstream");
    expect(await answer(clone.path)).toEqual(right(remote));
  });

  test("of several, origin; where there is none of that name: exit 2 and where to write it", async () => {
    const { remote, clone } = withRemote(SHOP);
    const other = withRemote([{ name: "other", tags: ["v9.0.0"] }]);
    clone.git("remote", "add", "fork", other.remote.path);
    expect(await answer(clone.path)).toEqual(right(remote));
    clone.git("remote", "rename", "origin", "upstream");
    const said = await triage(clone.path);
    expect(said.json()).toMatchObject({ exit: 2, code: "unknown-remote" });
    expect(said.json<{ message: string; hint: string }>().message).toMatch(/fork.*upstream|upstream.*fork/);
    clone.write("mayday.yaml", "environments: {production: {remote: upstream}}\n");
    expect(await answer(clone.path)).toEqual(right(remote));
  });

  test("one whose HEAD names nothing: exit 4 and where to write the branch", async () => {
    const { remote, clone } = withRemote(SHOP);
    remote.git("symbolic-ref", "HEAD", "refs/heads/nothing");
    const said = await triage(clone.path);
    expect(said.json()).toMatchObject({ exit: 4, code: "no-branch" });
    expect(said.json<{ hint: string }>().hint).toContain("environments.production.branch");
    clone.write("mayday.yaml", "environments: {production: {branch: main}}\n");
    expect(await answer(clone.path)).toEqual(right(remote));
  });

  test("one that is gone: what was fetched last answers, and says how old it is", async () => {
    const { remote, clone } = withRemote(SHOP);
    clone.git("fetch", "--quiet");
    const now = Date.parse("2026-11-24T03:00:00Z");
    const fetched = new Date(now - 120 * 60_000);
    utimesSync(path.join(clone.path, ".git", "FETCH_HEAD"), fetched, fetched);
    renameSync(remote.path, `${remote.path}.gone`);
    const said = await mayday(["triage", "--json"], { cwd: clone.path, now });
    expect(said.json()).toMatchObject({
      exit: 0,
      live: { sha: remote.id("next") },
      freshness: { fetchedAt: "2026-11-24T01:00:00Z", offline: false },
    });
    expect(said.stderr).toContain("origin could not be asked");
    expect(said.stderr).toMatch(/known (?:120 min|2 h) ago/);
  });

  test("one that was never fetched and is gone: exit 4 and git fetch", async () => {
    const alone = build(SHOP);
    alone.git("remote", "add", "origin", path.join(scratch(), "gone.git"));
    const said = await triage(alone.path);
    expect(said.json()).toMatchObject({ exit: 4, code: "never-fetched", hint: "git fetch origin" });
  });

  test("one that takes the call and says nothing ends within the budget, and the clone answers", async () => {
    const { remote, clone } = withRemote(SHOP);
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => void sockets.add(socket.on("error", () => {})));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    clone.git(
      "config",
      "remote.origin.url",
      `git://127.0.0.1:${(silent.address() as AddressInfo).port}/shop`,
    );
    const said = await triage(clone.path);
    expect(sockets.size).toBeGreaterThan(0);
    expect(said.json()).toMatchObject({ exit: 0, live: { sha: remote.id("next") } });
    expect(said.stderr).toContain("did not answer within 5 s");
  });
});

describe("git itself, and places that are none", () => {
  /** A directory for PATH whose `git` is this script; it needs nothing else of PATH. */
  function onlyGit(script: string): Record<string, string> {
    const directory = scratch();
    writeFileSync(path.join(directory, "git"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return { PATH: directory };
  }

  test("older than 2.38: exit 2, its version, nothing done", async () => {
    const alone = build(SHOP);
    const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
    const old = onlyGit(
      `for word; do [ "$word" = version ] && echo 'git version 2.37.1 (Apple Git-137.1)' && exit; done; exec ${real} "$@"`,
    );
    for (const argv of [["triage"], ["rollback", "--yes"], ["status"]]) {
      const said = await mayday([...argv, "--json"], { cwd: alone.path, env: old });
      expect(said.json()).toMatchObject({
        exit: 2,
        code: "git-too-old",
        hint: "install a newer git, then: git --version",
      });
      expect(said.json<{ message: string }>().message).toContain("2.37");
    }
    expect(alone.git("for-each-ref", "refs/mayday")).toBe("");
    // The shim is alive: with a newer version said by it, the same commands work.
    expect((await triage(alone.path, onlyGit(`exec ${real} "$@"`))).exit).toBe(0);
  });

  test("not there at all: exit 2 and what to install", async () => {
    const alone = build(SHOP);
    const said = await triage(alone.path, { PATH: scratch() });
    expect(said.json()).toMatchObject({ exit: 2, code: "git-missing" });
    expect(said.json<{ hint: string }>().hint).toContain("2.38");
  });

  test("a relative entry of PATH finds no git inside the repository", async () => {
    const alone = build(SHOP);
    const fired = path.join(scratch(), "fired");
    writeFileSync(path.join(alone.path, "git"), `#!/bin/sh\n: > ${fired}\n`, { mode: 0o755 });
    expect(await answer(alone.path, { PATH: `.:${process.env["PATH"] ?? ""}` })).toEqual(right(alone));
    expect(existsSync(fired)).toBe(false);
  });

  test("not a repository, a file, a directory that is not there: exit 2 each, with what to do", async () => {
    const nowhere = scratch();
    const file = path.join(nowhere, "file");
    writeFileSync(file, "");
    const cases = [
      [nowhere, "not-a-repository", /-C/],
      [path.join(nowhere, "missing"), "no-such-directory", /-C/],
      [file, "no-such-directory", /-C/],
    ] as const;
    for (const [place, code, hint] of cases) {
      const said = await mayday(["-C", place, "triage", "--json"], { cwd: nowhere });
      expect(said.json()).toMatchObject({ exit: 2, code });
      expect(said.json<{ hint: string }>().hint).toMatch(hint);
    }
  });

  test("a configuration of git that cannot be read: exit 2 and git's own words", async () => {
    const alone = build(SHOP);
    writeFileSync(path.join(alone.path, ".git", "config"), "[core\nbroken\u001b[2J");
    const said = await triage(alone.path);
    expect(said.json()).toMatchObject({ exit: 2, code: "broken-repository" });
    expect(said.json<{ message: string }>().message).toMatch(/bad config line 1/);
  });

  test("what belongs to somebody else is not entered: exit 2 and git's own way to allow it", async (context) => {
    context.skip(process.getuid?.() !== 0, "needs root, to give a repository to another user");
    const alone = build(SHOP);
    chownSync(alone.path, 65_534, 65_534);
    chownSync(path.join(alone.path, ".git"), 65_534, 65_534);
    const said = await triage(alone.path);
    expect(said.json()).toMatchObject({
      exit: 2,
      code: "dubious-ownership",
      hint: `git config --global --add safe.directory ${alone.path}`,
    });
    const allowed = path.join(scratch(), "gitconfig");
    writeFileSync(allowed, `[safe]\n\tdirectory = ${alone.path}\n`);
    expect(await answer(alone.path, { GIT_CONFIG_GLOBAL: allowed })).toEqual(right(alone));
  });
});

describe("started from a hook", () => {
  test("what git hands on names the repository once, and nothing else of it has an effect", async () => {
    const { remote, clone } = withRemote(SHOP);
    const other = build([{ name: "other", tags: ["v9.0.0"] }]);
    const env = {
      GIT_DIR: path.join(clone.path, ".git"),
      GIT_WORK_TREE: clone.path,
      GIT_INDEX_FILE: path.join(other.path, ".git", "index.lock"),
      GIT_OBJECT_DIRECTORY: path.join(other.path, ".git", "objects"),
      GIT_CONFIG_PARAMETERS: "'remote.origin.url'='/nowhere' 'core.bare'='true'",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "remote.origin.url",
      GIT_CONFIG_VALUE_0: "/nowhere",
      GIT_NAMESPACE: "else",
      GIT_PREFIX: "src/",
      GIT_EXTERNAL_DIFF: "false",
      GIT_TRACE: path.join(scratch(), "trace"),
    };
    // As from a hook of a linked worktree: started elsewhere than in the repository that is meant.
    expect(await answer(other.path, env)).toEqual(right(remote));
    expect(existsSync(env.GIT_TRACE)).toBe(false);
    const before = readFileSync(path.join(other.path, ".git", "index"));
    expect((await mayday(["rollback", "--yes"], { cwd: other.path, env })).exit).toBe(0);
    expect(remote.git("rev-parse", "main^{tree}")).toBe(remote.git("rev-parse", "v1.0.0^{tree}"));
    expect(readFileSync(path.join(other.path, ".git", "index"))).toEqual(before);
    expect(other.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main\nrefs/tags/v9.0.0");
    expect(clone.git("rev-parse", "main")).toBe(remote.git("rev-parse", "main"));
  });

  test("a relative GIT_DIR, as git gives it in the work tree's root", async () => {
    const { remote, clone } = withRemote(SHOP);
    expect(await answer(clone.path, { GIT_DIR: ".git", GIT_INDEX_FILE: ".git/index" })).toEqual(
      right(remote),
    );
  });
});
