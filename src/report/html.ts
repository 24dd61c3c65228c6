import { visible, visibleLines } from "../model/escape.ts";

/** Markup that is safe to put into a page. Made by `html`, `lines` and `asIs` only. */
export class Html {
  readonly #markup: string;

  constructor(safe: string) {
    this.#markup = safe;
  }

  toString(): string {
    return this.#markup;
  }
}

export type Content = string | number | Html | null | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

function entities(text: string): string {
  return text.replaceAll(/[&<>"'`]/g, (character) => ENTITIES[character] ?? character);
}

function markup(content: Content): string {
  if (content === null) return "";
  if (content instanceof Html) return content.toString();
  if (typeof content === "number") return String(content);
  if (typeof content === "string") return entities(visible(content));
  return content.map(markup).join("");
}

const known = new WeakMap<TemplateStringsArray, readonly string[]>();

/** The template's own text without the indentation it has in our source. */
function ownParts(strings: TemplateStringsArray): readonly string[] {
  let parts = known.get(strings);
  if (parts === undefined) {
    parts = strings.map((part) => part.replaceAll(/\n\s+/g, "\n"));
    known.set(strings, parts);
  }
  return parts;
}

/**
 * A template whose every value is escaped, and shown by `visible`, unless it is `Html` itself.
 * A value in an attribute must stand in quotes; one that does not is a bug and throws.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  const parts = ownParts(strings);
  let page = parts[0] ?? "";
  for (const [index, value] of values.entries()) {
    if (parts[index]?.endsWith("=") === true) throw new Error("an attribute's value must stand in quotes");
    page += markup(value) + (parts[index + 1] ?? "");
  }
  return new Html(page);
}

/** Foreign text of several lines, for `<pre>`: line ends stay, tabs become two spaces. */
export function lines(text: string): Html {
  return new Html(entities(visibleLines(text)));
}

/** Our own constants (style, script) as they stand. Never for anything that was read from somewhere. */
export function asIs(constant: string): Html {
  return new Html(constant);
}

/** Cuts foreign text to so many UTF-16 units, with an ellipsis, and never through a character. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = /[\ud800-\udbff]/.test(text.charAt(most - 2)) ? most - 2 : most - 1;
  return `${text.slice(0, end)}…`;
}

export function bytes(content: Html): number {
  return Buffer.byteLength(content.toString());
}
