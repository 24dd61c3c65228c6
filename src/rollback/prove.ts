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
    const remaining = deadline - performance.now();
    if (asking.signal.aborted || remaining <= 0) {
      return {
        id: "P4",
        state: "fail",
        text: `the restored code did not go live within ${spoken(settings.rollback.wait)}: ${last}`,
      };
    }
    say(`waiting for the deploy: ${last}`);
    await pause(Math.min(ASK_EVERY_MS, remaining), asking.signal);
  }
}

/** Healthy for a whole window that began before the deadline; one failure begins the window anew. */
async function watch(
  { settings, probes, asking, say }: Proving,
  deadline: number,
): Promise<{ rung: Rung; persists: boolean }> {
  const { window } = settings.rollback;
  say("running the probes");
  for (let since: number | null = null; ;) {
    const results = await runProbes(probes, asking);
    const now = performance.now();
    if (asking.signal.aborted)
      return { rung: { id: "P5", state: "fail", text: "interrupted while watching" }, persists: false };
    const sick = results.find(({ healthy }) => !healthy);
    if (sick === undefined) {
      since ??= now;
      const left = window - (now - since);
      if (left <= 0)
        return { rung: { id: "P5", state: "pass", text: healthyText(results, window) }, persists: false };
      say(`healthy; watching for ${spoken(left)} more`);
      await pause(Math.min(5_000, left), asking.signal);
      continue;
    }
    since = null;
    const text = `${visible(sick.name)}: ${sick.text}`;
    if (now >= deadline) return { rung: { id: "P5", state: "fail", text }, persists: true };
    say(`not healthy yet: ${text}`);
    await pause(Math.min(1_000, deadline - now), asking.signal);
  }
}

function healthyText(results: readonly ProbeResult[], window: number): string {
  const [only] = results;
  const who = results.length === 1 && only ? `${visible(only.name)} is` : `all ${results.length} probes are`;
  return `${who} healthy for ${spoken(window)}`;
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
