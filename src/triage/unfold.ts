/** Strings this deep in a log line's JSON are read. */
const DEPTH = 6;

/**
 * Lines of JSON, as loggers write them, as the text they hold: a stack trace inside a string becomes
 * lines again. Everything else stays as it is.
 */
export function unfold(text: string): string {
  if (!text.includes("{") && !text.includes("\\n")) return text;
  return text.split("\n").map(unfoldLine).join("\n");
}

function unfoldLine(line: string): string {
  const at = line.indexOf("{");
  if (at !== -1 && line.trimEnd().endsWith("}")) {
    try {
      const strings: string[] = [];
      collect(JSON.parse(line.slice(at)), strings, 0);
      return [line.slice(0, at), ...strings].filter((part) => part.trim() !== "").join("\n");
    } catch {
      // Not JSON after all, or cut off: as text it may still hold a trace.
    }
  }
  return /\\n\s{0,20}(?:at |File |#\d|from )/.test(line)
    ? line.replaceAll("\\n", "\n").replaceAll("\\t", "\t").replaceAll('\\"', '"')
    : line;
}

function collect(value: unknown, into: string[], depth: number): void {
  if (typeof value === "string") into.push(value);
  else if (depth < DEPTH && typeof value === "object" && value !== null)
    for (const [key, one] of Object.entries(value))
      if (typeof one === "object") collect(one, into, depth + 1);
      else if (typeof one === "string") into.push(/[\s/]/.test(one) ? one : `${key} ${one}`);
}
