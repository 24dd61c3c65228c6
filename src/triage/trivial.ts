import type { RawLine } from "../git/raw-commit.ts";

/** What a hunk amounts to, where it hardly can do any harm. */
export type Trivial = "blank" | "comment" | "import";

/** Languages in which the space in front of a line has a meaning. */
const INDENTED =
  /\.(?:py|pyi|pyx|ya?ml|haml|slim|pug|coffee|sass|styl|nim|fs|fsx|mk|rst)$|(?:^|\/)makefile$/i;

const HASH =
  /\.(?:py|pyi|rb|rake|sh|bash|zsh|fish|ya?ml|toml|pl|pm|r|tf|tfvars|hcl|mk|cmake|conf|cfg|ini|properties|ex|exs|nix|jl|graphql|dockerfile)$|(?:^|\/)(?:makefile|dockerfile[^/]*|gemfile|rakefile|\.env[^/]*|\.[^/]*ignore|codeowners)$/i;
const DASHES = /\.(?:sql|lua|hs|elm|adb|ads|vhdl?)$/i;
const SEMICOLON = /\.(?:ini|cfg|lisp|cl|el|clj[cs]?|scm|asm|s)$/i;
/** Nothing of these is a comment: all of it is text. */
const PROSE = /\.(?:md|mdx|markdown|rst|adoc|txt|json5?|csv|tsv)$/i;

const SLASHES = /^(?:\/\/|\/\*|\*(?:\s|\/|$)|<!--|-->|\{\/\*)/;
const IMPORT =
  /^(?:import\b|from\s+\S+\s+import\b|export\s+(?:\*|\{[^}]*\}|type\s+\{[^}]*\})\s+from\b|(?:const|let|var)\s+[^=]{1,200}=\s*(?:await\s+import|require)\(|\}\s*(?:from\s*["']|=\s*require\()|#\s*(?:include|import)\b|@import\b|use\s+[\w\\:{}, *]+;|using\s+[\w.=\s]+;|require(?:_relative|_once)?\b|include(?:_once)?\b|package\s+[\w.]+;?$|load\()/;
/** A line inside an import that spans several. */
const IMPORTED = /^(?:type\s+)?[\w$*]+(?:\s+as\s+[\w$]+)?,?$|^[{}()]+;?$|^["'][\w@./-]+["'],?$/;

/** Tells white space, comments and imports from the rest; null: something that runs. */
export function trivial(path: string, lines: readonly RawLine[]): Trivial | null {
  const changed = lines.filter(({ mark }) => mark !== " ");
  if (changed.length === 0 || isRespaced(path, changed)) return "blank";
  if (PROSE.test(path)) return null;
  const texts = changed.map(({ text }) => text.trim()).filter((text) => text !== "");
  if (texts.every((text) => isComment(path, text))) return "comment";
  const rest = texts.filter((text) => !isComment(path, text) && !IMPORT.test(text));
  if (rest.length === 0) return "import";
  const inImport = lines.some(({ text }) => IMPORT.test(text.trim()));
  return inImport && rest.every((text) => IMPORTED.test(text)) ? "import" : null;
}

/** The same characters before and after, but for white space that means nothing. */
function isRespaced(path: string, changed: readonly RawLine[]): boolean {
  const squeezed = (mark: "-" | "+"): string => {
    const own = changed.filter((line) => line.mark === mark).map(({ text }) => text);
    if (!INDENTED.test(path)) return own.join("").replace(/\s/g, "");
    return own
      .filter((text) => text.trim() !== "")
      .map((text) => `${/^\s*/.exec(text)?.[0] ?? ""}${text.replace(/\s/g, "")}`)
      .join("\n");
  };
  return squeezed("-") === squeezed("+");
}

function isComment(path: string, text: string): boolean {
  if (SLASHES.test(text) && !HASH.test(path)) return true;
  if (text.startsWith("#") && !text.startsWith("#!")) return HASH.test(path);
  if (text.startsWith("--")) return DASHES.test(path);
  return text.startsWith(";") && SEMICOLON.test(path);
}
