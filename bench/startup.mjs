// What mayday costs to start, and what its hook adds to a push: medians of interleaved runs, as
// ratios to `node -e 0`, to a bare push, to a hand-written shell hook and to lefthook.
//
//   npm run bench              20 rounds
//   node bench/startup.mjs 40  more
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

const rounds = Number(process.argv[2] ?? 20);
const root = path.join(import.meta.dirname, "..");
const mayday = path.join(root, "bin", "mayday.js");
const lefthook = path.join(
  path.dirname(createRequire(import.meta.url).resolve("lefthook/package.json")),
  "bin",
  "index.js",
);
const scratch = mkdtempSync(path.join(tmpdir(), "mayday-bench-"));
const env = {
  PATH: process.env.PATH,
  HOME: scratch,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "Bench",
  GIT_AUTHOR_EMAIL: "bench@example.com",
  GIT_COMMITTER_NAME: "Bench",
  GIT_COMMITTER_EMAIL: "bench@example.com",
};

/** Milliseconds of one run; throws when it fails, so that no failure is taken for speed. */
function time(file, args, options = {}) {
  const started = process.hrtime.bigint();
  const result = spawnSync(file, args, { env, stdio: ["pipe", "ignore", "pipe"], ...options });
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  if (result.status !== 0) throw new Error(`${file} ${args.join(" ")}: ${result.status} ${result.stderr}`);
  return ms;
}

const git = (cwd, ...args) =>
  execFileSync("git", args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] }).toString();

/** A clone with its own bare remote and one commit pushed. */
function clone(name) {
  const remote = path.join(scratch, `${name}.git`);
  const cwd = path.join(scratch, name);
  git(scratch, "init", "-q", "--bare", "-b", "main", remote);
  git(scratch, "init", "-q", "-b", "main", cwd);
  git(cwd, "remote", "add", "origin", remote);
  mkdirSync(path.join(cwd, "src"));
  writeFileSync(path.join(cwd, "src", "a.txt"), "0\n");
  git(cwd, "add", ".");
  git(cwd, "commit", "-qm", "first");
  git(cwd, "push", "-q", "origin", "main");
  return cwd;
}

const clones = {
  "no hook": clone("bare"),
  "hand-written sh": clone("sh"),
  lefthook: clone("lefthook"),
  mayday: clone("mayday"),
};
const shellHook = path.join(clones["hand-written sh"], ".git", "hooks", "pre-push");
mkdirSync(path.dirname(shellHook), { recursive: true });
writeFileSync(shellHook, "#!/bin/sh\nread -r line || exit 0\nsh -c true\n");
chmodSync(shellHook, 0o755);
writeFileSync(
  path.join(clones.lefthook, "lefthook.yml"),
  'pre-push:\n  commands:\n    unit:\n      run: sh -c true\n      glob: "src/*"\n',
);
execFileSync(process.execPath, [lefthook, "install"], { cwd: clones.lefthook, env, stdio: "pipe" });
// lefthook's hook looks for its program on PATH.
const bin = path.join(scratch, "bin");
mkdirSync(bin);
writeFileSync(path.join(bin, "lefthook"), `#!/bin/sh\nexec "${process.execPath}" "${lefthook}" "$@"\n`);
chmodSync(path.join(bin, "lefthook"), 0o755);
env.PATH = `${bin}${path.delimiter}${env.PATH}`;
writeFileSync(
  path.join(clones.mayday, "mayday.yaml"),
  'version: 1\nchecks:\n  unit: {kind: unit, run: sh -c true, files: ["src/*"]}\n',
);
for (const name of ["lefthook", "mayday"]) {
  git(clones[name], "add", ".");
  git(clones[name], "commit", "-qm", "configuration");
  git(clones[name], "push", "-q", "--no-verify", "origin", "main");
}
execFileSync(process.execPath, [mayday, "--yes", "hook", "install"], {
  cwd: clones.mayday,
  env,
  stdio: "pipe",
});

const samples = new Map();
const add = (group, name, ms) => {
  const key = `${group}\0${name}`;
  samples.set(key, [...(samples.get(key) ?? []), ms]);
};
const shuffle = (items) =>
  items
    .map((item) => [Math.random(), item])
    .toSorted((a, b) => a[0] - b[0])
    .map(([, item]) => item);

const starts = {
  "node -e 0": () => time(process.execPath, ["-e", "0"]),
  "mayday --version": () => time(process.execPath, [mayday, "--version"]),
  "mayday --help": () => time(process.execPath, [mayday, "--help"]),
  "mayday check, nothing pushed": () =>
    time(process.execPath, [mayday, "check", "--hook", "pre-push", "--", "origin", "x"], {
      cwd: clones.mayday,
      input: "",
    }),
};
let number = 0;
for (let round = 0; round < rounds + 1; round += 1) {
  const warm = round > 0;
  for (const [name, run] of shuffle(Object.entries(starts))) {
    const ms = run();
    if (warm) add("start", name, ms);
  }
  for (const [name, cwd] of shuffle(Object.entries(clones))) {
    const ms = time("git", ["push", "-q", "origin", "main"], { cwd });
    if (warm) add("push, up to date", name, ms);
  }
  for (const [kind, file] of [
    ["push of a commit, one job", "src/a.txt"],
    ["push of a commit, nothing matches", "other.txt"],
  ]) {
    for (const [name, cwd] of shuffle(Object.entries(clones))) {
      number += 1;
      appendFileSync(path.join(cwd, file), `${number}\n`);
      git(cwd, "add", ".");
      git(cwd, "commit", "-qm", `change ${number}`);
      const ms = time("git", ["push", "-q", "origin", "main"], { cwd });
      if (warm) add(kind, name, ms);
    }
  }
}
rmSync(scratch, { recursive: true, force: true });

const quantile = (values, q) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * q)];
const median = (group, name) => quantile(samples.get(`${group}\0${name}`), 0.5);
console.log(
  `node ${process.version}, ${git(root, "version").trim()}, ${rounds} interleaved rounds; medians in ms [p10–p90]\n`,
);
let last = "";
for (const [key, values] of samples) {
  const [group, name] = key.split("\0");
  if (group !== last) console.log(`${last === "" ? "" : "\n"}${group}`);
  last = group;
  const spread = `${quantile(values, 0.5).toFixed(1).padStart(7)} [${quantile(values, 0.1).toFixed(0)}–${quantile(values, 0.9).toFixed(0)}]`;
  const ratio =
    group === "start"
      ? `${(median(group, name) / median(group, "node -e 0")).toFixed(2)}× node -e 0`
      : `+${(median(group, name) - median(group, "no hook")).toFixed(1)} ms, ${((median(group, name) - median(group, "no hook")) / (median(group, "lefthook") - median(group, "no hook"))).toFixed(2)}× what lefthook adds`;
  console.log(`  ${name.padEnd(30)} ${spread.padEnd(20)} ${ratio}`);
}
