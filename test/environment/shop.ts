import { published } from "../support/document.ts";
import { type CommitSpec, type Repository, withRemote } from "../support/repository.ts";
import { mayday, type RunOptions, type Transcript } from "../support/world.ts";

/** Five commits: two releases, a prerelease, and what came after. */
export const SHOP: readonly CommitSpec[] = [
  { name: "one", files: { "src/a.txt": "1\n", "docs/a.md": "1\n" }, tags: ["v1.0.0"] },
  { name: "two", files: { "src/a.txt": "2\n" } },
  { name: "three", files: { "src/a.txt": "3\n" }, tags: ["v1.1.0"] },
  { name: "four", files: { "src/b.txt": "4\n" }, tags: ["v1.2.0-rc.1"] },
  { name: "five", files: { "docs/a.md": "5\n" } },
];

export interface RangeDocument {
  readonly environment: string;
  readonly live: { readonly sha: string; readonly source: string; readonly ref: string | null };
  readonly good: {
    readonly sha: string;
    readonly source: string;
    readonly ref: string | null;
    readonly certified: boolean;
  };
  readonly disagreements: readonly {
    readonly about: string;
    readonly source: string;
    readonly sha: string;
  }[];
  readonly freshness: { readonly fetchedAt: string | null; readonly offline: boolean };
  readonly range: { readonly commits: number; readonly firstParent: number; readonly files: number };
  readonly areas: readonly { readonly area: string; readonly files: readonly { readonly path: string }[] }[];
}

export interface Place {
  readonly remote: Repository;
  readonly clone: Repository;
  readonly cwd: string;
}

export function shop(commits: readonly CommitSpec[] = SHOP, configuration?: object): Place {
  const { remote, clone } = withRemote(commits);
  if (configuration) clone.write("mayday.yaml", JSON.stringify({ version: 1, ...configuration }));
  return { remote, clone, cwd: clone.path };
}

/** `mayday diff --json`, which must succeed, as its published document. */
export async function range(at: RunOptions, ...argv: string[]): Promise<RangeDocument & { stderr: string }> {
  const run = await mayday(["diff", "--json", ...argv], at);
  if (run.exit !== 0) throw new Error(`diff ended with ${run.exit}: ${run.stdout}${run.stderr}`);
  return { ...published<RangeDocument>(run, "diff"), stderr: run.stderr };
}

/** Runs a command that must succeed. */
export async function done(at: RunOptions, ...argv: string[]): Promise<Transcript> {
  const run = await mayday(argv, at);
  if (run.exit !== 0) throw new Error(`${argv.join(" ")} ended with ${run.exit}: ${run.stderr}`);
  return run;
}
