/** What stands where a program puts values into a message; the message's own words lie between. */
const VALUES: readonly RegExp[] = [
  /[a-z][a-z0-9+.-]{1,20}:\/\/\S{1,500}/gi,
  /"[^"\n]{0,300}"|`[^`\n]{0,300}[`']|(?<![\w])'[^'\n]{0,300}'(?!\w)|“[^”\n]{0,300}”|‘[^’\n]{0,300}’|«[^»\n]{0,300}»/g,
  // Paths: /app/x, ./x, C:\x, src/cart/price.ts
  /(?:^|(?<=[\s(=:,[]))(?:[A-Za-z]:)?(?:\.{1,2}|~|@?[\w.-]{1,80})?[\\/][\w@.+$()[\]\\/-]{1,300}(?::\d{1,9}){0,2}/g,
  /\b[\w-]{1,100}\.(?:[cm]?[jt]sx?|py|rb|go|rs|java|kt|php|cs|cpp|cc|c|hpp|h|sql|ya?ml|json|toml|html?|css)\b(?::\d{1,9}){0,2}/g,
  // Ids, addresses, numbers: 0x7f, 6f1c0e7a-…, ord_12ab, 10.0.0.1:5432, 12.5ms, E0308
  /\b[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}\b/g,
  /[#$@]?\b(?=[\w.:-]{0,80}\d)[\w][\w.:-]{0,200}%?/g,
  /[\w.$-]{1,60}=\S{0,200}/g,
  /[<{[][^<>{}[\]\n]{1,200}[>}\]]/g,
];
/** Names of code: put in by the program more often than not. */
const NAMES =
  /(?:[A-Za-z_$][\w$]{0,80}(?:::|->|#|\.|\\)){1,8}[A-Za-z_$][\w$]{0,80}(?:\(\))?|\b[A-Za-z_$][\w$]{0,80}\(\)?|\b[a-z]{1,40}[A-Z]\w{0,60}|\b[A-Z][a-z]{1,40}[A-Z]\w{0,60}|\b\w{1,60}_\w{1,60}\b|\b[A-Z][A-Z0-9_]{1,40}\b|-->?|=>|\$\w{1,60}/g;

const CUT = "\u0001";
const SMALL = new Set(
  "the and for from with was were are not has had been error line file column code while when after via using near bytes but".split(
    " ",
  ),
);

/**
 * The pieces of a message that may stand in the source as they are: between quoted values, numbers,
 * ids, paths and addresses. A piece with names of code in it is followed by what is left without them.
 */
export function messageParts(message: string): string[] {
  let text = message;
  for (const pattern of VALUES) text = text.replace(pattern, CUT);
  const parts: string[] = [];
  for (const piece of text.split(CUT)) {
    const whole = trimmed(piece);
    const smaller = whole
      .replace(NAMES, CUT)
      .split(CUT)
      .map((one) => trimmed(one))
      .filter((one) => telling(one));
    if (telling(whole)) parts.push(whole);
    if (smaller.length !== 1 || smaller[0] !== whole) parts.push(...smaller);
  }
  return parts;
}

function trimmed(piece: string): string {
  return piece
    .replace(/^[\s:;,.!?'"`()[\]{}<>=|/\\*&^-]{1,200}|[\s:;,'"`([{<=|/\\*&$%-]{1,200}$/g, "")
    .trim();
}

/** Enough words, and more than little ones: what a search for it finds is this message. */
function telling(piece: string): boolean {
  if (piece.length > 300) return false;
  const words = piece.split(/[^A-Za-z']+/).filter((word) => word !== "");
  const weighty = words.filter((word) => word.length > 2 && !SMALL.has(word.toLowerCase())).length;
  return weighty >= 2 || (weighty === 1 && words.length >= 2 && piece.length >= 10);
}
