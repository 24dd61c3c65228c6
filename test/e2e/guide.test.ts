import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { built } from "../support/built.ts";
import { KEY } from "../support/person.ts";
import { PseudoTerminal, whyNoTerminal } from "../support/pty.ts";
import { type Repository, scratch, withRemote } from "../support/repository.ts";
import { cleanEnv } from "../support/world.ts";

const missing = whyNoTerminal();

const program = built();
const TRACE = [
  "TypeError: Cannot read properties of undefined (reading 'symbol')",
  "    at formatPrice (/app/src/price.js:2:40)",
];

function shop(): Repository {
  const price = (symbol: string): string =>
    `export function formatPrice(amount, currency) {\n  const symbol = ${symbol};\n  return symbol + amount;\n}\n`;
  const parts = Array.from({ length: 60 }, (_, n) => [`src/part${n}.js`, `go(${n});\n`] as const);
  return withRemote([
    { name: "good", files: { "src/price.js": price("SYMBOLS[currency]") }, tags: ["v1.0.0"] },
    { name: "culprit", message: "Use the table", files: { "src/price.js": price("table[currency].symbol") } },
    { name: "parts", message: "Sixty parts", files: Object.fromEntries(parts) },
    ...[1, 2, 3, 4, 5].map((n) => ({
      name: `more${n}`,
      message: `More ${n}`,
      files: { [`docs/${n}.md`]: "x\n" },
    })),
  ]).clone;
}

function start(
  argv: readonly string[],
  repository: Repository,
  env: Readonly<Record<string, string>> = {},
  columns = 80,
): PseudoTerminal {
  const { NO_COLOR: _, ...clean } = cleanEnv();
  return new PseudoTerminal([process.execPath, program, ...argv], {
    cwd: repository.path,
    env: { ...clean, TERM: "xterm-256color", LC_ALL: "C.UTF-8", ...env },
    columns,
    rows: 30,
  });
}

const ask = /What now\?[^]*confirm\s+└/;
/** less waits for a key. */
const prompt = /[\r\n]:|\(END\)/;
const sane = (stty: string): void => {
  expect(stty).toMatch(/ icanon\b/);
  expect(stty).toMatch(/ echo\b/);
};

describe.skipIf(missing !== null)(`at a real terminal, not tried only where: ${missing ?? "-"}`, () => {
  test.each([44, 80, 200])(
    "%i columns: paste, look at a suspect in the pager, outside, more, stop",
    async (columns) => {
      const terminal = start(["triage"], shop(), { PAGER: "less -R", LESS: "X" }, columns);
      await terminal.see(/What do you see\?[^]*submit/);
      // As a terminal pastes: in brackets, with carriage returns.
      terminal.type(`\u001b[200~${TRACE.join("\r")}\u001b[201~`);
      await terminal.see(/price\.js:2:40/);
      terminal.type("\t\r");
      expect(await terminal.see(ask)).toContain("Use the table");
      terminal.type(`${KEY.down}${KEY.down}${KEY.enter}`);
      await terminal.see(/Which one\?[^]*None, back/);
      terminal.type(KEY.enter);
      expect(await terminal.see(prompt)).toMatch(/table\[currency\]/);
      terminal.type("q");
      await terminal.see(ask);
      terminal.type(`${KEY.down.repeat(4)}${KEY.enter}`);
      expect(await terminal.see(ask)).toContain("Worth a look in any case");
      terminal.type(`${KEY.up}${KEY.up}${KEY.enter}`);
      expect(await terminal.see(ask)).toMatch(/ 7 +<?\d+%/);
      terminal.type(`${KEY.up}${KEY.enter}`);
      const { exit, stty } = await terminal.end();
      expect(exit).toBe(0);
      sane(stty);
      // The cursor that the prompt hid is there again.
      expect(terminal.raw.lastIndexOf("\u001b[?25h")).toBeGreaterThan(
        terminal.raw.lastIndexOf("\u001b[?25l"),
      );
    },
  );

  test("Ctrl-C at the menu: 130, a clean terminal, nothing changed", async () => {
    const repository = shop();
    const before = repository.git("for-each-ref");
    const terminal = start(["triage", "--symptom", TRACE.join("\n")], repository);
    await terminal.see(ask);
    terminal.type(KEY.interrupt);
    const { exit, stty } = await terminal.end();
    expect(exit).toBe(130);
    expect(terminal.text).toContain("interrupted; nothing was done");
    sane(stty);
    expect(terminal.raw.lastIndexOf("\u001b[?25h")).toBeGreaterThan(terminal.raw.lastIndexOf("\u001b[?25l"));
    expect(repository.git("for-each-ref")).toBe(before);
  });

  test("all that changed: in the pager, the symptom's hunk first", async () => {
    const terminal = start(["triage", "--symptom", TRACE.join("\n")], shop(), {
      PAGER: "less -R",
      LESS: "X",
    });
    await terminal.see(ask);
    terminal.type(`${KEY.down.repeat(3)}${KEY.enter}`);
    const page = await terminal.see(prompt);
    expect(page).toContain("nearest to the symptom first");
    expect(page.indexOf("src/price.js")).toBeLessThan(page.indexOf("src/part"));
    terminal.type("q");
    await terminal.see(ask);
    terminal.type(`${KEY.up}${KEY.enter}`);
    expect((await terminal.end()).exit).toBe(0);
  });

  test("Ctrl-C in the pager is the pager's: mayday stays, and asks again", async () => {
    const pager = path.join(scratch(), "pager.mjs");
    writeFileSync(
      pager,
      `import { createReadStream } from "node:fs";
process.on("SIGINT", () => console.log("interrupted in the pager"));
process.stdin.resume().on("end", () => console.log("pager has all"));
createReadStream("/dev/tty").once("data", () => process.exit(0));
`,
    );
    const env = { PAGER: `${process.execPath} ${pager}` };
    const terminal = start(["triage", "--symptom", TRACE.join("\n")], shop(), env);
    await terminal.see(ask);
    terminal.type(`${KEY.down.repeat(3)}${KEY.enter}`);
    await terminal.see(/pager has all/);
    terminal.type(KEY.interrupt);
    await terminal.see(/interrupted in the pager/);
    terminal.type(KEY.enter);
    await terminal.see(ask);
    terminal.type(`${KEY.up}${KEY.enter}`);
    const { exit, stty } = await terminal.end();
    expect(exit).toBe(0);
    sane(stty);
  });

  test("the pager of the environment may be a line for a shell, and may leave early", async () => {
    const seen = path.join(scratch(), "seen");
    const terminal = start(["diff", "-v"], shop(), { GIT_PAGER: `tee '${seen}' | head -n 2` });
    const { exit } = await terminal.end();
    expect(exit).toBe(0);
    expect(terminal.text.split("ended with")[0]?.trim().split("\n").at(-1)).toContain("live");
    expect(readFileSync(seen, "utf8")).toContain("PRODUCTION");
  });

  test("a repository's own core.pager is never run; the person's is", async () => {
    const repository = shop();
    const directory = scratch();
    const [trap, mine] = [path.join(directory, "trap"), path.join(directory, "mine")];
    repository.git("config", "core.pager", `touch '${trap}'; cat`);
    const global = path.join(directory, "config");
    writeFileSync(global, `[core]\n\tpager = "cat >'${mine}'"\n`);
    await start(["diff"], repository, { GIT_CONFIG_GLOBAL: global }).end();
    await start(["diff"], repository, { PAGER: "cat" }).end();
    expect([existsSync(trap), readFileSync(mine, "utf8").includes("What matters most")]).toEqual([
      false,
      true,
    ]);
  });

  test.each([
    ["no such pager", { PAGER: "no-such-pager-here" }, []],
    ["none wanted", { PAGER: "" }, []],
    ["cat", { GIT_PAGER: "cat", PAGER: "false" }, []],
    ["a dumb terminal", { TERM: "dumb", PAGER: "false" }, []],
    ["CI", { CI: "true", PAGER: "false" }, []],
    ["--yes", { PAGER: "false" }, ["--yes"]],
  ] as const)("%s: the answer is printed", async (_, env, argv) => {
    const terminal = start(["diff", ...argv], shop(), env);
    expect((await terminal.end()).exit).toBe(0);
    expect(terminal.text).toContain("What matters most");
  });
});
