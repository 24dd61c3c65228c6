import type { Git } from "../git/git.ts";
import { streamRange } from "../git/history.ts";
import type { Caps } from "../git/patch-parser.ts";
import type { Oid } from "../model/oid.ts";
import type { OutsideCode, Suspect, Symptom } from "../model/triage.ts";
import { areaOf } from "../model/area.ts";
import { NO_BACKGROUND, readBackground } from "./background.ts";
import { type Ground, makeGround } from "./ground.ts";
import { locateFrames, PathIndex } from "./locate.ts";
import { mapFrames } from "./map-frames.ts";
import { messagesMerged } from "./merged.ts";
import { type Observation, Observer } from "./observe.ts";
import { type NewVariable, outsideCode, type Times } from "./outside.ts";
import { makeQuery } from "./query.ts";
import { measure, probabilities, score } from "./rank.ts";

export interface Diagnosis {
  readonly suspects: readonly Suspect[];
  readonly outside: OutsideCode;
  readonly newVariables: readonly NewVariable[];
}

/** A vendored drop or a lock file must not cost seconds: beyond this, lines are counted only. */
const CAPS: Caps = {
  fileLines: 3_000,
  commitLines: 20_000,
  lineLength: 400,
  skipText: (path) => {
    const area = areaOf(path);
    return area === "generated" || area === "lockfile" || area === "assets";
  },
};

export interface RangeRequest {
  readonly good: Oid;
  readonly live: Oid;
  /** The first-parent commits that count; what a rollback took out is passed over. */
  readonly inEffect: ReadonlySet<Oid>;
  /** Literal paths; empty: the whole repository. */
  readonly paths: readonly string[];
  /** Files that good has and live has not, by the name they had: a symptom may name what is gone. */
  readonly goneFiles: readonly string[];
  readonly symptom: Symptom;
}

/** Everything read of a range: what the ranking is made from, and what it is learned from. */
export interface Examination {
  readonly ground: Ground;
  /** By change, newest first, in the order of VALUE_NAMES. */
  readonly rows: readonly (readonly number[])[];
}

/** Reads the range once, and beside it the history before good. */
export async function examine(git: Git, request: RangeRequest): Promise<Examination> {
  const { good, live, inEffect, paths, goneFiles, symptom } = request;
  const query = makeQuery(symptom);
  if (inEffect.size === 0) return { ground: makeGround(query, [], NO_BACKGROUND), rows: [] };
  // Read beside the patches; what goes wrong is told when it is waited for.
  const reading = readBackground(git, good, query);
  reading.catch(() => undefined);
  const [tree, merged] = await Promise.all([
    git.fields(["ls-tree", "-r", "-z", "--name-only", "--full-tree", live]),
    messagesMerged(git, { good, live }),
  ]);
  const index = new PathIndex([...tree, ...goneFiles]);
  const frames = locateFrames(await mapFrames(git, live, symptom.frames, index), index);
  const observer = new Observer(query, frames);
  const observations: Observation[] = [];
  for await (const commit of streamRange(git, { good, live, paths }, CAPS)) {
    // What is not in effect is observed too: lines are followed through it.
    const observation = observer.observe(commit, merged.get(commit.sha));
    if (inEffect.has(commit.sha)) observations.push(observation);
  }
  const ground = makeGround(query, observations, await reading);
  return { ground, rows: measure(ground) };
}

/** Ranks the changes of a range by what they have to do with the symptom. */
export async function diagnose(git: Git, request: RangeRequest, times: Times): Promise<Diagnosis> {
  const { ground, rows } = await examine(git, request);
  const newVariables = await readForTheFirstTime(git, request.good, ground.observations);
  const { signals, score: outsideScore } = outsideCode(ground, rows, newVariables, times);
  const { suspects, outside } = probabilities(score(ground, rows, times.firstError), outsideScore);
  return { suspects, outside: { probability: outside, signals }, newVariables };
}

/** Environment variables that the range reads and good's tree does not name anywhere. */
async function readForTheFirstTime(
  git: Git,
  good: Oid,
  observations: readonly Observation[],
): Promise<NewVariable[]> {
  const wanted = new Map<string, string>();
  for (const { name, file } of observations.flatMap((item) => item.variables)) {
    if (areaOf(file) !== "test") wanted.set(name, file);
  }
  const names = [...wanted.keys()].slice(0, 40);
  if (names.length === 0) return [];
  const answer = await git.run(
    [
      "grep",
      "-h",
      "-o",
      "-w",
      "-F",
      "-I",
      "--no-color",
      ...names.flatMap((name) => ["-e", name]),
      good,
      "--",
    ],
    { allow: [1, 128] },
  );
  // Good's tree is not all here (a partial clone): what is new in it cannot be told.
  if (answer.code === 128) return [];
  const known = new Set(answer.stdout.toString("utf8").split("\n"));
  return names.filter((name) => !known.has(name)).map((name) => ({ name, file: wanted.get(name) ?? "" }));
}
