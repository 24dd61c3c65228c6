const MOST = 60;
const METHOD = "(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)";
const PATH = String.raw`(\/[\w~!$&'()*+,;=:@%.{}<>\/-]{0,300})`;

/** Where a request's path stands. */
const ENDPOINTS: readonly RegExp[] = [
  new RegExp(String.raw`\b${METHOD}["'\x60]?:?\s{1,3}["'\x60]?(?:https?:\/\/[^\s\/"']{1,200})?${PATH}`, "g"),
  // Flask: Exception on /cart [GET]
  new RegExp(String.raw`\bon ${PATH} \[${METHOD}\]`, "g"),
  new RegExp(String.raw`\b(?:https?|wss?):\/\/[^\s\/"'<>()]{1,200}${PATH}`, "g"),
  new RegExp(
    String.raw`\b(?:path|url|uri|route|endpoint|request_uri|resource)["']?\s?[=:]\s?["']?${PATH}`,
    "gi",
  ),
  new RegExp(
    String.raw`\b(?:route|endpoint|page|url|path|requests? (?:to|for|on)|call(?:s|ing)? to|visit\w{0,3}|open\w{0,3})\s{1,3}["'\x60]?${PATH}`,
    "gi",
  ),
  // A word of its own: /api/orders answers 500
  new RegExp(String.raw`(?:^|(?<=[\s"'\x60(]))${PATH}`, "g"),
];
/** Where a file system begins. */
const ROOTS =
  /^\/(?:usr|var|app|home|etc|opt|tmp|srv|root|lib|lib64|bin|sbin|dev|proc|sys|run|Users|mnt|media|private|builds?|workspace|workspaces|github|code|Library|Applications|nix|snap|data|src|System|goroot|go|rustc|node_modules|dist|boot|layers|cnb|home1)(?:\/|$)/;
const FILE = /\.[A-Za-z][A-Za-z0-9]{0,7}$/;
const ASKED_FOR =
  /\.(?:json|xml|html?|php|aspx?|jsp|do|txt|csv|pdf|png|jpe?g|svg|ico|js|css|map|action|cgi)$/;

/** What an access log says of a request that was answered well. */
const SERVED = /^.{0,600}" [1-3]\d\d \d.{0,600}$/gm;

/** Paths of requests, without host and query. */
export function endpointsIn(whole: string): string[] {
  const text = whole.replace(SERVED, "");
  const found = new Map<string, number>();
  for (const [rank, pattern] of ENDPOINTS.entries()) {
    for (const match of text.matchAll(pattern)) {
      const path = tidy(match[1] ?? "");
      if (path.length < 3 || !/[A-Za-z]{2}/.test(path) || ROOTS.test(path)) continue;
      if (FILE.test(path) && (rank > 3 || !ASKED_FOR.test(path))) continue;
      // `</div>`, `/*`, a regular expression, and what belongs to a file:// address
      if (/^\/[>*]|[*$(]{2}|\/\//.test(path)) continue;
      if (!found.has(path)) found.set(path, match.index);
      if (found.size >= MOST * 2) break;
    }
  }
  return [...found]
    .toSorted((a, b) => a[1] - b[1])
    .slice(0, MOST)
    .map(([path]) => path);
}

function tidy(path: string): string {
  let tidied = path.replace(/[.,;:!'"()>]{1,20}$/, "");
  if (path.endsWith(")") && tidied.includes("(")) tidied += ")";
  return tidied.length > 1 ? tidied.replace(/\/$/, "") : tidied;
}

/** Statuses that are spoken of without saying that they are statuses (RFC 9110 and what servers add). */
const KNOWN = String.raw`40[0-9]|41[0-8]|42[1-689]|431|451|499|50[0-8]|51[01]|52[0-7]|530`;
const REASON =
  "Bad Request|Unauthorized|Payment Required|Forbidden|Not Found|Method Not Allowed|Not Acceptable|Request Timeout|Conflict|Gone|Length Required|Precondition Failed|Payload Too Large|Content Too Large|URI Too Long|Unsupported Media Type|Unprocessable|Too Many Requests|Client Closed|Internal Server Error|Not Implemented|Bad Gateway|Service Unavailable|Service Temporarily|Gateway Time|HTTP Version|Insufficient Storage";

const STATUSES: readonly RegExp[] = [
  /\bHTTP(?:\/[\d.]{1,3})?["']?(?: (?:status|error|code|response))?(?: code)?[: =]{0,3}([45]\d\d)\b/gi,
  /\b(?:http_?)?(?:status|response)[ _-]?(?:code)?["']?\s{0,2}(?:[:=]|of|is|was)?\s{0,2}["']?([45]\d\d)\b/gi,
  // access logs: "GET / HTTP/1.1" 500 123
  /"[A-Z]{3,7} [^"\n]{1,500}" ([45]\d\d)\b/g,
  // Morgan, Rails, Gin: GET /cart 500 12ms, Completed 500 Internal Server Error, | 500 |
  new RegExp(String.raw`\b${METHOD} \/\S{0,300} (?:→ |-> |- )?([45]\d\d)\b`, "g"),
  /\bCompleted ([45]\d\d)\b/g,
  /\| {1,4}([45]\d\d) {1,4}\|/g,
  new RegExp(
    String.raw`\b([45]\d\d)[:,]? (?:\(?(?:${REASON})|(?:HTTP |http |server |status )?(?:errors?|responses?|status|codes?)\b)`,
    "gi",
  ),
  new RegExp(
    String.raw`\b(?:return\w{0,3}|respond\w{0,3}|answer\w{0,3}|got|gets?|getting|gave|gives?|giving|receiv\w{1,4}|fail\w{0,3}|throw\w{0,3}|serv\w{1,3}|show\w{0,3}|error|code|with|an?|gateway)\s{1,3}(?:(?:an?|the|HTTP|with|status|code|error|response|only|of)\s{1,3}){0,3}["'(\x60]?(${KNOWN})s?(?=$|[\s.,;:!?)'"\x60])(?!\s{0,2}(?:ms|s|px|seconds?|minutes?|items?|rows?|users?|times?|bytes?|[KMG]i?B|lines?|tests?|files?|commits?|pages?|requests?|records?|entries|%)\b)`,
    "gi",
  ),
  new RegExp(
    String.raw`(?:→|->|=>|:) ?(${KNOWN})(?=$|[\s.,;)])(?!\s{0,2}(?:ms|s|px|[KMG]i?B|bytes|rows|items)\b)`,
    "gm",
  ),
  /\b([45]\d\d)s\b/g,
];

/** HTTP statuses from 400 on. */
export function statusesIn(text: string): number[] {
  if (!/[45]\d\d/.test(text)) return [];
  const found = new Map<number, number>();
  for (const pattern of STATUSES)
    for (const match of text.matchAll(pattern)) {
      const status = Number(match[1]);
      if (!found.has(status)) found.set(status, match.index);
    }
  return [...found].toSorted((a, b) => a[1] - b[1]).map(([status]) => status);
}
