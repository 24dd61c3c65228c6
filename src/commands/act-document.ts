import { visible } from "../model/escape.ts";
import { EXIT, type ExitCode } from "../model/exit.ts";
import { short } from "../model/oid.ts";
import type { CloneAfter, Proof, RollbackPlan } from "../model/rollback.ts";
import type { Executed } from "../rollback/execute.ts";
import type { Operation } from "../rollback/operations.ts";
import { doneScreen } from "../terminal/rollback.ts";
import { shellWord } from "../triage/advice.ts";
import type { Outcome } from "./context.ts";

/** What was done, as a person and as a program want to read it. */
export function conclude(
  plan: RollbackPlan,
  executed: Executed,
  proof: Proof,
  enough: boolean,
  persists: boolean,
  refused: number,
): Outcome {
  const { operation, pushed, clone } = executed;
  const { number, commit } = operation;
  const exit: ExitCode = enough ? EXIT.done : persists ? EXIT.symptomPersists : EXIT.unproven;
  const env = plan.environment;
  const to = plan.good.ref ?? short(plan.good.sha);
  const done =
    plan.strategy === "undo"
      ? `${env} is back where operation ${undoneNumber(plan)} began`
      : `${env} is rolled back to ${visible(to)}`;
  const headline = !pushed
    ? `the commit ${short(commit)} is made and kept; nothing was pushed`
    : persists
      ? `${visible(to)} runs again, and the symptom is still there: look outside the code`
      : enough
        ? done
        : `${short(commit)} is published, but ${proof.wanted} was not reached`;
  const next: [string, string][] = pushed
    ? [
        [`mayday undo ${number}`, "reverses this, by a new commit"],
        ...(persists
          ? ([
              [
                `mayday alert --env ${env} ${shellWord(`${env} is still broken after a rollback`)}`,
                "whoever runs environment and infrastructure",
              ],
            ] as [string, string][])
          : []),
        ...(enough ? [] : ([[`mayday verify ${env}`, "ask again"]] as [string, string][])),
      ]
    : [
        [
          plan.remote === null
            ? `git merge --ff-only ${commit}`
            : `git push ${shellWord(plan.remote)} ${commit}:refs/heads/${shellWord(plan.branch)}`,
          "publishes it",
        ],
      ];
  const message = persists
    ? `${visible(to)} is live again and a probe still fails; an older version will not help`
    : `wanted ${proof.wanted}, reached ${proof.reached ?? "nothing"}${refused > 0 ? "; looking needs consent: mayday trust" : ""}`;
  return {
    exit,
    document: { ...rollbackDocument(plan, operation, clone, pushed), proof },
    text: (paint, width) => doneScreen({ headline, good: enough, proof, clone, next }, width, paint),
    ...(exit === EXIT.done
      ? {}
      : {
          error: {
            code: persists ? "symptom-persists" : "unproven",
            message,
            hint: persists ? `mayday alert --env ${env} …` : `mayday verify ${env}`,
          },
        }),
  };
}

function undoneNumber(plan: RollbackPlan): string {
  return /^Mayday-Undoes-Operation: (\d+)$/m.exec(plan.message)?.[1] ?? "?";
}

/** The members that plan and result share. */
export function rollbackDocument(
  plan: RollbackPlan,
  operation: Operation | null,
  clone: CloneAfter | null,
  pushed: boolean,
): Record<string, unknown> & { schema: string } {
  return {
    schema: operation === null ? "mayday/rollback-plan@1" : "mayday/rollback@1",
    environment: plan.environment,
    strategy: plan.strategy,
    from: { sha: plan.tip },
    to: plan.good,
    commit: operation === null ? null : { sha: operation.commit, tree: plan.tree },
    tree: plan.tree,
    message: plan.message,
    pushed,
    branch: plan.branch,
    remote: plan.remote,
    kept: plan.kept,
    undone: plan.undone,
    risks: plan.risks,
    clone: clone === null ? null : { state: clone.state, files: clone.files, text: clone.text },
    undo: operation === null || !pushed ? null : `mayday undo ${operation.number}`,
    operation: operation?.number ?? null,
  };
}
