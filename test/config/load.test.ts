import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect, test } from "vitest";

import { CHANNELS } from "../../src/alert/channels/index.ts";
import { type Configuration, loadConfiguration } from "../../src/config/load.ts";
import { openRepository } from "../../src/git/open.ts";
import { MaydayError } from "../../src/model/error.ts";
import { build, scratch } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

const EXAMPLE = readFileSync(new URL("contract.yaml", import.meta.url), "utf8");

interface Setting {
  readonly own?: string;
  readonly remotes?: readonly string[];
}

/** Loads this text as a repository's mayday.yaml. */
async function load(text: string | Buffer | null, setting: Setting = {}): Promise<Configuration> {
  const directory = scratch();
  if (text !== null) writeFileSync(path.join(directory, "mayday.yaml"), text);
  const home = path.join(directory, "home");
  if (setting.own !== undefined) {
    mkdirSync(path.join(home, ".config", "mayday"), { recursive: true });
    writeFileSync(path.join(home, ".config", "mayday", "config.yaml"), setting.own);
  }
  const repository = {
    layout: { workTree: directory, commonDir: path.join(directory, ".git") },
    run: () => Promise.reject(new Error("git is not asked")),
  };
  return loadConfiguration({
    repository,
    cwd: directory,
    file: null,
    env: { HOME: home },
    channels: () => Promise.resolve(CHANNELS),
    remotes: setting.remotes ?? ["origin"],
  });
}

async function fault(work: Promise<unknown>): Promise<MaydayError> {
  const error: unknown = await work.then(
    () => new Error("it loaded"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof MaydayError)) throw error;
  expect([error.code, error.exit]).toEqual(["config", 2]);
  expect(error.hint).not.toBe("");
  return error;
}

const lines = (error: MaydayError): string[] => error.message.split("\n").map((line) => line.trim());

test("nothing written: one environment, the only remote, and the defaults of the contract", async () => {
  const { settings, file, label } = await load(null, { remotes: ["upstream"] });
  expect([file, label]).toEqual([null, null]);
  expect(settings).toEqual({
    environments: {
      production: {
        remote: "upstream",
        branch: null,
        live: {},
        bake: 600_000,
        probes: [],
        rollback: { via: "auto", keep: [], proof: null, wait: 600_000, window: 60_000 },
        alerts: {},
      },
    },
    services: {},
    worktree: { link: [] },
    checks: {},
    channels: {},
    alerting: { require: 1, deadline: 10_000, fallback: [] },
    ledger: { prefix: "refs/mayday", remote: null },
    hook: { missing: "block" },
    inactive: [],
  });
  expect((await load(null, { remotes: ["a", "b"] })).settings.environments["production"]?.remote).toBe(
    "origin",
  );
});

test("defaults of a probe and a check; empty sections and environments are no error", async () => {
  const { settings } = await load(`
environments:
  production: {probes: [{http: "http://127.0.0.1:8080/"}]}
  staging:
checks:
  unit: {kind: unit, run: npm test}
channels:
`);
  expect(settings.environments["production"]?.probes).toEqual([
    {
      name: "probe-1",
      http: "http://127.0.0.1:8080/",
      status: 200,
      within: 5_000,
      times: 3,
      every: 5_000,
      timeout: 30_000,
    },
  ]);
  expect(settings.environments["staging"]?.bake).toBe(600_000);
  expect(settings.checks["unit"]).toEqual({ kind: "unit", run: "npm test", timeout: 300_000, files: [] });
});

test("the contract's example loads whole, and what is not acted on yet is said", async () => {
  const { settings } = await load(EXAMPLE);
  const { production } = settings.environments;
  expect(production?.branch).toBe("main");
  expect(production?.live).toEqual({ http: "https://shop.example.com/version", pointer: "/commit" });
  expect(
    production?.probes.map(({ name, within, times, timeout }) => [name, within, times, timeout]),
  ).toEqual([
    ["health", 2_000, 5, 30_000],
    ["smoke", 5_000, 3, 60_000],
  ]);
  expect(production?.rollback).toEqual({
    via: "auto",
    keep: ["db/migrations/**"],
    artifact: { run: "kubectl rollout undo deploy/web" },
    proof: "P5",
    wait: 600_000,
    window: 60_000,
    prBranch: "mayday/rollback-{id}",
  });
  expect(settings.checks["lint"]?.run).toEqual(["npx", "oxlint", "{files}"]);
  expect(settings.channels["room"]?.secret).toBe("env:SLACK_TOKEN");
  for (const place of [
    "builtin",
    "flags",
    "environments.production.policy",
    "checks.load.evidence",
    "channels.oncall (pagerduty)",
    "alerting.areas",
  ]) {
    expect(settings.inactive).toContain(place);
  }
  expect(settings.inactive).not.toContain("channels.room (slack)");
});

test.each([
  [
    "environments:\n  production:\n    probe: []\n",
    'mayday.yaml:3:5 unknown key "probe", did you mean "probes"?',
  ],
  ["enviroments: {}\n", 'mayday.yaml:1:1 unknown key "enviroments", did you mean "environments"?'],
  [
    "checks:\n  unit: {kind: untit, run: npm test}\n",
    'mayday.yaml:2:16 "untit" is not known here, did you mean "unit"?',
  ],
  [
    "checks:\n  unit: {kind: unit, run: npm test, timeout: 30}\n",
    "mayday.yaml:2:46 expected a duration (30s, 5m, 1h30m), found the number 30",
  ],
  [
    "checks:\n  unit: {kind: unit, run: npm test, timeout: 5 minutes}\n",
    'mayday.yaml:2:46 "5 minutes" is not a duration longer than nothing: write 30s, 5m or 1h30m',
  ],
  ["checks:\n  unit: {run: npm test}\n", 'mayday.yaml:2:3 "kind" is missing here'],
  ["checks: [unit]\n", "mayday.yaml:1:9 expected a section (key: value), found a list"],
  ["- a\n- b\n", "mayday.yaml:1:1 expected a section (key: value), found a list"],
  ["just words\n", 'mayday.yaml:1:1 expected a section (key: value), found "just words"'],
  [
    "checks:\n  unit: {kind: unit, run: [npm, 3]}\n",
    "mayday.yaml:2:27 expected a command: text for the shell, or a list of words that meets no shell",
  ],
  [
    "environments: {Prod: {}}\n",
    'mayday.yaml:1:16 "Prod" is not a name for an environment: lower case letters, digits and hyphens, at most 40, not a hyphen first',
  ],
  [
    "environments: {production: {branch: refs/heads/main}}\n",
    'mayday.yaml:1:37 "refs/heads/main" is not a branch name: write main, not refs/heads/main',
  ],
  [
    "channels: {room: {type: slak}}\n",
    'mayday.yaml:1:25 there is no channel type "slak", did you mean "slack"?',
  ],
  ["channels: {room: {type: slack}}\n", 'mayday.yaml:1:12 "secret" is missing here'],
  ["channels: {hook: {type: webhook, url: 3}}\n", "mayday.yaml:1:39 expected text, found the number 3"],
  [
    "environments: {production: {live: {http: http://shop.example.com/version}}}\n",
    "mayday.yaml:1:42 http:// is only for this machine (localhost); anything else needs https://",
  ],
  [
    "environments: {production: {live: {http: 'ftp://shop.example.com/'}}}\n",
    "mayday.yaml:1:42 only https:// is spoken here, and http:// to this machine",
  ],
  [
    "environments: {production: {alerts: {sev1: [rom]}}}\nchannels: {room: {type: webhook, url: 'https://a.example'}}\n",
    'mayday.yaml:1:45 there is no channel "rom", did you mean "room"?',
  ],
  [
    "environments: {production: {probes: [{http: 'https://a.example/', run: x}]}}\n",
    "mayday.yaml:1:67 a probe asks a page (http) or runs a command (run), not both",
  ],
  [
    "environments: {production: {probes: [{http: 'https://a.example/', within: 60s}]}}\n",
    "mayday.yaml:1:75 no answer can come within 60s when it is given up after 30s",
  ],
  ["environments: {production: {probes: [{name: a}]}}\n", "mayday.yaml:1:38 a probe needs http: or run:"],
  [
    "environments: {production: {rollback: {proof: P5}}}\n",
    "mayday.yaml:1:47 proof P5 is healthy probes, and there are none here",
  ],
  [
    "environments: {production: {live: {pointer: /commit}}}\n",
    "mayday.yaml:1:36 a pointer needs an http page that it points into",
  ],
  [
    "checks:\n  unit: {kind: unit, run: 'echo {good.sha}'}\n",
    'mayday.yaml:2:27 {good.sha} stands only in a list; in a shell string write "$MAYDAY_GOOD_SHA"',
  ],
  [
    'checks:\n  unit: {kind: unit, run: [echo, "{good.sh}"]}\n',
    "mayday.yaml:2:34 unknown placeholder {good.sh}, did you mean {good.sha}?",
  ],
  [
    "checks:\n  unit: {kind: unit, run: npm test, evidence: ci}\n",
    "mayday.yaml:2:37 evidence: ci is for a check that ran elsewhere; this one has run: too",
  ],
  [
    "checks:\n  unit: {kind: unit}\n",
    "mayday.yaml:2:3 a check needs run: (a command) or evidence: (ci or attest)",
  ],
  [
    "channels: {a: {type: webhook, url: 'https://a.example'}}\nalerting: {require: 2}\n",
    "mayday.yaml:2:21 2 channels must accept, but there is only 1",
  ],
  ["alerting: {deadline: 30d}\n", "mayday.yaml:1:22 longer than 24 days is no time to wait for"],
  ["checks: {}\nchecks: {}\n", "mayday.yaml:2:1 this key stands here twice"],
  ["checks:\n\tunit: 3\n", "mayday.yaml:2:1 a tab in the indentation: YAML wants spaces"],
  ["environments:\n  constructor: {}\n", 'mayday.yaml:2:3 "constructor" cannot be a name'],
  ["environments:\n  __proto__: {}\n", 'mayday.yaml:2:3 "__proto__" cannot be a name'],
  ["checks: *nothing\n", "mayday.yaml:1:9 an alias (*name) without an anchor (&name) before it"],
  ["checks: !!js/function x\n", "mayday.yaml:1:9 a tag (!name) means nothing here"],
])("%j is told with its place", async (text, message) => {
  expect(lines(await fault(load(text)))[0]).toBe(message);
});

test.each([
  [
    "channels: {room: {secret: env:X}}\n",
    /^mayday\.yaml:1:12 "type" is missing here: one of slack, webhook, /,
  ],
  ["channels: {hook: {type: webhook, url: http://hooks.example.com/x}}\n", /^mayday\.yaml:1:39 .*https/],
  ["services: {a: {paths: [x}\n", /^mayday\.yaml:\d+:\d+ /],
  ["version: one\n", /^mayday\.yaml:1:10 expected 1/],
])("%j is told with its place, more or less", async (text, pattern) => {
  expect(lines(await fault(load(text)))[0]).toMatch(pattern);
});

test("a newer version says to upgrade, and nothing else of the file is judged", async () => {
  const error = await fault(load("unknown: 1\nversion: 2\n"));
  expect(error.message).toBe("mayday.yaml:2:10 this file is of version 2; this mayday reads version 1");
  expect(error.hint).toContain("upgrade");
});

test("every fault is listed, in the order of the file, ten at most", async () => {
  const many = Array.from({ length: 14 }, (_, i) => `  c${i}: {kind: no, run: x}`).join("\n");
  const all = lines(await fault(load(`zeta: 1\neta: 2\nchecks:\n${many}\n`)));
  expect(all.slice(0, 3)).toEqual([
    expect.stringMatching(/^mayday\.yaml:1:1 unknown key "zeta"/),
    expect.stringMatching(/^mayday\.yaml:2:1 unknown key "eta"/),
    expect.stringMatching(/^mayday\.yaml:4:14 /),
  ]);
  expect(all).toHaveLength(11);
  expect(all.at(-1)).toBe("and 6 more");
});

test.each([
  ["channels: {room: {type: slack, secret: hunter2-is-secret}}", "hunter2"],
  ["channels: {room: {type: pagerduty, secret: hunter2-is-secret}}", "hunter2"],
  ["flags: {type: unleash, secret: hunter2-is-secret}", "hunter2"],
  ["channels: {room: {type: slack, secret: [hunter2-is-secret]}}", "hunter2"],
  ["channels: {room: {type: webhook, url: 'https://ana:hunter2@hooks.example.com/'}}", "hunter2"],
  ["environments: {production: {live: {http: 'https://hunter2@shop.example.com/'}}}", "hunter2"],
  [`checks: {unit: {kind: ghp_${"hunter2".repeat(6)}, run: x}}`, "hunter2"],
  [`xoxb-1234567890-hunter2: 3`, "hunter2"],
  [`# xoxb-1234567890-hunter2`, "hunter2"],
  ["channels: {room: {type: webhook, url: 'https://hooks.slack.com/services/T0/B0/hunter2'}}", "hunter2"],
  ["channels: {room: {type: webhook, url: 'xoxb-1234567890-hunter2'}}", "hunter2"],
  ["channels: {room: {type: slack, secret: 'cmd:echo xoxb-1234567890-hunter2'}}", "hunter2"],
  ["checks: {unit: {kind: unit, run: 'TOKEN=xoxb-1234567890-hunter2 npm test'}}", "hunter2"],
  ['channels: {room: {type: slack, secret: "xoxb-1234567890-hunter2}}', "hunter2"],
])("a literal secret is an error that does not show it: %s", async (text, secret) => {
  const error = await fault(load(`${text}\n`));
  expect(error.message).toMatch(/^mayday\.yaml:1:\d+ /);
  expect(`${error.message}${error.hint}${error.stack ?? ""}${String(error.cause)}`).not.toContain(secret);
});

test.each([
  "env:SLACK_TOKEN",
  "file:~/.config/mayday/slack",
  "keychain:mayday/slack",
  "cmd:pass mayday/slack",
])("%s says where a secret is", async (secret) => {
  const { settings } = await load(`channels: {room: {type: slack, secret: ${JSON.stringify(secret)}}}\n`);
  expect(settings.channels["room"]?.secret).toBe(secret);
});

test("in a shell string {files} may stand, and so may the shell's own variables", async () => {
  const text = `checks: {lint: {kind: lint, run: "oxlint {files} \${env} $MAYDAY_ENV"}}\n`;
  expect((await load(text)).settings.checks["lint"]?.run).toContain("${env}");
});

test("a file of aliases that would grow without end is refused", async () => {
  const row = (i: number): string =>
    `a${i}: &a${i} [${Array.from({ length: 9 }, () => `*a${i - 1}`).join(",")}]`;
  const bomb = ["a0: &a0 [x,x,x,x,x,x,x,x,x]", ...Array.from({ length: 8 }, (_, i) => row(i + 1))].join("\n");
  expect((await fault(load(bomb))).message).toContain("aliases (*name) are used too often here");
});

test("anchors on texts, lists and sections may be used again", async () => {
  const { settings } = await load(`services:
  api: &part {paths: &globs ["src/**"]}
  web: *part
checks:
  unit: {kind: unit, run: &run npm test, files: *globs}
  lint: {kind: lint, run: *run}
`);
  expect(settings.services["web"]).toEqual({ paths: ["src/**"] });
  expect(settings.checks["unit"]?.files).toEqual(["src/**"]);
  expect(settings.checks["lint"]?.run).toBe("npm test");
});

test("a file of many faults is told without looking at each", async () => {
  const text = Array.from({ length: 30_000 }, (_, i) => `key${i}: 1`).join("\n");
  expect((await fault(load(text))).message).toMatch(/and 29990 more$/);
});

test.each(["checks: &a {unit: *a}\n", "checks: &a [*a]\n"])(
  "a value that holds itself is refused: %j",
  async (text) => {
    expect((await fault(load(text))).message).toMatch(/^mayday\.yaml:1:/);
  },
);

test("a file nested without end is refused", async () => {
  const error = await fault(load(`checks: ${"[".repeat(200_000)}\n`));
  expect(error.message).toContain("nested too deeply");
});

test("a byte order mark and Windows lines are no fault, and do not move a place", async () => {
  expect((await load("\ufeffversion: 1\r\nchecks:\r\n")).settings.checks).toEqual({});
  expect((await fault(load("\ufeffversio: 1\r\n"))).message).toMatch(/^mayday\.yaml:1:1 /);
});

test.each([
  ["larger than 1 MiB", Buffer.alloc(1024 * 1024 + 1, "#"), "mayday.yaml is larger than 1 MiB"],
  ["not UTF-8", Buffer.from([0x76, 0x3a, 0x20, 0xff, 0xfe]), "mayday.yaml is not UTF-8 text"],
])("a file that is %s is refused", async (_, bytes, message) => {
  expect((await fault(load(bytes))).message).toBe(message);
});

test("what hides in a name or a value is made visible", async () => {
  const error = await fault(load('"\\e[2Jprobe\\u202e": 1\n'));
  expect(error.message).toContain("\\u{1b}[2Jprobe\\u{202e}");
});

test("a symbolic link and a directory in its place are refused", async () => {
  const shop = build([{ name: "one", files: { "a.txt": "a" } }]);
  const repository = await openRepository({ cwd: shop.path, env: cleanEnv() });
  const input = { repository, cwd: shop.path, file: null, env: {} };
  symlinkSync("/etc/passwd", path.join(shop.path, "mayday.yaml"));
  expect((await fault(loadConfiguration(input))).message).toBe(
    "mayday.yaml is a symbolic link; mayday reads only a plain file",
  );
  const other = scratch();
  mkdirSync(path.join(other, "mayday.yaml"));
  const bare = {
    layout: { workTree: other, commonDir: path.join(other, ".git") },
    run: repository.run.bind(repository),
  };
  expect((await fault(loadConfiguration({ ...input, repository: bare }))).message).toBe(
    "mayday.yaml is not a plain file",
  );
});

test("a bare repository's file is that of HEAD; a link there is refused", async () => {
  const files = { "mayday.yaml": "checks: {unit: {kind: unit, run: make}}\n" };
  const bare = build([{ name: "one", files }], { bare: true });
  const repository = await openRepository({ cwd: bare.path, env: cleanEnv() });
  const input = { repository, cwd: bare.path, file: null, env: {} };
  const { settings, label } = await loadConfiguration(input);
  expect([label, settings.checks["unit"]?.run]).toEqual(["HEAD:mayday.yaml", "make"]);

  const linked = build([{ name: "one", files: { "mayday.yaml": { mode: "120000", data: "/etc/passwd" } } }], {
    bare: true,
  });
  const other = await openRepository({ cwd: linked.path, env: cleanEnv() });
  expect((await fault(loadConfiguration({ ...input, repository: other }))).message).toBe(
    "HEAD:mayday.yaml is not a plain file",
  );

  const unborn = build([], { bare: true });
  const empty = await openRepository({ cwd: unborn.path, env: cleanEnv() });
  expect((await loadConfiguration({ ...input, repository: empty })).label).toBeNull();
});

test("--config wins over the repository's file; a missing one is an error; /dev/null is none", async () => {
  const shop = build([{ name: "one", files: { "mayday.yaml": "this: is wrong\n" } }]);
  const repository = await openRepository({ cwd: shop.path, env: cleanEnv() });
  shop.write("other.yaml", "hook: {missing: warn}\n");
  const input = { repository, cwd: shop.path, env: {} };
  const other = await loadConfiguration({ ...input, file: "other.yaml" });
  expect([other.label, other.settings.hook.missing]).toEqual(["other.yaml", "warn"]);
  expect(other.file).toBe(path.join(shop.path, "other.yaml"));
  expect((await loadConfiguration({ ...input, file: "/dev/null" })).settings.hook.missing).toBe("block");
  expect((await fault(loadConfiguration({ ...input, file: "none.yaml" }))).message).toContain("none.yaml");
});

test("the user's own channels win, are known as theirs, and routes may name them", async () => {
  const configuration = await load(
    `environments: {production: {alerts: {sev1: [pager, room]}}}
channels: {room: {type: webhook, url: "https://team.example"}}
alerting: {require: 2, deadline: 5s}
`,
    {
      own: `channels:
  room: {type: webhook, url: "https://mine.example"}
  pager: {type: webhook, url: "https://pager.example"}
alerts: {sev1: [pager]}
alerting: {require: 1}
`,
    },
  );
  const { settings, ownChannels, ownFile } = configuration;
  expect(settings.channels["room"]?.["url"]).toBe("https://mine.example");
  expect(ownChannels).toEqual(["room", "pager"]);
  expect(ownFile).toMatch(/config\.yaml$/);
  expect(settings.alerting).toEqual({ require: 1, deadline: 5_000, fallback: [] });
  expect(settings.alerts).toEqual({ sev1: ["pager"] });
});

test("a fault of the user's own file names that file; checks do not belong there", async () => {
  const error = await fault(load(null, { own: "checks: {}\n" }));
  expect(error.message).toMatch(/^~\/\.config\/mayday\/config\.yaml:1:1 unknown key "checks"/);
});
