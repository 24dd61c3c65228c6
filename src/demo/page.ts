import type { ChalkInstance } from "chalk";

import { visible, visibleLines } from "../model/escape.ts";
import { spoken } from "../model/time.ts";
import { bar, clip, columns, count, padEnd, padStart, wrap } from "../terminal/layout.ts";
import type { Night } from "./night.ts";
import type { Traffic } from "./traffic.ts";
import type { Step } from "./verdict.ts";

/** Lines of prose are no longer than this, however wide the terminal. */
const MEASURE = 76;
const ROOM_FOR_BARS = 56;

export type Shown = "words" | "figures" | "step" | "command";

/**
 * How the story looks. What the story says stands behind a bar; what a command says stands as the
 * command wrote it, so that the two are told apart without colour.
 */
export class Page {
  readonly #paint: ChalkInstance;
  readonly #measure: number;

  constructor(paint: ChalkInstance, width: number) {
    this.#paint = paint;
    this.#measure = Math.min(MEASURE, width);
  }

  chapter(number: string, title: string, words: string): string[] {
    const head = ` ${number}  ${title} `;
    const rule = "─".repeat(Math.max(0, this.#measure - columns(head) - 2));
    const { bold, dim } = this.#paint;
    return [`${dim("┌─")}${bold(head)}${dim(rule)}`, ...this.say(words)];
  }

  /** The empty line between two things shown, where they do not belong together. */
  gap(before: Shown, after: Shown): string[] {
    if (before === "command" || after === "command") return [""];
    if (before === after && after === "step") return [];
    return before === "words" && after !== "words" ? [] : this.#beside([""]);
  }

  say(words: string): string[] {
    return this.#beside(wrap(words, this.#measure - 2));
  }

  /** A command as it would be typed; foreign words are escaped. */
  typed(words: readonly string[]): string {
    return `${this.#paint.dim("$")} ${this.#paint.cyan(visible(words.map(quoted).join(" ")))}`;
  }

  output(text: string): string[] {
    return visibleLines(text.trimEnd())
      .split("\n")
      .map((line) => line.trimEnd());
  }

  traffic({ paths }: Traffic): string[] {
    const { green, red } = this.#paint;
    return this.#beside(
      paths.map(({ path, sent, failed }) => {
        const few = failed === sent ? "all failed" : `${failed} failed`;
        const said = failed === 0 ? green("all answered") : red(few);
        const share = bar(sent === 0 ? 0 : (sent - failed) / sent, 10);
        const drawn = this.#measure < ROOM_FOR_BARS ? "" : `${share}  `;
        return `  ${padEnd(path, 11)} ${padStart(count(sent, "request"), 11)}  ${drawn}${said}`;
      }),
    );
  }

  log(lines: readonly string[]): string[] {
    return this.#beside(lines.map((line) => this.#paint.dim(`  ${clip(visible(line), this.#measure - 4)}`)));
  }

  step(step: Step): string[] {
    return this.#beside(this.#stepLines(step));
  }

  summary({ steps, recoveryMs, stopped }: Night, kept: string | null): string {
    const { bold, cyan, dim } = this.#paint;
    const verified = steps.filter(({ ok }) => ok).length;
    const lines = [
      "",
      `${dim("──")} ${bold(`${verified} of ${count(steps.length, "step")} verified`)}`,
      ...steps.flatMap((step) => this.#stepLines(step)),
    ];
    if (recoveryMs !== null) {
      lines.push(
        "",
        `${bold(`Recovered in ${spoken(recoveryMs)}`)}, from the push that broke it to the proof.`,
      );
    }
    if (kept !== null) lines.push("", "Kept for a look, with production stopped:", `  ${visible(kept)}`);
    if (!stopped) {
      lines.push(
        "",
        "In your own repository:",
        `  ${cyan("mayday")}         what is live, what is good, what to do next`,
        `  ${cyan("mayday init")}    writes mayday.yaml, installs the pre-push hook`,
        `  ${cyan("mayday triage")}  when it breaks`,
      );
    }
    return lines.join("\n");
  }

  #stepLines({ ok, text }: Step): string[] {
    const mark = ok ? this.#paint.green("✔") : this.#paint.red("✘");
    return wrap(text, this.#measure - 6).map((line, n) => `  ${n === 0 ? mark : " "} ${line}`);
  }

  #beside(lines: readonly string[]): string[] {
    return lines.map((line) => `${this.#paint.dim("│")} ${line}`.trimEnd());
  }
}

/** A word as it would be typed in a shell. */
function quoted(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
