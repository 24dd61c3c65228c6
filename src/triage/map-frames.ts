import type { TraceMap } from "@jridgewell/trace-mapping";

import type { Git } from "../git/git.ts";
import type { Oid } from "../model/oid.ts";
import type { Frame } from "../model/triage.ts";
import type { PathIndex } from "./locate.ts";

/** Bytes of a map, and of a built file that may hold or name one, that are read. */
const LARGEST = 32 * 1024 * 1024;
/** Maps that are read for one symptom: each costs a parse of all of it. */
const MOST_MAPS = 8;
/** Characters at the end of a built file where the comment stands that names its map (ECMA-426). */
const END = 4_096;
const BUILT = /\.(?:[cm]?js|jsx|css)(?:[?#].*)?$/i;
const COMMENT = /[#@]\s?sourceMappingURL=([^\s'"]+)/g;
const INLINE = /^data:application\/json[^,]{0,100};base64,/;

/**
 * Frames of built files (`dist/app.js:1:20432`) where the tree at live holds the map, as places in the
 * source they were built from; all others as they are. A map that cannot be read is passed over.
 */
export async function mapFrames(
  git: Git,
  live: Oid,
  frames: readonly Frame[],
  index: PathIndex,
): Promise<Frame[]> {
  const maps = new Map<string, TraceMap | null>();
  const mapped: Frame[] = [];
  for (const frame of frames) {
    const built = BUILT.test(frame.file) && frame.line !== undefined ? builtFile(frame.file, index) : null;
    if (built !== null && !maps.has(built) && maps.size < MOST_MAPS)
      maps.set(built, await readMap(git, live, built, index));
    const map = built === null ? null : (maps.get(built) ?? null);
    mapped.push(map === null ? frame : await original(map, frame, index));
  }
  return mapped;
}

/** The built file that a frame means, whether it is in the tree itself or only its map is. */
function builtFile(file: string, index: PathIndex): string | null {
  const found = index.find(file);
  const map = index.find(`${file.replace(/[?#].*$/, "")}.map`);
  if (map !== undefined && map.parts >= (found?.parts ?? 0)) return map.path.replace(/\.map$/, "");
  return found?.path ?? null;
}

async function readMap(git: Git, live: Oid, built: string, index: PathIndex): Promise<TraceMap | null> {
  const beside = `${built}.map`;
  if (index.has(beside)) return parse(await read(git, live, beside), beside);
  if (!index.has(built)) return null;
  const text = await read(git, live, built);
  const address = text === null ? undefined : [...(lastLine(text) ?? "").matchAll(COMMENT)].at(-1)?.[1];
  if (text === null || address === undefined) return null;
  const inline = INLINE.exec(address);
  if (inline) return parse(Buffer.from(address.slice(inline[0].length), "base64").toString("utf8"), built);
  const named = index.find(join(built, address))?.path;
  return named === undefined ? null : parse(await read(git, live, named), named);
}

/** The end of a built file; an inline map makes its last line as long as the map. */
function lastLine(text: string): string | undefined {
  const at = text.lastIndexOf("sourceMappingURL=");
  return at === -1 || (text.length - at > END && !text.startsWith("data:", at + 17))
    ? undefined
    : text.slice(at - 2);
}

function join(built: string, address: string): string {
  return address.includes("/") ? address : `${built.slice(0, built.lastIndexOf("/") + 1)}${address}`;
}

async function read(git: Git, live: Oid, path: string): Promise<string | null> {
  const object = `${live}:${path}`;
  const size = await git.run(["cat-file", "-s", object], { allow: [1, 128] });
  if (size.code !== 0 || Number(size.stdout.toString("utf8")) > LARGEST) return null;
  const blob = await git.run(["cat-file", "blob", object], { allow: [1, 128] });
  return blob.code === 0 ? blob.stdout.toString("utf8") : null;
}

async function parse(json: string | null, path: string): Promise<TraceMap | null> {
  if (json === null) return null;
  const { AnyMap, TraceMap: Mapping } = await import("@jridgewell/trace-mapping");
  try {
    // Servers may put a line in front that keeps a map from being run as a script.
    const text = json.replace(/^\)\]\}'[^\n]*\n/, "");
    return text.includes('"sections"') ? AnyMap(text, path) : new Mapping(text, path);
  } catch {
    return null;
  }
}

async function original(map: TraceMap, frame: Frame, index: PathIndex): Promise<Frame> {
  const { originalPositionFor } = await import("@jridgewell/trace-mapping");
  try {
    const place = { line: Math.max(1, frame.line ?? 1), column: Math.max(0, (frame.column ?? 1) - 1) };
    const { source, line, column, name } = originalPositionFor(map, place);
    // A source that is not in the tree says less than the built file, whose own source may be found by name.
    if (source === null || !index.find(source)) return frame;
    const called = name ?? frame.function;
    return { file: source, line, column: column + 1, ...(called === undefined ? {} : { function: called }) };
  } catch {
    return frame;
  }
}
