import type { ExitCode } from "./exit.ts";

export interface ErrorDetails {
  /** A stable word for programs, for example `unknown-revision`. */
  readonly code: string;
  readonly exit: ExitCode;
  /** The command, or commands, that get the person further. */
  readonly hint?: string;
  /** Risk or rule ids, with exit 3. */
  readonly ids?: readonly string[];
  readonly cause?: unknown;
  /** Members of the command's own document that are known all the same; for exits that print one. */
  readonly document?: Readonly<Record<string, unknown>>;
}

/**
 * "Cannot go on." Everything thrown on purpose is one of these; anything else that is thrown is a
 * bug and ends with exit 70. A check that fails is a value, not an error.
 */
export class MaydayError extends Error {
  readonly code: string;
  readonly exit: ExitCode;
  readonly hint: string;
  readonly ids: readonly string[];
  readonly document: Readonly<Record<string, unknown>>;

  constructor(message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "MaydayError";
    this.code = details.code;
    this.exit = details.exit;
    this.hint = details.hint ?? "";
    this.ids = details.ids ?? [];
    this.document = details.document ?? {};
  }
}

/** The document printed on stdout with `--json` when a command has no document of its own. */
export interface ErrorDocument {
  readonly schema: "mayday/error@1";
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly exit: ExitCode;
  readonly ids?: readonly string[];
}

export function errorDocument(error: MaydayError): ErrorDocument {
  const document = {
    schema: "mayday/error@1",
    code: error.code,
    message: error.message,
    hint: error.hint,
    exit: error.exit,
  } as const;
  return error.exit === 3 ? { ...document, ids: error.ids } : document;
}
