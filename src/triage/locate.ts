import type { Frame } from "../model/triage.ts";

/** A frame and the file of the repository that it most likely means. */
export interface LocatedFrame {
  readonly frame: Frame;
  /** 0 is the innermost. */
  readonly index: number;
  readonly path: string;
}

/** Finds files by the longest suffix they share: container, build and absolute paths lose only their front. */
export class PathIndex {
  readonly #byName = new Map<string, string[]>();
  readonly #all: ReadonlySet<string>;

  constructor(paths: readonly string[]) {
    this.#all = new Set(paths);
    for (const path of paths) {
      const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
      const same = this.#byName.get(name);
      if (same) same.push(path);
      else this.#byName.set(name, [path]);
    }
  }

  /** The best match and how many path parts agree; several that agree as well are no answer. */
  find(name: string): { readonly path: string; readonly parts: number } | undefined {
    const clean = normalise(name);
    if (this.#all.has(clean)) return { path: clean, parts: clean.split("/").length };
    const wanted = clean.toLowerCase().split("/");
    const candidates = this.#byName.get(wanted.at(-1) ?? "") ?? [];
    let best: { path: string; parts: number } | undefined;
    let tie = false;
    for (const path of candidates) {
      const parts = sharedSuffix(wanted, path.toLowerCase().split("/"));
      if (best === undefined || parts > best.parts) {
        best = { path, parts };
        tie = false;
      } else if (parts === best.parts) tie = true;
    }
    return tie ? undefined : best;
  }

  /** Every file that a word of the symptom may mean: the path itself, or its base name where that is rare. */
  named(word: string): string[] {
    const found = this.find(word);
    if (found) return [found.path];
    const same = this.#byName.get(word.slice(word.lastIndexOf("/") + 1).toLowerCase()) ?? [];
    return same.length <= 4 ? same : [];
  }
}

function normalise(name: string): string {
  return name
    .replaceAll("\\", "/")
    .replace(/^(?:webpack(?:-internal)?|file|https?|app|vite|turbopack):\/\/[^/]*/, "")
    .replace(/[?#].*$/, "")
    .replace(/^(?:\.{0,2}\/)+/, "");
}

function sharedSuffix(a: readonly string[], b: readonly string[]): number {
  let n = 0;
  while (n < a.length && n < b.length && a[a.length - 1 - n] === b[b.length - 1 - n]) n += 1;
  return n;
}

export function locateFrames(frames: readonly Frame[], index: PathIndex): LocatedFrame[] {
  const located: LocatedFrame[] = [];
  for (const frame of frames) {
    if (/node_modules|site-packages|\/gems\/|^node:|<anonymous>/.test(frame.file)) continue;
    const found = index.find(frame.file);
    if (found) located.push({ frame, index: located.length, path: found.path });
  }
  return located;
}
