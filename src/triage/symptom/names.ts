const MOST = 2_000;

/** Names as programs write them; plain words only where the text marks them as names. */
const IDENTIFIERS: readonly RegExp[] = [
  // Order::total, cart.total, this->parser, Order#total, a\b\C, with at least one joint
  /\$?[A-Za-z_$][\w$]{0,80}[?!]?(?:(?:\.|::|->|#)\$?[A-Za-z_$][\w$]{0,80}[?!]?){1,10}/g,
  // Shop\Cart\Price, but not C:\Shop
  /(?<![:\w\\])\\?[A-Z]\w{1,80}(?:\\{1,2}[A-Z]\w{0,80}){1,10}/g,
  // camelCase, PascalCase, snake_case, CONSTANT_CASE
  /[$@]{0,2}\b[A-Za-z_$]\w{0,80}(?:[a-z0-9][A-Z]|_[A-Za-z0-9])\w{0,80}/g,
  // kebab-case, --options
  /(?<![\w-])(?:--)?[a-z][a-z0-9]{0,40}(?:-[a-z0-9]{1,40}){1,8}(?![\w-])/g,
  /(?<![\w-])--[a-z][\w-]{1,60}/g,
  // called: total(), total(1)
  /\b[A-Za-z_$][\w$]{1,80}(?=\()/g,
  // $price, @price
  /(?<![\w$@])[$@]{1,2}[A-Za-z_]\w{1,80}/g,
];
/** One word in quotes or backticks is a name, whatever it looks like. */
const QUOTED = /(?<!\w)["'`‘“]([A-Za-z_$@][\w$@./:#-]{0,120}(?:\(\))?)["'`’”](?!\w)/g;

/** Identifiers as they are written, whole. `text` is without ids and addresses. */
export function identifiersIn(text: string): string[] {
  const found = new Map<string, number>();
  const add = (name: string, at: number): void => {
    if (name.length > 1 && !found.has(name) && found.size < MOST) found.set(name, at);
  };
  for (const match of text.matchAll(QUOTED)) add((match[1] ?? "").replace(/\(\)$/, ""), match.index);
  for (const pattern of IDENTIFIERS) for (const match of text.matchAll(pattern)) add(match[0], match.index);
  return [...found].toSorted((a, b) => a[1] - b[1]).map(([name]) => name);
}

/** Where an environment variable is called one, or used as one. */
const USED: readonly RegExp[] = [
  /\b(?:process\.env|import\.meta\.env|ENV|os\.environ)(?:\.|\[["'`]|\.(?:get|fetch)\(["'`])([A-Z][A-Z0-9_]{1,80})/g,
  /\b(?:getenv|Getenv|LookupEnv|env::var|env|ENV\.fetch|GetEnvironmentVariable|config)\(["'`]([A-Z][A-Z0-9_]{1,80})/g,
  /\b(?:environment|env)(?:ironment)?\.? ?(?:variables?|vars?)?:? ["'`$]{0,2}([A-Z][A-Z0-9_]{2,80})\b/g,
  /\b([A-Z][A-Z0-9_]{2,80})["'`]? (?:environment|env)(?:ironment)? ?(?:variables?|vars?)\b/g,
  /\bKeyError: ["']([A-Z][A-Z0-9]{0,40}_[A-Z0-9_]{1,60})["']/g,
  /\b([A-Z][A-Z0-9]{0,40}_[A-Z0-9_]{1,60})["'`]? (?:is|was|are|must be|has|isn't)(?: not| n't)? ?(?:set|unset|missing|required|defined|undefined|empty|configured|provided|invalid|blank)\b/g,
  /\b(?:missing|undefined|unset|required|no|invalid|empty)(?: required)?(?: env\w*)?(?: variables?| vars?)?:? ["'`$]{0,2}([A-Z][A-Z0-9]{0,40}_[A-Z0-9_]{1,60})\b/gi,
  /(?<!\w)\$\{?([A-Z][A-Z0-9_]{2,80})\}?/g,
  /(?:^|\s)(?:export |env )?([A-Z][A-Z0-9_]{2,80})=/gm,
];
/** Endings and beginnings that constants seldom have and settings often. */
const SETTING =
  /\b[A-Z][A-Z0-9]{0,40}(?:_[A-Z0-9]{1,40}){0,8}_(?:URL|URI|KEY|TOKEN|SECRET|HOST|HOSTNAME|PORT|USER|USERNAME|PASSWORD|PASS|DSN|ENV|ID|REGION|BUCKET|ENDPOINT|DOMAIN|DATABASE|DB|ENABLED|ADDR|ADDRESS|CREDENTIALS|WEBHOOK|ORIGIN|PREFIX|API_VERSION)\b|\b(?:NEXT_PUBLIC|VITE|REACT_APP|AWS|DATABASE|RAILS|NODE|DJANGO|SPRING|STRIPE|REDIS|SENTRY|SMTP|S3|GITHUB|GOOGLE|AZURE)_[A-Z0-9_]{1,60}\b/g;
const NOT_VARIABLES =
  /^(?:ERR_|E_|HTTP_[45]|ORA_|SQLITE_|CERT_|X509_|SIG[A-Z]{3,5}$|NULL$|TRUE$|FALSE$|ERROR$|WARN)|_(?:ERROR|EXCEPTION|FAILED|NOT_FOUND)$/;

/** Environment variables that a text names. */
export function variablesIn(text: string): string[] {
  const found = new Map<string, number>();
  for (const pattern of USED)
    for (const match of text.matchAll(pattern)) {
      const name = match[1] ?? "";
      // What has no underscore is a word in capitals, unless it is used as a variable for certain.
      if (/^[A-Z][A-Z0-9_]+$/.test(name) && !found.has(name)) found.set(name, match.index);
    }
  for (const match of text.matchAll(SETTING)) if (!found.has(match[0])) found.set(match[0], match.index);
  return [...found]
    .filter(([name]) => !NOT_VARIABLES.test(name))
    .toSorted((a, b) => a[1] - b[1])
    .slice(0, 60)
    .map(([name]) => name);
}

const FLAG = String.raw`["'\x60“‘]?([A-Za-z][\w.:/-]{1,60}\w)["'\x60”’]?`;
const FLAGS: readonly RegExp[] = [
  new RegExp(
    String.raw`\b(?:feature[ _-]?)?(?:flag|toggle|gate|kill[ -]?switch|experiment)s?:? (?:named |called |key |is |on |for )?${FLAG}`,
    "gi",
  ),
  new RegExp(String.raw`\bfeature:? (["'\x60“‘][\w.:/-]{2,60}["'\x60”’])`, "gi"),
  new RegExp(String.raw`${FLAG} (?:feature[ -]?)?(?:flag|toggle|kill[ -]?switch|experiment)\b`, "gi"),
  /\b(?:is_?enabled|is_?feature_?enabled|feature_?enabled|variation|bool_?variation|feature_?flag|use_?flag|use_?feature|flags?\.(?:get|is|enabled)|Flipper\.enabled|feature\.active)\w{0,20}\??\(\s{0,4}:?["'`]?([\w.:/-]{2,60})["'`]?/gi,
  /\b(?:feature_?flag|flag|flag_?key|toggle)["']?\s?[=:]\s?["']?([A-Za-z][\w.:/-]{1,60}\w)/gi,
];

/** Feature flags that a text calls so; without quotes only what looks like a name. */
export function flagsIn(text: string): string[] {
  if (!/flag|toggle|gate|switch|experiment|feature|enabled|variation/i.test(text)) return [];
  const found = new Map<string, number>();
  for (const pattern of FLAGS)
    for (const match of text.matchAll(pattern)) {
      const name = (match[1] ?? "").replace(/^["'`“‘]|["'`”’]$/g, "");
      const quoted = /["'`”’]/.test(match[0]);
      if ((quoted || /[a-z0-9][A-Z]|[\w][_.:-]\w/.test(name)) && !/^--?\w$/.test(name) && !found.has(name))
        found.set(name, match.index);
    }
  return [...found]
    .toSorted((a, b) => a[1] - b[1])
    .slice(0, 40)
    .map(([name]) => name);
}
