import type { Git } from "../git/git.ts";
import { fold, type LedgerState } from "../ledger/fold.ts";
import type { Disagreement, GoodCommit, Standing } from "../model/deploy.ts";
import { MaydayError } from "../model/error.ts";
import type { LedgerEvent } from "../model/ledger.ts";
import { findGood } from "./good.ts";
import { ensureHere, findLive } from "./live.ts";
import { findPlace, type StandingRequest } from "./place.ts";

export type { StandingRequest } from "./place.ts";

/** A standing whose good commit may be unknown. */
export type Situation = Omit<Standing, "good"> & { readonly good: GoodCommit | null };

interface Found {
  readonly ledger: LedgerState;
  readonly events: readonly LedgerEvent[];
  /** What a person should know about how this was found. */
  readonly notes: readonly string[];
  /** The remote answered just now: what is said of it is not from memory. */
  readonly asked: boolean;
}

export interface Facts extends Found {
  readonly standing: Standing;
}

export interface LiveFacts extends Found {
  readonly standing: Situation;
  /** Why good is not known; null when it is. */
  readonly missing: MaydayError | null;
}

/** What is live and what is good: asked of the sources in the contract's order, none averaged. */
export async function findStanding(git: Git, request: StandingRequest): Promise<Facts> {
  const { standing, missing, ...found } = await findSituation(git, request);
  if (missing) throw missing;
  const { good } = standing;
  if (good === null) throw new Error("good is neither known nor said to be unknown");
  return { ...found, standing: { ...standing, good } };
}

/** The same, for those who can go on without good: throws only when what is live is unknown. */
export async function findSituation(git: Git, request: StandingRequest): Promise<LiveFacts> {
  const started = performance.now();
  const left = (): number => Math.max(1, Math.round(request.timeoutMs - (performance.now() - started)));
  const place = await findPlace(git, request, left);
  const ledger = fold(place.events, request.service);
  const disagreements: Disagreement[] = [];
  const live = await findLive(git, request, place, ledger, disagreements);
  await ensureHere(git, place.remote, request, live.sha, "live", left);
  let good: GoodCommit | null = null;
  let missing: MaydayError | null = null;
  try {
    good = await findGood(git, request, place, ledger, live, disagreements);
    await ensureHere(git, place.remote, request, good.sha, "good", left);
  } catch (error) {
    if (!(error instanceof MaydayError) || error.exit !== 4) throw error;
    good = null;
    missing = error;
  }
  const standing: Situation = {
    environment: request.environment,
    service: request.service ?? null,
    remote: place.remote,
    branch: place.branch,
    tip: place.tip,
    live,
    good,
    disagreements,
    freshness: { fetchedAt: place.fetchedAt, offline: request.offline },
    shallow: git.layout.shallow,
  };
  return { standing, missing, ledger, events: place.events, notes: place.notes, asked: place.asked };
}
