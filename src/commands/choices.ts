import { visible } from "../model/escape.ts";
import { short } from "../model/oid.ts";
import type { Suspect } from "../model/triage.ts";
import { percent } from "../terminal/layout.ts";
import type { TriageScreen } from "../terminal/triage.ts";
import { goodName } from "../triage/advice.ts";
import type { Verbs } from "./verbs.ts";

export type ChoiceName =
  | "tell"
  | "rollback"
  | "revert"
  | "flag"
  | "bisect"
  | "suspect"
  | "diff"
  | "outside"
  | "more"
  | "stop";

/** Where the person stands: what is known, and what was done already. */
export interface Stand {
  readonly screen: TriageScreen;
  /** Every change of the range, the likeliest first; the screen shows the first of them. */
  readonly suspects: readonly Suspect[];
  readonly verbs: Verbs;
  /** An alert went out. */
  readonly told: boolean;
  /** What points outside the code was looked at. */
  readonly lookedOutside: boolean;
  /** Suspects that were shown. */
  readonly shown: number;
}

interface Choice {
  readonly name: ChoiceName;
  /** Only what exists and makes sense here is offered. */
  readonly offered: (stand: Stand) => boolean;
  readonly label: (stand: Stand) => string;
  readonly hint: (stand: Stand) => string;
}

/** A suspect that one would act on by itself: likely, and likelier than that it is not the code. */
export function likely({ suspects, screen }: Pick<Stand, "suspects" | "screen">): Suspect | null {
  const [first] = suspects;
  return first && first.probability >= 0.2 && first.probability > screen.outside.probability ? first : null;
}

/** The first flag that a suspect reads, likeliest suspect first. */
export function flagOf({ suspects }: Pick<Stand, "suspects">): string | null {
  return suspects.slice(0, 5).flatMap(({ flags }) => flags)[0] ?? null;
}

/** Everything that can be done from here, in the order of the menu. */
const CHOICES: readonly Choice[] = [
  {
    name: "tell",
    offered: () => true,
    label: ({ told, lookedOutside }) =>
      `${lookedOutside ? "Tell DevOps" : "Tell someone"}${told ? " again" : ""}`,
    hint: () => "alert the on-call channels",
  },
  {
    name: "rollback",
    offered: ({ suspects }) => suspects.length > 0,
    label: ({ screen }) => `Roll back to ${goodName(screen.standing.good)}`,
    hint: () => "shows the plan and asks first",
  },
  {
    name: "revert",
    offered: (stand) => stand.verbs.has("rollback", "--via", "revert") && likely(stand) !== null,
    label: (stand) => `Revert only ${short(likely(stand)?.sha ?? "")}`,
    hint: () => "shows the plan and asks first",
  },
  {
    name: "flag",
    offered: (stand) => stand.verbs.has("flag") && flagOf(stand) !== null,
    label: (stand) => `Turn off the flag ${visible(flagOf(stand) ?? "")}`,
    hint: () => "asks first",
  },
  {
    name: "bisect",
    offered: ({ verbs, suspects }) => verbs.has("bisect") && suspects.length > 1,
    label: () => "Confirm the culprit by bisect",
    hint: () => "runs a command of yours",
  },
  {
    name: "suspect",
    offered: ({ suspects }) => suspects.length > 0,
    label: ({ suspects }) => (suspects.length === 1 ? "Look at the suspect" : "Look at a suspect"),
    hint: () => "the hunks that matter first",
  },
  {
    name: "diff",
    offered: ({ screen }) => screen.range.files > 0,
    label: () => "Look at all that changed",
    hint: () => "the hunks that matter first",
  },
  {
    name: "outside",
    offered: () => true,
    label: () => "Look outside the code",
    hint: ({ screen }) => `${percent(screen.outside.probability)}: what points there, what to check`,
  },
  {
    name: "more",
    offered: ({ suspects, shown }) => suspects.length > shown,
    label: () => "Show more suspects",
    hint: ({ suspects, shown }) => `${suspects.length - shown} are not shown`,
  },
  {
    name: "stop",
    offered: () => true,
    label: () => "Stop here",
    hint: ({ told }) => (told ? "only the alert went out" : "nothing was changed"),
  },
];

export interface MenuItem {
  readonly value: ChoiceName;
  readonly label: string;
  readonly hint: string;
}

/** What is offered here and now. */
export function menu(stand: Stand): MenuItem[] {
  return CHOICES.filter(({ offered }) => offered(stand)).map(({ name, label, hint }) => ({
    value: name,
    label: label(stand),
    hint: hint(stand),
  }));
}

/** Where Enter goes: someone is told first, then what triage recommends. Never to what acts without asking. */
export function initial({ told, screen, lookedOutside }: Stand): ChoiceName {
  if (!told) return "tell";
  if (screen.actions[0]?.action === "rollback") return "rollback";
  return lookedOutside ? "stop" : "outside";
}
