import type { SymptomKind } from "../../model/triage.ts";

/** By which words a symptom tells what it is about; several may hold. */
const KINDS: Readonly<Record<SymptomKind, RegExp>> = {
  compile:
    /\berror(?:\[E\d{4}\]| TS\d{4,5}| C[S]?\d{4}| CS\d{4}| LNK\d{4})|\b(?:SyntaxError|ParseError|parse error|syntax error|compil(?:e|er|ation|ing)|does(?:n't| not) (?:build|compile)|build (?:fail\w*|broke\w*|error)|(?:fail\w*|broke\w*) (?:to )?build|undefined reference|undefined symbol|unresolved (?:external|symbol|reference)|linker|ld: |cannot find symbol|undeclared|webpack|rollup|esbuild|vite|tsc|gcc|clang|rustc|javac|make: \*\*\*|CMake Error|unresolved externals?)\b|\[-W|(?<!PHP )\bfatal error: \S|\.(?:c|cc|cpp|h|hpp|ts|rs|go|java):\d+:\d+:? (?:fatal )?error/i,
  module:
    /\b(?:ModuleNotFoundError|ImportError|ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND|ERR_PACKAGE_PATH_NOT_EXPORTED|ERR_REQUIRE_ESM|ClassNotFoundException|NoClassDefFoundError|NoSuchMethodError|LoadError|cannot find (?:module|package)|can'?t resolve|could not resolve|failed to resolve|module not found|no module named|cannot import name|no such module|unresolved import|cannot load such file|uninitialized constant|package .{1,80} is not in|no required module provides|could not (?:load|find) (?:file or assembly|gem|package)|unable to resolve dependency|ERESOLVE|peer dep\w*|class ".{1,80}" not found|Class '.{1,80}' not found|missing dependenc\w+|circular (?:import|dependency)|does not provide an export)\b/i,
  type: /\b(?:TypeError|AttributeError|NoMethodError|NullPointerException|NullReferenceException|NameError|ReferenceError|ClassCastException|InvalidCastException|KeyError|undefined method|undefined (?:property|array key|index|offset|variable|function)|the given key|KeyNotFoundException|is not a function|is not defined|is not iterable|is not callable|cannot read propert\w+|null (?:pointer|reference)|nil pointer|NoneType|object reference not set|has no (?:attribute|member|property|method)|type mismatch|mismatched types|not assignable|wrong number of arguments|unexpected (?:keyword )?argument|takes \d+ (?:positional )?arguments?|call to (?:undefined|a member) |index out of (?:range|bounds)|segmentation fault|SIGSEGV|segfault|UnboundLocalError)\b|unwrap\(\)` on an? `/i,
  test: /\b(?:AssertionError|assert(?:ion)?s? fail\w*|--- FAIL|FAILED tests?|failing tests?|tests? (?:is |are |started )?(?:to )?(?:fail\w*|broke\w*|flak\w*)|flaky|spec fail\w*|ComparisonFailure|expected .{1,80} (?:to (?:equal|be|have|contain|match)|but (?:was|got))|snapshots? (?:fail\w*|mismatch\w*|do(?:es)? not)|pytest|jest|vitest|rspec|junit|phpunit|mocha|CI (?:fail\w*|is red|broke\w*)|test suite)\b/i,
  sql: /\b(?:SQLSTATE|PG::\w+|psycopg2?|sqlite3?|mysql|mariadb|postgres\w*|ORA-\d{5}|SQLException|PDOException|QueryFailedError|ProgrammingError|OperationalError|IntegrityError|StatementInvalid|relation "|no such (?:table|column)|unknown column|invalid (?:column|object) name|duplicate (?:key|entry|column)|constraint (?:fail\w*|violat\w*)|violates .{1,40} constraint|deadlock|lock wait timeout|migrations?|foreign key|PrismaClient\w*|SQL syntax|database is locked|column .{1,80} does not exist)\b/i,
  connection:
    /\b(?:ECONNREFUSED|ECONNRESET|EPIPE|EHOSTUNREACH|ENETUNREACH|ECONNABORTED|connection (?:refused|reset|closed|aborted|lost|terminated|error|timed out)|could not connect|can(?:not|'t) connect|unable to connect|failed to connect|ConnectionError|ConnectException|socket hang up|broken pipe|no route to host|network (?:is )?unreachable|upstream (?:connect|prematurely)|connect\(\) failed|dial tcp|server closed the connection|too many connections|remaining connection slots|no healthy upstream|connection pool)\b/i,
  "name-resolution":
    /\b(?:ENOTFOUND|EAI_AGAIN|getaddrinfo|UnknownHostException|NXDOMAIN|SERVFAIL|no such host|could not resolve host|couldn't resolve host|name (?:or service not known|resolution)|temporary failure in name resolution|DNS|gaierror|nodename nor servname)\b/i,
  certificate:
    /\b(?:CERT_\w+|SSLError|SSLHandshakeException|CertificateException|SSLCertVerificationError|UNABLE_TO_VERIFY\w*|DEPTH_ZERO_SELF_SIGNED\w*|certificates?|x509|self[- ]signed|TLS|SSL|handshake fail\w*|unknown authority|PKIX)\b/i,
  permission:
    /\b(?:EACCES|EPERM|PermissionError|AccessDenied\w*|permission denied|access (?:is )?denied|not (?:authori[sz]ed|permitted|allowed)|unauthori[sz]ed|forbidden|operation not permitted|insufficient (?:permission|privilege|scope)\w*|UnauthorizedAccessException|authentication fail\w*|invalid (?:credentials|token|api key|grant)|password authentication failed|InvalidAuthenticityToken|CORS|CSRF|read-only file system|EROFS)\b|\b40[13]\b(?! (?:ms|items|rows))/i,
  timeout:
    /\b(?:ETIMEDOUT|ESOCKETTIMEDOUT|TimeoutError|TimeoutException|tim(?:e|ed|es|ing)[ -]?outs?|deadline exceeded|context deadline|took too long|gateway time-?out|504|408|hangs?|hung|stuck|CrashLoopBackOff.{0,40}probe|liveness probe failed|readiness probe failed)\b/i,
  memory:
    /\b(?:OutOfMemory\w*|OOM(?:Killed)?|ENOMEM|MemoryError|heap out of memory|out of memory|JavaScript heap|cannot allocate memory|allowed memory size|allocation fail\w*|memory (?:leak|limit|exhausted|usage)|exit(?:ed)?(?: with)? code 137|SIGKILL|GC overhead|AddressSanitizer|use-after-free|double free|buffer overflow|heap corruption|StackOverflow\w*|stack overflow|maximum call stack|RecursionError|stack level too deep)\b/i,
  disk: /\b(?:ENOSPC|no space left|disk (?:is )?(?:full|quota|space)|EDQUOT|EMFILE|ENFILE|too many open files|out of inodes|DiskPressure|device full)\b/i,
  quota:
    /\b(?:rate.?limit\w*|quota|too many requests|429|throttl\w+|ThrottlingException|RESOURCE_EXHAUSTED|limit exceeded|LimitExceeded\w*|EDQUOT|usage limit)\b/i,
  http: /\b(?:HTTP(?:S|\/[\d.]+)? ?[45]\d\d|[45]\d\ds?(?: (?:error|response|status|internal|bad|not found|service|gateway)|s\b)|status(?: ?code)?:? ?[45]\d\d|bad gateway|internal server error|service unavailable|not found page|page not found|RoutingError|no route matches|NotFoundHttpException|bad request)/i,
  interface:
    /\b(?:buttons?|menus?|layout|styles?|styling|stylesheet|css|scss|sass|scroll(?:s|ed|ing|bars?|able)?|click(?:s|ed|ing|able)?|hover(?:s|ed|ing)?|focus(?:ed|es|ing|able)?|render(?:s|ed|ing)?|visual(?:s|ly|isation|ization)?|screen|modal|dialog|popup|popover|tooltip|icon|font|colou?rs?|page (?:is )?(?:blank|white|empty)|white screen|blank (?:page|screen)|mobile|safari|firefox|chrome|viewport|overflow|pixels?|display(?:ed|s|ing)?|sidebar|toolbar|dropdown|keyboard|cursor|hydrat\w+|aria|screen reader|drag\w*)\b/i,
};

/** Errors that say a kind which their words alone do not. */
const STATUS_KINDS: Readonly<Record<number, SymptomKind>> = {
  401: "permission",
  403: "permission",
  408: "timeout",
  429: "quota",
  504: "timeout",
};

/** What a symptom is about; `tests` and so on are what was found in it already. */
export function kindsOf(
  text: string,
  found: {
    readonly tests: readonly string[];
    readonly statuses: readonly number[];
    readonly tables: readonly string[];
  },
): SymptomKind[] {
  const kinds = new Set<SymptomKind>();
  for (const [kind, pattern] of Object.entries(KINDS)) if (pattern.test(text)) kinds.add(kind as SymptomKind);
  if (found.tests.length > 0) kinds.add("test");
  if (found.statuses.length > 0) kinds.add("http");
  for (const status of found.statuses) {
    const kind = STATUS_KINDS[status];
    if (kind !== undefined) kinds.add(kind);
  }
  return [...kinds];
}
