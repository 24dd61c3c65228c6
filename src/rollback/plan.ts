import type { Git } from "../git/git.ts";
import { changedEntries, combineTrees, type TreeChange } from "../git/objects.ts";
import { pushUrl } from "../git/remote.ts";
import { isAncestor, treeOf, tryResolve } from "../git/revision.ts";
import type { Facts } from "../environment/standing.ts";
import { commitsInEffect } from "../environment/restoring.ts";
import { areaOf } from "../model/area.ts";
import type { FileChange } from "../model/change.ts";
import { visible } from "../model/escape.ts";
import { type Oid, short } from "../model/oid.ts";
import type { Risk } from "../model/risk.ts";
import type { RollbackPlan, RungId, Undone } from "../model/rollback.ts";
import type { EnvironmentSettings } from "../model/settings.ts";
import { assessRisks } from "../risk/risks.ts";
import { harmless, restoringMessage } from "./message.ts";

export interface PlanRequest {
  readonly facts: Facts;
  readonly settings: EnvironmentSettings;
  /** Literal paths; empty: everything. */
  readonly only: readonly string[];
  readonly reason: string;
  readonly push: boolean;
  readonly verify: boolean;
  /** ms since 1970 */
  readonly now: number;
}

/** What would be done, worked out from objects; nothing but unreachable objects is written. */
export async function planRollback(git: Git, request: PlanRequest): Promise<RollbackPlan> {
  const { facts, settings, only, reason, push } = request;
  const { standing } = facts;
  const { tip, good, environment } = standing;
  const stays = await staying(settings.rollback.keep, only);
  const kept: TreeChange[] = [];
  const files: TreeChange[] = [];
  for (const change of await changedEntries(git, good.sha, tip))
    (stays(change.path) ? kept : files).push(change);
  const tree = await combineTrees(git, await treeOf(git, good.sha), kept);
  const undone = await listUndone(git, facts, only);
  const ref = await nameOf(git, good);
  const shown = ref ?? short(good.sha);
  const partial = only.length > 0;
  return {
    environment,
    service: standing.service,
    strategy: "tree",
    remote: standing.remote,
    url: standing.remote === null ? null : await pushUrl(git, standing.remote),
    branch: standing.branch,
    live: standing.live.sha,
    tip,
    good: { sha: good.sha, ref, certified: good.certified },
    tree,
    message: restoringMessage({
      subject: `Roll back ${environment} to ${harmless(shown)}`,
      reason: partial ? `${reason}${reason === "" ? "" : "\n"}Only ${only.map(visible).join(", ")}.` : reason,
      undone,
      trailers: partial
        ? [["Mayday-Restores-Paths-Of", good.sha]]
        : [
            ["Mayday-Rolls-Back", `${good.sha}..${tip}`],
            ["Mayday-Restores", good.sha],
          ],
    }),
    date: Math.floor(request.now / 1_000),
    kept: kept.map(({ path }) => path),
    undone,
    risks: await risksOf(git, facts, files, undone.length),
    push,
    reason,
    wanted: wantedProof(settings, push && standing.remote !== null, request.verify),
  };
}

/** The rung that counts as success: P5 with probes, else P2; P1 when nothing is pushed. */
export function wantedProof(settings: EnvironmentSettings, pushes: boolean, verify: boolean): RungId {
  if (!pushes) return "P1";
  if (!verify) return "P2";
  return settings.rollback.proof ?? (settings.probes.length > 0 ? "P5" : "P2");
}

/** Which paths stay as at the tip: the configuration always, `rollback.keep`, all but `only`. */
async function staying(keep: readonly string[], only: readonly string[]): Promise<(path: string) => boolean> {
  const { default: picomatch } = await import("picomatch");
  const kept = keep.length === 0 ? () => false : picomatch([...keep], { dot: true });
  const inside = (path: string): boolean =>
    only.length === 0 || only.some((base) => path === base || path.startsWith(`${base}/`));
  return (path) => path === "mayday.yaml" || kept(path) || !inside(path);
}

/** The name it was found under, if that is a name of the commit (a time, `--since 2h`, is not). */
async function nameOf(git: Git, good: Facts["standing"]["good"]): Promise<string | null> {
  if (good.ref === undefined || good.source === "branch") return null;
  return (await tryResolve(git, good.ref)) === good.sha ? good.ref : null;
}

async function listUndone(git: Git, { standing }: Facts, only: readonly string[]): Promise<Undone[]> {
  const { good, tip, live } = standing;
  const entries = await commitsInEffect(git, good.sha, tip, only);
  if (entries.length === 0) return [];
  const pending =
    live.sha === tip ? "" : await git.text(["rev-list", tip, `^${live.sha}`, `^${good.sha}`, "--"]);
  const notDeployed = new Set(pending.split("\n"));
  return entries.map(({ sha, subject }) => ({ sha, subject, deployed: !notDeployed.has(sha) }));
}

async function risksOf(
  git: Git,
  { standing, ledger }: Facts,
  changes: readonly TreeChange[],
  undone: number,
): Promise<Risk[]> {
  const { good, tip } = standing;
  const risks = assessRisks({
    good,
    files: changes.map(asFile),
    undone,
    newVariables: [],
  });
  const marked: { sha: Oid; reason: string } | undefined = ledger.bad.get(good.sha);
  if (marked)
    risks.unshift({
      id: "good:bad",
      level: "red",
      text: `${short(good.sha)} is marked bad: ${visible(marked.reason)}`,
    });
  if (!(await isAncestor(git, good.sha, tip))) {
    risks.push({
      id: "good:not-ancestor",
      level: "amber",
      text: "the good commit is not in the branch's history: it was rewritten, or this clone is cut off; the list of what goes out may not be whole",
    });
  }
  return risks;
}

function asFile({ path, status, oldMode, mode }: TreeChange): FileChange {
  const there = mode === "000000" ? oldMode : mode;
  const kind = there === "160000" ? "submodule" : there === "120000" ? "symlink" : "file";
  return { path, status, insertions: null, deletions: null, kind, area: areaOf(path) };
}
