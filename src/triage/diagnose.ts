import type { Git } from "../git/git.ts";
import { streamRange } from "../git/history.ts";
import type { Caps } from "../git/patch-parser.ts";
import type { Standing } from "../model/deploy.ts";
import type { Oid } from "../model/oid.ts";
import type { OutsideCode, Suspect, Symptom } from "../model/triage.ts";
import { areaOf } from "../model/area.ts";
import { locateFrames, PathIndex } from "./locate.ts";
import { type Observation, Observer } from "./observe.ts";
import { type NewVariable, outsideCode } from "./outside.ts";
import { probabilities, score } from "./rank.ts";

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

export interface DiagnosisRequest {
  readonly standing: Standing;
  /** The first-parent commits that count; what a rollback took out is passed over. */
  readonly inEffect: ReadonlySet<Oid>;
  /** Literal paths; empty: the whole repository. */
  readonly paths: readonly string[];
  /** Files that good has and live has not, by the name they had: a symptom may name what is gone. */
  readonly goneFiles: readonly string[];
  readonly symptom: Symptom;
  /** When the symptom was first seen, ms since 1970. */
  readonly firstError: number | null;
}

/** Reads the range once and ranks its changes by what they have to do with the symptom. */
export async function diagnose(git: Git, request: DiagnosisRequest): Promise<Diagnosis> {
  const { standing, inEffect, paths, goneFiles, symptom, firstError } = request;
  const index = new PathIndex([
    ...(await git.fields(["ls-tree", "-r", "-z", "--name-only", "--full-tree", standing.live.sha])),
    ...goneFiles,
  ]);
  const frames = locateFrames(symptom.frames, index);
  const inFrames = new Set(frames.map(({ path }) => path));
  const named = symptom.paths.flatMap((word) => index.named(word)).filter((path) => !inFrames.has(path));
  const observer = new Observer(symptom, frames, named);
  const observations: Observation[] = [];
  if (inEffect.size > 0) {
    for await (const commit of streamRange(
      git,
      { good: standing.good.sha, live: standing.live.sha, paths },
      CAPS,
    )) {
      const observation = observer.observe(commit);
      if (inEffect.has(commit.sha)) observations.push(observation);
    }
  }
  const newVariables = await readForTheFirstTime(git, standing.good.sha, observations);
  const { signals, score: outsideScore } = outsideCode(symptom, observations, newVariables, {
    firstError,
    liveSince: standing.live.at ?? null,
  });
  const { suspects, outside } = probabilities(score(observations, symptom, firstError), outsideScore);
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
