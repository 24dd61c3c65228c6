// What triage costs beside git itself: `mayday triage` against one `git log -p` of the same range in
// the same rounds, for ranges of 30, 300, 1,000 and 3,000 commits. Prints medians, ratios, the memory
// of mayday's own process and when the first screen (range and areas) stood there.
//
//   npm run bench:triage -- <repository>…                     5 rounds, live = HEAD
//   node bench/triage.mjs --rounds 3 --live v2.0.0 --commits 30,300 <repository>
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

const { values: options, positionals: repositories } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "5" },
    commits: { type: "string", default: "30,300,1000,3000" },
    live: { type: "string", default: "HEAD" },
  },
});
if (repositories.length === 0) {
  console.error(
    "usage: node bench/triage.mjs [--rounds 5] [--commits 30,300,1000,3000] [--live HEAD] <repository>…",
  );
  process.exit(2);
}
const rounds = Number(options.rounds);
const mayday = path.join(import.meta.dirname, "..", "bin", "mayday.js");
const scratch = mkdtempSync(path.join(tmpdir(), "mayday-bench-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
const timesFile = path.join(scratch, "times");
const memoryFile = path.join(scratch, "memory");
const env = { PATH: process.env.PATH, HOME: scratch, GIT_CONFIG_GLOBAL: "/dev/null", NO_COLOR: "1" };
// mayday's own process says at its end how much memory it had at most; its git children are not in it.
const remember = `import { writeFileSync } from "node:fs";
process.on("exit", () => writeFileSync(${JSON.stringify(memoryFile)}, String(process.resourceUsage().maxRSS)));`;
const node = [process.execPath, "--import", `data:text/javascript,${encodeURIComponent(remember)}`];

/** Wall and CPU milliseconds of one run, its children included; throws when it fails. */
function run([file, ...args]) {
  // POSIX `times`: second line, what children of the shell have used.
  const script = 'to=$1; shift; "$@" >/dev/null; status=$?; times >"$to"; exit $status';
  const started = performance.now();
  const result = spawnSync("sh", ["-c", script, "sh", timesFile, file, ...args], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const wall = performance.now() - started;
  if (result.status !== 0) throw new Error(result.stderr.toString().trim());
  const [, children = ""] = readFileSync(timesFile, "utf8").split("\n");
  const cpu = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1_000,
    0,
  );
  return { wall, cpu };
}

/** Milliseconds until the first text stood on stdout, as a person sees it, and until the end. */
function firstScreen([file, ...args]) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    let first = null;
    const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "ignore"] });
    child.stdout.on("data", () => (first ??= performance.now() - started));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve({ first, whole: performance.now() - started }) : reject(new Error(`exit ${code}`)),
    );
  });
}

const git = (cwd, ...args) =>
  execFileSync("git", args, { cwd, env, maxBuffer: 1 << 30, stdio: ["ignore", "pipe", "pipe"] }).toString();

const CODE = /\.(?:[cm]?[jt]sx?|vue|py|rb|go|rs|java|kt|php|cs|c|cc|cpp|h)$/;

/**
 * A symptom as a log would show it: frames inside hunks of changes spread over the range, in files that
 * are still there, and words of the line that one of them added.
 */
function makeSymptom(repository, good, live) {
  const line = git(repository, "rev-list", "--first-parent", `${good}..${live}`).trim().split("\n");
  const there = new Set(git(repository, "ls-tree", "-r", "-z", "--name-only", live).split("\0"));
  const frames = [];
  let words = "";
  for (let part = 1; part < 40 && frames.length < 4; part += 1) {
    // The golden ratio spreads them, and the same repository always gets the same.
    const sha = line[Math.floor(((part * 0.618) % 1) * line.length)];
    const args = ["show", "-U0", "--diff-merges=first-parent", "--format=", "--no-renames", sha];
    const patch = git(repository, ...args);
    for (const file of patch.split(/^diff --git /m).slice(1)) {
      const name = /^\+\+\+ b\/(.+)$/m.exec(file)?.[1];
      const hunk = /^@@ \S+ \+(\d+)\S* @@ ?(.*)\n(?:-.*\n)*\+(.*\w{5}.*)$/m.exec(file);
      if (name === undefined || hunk === null || !CODE.test(name) || !there.has(name)) continue;
      const called = /(\w+)\s*\(/.exec(hunk[2])?.[1] ?? "run";
      frames.push({ name, at: hunk[1], called });
      words ||= hunk[3]
        .match(/\w{3,}/g)
        .slice(0, 6)
        .join(" ");
      break;
    }
  }
  if (frames.length === 0) throw new Error("no code was changed in this range");
  const script = /\.(?:[cm]?[jt]sx?|vue)$/;
  const lines = frames.map(({ name, at, called }, index) =>
    script.test(name)
      ? `    at ${called} (/app/${name}:${at}:7)`
      : `#${index}  0x000055d5 in ${called} () at ${name}:${at}`,
  );
  return `Error: failed to handle request: ${words}\n${lines.join("\n")}\n`;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
const ms = (value) => value.toFixed(0).padStart(7);
const times = (value) => `${value.toFixed(2)}×`.padStart(7);

async function measure(repository, commits) {
  const rev = (name) => git(repository, "rev-parse", "--verify", `${name}^{commit}`).trim();
  const live = rev(options.live);
  let good;
  try {
    good = rev(`${options.live}~${commits}`);
  } catch {
    return `${String(commits).padStart(6)}  the history is shorter`;
  }
  const symptom = path.join(scratch, "symptom");
  const range = `${good}..${live}`;
  const inside = ["git", `--git-dir=${git(repository, "rev-parse", "--absolute-git-dir").trim()}`];
  const triage = ["--offline", "-C", repository, "triage", "--good", good, "--live", live, "--top=5"];
  const told = ["--symptom-file", symptom];
  const contestants = {
    plain: [...inside, "log", "-p", "--first-parent", "-m", range],
    bare: [
      ...inside,
      "log",
      "-p",
      "-U0",
      "-M",
      "-l400",
      "--first-parent",
      "--diff-merges=first-parent",
      range,
    ],
    mayday: [...node, mayday, "--json", ...triage, ...told],
  };
  const samples = { plain: [], bare: [], mayday: [], screen: [] };
  const memory = [];
  try {
    writeFileSync(symptom, makeSymptom(repository, good, live));
    // Round 0 warms the disk's cache and is not counted.
    for (let round = 0; round <= rounds; round += 1) {
      const names = Object.keys(contestants);
      for (const name of round % 2 === 0 ? names : names.toReversed()) {
        const sample = run(contestants[name]);
        if (round > 0) samples[name].push(sample);
      }
      if (round > 0) memory.push(Number(readFileSync(memoryFile, "utf8")) / 1024);
      const screen = await firstScreen([process.execPath, mayday, ...triage, ...told]);
      if (round > 0) samples.screen.push(screen);
    }
  } catch (error) {
    const said =
      /unable to read .*/.exec(error.message)?.[0] ?? error.message.split("\n").slice(0, 3).join(" ");
    return `${String(commits).padStart(6)}  could not be measured: ${said} (another --live may help)`;
  }
  const of = (name, what) => median(samples[name].map((sample) => sample[what]));
  return [
    String(commits).padStart(6),
    ms(of("plain", "wall")),
    ms(of("bare", "wall")),
    ms(of("mayday", "wall")),
    times(of("mayday", "wall") / of("plain", "wall")),
    times(of("mayday", "cpu") / of("plain", "cpu")),
    `${Math.max(...memory).toFixed(0)} MiB`.padStart(8),
    ms(of("screen", "first")),
    `${((100 * of("screen", "first")) / of("screen", "whole")).toFixed(0)} %`.padStart(5),
  ].join(" ");
}

console.log(
  `node ${process.version}, ${git(".", "version").trim()}, ${cpus().length} processors, ${rounds} interleaved rounds; medians in ms
plain   git log -p --first-parent -m good..live
-U0     git log -p -U0 -M -l400 --first-parent --diff-merges=first-parent good..live, as mayday reads
mayday  --offline --json triage with a symptom of up to four frames; × to plain, by the clock and by CPU time
memory  the most that mayday's own process had (git's processes not counted), the highest of all rounds
screen  when range and areas stood there, and its share of the whole run; text, off a terminal`,
);
for (const repository of repositories) {
  console.log(`\n${path.resolve(repository).split(path.sep).slice(-2).join("/")}
 range   plain     -U0  mayday   clock     CPU   memory  screen`);
  for (const commits of options.commits.split(",").map(Number))
    console.log(await measure(path.resolve(repository), commits));
}
