/** The exit codes of the contract: one table, in one place. */
export const EXIT = {
  done: 0,
  no: 1,
  usage: 2,
  refused: 3,
  unknown: 4,
  conflict: 5,
  remoteMoved: 6,
  waiting: 7,
  unproven: 8,
  busy: 9,
  symptomPersists: 10,
  bug: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** With these exits a command prints its own document; with all others stdout holds `mayday/error@1`. */
const OWN_DOCUMENT: ReadonlySet<ExitCode> = new Set([0, 1, 5, 7, 8, 10]);

export function hasOwnDocument(exit: ExitCode): boolean {
  return OWN_DOCUMENT.has(exit);
}
