/** A string that a record holds, and whether it is what the record says rather than where and when. */
export interface Told {
  readonly text: string;
  readonly said: boolean;
}

/** Objects this deep in a record are read. */
const DEPTH = 8;
const MOST = 400;

/** Keys that say when, where and for whom a line was written, not what. */
const DROPPED =
  /^(?:@?timestamp|@version|ts|time|date|datetime|eventtime|level|lvl|severity|level_value|loglevel|levelname|log_level|pid|hostname|host|v|stream|thread|thread_?name|process|processid|threadid|(?:trace|span|request|req|correlation|session|transaction|log|instance|account|container|docker|event|insert)_?id|id|uuid|traceflags|kubernetes|docker|labels|tags|ecs|agent|user_?agent|remote_?ip|client_?ip|ip|logstream|loggroup|namespace|pod|pod_?name|container_?name|insertid|requestid|file_?path|hash|digest|signature|token|password|secret|authorization|cookie|set-cookie)$/i;
const SAID =
  /^(?:message|msg|error|err|error_?message|error_?msg|event|detail|details|reason|exception|exception_?message|body|text|textpayload|description|title|@message|cause|stderr|value)$/i;
const STACK = /stack|trace|backtrace/i;
const STATUS = /^(?:status|status_?code|http_?status|statuscode|response_?code|code)$/i;
const TYPE = ["exc_type", "errorType", "exception_class", "class", "type", "name"] as const;
const MESSAGE = ["exc_value", "errorMessage", "message", "msg", "value"] as const;

type Fields = Readonly<Record<string, unknown>>;

/** The strings of a record of JSON, without what only says when and where it was written. */
export function readRecord(value: unknown): Told[] {
  const told: Told[] = [];
  collect(value, told, 0);
  return told;
}

function collect(value: unknown, into: Told[], depth: number): void {
  if (depth > DEPTH || into.length > MOST || typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const one of value)
      if (typeof one === "string") into.push({ text: one, said: false });
      else collect(one, into, depth + 1);
    return;
  }
  const fields = value as Fields;
  const place = frameOf(fields);
  if (place !== null) return void into.push({ text: place, said: false });
  const done = new Set<string>();
  const request = requestOf(fields, done);
  const error = errorOf(fields, done);
  if (error !== null) into.push({ text: error, said: true });
  if (request !== null) into.push({ text: request, said: false });
  for (const [key, one] of Object.entries(fields)) {
    if (done.has(key)) continue;
    if (typeof one === "object" && one !== null) {
      // Sentry and structlog write the outermost call first.
      if (!DROPPED.test(key))
        collect(key === "frames" && Array.isArray(one) ? one.toReversed() : one, into, depth + 1);
    } else if (typeof one === "string") tell(key, one, into);
    else if (typeof one === "number" && STATUS.test(key) && one >= 400)
      into.push({ text: `status ${one}`, said: false });
  }
}

function tell(key: string, text: string, into: Told[]): void {
  if (text.trim() === "" || DROPPED.test(key)) return;
  if (STACK.test(key)) into.push({ text, said: false });
  else if (SAID.test(key)) into.push({ text, said: true });
  else into.push({ text: /[\s/]/.test(text) ? text : `${key} ${text}`, said: false });
}

function firstOf(fields: Fields, keys: readonly string[]): [string, string] | null {
  for (const key of keys) {
    const value = fields[key];
    if (typeof value === "string" && value !== "") return [key, value];
  }
  return null;
}

/** `{type: "TypeError", message: "no"}` → `TypeError: no`; nothing where the stack says it again. */
function errorOf(fields: Fields, done: Set<string>): string | null {
  const type = firstOf(fields, TYPE);
  const message = firstOf(fields, MESSAGE);
  if (type === null || message === null || !/^[A-Z][\w.$\\:]{0,120}$|[.\\][A-Z]\w{0,80}$/.test(type[1]))
    return null;
  done.add(type[0]).add(message[0]);
  const stack = Object.entries(fields).find(([key]) => STACK.test(key))?.[1];
  if (typeof stack === "string" && stack.includes(message[1])) return null;
  return `${type[1]}: ${message[1]}`;
}

/** `{method: "GET", url: "/cart"}` → `GET /cart`. */
function requestOf(fields: Fields, done: Set<string>): string | null {
  const method = firstOf(fields, ["method", "http_method", "httpMethod", "requestMethod", "verb"]);
  const target = firstOf(fields, ["url", "path", "uri", "route", "request_uri", "requestUrl", "endpoint"]);
  if (method === null || target === null || !/^[A-Z]{3,7}$/i.test(method[1])) return null;
  done.add(method[0]).add(target[0]);
  return `${method[1].toUpperCase()} ${target[1]}`;
}

/** A frame that is a record: `{filename, lineno, function}`, as Sentry and structlog write it. */
function frameOf(fields: Fields): string | null {
  const file = firstOf(fields, ["filename", "file", "abs_path", "fileName", "file_name"]);
  const line = ["lineno", "line", "lineNumber", "line_number"]
    .map((key) => fields[key])
    .find((n) => typeof n === "number");
  if (file === null || line === undefined) return null;
  const name = firstOf(fields, ["function", "name", "methodName", "method", "func"])?.[1].replace(
    /[()]/g,
    "",
  );
  const column = ["colno", "column"].map((key) => fields[key]).find((n) => typeof n === "number");
  const place = `${file[1]}:${line}${column === undefined ? "" : `:${column}`}`;
  return name === undefined ? `    at ${place}` : `    at ${name} (${place})`;
}
