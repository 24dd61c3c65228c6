import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, it, onTestFinished, vi } from "vitest";

import { openShop, type OpenShop, pushToProduction } from "../../src/demo/open.ts";
import { askVersion, sendRequests } from "../../src/demo/traffic.ts";
import { git, scratch } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

async function open(env: Readonly<Record<string, string>> = {}): Promise<OpenShop> {
  const shop = await openShop({ node: process.execPath, env: cleanEnv(env), now: Date.now(), keep: false });
  onTestFinished(shop.close);
  return shop;
}

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
}

describe("production", () => {
  it("runs the last good release after a real push, and answers on every page", async () => {
    const { production, ids, remote } = await open();
    expect(await askVersion(production.url)).toBe(ids.good);
    expect(git(remote.layout.gitDir, "rev-parse", "main")).toBe(ids.good);
    for (const page of ["/", "/healthz", "/version", "/cart", "/catalogue", "/cart?currency=CHF"]) {
      expect(await statusOf(production.url + page)).toBe(200);
    }
    expect(await statusOf(`${production.url}/nothing`)).toBe(404);
  });

  it("breaks on the cart when the week is pushed, with the real stack in its log", async () => {
    const { production, ids, clone } = await open();
    const said = await pushToProduction(clone, ["main"]);
    expect(said).toMatch(/remote: production runs [0-9a-f]{8} \(deployed in \d+ ms\)/);
    expect(await askVersion(production.url)).toBe(ids.tip);
    const traffic = await sendRequests(production.url, 20);
    expect(traffic).toMatchObject({ sent: 20, failed: 8, firstFailure: "/cart answered 500" });
    expect(traffic.paths).toContainEqual({ path: "/cart", sent: 8, failed: 8 });
    expect(traffic.paths).toContainEqual({ path: "/", sent: 4, failed: 0 });
    expect(production.log).toContain("TypeError: Cannot read properties of undefined (reading 'symbol')");
    expect(production.log).toMatch(/at formatPrice \(.*src\/cart\/price\.js:6:\d+\)/);
    expect(await statusOf(`${production.url}/healthz`)).toBe(200);
  });

  it("works at every commit after the good one once the bad one is taken back, and only then", async () => {
    const { production, ids, clone, clonePath } = await open();
    const range = git(clonePath, "rev-list", "--reverse", `${ids.good}..${ids.tip}`).split("\n");
    expect(range).toContain(ids.bad);
    for (const commit of range) {
      const holdsBad = isAncestor(clonePath, ids.bad, commit);
      git(clonePath, "checkout", "--quiet", "--detach", commit);
      await pushToProduction(clone, ["+HEAD:main"]);
      expect(await askVersion(production.url)).toBe(commit);
      expect(await statusOf(`${production.url}/cart`)).toBe(holdsBad ? 500 : 200);
      if (!holdsBad) continue;
      git(clonePath, "revert", "--no-edit", ids.bad);
      await pushToProduction(clone, ["+HEAD:main"]);
      expect(await statusOf(`${production.url}/cart`)).toBe(200);
    }
  });

  it("passes the shop's own tests with the bad commit: they could not have told", async () => {
    const { clonePath } = await open();
    const env = cleanEnv();
    const output = execFileSync(process.execPath, ["--test"], { cwd: clonePath, env, encoding: "utf8" });
    expect(output).toMatch(/\bfail 0\b/);
  });

  it("keeps what is live when a pushed commit does not start, and tells the pusher why", async () => {
    const { production, ids, clone, clonePath } = await open();
    git(clonePath, "checkout", "--quiet", "--detach", ids.good);
    git(clonePath, "rm", "--quiet", "src/log.js");
    git(clonePath, "commit", "--quiet", "--message", "Lose a file");
    const said = await pushToProduction(clone, ["HEAD:main"]);
    expect(said).toContain("remote: the deploy failed: the shop did not start");
    expect(said).toContain("ERR_MODULE_NOT_FOUND");
    expect(await askVersion(production.url)).toBe(ids.good);
    expect(await statusOf(`${production.url}/cart`)).toBe(200);
  });

  it("says what the deploy hook said when it cannot run, and leaves nothing behind", async () => {
    const temporary = scratch();
    vi.stubEnv("TMPDIR", temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    const setting = { node: "/nonexistent/node", env: cleanEnv(), now: Date.now(), keep: false };
    await expect(openShop(setting)).rejects.toMatchObject({
      code: "demo-not-deployed",
      exit: 2,
      message: expect.stringMatching(/deploy hook did not do its work\n.*\/nonexistent\/node/) as unknown,
    });
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("deploys only for its own hook", async () => {
    const { production, ids } = await open();
    const answer = await fetch(`${production.url}/deploy`, { method: "POST", body: ids.tip });
    await answer.arrayBuffer();
    expect(answer.status).toBe(404);
    expect(await askVersion(production.url)).toBe(ids.good);
  });

  it("keeps what is posted to the loopback webhook, and nothing else", async () => {
    const { webhook } = await open();
    const body = JSON.stringify({ text: "the shop is down" });
    expect((await fetch(webhook.url, { method: "POST", body })).status).toBe(204);
    expect((await fetch(webhook.url)).status).toBe(405);
    expect((await fetch(webhook.url, { method: "POST", body: "x".repeat(300_000) })).status).toBe(413);
    expect(webhook.bodies).toEqual([body]);
  });

  it("leaves nothing behind: no directory, no process, no open port", async () => {
    const shop = await open();
    const { production, directory } = shop;
    await pushToProduction(shop.clone, ["main"]);
    const pids = processesIn(directory);
    await shop.close();
    expect(existsSync(directory)).toBe(false);
    await expect(fetch(production.url)).rejects.toThrow("fetch failed");
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  it("gives commands an environment without anything of the person", async () => {
    const shop = await open({
      GIT_AUTHOR_NAME: "Person",
      MAYDAY_ENV: "theirs",
      http_proxy: "http://127.0.0.1:9",
    });
    expect(shop.env).not.toHaveProperty("GIT_AUTHOR_NAME");
    expect(shop.env).not.toHaveProperty("MAYDAY_ENV");
    expect(shop.env).not.toHaveProperty("http_proxy");
    expect(shop.env["HOME"]).toBe(path.join(shop.directory, "home"));
    expect(shop.env["GIT_CONFIG_GLOBAL"]).toBe("/dev/null");
  });
});

function isAncestor(repository: string, ancestor: string, commit: string): boolean {
  return git(repository, "rev-list", commit).split("\n").includes(ancestor);
}

/** Processes whose working directory is below this one, where the system can tell. */
function processesIn(directory: string): number[] {
  if (process.platform !== "linux") return [];
  const pids = execFileSync("ps", ["-e", "-o", "pid="], { encoding: "utf8" }).trim().split(/\s+/);
  return pids.flatMap((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
      return environment.includes(`HOME=${directory}/`) ? [Number(pid)] : [];
    } catch {
      return [];
    }
  });
}
