import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { type ConfiguredChannel, formsOf, VARIANTS } from "../support/alerting.ts";
import { published } from "../support/document.ts";
import {
  answers,
  type Behaviour,
  closedPort,
  echoes,
  fakeServer,
  hangsBeforeHeaders,
  hangsMidBody,
  resets,
  slackOk,
} from "../support/http.ts";
import { build, type Repository, scratch } from "../support/repository.ts";
import { mayday, type RunOptions, type Transcript } from "../support/world.ts";

const NOW = Date.UTC(2026, 10, 24, 3, 12, 9);

interface AlertDocument {
  readonly exit: number;
  readonly deliveries: readonly {
    readonly channel: string;
    readonly status: string;
    readonly text: string;
  }[];
  readonly delayed: readonly unknown[];
}

const documentOf = (run: Transcript): AlertDocument => published<AlertDocument>(run, "alert");

/** A repository with this mayday.yaml; channels as JSON, which is YAML. */
function repository(configuration: Readonly<Record<string, unknown>>): Repository {
  const made = build([
    { name: "one", files: { "a.txt": "a" }, tags: ["v1.0.0"] },
    { name: "two", files: { "a.txt": "b" } },
  ]);
  made.write("mayday.yaml", JSON.stringify({ version: 1, ...configuration }));
  return made;
}

/** The user's own configuration below a home directory of its own. */
function home(channels: readonly ConfiguredChannel[], more: Readonly<Record<string, unknown>> = {}) {
  const directory = scratch();
  const file = path.join(directory, ".config", "mayday", "config.yaml");
  mkdirSync(path.dirname(file), { recursive: true });
  const settings = Object.fromEntries(channels.map((channel) => [channel.name, channel.settings]));
  writeFileSync(file, JSON.stringify({ channels: settings, ...more }));
  const env: Record<string, string> = Object.assign(
    { HOME: directory },
    ...channels.map(({ env: own }) => own),
  );
  return { directory, env, outbox: path.join(directory, ".local", "state", "mayday", "outbox.jsonl") };
}

const hook = (name: string, url: string): ConfiguredChannel => ({
  name,
  settings: { type: "webhook", url: `${url}/in` },
  env: {},
  secrets: [],
});

/** Times and ports differ from run to run. */
function stable(text: string): string {
  return text.replace(/ +(?:\d+ ms|\d+\.\d s|–)(?= |$)/gm, "  TIME").replace(/127\.0\.0\.1:\d+/g, "HOST");
}

describe("a transcript", () => {
  test("every channel accepts: exit 0", async () => {
    const server = await fakeServer(answers(204));
    const repo = repository({ channels: { room: hook("room", server.url).settings } });
    const run = await mayday(["alert", "the cart answers 500"], { cwd: repo.path, now: NOW });
    expect(stable(run.stdout)).toBe(
      `
SEV1 · production · the cart answers 500

  room  delivered  TIME

1 channel reached
`,
    );
    expect(run).toMatchObject({ exit: 0, stderr: "" });
    expect(JSON.parse(server.received[0]?.body ?? "")).toMatchObject({
      title: "the cart answers 500",
      facts: [
        { label: "Live", value: `main (${repo.id("two").slice(0, 8)})` },
        { label: "Good", value: `v1.0.0 (${repo.id("one").slice(0, 8)}), not certified` },
        { label: "Way back", value: "mayday rollback production" },
      ],
    });
  });

  test("some accept: exit 8, the rest is queued in the repository and sent by the next alert", async () => {
    const server = await fakeServer(answers(204));
    const down = await closedPort();
    const repo = repository({
      channels: {
        room: hook("room", server.url).settings,
        mail: hook("mail", `http://127.0.0.1:${down}`).settings,
      },
    });
    const run = await mayday(["alert", "the cart answers 500"], { cwd: repo.path, now: NOW });
    expect(stable(run.stdout)).toBe(`
SEV1 · production · the cart answers 500

  room  delivered  TIME
  mail  queued  TIME  HOST refused the connection

1 of 2 channels reached; 1 queued for the next mayday alert (within 1 h)
`);
    expect(run.exit).toBe(8);
    expect(run.stderr).toBe(
      "error not reached: mail\n next call them by phone if it is urgent; the next mayday alert sends it again\n",
    );
    const outbox = path.join(repo.path, ".git", "mayday", "outbox.jsonl");
    expect(statSync(outbox).mode & 0o777).toBe(0o600);
    expect(repo.git("status", "--porcelain")).toBe("?? mayday.yaml");

    repo.write(
      "mayday.yaml",
      JSON.stringify({ version: 1, channels: { mail: hook("mail", server.url).settings } }),
    );
    const next = await mayday(["alert", "again"], { cwd: repo.path, now: NOW + 300_000 });
    expect(stable(next.stdout)).toContain("from before\n  mail  delivered  TIME\n");
    expect(next.exit).toBe(0);
    const remarks = server.received.map(({ body }) => (JSON.parse(body) as { remarks: string[] }).remarks);
    expect(remarks).toEqual([[], ["delayed 5 min"], []]);
  });

  test("nobody is reached: exit 1", async () => {
    const down = await closedPort();
    const repo = repository({ channels: { room: hook("room", `http://127.0.0.1:${down}`).settings } });
    const run = await mayday(["alert", "the cart answers 500"], { cwd: repo.path, now: NOW });
    expect(run.exit).toBe(1);
    expect(run.stderr).toBe(
      "error nobody was reached; the alert is queued\n next call them by phone if it is urgent; the next mayday alert sends it again\n",
    );
  });

  test("nothing is configured: exit 2 with what to write", async () => {
    const repo = build([{ name: "one", files: { a: "a" } }]);
    const run = await mayday(["alert", "help"], { cwd: repo.path, now: NOW });
    expect(run).toMatchObject({ exit: 2, stdout: "" });
    expect(run.stderr).toMatchInlineSnapshot(`
      "error there is no channel to send to: nobody was told
       next add one to mayday.yaml, or to ~/.config/mayday/config.yaml for yourself:
            version: 1
            channels:
              room: {type: slack, channel: C0123456789, secret: "env:SLACK_TOKEN"}
              hook: {type: webhook, url: "https://alerts.example.com/mayday"}
      "
    `);
    // What it says is what works.
    const yaml = run.stderr
      .split("\n")
      .slice(2)
      .map((line) => line.slice(6))
      .join("\n");
    repo.write("mayday.yaml", yaml);
    const dry = await mayday(["alert", "help", "--dry-run", "--json"], {
      cwd: repo.path,
      now: NOW,
      env: { SLACK_TOKEN: "xoxb-4815162342", ...(await consentTo(repo)) },
    });
    expect(dry.exit).toBe(0);
    documentOf(dry);
    expect(dry.json()).toMatchObject({
      requests: [
        { channel: "room", host: "slack.com", headers: { authorization: "Bearer [redacted]" } },
        { channel: "hook", host: "alerts.example.com" },
      ],
    });
  });
});

/** Agrees to the repository's configuration as it stands; returns the environment that remembers it. */
async function consentTo(repo: Repository): Promise<Record<string, string>> {
  const env = { XDG_STATE_HOME: scratch() };
  expect((await mayday(["trust", "--yes"], { cwd: repo.path, env, now: NOW })).exit).toBe(0);
  return env;
}

describe("mistakes", () => {
  async function refused(argv: readonly string[], options: Partial<RunOptions> = {}): Promise<string> {
    const server = await fakeServer(answers(204));
    const repo = repository({ channels: { room: hook("room", server.url).settings } });
    const run = await mayday(["alert", ...argv], { cwd: repo.path, now: NOW, ...options });
    expect(run).toMatchObject({ exit: 2, stdout: "" });
    expect(server.received).toEqual([]);
    return run.stderr;
  }

  test("a channel that is not there is named, with those that are", async () => {
    expect(await refused(["help", "--to", "rom"])).toBe(
      'error there is no channel called rom (there is room)\n next mayday alert "…" --to room, or add channels.rom to mayday.yaml\n',
    );
  });

  test("a message after --to is taken for a channel, and the right command is given", async () => {
    expect(await refused(["--to", "room", "the cart is down"])).toContain(
      'mayday alert "the cart is down" --to room',
    );
  });

  test("no message, off a terminal", async () => {
    expect(await refused(["--env", "staging"])).toContain(
      'next mayday alert "staging is broken after a deploy" --env staging --severity sev1',
    );
  });

  test("a name that is no environment, a severity that is none", async () => {
    expect(await refused(["help", "--env", "Prod\u001b[2J"])).toContain(
      "Prod\\u{1b}[2J is not the name of an environment",
    );
    expect(await refused(["help", "--severity", "5"])).toContain("sev1, sev2, sev3, sev4");
  });

  test("a secret that is not there is said by name, and nothing is queued", async () => {
    const channel = VARIANTS["slack, Web API"]?.("http://127.0.0.1:1");
    const own = home(channel === undefined ? [] : [channel]);
    const run = await mayday(["alert", "help", "--json"], {
      cwd: own.directory,
      env: { HOME: own.directory },
      now: NOW,
    });
    expect(run.json()).toMatchObject({
      schema: "mayday/error@1",
      code: "no-usable-channel",
      exit: 2,
      message:
        "no channel can be used, nobody was told: room: the environment variable SLACK_TOKEN is not set",
    });
    expect(existsSync(own.outbox)).toBe(false);
  });
});

describe("the route", () => {
  test("by environment and severity; --to overrides; an unknown environment tells everyone", async () => {
    const servers = { oncall: await fakeServer(answers(204)), room: await fakeServer(answers(204)) };
    const repo = repository({
      channels: {
        oncall: hook("oncall", servers.oncall.url).settings,
        room: hook("room", servers.room.url).settings,
      },
      environments: {
        production: { alerts: { sev1: ["oncall", "room"], sev3: ["room"] } },
        staging: { alerts: { sev1: ["room"] } },
      },
    });
    const told = async (...argv: string[]): Promise<string[]> => {
      const run = await mayday(["alert", "help", "--json", ...argv], { cwd: repo.path, now: NOW });
      return documentOf(run).deliveries.map(({ channel }) => channel);
    };
    expect(await told("--env", "production")).toEqual(["oncall", "room"]);
    expect(await told("--env", "production", "--severity", "sev2")).toEqual(["oncall", "room"]);
    expect(await told("--env", "production", "--severity", "sev4")).toEqual(["room"]);
    expect(await told("--env", "staging")).toEqual(["room"]);
    expect(await told("--env", "staging", "--to", "oncall")).toEqual(["oncall"]);
    expect(await told("--env", "elsewhere")).toEqual(["oncall", "room"]);
  });
});

describe("consent", () => {
  test("a repository's host is left out until it is consented to; the user's own channel is told", async () => {
    const server = await fakeServer(answers(204));
    const own = home([hook("mine", server.url)]);
    const repo = repository({ channels: { room: { type: "webhook", url: "https://alerts.invalid/in" } } });
    const run = await mayday(["alert", "help", "--json"], { cwd: repo.path, env: own.env, now: NOW });
    expect(documentOf(run)).toMatchObject({
      exit: 8,
      deliveries: expect.arrayContaining([
        { channel: "room", status: "refused", ms: 0, text: "needs consent: mayday trust" },
        expect.objectContaining({ channel: "mine", status: "delivered" }),
      ]),
    });
    expect(run.stderr).toContain("channels.room");

    await mayday(["trust", "--yes"], { cwd: repo.path, env: own.env, now: NOW });
    const after = await mayday(["alert", "help", "--json"], { cwd: repo.path, env: own.env, now: NOW });
    expect(documentOf(after).deliveries).toContainEqual(
      expect.objectContaining({
        channel: "room",
        status: "queued",
        text: "the name alerts.invalid cannot be resolved",
      }),
    );
  });

  test("a repository's request for a secret is not met without consent, also for this machine", async () => {
    const server = await fakeServer(slackOk);
    const repo = repository({
      channels: { room: { type: "slack", channel: "C1", api: server.url, secret: "env:SLACK_TOKEN" } },
    });
    const env = { SLACK_TOKEN: "xoxb-4815162342" };
    const run = await mayday(["alert", "help"], { cwd: repo.path, env, now: NOW });
    expect(run.exit).toBe(2);
    expect(run.stderr).toContain("mayday trust");
    expect(server.received).toEqual([]);
  });
});

describe("outside a repository", () => {
  test("with the user's own channels, routes and outbox", async () => {
    const server = await fakeServer(answers(204));
    const down = await closedPort();
    const own = home([hook("phone", `http://127.0.0.1:${down}`), hook("room", server.url)], {
      alerts: { sev1: ["phone", "room"], sev2: ["room"] },
    });
    const run = await mayday(["alert", "help"], { cwd: own.directory, env: own.env, now: NOW });
    expect(run.exit).toBe(8);
    expect(statSync(own.outbox).mode & 0o777).toBe(0o600);
    const minor = await mayday(["alert", "small", "--severity", "sev2", "--json"], {
      cwd: own.directory,
      env: own.env,
      now: NOW,
    });
    expect(documentOf(minor)).toMatchObject({
      deliveries: [{ channel: "room" }],
      delayed: [{ channel: "phone" }],
    });
  });
});

describe.each(Object.entries(VARIANTS))("no secret byte is seen: %s", (_variant, make) => {
  const faults: Readonly<Record<string, Behaviour>> = {
    "a good answer": slackOk,
    "200 that echoes all it got": echoes(200),
    "404 that echoes all it got": echoes(404),
    "500 that echoes all it got": echoes(500),
    "a redirect that holds the path": (received, response) => {
      response.writeHead(302, { location: `https://other.example${received.path}` });
      response.end();
    },
    "a reset": resets,
    "no answer": hangsBeforeHeaders,
    "half an answer": hangsMidBody,
  };

  test.each(Object.entries(faults))("%s", async (_fault, behaviour) => {
    const server = await fakeServer(behaviour);
    const channel = make(server.url);
    const own = home([channel], { alerting: { deadline: "300ms" } });
    const options = { cwd: own.directory, env: own.env, now: NOW };
    const runs = [
      await mayday(["alert", "help"], options),
      await mayday(["alert", "help", "--json"], options),
      await mayday(["alert", "help", "--dry-run"], options),
      await mayday(["alert", "help", "--dry-run", "--json"], options),
      await mayday(["alert", "help", "--verbose"], options),
    ];
    const seen =
      runs.map(({ stdout, stderr }) => stdout + stderr).join("") + readFileSync(own.outbox, "utf8");
    for (const run of [runs[1], runs[3]]) if (run !== undefined) documentOf(run);
    for (const form of channel.secrets.flatMap(formsOf)) expect(seen).not.toContain(form);
    expect(server.received.length).toBeGreaterThan(2);
  });
});

test("hostile words of a person and of a tag reach the terminal visible", async () => {
  const server = await fakeServer(answers(204));
  const repo = repository({ channels: { room: hook("room", server.url).settings } });
  const run = await mayday(["alert", "a\u001b[2Jb \u202egnp <!channel>"], { cwd: repo.path, now: NOW });
  // oxlint-disable-next-line no-control-regex -- finding them is the point
  expect(run.stdout).not.toMatch(/[\u001b\u202e]/);
  expect(run.stdout).toContain("a\\u{1b}[2Jb \\u{202e}gnp <!channel>");
  expect((JSON.parse(server.received[0]?.body ?? "") as { title: string }).title).toBe(
    "a\\u{1b}[2Jb \\u{202e}gnp < !channel>",
  );
});

test("Ctrl-C while a channel hangs: exit 130, and the alert is in the outbox", async () => {
  const server = await fakeServer(hangsBeforeHeaders);
  const repo = repository({
    channels: { room: hook("room", server.url).settings },
    alerting: { deadline: "1m" },
  });
  const controller = new AbortController();
  const running = mayday(["alert", "help"], { cwd: repo.path, now: NOW, signal: controller.signal });
  await server.arrived(1);
  controller.abort();
  const run = await running;
  expect(run.exit).toBe(130);
  expect(run.stderr).toContain("interrupted; nobody was reached; 1 queued");
  server.behave(answers(204));
  const next = await mayday(["alert", "again", "--json"], { cwd: repo.path, now: NOW });
  expect(documentOf(next).delayed).toMatchObject([{ channel: "room", status: "delivered" }]);
});
