import { askLive, type Asking } from "../environment/ask.ts";
import { pause, type ProbeResult, runProbes } from "../environment/probe.ts";
import type { Git } from "../git/git.ts";
import { tryResolve, treeOf } from "../git/revision.ts";
import { visible } from "../model/escape.ts";
import { type Oid, short } from "../model/oid.ts";
import type { Proof, Rung, RungId } from "../model/rollback.ts";
import type { EnvironmentSettings, ProbeSettings } from "../model/settings.ts";
import { spoken } from "../model/time.ts";

const LADDER: readonly RungId[] = ["P1", "P2", "P3", "P4", "P5", "P6"];
const ASK_EVERY_MS = 2_000;
const ASK_TIMEOUT_MS = 3_000;

export interface Proving {
  readonly git: Git;
  readonly settings: EnvironmentSettings;
  readonly commit: Oid;
  readonly tree: Oid;
  readonly probes: readonly ProbeSettings[];
  /** May the running system be asked (consent)? */
  readonly mayAskLive: boolean;
  readonly asking: Asking;
  readonly say: (text: string) => void;
}

export interface Proved {
  readonly rungs: readonly Rung[];
  /** The right commit runs and the probes say that it is not healthy. */
  readonly symptomPersists: boolean;
}

/** Climbs P3 to P5 after P2, as far as there are sources; waiting ends at `rollback.wait`. */
export async function climb(proving: Proving): Promise<Proved> {
  const { settings, probes } = proving;
  const deadline = performance.now() + settings.rollback.wait;
  const rungs: Rung[] = [
    { id: "P3", state: "unknown", text: "nothing is configured that would show a deploy starting" },
  ];
  const p4 = await waitForLive(proving, deadline);
  rungs.push(p4);
  if (probes.length === 0) {
    rungs.push({ id: "P5", state: "unknown", text: "no probe is configured (environments.<name>.probes)" });
    return { rungs, symptomPersists: false };
  }
  if (p4.state === "fail") {
    rungs.push({ id: "P5", state: "skipped", text: "the restored code is not live yet" });
    return { rungs, symptomPersists: false };
  }
  const { rung, persists } = await watch(proving, deadline);
  rungs.push(rung);
  return { rungs, symptomPersists: persists && p4.state === "pass" };
}

async function waitForLive(
  { git, settings, commit, tree, mayAskLive, asking, say }: Proving,
  deadline: number,
): Promise<Rung> {
  const { live } = settings;
  if ((live.http === undefined && live.run === undefined) || !mayAskLive) {
    return {
      id: "P4",
      state: "unknown",
      text: "the running system cannot be asked what it runs (environments.<name>.live)",
    };
  }
  let last = "";
  for (;;) {
    const said = await askLive(live, ASK_TIMEOUT_MS, asking);
    if (said !== null && "text" in said) {
      const sha = await tryResolve(git, said.text);
      if (sha !== undefined && (sha === commit || (await treeOf(git, sha)) === tree)) {
        return {
          id: "P4",
          state: "pass",
          text: `the running system says ${short(sha)}${sha === commit ? "" : ", which has the restored tree"}`,
        };
      }
      last = `it still says ${visible(said.text.slice(0, 40))}`;
    } else if (said !== null) last = visible(said.fault);
    if (asking.signal.aborted || performance.now() + ASK_EVERY_MS > deadline) {
      return {
        id: "P4",
        state: "fail",
        text: `the restored code did not go live within ${spoken(settings.rollback.wait)}: ${last}`,
      };
    }
    say(`waiting for the deploy: ${last}`);
    await pause(ASK_EVERY_MS, asking.signal);
  }
}

/** Healthy once, then healthy for the whole window. */
async function watch(
  { settings, probes, asking, say }: Proving,
  deadline: number,
): Promise<{ rung: Rung; persists: boolean }> {
  const { window } = settings.rollback;
  say("running the probes");
  let results = await runProbes(probes, asking);
  while (results.some(({ healthy }) => !healthy) && !asking.signal.aborted && performance.now() < deadline) {
    const sick = results.find(({ healthy }) => !healthy);
    say(`not healthy yet: ${visible(sick?.name ?? "")} (${sick?.text ?? ""})`);
    await pause(1_000, asking.signal);
    results = await runProbes(probes, asking);
  }
  const healthySince = performance.now();
  while (allHealthy(results) && performance.now() - healthySince < window && !asking.signal.aborted) {
    say(`healthy; watching for ${spoken(Math.max(0, window - (performance.now() - healthySince)))} more`);
    await pause(Math.min(5_000, Math.max(0, window - (performance.now() - healthySince))), asking.signal);
    results = await runProbes(probes, asking);
  }
  const sick = results.find(({ healthy }) => !healthy);
  if (sick === undefined && !asking.signal.aborted) {
    return {
      rung: {
        id: "P5",
        state: "pass",
        text: `${results.length === 1 ? `${visible(results[0]?.name ?? "")} is` : `all ${results.length} probes are`} healthy for ${spoken(window)}`,
      },
      persists: false,
    };
  }
  return {
    rung: {
      id: "P5",
      state: "fail",
      text: sick ? `${visible(sick.name)}: ${sick.text}` : "interrupted while watching",
    },
    persists: sick !== undefined,
  };
}

function allHealthy(results: readonly ProbeResult[]): boolean {
  return results.every(({ healthy }) => healthy);
}

/** The highest rung that passed, and whether it is as high as wanted: nothing below it may have failed. */
export function judgeProof(
  rungs: readonly Rung[],
  wanted: RungId,
): { readonly proof: Proof; readonly enough: boolean } {
  const passed = LADDER.filter((id) => rungs.some((rung) => rung.id === id && rung.state === "pass"));
  const upTo = LADDER.indexOf(wanted);
  const failed = rungs.some((rung) => rung.state === "fail" && LADDER.indexOf(rung.id) <= upTo);
  // P6 is a mark, not a higher sight of health: it does not stand for P5.
  const reached = passed.findLast((id) => id !== "P6" || wanted === "P6") ?? null;
  const wantedHolds = rungs.some((rung) => rung.id === wanted && rung.state === "pass");
  return {
    proof: { wanted, reached, rungs: rungs.toSorted((a, b) => LADDER.indexOf(a.id) - LADDER.indexOf(b.id)) },
    enough: wantedHolds && !failed,
  };
}
