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

/** Endings that an import leaves off. */
const LEFT_OFF = ["ts", "tsx", "js", "jsx", "mts", "mjs", "vue", "svelte", "py", "rb", "php", "scss"];
/** Of a class named with its namespace: `Shop\Cart\Price`. */
const NAMESPACED = ["php", "cs"];

/** Finds files by the longest suffix they share: container, build and absolute paths lose only their front. */
export class PathIndex {
  /** By base name in lower case. */
  readonly #byName = new Map<string, string[]>();
  readonly #all: ReadonlySet<string>;

  constructor(paths: readonly string[]) {
    this.#all = new Set(paths);
    for (const path of this.#all) {
      const name = baseName(path).toLowerCase();
      const same = this.#byName.get(name);
      if (same) same.push(path);
      else this.#byName.set(name, [path]);
    }
  }

  has(path: string): boolean {
    return this.#all.has(path);
  }

  /** The best match, first in the letters as they are, then in either case; several that agree as well are no answer. */
  find(name: string): Match | undefined {
    const clean = normalise(name);
    if (this.#all.has(clean)) return { path: clean, parts: clean.split("/").length };
    const wanted = clean.split("/");
    const base = (wanted.at(-1) ?? "").toLowerCase();
    const candidates = this.#byName.get(base) ?? [];
    return best(wanted, candidates, (part) => part) ?? best(wanted, candidates, (part) => part.toLowerCase());
  }

  /** The file that a built one (`dist/price.js`) was most likely made from: lines do not agree then. */
  findSource(name: string): Match | undefined {
    const built = /^(.*)\.([cm]?js|jsx|pyc)$/i.exec(normalise(name));
    const [, stem = "", suffix = ""] = built ?? [];
    const suffixes =
      suffix.toLowerCase() === "pyc" ? ["py"] : ["ts", "tsx", "mts", "cts", "jsx", "vue", "svelte"];
    return built === null ? undefined : this.#withEnding(stem, suffixes);
  }

  /** Every file that a word of the symptom may mean: the path itself, or its base name where that is rare. */
  named(word: string): string[] {
    const found = this.find(word) ?? this.findSource(word) ?? this.#imported(word);
    if (found) return [found.path];
    const same = this.#byName.get(baseName(normalise(word)).toLowerCase()) ?? [];
    return same.length <= 4 ? same : [];
  }

  /** `src/cart/price`, as imports name a file: at least one folder has to agree. */
  #imported(word: string): Match | undefined {
    const stem = normalise(word);
    if (!stem.includes("/") || /\.\w{1,6}$/.test(stem)) return undefined;
    const endings = word.includes("\\") ? NAMESPACED : LEFT_OFF;
    const found = this.#withEnding(stem, endings) ?? this.#withEnding(`${stem}/index`, endings);
    return found && found.parts > 1 ? found : undefined;
  }

  #withEnding(stem: string, endings: readonly string[]): Match | undefined {
    let longest: Match | undefined;
    for (const ending of endings) {
      const found = this.find(`${stem}.${ending}`);
      if (found && found.parts > (longest?.parts ?? 0)) longest = found;
    }
    return longest;
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Without the address of a bundler or a host, the layer of a bundle, a query; with slashes. */
function normalise(name: string): string {
  return decoded(name)
    .replaceAll("\\", "/")
    .replace(
      /^(?:webpack(?:-internal)?|file|https?|app|app-pages-browser|capacitor|vite|turbopack|package|ng):\/\/[^/]*/,
      "",
    )
    .replace(/[?#].*$/, "")
    .replace(/^\/?\([\w-]+\)\/\.\//, "")
    .replace(/^[A-Za-z]:\//, "")
    .replace(/^(?:\.{0,2}\/)+/, "");
}

/** Addresses write spaces and brackets as `%20` and `%5B`. */
function decoded(name: string): string {
  if (!/%[0-9A-Fa-f]{2}/.test(name)) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function best(
  wanted: readonly string[],
  candidates: readonly string[],
  letters: (part: string) => string,
): Match | undefined {
  let found: Match | undefined;
  let tie = false;
  for (const path of candidates) {
    const parts = sharedSuffix(wanted.map(letters), path.split("/").map(letters));
    if (parts === 0 || (found !== undefined && parts < found.parts)) continue;
    tie = parts === found?.parts;
    found = { path, parts };
  }
  return tie ? undefined : found;
}

function sharedSuffix(a: readonly string[], b: readonly string[]): number {
  let n = 0;
  while (n < a.length && n < b.length && a[a.length - 1 - n] === b[b.length - 1 - n]) n += 1;
  return n;
}

/** Frames of other people's code: an installed package, the language itself. */
const FOREIGN =
  /(?:^|[\\/])node_modules[\\/]|(?:site|dist)-packages|[\\/]gems[\\/]|^node:|<anonymous>|[\\/]usr[\\/](?:local[\\/])?(?:lib|include|share|go[\\/]src)[\\/]|[\\/]rustc[\\/][0-9a-f]{6,40}[\\/]|[\\/]registry[\\/]src[\\/]|[\\/]pkg[\\/]mod[\\/]|[\\/]lib[\\/](?:python\d|ruby[\\/]\d)|^webpack[\\/](?:bootstrap|runtime)/;

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
