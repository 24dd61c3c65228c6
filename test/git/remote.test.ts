import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";

import { beforeEach, describe, expect, onTestFinished, test } from "vitest";

import type { Git } from "../../src/git/git.ts";
import { openRepository } from "../../src/git/open.ts";
import { fetchInto, listRemote, push, pushUrl, readPorcelain } from "../../src/git/remote.ts";
import { MaydayError } from "../../src/model/error.ts";
import { closedPort, fakeServer } from "../support/http.ts";
import { git, importCommits, type Repository, scratch, withRemote } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

const MAIN = "refs/heads/main";
const ENOUGH_MS = 30_000;

let remote: Repository;
let clone: Repository;
let repository: Git;
/** Commits that nobody has pushed. */
let next: string;
let sideways: string;

function open(at: Repository): Promise<Git> {
  return openRepository({ cwd: at.path, env: cleanEnv() });
}

beforeEach(async () => {
  ({ remote, clone } = withRemote([{ name: "one" }, { name: "two", files: { "a.txt": "two\n" } }]));
  const made = importCommits(
    clone.path,
    [
      { name: "next", parents: ["two"], branches: ["next"], files: { "a.txt": "next\n" } },
      { name: "sideways", parents: ["one"], branches: ["sideways"], files: { "a.txt": "sideways\n" } },
    ],
    "main",
    remote.ids,
  );
  next = made.get("next") ?? "";
  sideways = made.get("sideways") ?? "";
  repository = await open(clone);
});

function two(): string {
  return remote.id("two");
}

function hook(name: string, script: string): void {
  writeFileSync(path.join(remote.path, "hooks", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

/** Speaks just enough of git's protocol (version 2) to say that its HEAD is `target`; no real server would. */
async function fakeGitServer(target: string, oid: string): Promise<number> {
  const line = (text: string): string => (text.length + 4).toString(16).padStart(4, "0") + text;
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => {
      const asked = data.toString();
      if (asked.includes("git-upload-pack")) socket.write(`${line("version 2\n")}${line("ls-refs\n")}0000`);
      else if (asked.includes("ls-refs")) socket.end(`${line(`${oid} HEAD symref-target:${target}\n`)}0000`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe("a push", () => {
  const forward = (): { ref: string; next: string; expected: string } => ({
    ref: MAIN,
    next,
    expected: two(),
  });

  test("is accepted when the remote has the expected value", async () => {
    expect(await push(repository, "origin", [forward()], ENOUGH_MS)).toEqual({ state: "accepted" });
    expect(remote.git("rev-parse", MAIN)).toBe(next);
  });

  test("is up to date when the remote has the new value already", async () => {
    await push(repository, "origin", [forward()], ENOUGH_MS);
    expect(await push(repository, "origin", [{ ...forward(), expected: next }], ENOUGH_MS)).toEqual({
      state: "up-to-date",
    });
  });

  test("is `moved` when somebody else pushed first, and theirs stays", async () => {
    const third = path.join(scratch(), "third");
    git(path.dirname(third), "clone", "--quiet", remote.path, third);
    git(third, "commit", "--quiet", "--allow-empty", "-m", "theirs");
    git(third, "push", "--quiet", "origin", MAIN);
    const theirs = git(third, "rev-parse", MAIN);
    // Known here or not: a fetch in the background must not make the lease agree.
    for (const known of [false, true]) {
      if (known) clone.git("fetch", "--quiet", "origin");
      expect(await push(repository, "origin", [forward()], ENOUGH_MS)).toMatchObject({ state: "moved" });
      expect(remote.git("rev-parse", MAIN)).toBe(theirs);
    }
  });

  test("is `moved` when the branch is gone", async () => {
    remote.git("update-ref", "-d", MAIN);
    expect(await push(repository, "origin", [forward()], ENOUGH_MS)).toMatchObject({ state: "moved" });
    expect(remote.git("for-each-ref")).not.toContain("refs/heads/main");
  });

  test("makes a ref only where none is", async () => {
    const made = { ref: "refs/mayday/ledger/production", next, expected: null };
    expect(await push(repository, "origin", [made], ENOUGH_MS)).toEqual({ state: "accepted" });
    expect(await push(repository, "origin", [{ ...made, next: sideways }], ENOUGH_MS)).toMatchObject({
      state: "moved",
    });
    expect(remote.git("rev-parse", made.ref)).toBe(next);
  });

  test("never forces: what is not a fast-forward is not even tried", async () => {
    const attempt = push(repository, "origin", [{ ref: MAIN, next: sideways, expected: two() }], ENOUGH_MS);
    await expect(attempt).rejects.toMatchObject({ code: "not-a-fast-forward" });
    const unknown = push(repository, "origin", [{ ref: MAIN, next, expected: "1".repeat(40) }], ENOUGH_MS);
    await expect(unknown).rejects.toBeInstanceOf(MaydayError);
    expect(remote.git("rev-parse", MAIN)).toBe(two());
  });

  test("of several refs is all or nothing", async () => {
    const refs = [forward(), { ref: "refs/mayday/a", next, expected: next }];
    expect(await push(repository, "origin", refs, ENOUGH_MS)).toMatchObject({ state: "moved" });
    expect(remote.git("rev-parse", MAIN)).toBe(two());
    const both = [forward(), { ref: "refs/mayday/a", next, expected: null }];
    expect(await push(repository, "origin", both, ENOUGH_MS)).toEqual({ state: "accepted" });
    expect(remote.git("for-each-ref", "--format=%(refname)")).toBe(`${MAIN}\nrefs/mayday/a`);
  });

  test("is `rejected` by a hook, whose words come out harmless and without passwords", async () => {
    hook(
      "pre-receive",
      `printf 'ticket missing\\033[2J\\033]0;owned\\007 \\342\\200\\256gnp https://bot:hunter2@ci.example.com/1\\n' >&2; exit 1`,
    );
    const outcome = await push(repository, "origin", [forward()], ENOUGH_MS);
    expect(outcome).toEqual({
      state: "rejected",
      text: "ticket missing\\u{1b}[2J\\u{1b}]0;owned\\u{7} \\u{202e}gnp https://ci.example.com/1",
    });
    expect(remote.git("rev-parse", MAIN)).toBe(two());
  });

  test("is `rejected` for one ref by an update hook that says nothing", async () => {
    hook("update", "exit 1");
    const outcome = await push(repository, "origin", [forward()], ENOUGH_MS);
    expect(outcome).toMatchObject({
      state: "rejected",
      text: "error: hook declined to update refs/heads/main",
    });
  });

  test("is `unclear` when the remote is gone, cannot be reached, or does not speak git", async () => {
    const port = await closedPort();
    const server = await fakeServer((_received, response) => response.writeHead(500).end());
    const urls = [
      path.join(scratch(), "gone.git"),
      `git://127.0.0.1:${port}/shop.git`,
      `${server.url}/shop.git`,
    ];
    for (const url of urls) {
      clone.git("config", "remote.origin.url", url);
      const outcome = await push(await open(clone), "origin", [forward()], ENOUGH_MS);
      expect(outcome).toMatchObject({ state: "unclear" });
      expect(outcome).toHaveProperty("text", expect.stringMatching(/fatal|unable|error/i));
    }
  });

  test("is `unclear` when the remote took it and the answer was lost", async () => {
    hook("post-receive", "kill -9 $PPID");
    expect(await push(repository, "origin", [forward()], ENOUGH_MS)).toMatchObject({ state: "unclear" });
    expect(remote.git("rev-parse", MAIN)).toBe(next);
  });

  test("does what it says whatever the repository's configuration adds to a push", async () => {
    clone.git("config", "remote.origin.push", "+refs/heads/*:refs/heads/*");
    clone.git("config", "remote.origin.mirror", "true");
    clone.git("config", "push.default", "matching");
    clone.git("config", "push.followTags", "true");
    clone.git("tag", "-a", "-m", "x", "v9", next);
    expect(await push(await open(clone), "origin", [forward()], ENOUGH_MS)).toEqual({ state: "accepted" });
    expect(remote.git("for-each-ref", "--format=%(refname)")).toBe(MAIN);
  });
});

describe("what git's porcelain says", () => {
  const refs = [{ ref: MAIN, next: "1".repeat(40), expected: "2".repeat(40) }];

  test("counts only for the refs that were asked for, and only together with its exit code", () => {
    const accepted = `To x\n \t${"1".repeat(40)}:${MAIN}\t2..1\nDone\n`;
    expect(readPorcelain(accepted, "", 0, refs)).toEqual({ state: "accepted" });
    expect(readPorcelain(accepted, "error: it broke\n", 1, refs).state).toBe("unclear");
    expect(readPorcelain("To x\n \tother:refs/heads/other\t2..1\nDone\n", "", 0, refs).state).toBe("unclear");
    expect(readPorcelain("", "", 0, refs).state).toBe("unclear");
  });
});

describe("asking and fetching", () => {
  test("the refs asked for and the default branch; nothing that only ends like them", async () => {
    remote.git("update-ref", "refs/heads/x/refs/heads/main", remote.id("one"));
    const { refs, defaultBranch } = await listRemote(repository, "origin", ["HEAD", MAIN], ENOUGH_MS);
    expect(refs.get(MAIN)).toBe(two());
    expect(refs.get("HEAD")).toBe(two());
    expect(defaultBranch).toBe("main");
  });

  test("a default branch that no branch can be called is not believed", async () => {
    for (const [name, believed] of [
      ["main", "main"],
      ["team/main", "team/main"],
      ["a:b", null],
      ["-f", null],
      ["a..b", null],
      ["a\u001b[2Jb", null],
    ] as const) {
      const port = await fakeGitServer(`refs/heads/${name}`, two());
      clone.git("config", "remote.origin.url", `git://127.0.0.1:${port}/shop.git`);
      const { refs, defaultBranch } = await listRemote(await open(clone), "origin", ["HEAD"], ENOUGH_MS);
      expect([name, defaultBranch, refs.get("HEAD")]).toEqual([name, believed, two()]);
    }
  });

  test("a fetch leaves remote-tracking refs, tags, FETCH_HEAD and what was pruned as they are", async () => {
    clone.git("config", "fetch.prune", "true");
    clone.git("config", "fetch.pruneTags", "true");
    clone.git("config", "remote.origin.tagOpt", "--tags");
    clone.git("update-ref", "refs/remotes/origin/old", two());
    clone.git("tag", "mine", two());
    remote.git("tag", "theirs", two());
    importCommits(remote.path, [{ name: "new", parents: [two()] }]);
    const before = clone.git("for-each-ref");
    await fetchInto(await open(clone), "origin", [{ from: MAIN, to: "refs/mayday/tmp/x" }], ENOUGH_MS);
    clone.git("update-ref", "-d", "refs/mayday/tmp/x", remote.git("rev-parse", MAIN));
    expect(clone.git("for-each-ref")).toBe(before);
    expect(() => clone.git("rev-parse", "--verify", "FETCH_HEAD")).toThrow(/Needed a single revision/);
  });

  test("where a push really goes is said without the password", async () => {
    clone.git("config", "remote.origin.url", "https://bot:p@ss@shop.example.com/shop.git");
    expect(await pushUrl(await open(clone), "origin")).toBe("https://shop.example.com/shop.git");
    clone.git("config", "url.https://other.example.com/.pushInsteadOf", "https://bot:p@ss@shop.example.com/");
    expect(await pushUrl(await open(clone), "origin")).toBe("https://other.example.com/shop.git");
  });

  test("what went wrong is said in one line, the one that tells it", async () => {
    const told = async (url: string, env: Record<string, string> = {}): Promise<unknown> => {
      clone.git("config", "remote.origin.url", url);
      const asking = await openRepository({ cwd: clone.path, env: cleanEnv(env) });
      return listRemote(asking, "origin", ["HEAD"], ENOUGH_MS).catch((error: unknown) => error);
    };
    const gone = path.join(scratch(), "gone.git");
    expect(await told(gone)).toHaveProperty(
      "said",
      `fatal: '${gone}' does not appear to be a git repository`,
    );
    expect(await told(`git://127.0.0.1:${await closedPort()}/shop.git`)).toHaveProperty(
      "said",
      expect.stringContaining("unable to connect to 127.0.0.1"),
    );
    const ssh = path.join(scratch(), "fake-ssh");
    const words = [
      "*** for the \u001b[2J staff only ***",
      "Warning: Permanently added 'shop' to the list of known hosts.",
      "ssh://bot:pass@shop.example.com: Permission denied (publickey).",
    ];
    writeFileSync(`${ssh}.words`, `${words.join("\n")}\n`);
    const env = { GIT_SSH_COMMAND: ssh };
    writeFileSync(ssh, `#!/bin/sh\ncat ${ssh}.words >&2\nexit 255\n`, { mode: 0o755 });
    expect(await told("ssh://shop.example.com/shop.git", env)).toHaveProperty(
      "said",
      "ssh://shop.example.com: Permission denied (publickey).",
    );
    writeFileSync(`${ssh}.words`, "\u001b[2J could not be found\u202e\n");
    const { said } = (await told("ssh://shop.example.com/shop.git", env)) as { said: string };
    expect(said).toContain("could not be found");
    // oxlint-disable-next-line no-control-regex
    expect(said).not.toMatch(/[\u001b\u202e]/);
  });

  test("silence is said too: an answer that does not come leaves no empty words", async () => {
    const silent = createServer((socket) => void socket.on("error", () => {}));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    clone.git("config", "remote.origin.url", `git://127.0.0.1:${port}/shop.git`);
    const asked = listRemote(await open(clone), "origin", ["HEAD"], 500);
    await expect(asked).rejects.toMatchObject({
      code: "git-timeout",
      said: "git gave no answer within 0.5 s",
    });
  });

  test("a name that is no remote never reaches git", async () => {
    for (const name of ["upstream", "--upload-pack=x", remote.path, ""]) {
      const asked = listRemote(repository, name, ["HEAD"], ENOUGH_MS);
      await expect(asked).rejects.toMatchObject({ code: "unknown-remote", exit: 2 });
    }
  });
});
