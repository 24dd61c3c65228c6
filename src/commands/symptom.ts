import { readFile } from "node:fs/promises";
import path from "node:path";

import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import type { Context } from "./context.ts";
import { type Options, textOption } from "./gather.ts";

/** More than this is not read: the head of a log says enough. */
const MAX_BYTES = 4 * 1024 * 1024;
/** How long an unasked-for pipe may stay silent before it is taken for no symptom. */
const SILENCE_MS = 1_000;

/** The symptom's text from `--symptom`, `--symptom-file`, `-` or a pipe; several are joined. Null: none given. */
export async function readSymptom(context: Context, dash: boolean, options: Options): Promise<string | null> {
  const parts: string[] = [];
  const given = textOption(options, "symptom");
  if (given !== undefined && given !== "-") parts.push(given);
  const file = textOption(options, "symptomFile");
  const fromStdin = dash || given === "-" || file === "-";
  if (file !== undefined && file !== "-")
    parts.push(await readSymptomFile(path.resolve(context.cwd, file), file));
  if (fromStdin) parts.push(await readStdin(context, null));
  else if (parts.length === 0 && context.world.stdin.isTTY !== true)
    parts.push(await readStdin(context, SILENCE_MS));
  const text = parts.join("\n").trim();
  return text === "" ? null : text;
}

async function readSymptomFile(file: string, shown: string): Promise<string> {
  try {
    return (await readFile(file)).subarray(0, MAX_BYTES).toString("utf8");
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    throw new MaydayError(`the symptom file ${visible(shown)} cannot be read (${why})`, {
      code: "symptom-file",
      exit: 2,
      hint: "give the text itself: --symptom 'TypeError: …', or pipe it in: … | mayday triage -",
    });
  }
}

/** Reads standard input to its end; with `silenceMs`, gives up when not one byte has come by then. */
async function readStdin(context: Context, silenceMs: number | null): Promise<string> {
  const { stdin, signal } = context.world;
  const chunks: Buffer[] = [];
  let size = 0;
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
      size += bytes.length;
      if (size <= MAX_BYTES) chunks.push(bytes);
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
  return Buffer.concat(chunks).toString("utf8");
}
