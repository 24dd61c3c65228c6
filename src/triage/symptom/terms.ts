const MAX_TERMS = 400;

const STOP = new Set(
  "a an and are as at be been but by can could did do does for from get got had has have how i if in into is it its just like may me more most my no nor not of off on one only or our out over own same she so some such than that the their them then there these they this those through to too up us use used uses using very was we were what when where which while who why will with would you your also after before again because being both each few other should now new all any about error errors issue problem see seen still fails failed failing line file info warn debug trace http https www com org utc gmt".split(
    " ",
  ),
);

/** A word, or words joined the way names are: `new-cart`, `cart.total`, `shop::cart`, `Order#total`. */
const NAME = /[A-Za-z][A-Za-z0-9_]*(?:(?:->|-|\.|::|#|\/)[A-Za-z_][A-Za-z0-9_]*)*/g;

/** Words and identifiers, whole and split at case, underscore, dash, point and colons; most frequent first. */
export function termsOf(text: string): string[] {
  const counts = new Map<string, number>();
  const count = (term: string): void => {
    if (term.length > 1 && !/^\d+$/.test(term) && term.length <= 120 && !STOP.has(term))
      counts.set(term, (counts.get(term) ?? 0) + 1);
  };
  for (const name of text.match(NAME) ?? []) {
    const words = name.split(/->|-|\.|::|#|\//);
    for (const word of words) for (const term of splitWord(word)) count(term);
    // A path is no name, and neither are three words that a dash holds together in prose.
    if (words.length > 1 && words.length <= 8 && !name.includes("/")) count(name.toLowerCase());
  }
  return [...counts]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, MAX_TERMS)
    .map(([term]) => term);
}

/** `formatPrice_v2` → formatprice_v2, format, price, v2. */
export function splitWord(word: string): string[] {
  const whole = word.toLowerCase();
  // A run of letters as long as this is data, not a name.
  if (word.length > 80) return [whole.slice(0, 80)];
  if (!/[a-z0-9][A-Z]|[A-Z]{2}[a-z]|_/.test(word)) return [whole];
  const parts = word
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(/[ _]+/);
  return [...new Set([whole, ...parts.map((part) => part.toLowerCase()).filter((part) => part !== "")])];
}
