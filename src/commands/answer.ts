import { errorDocument, MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { EXIT, hasOwnDocument } from "../model/exit.ts";
import type { Context, Outcome } from "./context.ts";

/** Prints an outcome: the document for programs, the text for people. Returns the exit code. */
export async function print(outcome: Outcome, context: Context): Promise<number> {
  const { terminal } = context;
  if (terminal.json) {
    if (hasOwnDocument(outcome.exit) || outcome.error === undefined) {
      terminal.document({ exit: outcome.exit, error: outcome.error ?? null, ...outcome.document });
    } else {
      terminal.document(
        errorDocument(new MaydayError(outcome.error.message, { ...outcome.error, exit: outcome.exit })),
      );
    }
    return outcome.exit;
  }
  // Colours are loaded for a text that wants them: a hook that has nothing to say loads none.
  const { text } = outcome;
  const shown = typeof text === "string" ? text : text(await terminal.paint(), terminal.width);
  const paged = outcome.paged === true && (await (await import("./pager.ts")).page(context, shown));
  if (!paged) terminal.answer(shown);
  if (outcome.error) await sayError(outcome.error.message, outcome.error.hint, context);
  return outcome.exit;
}

/** An answer that was thrown (exits 1, 5, 7, 8, 10) is still the command's own document. */
export async function printError(
  error: MaydayError,
  original: unknown,
  schema: string,
  context: Context,
): Promise<number> {
  const { code, message, hint, exit, document } = error;
  if (context.terminal.json)
    context.terminal.document(
      hasOwnDocument(exit)
        ? { schema, exit, error: { code, message, hint }, ...document }
        : errorDocument(error),
    );
  else await sayError(error.message, error.hint, context);
  if (context.globals.verbose && original instanceof Error) context.terminal.error(original.stack ?? "");
  return error.exit;
}

async function sayError(message: string, hint: string, context: Context): Promise<void> {
  const paint = await context.terminal.paintTalk();
  // Further lines stand under the first, behind the word.
  context.terminal.error(`${paint.red("error")} ${message.replaceAll("\n", "\n      ")}`);
  for (const [index, line] of (hint === "" ? [] : hint.split("\n")).entries()) {
    context.terminal.error(`${index === 0 ? paint.cyan(" next") : "     "} ${line}`);
  }
}

/** System errors that say: this disk, this file system, this directory does not let us. */
const NOT_WRITABLE: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EFBIG"]);

/** Whatever was thrown, as an error with an exit code; what nobody meant is a bug. */
export function asMaydayError(error: unknown, signal: AbortSignal): MaydayError {
  if (error instanceof MaydayError) return error;
  if (signal.aborted) return new MaydayError("interrupted", { code: "interrupted", exit: EXIT.interrupted });
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && "code" in error && NOT_WRITABLE.has(String(error.code))) {
    return new MaydayError(`mayday cannot write: ${visible(text)}`, {
      code: "not-writable",
      exit: EXIT.usage,
      hint: "make room, or make that place writable: df -h .",
      cause: error,
    });
  }
  return new MaydayError(`a bug in mayday: ${visible(text)}`, {
    code: "bug",
    exit: EXIT.bug,
    hint: "repeat with --verbose and report what it prints",
    cause: error,
  });
}
