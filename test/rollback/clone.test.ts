/* oxlint-disable vitest/no-conditional-expect -- a table: which case expects what is data */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { git, Repository, scratch, withRemote } from "../support/repository.ts";
import { belongings, commit, expectRestored, filesOf, roll, shop, treeOf } from "./shop.ts";

/** git that may stop with a conflict. */
function tries(repository: Repository, ...args: string[]): void {
  try {
    repository.git(...args);
  } catch {
    // Stopping half-way is what the case wants.
  }
}

function sideBranch(clone: Repository): void {
  clone.git("switch", "--quiet", "-c", "side", "v1.0.0");
  commit(clone, "Side", { "cart.txt": "of the side\n" }, false);
}

/** What the person has, and what of it stands in the way. `state` is what mayday says of the clone. */
const LEFT: Readonly<
  Record<
    string,
    { state: "left" | "absent"; files?: string[]; says?: RegExp; have: (clone: Repository) => void }
  >
> = {
  "an edit of a file that changes": {
    state: "left",
    files: ["cart.txt"],
    says: /git merge --ff-only/,
    have: (clone) => clone.write("cart.txt", "mine\n"),
  },
  "a file emptied that changes": {
    state: "left",
    files: ["cart.txt"],
    have: (clone) => clone.write("cart.txt", ""),
  },
  "a file deleted that changes": {
    state: "left",
    files: ["cart.txt"],
    have: (clone) => rmSync(path.join(clone.path, "cart.txt")),
  },
  "a staged edit": {
    state: "left",
    files: ["cart.txt"],
    have: (clone) => {
      clone.write("cart.txt", "staged\n");
      clone.git("add", "cart.txt");
      clone.write("cart.txt", "and edited on\n");
    },
  },
  "a file taken out of the index and kept": {
    state: "left",
    files: ["new.txt"],
    have: (clone) => clone.git("rm", "--quiet", "--cached", "new.txt"),
  },
  "an untracked file where one comes back": {
    state: "left",
    files: ["gone.txt"],
    have: (clone) => clone.write("gone.txt", "my own\n"),
  },
  "an ignored file where one comes back": {
    state: "left",
    files: ["gone.txt"],
    have: (clone) => {
      writeFileSync(path.join(clone.path, ".git/info/exclude"), "gone.txt\n");
      clone.write("gone.txt", "secret\n");
    },
  },
  "a directory of their own where a file comes back": {
    state: "left",
    files: ["gone.txt"],
    have: (clone) => clone.write("gone.txt/inside", "my own\n"),
  },
  "a file marked assume-unchanged": {
    state: "left",
    files: ["cart.txt"],
    have: (clone) => {
      clone.git("update-index", "--assume-unchanged", "cart.txt");
      clone.write("cart.txt", "local settings\n");
    },
  },
  "a file marked skip-worktree": {
    state: "left",
    files: ["cart.txt"],
    have: (clone) => {
      clone.git("update-index", "--skip-worktree", "cart.txt");
      clone.write("cart.txt", "local settings\n");
    },
  },
  "commits of their own": {
    state: "left",
    says: /git rebase/,
    have: (clone) => void commit(clone, "Mine", { "mine.txt": "mine\n" }, false),
  },
  "a merge under way": {
    state: "left",
    says: /a merge is under way/,
    have: (clone) => {
      sideBranch(clone);
      clone.git("switch", "--quiet", "main");
      tries(clone, "merge", "side");
    },
  },
  "a cherry-pick under way": {
    state: "left",
    says: /a cherry-pick is under way/,
    have: (clone) => {
      sideBranch(clone);
      clone.git("switch", "--quiet", "main");
      tries(clone, "cherry-pick", "side");
    },
  },
  "a revert under way": {
    state: "left",
    says: /a revert is under way/,
    have: (clone) => clone.git("revert", "--no-commit", "HEAD"),
  },
  "a rebase of another branch": {
    state: "absent",
    have: (clone) => {
      sideBranch(clone);
      tries(clone, "rebase", "main");
    },
  },
  "a rebase of the branch itself": {
    state: "left",
    says: /a rebase is under way/,
    have: (clone) => {
      sideBranch(clone);
      clone.git("switch", "--quiet", "main");
      tries(clone, "rebase", "side");
    },
  },
  "a bisect under way": {
    state: "absent",
    have: (clone) => {
      clone.git("bisect", "start");
      clone.git("bisect", "bad", "HEAD");
      clone.git("bisect", "good", "v1.0.0");
    },
  },
  "a detached HEAD with edits": {
    state: "absent",
    have: (clone) => {
      clone.git("switch", "--quiet", "--detach");
      clone.write("cart.txt", "mine\n");
    },
  },
  "another branch with edits": {
    state: "absent",
    have: (clone) => {
      clone.git("switch", "--quiet", "-c", "other");
      clone.write("cart.txt", "mine\n");
    },
  },
  "a foreign index.lock": {
    state: "left",
    says: /index\.lock/,
    have: (clone) => writeFileSync(path.join(clone.path, ".git/index.lock"), "somebody's"),
  },
  "a filter of the repository's own configuration": {
    state: "left",
    says: /filter of this repository's own configuration/,
    have: (clone) => {
      clone.git("config", "filter.own.smudge", "touch fired; cat");
      writeFileSync(path.join(clone.path, ".git/info/attributes"), "cart.txt filter=own\n");
    },
  },
};

describe("what is the person's stays as it is, byte for byte, and the rollback is published", () => {
  test.each(Object.entries(LEFT))("%s", async (_name, { state, files, says, have }) => {
    const { remote, clone } = shop();
    clone.write("debug.log", "ignored\n");
    clone.write("notes.txt", "untracked\n");
    have(clone);
    const before = belongings(clone);
    const document = await roll(clone);
    expect(document).toMatchObject({ exit: 0, pushed: true, clone: { state } });
    if (files) expect(document.clone?.files).toEqual(files);
    if (says) expect(document.clone?.text).toMatch(says);
    expect(belongings(clone)).toEqual(before);
    expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
  });

  test("a stash, edits elsewhere, untracked and ignored files survive a clone that is brought along", async () => {
    const { remote, clone } = shop();
    clone.write("cart.txt", "for later\n");
    clone.git("stash", "--quiet");
    clone.write("readme.md", "edited\n");
    clone.write("added.txt", "staged\n");
    clone.git("add", "added.txt");
    clone.write("debug.log", "ignored\n");
    clone.write("lib/notes.txt", "untracked\n");
    mkdirSync(path.join(clone.path, "empty"));
    const before = filesOf(clone.path);
    const stash = clone.git("stash", "list", "-p");
    const document = await roll(clone);
    expect(document.clone).toMatchObject({ state: "updated", files: [] });
    const after = filesOf(clone.path);
    for (const name of ["readme.md", "added.txt", "debug.log", "lib/notes.txt"])
      expect(after.get(name)).toBe(before.get(name));
    expect(clone.git("stash", "list", "-p")).toBe(stash);
    expect(clone.git("status", "--porcelain")).toBe("A  added.txt\n M readme.md\n?? lib/notes.txt".trim());
    expect(clone.git("rev-parse", "HEAD")).toBe(document.commit?.sha);
    expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
  });
});

describe("where the branch is checked out", () => {
  test("in another worktree: that one is left, and named", async () => {
    const { remote, clone } = shop();
    const linked = path.join(path.dirname(clone.path), "linked");
    clone.git("worktree", "add", "--quiet", "-b", "other", linked);
    const before = belongings(clone);
    const document = await roll(new Repository(linked, clone.ids));
    expect(document).toMatchObject({ exit: 0, clone: { state: "left" } });
    expect(document.clone?.text).toContain(`checked out in ${clone.path}`);
    expect(belongings(clone)).toEqual(before);
    expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
  });

  test("in this linked worktree: it is brought along", async () => {
    const { clone } = shop();
    clone.git("switch", "--quiet", "-c", "other");
    const linked = path.join(path.dirname(clone.path), "linked");
    clone.git("worktree", "add", "--quiet", linked, "main");
    const document = await roll(new Repository(linked, clone.ids));
    expect(document).toMatchObject({ exit: 0, clone: { state: "updated" } });
    expect(git(linked, "status", "--porcelain")).toBe("");
    expect(git(linked, "rev-parse", "HEAD^{tree}")).toBe(treeOf(clone, "v1.0.0"));
  });

  test("git moves it and says it failed: what git has done is what counts, the index too", async () => {
    const { remote, clone } = shop();
    const bin = scratch();
    const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
    const script = `#!/bin/sh\ncase " $* " in *" merge "*) ${real} "$@"; exit 1 ;; esac\nexec ${real} "$@"\n`;
    writeFileSync(path.join(bin, "git"), script, { mode: 0o755 });
    const document = await roll(clone, [], { PATH: `${bin}:${process.env["PATH"] ?? ""}` });
    expect(document).toMatchObject({ exit: 0, clone: { state: "updated" } });
    expect(clone.git("rev-parse", "HEAD")).toBe(document.commit?.sha);
    expect(clone.git("status", "--porcelain")).toBe("");
    expectRestored(remote, remote.id("late"), treeOf(remote, "v1.0.0"));
  });

  test("sparse: files outside stay absent", async () => {
    const { clone } = shop();
    clone.git("sparse-checkout", "set", "--no-cone", "/cart.txt", "/readme.md");
    const document = await roll(clone);
    expect(document.clone).toMatchObject({ state: "updated" });
    expect([...filesOf(clone.path).keys()].toSorted()).toEqual(["cart.txt", "readme.md"]);
    expect(clone.git("status", "--porcelain")).toBe("");
  });
});

describe("how files are written", () => {
  test("symbolic links and executable bits come back", async () => {
    const { clone } = withRemote([
      {
        name: "good",
        tags: ["v1.0.0"],
        files: {
          "run.sh": { mode: "100755", data: "#!/bin/sh\n" },
          current: { mode: "120000", data: "run.sh" },
          kind: "a file\n",
        },
      },
      {
        name: "bad",
        files: {
          "run.sh": "#!/bin/sh\n",
          current: "no link any more\n",
          kind: { mode: "120000", data: "x" },
        },
      },
    ]);
    const document = await roll(clone);
    expect(document).toMatchObject({ exit: 0, clone: { state: "updated" } });
    expect(filesOf(clone.path).get("current")).toBe("link run.sh");
    expect(filesOf(clone.path).get("run.sh")).toMatch(/^755 /);
    expect(filesOf(clone.path).get("kind")).toMatch(/^644 /);
    expect(clone.git("status", "--porcelain")).toBe("");
  });

  test("a symbolic link of their own in the way is left", async () => {
    const { clone } = shop();
    symlinkSync("/nowhere", path.join(clone.path, "gone.txt"));
    const before = belongings(clone);
    expect((await roll(clone)).clone).toMatchObject({ state: "left", files: ["gone.txt"] });
    expect(belongings(clone)).toEqual(before);
  });

  test("a changed permission alone is theirs", async () => {
    const { clone } = shop();
    chmodSync(path.join(clone.path, "cart.txt"), 0o755);
    expect((await roll(clone)).clone).toMatchObject({ state: "left", files: ["cart.txt"] });
  });

  test("line ends: autocrlf and .gitattributes as the person has them, the tree exactly good's", async () => {
    const { remote, clone } = withRemote([
      {
        name: "good",
        tags: ["v1.0.0"],
        files: {
          ".gitattributes": "*.sh eol=lf\n",
          "a.txt": "one\ntwo\n",
          "b.sh": "one\n",
          "c.txt": "kept\r\n",
        },
      },
      { name: "bad", files: { "a.txt": "one\nbad\n", "b.sh": "bad\n", "c.txt": "bad\r\n" } },
    ]);
    clone.git("config", "core.autocrlf", "true");
    rmSync(path.join(clone.path, "a.txt"));
    clone.git("checkout", "--quiet", "--", "a.txt");
    const document = await roll(clone);
    expect(document).toMatchObject({ exit: 0, clone: { state: "updated" } });
    expect(readFileSync(path.join(clone.path, "a.txt"), "utf8")).toBe("one\r\ntwo\r\n");
    expect(readFileSync(path.join(clone.path, "b.sh"), "utf8")).toBe("one\n");
    expect(clone.git("status", "--porcelain")).toBe("");
    expectRestored(remote, remote.id("bad"), treeOf(remote, "v1.0.0"));
  });

  test("a filter of the person's own configuration (as git lfs install sets it) runs", async () => {
    const { remote, clone } = withRemote([
      {
        name: "good",
        tags: ["v1.0.0"],
        files: { ".gitattributes": "*.bin filter=rot\n", "a.bin": "tbbq\n" },
      },
      { name: "bad", files: { "a.bin": "onq\n" } },
    ]);
    const global = path.join(scratch(), "gitconfig");
    const rot = "tr a-z n-za-m";
    writeFileSync(global, `[filter "rot"]\n\tclean = ${rot}\n\tsmudge = ${rot}\n\trequired = true\n`);
    rmSync(path.join(clone.path, "a.bin"));
    git(
      clone.path,
      "-c",
      `filter.rot.clean=${rot}`,
      "-c",
      `filter.rot.smudge=${rot}`,
      "checkout",
      "--",
      "a.bin",
    );
    const document = await roll(clone, [], { GIT_CONFIG_GLOBAL: global });
    expect(document).toMatchObject({ exit: 0, clone: { state: "updated" } });
    expect(readFileSync(path.join(clone.path, "a.bin"), "utf8")).toBe("good\n");
    expectRestored(remote, remote.id("bad"), treeOf(remote, "v1.0.0"));
  });
});
