import type { Frame } from "../model/triage.ts";

/** A frame and the file of the repository that it most likely means. */
export interface LocatedFrame {
  readonly frame: Frame;
  /** 0 is the innermost. */
  readonly index: number;
  readonly path: string;
  /** The line in that file; null where the frame names none, or means what was built from the file. */
  readonly line: number | null;
}

interface Match {
  readonly path: string;
  /** How many path parts agree. */
  readonly parts: number;
}

/** Finds files by the longest suffix they share: container, build and absolute paths lose only their front. */
export class PathIndex {
  readonly #byName = new Map<string, string[]>();
  readonly #all: ReadonlySet<string>;

  constructor(paths: readonly string[]) {
    this.#all = new Set(paths);
    for (const path of this.#all) {
      const name = baseName(path);
      const same = this.#byName.get(name);
      if (same) same.push(path);
      else this.#byName.set(name, [path]);
    }
  }

  /** The best match; several that agree as well are no answer. */
  find(name: string): Match | undefined {
    const clean = normalise(name);
    if (this.#all.has(clean)) return { path: clean, parts: clean.split("/").length };
    const wanted = clean.toLowerCase().split("/");
    return best(wanted, this.#byName.get(wanted.at(-1) ?? "") ?? []);
  }

  /** The file that a built one (`dist/price.js`) was most likely made from: lines do not agree then. */
  findSource(name: string): Match | undefined {
    const clean = normalise(name).toLowerCase();
    const built = /^(.*)\.([cm]?js|jsx|pyc)$/.exec(clean);
    const [, stem = "", suffix = ""] = built ?? [];
    const suffixes = suffix === "pyc" ? ["py"] : ["ts", "tsx", "mts", "cts", "jsx", "vue", "svelte"];
    for (const one of built === null ? [] : suffixes) {
      const wanted = `${stem}.${one}`.split("/");
      const found = best(wanted, this.#byName.get(wanted.at(-1) ?? "") ?? []);
      if (found) return found;
    }
    return undefined;
  }

  /** Every file that a word of the symptom may mean: the path itself, or its base name where that is rare. */
  named(word: string): string[] {
    const found = this.find(word) ?? this.findSource(word);
    if (found) return [found.path];
    const same = this.#byName.get(baseName(word)) ?? [];
    return same.length <= 4 ? same : [];
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).toLowerCase();
}

function normalise(name: string): string {
  return name
    .replaceAll("\\", "/")
    .replace(/^(?:webpack(?:-internal)?|file|https?|app|vite|turbopack):\/\/[^/]*/, "")
    .replace(/[?#].*$/, "")
    .replace(/^(?:\.{0,2}\/)+/, "");
}

function best(wanted: readonly string[], candidates: readonly string[]): Match | undefined {
  let found: Match | undefined;
  let tie = false;
  for (const path of candidates) {
    const parts = sharedSuffix(wanted, path.toLowerCase().split("/"));
    if (found === undefined || parts > found.parts) {
      found = { path, parts };
      tie = false;
    } else if (parts === found.parts) tie = true;
  }
  return tie ? undefined : found;
}

function sharedSuffix(a: readonly string[], b: readonly string[]): number {
  let n = 0;
  while (n < a.length && n < b.length && a[a.length - 1 - n] === b[b.length - 1 - n]) n += 1;
  return n;
}

/** Frames of other people's code: an installed package, the language itself. */
const FOREIGN = /node_modules|site-packages|\/gems\/|^node:|<anonymous>/;

/** The frames that lie in the repository, innermost first. */
export function locateFrames(frames: readonly Frame[], index: PathIndex): LocatedFrame[] {
  const located: LocatedFrame[] = [];
  for (const frame of frames) {
    if (FOREIGN.test(frame.file)) continue;
    const exact = index.find(withPackage(frame));
    const found = exact ?? index.findSource(frame.file);
    if (!found) continue;
    const line = exact === undefined ? null : (frame.line ?? null);
    located.push({ frame, index: located.length, path: found.path, line });
  }
  return located;
}

/** A Java frame has only the file's name; the package in its function is the folder. */
function withPackage({ file, function: name }: Frame): string {
  if (name === undefined || file.includes("/") || !/\.(?:java|kt|scala|groovy)$/.test(file)) return file;
  const words = name.slice(name.lastIndexOf("/") + 1).split(".");
  return [...words.slice(0, -2), file].join("/");
}
