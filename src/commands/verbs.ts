import type { Command } from "commander";

/** Which commands and options there are: what is offered to a person must exist. */
export interface Verbs {
  /** `has("rollback", "--via", "revert")`: the command, an option of it, a value that it takes. */
  readonly has: (verb: string, option?: string, value?: string) => boolean;
}

/** The verbs of this mayday, as its command line has them. */
export async function knownVerbs(): Promise<Verbs> {
  const [{ Command: Program }, { register }] = await Promise.all([
    import("commander"),
    import("./registry.ts"),
  ]);
  const program = new Program();
  register(program, () => async () => {});
  return verbsOf(program.commands);
}

export function verbsOf(commands: readonly Command[]): Verbs {
  return {
    has: (verb, option, value) => {
      const command = commands.find((one) => one.name() === verb);
      if (command === undefined || option === undefined) return command !== undefined;
      const found = command.options.find(({ long }) => long === option);
      if (found === undefined || value === undefined) return found !== undefined;
      return found.argChoices?.includes(value) ?? true;
    },
  };
}
