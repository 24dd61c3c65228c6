import type { InferOutput } from "valibot";

import { parseDuration } from "../model/time.ts";
import type { Path, Problem } from "./located.ts";
import { placeholderProblems } from "./placeholders.ts";
import type { buildOwnSchema, buildSchema } from "./schema.ts";
import { shown } from "./secret.ts";
import { meant, nearest } from "./suggest.ts";
import { urlFault } from "./url.ts";

/** `mayday.yaml` as written, its shape known to be right. */
export type Written = InferOutput<ReturnType<typeof buildSchema>>;
export type OwnWritten = InferOutput<ReturnType<typeof buildOwnSchema>>;

type WrittenEnvironment = NonNullable<NonNullable<Written["environments"]>[string]>;
type WrittenProbe = NonNullable<WrittenEnvironment["probes"]>[number];
type WrittenCheck = NonNullable<Written["checks"]>[string];
type WrittenChannel = NonNullable<Written["channels"]>[string];

const problem = (path: Path, message: string, on: "key" | "value" = "value"): Problem => ({
  path,
  on,
  message,
});

/** A timer of Node cannot be set further ahead (2^31 ms). */
const LONGEST_TIMER = 2_147_483_647;

/**
 * What the parts must be to each other. `others` are the channels of the user's own file, which
 * routes may name too.
 */
export function contradictions(written: Written, others: readonly string[]): Problem[] {
  const environments = written.environments ?? {};
  const channels = [...Object.keys(written.channels ?? {}), ...others];
  return [
    ...Object.entries(environments).flatMap(([name, environment]) =>
      environment === null ? [] : environmentProblems(["environments", name], environment, written, channels),
    ),
    ...Object.entries(written.checks ?? {}).flatMap(([name, check]) =>
      checkProblems(["checks", name], check),
    ),
    ...runProblems(written.worktree?.prepare, ["worktree", "prepare"]),
    ...urlProblems(written.flags?.url, ["flags", "url"]),
    ...channelProblems(written, channels),
  ];
}

/** The same for the channels, routes and alerting of either file. */
export function channelProblems(written: Written | OwnWritten, channels: readonly string[]): Problem[] {
  const alerting = written.alerting ?? {};
  const required = alerting.require ?? 1;
  return [
    ...Object.entries(written.channels ?? {}).flatMap(([name, channel]) => addressProblems(name, channel)),
    ...("alerts" in written ? routeProblems(written.alerts ?? {}, ["alerts"], channels) : []),
    ...unknownNames(alerting.fallback ?? [], ["alerting", "fallback"], channels, "channel"),
    ...routeProblems(alerting.areas ?? {}, ["alerting", "areas"], channels),
    ...routeProblems(alerting.codeowners ?? {}, ["alerting", "codeowners"], channels),
    ...(channels.length > 0 && required > channels.length
      ? [
          problem(
            ["alerting", "require"],
            `${required} channels must accept, but there ${channels.length === 1 ? "is" : "are"} only ${channels.length}`,
          ),
        ]
      : []),
    ...timerProblems(alerting.deadline, ["alerting", "deadline"]),
  ];
}

function environmentProblems(
  path: Path,
  environment: WrittenEnvironment,
  written: Written,
  channels: readonly string[],
): Problem[] {
  const { live, probes = [], rollback, policy } = environment;
  const names = probes.map((probe) => probe.name);
  const known = Object.keys(written.environments ?? {});
  return [
    ...urlProblems(live?.http, [...path, "live", "http"]),
    ...runProblems(live?.run, [...path, "live", "run"]),
    ...(live?.pointer !== undefined && live.http === undefined
      ? [problem([...path, "live", "pointer"], "a pointer needs an http page that it points into", "key")]
      : []),
    ...probes.flatMap((probe, index) => [
      ...probeProblems([...path, "probes", index], probe),
      ...(probe.name !== undefined && names.indexOf(probe.name) !== index
        ? [problem([...path, "probes", index, "name"], `two probes are called ${shown(probe.name)}`)]
        : []),
    ]),
    ...runProblems(rollback?.artifact?.run, [...path, "rollback", "artifact", "run"]),
    ...timerProblems(rollback?.wait, [...path, "rollback", "wait"]),
    ...timerProblems(rollback?.window, [...path, "rollback", "window"]),
    ...(rollback?.via === "artifact" && rollback.artifact === undefined
      ? [problem([...path, "rollback", "via"], "via: artifact needs rollback.artifact: {run: …}")]
      : []),
    ...(rollback?.via === "flag" && !written.flags
      ? [problem([...path, "rollback", "via"], "via: flag needs the section flags")]
      : []),
    ...(rollback?.proof === "P5" && probes.length === 0
      ? [problem([...path, "rollback", "proof"], "proof P5 is healthy probes, and there are none here")]
      : []),
    ...runProblems(environment.variables?.run, [...path, "variables", "run"]),
    ...misspelt(
      policy?.require ?? [],
      [...path, "policy", "require"],
      Object.keys(written.checks ?? {}),
      "check",
    ),
    ...Object.keys(policy?.stagedFor ?? {}).flatMap((name) => {
      const at = [...path, "policy", "stagedFor", name];
      if (name === path[1]) return [problem(at, "an environment cannot be staged in itself", "key")];
      const near = known.includes(name) ? undefined : nearest(name, known);
      return near === undefined
        ? []
        : [problem(at, `there is no environment ${shown(name)}, did you mean "${near}"?`, "key")];
    }),
    ...routeProblems(environment.alerts ?? {}, [...path, "alerts"], channels),
  ];
}

function probeProblems(path: Path, probe: WrittenProbe): Problem[] {
  const within = parseDuration(probe.within ?? "5s") ?? 0;
  const timeout = parseDuration(probe.timeout ?? "30s") ?? 0;
  const http = probe.http !== undefined;
  const run = probe.run !== undefined;
  return [
    ...(http === run
      ? [
          problem(
            run ? [...path, "run"] : path,
            run
              ? "a probe asks a page (http) or runs a command (run), not both"
              : "a probe needs http: or run:",
            run ? "key" : "value",
          ),
        ]
      : []),
    ...(run && !http
      ? (["status", "body"] as const).flatMap((key) =>
          probe[key] === undefined ? [] : [problem([...path, key], `${key} belongs to an http probe`, "key")],
        )
      : []),
    ...(http && within > timeout
      ? [
          problem(
            [...path, probe.within === undefined ? "timeout" : "within"],
            `no answer can come within ${probe.within ?? "5s"} when it is given up after ${probe.timeout ?? "30s"}`,
          ),
        ]
      : []),
    ...urlProblems(probe.http, [...path, "http"]),
    ...runProblems(probe.run, [...path, "run"]),
    ...(["within", "every", "timeout"] as const).flatMap((key) => timerProblems(probe[key], [...path, key])),
  ];
}

function checkProblems(path: Path, check: WrittenCheck): Problem[] {
  return [
    ...(check.run === undefined && check.evidence === undefined
      ? [problem(path, "a check needs run: (a command) or evidence: (ci or attest)", "key")]
      : []),
    ...(check.run !== undefined && check.evidence !== undefined
      ? [
          problem(
            [...path, "evidence"],
            `evidence: ${check.evidence} is for a check that ran elsewhere; this one has run: too`,
            "key",
          ),
        ]
      : []),
    ...(check.maxAge !== undefined && check.evidence === undefined
      ? [problem([...path, "maxAge"], "maxAge says how old evidence may be; here is no evidence:", "key")]
      : []),
    ...runProblems(check.run, [...path, "run"]),
    ...timerProblems(check.timeout, [...path, "timeout"]),
  ];
}

function addressProblems(name: string, channel: WrittenChannel): Problem[] {
  const { url } = channel as Readonly<Record<string, unknown>>;
  // Mail servers are named by URLs too, with schemes of their own.
  const web = typeof url === "string" && !/^smtps?:\/\//i.test(url);
  return web ? urlProblems(url, ["channels", name, "url"]) : [];
}

function routeProblems(
  routes: Readonly<Record<string, readonly string[]>>,
  path: Path,
  channels: readonly string[],
): Problem[] {
  return Object.entries(routes).flatMap(([key, names]) =>
    unknownNames(names, [...path, key], channels, "channel"),
  );
}

function unknownNames(
  names: readonly string[],
  path: Path,
  known: readonly string[],
  what: string,
): Problem[] {
  return names.flatMap((name, index) =>
    known.includes(name)
      ? []
      : [problem([...path, index], `there is no ${what} ${shown(name)}${meant(name, known)}`)],
  );
}

/** Names that may also come from elsewhere (evidence of CI): only a near miss is an error. */
function misspelt(names: readonly string[], path: Path, known: readonly string[], what: string): Problem[] {
  const wrong = (name: string): boolean => !known.includes(name) && nearest(name, known) !== undefined;
  return unknownNames(names, path, known, what).filter((it) => wrong(names[Number(it.path.at(-1))] ?? ""));
}

function urlProblems(url: string | undefined, path: Path): Problem[] {
  const fault = url === undefined ? undefined : urlFault(url);
  return fault === undefined ? [] : [problem(path, fault)];
}

function runProblems(run: string | readonly string[] | undefined, path: Path): Problem[] {
  return run === undefined ? [] : placeholderProblems(run, path);
}

function timerProblems(text: string | undefined, path: Path): Problem[] {
  const ms = text === undefined ? 0 : (parseDuration(text) ?? 0);
  return ms > LONGEST_TIMER ? [problem(path, "longer than 24 days is no time to wait for")] : [];
}
