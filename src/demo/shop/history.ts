/** People of the made-up shop. Nobody real. */
const PEOPLE = {
  mira: "Mira Okafor",
  jonas: "Jonas Weber",
  priya: "Priya Nair",
  lin: "Lin Chen",
  tomas: "Tomás Vidal",
  aisha: "Aisha Rahman",
} as const;

type Person = keyof typeof PEOPLE;

/** Exact text of a file, once in it, and what takes its place. */
type Edit = readonly [find: string, replace: string];

/** One commit as its author would describe it: new files, edits, a tag. */
export interface Work {
  readonly by: Person;
  readonly say: string;
  readonly body?: string;
  readonly put?: Readonly<Record<string, string>>;
  readonly edit?: Readonly<Record<string, readonly Edit[]>>;
  readonly tag?: string;
  /** The one that breaks the shop. */
  readonly bad?: true;
}

/** A branch that was merged; `meanwhile` went to main while it was open. */
interface Pull {
  readonly pull: number;
  readonly branch: string;
  readonly title: string;
  readonly by: Person;
  readonly work: readonly Work[];
  readonly meanwhile: readonly Work[];
}

export type Entry = Work | Pull;

export interface ShopCommit {
  /** Its place in the list, which is topological. */
  readonly index: number;
  readonly parents: readonly number[];
  readonly author: string;
  readonly mail: string;
  /** Seconds since 1970. */
  readonly at: number;
  readonly message: string;
  /** Content by path; null takes the file away. */
  readonly changes: ReadonlyMap<string, string | null>;
  readonly tag: string | null;
  readonly bad: boolean;
}

type Tree = ReadonlyMap<string, string>;

const DAY = 86_400;

/**
 * Turns the shop's story into commits. `now` is in seconds since 1970: the story ends shortly
 * before it. `released` entries took some six weeks, `week` came in the last two days.
 */
export function commitsOf(released: readonly Entry[], week: readonly Entry[], now: number): ShopCommit[] {
  const commits: ShopCommit[] = [];
  const trees: Tree[] = [];
  const count = (entries: readonly Entry[]): number =>
    entries.reduce(
      (sum, entry) => sum + ("pull" in entry ? entry.work.length + entry.meanwhile.length + 1 : 1),
      0,
    );
  const before = count(released);
  const after = count(week);
  const time = (index: number): number => {
    const span = index < before ? 39 * DAY : 2 * DAY;
    const share = index < before ? (index + 1) / before : (index - before + 1) / after;
    const start = index < before ? now - 42 * DAY - 3_600 : now - 2 * DAY - 3_600;
    // People do not commit by the clock: up to half an hour off, the same in every run.
    return Math.floor(start + span * share - ((index * 7_919) % 1_800));
  };
  const add = (
    work: Pick<Work, "by" | "say" | "body" | "tag" | "bad">,
    parents: number[],
    tree: Tree,
  ): number => {
    const index = commits.length;
    const old: Tree = trees[parents[0] ?? -1] ?? new Map<string, string>();
    commits.push({
      index,
      parents,
      author: PEOPLE[work.by],
      mail: `${work.by}@corner-shop.example`,
      at: time(index),
      message: work.body === undefined ? `${work.say}\n` : `${work.say}\n\n${work.body}\n`,
      changes: difference(old, tree),
      tag: work.tag ?? null,
      bad: work.bad ?? false,
    });
    trees.push(tree);
    return index;
  };
  const put = (work: Work, parent: number): number =>
    add(work, parent < 0 ? [] : [parent], apply(trees[parent] ?? new Map<string, string>(), work));

  let main = -1;
  for (const entry of [...released, ...week]) {
    if (!("pull" in entry)) {
      main = put(entry, main);
      continue;
    }
    const base = main;
    let branch = base;
    for (const work of entry.work) branch = put(work, branch);
    for (const work of entry.meanwhile) main = put(work, main);
    const brought = difference(
      trees[base] ?? new Map<string, string>(),
      trees[branch] ?? new Map<string, string>(),
    );
    const say = `Merge pull request #${entry.pull} from corner-shop/${entry.branch}`;
    const merged = merge(trees[main] ?? new Map<string, string>(), brought, base, main, commits);
    main = add({ by: entry.by, say, body: entry.title }, [main, branch], merged);
  }
  return commits;
}

function apply(tree: Tree, work: Work): Tree {
  const next = new Map(tree);
  for (const [name, content] of Object.entries(work.put ?? {})) next.set(name, content);
  for (const [name, edits] of Object.entries(work.edit ?? {})) {
    let content = next.get(name) ?? "";
    for (const [find, replace] of edits) {
      const parts = content.split(find);
      if (parts.length !== 2)
        throw new Error(`"${work.say}": ${name} holds ${parts.length - 1} times ${find}`);
      content = parts.join(replace);
    }
    next.set(name, content);
  }
  return next;
}

function difference(old: Tree, next: Tree): Map<string, string | null> {
  const changes = new Map<string, string | null>();
  for (const [name, content] of next) if (old.get(name) !== content) changes.set(name, content);
  for (const name of old.keys()) if (!next.has(name)) changes.set(name, null);
  return changes;
}

/** File by file: the story never lets both sides of a merge change the same file. */
function merge(
  tree: Tree,
  brought: ReadonlyMap<string, string | null>,
  base: number,
  main: number,
  commits: readonly ShopCommit[],
): Tree {
  const merged = new Map(tree);
  for (let index = main; index > base; index = commits[index]?.parents[0] ?? -1) {
    for (const name of commits[index]?.changes.keys() ?? []) {
      if (brought.has(name)) throw new Error(`${name} was changed on both sides of a merge`);
    }
  }
  for (const [name, content] of brought) {
    if (content === null) merged.delete(name);
    else merged.set(name, content);
  }
  return merged;
}
