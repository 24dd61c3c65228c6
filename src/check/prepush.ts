import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import { isOid, isZeroOid, type Oid } from "../model/oid.ts";

/** One line that git writes to a pre-push hook, as it stands (githooks(5), pre-push). */
export interface PushLine {
  /** `(delete)`, a full ref, or whatever the person typed, spaces and all: `main@{1 day ago}`. */
  readonly localRef: string;
  readonly localSha: Oid | null;
  readonly remoteRef: string;
  readonly remoteSha: Oid | null;
}

/** No character that a ref cannot hold (git-check-ref-format(1)): it may become part of a refspec. */
const FULL_REF = /^refs\/[^\s\p{Cc}~^:?*[\\]+$/u;

/**
 * Reads git's lines `<local ref> SP <local id> SP <remote ref> SP <remote id> LF`. Split from the
 * right, because only the local ref can hold spaces. One result a line, in order.
 * Throws exit 2 for a line that cannot be read: a push that is not understood is not let through.
 */
export function parsePrePush(text: string): PushLine[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line, index) => parseLine(line, index + 1));
}

function parseLine(line: string, number: number): PushLine {
  const parts = line.split(" ");
  const [remoteId = "", remoteRef = "", localId = ""] = [parts.pop(), parts.pop(), parts.pop()];
  const localRef = parts.join(" ");
  const readable =
    localRef !== "" &&
    FULL_REF.test(remoteRef) &&
    isOid(localId) &&
    isOid(remoteId) &&
    localId.length === remoteId.length;
  if (!readable) throw unreadable(line, number);
  return { localRef, localSha: objectOrNull(localId), remoteRef, remoteSha: objectOrNull(remoteId) };
}

function objectOrNull(id: string): Oid | null {
  return isZeroOid(id) ? null : id;
}

function unreadable(line: string, number: number): MaydayError {
  const shown = line.length > 300 ? `${line.slice(0, 300)}…` : line;
  return new MaydayError(
    `line ${number} of what git said is being pushed cannot be read: "${visible(shown)}"`,
    {
      code: "unreadable-push-line",
      exit: 2,
      hint: "see what would be pushed: git push --dry-run --verbose\ncheck the commits by hand: mayday check",
    },
  );
}
