import { type Command, Option } from "commander";

import type { Context, Outcome } from "./context.ts";

/** A command's body: positional arguments in order, then its own options. */
export type Run = (
  context: Context,
  args: readonly unknown[],
  options: Readonly<Record<string, unknown>>,
) => Promise<Outcome>;

type Action = (load: () => Promise<Run>) => (...received: unknown[]) => Promise<void>;

/** The range options shared by triage, diff, rollback and verify. */
function range(command: Command): Command {
  return command
    .option("--good <rev>", "the commit that last worked")
    .option("--live <rev>", "the commit that runs now")
    .option("--since <time>", "good = what the branch was then (RFC 3339 or 2h)")
    .option("--service <name>", "only this service of mayday.yaml")
    .option("--path <path>", "only what touches this path");
}

/** Of an option that may be given several times, all values. */
function gathered(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** Every verb, its words and its options. Bodies load when they run. */
export function register(program: Command, action: Action): void {
  program.action(action(async () => (await import("./status.ts")).home));

  program
    .command("init")
    .description("detect, write mayday.yaml, install the hook")
    .option("--force", "replace an existing mayday.yaml")
    .option("--no-hook", "do not install the pre-push hook")
    .action(action(async () => (await import("./init.ts")).init));

  program
    .command("status [env]")
    .description("what is live where, what is good, and what to do next")
    .action(action(async () => (await import("./status.ts")).status));

  const deploy = program.command("deploy").description("record what was deployed, certified, bad");
  deploy
    .command("record [env] [rev]")
    .description("a commit was put into an environment (rev: HEAD)")
    .option("--at <time>", "when, for one recorded later (RFC 3339 or 2h)")
    .option("--service <name>", "only this service")
    .option("--url <url>", "where the deploy can be looked at")
    .action(action(async () => (await import("./deploy.ts")).record));
  deploy
    .command("certify [env] [rev]")
    .description("the deploy was healthy for its bake time (rev: what is live)")
    .option("--service <name>", "only this service")
    .action(action(async () => (await import("./deploy.ts")).certify));
  deploy
    .command("bad <rev> [env]")
    .description("never take this commit for good again")
    .requiredOption("--reason <text>", "why")
    .option("--service <name>", "only this service")
    .action(action(async () => (await import("./deploy.ts")).bad));
  deploy
    .command("list [env]")
    .description("the ledger, newest first")
    .option("--top <n>", "how many; 0 = all", "20")
    .action(action(async () => (await import("./deploy.ts")).list));

  range(program.command("diff [env]"))
    .description("what changed since good, grouped by area, the hunks that matter first")
    .option("--only <commit>", "one change by itself")
    .option("--symptom <text>", "what was seen: its hunks come first; may be repeated", gathered)
    .option("--symptom-file <file>", "the same from a file; - is standard input; may be repeated", gathered)
    .action(action(async () => (await import("./diff.ts")).diff));

  range(program.command("triage [env]"))
    .description("what changed, ranked suspects, is it the code at all, what to do")
    .argument("[symptom]", "- reads the symptom from standard input")
    .option("--symptom <text>", "what was seen: an error, a stack trace, words; may be repeated", gathered)
    .option("--symptom-file <file>", "the same from a file; - is standard input; may be repeated", gathered)
    .option("--first-error <time>", "when it was first seen (RFC 3339 or 2h)")
    .option("--top <n>", "how many suspects; 0 = all", "5")
    .option("--html <file>", "write it as one page to look at and to pass on, too")
    .action(action(async () => (await import("./triage.ts")).triage));

  range(program.command("rollback [env]"))
    .description("bring the environment back to good")
    .option("--to <rev>", "back to this commit instead of the good one")
    .option("--only <path...>", "roll back only these paths")
    .addOption(new Option("--via <strategy>", "how").choices(["auto", "tree"]).default("auto"))
    .option("--plan", "print what would be done, do nothing")
    .option("--dry-run", "the same as --plan")
    .option("--reason <text>", "why, for the commit and the ledger")
    .option("--accept <ids>", "go on in spite of these risks (comma between)")
    .option("--no-push", "make and keep the commit, push nothing")
    .option("--no-verify", "do not wait for probes")
    .option("--continue", "finish an interrupted rollback")
    .option("--abort", "give up an interrupted rollback that was not published")
    .action(action(async () => (await import("./rollback.ts")).rollback));

  program
    .command("undo [operation]")
    .description("reverse mayday's last act, by a new commit")
    .option("--reason <text>", "why")
    .option("--no-push", "make and keep the commit, push nothing")
    .action(action(async () => (await import("./undo.ts")).undo));

  range(program.command("verify [env]"))
    .description("ask the environment: what is live, do its probes pass")
    .action(action(async () => (await import("./verify.ts")).verify));

  program
    .command("check [names...]")
    .description("run the pre-push checks")
    .option("--env <env>", "as for a push to this environment's branch")
    .option("--range <range>", "what would be pushed: A..B")
    .option("--all", "every check, whatever changed")
    .option("--plan", "print what would run, run nothing")
    .option("--skip <name...>", "leave this check out; needs --reason")
    .option("--reason <text>", "why it is left out")
    .option("--hook <name>", "called by git: pre-push <remote> <url>, lines on standard input")
    .action(action(async () => (await import("./check.ts")).check));

  const hook = program.command("hook").description("the pre-push hook");
  hook
    .command("install")
    .description("run mayday check on every git push")
    .action(action(async () => (await import("./hook.ts")).install));
  hook
    .command("uninstall")
    .description("take the hook out, put back what was there")
    .action(action(async () => (await import("./hook.ts")).uninstall));
  hook
    .command("status")
    .description("is the hook there, and does it fire")
    .action(action(async () => (await import("./hook.ts")).hookStatus));

  program
    .command("alert [message]")
    .description("tell the on-call channels")
    .addOption(
      new Option("--severity <severity>", "how bad")
        .choices(["sev1", "sev2", "sev3", "sev4"])
        .default("sev1"),
    )
    .option("--env <env>", "which environment is broken")
    .option("--to <channel...>", "these channels instead of the route")
    .option("--dry-run", "print exactly what would be sent, send nothing")
    .action(action(async () => (await import("./alert.ts")).alert));

  program
    .command("trust")
    .description("what mayday.yaml runs, tells and asks for; agree to it")
    .action(action(async () => (await import("./trust.ts")).trust));

  program
    .command("demo")
    .description("one bad night on a made-up shop, with nothing to set up")
    .option("--keep", "leave the shop's repository for a look")
    .action(action(async () => (await import("./demo.ts")).demo));
}
