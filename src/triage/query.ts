import type { Symptom } from "../model/triage.ts";
import { Glossary, stemsOf, WORD } from "./words.ts";

/** Terms of a symptom that are looked for; a long log repeats itself. */
const MOST_TERMS = 400;
const MOST_SYMBOLS = 300;

/** What is looked for in the changes: the symptom as stems, phrases and symbols. */
export interface Query {
  readonly symptom: Symptom;
  readonly glossary: Glossary;
  /** Two terms that stand side by side in the symptom: key `first * SPAN + second` → place. */
  readonly phrases: ReadonlyMap<number, number>;
  readonly phraseTerms: readonly (readonly [number, number])[];
}

/** Larger than any number of terms: makes one number of two. */
export const SPAN = 1024;

export function makeQuery(symptom: Symptom): Query {
  const terms = new Map<string, string>();
  for (const word of symptom.terms) {
    if (terms.size >= MOST_TERMS) break;
    // A name with a dash or a dot stands there in its parts as well; in a change only these are met.
    if (/[^A-Za-z0-9_]/.test(word)) continue;
    for (const [index, stem] of stemsOf(word).entries())
      if (!terms.has(stem)) terms.set(stem, index === 0 ? word : stem);
  }
  const glossary = new Glossary(terms, symbolsOf(symptom).slice(0, MOST_SYMBOLS));
  const phrases = new Map<number, number>();
  const phraseTerms: (readonly [number, number])[] = [];
  for (const line of symptom.text.split("\n")) {
    let before = -1;
    for (const word of line.match(WORD) ?? []) {
      for (const term of glossary.look(word).sequence) {
        const key = before * SPAN + term;
        if (before >= 0 && term >= 0 && before !== term && !phrases.has(key)) {
          phrases.set(key, phraseTerms.length);
          phraseTerms.push([before, term]);
        }
        before = term;
      }
    }
  }
  return { symptom, glossary, phrases, phraseTerms };
}

/** Names that only code has: with a capital, an underscore or a digit inside, or called like a function. */
function symbolsOf(symptom: Symptom): string[] {
  const words = symptom.identifiers.flatMap((name) => name.match(/[A-Za-z_$][\w$]*/g) ?? []);
  const code = words.filter(
    (word) => word.length > 2 && /[a-z0-9][A-Z]|\w_\w|[a-z]\d|[A-Z]{2,}[a-z]/.test(word),
  );
  const called = [...symptom.text.matchAll(/([A-Za-z_$][\w$]{2,80})\(/g)].map((match) => match[1] ?? "");
  const quoted = [...symptom.text.matchAll(/[`'"]([A-Za-z_$][\w$]{2,80})[`'"]/g)].map(
    (match) => match[1] ?? "",
  );
  const frames = symptom.frames.flatMap(({ function: name }) => name?.match(/[A-Za-z_$][\w$]{2,}/g) ?? []);
  return [...new Set([...frames, ...called, ...quoted, ...code, ...symptom.variables])];
}
