import type { Frame } from "../../model/triage.ts";

/** Where a file name stands in front of a colon or a bracket; bounded, so that no line can cost time. */
const FILE = String.raw`((?:[A-Za-z]:[\\/])?[^\s:()'"\x60<>|,;=]{0,400}[\w)\]}+-]\.[A-Za-z][A-Za-z0-9]{0,8})`;
/** The same with the names of build files that have no ending, and with groups of routes: `(shop)/page.tsx`. */
const ROUTED = String.raw`((?:[A-Za-z]:[\\/])?(?:[^\s:()'"\x60<>|,;=]{0,200}\([\w.-]{1,40}\)\/){1,3}[^\s:()'"\x60<>|,;=]{0,200}\.[A-Za-z][A-Za-z0-9]{0,8})`;
const BUILD = String.raw`((?:[^\s:()'"\x60<>|,;=]{0,200}\/)?(?:GNUm|M|m)akefile|(?:[^\s:()'"\x60<>|,;=]{0,200}\/)?(?:Dockerfile|Rakefile|Gemfile|Jenkinsfile|Vagrantfile|Podfile|Fastfile|Procfile|BUILD))`;
/** `https://shop.example.com:8080`, `webpack://shop`, `file://`: in front of a file. */
const ORIGIN = String.raw`(?:[a-z][a-z+-]{0,20}:\/\/[^\s\/:()]{0,200}(?::\d{1,5})?(?=\/))?`;
const QUERY = String.raw`(?:\?[^\s:()]{0,200})?`;
const AT = String.raw`${QUERY}:(\d{1,9})(?::(\d{1,9}))?`;
const PLACE = ORIGIN + FILE + AT;

export interface Form {
  readonly pattern: RegExp;
  readonly groups: readonly (keyof Frame)[];
}

/** Of a line that is a frame, the one pattern of its language. The first that matches wins. */
export const FRAMES: readonly Form[] = [
  // Java, Kotlin, Scala: at a.b.C.m(C.java:12), also with a module or class loader in front
  {
    pattern: new RegExp(String.raw`^\s*at ([\w$.<>/@-]{1,300})\(${FILE}:(\d{1,9})\)`),
    groups: ["function", "file", "line"],
  },
  // V8, from inside an eval: at name (eval at outer (file:1:2), <anonymous>:1:1)
  {
    pattern: new RegExp(String.raw`^\s*at ([^()]{1,200}) \(eval at [^()]{1,200} \(${PLACE}\)`),
    groups: ["function", "file", "line", "column"],
  },
  // V8: at name (file:1:2), at async name (file:1:2)
  {
    pattern: new RegExp(
      String.raw`^\s*at (?:async )?([^()]{1,200}?)(?: \[as [^\]]{1,80}\])? \((?:async )?(?:${PLACE}|${ORIGIN}(?:\([\w-]{1,40}\)\/)?${ROUTED}${AT})\)`,
    ),
    groups: ["function", "file", "line", "column", "file", "line", "column"],
  },
  // V8 without a name, Rust: at file:1:2
  {
    pattern: new RegExp(String.raw`^\s*at (?:async )?${PLACE}`),
    groups: ["file", "line", "column"],
  },
  // Vitest: ❯ name file:1:2
  {
    pattern: new RegExp(String.raw`^\s*❯ (?:([\w.$<>]{1,200}) )?${PLACE}`),
    groups: ["function", "file", "line", "column"],
  },
  // Firefox, Safari: name@file:1:2
  {
    pattern: new RegExp(String.raw`^\s*([\w$.<>/*]{0,200})@${PLACE}`),
    groups: ["function", "file", "line", "column"],
  },
  // Python
  {
    pattern: /^\s*File "([^"]{1,500})", line (\d{1,9})(?:, in (.{1,200}?):?\s*$)?/,
    groups: ["file", "line", "function"],
  },
  // pytest: file:12: in name
  {
    pattern: /^([^\s:]{1,300}\.py):(\d{1,9}): in ([\w<>]{1,100})$/,
    groups: ["file", "line", "function"],
  },
  // C#, also as German, French and Spanish runtimes say it: at A.B.C() in /x/y.cs:line 12
  {
    pattern:
      /^\s*(?:at|bei|à|en) (.{1,300}?) (?:in|dans|en) (\S.{0,400}):(?:line|Zeile|ligne|línea) (\d{1,9})/,
    groups: ["function", "file", "line"],
  },
  // PHP: #0 /x/y.php(12): name()
  {
    pattern: /^\s*#\d{1,4} (\S[^()]{0,400})\((\d{1,9})\): ([^()]{1,200})\(/,
    groups: ["file", "line", "function"],
  },
  // gdb: #0  0x12 in name (a=1) at file.c:12
  {
    pattern: new RegExp(
      String.raw`^\s*#\d{1,4}\s{1,8}(?:0x[0-9a-f]{1,16} in )?([\w:~<>$.*]{1,200}) \(.{0,400}\) at ${FILE}:(\d{1,9})`,
    ),
    groups: ["function", "file", "line"],
  },
  // Dart: #0 name (package:shop/cart.dart:12:3)
  {
    pattern: new RegExp(String.raw`^\s*#\d{1,4}\s{1,8}([^()]{1,200}) \((?:package:[\w.]{1,80}\/)?${PLACE}\)`),
    groups: ["function", "file", "line", "column"],
  },
  // Sanitizers: #0 0x12 in name(int, char const*) /x/file.c:12:3
  {
    pattern: new RegExp(String.raw`^\s*#\d{1,4}\s{1,8}(?:0x[0-9a-f]{1,16} in )?(\S.{0,200}?) ${PLACE}`),
    groups: ["function", "file", "line", "column"],
  },
  // Ruby: x.rb:12:in `name', x.rb:12:in 'Cart#show'
  {
    pattern: new RegExp(String.raw`(?:^|[\s("'\x60])${FILE}:(\d{1,9}):in [\x60']([^']{1,200})'`),
    groups: ["file", "line", "function"],
  },
  // Elixir: (shop 0.1.0) lib/shop/price.ex:48: Shop.Price.format/1
  {
    pattern: new RegExp(String.raw`^\s*\([\w.]{1,80}(?: [\w.-]{1,40})?\) ${FILE}:(\d{1,9}): (\S{1,200})`),
    groups: ["file", "line", "function"],
  },
  // Perl: name called at x.pm line 12
  {
    pattern: new RegExp(String.raw`^\s*([\w:]{1,200})\(.{0,200}\) called at ${FILE} line (\d{1,9})`),
    groups: ["function", "file", "line"],
  },
];

const BEFORE = String.raw`(?:^|(?<=[\s("'\x60\[=]))`;
const AFTER = String.raw`(?=$|[\s:.,;)'"\x60\]])`;

/** Of any other line, every place that it names: compilers, linters, tests, Go, sentences. */
export const PLACES: readonly Form[] = [
  // Elm of them all: path/file.ext:12:3
  { pattern: new RegExp(BEFORE + PLACE + AFTER, "g"), groups: ["file", "line", "column"] },
  { pattern: new RegExp(BEFORE + BUILD + AT + AFTER, "g"), groups: ["file", "line", "column"] },
  // TypeScript, C#, MSVC: file.ts(12,3): error
  {
    pattern: new RegExp(String.raw`${BEFORE}${FILE}\((\d{1,9})(?:,(\d{1,9}))?(?:,\d{1,9},\d{1,9})?\)`, "g"),
    groups: ["file", "line", "column"],
  },
  // Maven: file.java:[12,3]; old Kotlin: file.kt: (12, 3)
  {
    pattern: new RegExp(String.raw`${BEFORE}${FILE}: ?[[(](\d{1,9}), ?(\d{1,9})[\])]`, "g"),
    groups: ["file", "line", "column"],
  },
  // webpack: ERROR in ./src/x.ts 12:3-20
  {
    pattern: new RegExp(String.raw`^(?:(?:ERROR |WARNING )?in| @) ${FILE} (\d{1,9}):(\d{1,9})`, "g"),
    groups: ["file", "line", "column"],
  },
  // PHP, Terraform, YAML, Perl, Swift, shells: in /x/y.php on line 12
  {
    pattern: new RegExp(
      String.raw`${BEFORE}${FILE}["'\x60]?[:,]?(?: at| on)? (?:line|Line) (\d{1,9})(?:,? col(?:umn)? (\d{1,9}))?`,
      "g",
    ),
    groups: ["file", "line", "column"],
  },
];

/** Endings of files that people write. Other words with a point and a number are hosts and ports. */
export const SOURCE_ENDING =
  /\.(?:[cm]?[jt]sx?|vue|svelte|astro|py[ix]?|ipynb|rb|erb|haml|slim|rake|gemspec|go|rs|java|kts?|scala|groovy|gradle|clj[sc]?|exs?|erl|hrl|php|phtml|twig|blade|cs|cshtml|razor|fs|vb|c|cc|cpp|cxx|h|hh|hpp|hxx|inl|mm?|swift|dart|lua|pl|pm|t|r|jl|zig|nim|hs|ml|sql|prisma|graphql|gql|proto|ya?ml|json5?|toml|ini|conf|cfg|env|properties|xml|xsl|html?|css|s[ac]ss|less|styl|md|mdx|rst|txt|sh|bash|zsh|fish|ps1|bat|cmake|mk|bzl|tf|tfvars|hcl|nix|pp|j2|jinja2?|tmpl|tpl|ejs|hbs|pug|mustache|wasm|s|asm|f90|d|el)$/i;
