/** What kind of thing a file is, as far as a deploy is concerned. In the order shown to people. */
export const AREAS = [
  "source",
  "migration",
  "configuration",
  "infrastructure",
  "dependency",
  "lockfile",
  "ci",
  "test",
  "docs",
  "assets",
  "generated",
] as const;

export type Area = (typeof AREAS)[number];

/** Areas that a rollback of code alone may not bring back. */
export const NOT_ONLY_CODE: ReadonlySet<Area> = new Set([
  "migration",
  "configuration",
  "infrastructure",
  "dependency",
  "lockfile",
  "ci",
]);
