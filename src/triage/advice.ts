import { type GoodCommit, isFarGuess, type Standing } from "../model/deploy.ts";
import { short } from "../model/oid.ts";
import type { Action, OutsideCode, Suspect } from "../model/triage.ts";

/** From this share on, "not the code" is the likelier answer and a rollback would only cost time. */
const OUTSIDE_LIKELY = 0.5;

/** A word for a shell line; quoted only where it must be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * What a command may call the good commit and still mean it tomorrow: its tag, else its short id.
 * Never `HEAD~3` or a branch, and no name that is not plain to read.
 */
export function goodName({ ref, source, sha }: GoodCommit): string {
  const isName = ref !== undefined && /^\w[\w.+/@-]*$/.test(ref) && !/\.\.|@\{/.test(ref);
  const isTag = source === "tag" || source === "ledger" || source === "previous-deploy";
  return isName && (isTag || (source === "option" && /\d\.\d/.test(ref))) ? ref : short(sha);
}

/**
 * What to do next, the recommended first: only commands that exist. `narrow` are the options that a
 * command needs to speak of the same part of the repository (`--service api`).
 */
export function advise(
  standing: Standing,
  suspects: readonly Suspect[],
  outside: OutsideCode,
  narrow: readonly string[] = [],
): Action[] {
  const { environment: env, good } = standing;
  const to = goodName(good);
  const part = narrow.map((word) => ` ${shellWord(word)}`).join("");
  const inCode = suspects.length > 0 && outside.probability < OUTSIDE_LIKELY;
  const goBack = inCode && !isFarGuess(good, suspects.length);
  const actions: Action[] = [];
  if (suspects.length > 0) {
    actions.push({
      action: "rollback",
      recommended: goBack,
      command: `mayday rollback ${env} --to ${shellWord(to)}${part}`,
      why: `takes out ${suspects.length === 1 ? "the change" : `all ${suspects.length} changes`} by one new commit ${part === "" ? `whose tree is ${to}'s` : `that puts this part back as in ${to}`}; undone by mayday undo`,
    });
  }
  actions.push({
    action: "alert",
    recommended: !goBack,
    command: `mayday alert --env ${env} --severity sev1 ${shellWord(inCode ? `${env} is broken since the last deploy` : `${env} is broken, and it does not look like the code`)}`,
    why: inCode
      ? "tell the people on call what is going on"
      : "the cause may lie in environment or infrastructure: reach those who run them",
  });
  if (suspects.length > 0) {
    actions.push({
      action: "diff",
      recommended: false,
      command: `mayday diff ${env}${part}`,
      why: "what changed since good, file by file",
    });
  }
  return actions.toSorted((a, b) => Number(b.recommended) - Number(a.recommended));
}
