import { visible } from "../../model/escape.ts";
import type { Ground, TextName } from "../ground.ts";
import { FIELDS, type Observation } from "../observe.ts";
import { type EvidenceKind, FOR } from "./kind.ts";

const [PATH, IDLE] = [FIELDS.indexOf("path"), FIELDS.indexOf("idle")];
const MESSAGE = ["subject", "body", "inner"].map((field) => FIELDS.indexOf(field as (typeof FIELDS)[number]));
const LINES = ["header", "added", "removed"].map((field) => FIELDS.indexOf(field as (typeof FIELDS)[number]));
const WORDS_SHOWN = 4;

/** The symptom's words in message, paths and lines together. */
export const WORDS: EvidenceKind = {
  kind: "words",
  values: { "all.raw": FOR, "all.share": FOR, "all.rank": FOR, "all.cover": FOR, "all.rare": FOR },
  measure: ({ observation, index, ground }) => {
    const text = ground.texts.all;
    const score = text.scores[index] ?? 0;
    let rarest = 0;
    let covered = 0;
    for (const term of observation.terms.keys()) {
      const weight = ground.weights[term] ?? 0;
      covered += weight;
      rarest = Math.max(rarest, weight);
    }
    return [
      Math.log1p(score),
      score / text.best,
      score > 0 ? 1 / (text.ranks[index] ?? Infinity) : 0,
      covered / ground.wholeWeight,
      rarest,
    ];
  },
  say: ({ observation, ground }) => {
    const words = heaviest([...observation.terms.keys()], ground);
    return words === "" ? null : `shares ${words}`;
  },
};

function inText(name: TextName, fields: readonly number[], verb: string, cover: boolean): EvidenceKind {
  return {
    kind: `words-${name}`,
    values: {
      [`${name}.raw`]: FOR,
      ...(cover ? { [`${name}.cover`]: FOR } : { [`${name}.share`]: FOR }),
    },
    measure: ({ observation, index, ground }) => {
      const text = ground.texts[name];
      const score = text.scores[index] ?? 0;
      return [
        Math.log1p(score),
        cover ? weigh(termsIn(observation, fields), ground) / ground.wholeWeight : score / text.best,
      ];
    },
    say: ({ observation, ground }) => {
      const words = heaviest(termsIn(observation, fields), ground);
      return words === "" ? null : `${verb} ${words}`;
    },
  };
}

export const MESSAGE_WORDS = inText("message", MESSAGE, "its message speaks of", true);
export const PATH_WORDS = inText("path", [PATH], "its paths name", false);
export const LINE_WORDS = inText("code", LINES, "its lines hold", true);

/** Words that stand side by side in the symptom and in the change. */
export const PHRASES: EvidenceKind = {
  kind: "phrase",
  values: { "phrase.message": FOR, "phrase.path": FOR, "phrase.code": FOR },
  measure: ({ observation, ground }) =>
    [MESSAGE, [PATH], LINES].map((fields) => {
      let sum = 0;
      for (const [phrase, counts] of observation.phrases)
        if (fields.some((field) => (counts[field] ?? 0) > 0)) sum += ground.phraseWeights[phrase] ?? 0;
      return Math.log1p(sum);
    }),
  say: ({ observation, ground }) => {
    const { phraseTerms, glossary } = ground.query;
    const phrases = [...observation.phrases]
      .filter(([, counts]) => counts.some((count, field) => count > 0 && field !== IDLE))
      .map(([phrase]) => phrase)
      .toSorted((a, b) => (ground.phraseWeights[b] ?? 0) - (ground.phraseWeights[a] ?? 0));
    const said = phrases.slice(0, 2).map((phrase) => {
      const [first = 0, second = 0] = phraseTerms[phrase] ?? [];
      return `"${visible(`${glossary.shown(first)} ${glossary.shown(second)}`)}"`;
    });
    return said.length === 0 ? null : `says ${said.join(" and ")} as the symptom does`;
  },
};

/** Words that meet in one file or one hunk say more than the same words far apart (Wen et al. 2016, Locus). */
export const TOGETHER: EvidenceKind = {
  kind: "together",
  values: { "file.best": FOR, "hunk.best": FOR, "hunk.share": FOR },
  measure: ({ index, ground }) => {
    const hunk = ground.bestHunk[index] ?? 0;
    return [Math.log1p(ground.bestFile[index] ?? 0), Math.log1p(hunk), hunk / ground.largest.hunk];
  },
  say: ({ observation, ground }) => {
    const best = observation.hunks.toSorted((a, b) => weigh(b, ground) - weigh(a, ground))[0];
    return best === undefined ? null : `one hunk holds ${heaviest(best, ground)} together`;
  },
};

function termsIn(observation: Observation, fields: readonly number[]): number[] {
  return [...observation.terms]
    .filter(([, counts]) => fields.some((field) => (counts[field] ?? 0) > 0))
    .map(([term]) => term);
}

function weigh(terms: readonly number[], ground: Ground): number {
  return terms.reduce((sum, term) => sum + (ground.weights[term] ?? 0), 0);
}

function heaviest(terms: readonly number[], ground: Ground): string {
  return terms
    .toSorted((a, b) => (ground.weights[b] ?? 0) - (ground.weights[a] ?? 0))
    .slice(0, WORDS_SHOWN)
    .map((term) => visible(ground.query.glossary.shown(term)))
    .join(", ");
}
