import type { Oid } from "../model/oid.ts";
import type { Git } from "./git.ts";

export const RELEASE_TAG = /^v?\d+\.\d+\.\d+$/;

/** A tag and the commit it names (annotated tags peeled). */
export interface Tag {
  readonly name: string;
  readonly sha: Oid;
}

/** Every tag that names a commit. One process. */
export async function listTags(git: Git): Promise<Tag[]> {
  const text = await git.text([
    "for-each-ref",
    "--format=%(objectname) %(*objectname) %(refname)",
    "refs/tags",
  ]);
  if (text === "") return [];
  return text.split("\n").map((line) => {
    const [object = "", peeled = "", ref = ""] = line.split(" ");
    return { name: ref.slice("refs/tags/".length), sha: peeled === "" ? object : peeled };
  });
}

/**
 * The newest of `tags` that is reachable from `from`: the one that leaves the fewest commits out,
 * which is what `git describe` looks for; a wrong clock cannot change it.
 */
export async function newestReachable(git: Git, tags: readonly Tag[], from: Oid): Promise<Tag | undefined> {
  if (tags.length === 0) return undefined;
  const patterns = tags.map(({ name }) => `--match=${name.replaceAll(/[*?[\]\\]/g, "\\$&")}`);
  const answer = await git.run(["describe", "--tags", "--abbrev=0", ...patterns, from], { allow: [128] });
  if (answer.code !== 0) return undefined;
  const found = tags.find(({ name }) => name === answer.stdout.toString("utf8").trim());
  if (found === undefined) return undefined;
  // Several tags can name the same commit: the highest version is the one to speak of.
  return tags.filter(({ sha }) => sha === found.sha).toSorted((a, b) => compareVersions(b.name, a.name))[0];
}

/** `v1.10.0` after `v1.9.3`: numbers as numbers, the rest as text. */
export function compareVersions(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? [];
  const right = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const x = left[i] ?? "";
    const y = right[i] ?? "";
    if (x === y) continue;
    if (/^\d/.test(x) && /^\d/.test(y)) return Number(x) - Number(y) || x.length - y.length;
    return x < y ? -1 : 1;
  }
  return 0;
}
