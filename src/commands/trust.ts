import type { ChalkInstance } from "chalk";

import { visible } from "../model/escape.ts";
import { EXIT } from "../model/exit.ts";
import { entriesOf } from "../trust/entries.ts";
import { entryLines, grant, judge, type JudgedEntry } from "./consent.ts";
import type { Context, Outcome } from "./context.ts";

/** `mayday trust`: shows what the configuration runs, tells and asks for; records the consent to it. */
export async function trust(context: Context): Promise<Outcome> {
  const configuration = await context.configuration();
  const judged = await judge(context, entriesOf(configuration));
  const missing = judged.filter(({ state }) => state === "new" || state === "changed");
  const label = visible(configuration.label ?? "no mayday.yaml");
  const answer = (exit: Outcome["exit"], agreed: boolean, last: string): Outcome => ({
    exit,
    document: {
      schema: "mayday/trust@1",
      file: configuration.label,
      entries: judged.map(({ entry, state }) => ({
        kind: entry.kind,
        where: entry.where,
        text: entry.text,
        state: agreed && state !== "free" ? "agreed" : state,
      })),
      recorded: agreed ? missing.length : 0,
    },
    text: (paint) => overview(label, judged, last, paint),
  });

  if (missing.length === 0) {
    return answer(EXIT.done, false, judged.length === 0 ? "" : "Nothing here waits for your consent.");
  }
  if (context.globals.yes) {
    await grant(context, configuration);
    return answer(EXIT.done, true, `Recorded: you agree to exactly this (${count(missing)}).`);
  }
  const waiting = {
    error: {
      code: "consent-needed",
      message: `${count(missing)} of ${label} ${missing.length === 1 ? "waits" : "wait"} for your consent; nothing was recorded`,
      hint: "read it, then: mayday trust --yes",
    },
  };
  if (!context.terminal.interactive) return { ...answer(EXIT.waiting, false, ""), ...waiting };

  const paint = await context.terminal.paintTalk();
  context.terminal.error(overview(label, judged, "", paint));
  if (!(await context.terminal.confirm("Do you agree to exactly this?", false))) {
    return { ...answer(EXIT.no, false, ""), ...waiting, text: "" };
  }
  await grant(context, configuration);
  return { ...answer(EXIT.done, true, ""), text: `Recorded: ${count(missing)}.` };
}

function count(judged: readonly JudgedEntry[]): string {
  return judged.length === 1 ? "1 entry" : `${judged.length} entries`;
}

const STATES: readonly (readonly [JudgedEntry["state"], string])[] = [
  ["new", "waits for your consent"],
  ["changed", "changed since you agreed"],
  ["agreed", "agreed to"],
  ["free", "needs no consent (this machine, or your own file)"],
];

function overview(label: string, judged: readonly JudgedEntry[], last: string, paint: ChalkInstance): string {
  if (judged.length === 0) return `${label}: nothing runs a command, names a host or asks for a secret.`;
  const parts = STATES.flatMap(([state, words]) => {
    const some = judged.filter((it) => it.state === state);
    // The heading says it already.
    const plain = some.map(({ entry }): JudgedEntry => ({ entry, state: "agreed" }));
    return some.length === 0
      ? []
      : [`${paint.bold(label)} ${words}\n\n${entryLines(plain, paint).join("\n")}\n`];
  });
  return [...parts, ...(last === "" ? [] : [last])].join("\n");
}
