import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect, test } from "vitest";

import { CHANNELS } from "../../src/alert/channels/index.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { entriesOf, type TrustEntry } from "../../src/trust/entries.ts";
import { scratch } from "../support/repository.ts";

async function entries(text: string, own = ""): Promise<TrustEntry[]> {
  const directory = scratch();
  const file = path.join(directory, "mayday.yaml");
  writeFileSync(file, text);
  mkdirSync(path.join(directory, "mayday"));
  writeFileSync(path.join(directory, "mayday", "config.yaml"), own);
  return entriesOf(
    await loadConfiguration({
      repository: null,
      cwd: directory,
      file,
      env: { XDG_CONFIG_HOME: directory },
      channels: () => Promise.resolve(CHANNELS),
    }),
  );
}

const brief = (some: readonly TrustEntry[]): string[] =>
  some.map((it) => `${it.kind} ${it.where}: ${it.text}${it.needsConsent ? "" : " (free)"}`);

test("what runs, tells or asks for a secret is listed, what describes is not", async () => {
  const all = await entries(`
environments:
  production:
    branch: main
    live: {http: https://shop.example.com/version, run: ./live.sh}
    probes:
      - {name: health, http: "http://localhost:3000/healthz"}
      - {name: smoke, run: [./smoke, "a b", "{env}"]}
    rollback: {keep: ["db/**"], artifact: {run: kubectl rollout undo deploy/web}}
    variables: {run: heroku config -s}
    alerts: {sev1: [room]}
worktree: {prepare: npm ci, link: [node_modules]}
checks:
  unit: {kind: unit, run: npm test}
  ux: {kind: usability, evidence: attest}
channels:
  room: {type: slack, channel: C0123, secret: "env:SLACK_TOKEN", mention: {sev1: "<!here>"}}
  here: {type: webhook, url: "http://127.0.0.1:9/x", secret: "file:~/.config/x"}
  mail: {type: smtp, host: smtp.example.com, to: [ops@example.com]}
flags: {type: unleash, url: https://flags.example.com/api, secret: "cmd:pass unleash"}
`);
  expect(brief(all)).toEqual([
    "command checks.unit: npm test",
    "command worktree.prepare: npm ci",
    "host environments.production.live.http: https://shop.example.com/version",
    "command environments.production.live.run: ./live.sh",
    "host environments.production.probes.health: http://localhost:3000/healthz (free)",
    'command environments.production.probes.smoke: ./smoke "a b" {env}',
    "command environments.production.rollback.artifact: kubectl rollout undo deploy/web",
    "command environments.production.variables: heroku config -s",
    "host channels.room: slack channel=C0123",
    "secret channels.room: env:SLACK_TOKEN for slack channel=C0123",
    "host channels.here: webhook url=http://127.0.0.1:9/x (free)",
    "secret channels.here: file:~/.config/x for webhook url=http://127.0.0.1:9/x",
    'host channels.mail: smtp host=smtp.example.com to=["ops@example.com"]',
    "host flags: https://flags.example.com/api",
    "secret flags: cmd:pass unleash for unleash https://flags.example.com/api",
  ]);
});

test("the user's own channels need no consent", async () => {
  const all = await entries(
    'channels: {room: {type: webhook, url: "https://team.example"}}\n',
    'channels: {room: {type: webhook, url: "https://mine.example", secret: "env:MINE"}}\n',
  );
  expect(all.map((it) => [it.kind, it.needsConsent])).toEqual([
    ["host", false],
    ["secret", false],
  ]);
});

test.each([
  ["https://127.0.0.1/", false],
  ["http://127.1:8080/", false],
  ["http://0x7f.0.0.1/", false],
  ["http://[::1]:1/", false],
  ["http://app.localhost/", false],
  ["https://localhost.example.com/", true],
  ["https://127.0.0.1.example.com/", true],
  ["https://10.0.0.1/", true],
])("%s needs consent: %s", async (url, needed) => {
  const [entry] = await entries(`environments: {production: {live: {http: "${url}"}}}\n`);
  expect(entry?.needsConsent).toBe(needed);
});

test("a text and a list that look alike are two contents", async () => {
  const [text] = await entries("checks: {a: {kind: unit, run: npm test}}\n");
  const [list] = await entries("checks: {a: {kind: unit, run: [npm, test]}}\n");
  expect([text?.text, list?.text]).toEqual(["npm test", "npm test"]);
  expect(text?.content).not.toEqual(list?.content);
});
