import type { Document, LineCounter, Node, Pair, YAMLError } from "yaml";

import { configurationError, type LocatedProblem, type Position, type Problem } from "./located.ts";
import { looksSecret } from "./secret.ts";

export interface Parsed {
  readonly label: string;
  readonly value: unknown;
  /** Credentials found in the text. */
  readonly secrets: readonly LocatedProblem[];
  /** The line and column of a key or of its value; of what is nearest when it is not there. */
  locate(problem: Problem): LocatedProblem;
}

/** Names that JavaScript objects have of their own: they would be lost in silence. */
const RESERVED: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** The parser's codes in plain words. Its own messages quote the source, which may hold a secret. */
const SYNTAX: Readonly<Record<string, string>> = {
  ALIAS_PROPS: "an alias (*name) stands alone",
  BAD_ALIAS: "an alias (*name) without an anchor (&name) before it",
  BAD_INDENT: "the indentation does not fit what is around it",
  BAD_PROP_ORDER: "anchors and tags stand before the value",
  BLOCK_AS_IMPLICIT_KEY: "a block stands where one line was expected: check the indentation above",
  BLOCK_IN_FLOW: "a block inside [ ] or { }: check the brackets",
  IMPOSSIBLE: "this is not YAML",
  KEY_OVER_1024_CHARS: "this key is too long",
  MISSING_CHAR: "something is missing here: a colon, a comma, a quote or a bracket",
  MULTILINE_IMPLICIT_KEY: "a key is one line: check the quotes and the indentation",
  MULTIPLE_DOCS: "the file holds more than one document (---)",
  RESOURCE_EXHAUSTION: "the file is nested too deeply",
  TAB_AS_INDENT: "a tab in the indentation: YAML wants spaces",
  TAG_RESOLVE_FAILED: "a tag (!name) means nothing here",
  UNEXPECTED_TOKEN: "this was not expected here: check the quotes and the indentation",
};

/** Text → plain values that know where they stand. Throws exit 2 with every place that is wrong. */
export async function parseYaml(label: string, text: string): Promise<Parsed> {
  const {
    LineCounter: Counter,
    isAlias,
    isMap,
    isPair,
    isScalar,
    isSeq,
    parseDocument,
    visit,
  } = await import("yaml");
  const counter = new Counter();
  const source = text.startsWith("\ufeff") ? text.slice(1) : text;
  let document: Document.Parsed;
  try {
    document = parseDocument(source, {
      lineCounter: counter,
      prettyErrors: false,
      // Quadratic there; looked at below.
      uniqueKeys: false,
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw configurationError(label, [{ line: 1, column: 1, message: "the file is nested too deeply" }]);
  }
  const at = (offset: number): Position => position(counter, offset);

  const problems: LocatedProblem[] = [...document.errors, ...document.warnings].map((error: YAMLError) => ({
    ...at(error.pos[0]),
    message: SYNTAX[error.code] ?? `this is not YAML (${error.code.toLowerCase().replaceAll("_", " ")})`,
  }));
  const anchors = new Set<string>();
  visit(document, {
    Node(_, node) {
      if (isAlias(node) && !anchors.has(node.source)) {
        problems.push({ ...at(node.range?.[0] ?? 0), message: SYNTAX["BAD_ALIAS"] ?? "" });
      } else if (!isAlias(node) && node.anchor !== undefined) anchors.add(node.anchor);
    },
    Map(_, map) {
      if (map.anchor !== undefined) anchors.add(map.anchor);
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name))
          problems.push({ ...at(key.range?.[0] ?? 0), message: "this key stands here twice" });
        seen.add(name);
      }
    },
    Pair(_, pair: Pair) {
      if (isScalar(pair.key) && RESERVED.has(String(pair.key.value))) {
        problems.push({
          ...at(pair.key.range?.[0] ?? 0),
          message: `"${String(pair.key.value)}" cannot be a name`,
        });
      }
    },
  });
  const secrets = secretsIn(source);
  if (problems.length > 0) throw configurationError(label, [...problems, ...secrets]);

  const locate = ({ path, on, message }: Problem): LocatedProblem => {
    let node: unknown = document.contents;
    let offset = rangeStart(node) ?? 0;
    for (const [index, step] of path.entries()) {
      if (isAlias(node)) node = node.resolve(document);
      const last = index === path.length - 1;
      if (isMap(node)) {
        const pair = node.items.find(
          (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
        );
        if (pair === undefined) break;
        const keyStart = rangeStart(pair.key) ?? offset;
        node = pair.value;
        const empty = isScalar(node) && node.value === null;
        offset = (last && on === "key") || empty ? keyStart : (rangeStart(node) ?? keyStart);
      } else if (isSeq(node)) {
        node = node.items[Number(step)];
        if (node === undefined) break;
        offset = rangeStart(node) ?? offset;
      } else break;
    }
    return { ...at(offset), message };
  };
  return { label, value: plain(document, label), secrets, locate };
}

function position(counter: LineCounter, offset: number): Position {
  const { line, col } = counter.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function rangeStart(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

/** Aliases may be followed a hundred times at most: a small file cannot become a large value. */
function plain(document: Document.Parsed, label: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const message =
      error instanceof ReferenceError
        ? "aliases (*name) are used too often here"
        : error instanceof RangeError
          ? "the file is nested too deeply"
          : undefined;
    if (message === undefined) throw error;
    throw configurationError(label, [{ line: 1, column: 1, message }]);
  }
}

/** Credentials anywhere in the text, comments too. What is found is not repeated. */
function secretsIn(text: string): LocatedProblem[] {
  return text.split("\n").flatMap((line, index) => {
    if (!looksSecret(line)) return [];
    const words = [...line.matchAll(/\S+/g)];
    const word = words.find((match) => looksSecret(match[0]));
    return [
      {
        line: index + 1,
        column: (word?.index ?? line.search(/\S/)) + 1,
        message:
          "this looks like a real secret: take it out, replace it where it is used, and write env:NAME here",
      },
    ];
  });
}
