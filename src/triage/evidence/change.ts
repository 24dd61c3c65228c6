import type { Area } from "../../model/area.ts";
import type { Observation } from "../observe.ts";
import { AGAINST, atMost, type Bounds, EITHER, type EvidenceKind, FOR } from "./kind.ts";

/** Style sheets and archives are assets, and they can break what people see. */
const RUNS = /\.(?:css|scss|sass|less|styl|zip|gz|tgz|jar)$/i;

export function onlyDocuments({ files }: Observation): boolean {
  return (
    files.length > 0 &&
    files.every(({ area, path }) => area === "docs" || (area === "assets" && !RUNS.test(path)))
  );
}

function only({ files }: Observation, ...areas: readonly Area[]): boolean {
  return files.length > 0 && files.every(({ area }) => areas.includes(area));
}

const bit = (is: boolean): number => (is ? 1 : 0);

/** A kind of change that is known at a glance: one value, 0 or 1. */
function role(
  kind: string,
  name: string,
  bounds: Bounds,
  is: (observation: Observation) => boolean,
  text: string,
): EvidenceKind {
  return {
    kind,
    values: { [name]: bounds },
    measure: ({ observation }) => [bit(is(observation))],
    say: ({ observation }) => (is(observation) ? text : null),
  };
}

export const ROLES: readonly EvidenceKind[] = [
  role("empty", "empty", atMost(-3), ({ files }) => files.length === 0, "changes no file"),
  role("docs-only", "only.docs", atMost(-2.5), onlyDocuments, "changes only documents and pictures"),
  role(
    "test-only",
    "only.test",
    atMost(-1.5),
    (change) => !onlyDocuments(change) && only(change, "test", "docs"),
    "changes only tests",
  ),
  role(
    "ci-only",
    "only.ci",
    AGAINST,
    (change) => only(change, "ci", "docs", "test") && !only(change, "docs", "test"),
    "changes only CI",
  ),
  role(
    "generated-only",
    "only.generated",
    EITHER,
    (change) => only(change, "generated", "lockfile"),
    "changes only generated files",
  ),
  role(
    "dependency",
    "only.dependency",
    EITHER,
    (change) => only(change, "dependency", "lockfile", "docs") && !onlyDocuments(change),
    "changes what is installed",
  ),
  role(
    "configuration",
    "only.configuration",
    EITHER,
    (change) => only(change, "configuration", "infrastructure", "docs") && !onlyDocuments(change),
    "changes only configuration",
  ),
];

const HOLDS: readonly Area[] = ["source", "test", "migration", "infrastructure", "dependency"];

/** What kinds of files it touches at all. */
export const AREAS_TOUCHED: EvidenceKind = {
  kind: "areas",
  values: Object.fromEntries(HOLDS.map((area) => [`has.${area}`, EITHER])),
  measure: ({ observation: { files } }) => HOLDS.map((area) => bit(files.some((file) => file.area === area))),
  say: ({ observation: { files } }) => {
    const touched = HOLDS.filter((area) => files.some((file) => file.area === area));
    return touched.length === 0 ? null : `touches ${touched.join(", ")}`;
  },
};

const LARGEST = 20_000;

export const SIZE: EvidenceKind = {
  kind: "size",
  values: {
    "size.lines": EITHER,
    "size.squared": EITHER,
    "size.files": EITHER,
    "size.new": EITHER,
    "size.removed": EITHER,
  },
  measure: ({ observation: { files, lines } }) => {
    const size = Math.log1p(Math.min(lines, LARGEST));
    const removed = files.reduce((sum, { deletions }) => sum + deletions, 0);
    return [
      size,
      size ** 2 / 10,
      Math.log1p(files.length),
      files.filter(({ status }) => status === "added").length / Math.max(1, files.length),
      removed / Math.max(1, lines),
    ];
  },
  say: ({ observation: { files, lines } }) =>
    `${lines} changed ${lines === 1 ? "line" : "lines"} in ${files.length} ${files.length === 1 ? "file" : "files"}`,
};

/** What the subject calls the change. By its words, never by its author. */
const CALLED: readonly (readonly [name: string, pattern: RegExp, text: string])[] = [
  ["fix", /\b(?:fix(?:es|ed)?|bug|hotfix|correct(?:s|ed)?)\b/i, "a fix"],
  [
    "refactor",
    /\b(?:refactor\w*|clean ?up|simplif\w*|tidy|extract|move[sd]?|rename[sd]?|reorgani[sz]e\w*|rework\w*|rewrite\w*)\b/i,
    "a refactoring",
  ],
  ["revert", /\brevert\w*\b/i, "a revert"],
  ["reland", /\b(?:reland|re-?apply|reinstate|roll forward|take two)\b/i, "a second attempt"],
  ["performance", /\b(?:perf\w*|speed|faster|optimi[sz]\w*|cache|lazy|async)\b/i, "about speed"],
  [
    "update",
    /\b(?:bump|upgrade[sd]?|update[sd]? (?:dep|to|from)\w*|roll)\b|^Update|^chore\(deps/i,
    "an update",
  ],
  [
    "add",
    /^(?:\w+(?:\([^)]{0,40}\))?: )?(?:add|implement|introduce|support|allow|enable|feat)\w*\b/i,
    "something new",
  ],
  [
    "remove",
    /^(?:\w+(?:\([^)]{0,40}\))?: )?(?:remove|delete|drop|kill|disable|deprecate|stop)\w*\b/i,
    "a removal",
  ],
  [
    "change",
    /\b(?:use|switch|convert|migrate|replace|change|make|avoid|don't|instead)\b/i,
    "a change of behaviour",
  ],
  ["translation", /\b(?:localisation|localization|translat\w*|i18n|l10n)\b/i, "about translations"],
  ["merge", /^Merge\b/, "a merge"],
];

export const CALLED_SO: EvidenceKind = {
  kind: "subject",
  values: Object.fromEntries(CALLED.map(([name]) => [`called.${name}`, EITHER])),
  measure: ({ observation: { subject } }) => CALLED.map(([, pattern]) => bit(pattern.test(subject))),
  say: ({ observation: { subject } }) => {
    const called = CALLED.filter(([, pattern]) => pattern.test(subject)).map(([, , text]) => text);
    return called.length === 0 ? null : `its subject says it is ${called.join(", ")}`;
  },
};

/** How far back it lies. */
export const RECENCY: EvidenceKind = {
  kind: "recency",
  values: { "recency.rank": AGAINST, "recency.place": AGAINST },
  measure: ({ index, ground }) => [
    Math.log(index + 1),
    ground.observations.length < 2 ? 0 : index / (ground.observations.length - 1),
  ],
  say: ({ index, ground }) => `change ${index + 1} of ${ground.observations.length}, counted from live`,
};

/** What its files went through before good. */
export const HISTORY: EvidenceKind = {
  kind: "history",
  values: {
    "history.words": FOR,
    "history.share": FOR,
    "history.folder": FOR,
    "history.revert": FOR,
  },
  measure: ({ index, ground }) => {
    const { words, folder, reverts } = ground.history[index] ?? { words: 0, folder: 0, reverts: 0 };
    return [Math.log1p(words), words / ground.largest.history, Math.log1p(folder), reverts];
  },
  say: ({ index, ground }) => {
    const { words = 0, reverts = 0 } = ground.history[index] ?? {};
    return words > 0
      ? "earlier changes that spoke of this touched the same files"
      : reverts > 0
        ? "its files were part of a revert before"
        : null;
  },
};
