import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { built } from "../support/built.ts";
import { atTerminal, KEY } from "../support/person.ts";
import { git, scratch } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

const program = built();

interface Ending {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What is left in the temporary directory that was given. */
  readonly left: readonly string[];
  readonly temporary: string;
}

function demo(args: readonly string[], extra: Readonly<Record<string, string>> = {}): Ending {
  const temporary = scratch();
  const env = cleanEnv({ TMPDIR: temporary, ...extra });
  const run = spawnSync(process.execPath, [program, "demo", ...args], { cwd: "/", env, encoding: "utf8" });
  return {
    status: run.status,
    stdout: run.stdout,
    stderr: run.stderr,
    left: readdirSync(temporary),
    temporary,
  };
}

/** All files below a directory with their size and time: what a program may not touch. */
function picture(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .toSorted()
    .map((name) => {
      const { size, mtimeMs } = statSync(path.join(directory, name));
      return `${name} ${size} ${mtimeMs}`;
    });
}

describe("mayday demo", () => {
  it("plays itself through off a terminal, verified, in 80 columns, and leaves nothing behind", () => {
    const { status, stdout, stderr, left } = demo([]);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).toContain("$ git push origin main\nremote: production runs ");
    expect(stdout).toContain("TypeError: Cannot read properties of undefined (reading 'symbol')");
    expect(stdout).toContain("$ mayday triage production --symptom-file ../error.log --top 3\nPRODUCTION");
    expect(stdout).toContain("$ mayday rollback production --yes --reason 'the cart answers 500'\n");
    expect(stdout).toMatch(/12 of 12 steps verified\n(?: {2}✔ .*\n){12}/);
    expect(stdout).toMatch(/Recovered in [\d.]+ m?s, from the push that broke it to the proof\./);
    const story = stdout.split("\n").filter((line) => /^[│┌─$]/.test(line));
    expect(story.length).toBeGreaterThan(50);
    expect(story.filter((line) => [...line].length > 80)).toEqual([]);
    expect(left).toEqual([]);
  });

  it("keeps the shop with --keep; neither follows nor changes the person's git configuration and home", () => {
    const home = scratch();
    const trap = path.join(home, "trap");
    const fired = path.join(home, "fired");
    mkdirSync(trap);
    for (const hook of ["pre-push", "post-receive", "post-checkout", "reference-transaction"]) {
      writeFileSync(path.join(trap, hook), `#!/bin/sh\necho ${hook} >>'${fired}'\n`, { mode: 0o755 });
    }
    const config = path.join(home, ".gitconfig");
    writeFileSync(
      config,
      `[core]\n\thooksPath = ${trap}\n[commit]\n\tgpgSign = true\n[init]\n\tdefaultBranch = other\n[url "https://127.0.0.1:1/"]\n\tinsteadOf = /\n`,
    );
    const before = picture(home);
    const { status, stdout, left, temporary } = demo(["--keep", "--quiet"], {
      HOME: home,
      GIT_CONFIG_GLOBAL: config,
      XDG_CONFIG_HOME: path.join(home, ".config"),
      MAYDAY_ENV: "elsewhere",
      http_proxy: "http://127.0.0.1:1",
    });
    expect(status).toBe(0);
    expect(existsSync(fired)).toBe(false);
    expect(picture(home)).toEqual(before);
    expect(left).toHaveLength(1);
    const kept = path.join(temporary, left[0] ?? "");
    expect(stdout).toContain(`  ${kept}\n`);
    expect(stdout).not.toContain("$ mayday");
    expect(git(path.join(kept, "shop"), "status", "--porcelain")).toBe("");
    expect(git(path.join(kept, "shop"), "log", "-1", "--format=%s%n%ce")).toBe(
      "Roll back production to v1.4.0\noncall@corner-shop.example",
    );
  });

  it("says which directory it cannot write to, and what to do", () => {
    const env = cleanEnv({ TMPDIR: "/nonexistent/tmp" });
    const run = spawnSync(process.execPath, [program, "demo"], { cwd: "/", env, encoding: "utf8" });
    expect(run.status).toBe(2);
    expect(run.stderr).toContain("no directory for the shop can be made in /nonexistent/tmp (ENOENT)");
    expect(run.stderr).toContain("next TMPDIR=");
  });

  it.each(["SIGINT", "SIGHUP"] as const)(
    "takes everything down on %s in the middle of the outage",
    async (name) => {
      const temporary = scratch();
      const env = cleanEnv({ TMPDIR: temporary });
      const child = spawn(process.execPath, [program, "demo"], { cwd: "/", env });
      let site = "";
      let said = "";
      child.stdout.on("data", (chunk: Buffer) => {
        said += chunk.toString("utf8");
        site ||= /production at (http:\/\/127\.0\.0\.1:\d+)\./.exec(said)?.[1] ?? "";
        if (said.includes("3/7  The outage")) child.kill(name);
      });
      const status = await new Promise<number | null>((resolve) => {
        child.once("close", resolve);
      });
      expect(status).toBe(name === "SIGHUP" ? 129 : 130);
      expect(site).not.toBe("");
      expect(said).not.toContain("steps verified");
      expect(readdirSync(temporary)).toEqual([]);
      await expect(fetch(site)).rejects.toThrow("fetch failed");
    },
  );
});

describe("mayday demo at a terminal", () => {
  it("asks before each step, and shows what the person wants to see before the rollback", async () => {
    const { exit, stdout } = await atTerminal(
      ["demo"],
      [
        { when: /Push the work/, keys: KEY.enter },
        { when: /Look at the shop\?/, keys: KEY.enter },
        { when: /which change it was\?/, keys: KEY.enter },
        { when: /Tell the people on call\?/, keys: KEY.enter },
        { when: /What do you do\?/, keys: KEY.down + KEY.enter },
        { when: /What do you do\?/, keys: KEY.enter },
      ],
      { cwd: "/" },
    );
    expect(exit).toBe(0);
    expect(stdout).toMatch(/\$ git show --stat --patch [0-9a-f]{12}\n/);
    expect(stdout).toContain("+  const currency = findCurrency(code);");
    expect(stdout).toContain("12 of 12 steps verified");
  });

  it("ends with exit 1 when the person leaves, and with 130 on Ctrl-C", async () => {
    const left = await atTerminal(["demo"], [{ when: /Push the work/, keys: "n" }], { cwd: "/" });
    expect(left.exit).toBe(1);
    expect(left.screen).toContain("stopped before the end");
    expect(left.stdout).not.toContain("Recovered in");
    const ended = await atTerminal(["demo"], [{ when: /Push the work/, keys: KEY.interrupt }], { cwd: "/" });
    expect(ended.exit).toBe(130);
  });
});
