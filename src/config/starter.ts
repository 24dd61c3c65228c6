import type { DetectedCheck, Facts } from "./facts.ts";

/** What a person may choose before the file is written; `defaultChoice` is what --yes takes. */
export interface Choice {
  readonly live: "branch" | "tags" | "later";
  readonly checks: readonly DetectedCheck[];
}

/** CI that deploys a tag is evidence; tags alone are not: many teams tag and deploy every push. */
export function defaultChoice(facts: Facts): Choice {
  return { live: facts.tags?.deployedBy ? "tags" : "later", checks: facts.checks };
}

/** Facts and choice → the text of `mayday.yaml`: pleasant to read, and valid. */
export function starter(facts: Facts, choice: Choice): string {
  return [
    header(facts),
    environments(facts, choice),
    checks(choice.checks),
    worktree(facts, choice.checks),
    hook(facts),
    channels(),
  ]
    .filter((part) => part !== "")
    .map((part) => `${part.trim()}\n`)
    .join("\n");
}

function header({ npm }: Facts): string {
  return `${npm ? "# yaml-language-server: $schema=./node_modules/mayday/schema/mayday.schema.json\n" : ""}\
# How this repository is deployed, checked and rolled back. All is optional.
# It is committed, so no secret stands here, only where one is: env:NAME,
# file:PATH, keychain:NAME or cmd:COMMAND.
version: 1
`;
}

function environments(facts: Facts, choice: Choice): string {
  const { staging } = facts;
  return `\
environments:
${environment("production", facts.branch, facts, choice)}${staging ? `\n${environment("staging", "staging", facts, choice)}` : ""}`;
}

function environment(name: string, branch: string | null, facts: Facts, choice: Choice): string {
  const { remote, otherRemotes, migrations } = facts;
  const lines = [`  ${name}:`];
  if (remote !== null && (otherRemotes.length > 0 || remote !== "origin"))
    lines.push(`    remote: ${quote(remote)}`);
  if (branch !== null) lines.push(`    branch: ${quote(branch)}`);
  if (name === "production") lines.push(...live(facts, choice));
  else lines.push("    live: {branch: true}");
  if (name === "production") {
    lines.push(
      "    # What tells that it is well. A rollback waits for it, as its proof.",
      "    # probes:",
      "    #   - {name: health, http: https://shop.example.com/healthz, within: 2s}",
      "    #   - {name: smoke, run: ./scripts/smoke.sh, timeout: 60s}",
    );
    if (migrations.length > 0) {
      lines.push(
        "    # Migrations stay when the code goes back: the database has run them.",
        `    rollback: {keep: [${migrations.map(quote).join(", ")}]}`,
      );
    }
    lines.push("    # alerts: {sev1: [oncall], sev3: [room]}");
  }
  return `${lines.join("\n")}\n`;
}

function live({ tags }: Facts, choice: Choice): string[] {
  const pattern = tags === null ? "v*" : tags.pattern;
  const note = tags === null ? "" : ` (newest here: ${plain(tags.example)})`;
  if (choice.live === "branch")
    return ["    # Every push to this branch is deployed.", "    live: {branch: true}"];
  if (choice.live === "tags") {
    const why = tags?.deployedBy ? `${plain(tags.deployedBy)} deploys tags.` : "You deploy by tag.";
    return [
      `    # ${why}`,
      `    # The newest of these is live${note}.`,
      `    live: {tags: ${quote(pattern)}}`,
    ];
  }
  return [
    "    # How mayday learns which commit runs. Without a line of these it is what",
    "    # was recorded with mayday deploy record, else the tip of the branch.",
    "    # live: {http: https://shop.example.com/version, pointer: /commit}",
    `    # live: {tags: ${quote(pattern)}}${" ".repeat(Math.max(1, 8 - quote(pattern).length))} # you deploy by tag${note}`,
    "    # live: {branch: true}   # every push is deployed",
  ];
}

function checks(found: readonly DetectedCheck[]): string {
  const heading = "\n# What must pass before a push. Text goes through the shell, a list does not.\n";
  if (found.length === 0) {
    return `${heading}# checks:\n#   unit: {kind: unit, run: npm test, timeout: 5m, files: ["src/**", "test/**"]}\n`;
  }
  const width = Math.max(...found.map(({ name }) => quote(name).length)) + 1;
  const lines = found.map(({ name, kind, run }) => {
    const slow = kind === "unit" || kind === "lint" ? "" : ", timeout: 10m";
    return `  ${`${quote(name)}:`.padEnd(width)} {kind: ${kind}, run: ${quote(run)}${slow}}`;
  });
  return `${heading}# files: ["src/**"] leaves a check out when nothing of that changed.\nchecks:\n${lines.join("\n")}\n`;
}

function worktree({ prepare, link }: Facts, found: readonly DetectedCheck[]): string {
  if (prepare === null || found.length === 0) return "";
  return `
# What is pushed is what is checked. Where the checkout differs, that is done
# in a worktree of its own, made ready so.
worktree: {prepare: ${quote(prepare)}, link: [${link.map(quote).join(", ")}]}
`;
}

function hook({ hookManagers, codeowners }: Facts): string {
  const beside = hookManagers.map(({ name, file }) => `${name} (${plain(file)})`).join(", ");
  return `
# When the hook cannot find mayday: block the push, or warn and let it pass.
${beside === "" ? "" : `# It lives beside ${beside}.\n`}${codeowners === null ? "" : `# Code owners are in ${plain(codeowners)}; mayday names them as who to ask.\n`}hook: {missing: block}
`;
}

function channels(): string {
  return `
# Who is told. To see what would be sent: mayday alert --dry-run "a test"
# channels:
#   oncall: {type: webhook, url: https://hooks.example.com, secret: env:ONCALL}
#   room:   {type: slack, channel: C0123456789, secret: env:SLACK_TOKEN}
# alerting: {require: 1, deadline: 10s}
`;
}

/** A plain YAML scalar where that is surely the same text, else quoted as JSON, which YAML reads. */
export function quote(text: string): string {
  const simple = /^[A-Za-z.][\w./-]*(?::[\w./-]+)*(?: [\w./=-]+(?::[\w./=-]+)*)*$/.test(text);
  return simple && !/^(?:true|false|null|yes|no|on|off|y|n|\.(?:nan|inf))$/i.test(text) && !/^\.\d/.test(text)
    ? text
    : JSON.stringify(text).replaceAll(
        /[\u007f-\uffff]/g,
        (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
      );
}

/** For a comment: nothing that could end it or hide. */
function plain(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?");
}
