/** In every file of ours: how we know it again. */
export const MARK = "mayday-pre-push-hook";
export const BLOCK_BEGIN =
  "# >>> mayday >>> written by `mayday hook install`, taken out by `mayday hook uninstall`";
const BLOCK_END = "# <<< mayday <<<";

/** Where another hook is kept that was here before, beside ours. */
export const BEFORE = "pre-push.before-mayday";

/** The hook script of one clone, for a caller that is shared by several; in a shell's words. */
export const CLONE_HOOK = "$(git rev-parse --git-common-dir)/mayday/pre-push";

export interface ScriptOptions {
  /** Absolute path of node, as it was at the installation. */
  readonly node: string;
  /** Absolute path of bin/mayday.js. */
  readonly program: string;
  /** What a missing node or mayday does to the push. */
  readonly missing: "block" | "warn";
}

/** A word for a POSIX shell, whatever is in it. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * The hook itself: POSIX sh and its built-ins only, because a graphical client may start it with
 * next to no PATH. It ends before node starts when nothing is pushed. Another hook that was here
 * before runs first, with the same arguments and the same standard input.
 */
export function hookScript({ node, program, missing }: ScriptOptions): string {
  return `#!/bin/sh
# ${MARK} 1: written by \`mayday hook install\`, taken out by \`mayday hook uninstall\`
node=${shellWord(node)}
program=${shellWord(program)}
before="\${0%/*}/${BEFORE}"

lost() {
  printf '%s\\n' "mayday: $1" "mayday: ${missing === "block" ? "the push is stopped, because nothing could check it" : "the push goes on UNCHECKED (hook.missing: warn)"}" \\
    "  next install it and run: mayday hook install" "       without checks, this once: git push --no-verify" >&2
  exit ${missing === "block" ? "1" : "0"}
}

# Node 20 reads this file at every start; the checks get the variable back.
if [ -n "\${NODE_EXTRA_CA_CERTS-}" ]; then
  MAYDAY_CA_CERTS=$NODE_EXTRA_CA_CERTS
  export MAYDAY_CA_CERTS
  unset NODE_EXTRA_CA_CERTS
fi

check() {
  if [ -f "$program" ]; then
    [ -x "$node" ] || node=$(command -v node) || lost "node is neither at its recorded place nor on PATH"
    exec "$node" "$program" check --hook pre-push -- "$@"
  fi
  command -v mayday >/dev/null || lost "mayday is neither at its recorded place nor on PATH"
  exec mayday check --hook pre-push -- "$@"
}

[ -z "\${MAYDAY_PROBE-}" ] || check "$@" </dev/null

if [ -x "$before" ]; then
  lines=
  while IFS= read -r line || [ -n "$line" ]; do
    lines="$lines$line
"
  done
  printf '%s' "$lines" 2>/dev/null | "$before" "$@" || exit
  [ -n "$lines" ] || exit 0
  unset MAYDAY_FIRST_LINE
  printf '%s' "$lines" | (check "$@")
  exit
fi

IFS= read -r MAYDAY_FIRST_LINE || [ -n "$MAYDAY_FIRST_LINE" ] || exit 0
export MAYDAY_FIRST_LINE
check "$@"
`;
}

/**
 * For a pre-push script that is shared (husky, a committed hooks directory, a global one): no path of
 * this machine stands in it, it calls the hook script that each clone keeps below its git directory.
 * What follows in the same file gets git's lines again on its standard input.
 */
export function sharedBlock(elsewhere: "block" | "warn" | "silent"): string {
  const lost = 'echo "mayday: not set up in this clone; install it and run: mayday hook install" >&2';
  const otherwise =
    elsewhere === "silent"
      ? ""
      : `elif command -v mayday >/dev/null; then
  [ -z "$mayday_lines" ] || printf '%s\\n' "$mayday_lines" | mayday check --hook pre-push -- "$@" || exit 1
else
  ${lost}${elsewhere === "block" ? "\n  exit 1" : ""}
`;
  return `${BLOCK_BEGIN}
mayday_hook="${CLONE_HOOK}"
mayday_lines="$(cat)"
if [ -x "$mayday_hook" ]; then
  [ -z "$mayday_lines" ] || printf '%s\\n' "$mayday_lines" | "$mayday_hook" "$@" || exit 1
${otherwise}fi
[ -z "$mayday_lines" ] || exec <<MAYDAY_LINES
$mayday_lines
MAYDAY_LINES
${BLOCK_END}
`;
}

/** For a manager that starts a script of the work tree and gives it git's lines. */
export const COMPANION = `#!/bin/sh
# ${MARK} 1: calls what \`mayday hook install\` has put below the git directory of each clone
exec "${CLONE_HOOK}" "$@"
`;

/** Puts the block before everything the script does, and changes nothing else in it. */
export function withBlock(script: string, block: string): string {
  let at = 0;
  for (const line of script.split(/(?<=\n)/)) {
    if (!line.startsWith("#") && !line.includes("husky.sh")) break;
    at += line.length;
  }
  const head = script.slice(0, at);
  // A last line without its newline: the block brings one and gives up its own, see withoutBlock.
  if (head !== "" && !head.endsWith("\n")) return `${head}\n${block.slice(0, -1)}`;
  return head + block + script.slice(at);
}

/** The script's own bytes again; undefined when there is no whole block in it. */
export function withoutBlock(script: string): string | undefined {
  const begin = script.indexOf(`${BLOCK_BEGIN}\n`);
  const end = begin === -1 ? -1 : script.indexOf(BLOCK_END, begin);
  if (end === -1) return undefined;
  const after = end + BLOCK_END.length;
  return after === script.length
    ? script.slice(0, begin).replace(/\n$/, "")
    : script.slice(0, begin) + script.slice(after + 1);
}

/** A shell that understands the block. No first line: husky runs the file by `sh -e`. */
export function isShell(script: string): boolean {
  const first = script.split("\n", 1)[0] ?? "";
  return !first.startsWith("#!") || /^#!\s*\S*\/(?:env\s+)?(?:sh|bash|dash|zsh|ksh)\b/.test(first);
}
