import type { Standing } from "../model/deploy.ts";
import { short } from "../model/oid.ts";
import type { Action, OutsideCode, Suspect } from "../model/triage.ts";

/** From this share on, "not the code" is the likelier answer and a rollback would only cost time. */
const OUTSIDE_LIKELY = 0.5;

/** A word for a shell line; quoted only where it must be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What to do next, the recommended first: only commands that exist. */
export function advise(standing: Standing, suspects: readonly Suspect[], outside: OutsideCode): Action[] {
  const { environment: env, good } = standing;
  const to = good.ref !== undefined && good.source !== "branch" ? good.ref : short(good.sha);
  const inCode = suspects.length > 0 && outside.probability < OUTSIDE_LIKELY;
  const actions: Action[] = [];
  if (suspects.length > 0) {
    actions.push({
      action: "rollback",
      recommended: inCode,
      command: `mayday rollback ${env} --to ${shellWord(to)}`,
      why: `takes out all ${suspects.length} ${suspects.length === 1 ? "change" : "changes"} by one new commit whose tree is ${to}'s; undone by mayday undo`,
    });
  }
  actions.push({
    action: "alert",
    recommended: !inCode,
    command: `mayday alert --env ${env} --severity sev1 ${shellWord(inCode ? `${env} is broken since the last deploy` : `${env} is broken, and it does not look like the code`)}`,
    why: inCode
      ? "tell the people on call what is going on"
      : "the cause may lie in environment or infrastructure: reach those who run them",
  });
  if (suspects.length > 0) {
    actions.push({
      action: "diff",
      recommended: false,
      command: `mayday diff ${env}`,
      why: "what changed since good, file by file",
    });
  }
  return actions.toSorted((a, b) => Number(b.recommended) - Number(a.recommended));
}
