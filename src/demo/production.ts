import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";

import type { Git } from "../git/git.ts";
import { MaydayError } from "../model/error.ts";
import { isOid, type Oid } from "../model/oid.ts";
import { closeServer, listen, readBody } from "./loopback.ts";
import { Release } from "./release.ts";

export interface ProductionSetting {
  /** Absolute path of the node that runs the shop and the hook. */
  readonly node: string;
  /** An existing directory for releases. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * "Production": one address on the loopback in front of the release that is live. A push to the
 * bare remote makes its post-receive hook ask for a deploy here; the new release is exported,
 * started, and only when it listens takes the traffic over.
 */
export class Production {
  readonly url: string;
  readonly #setting: ProductionSetting;
  readonly #server: http.Server;
  readonly #token = randomBytes(16).toString("hex");
  readonly #releases: Release[] = [];
  #remote: Git | null = null;
  #live: Release | null = null;
  #deploys: Promise<unknown> = Promise.resolve();
  #count = 0;
  #log = "";
  #closed = false;

  private constructor(setting: ProductionSetting, server: http.Server, url: string) {
    this.#setting = setting;
    this.#server = server;
    this.url = url;
  }

  /** Opens the address; nothing is live yet and every request is answered with 503. */
  static async open(setting: ProductionSetting): Promise<Production> {
    const server = http.createServer();
    const production = new Production(setting, server, await listen(server));
    server.on("request", (request, response) => production.#answer(request, response));
    return production;
  }

  /** Everything that the releases wrote, in order. */
  get log(): string {
    return this.#log;
  }

  get live(): Oid | null {
    return this.#live?.commit ?? null;
  }

  /** Puts the executable post-receive hook into the bare repository that deploys here. */
  deployFrom(remote: Git): void {
    this.#remote = remote;
    const hooks = path.join(remote.layout.gitDir, "hooks");
    mkdirSync(hooks, { recursive: true });
    const script = path.join(hooks, "deploy.mjs");
    writeFileSync(script, hookScript(`${this.url}/deploy`, this.#token), { mode: 0o600 });
    const hook = path.join(hooks, "post-receive");
    writeFileSync(hook, `#!/bin/sh\nexec ${quoted(this.#setting.node)} ${quoted(script)}\n`);
    chmodSync(hook, 0o700);
  }

  /** Exports a commit, starts it, switches over, ends the one before. One deploy at a time. */
  async deploy(commit: Oid): Promise<void> {
    const deploy = this.#deploys.then(() => this.#deploy(commit));
    this.#deploys = deploy.catch(() => {});
    return deploy;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#deploys;
    await Promise.all(this.#releases.map((release) => release.stop()));
    await closeServer(this.#server);
  }

  /** At once, without waiting: for the end of our own process. */
  kill(): void {
    for (const release of this.#releases) release.kill();
  }

  async #deploy(commit: Oid): Promise<void> {
    const remote = this.#remote;
    if (remote === null || this.#closed) {
      throw new MaydayError("production is closed", { code: "demo-closed", exit: 70 });
    }
    this.#count += 1;
    const directory = path.join(this.#setting.directory, String(this.#count));
    mkdirSync(directory);
    const options = {
      mode: "write",
      index: path.join(this.#setting.directory, `index-${this.#count}`),
      worktree: { gitDir: remote.layout.gitDir, path: directory },
    } as const;
    await remote.run(["read-tree", commit], options);
    await remote.run(["checkout-index", "--all", "--force"], options);
    const next = await Release.start({
      node: this.#setting.node,
      directory,
      commit,
      env: this.#setting.env,
      onLog: (text) => {
        this.#log += text;
      },
    });
    this.#releases.push(next);
    const before = this.#live;
    this.#live = next;
    await before?.stop();
  }

  #answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    if (request.url === "/deploy" && request.headers["x-deploy-token"] === this.#token) {
      void this.#answerDeploy(request, response);
    } else if (this.#live === null) {
      plain(response, 503, "nothing is deployed yet\n");
    } else pass(request, response, this.#live.port);
  }

  async #answerDeploy(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    try {
      const commit = await readBody(request);
      if (!isOid(commit)) return plain(response, 400, "that is no commit\n");
      const started = performance.now();
      await this.deploy(commit);
      const ms = Math.round(performance.now() - started);
      plain(response, 200, `production runs ${commit.slice(0, 8)} (deployed in ${ms} ms)\n`);
    } catch (error) {
      plain(response, 500, `the deploy failed: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}

/** Hands a request to the release and its answer back; one connection a request. */
function pass(request: http.IncomingMessage, response: http.ServerResponse, port: number): void {
  const { method, url, headers } = request;
  const inner = http.request({
    host: "127.0.0.1",
    port,
    method,
    path: url,
    headers: { ...headers, connection: "close" },
    agent: false,
  });
  inner.on("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  inner.on("error", () => {
    if (response.headersSent) response.destroy();
    else plain(response, 502, "the shop does not answer\n");
  });
  request.pipe(inner);
}

function plain(response: http.ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain" });
  response.end(text);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** What the bare repository runs after a push: a deploy of main, and the answer for the pusher. */
function hookScript(url: string, token: string): string {
  return `// After a push: ask production to deploy what main is now.
import { readFileSync } from "node:fs";

for (const line of readFileSync(0, "utf8").trim().split("\\n")) {
  const [, next, ref] = line.split(" ");
  if (ref !== "refs/heads/main" || /^0+$/.test(next)) continue;
  const answer = await fetch(${JSON.stringify(url)}, {
    method: "POST",
    headers: { "x-deploy-token": ${JSON.stringify(token)} },
    body: next,
    signal: AbortSignal.timeout(30_000),
  }).catch((error) => new Response("production does not answer: " + error.message + "\\n", { status: 503 }));
  process.stdout.write(await answer.text());
  if (!answer.ok) process.exitCode = 1;
}
`;
}
