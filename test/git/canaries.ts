import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { build, type CommitSpec, git, Repository, scratch } from "../support/repository.ts";

/** Each driver has a file of its own, so that no canary hides another. */
const ATTRIBUTES = [
  "*.conv diff=conv",
  "*.ext diff=ext",
  "*.merge merge=merge",
  "*.clean filter=clean",
  "*.process filter=process",
  "",
].join("\n");

const NAMES = ["a.conv", "a.ext", "a.merge", "a.txt", "src/cart.js"];
const FILTERED = ["a.clean", "a.process"];

const CONFIGURATION = `version: 1
checks: {unit: {kind: unit, run: "true"}}
channels: {room: {type: webhook, url: "http://127.0.0.1:9/"}}
environments: {production: {alerts: {sev1: [room]}}}
`;

function history(filtered: boolean): CommitSpec[] {
  const names = filtered ? [...NAMES, ...FILTERED] : NAMES;
  const all = (text: string): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, `${text}\n`]));
  return [
    { name: "first", files: { ...all("one"), ".gitattributes": ATTRIBUTES, "mayday.yaml": CONFIGURATION } },
    { name: "good", files: all("two"), tags: ["v1.0.0"] },
    { name: "side", files: all("side"), branches: ["side"] },
    { name: "bad", parents: ["good"], files: all("three") },
    { name: "next", files: { "src/cart.js": "throw new Error('cart is gone')\n" } },
  ];
}

/** A remote, a clone of it, and a directory outside both where a canary leaves word. */
export interface Place {
  readonly directory: string;
  readonly remote: Repository;
  readonly clone: Repository;
  /** A program that leaves word and then runs `then`. */
  readonly program: (name: string, then?: string) => string;
  /** The canaries that have fired since this was asked last. */
  readonly fired: () => string[];
}

export function place(options: { readonly filtered?: boolean; readonly partial?: boolean } = {}): Place {
  const directory = scratch();
  const words = path.join(directory, "words");
  mkdirSync(words);
  const remote = build(history(options.filtered ?? false), {
    bare: true,
    directory: path.join(directory, "remote.git"),
  });
  remote.git("config", "uploadpack.allowFilter", "true");
  const clone = path.join(directory, "clone");
  const filter = options.partial === true ? ["--filter=blob:none"] : [];
  git(directory, "clone", "--quiet", ...filter, `file://${remote.path}`, clone);
  return {
    directory,
    remote,
    clone: new Repository(clone, remote.ids),
    program: (name, then = "cat") => {
      const file = path.join(directory, `program-${name}`);
      writeFileSync(file, `#!/bin/sh\n: > ${path.join(words, name)}\n${then}\n`, { mode: 0o755 });
      return file;
    },
    fired: () => {
      const names = readdirSync(words).toSorted();
      for (const name of names) rmSync(path.join(words, name));
      return names;
    },
  };
}

export interface Vector {
  /** Puts the canary into the clone's own configuration. */
  readonly arm: (at: Place) => void;
  /** Plain git commands that make it fire. */
  readonly alive: readonly (readonly string[])[];
}

function set(at: Place, key: string, value: string): void {
  at.clone.git("config", "--local", "--add", key, value);
}

const HOOKS = [
  "pre-push",
  "post-merge",
  "post-checkout",
  "post-commit",
  "post-rewrite",
  "post-index-change",
  "pre-commit",
  "pre-merge-commit",
  "prepare-commit-msg",
  "commit-msg",
  "reference-transaction",
  "pre-auto-gc",
];

function writeHooks(at: Place, directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const name of HOOKS) cpSync(at.program(`hook-${name}`, "exit 0"), path.join(directory, name));
}

/** A signature header on a new tip of the remote: enough for git to ask the program. */
function sign(at: Place): void {
  const unsigned = at.remote.git("commit-tree", "-p", "main", "-m", "signed", "main^{tree}");
  const [headers = "", message = ""] = at.remote.git("cat-file", "commit", unsigned).split("\n\n");
  const file = path.join(at.directory, "commit");
  const signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----";
  writeFileSync(file, `${headers}\n${signature}\n\n${message}\n`);
  at.remote.git("update-ref", "refs/heads/main", at.remote.git("hash-object", "-t", "commit", "-w", file));
}

/** Programs that the repository's configuration names; all of them fit into one repository. */
export const PROGRAMS: Readonly<Record<string, Vector>> = {
  "core.fsmonitor": {
    arm: (at) => set(at, "core.fsmonitor", at.program("fsmonitor", "exit 1")),
    alive: [["status"]],
  },
  "core.fsmonitor by include.path": {
    arm: (at) => {
      const text = `[core]\n\tfsmonitor = ${at.program("included", "exit 1")}\n`;
      writeFileSync(path.join(at.clone.path, ".git", "included"), text);
      set(at, "include.path", "included");
    },
    alive: [["status"]],
  },
  "core.hooksPath": {
    arm: (at) => {
      const hooks = path.join(at.directory, "hooks");
      writeHooks(at, hooks);
      set(at, "core.hooksPath", hooks);
    },
    alive: [["update-ref", "refs/heads/other", "HEAD"]],
  },
  "diff.external": {
    arm: (at) => set(at, "diff.external", at.program("diff-external")),
    alive: [["diff", "HEAD~2"]],
  },
  "diff.<driver>.command": {
    arm: (at) => set(at, "diff.ext.command", at.program("diff-command")),
    alive: [["diff", "HEAD~2"]],
  },
  "diff.<driver>.textconv": {
    arm: (at) => set(at, "diff.conv.textconv", at.program("textconv", 'cat "$1"')),
    alive: [["log", "-p"]],
  },
  "merge.<driver>.driver": {
    arm: (at) => set(at, "merge.merge.driver", `${at.program("merge-driver", "exit 0")} %A`),
    alive: [["merge-tree", "--write-tree", "main", "origin/side"]],
  },
  "gpg.program with log.showSignature": {
    arm: (at) => {
      sign(at);
      set(at, "gpg.program", at.program("gpg"));
      set(at, "log.showSignature", "true");
      set(at, "commit.gpgSign", "true");
      set(at, "push.gpgSign", "if-asked");
    },
    alive: [
      ["fetch", "origin"],
      ["log", "origin/main"],
    ],
  },
  "core.alternateRefsCommand": {
    arm: (at) => {
      const other = path.join(at.directory, "other.git");
      git(at.directory, "clone", "--quiet", "--bare", at.remote.path, other);
      const alternates = path.join(at.clone.path, ".git", "objects", "info", "alternates");
      writeFileSync(alternates, `${path.join(other, "objects")}\n`);
      set(at, "core.alternateRefsCommand", at.program("alternate-refs", "exit 0"));
      at.remote.git(
        "update-ref",
        "refs/heads/fresh",
        at.remote.git("commit-tree", "-m", "fresh", "main^{tree}"),
      );
    },
    alive: [["fetch", "origin", "fresh"]],
  },
  "remote.<name>.uploadpack": {
    arm: (at) => set(at, "remote.origin.uploadpack", at.program("uploadpack", 'exec git-upload-pack "$@"')),
    alive: [["ls-remote", "origin"]],
  },
  "remote.<name>.receivepack": {
    arm: (at) =>
      set(at, "remote.origin.receivepack", at.program("receivepack", 'exec git-receive-pack "$@"')),
    alive: [["push", "origin", "HEAD:refs/heads/pushed"]],
  },
  "trailer.<token>.command": {
    arm: (at) => {
      set(at, "trailer.sign.key", "Sign");
      set(at, "trailer.sign.command", at.program("trailer", "echo x"));
    },
    alive: [["interpret-trailers", "/dev/null"]],
  },
  "core.editor": {
    arm: (at) => {
      set(at, "core.editor", at.program("editor", "exit 1"));
      set(at, "sequence.editor", at.program("sequence-editor", "exit 1"));
    },
    alive: [["commit", "--allow-empty"]],
  },
  "alias, of a name that git has not": {
    arm: (at) => set(at, "alias.ls", `!${at.program("alias", "exit 0")}`),
    alive: [["ls"]],
  },
};

/** Apart from the others: where one of these is configured, mayday leaves the clone alone. */
export const FILTERS: Readonly<Record<string, Vector>> = {
  "filter.<driver>.clean and smudge": {
    arm: (at) => {
      set(at, "filter.clean.clean", at.program("filter-clean"));
      set(at, "filter.clean.smudge", at.program("filter-smudge"));
      set(at, "filter.clean.required", "true");
      at.clone.write("a.clean", "touched\n");
    },
    alive: [["diff"]],
  },
  "filter.<driver>.process": {
    arm: (at) => {
      set(at, "filter.process.process", at.program("filter-process", "exit 1"));
      at.clone.write("a.process", "touched\n");
    },
    alive: [["diff"]],
  },
  "hooks in .git/hooks": {
    arm: (at) => writeHooks(at, path.join(at.clone.path, ".git", "hooks")),
    alive: [["update-ref", "refs/heads/other", "HEAD"]],
  },
};

/** Objects are missing, and the remote that has them names a program. */
export const PROMISOR: Vector = {
  arm: (at) => set(at, "remote.origin.uploadpack", at.program("lazy-fetch", 'exec git-upload-pack "$@"')),
  alive: [["cat-file", "-p", "v1.0.0:a.txt"]],
};

/** The tip brings a submodule, whose own repository names a program. */
export const SUBMODULE: Vector = {
  arm: (at) => {
    const part = build([{ name: "part" }], { bare: true, directory: path.join(at.directory, "part.git") });
    at.clone.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", part.path, "part");
    at.clone.git("commit", "--quiet", "-m", "Add a part");
    at.clone.git("push", "--quiet", "origin", "main");
    git(path.join(at.clone.path, "part"), "config", "core.fsmonitor", at.program("submodule", "exit 1"));
  },
  alive: [["status"]],
};

function url(at: Place, to: string): void {
  at.clone.git("config", "remote.origin.url", to);
}

/** Ways to a remote: one each, so every one has its repository. `{http}` is a server that asks for a password. */
export const REMOTES: Readonly<Record<string, (at: Place, http: string) => void>> = {
  "core.sshCommand": (at) => {
    url(at, "ssh://127.0.0.1:9/shop.git");
    set(at, "core.sshCommand", at.program("ssh", "exit 1"));
  },
  "core.gitProxy": (at) => {
    url(at, "git://127.0.0.1:9/shop.git");
    set(at, "core.gitProxy", at.program("git-proxy", "exit 1"));
  },
  "ext:: allowed": (at) => {
    url(at, `ext::${at.program("ext", "exit 1")}`);
    set(at, "protocol.ext.allow", "always");
  },
  "url.<base>.insteadOf to ext::": (at) => {
    set(at, `url.ext::${at.program("instead", "exit 1")} %S .insteadOf`, "https://shop.example.com/");
    url(at, "https://shop.example.com/shop.git");
    set(at, "protocol.ext.allow", "always");
  },
  "remote.<name>.vcs": (at) => {
    url(at, at.program("vcs", "exit 1"));
    set(at, "remote.origin.vcs", "ext");
    set(at, "protocol.ext.allow", "always");
  },
  "core.askPass": (at, http) => {
    url(at, `${http}/shop.git`);
    set(at, "core.askPass", at.program("ask-pass", "exit 1"));
  },
  "credential.helper": (at, http) => {
    url(at, `${http}/shop.git`);
    set(at, "credential.helper", `!${at.program("helper", "exit 1")}`);
  },
  "credential.<url>.helper": (at, http) => {
    url(at, `${http}/shop.git`);
    set(at, `credential.${http}.helper`, `!${at.program("url-helper", "exit 1")}`);
  },
};
