import type { Frame } from "../model/triage.ts";

/** Characters of a line that are looked at; a minified stack is longer than a person reads. */
const LINE = 1_000;

/** Where a file name stands in front of a colon or a bracket; bounded, so that no line can cost time. */
const FILE = String.raw`((?:[A-Za-z]:[\\/])?[^\s:()'"\x60<>|,;=]{0,400}[\w)\]}+-]\.[A-Za-z][A-Za-z0-9]{0,8})`;
/** `https://shop.example.com:8080`, `webpack://shop`, `file://`: in front of a file. */
const ORIGIN = String.raw`(?:[a-z][a-z+-]{0,20}:\/\/[^\s\/:()]{0,200}(?::\d{1,5})?(?=\/))?`;
const QUERY = String.raw`(?:\?[^\s:()]{0,200})?`;
const PLACE = String.raw`${ORIGIN}${FILE}${QUERY}:(\d{1,9})(?::(\d{1,9}))?`;

interface Form {
  readonly pattern: RegExp;
  readonly groups: readonly (keyof Frame)[];
}

/** One pattern a language family. The first that matches a line wins. */
const FORMS: readonly Form[] = [
  // Java, Kotlin, Scala: at a.b.C.m(C.java:12), also with a module or class loader in front
  {
    pattern: new RegExp(String.raw`^\s*at ([\w$.<>/@-]{1,300})\(${FILE}:(\d{1,9})\)`),
    groups: ["function", "file", "line"],
  },
  // V8: at name (file:1:2), at async name (file:1:2)
  {
    pattern: new RegExp(String.raw`^\s*at (?:async )?([^()]{1,200}?)(?: \[as [^\]]{1,80}\])? \(${PLACE}\)`),
    groups: ["function", "file", "line", "column"],
  },
  // V8 without a name, Rust: at file:1:2
  {
    pattern: new RegExp(String.raw`^\s*at (?:async )?${PLACE}`),
    groups: ["file", "line", "column"],
  },
  // Firefox, Safari: name@file:1:2
  {
    pattern: new RegExp(String.raw`^\s*([\w$.<>/*]{0,200})@${PLACE}`),
    groups: ["function", "file", "line", "column"],
  },
  // Python
  {
    pattern: /^\s*File "([^"]{1,500})", line (\d{1,9})(?:, in (.{1,200}))?/,
    groups: ["file", "line", "function"],
  },
  // C#: at A.B.C() in /x/y.cs:line 12
  { pattern: /^\s*at (.{1,300}?) in (\S.{0,400}):line (\d{1,9})/, groups: ["function", "file", "line"] },
  // PHP: #0 /x/y.php(12): name(), and its "in /x/y.php on line 12"
  {
    pattern: /^\s*#\d{1,4} (\S[^()]{0,400})\((\d{1,9})\): ([^()]{1,200})\(/,
    groups: ["file", "line", "function"],
  },
  { pattern: new RegExp(String.raw` in ${FILE} on line (\d{1,9})`), groups: ["file", "line"] },
  // gdb: #0  0x12 in name (a=1) at file.c:12
  {
    pattern: new RegExp(
      String.raw`^\s*#\d{1,4}\s{1,8}(?:0x[0-9a-f]{1,16} in )?([\w:~<>$.*]{1,200}) \(.{0,400}\) at ${FILE}:(\d{1,9})`,
    ),
    groups: ["function", "file", "line"],
  },
  // Sanitizers: #0 0x12 in name /x/file.c:12:3
  {
    pattern: new RegExp(String.raw`^\s*#\d{1,4}\s{1,8}(?:0x[0-9a-f]{1,16} in )?(\S{1,200}) ${PLACE}`),
    groups: ["function", "file", "line", "column"],
  },
  // Ruby: x.rb:12:in `name'
  {
    pattern: new RegExp(String.raw`(?:^|[\s("'\x60])${FILE}:(\d{1,9}):in [\x60']([^']{1,200})'`),
    groups: ["file", "line", "function"],
  },
  // Everything that names a place (Go, Rust, compilers, linters): path/file.ext:12:3
  {
    pattern: new RegExp(String.raw`(?:^|[\s("'\x60\[=])${PLACE}(?=$|[\s:,;)'"\x60\]])`),
    groups: ["file", "line", "column"],
  },
];

/** The frames of a text in the order of calls, innermost first; each place once, at most `most`. */
export function parseFrames(text: string, most: number): Frame[] {
  const frames: Frame[] = [];
  const seen = new Set<string>();
  let before = "";
  for (const whole of text.split("\n")) {
    if (frames.length >= most) break;
    const line = whole.slice(0, LINE);
    const frame = parseFrame(line, before);
    before = line;
    if (!frame) continue;
    const key = `${frame.file}:${frame.line ?? ""}:${frame.function ?? ""}`;
    if (!seen.has(key)) frames.push(frame);
    seen.add(key);
  }
  // Python prints the innermost frame last; everyone else first.
  return /Traceback \(most recent call last\)/.test(text) ? frames.toReversed() : frames;
}

function parseFrame(line: string, before: string): Frame | undefined {
  for (const { pattern, groups } of FORMS) {
    const match = pattern.exec(line);
    if (!match) continue;
    const found: { file?: string; line?: number; column?: number; function?: string } = {};
    for (const [index, group] of groups.entries()) {
      const value = match[index + 1];
      if (value === undefined || value === "") continue;
      if (group === "line" || group === "column") found[group] = Number(value);
      else found[group] = value.trim();
    }
    if (found.file === undefined) continue;
    // Go says the function on the line before its place.
    const called = found.file.endsWith(".go")
      ? /^([\w./*()[\]-]{1,300})\(.{0,400}\)$/.exec(before)?.[1]
      : undefined;
    return { ...(called === undefined ? {} : { function: called }), ...found, file: found.file };
  }
  return undefined;
}
