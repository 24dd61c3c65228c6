/** What a log line says, without what every line of that log has in front. */
export interface Said {
  readonly text: string;
  /** Null: the line names no level. */
  readonly level: "error" | "other" | null;
}

const DATE = String.raw`\d{4}[-/]\d\d[-/]\d\d`;
const TIME = String.raw`\d\d:\d\d:\d\d(?:[.,]\d{1,9})?`;
const ZONE = String.raw`(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?`;
const LEVEL = String.raw`TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRITICAL|CRIT|ALERT|EMERG|SEVERE|PANIC|DPANIC`;

/**
 * What stands in front, one pattern a writer; they are tried again on what is left. A trailing space
 * is taken once: the spaces after it belong to the line and tell a frame from a sentence.
 */
const PREFIXES: readonly RegExp[] = [
  // RFC 3339 and its relatives: 2026-11-24T03:00:00.123Z, [2026-11-24 03:00:00,123], 2026/11/24 03:00:00
  new RegExp(String.raw`^\[?${DATE}[T ]${TIME}${ZONE}\]?[:,]?(?:\s|$)`),
  // 03:00:00.123, [03:00:00]
  new RegExp(String.raw`^\[?${TIME}\]?\s`),
  // syslog and journald: Nov 24 03:00:00 web-1 shop[123]:
  /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,80} [\w./@-]{1,80}(?:\[\d{1,9}\])?: ?/,
  // Apache, PHP: [Tue Nov 24 03:00:00.123456 2026], [24-Nov-2026 03:00:00 UTC]
  /^\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:.]{8,20} \d{4}\] ?/,
  /^\[\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d(?: [\w/+-]{1,40})?\] ?/,
  /^\[(?:pid|tid|client) [\w.:]{1,60}(?::tid \d{1,20})?\] ?/,
  // Android: 11-24 03:00:00.123  1234  5678 E Tag:
  /^\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {1,4}\d{1,9} {1,4}\d{1,9} [A-Z] [\w.$/ -]{1,60}: /,
  // docker compose: web_1  |, web-1 |
  /^[a-z][\w.-]{0,60}[-_]\d{1,3}\s{0,40}\| ?/,
  // kubectl logs --prefix, stern
  /^\[pod\/[\w.-]{1,253}\/[\w.-]{1,63}\] ?/,
  // Kubernetes (CRI): stderr F
  /^std(?:out|err) [FP] /,
  // Heroku: app[web.1]:
  /^[a-z-]{1,20}\[[a-z]{1,20}\.\d{1,9}\]: /,
  // GitHub Actions, npm
  /^##\[(?:error|warning|group|endgroup|debug|command|section)\]/,
  /^npm (?:ERR!|error|WARN|warn) ?/,
  // glog, klog: E1124 03:00:00.123456   12345
  /^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{6} {1,8}\d{1,9} /,
  // Ruby's Logger: E, [2026-11-24T03:00:00.123456 #1234] ERROR -- :
  /^[A-Z], \[[\dT:.-]{10,40} #\d{1,9}\] {1,3}[A-Z]{3,7} -- [\w.]{0,40}: ?/,
  // nginx: 1234#0: *5
  /^\d{1,9}#\d{1,9}: (?:\*\d{1,12} )?/,
  // Spring: 12345 --- [nio-8080-exec-1]
  /^\d{1,9} --- (?:\[[^\]]{1,80}\] ?){1,3}/,
  // threads and request ids: [main], [http-nio-8080-exec-1], [6f1c0e7a-…]
  /^\[(?:\s{0,30}main|[\w-]{0,40}(?:exec|thread|worker|pool|nio|dispatcher)[\w@#. -]{0,40}|[0-9a-f]{8}-[0-9a-f-]{27})\] ?/i,
  // AWS: a request id and a tab
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\s/,
  // MSBuild, which numbers its projects: 14>
  /^\d{1,4}>/,
  // Python's exception groups draw a line in front
  /^ {2,20}[|+](?:-\+-[-+ \d]{1,60})? /,
];

/** ERROR, [error], ERROR:root:, production.ERROR:, [php:error], shop.cart - ERROR - */
const LEVELS: readonly RegExp[] = [
  new RegExp(String.raw`^\[\s{0,3}(?:[a-z]{1,20}:)?(${LEVEL})\s{0,3}\]:? ?`, "i"),
  new RegExp(String.raw`^\[[\w.:-]{1,60}\] (${LEVEL})(?: {1,3}-)? `),
  new RegExp(String.raw`^(${LEVEL})(?::[\w.]{1,60}:|:?(?:\s|$))`),
  new RegExp(String.raw`^[a-z]{1,20}\.(${LEVEL}): `),
  new RegExp(String.raw`^- [\w.]{1,80} - (${LEVEL}) - `),
];
const GRAVE = /^(?:ERR|ERROR|FATAL|CRIT|CRITICAL|ALERT|EMERG|SEVERE|PANIC|DPANIC)$/i;
const GRAVE_PREFIX = /^(?:##\[error|npm (?:ERR!|error)|[EF]\d{4} |[EF], \[|\d\d-\d\d .* [EF] )/;
/** More layers than a log has: compose around Kubernetes around a logger. */
const LAYERS = 6;

/** Takes off what a writer of logs puts in front of a line. */
export function stripPrefixes(line: string): Said {
  let text = line;
  let level: Said["level"] = null;
  for (let layer = 0; layer < LAYERS && text !== ""; layer += 1) {
    const before = text;
    for (const pattern of PREFIXES) {
      const match = pattern.exec(text);
      if (!match) continue;
      if (GRAVE_PREFIX.test(match[0])) level = "error";
      text = text.slice(match[0].length);
    }
    for (const pattern of LEVELS) {
      const match = pattern.exec(text);
      if (!match) continue;
      level = GRAVE.test(match[1] ?? "") ? "error" : "other";
      text = text.slice(match[0].length);
      break;
    }
    if (text === before) break;
  }
  return { text, level };
}
