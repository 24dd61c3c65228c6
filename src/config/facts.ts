import type { CheckKind } from "../model/check.ts";
import { scriptChecks, toolChecks } from "./detect-checks.ts";

export interface DetectedCheck {
  readonly name: string;
  readonly kind: CheckKind;
  /** One line for the shell. */
  readonly run: string;
  /** The file that says so. */
  readonly from: string;
}

interface HookManager {
  readonly name: string;
  readonly file: string;
}

/** What can be seen of a repository: the input of `starter`. */
export interface Facts {
  /** Null in a repository without remotes. */
  readonly remote: string | null;
  readonly otherRemotes: readonly string[];
  /** The remote's default branch, else the current one. */
  readonly branch: string | null;
  /** A branch called `staging` is there. */
  readonly staging: boolean;
  readonly tags: TagFacts | null;
  readonly checks: readonly DetectedCheck[];
  readonly prepare: string | null;
  readonly link: readonly string[];
  /** Globs of directories with migrations. */
  readonly migrations: readonly string[];
  readonly codeowners: string | null;
  readonly hookManagers: readonly HookManager[];
  readonly npm: boolean;
}

export interface TagFacts {
  /** `v*`, `shop-*`, `pkg@*`. */
  readonly pattern: string;
  readonly example: string;
  readonly count: number;
  /** A CI file that deploys when a tag is pushed. */
  readonly deployedBy: string | null;
}

export interface Sight {
  /** Paths from the root, `/` between. */
  readonly files: readonly string[];
  /** A file's text; null when it is not there or cannot be read. */
  readonly read: (file: string) => Promise<string | null>;
  readonly tags: readonly string[];
  readonly remote: string | null;
  readonly otherRemotes: readonly string[];
  readonly branches: readonly string[];
  readonly branch: string | null;
}

/** Looks at what is there; decides nothing. */
export async function factsOf(sight: Sight): Promise<Facts> {
  const { read, remote, otherRemotes, branch } = sight;
  const files = new Set(sight.files);
  const manager = packageManager(files);
  const manifest = parseObject(await read("package.json"));
  const scripts = manifest === null ? [] : scriptChecks(manifest["scripts"], manager?.name ?? "npm");
  const tools = await toolChecks(files, read);
  const taken = new Set(scripts.map((check) => check.kind));
  return {
    remote,
    otherRemotes,
    branch: sight.branches.includes("production") ? "production" : branch,
    staging: sight.branches.includes("staging") && branch !== "staging",
    tags: tagFacts(sight.tags, await tagDeployer(sight)),
    checks: unique([...scripts, ...tools.filter((check) => !taken.has(check.kind))]),
    prepare: manager?.prepare ?? null,
    link: manager === null ? [] : ["node_modules"],
    migrations: migrationGlobs(sight.files),
    codeowners:
      [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"].find((file) =>
        files.has(file),
      ) ?? null,
    hookManagers: hookManagers(files, sight.files, manifest),
    npm: manifest !== null,
  };
}

function packageManager(
  files: ReadonlySet<string>,
): { readonly name: string; readonly prepare: string } | null {
  if (files.has("pnpm-lock.yaml")) return { name: "pnpm", prepare: "pnpm install --frozen-lockfile" };
  if (files.has("yarn.lock")) return { name: "yarn", prepare: "yarn install --frozen-lockfile" };
  if (files.has("bun.lock") || files.has("bun.lockb"))
    return { name: "bun", prepare: "bun install --frozen-lockfile" };
  return files.has("package-lock.json") ? { name: "npm", prepare: "npm ci" } : null;
}

/** `v1.2.3`, `1.2.3`, `shop-1.2.3`, `shop/v1.2.3`, `pkg@1.2.3`; prereleases are no releases. */
export function tagFacts(tags: readonly string[], deployedBy: string | null): TagFacts | null {
  const groups = new Map<string, { version: readonly number[]; tag: string; count: number }>();
  for (const tag of tags) {
    const match = /^((?:[^*?[\]\\]*[-/@_])?v?)(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/.exec(tag);
    if (match === null) continue;
    const [, prefix = "", ...numbers] = match;
    const version = numbers.map(Number);
    const group = groups.get(prefix);
    if (group === undefined) groups.set(prefix, { version, tag, count: 1 });
    else {
      group.count += 1;
      if (newer(version, group.version)) Object.assign(group, { version, tag });
    }
  }
  const best = [...groups].toSorted(([p, a], [q, b]) => b.count - a.count || p.length - q.length)[0];
  if (best === undefined) return null;
  const [prefix, { tag, count }] = best;
  return { pattern: prefix === "" ? "[0-9]*" : `${prefix}*`, example: tag, count, deployedBy };
}

function newer(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at !== -1 && (a[at] ?? 0) > (b[at] ?? 0);
}

/** A CI file that both reacts to tags and speaks of deploying. */
async function tagDeployer({ files, read }: Sight): Promise<string | null> {
  const candidates = files
    .filter((file) => /^\.github\/workflows\/[^/]+\.ya?ml$|^\.gitlab-ci\.yml$/.test(file))
    .slice(0, 20);
  for (const file of candidates) {
    const text = (await read(file)) ?? "";
    const onTag = /^\s+tags:|^\s+- tags\s*$|CI_COMMIT_TAG|^\s*release:\s*$/m.test(text);
    const onBranch = /^\s+branches:/m.test(text);
    if (onTag && !onBranch && /deploy|rollout|kubectl|helm upgrade/i.test(text)) return file;
  }
  return null;
}

const MIGRATIONS = /^((?:.*\/)?(?:migrations?|migrate|alembic\/versions))\/[^/]/;

function migrationGlobs(files: readonly string[]): string[] {
  const directories = new Set<string>();
  for (const file of files) {
    const directory = MIGRATIONS.exec(file)?.[1];
    if (directory === undefined || /(?:^|\/)(?:node_modules|vendor|tests?|docs?)\//.test(`${directory}/`))
      continue;
    if (/[*?[\]{}!\\]/.test(directory)) continue;
    directories.add(directory);
  }
  return [...directories]
    .toSorted()
    .slice(0, 8)
    .map((directory) => `${directory}/**`);
}

function hookManagers(
  files: ReadonlySet<string>,
  paths: readonly string[],
  manifest: Readonly<Record<string, unknown>> | null,
): HookManager[] {
  const found: HookManager[] = [];
  if (paths.some((file) => file.startsWith(".husky/"))) found.push({ name: "husky", file: ".husky/" });
  const lefthook = paths.find((file) => /^\.?lefthook\.(?:ya?ml|toml|json)$/.test(file));
  if (lefthook !== undefined) found.push({ name: "lefthook", file: lefthook });
  if (files.has(".pre-commit-config.yaml"))
    found.push({ name: "pre-commit", file: ".pre-commit-config.yaml" });
  const simple = paths.find((file) => /^\.?simple-git-hooks\.(?:c?js|json)$/.test(file));
  if (simple !== undefined) found.push({ name: "simple-git-hooks", file: simple });
  else if (manifest !== null && "simple-git-hooks" in manifest) {
    found.push({ name: "simple-git-hooks", file: "package.json" });
  }
  return found;
}

function parseObject(text: string | null): Readonly<Record<string, unknown>> | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ""));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}

function unique(checks: readonly DetectedCheck[]): DetectedCheck[] {
  const names = new Set<string>();
  return checks.filter(({ name }) => !names.has(name) && names.add(name));
}
