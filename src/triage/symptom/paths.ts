import type { Frame } from "../../model/triage.ts";
import { SOURCE_ENDING } from "./frame-forms.ts";

const MOST = 200;
/** Longer runs of path characters are not paths; looking through them would cost time for nothing. */
const LONGEST = 300;
const WORD = /(?:[A-Za-z]:(?=[\\/]))?[\w@.+/\\[\]()-]+/g;
const BUILD_FILE =
  /^(?:Makefile|Dockerfile(?:\.[\w-]+)?|Gemfile(?:\.lock)?|Rakefile|Jenkinsfile|Procfile|CMakeLists\.txt|package-lock\.json|yarn\.lock|pnpm-lock\.yaml|go\.(?:mod|sum)|Cargo\.(?:toml|lock)|requirements[\w-]*\.txt|\.env(?:\.[\w-]+)?|\.\w[\w.-]{2,40}rc)$/;
const MEDIA = /^(?:application|text|image|audio|video|multipart|font)\/[\w.+-]+$/;
/** Absolute, and of the machine. */
const SYSTEM = /^\/(?:usr|bin|sbin|lib|lib64|proc|dev|sys|etc)\//;
const PROSE =
  /^(?:(?:and|either)\/or|n\/a|s?he\/(?:she|her)|on\/off|yes\/no|true\/false|read\/write|input\/output|client\/server)$/i;
const ADDRESS = /\bnode:[\w/]{1,80}|\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/"'`)\]}>,]{1,255}/gi;

/** `Can't resolve './price' in '/app/src/cart'`: both together are a path. */
const RESOLVED = /["'`](\.{1,2}\/[^"'`\n]{1,200})["'`] (?:in|from) ["'`]?([^"'`\s]{1,300})/g;

/** Paths and names of files that a text names, outside frames, without what leads to them. */
export function pathsIn(text: string, frames: readonly Frame[]): string[] {
  const framed = new Set(frames.map(({ file }) => bare(file)));
  const found = new Set<string>();
  for (const [, relative = "", base = ""] of text.matchAll(RESOLVED)) {
    const folder = SOURCE_ENDING.test(base) ? base.replace(/[^/\\]*$/, "") : base;
    const joined = join(folder, relative);
    if (joined !== "") found.add(joined);
  }
  for (const word of text.replace(ADDRESS, " ").match(WORD) ?? []) {
    if (found.size >= MOST) break;
    if (word.length > LONGEST || !(/[./\\]/.test(word) || BUILD_FILE.test(word))) continue;
    if (SYSTEM.test(word.replace(/^[([]/, ""))) continue;
    const path = bare(balanced(word).replace(/[./\\]+$/, ""));
    if (framed.has(path) || MEDIA.test(path) || PROSE.test(path) || path.length < 3) continue;
    if (isPath(path)) found.add(path);
  }
  return [...found];
}

function isPath(path: string): boolean {
  if (BUILD_FILE.test(path)) return true;
  const parts = path.split(/[\\/]/);
  if (parts.length === 1)
    return /^[\w@+[\]-][\w@.+[\]-]{0,100}$/.test(path) && SOURCE_ENDING.test(path) && !isCall(path);
  // Either/or, 24/11, TCP/IP, n/a
  return (
    // Versions, Elixir's format/1, RSpec's Failure/Error, dates
    !/^(?:v?\d[\d.]*|Error)$/.test(parts.at(-1) ?? "") &&
    parts.every((part) => part !== "") &&
    parts.some((part) => /[A-Za-z]{3}/.test(part)) &&
    !/^[A-Z]{1,5}\/[A-Z]{1,5}$/.test(path)
  );
}

/** `array.map`, `this.props.d`: what ends like a file of one letter may be code. */
function isCall(path: string): boolean {
  return /^(?:this|self|e|err|Node|console|window|document|process)\./.test(path);
}

/** Brackets at the ends are of the sentence, unless they belong together. */
function balanced(word: string): string {
  let cut = word;
  if (!(cut.includes("(") && cut.includes(")"))) cut = cut.replace(/[()]/g, " ").trim();
  if (!(cut.includes("[") && cut.includes("]"))) cut = cut.replace(/[[\]]/g, " ").trim();
  return (cut.split(" ")[0] ?? "").replace(/^\((.*)\)$|^\[(.*)\]$/, "$1$2");
}

function bare(path: string): string {
  return path.replace(/^[A-Za-z]:(?=[\\/])/, "").replace(/^(?:\.{0,2}[\\/])+/, "");
}

function join(folder: string, relative: string): string {
  const parts = folder.split(/[\\/]/).filter((part) => part !== "");
  for (const part of relative.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}
