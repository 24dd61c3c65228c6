/* oxlint-disable no-control-regex, no-misleading-character-class -- finding them is the point */
/**
 * Foreign text (commits, branches, remotes, files) made harmless to look at: control characters,
 * bidi overrides, zero-width and tag characters become `\u{…}`; lone surrogates too.
 * Code points: Unicode general categories Cc and Cf as far as they can hide or move text
 * ("Trojan Source", CVE-2021-42574).
 */
const HOSTILE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]|\p{Surrogate}/gu;

function codePoint(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** One line: newlines and tabs are made visible too. */
export function visible(text: string): string {
  return text.replace(HOSTILE, codePoint);
}

/** Several lines: newlines stay, tabs become two spaces, the rest is made visible. */
export function visibleLines(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => visible(line.replaceAll("\t", "  ")))
    .join("\n");
}
