import type { ChalkInstance } from "chalk";

import type { GoodCommit, LiveCommit, Standing } from "../model/deploy.ts";
import { visible } from "../model/escape.ts";
import { short } from "../model/oid.ts";
import { spoken } from "../model/time.ts";
import { clip, columns, pairs } from "./layout.ts";

/** How it is known what is live or good, in words. */
export const SOURCES: Readonly<Record<LiveCommit["source"], string>> = {
  option: "as you said",
  http: "the running system says so",
  run: "the running system says so",
  ledger: "from the ledger",
  tag: "a release tag",
  branch: "the branch's tip",
  "previous-deploy": "the deploy before, from the ledger",
};

function name({ ref, sha, source }: LiveCommit | GoodCommit, width: number): string {
  return ref === undefined || source === "branch" || sha.startsWith(ref)
    ? short(sha)
    : `${clip(visible(ref), width - 11)} (${short(sha)})`;
}

/** The lines everything begins with: what is live, what is good, how that is known, and `more` rows. */
export function standingLines(
  standing: Omit<Standing, "good"> & { readonly good: GoodCommit | null },
  now: number,
  paint: ChalkInstance,
  width = 80,
  more: readonly (readonly [string, string])[] = [],
): string[] {
  const { live, good } = standing;
  const room = width - 9;
  // What does not fit beside a name stands below it, and below each other where that does not fit.
  const row = (label: string, head: string, notes: readonly string[]): [string, string][] => {
    const note = notes.join(" ");
    if (columns(head) + columns(note) + 2 <= room) return [[label, `${head}  ${note}`]];
    const below = columns(note) <= room ? [note] : notes;
    return [[label, head], ...below.map((line): [string, string] => ["", line])];
  };
  const since = live.at === undefined ? "" : `, for ${spoken(Math.max(0, now - live.at))}`;
  const rows = row("live", paint.bold(name(live, room)), [paint.dim(`${SOURCES[live.source]}${since}`)]);
  if (good === null) rows.push(["good", paint.yellow("not known")]);
  else {
    const sure = good.certified ? paint.green("certified") : paint.yellow("not certified");
    rows.push(...row("good", paint.bold(name(good, room)), [paint.dim(`${SOURCES[good.source]},`), sure]));
  }
  const { fetchedAt, offline } = standing.freshness;
  if (offline || (fetchedAt !== null && now - fetchedAt > 60_000)) {
    const when = fetchedAt === null ? "at an unknown time" : `${spoken(now - fetchedAt)} ago`;
    rows.push(["as of", paint.yellow(`${when}${offline ? ", offline" : ""}`)]);
  }
  if (standing.shallow) rows.push(["clone", paint.yellow("shallow: older is not here")]);
  return pairs([...rows, ...more], paint);
}

/** `production · api  main on origin` */
export function standingTitle(standing: Omit<Standing, "good">, paint: ChalkInstance): string {
  const service = standing.service === null ? "" : ` · ${visible(standing.service)}`;
  const where =
    standing.remote === null
      ? visible(standing.branch)
      : `${visible(standing.branch)} on ${visible(standing.remote)}`;
  return `${paint.bold(standing.environment.toUpperCase() + service)}  ${paint.dim(where)}`;
}
