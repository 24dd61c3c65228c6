import { AREAS } from "../model/area.ts";
import type { Severity } from "../model/alert.ts";
import { CHECK_KINDS } from "../model/check.ts";
import { type ChannelEntry, channelSchema } from "./channels.ts";
import { type Scalars, scalars, type Valibot } from "./scalars.ts";

/** The checks that mayday has in itself. */
const BUILTIN = [
  "secrets",
  "conflict-markers",
  "big-files",
  "fixup-commits",
  "migrations",
  "lockfile",
  "flag-removal",
] as const;

/**
 * The shape of `mayday.yaml`. Nothing in it transforms or calls our code, so that the same source
 * gives the published JSON Schema; what the parts must be to each other is in `rules.ts`.
 */
export function buildSchema(v: Valibot, channels: readonly ChannelEntry[]) {
  const s = scalars(v);
  const { section, key, text, list } = s;
  return section({
    version: key(v.literal(1, "expected 1"), "The version of this file's format: 1."),
    environments: key(
      v.nullable(v.record(s.environmentName, v.nullable(environment(v, s)), notSection)),
      "The named places that run the software. The first one is what commands mean when there is only one.",
    ),
    services: key(
      v.nullable(
        v.record(
          s.label,
          section({ paths: v.pipe(list, v.minLength(1, "expected at least one glob")) }),
          notSection,
        ),
      ),
      "Parts of the repository that are deployed by themselves, with their globs.",
    ),
    worktree: key(
      v.nullable(
        section({
          prepare: key(s.run, "Makes a fresh worktree usable, for example npm ci."),
          link: key(
            list,
            "Directories linked into it when the lockfile is the same, for example node_modules.",
          ),
        }),
      ),
      "How a temporary worktree is prepared when what is pushed is not what is checked out.",
    ),
    checks: key(
      v.nullable(v.record(s.label, check(v, s), notSection)),
      "What must pass before a push, by name.",
    ),
    builtin: key(
      v.nullable(section(builtinEntries(v, s))),
      "The checks that mayday has in itself: block, warn or off.",
    ),
    hook: key(
      v.nullable(
        section({
          missing: key(s.oneOf(["block", "warn"]), "When the hook cannot find mayday. Default block."),
        }),
      ),
      "The pre-push hook.",
    ),
    channels: key(
      v.nullable(v.record(s.label, channelSchema(v, s, channels), notSection)),
      "The places that alerts are sent to, by name. No secret stands here.",
    ),
    alerting: key(v.nullable(alerting(v, s)), "How alerts are sent."),
    flags: key(
      v.nullable(
        section({
          type: v.pipe(text, v.description("The flag provider, for example unleash.")),
          url: key(s.url, "Where its API is."),
          project: key(text, "The project there."),
          environment: key(text, "The environment there."),
          secret: key(s.secret, "Where its token is: env:NAME, file:PATH, keychain:NAME or cmd:COMMAND."),
          find: key(list, "How flags look in the code; {key} stands for the name."),
        }),
      ),
      "The off-switch.",
    ),
    ledger: key(
      v.nullable(
        section({
          prefix: key(
            v.pipe(
              v.string("expected a ref prefix"),
              v.regex(
                /^refs(?:\/[A-Za-z0-9_-]+)+$/,
                "expected a ref prefix: refs/mayday or refs/heads/mayday",
              ),
            ),
            "Default refs/mayday; refs/heads/mayday where a host refuses other refs.",
          ),
          remote: key(s.remote, "The remote it is shared through. Default: the environment's."),
        }),
      ),
      "The record of deploys, marks and incidents, kept in git refs.",
    ),
  });
}

/** The user's own file: the same parts, and no more. */
export function buildOwnSchema(v: Valibot, channels: readonly ChannelEntry[]) {
  const s = scalars(v);
  return s.section({
    version: s.key(v.literal(1, "expected 1"), "The version of this file's format: 1."),
    channels: s.key(
      v.nullable(v.record(s.label, channelSchema(v, s, channels), notSection)),
      "Your channels.",
    ),
    alerts: s.key(routes(s), "Routes where an environment has none, and outside a repository."),
    alerting: s.key(v.nullable(alerting(v, s)), "How alerts are sent."),
  });
}

const notSection = "expected a section (name: …)";

function environment(v: Valibot, s: Scalars) {
  const { section, key, text, list } = s;
  return section({
    remote: key(s.remote, "The remote that is deployed from. Default origin, or the only one."),
    branch: key(s.branch, "The branch that is deployed. Default: the remote's default branch."),
    live: key(
      section({
        http: key(s.url, "A page that names the running commit."),
        pointer: key(
          v.pipe(
            v.string("expected a JSON pointer"),
            v.regex(/^(?:\/[^]*)?$/, "expected a JSON pointer, for example /commit"),
          ),
          "Where in its JSON the commit is (RFC 6901).",
        ),
        run: key(s.run, "A command that prints the running commit."),
        tags: key(text, "The newest tag of this pattern is live, for example v*."),
        github: key(s.yesNo, "Ask GitHub Deployments."),
        branch: key(s.yesNo, "The branch's tip is live."),
      }),
      "How to learn which commit runs.",
    ),
    bake: key(s.duration, "Healthy for this long: certified. Default 10m."),
    probes: key(v.array(probe(s), "expected a list of probes"), "What tells whether it is healthy."),
    rollback: key(
      section({
        via: key(
          s.oneOf(["auto", "flag", "artifact", "tree", "revert", "pr"]),
          "The strategy. Default auto.",
        ),
        keep: key(list, "What stays as it is when the code goes back, as globs: migrations, for example."),
        artifact: key(section({ run: s.run }), "Puts the good artifact back on the platform at once."),
        proof: key(
          s.oneOf(["P1", "P2", "P3", "P4", "P5", "P6"]),
          "The proof wanted. Default P5 with probes, else P2.",
        ),
        wait: key(s.duration, "How long to wait for the proof. Default 10m."),
        window: key(s.duration, "How long the probes must be healthy. Default 60s."),
        prBranch: key(text, "The branch of a rollback by pull request. Default mayday/rollback-{id}."),
      }),
      "How to go back.",
    ),
    policy: key(
      section({
        deny: key(
          v.array(s.oneOf(["delete", "force", "direct"]), "expected a list"),
          "Pushes that are refused.",
        ),
        approvals: key(s.count(0, 20), "How many other people must have said yes to a pushed commit."),
        codeowners: key(s.yesNo, "They must be code owners of what changed."),
        stagedFor: key(
          v.record(s.environmentName, s.duration, notSection),
          "It ran there, healthy, for this long.",
        ),
        freezes: key(list, "Times without pushes, for example Fri 16:00 - Mon 08:00 Europe/London."),
        require: key(list, "Checks that must have passed."),
        secondPersonAbove: key(s.oneOf(["green", "amber", "red"]), "From this risk on, a second person."),
        allowedSigners: key(text, "The file of allowed signers (ssh-keygen, ALLOWED SIGNERS)."),
        unsigned: key(s.oneOf(["deny", "allow"]), "Whether unsigned evidence counts."),
        breakGlass: key(s.yesNo, "Whether a push may pass all this with a recorded reason."),
      }),
      "What a push to this environment's branch must keep to.",
    ),
    variables: key(
      section({ run: s.run }),
      "Prints the environment's variables; only names and hashes are kept.",
    ),
    alerts: key(routes(s), "Channels for each severity; one without a route uses the next more severe."),
  });
}

function probe(s: Scalars) {
  const { section, key, text } = s;
  return section({
    name: key(text, "How it is called in answers."),
    http: key(s.url, "The page to ask."),
    run: key(s.run, "Or the command to run: healthy when it ends with 0."),
    status: key(s.count(100, 599), "The HTTP status of health. Default 200."),
    body: key(text, "Text that the answer must hold."),
    within: key(s.deadline, "An answer slower than this is not healthy. Default 5s."),
    times: key(s.count(1, 1_000), "How often in a row it must be healthy. Default 3."),
    every: key(s.duration, "How far apart. Default 5s."),
    timeout: key(s.deadline, "Give up after this. Default 30s."),
  });
}

function check(v: Valibot, s: Scalars) {
  const { section, key, list } = s;
  return section({
    kind: v.pipe(s.oneOf(CHECK_KINDS), v.description("What kind of check it is.")),
    run: key(s.run, "The command. Text goes through the shell as in npm scripts, a list does not."),
    timeout: key(s.deadline, "It is ended after this. Default 5m."),
    files: key(list, "Globs of what it looks at; it is left out when nothing of that changed."),
    cache: key(s.oneOf(["tree", "off"]), "tree: the same tree is not checked twice."),
    evidence: key(s.oneOf(["ci", "attest"]), "It ran elsewhere (ci) or a person says so (attest)."),
    maxAge: key(s.deadline, "How old that evidence may be."),
  });
}

function builtinEntries(v: Valibot, s: Scalars) {
  const level = s.oneOf(["block", "warn", "off"]);
  const size = v.pipe(
    v.string("expected a size (5MB), or block, warn, off"),
    v.regex(
      /^(?:block|warn|off|[1-9]\d*(?:\.\d+)?\s?(?:B|[kKMG]i?B))$/,
      "expected a size (500kB, 5MB), or block, warn, off",
    ),
  );
  return {
    secrets: s.key(level, "Credentials in what is pushed."),
    "conflict-markers": s.key(level, "Left-over conflict markers."),
    "big-files": s.key(size, "Files above this size."),
    "fixup-commits": s.key(level, "fixup! and squash! commits."),
    migrations: s.key(level, "Migrations that cannot be undone."),
    lockfile: s.key(level, "A manifest changed without its lockfile."),
    "flag-removal": s.key(level, "A flag removed that is still on."),
  } satisfies Record<(typeof BUILTIN)[number], unknown>;
}

function alerting(v: Valibot, s: Scalars) {
  const { section, key, list } = s;
  return section({
    require: key(s.count(1, 20), "How many channels must accept. Default 1."),
    deadline: key(s.deadline, "How long one channel may take. Default 10s."),
    quiet: key(list, "Times in which the less severe ones wait."),
    fallback: key(list, "Channels that are tried when the route reached nobody."),
    areas: key(section(areas(s)), "Also told when a change touches this area."),
    codeowners: key(v.record(s.text, list, notSection), "Also told for files of this code owner."),
    ackWithin: key(s.deadline, "Without an acknowledgement after this, the next route."),
  });
}

function areas(s: Scalars) {
  const entries = AREAS.map(
    (area) => [area, s.key(s.list, `Also told when a change touches ${area}.`)] as const,
  );
  return Object.fromEntries(entries) as Record<(typeof AREAS)[number], (typeof entries)[number][1]>;
}

function routes(s: Scalars) {
  return s.section({
    sev1: s.key(s.list, "Production is down."),
    sev2: s.key(s.list, "Badly broken for some."),
    sev3: s.key(s.list, "Broken, with a way around."),
    sev4: s.key(s.list, "For the record."),
  } satisfies Record<Severity, unknown>);
}
