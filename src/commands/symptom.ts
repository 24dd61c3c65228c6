import { open } from "node:fs/promises";
import path from "node:path";

import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import type { Context } from "./context.ts";
import { joined } from "../triage/symptom/clean.ts";
import { type Options, strings } from "./options.ts";

/** Of something longer, the head and the tail are kept, this much of each. */
const PART_BYTES = 1024 * 1024;
/** How long an unasked-for pipe may stay silent before it is taken for no symptom. */
const SILENCE_MS = 1_000;

/**
 * The symptom's text from every `--symptom`, `--symptom-file`, `-` or a pipe, joined; each has its share of
 * what is read, so that a long log does not push out a sentence. Null: none given.
 */
export async function readSymptom(context: Context, dash: boolean, options: Options): Promise<string | null> {
  const given = several(options["symptom"]);
  const files = several(options["symptomFile"]);
  const parts = given.filter((text) => text !== "-");
  for (const file of files)
    if (file !== "-") parts.push(await readSymptomFile(path.resolve(context.cwd, file), file));
  if (dash || given.includes("-") || files.includes("-")) parts.push(await readStdin(context, null));
  else if (parts.length === 0 && context.world.stdin.isTTY !== true)
    parts.push(await readStdin(context, SILENCE_MS));
  const said = parts.filter((part) => part.trim() !== "");
  const text = (said.length > 1 ? joined(said) : (said[0] ?? "")).trim();
  return text === "" ? null : text;
}

function several(value: unknown): string[] {
  return typeof value === "string" ? [value] : strings(value);
}

async function readSymptomFile(file: string, shown: string): Promise<string> {
  try {
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      if (size <= 2 * PART_BYTES) {
        const whole = await handle.readFile();
        return decoded(whole, Buffer.alloc(0), whole.length);
      }
      const part = async (position: number): Promise<Buffer> =>
        (await handle.read(Buffer.alloc(PART_BYTES), 0, PART_BYTES, position)).buffer;
      return decoded(await part(0), await part(size - PART_BYTES), size);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    throw new MaydayError(`the symptom file ${visible(shown)} cannot be read (${why})`, {
      code: "symptom-file",
      exit: 2,
      hint: "give the text itself: --symptom 'TypeError: …', or pipe it in: … | mayday triage -",
    });
  }
}

/**
 * The head and the tail of `size` bytes as text, with a line end where something is missing between
 * them. UTF-8, or UTF-16 where a mark says so (what PowerShell writes with `>`).
 */
function decoded(head: Buffer, tail: Buffer, size: number): string {
  const wide = head[0] === 0xff && head[1] === 0xfe;
  const text = (bytes: Buffer): string => bytes.toString(wide ? "utf16le" : "utf8");
  const whole = head.length + tail.length >= size;
  // A cut in the middle of a UTF-16 unit would turn all that follows into other letters.
  const start = wide && (size - tail.length) % 2 === 1 ? 1 : 0;
  const all = whole ? text(Buffer.concat([head, tail])) : `${text(head)}\n${text(tail.subarray(start))}`;
  return all.replace(/^\ufeff/, "");
}

/** Reads standard input to its end; with `silenceMs`, gives up when not one byte has come by then. */
async function readStdin(context: Context, silenceMs: number | null): Promise<string> {
  const { stdin, signal } = context.world;
  const head: Buffer[] = [];
  let size = 0;
  let tail: Buffer = Buffer.alloc(0);
  await new Promise<void>((resolve, reject) => {
    const timer = silenceMs === null ? null : setTimeout(done, silenceMs);
    function done(): void {
      if (timer) clearTimeout(timer);
      stdin.removeListener("data", take);
      stdin.pause();
      if ("unref" in stdin && typeof stdin.unref === "function") stdin.unref();
      resolve();
    }
    function take(chunk: Buffer | string): void {
      if (timer) clearTimeout(timer);
      const bytes = Buffer.from(chunk);
      if (size < PART_BYTES) head.push(bytes);
      else tail = Buffer.concat([tail, bytes]).subarray(-PART_BYTES);
      size += bytes.length;
    }
    stdin.on("data", take);
    stdin.once("end", done);
    stdin.once("error", done);
    signal.addEventListener(
      "abort",
      () => reject(new MaydayError("interrupted", { code: "interrupted", exit: 130 })),
      { once: true },
    );
  });
  return decoded(Buffer.concat(head), tail, size);
}
