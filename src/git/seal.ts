import path from "node:path";

/**
 * The seal: the environment and configuration under which every git runs, so that looking at a
 * hostile repository executes nothing, and acting uses only the user's own credentials.
 * See test/git/canary.test.ts for the matrix that holds it.
 */

export type Mode = "read" | "write" | "network";

/** One entry of `git config --list -z --show-scope`. */
export interface ConfigEntry {
  readonly scope: string;
  /** Section and name lower case, subsection as written. */
  readonly key: string;
  readonly value: string;
}

export function parseConfigList(output: Buffer): ConfigEntry[] {
  const fields = output.toString("utf8").split("\0");
  const entries: ConfigEntry[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const pair = fields[i + 1] ?? "";
    const cut = pair.indexOf("\n");
    entries.push({
      scope: fields[i] ?? "",
      key: cut === -1 ? pair : pair.slice(0, cut),
      value: cut === -1 ? "true" : pair.slice(cut + 1),
    });
  }
  return entries;
}

const ALWAYS: readonly (readonly [string, string])[] = [
  ["core.fsmonitor", "false"],
  ["core.hooksPath", "/dev/null"],
  ["core.pager", "cat"],
  ["core.editor", "false"],
  ["sequence.editor", "false"],
  ["core.askPass", ""],
  ["core.alternateRefsCommand", "true"],
  ["protocol.ext.allow", "never"],
  ["diff.external", ""],
  ["diff.ignoreSubmodules", "all"],
  ["submodule.recurse", "false"],
  ["fetch.recurseSubmodules", "false"],
  ["fetch.prune", "false"],
  ["fetch.writeCommitGraph", "false"],
  // With a cookie file of the repository's choosing this would write to any file of the user's.
  ["http.saveCookies", "false"],
  ["push.recurseSubmodules", "no"],
  ["push.followTags", "false"],
  ["push.gpgSign", "false"],
  ["log.showSignature", "false"],
  ["log.mailmap", "false"],
  // What is parsed has one shape, whatever a person likes to look at.
  ["log.follow", "false"],
  ["log.showRoot", "true"],
  ["i18n.logOutputEncoding", "UTF-8"],
  ["diff.interHunkContext", "0"],
  ["worktree.useRelativePaths", "false"],
  ["gpg.program", "false"],
  ["commit.gpgSign", "false"],
  ["tag.gpgSign", "false"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["core.fsync", "all"],
  ["core.quotePath", "false"],
  ["color.ui", "false"],
  ["diff.renameLimit", "1000"],
  ["merge.conflictStyle", "merge"],
];

/** Keys of the repository's own configuration that run a program or send data elsewhere. */
const BLANK: readonly { readonly pattern: RegExp; readonly value: string }[] = [
  { pattern: /^filter\..*\.(?:clean|smudge|process)$/, value: "" },
  { pattern: /^filter\..*\.required$/, value: "false" },
  // git dies of an empty driver; this one merges as git itself does.
  { pattern: /^merge\..*\.driver$/, value: "git merge-file --marker-size=%L %A %O %B || exit 1" },
  { pattern: /^diff\..*\.(?:command|textconv)$/, value: "" },
  { pattern: /^remote\..*\.(?:vcs|proxy|partialclonefilter)$/, value: "" },
  { pattern: /^remote\..*\.(?:promisor|mirror|prune|prunetags)$/, value: "false" },
  { pattern: /^credential(?:\..*)?\.helper$/, value: "" },
  { pattern: /^trailer\..*\.(?:command|cmd)$/, value: "" },
  { pattern: /^pager\./, value: "false" },
  { pattern: /^gpg\..*\.(?:program|defaultkeycommand)$/, value: "false" },
  { pattern: /^(?:difftool|mergetool)\..*\.cmd$/, value: "" },
  { pattern: /^http\..*\.savecookies$/, value: "false" },
];

/**
 * Local keys that would have to be blanked and cannot be named: a name that is not UTF-8 does not
 * pass through an environment variable. A repository with one is refused.
 */
export function unnameable(config: readonly ConfigEntry[]): string[] {
  const keys = config.filter((entry) => isLocal(entry) && entry.key.includes("\uFFFD")).map(({ key }) => key);
  return keys.filter((key) => BLANK.some(({ pattern }) => pattern.test(key)));
}

/** Hooks defined in configuration (git ≥ 2.54) are switched off in every scope. */
const CONFIG_HOOK = /^hook\.(.*)\.command$/;

const PROXY_AND_CA = [
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "all_proxy",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "ALL_PROXY",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "CURL_CA_BUNDLE",
  "GIT_SSL_CAINFO",
  "GIT_SSL_CAPATH",
  "GIT_SSL_CERT",
  "GIT_SSL_KEY",
  "GIT_SSL_NO_VERIFY",
] as const;

const KEPT = [
  "HOME",
  "XDG_CONFIG_HOME",
  "USER",
  "LOGNAME",
  "TMPDIR",
  "USERPROFILE",
  "SYSTEMROOT",
  "TEMP",
  "TMP",
  "APPDATA",
  // The user's own choice of configuration files; safe.directory lives there.
  "GIT_CONFIG_GLOBAL",
  "GIT_CONFIG_SYSTEM",
  "GIT_CONFIG_NOSYSTEM",
] as const;

const IDENTITY = [
  "GIT_AUTHOR_NAME",
  "GIT_AUTHOR_EMAIL",
  "GIT_COMMITTER_NAME",
  "GIT_COMMITTER_EMAIL",
  "EMAIL",
] as const;

type Env = Readonly<Record<string, string | undefined>>;

function pick(env: Env, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = env[name];
    if (value !== undefined && value !== "") picked[name] = value;
  }
  return picked;
}

/** Only absolute entries: a relative one would find programs inside the repository. */
function absolutePath(env: Env): string {
  const entries = (env["PATH"] ?? env["Path"] ?? "").split(path.delimiter);
  return entries.filter((entry) => path.isAbsolute(entry)).join(path.delimiter);
}

function isLocal(entry: ConfigEntry): boolean {
  return entry.scope === "local" || entry.scope === "worktree";
}

/** The value that the user's own (global or system) configuration gives, the last one winning. */
function ownValue(config: readonly ConfigEntry[], key: string): string | undefined {
  return config.findLast((entry) => !isLocal(entry) && entry.key === key)?.value;
}

function sshCommand(env: Env, config: readonly ConfigEntry[]): string {
  const program = env["GIT_SSH"];
  const quoted = program === undefined ? undefined : `'${program.replaceAll("'", `'\\''`)}'`;
  return env["GIT_SSH_COMMAND"] ?? ownValue(config, "core.sshcommand") ?? quoted ?? "ssh";
}

/** The first core.gitProxy wins, so that none of ours could come after it; this variable beats them all. */
function gitProxy(env: Env, config: readonly ConfigEntry[]): string {
  const own = ownValue(config, "core.gitproxy") ?? "";
  return env["GIT_PROXY_COMMAND"] ?? (own.includes(" for ") ? "" : own);
}

/** Configuration on top of everything else, for one mode. */
export function sealedConfig(mode: Mode, config: readonly ConfigEntry[]): [string, string][] {
  const pairs: [string, string][] = [];
  const put = (key: string, value: string): void => void pairs.push([key, value]);
  for (const [key, value] of ALWAYS) put(key, value);
  for (const entry of config) {
    const hook = CONFIG_HOOK.exec(entry.key);
    if (hook) put(`hook.${hook[1] ?? ""}.enabled`, "false");
    if (!isLocal(entry)) continue;
    for (const { pattern, value } of BLANK) if (pattern.test(entry.key)) put(entry.key, value);
  }
  if (mode !== "write") put("core.attributesFile", "/dev/null");
  put("credential.helper", "");
  if (mode === "network") {
    // After the blanks: an empty helper clears the list, what follows fills it again.
    for (const entry of config) {
      if (!isLocal(entry) && /^credential(?:\..*)?\.helper$/.test(entry.key)) {
        put(entry.key, entry.value);
      }
    }
  } else {
    put("core.sshCommand", "false");
  }
  return pairs;
}

/** The whole environment of a git process. */
export function sealedEnv(mode: Mode, env: Env, config: readonly ConfigEntry[]): Record<string, string> {
  const sealed: Record<string, string> = {
    ...pick(env, KEPT),
    PATH: absolutePath(env),
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    // Grafts forge history as replacements do; a path that cannot exist keeps git from warning of it.
    GIT_GRAFT_FILE: "/dev/null/none",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_PAGER: "cat",
    GIT_EDITOR: "false",
    GIT_SEQUENCE_EDITOR: "false",
    GIT_ASKPASS: "true",
    SSH_ASKPASS: "true",
    GCM_INTERACTIVE: "never",
    GIT_ALLOW_PROTOCOL: "none",
  };
  if (mode !== "write") sealed["GIT_ATTR_NOSYSTEM"] = "1";
  if (mode === "read") sealed["GIT_OPTIONAL_LOCKS"] = "0";
  if (mode === "write") Object.assign(sealed, pick(env, IDENTITY));
  if (mode === "network") {
    Object.assign(sealed, pick(env, [...PROXY_AND_CA, "SSH_AUTH_SOCK", "SSH_AGENT_PID"]), {
      GIT_ALLOW_PROTOCOL: "file:git:http:https:ssh",
      GIT_HTTP_LOW_SPEED_LIMIT: "1",
      GIT_HTTP_LOW_SPEED_TIME: "20",
      // Beats core.sshCommand of the repository; the user's own choice comes first.
      GIT_SSH_COMMAND: sshCommand(env, config),
      GIT_PROXY_COMMAND: gitProxy(env, config),
    });
  }
  const pairs = sealedConfig(mode, config);
  sealed["GIT_CONFIG_COUNT"] = String(pairs.length);
  pairs.forEach(([key, value], index) => {
    sealed[`GIT_CONFIG_KEY_${index}`] = key;
    sealed[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return sealed;
}
