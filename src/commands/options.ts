/** A command's own options, as commander gives them. */
export type Options = Readonly<Record<string, unknown>>;

export function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

/** Of an option or argument that may be given several times, the words. */
export function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

/** A positional argument; an empty one counts as not given. */
export function textArgument(args: readonly unknown[], index: number): string | undefined {
  const value = args[index];
  return typeof value === "string" && value !== "" ? value : undefined;
}
