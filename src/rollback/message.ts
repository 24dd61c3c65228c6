import { short } from "../model/oid.ts";
import type { Undone } from "../model/rollback.ts";
import { visible } from "../model/escape.ts";

/** Subjects quoted in a message; the rest is only counted. */
const QUOTED = 50;

/**
 * A foreign subject inside our message, so that it does nothing there: no CI is skipped, nobody is
 * mentioned, no issue is closed or linked, no trailer is forged.
 */
export function harmless(subject: string): string {
  return visible(subject)
    .replace(/\[([^\]]*\b(?:skip|no|ci)\b[^\]]*)\]/gi, "($1)")
    .replace(/\*{3}\s*NO_CI\s*\*{3}/gi, "NO CI")
    .replace(/@(?=[\w-])/g, "(at)")
    .replace(/[#!](?=\w)/g, "no. ")
    .replace(/\bGH-(?=\d)/gi, "GH ")
    .replace(CLOSES_KEY, "$1$2 ")
    .replaceAll("://", ": //")
    .replace(/^\s*([\w-]+|BREAKING CHANGE)\s*:/, "$1 -")
    .slice(0, 120)
    .replace(/[\ud800-\udbff]$/, "");
}

/** "Fixes SHOP-12": trackers outside the host close these by their key. */
const CLOSES_KEY =
  /\b(clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?)(:?\s+[a-z][a-z0-9_]*)-(?=\d)/gi;

export interface MessageFacts {
  readonly subject: string;
  readonly reason: string;
  readonly undone: readonly Undone[];
  readonly trailers: readonly (readonly [string, string])[];
}

/** The whole message: subject, why, what goes out, trailers. Ends with a newline. */
export function restoringMessage({ subject, reason, undone, trailers }: MessageFacts): string {
  const paragraphs = [subject];
  if (reason !== "") paragraphs.push(reason.split("\n").map(harmless).join("\n"));
  if (undone.length > 0) {
    const lines = undone
      .slice(0, QUOTED)
      .map(
        ({ sha, subject: text, deployed }) =>
          `- ${short(sha)} ${harmless(text)}${deployed ? "" : " (was not deployed)"}`,
      );
    const rest = undone.length - lines.length;
    paragraphs.push(
      ["This takes out:", "", ...lines, ...(rest > 0 ? [`- and ${rest} more`] : [])].join("\n"),
    );
  }
  if (trailers.length > 0) paragraphs.push(trailers.map(([name, value]) => `${name}: ${value}`).join("\n"));
  return `${paragraphs.join("\n\n")}\n`;
}
