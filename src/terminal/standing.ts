import type { ChalkInstance } from "chalk";

import type { GoodCommit, LiveCommit, Standing } from "../model/deploy.ts";
import { visible } from "../model/escape.ts";
import { short } from "../model/oid.ts";
import { spoken } from "../model/time.ts";
import { pairs } from "./layout.ts";

const SOURCES: Readonly<Record<LiveCommit["source"], string>> = {
  option: "as you said",
  http: "the running system says so",
  run: "the running system says so",
  ledger: "from the ledger",
  tag: "a release tag",
  branch: "the branch's tip",
  "previous-deploy": "the deploy before, from the ledger",
};

function name(commit: LiveCommit | GoodCommit): string {
  const ref = commit.ref;
  return ref === undefined || commit.source === "branch"
    ? short(commit.sha)
    : `${visible(ref)} (${short(commit.sha)})`;
}

/** The two lines everything begins with: what is live, what is good, and how that is known. */
export function standingLines(standing: Standing, now: number, paint: ChalkInstance): string[] {
  const { live, good } = standing;
  const since = live.at === undefined ? "" : `, for ${spoken(now - live.at)}`;
  const sure = good.certified ? paint.green("certified") : paint.yellow("not certified");
  const rows: [string, string][] = [
    ["live", `${paint.bold(name(live))}  ${paint.dim(`${SOURCES[live.source]}${since}`)}`],
    ["good", `${paint.bold(name(good))}  ${paint.dim(`${SOURCES[good.source]},`)} ${sure}`],
  ];
  const { fetchedAt, offline } = standing.freshness;
  if (offline || (fetchedAt !== null && now - fetchedAt > 60_000)) {
    const when = fetchedAt === null ? "at an unknown time" : `${spoken(now - fetchedAt)} ago`;
    rows.push(["as of", paint.yellow(`${when}${offline ? ", offline" : ""}`)]);
  }
  if (standing.shallow) rows.push(["clone", paint.yellow("shallow: older history is not here")]);
  return pairs(rows, paint);
}

/** `production · api  main on origin` */
export function standingTitle(standing: Standing, paint: ChalkInstance): string {
  const service = standing.service === null ? "" : ` · ${visible(standing.service)}`;
  const where =
    standing.remote === null
      ? visible(standing.branch)
      : `${visible(standing.branch)} on ${visible(standing.remote)}`;
  return `${paint.bold(standing.environment.toUpperCase() + service)}  ${paint.dim(where)}`;
}
