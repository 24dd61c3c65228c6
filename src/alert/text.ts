import type { AlertMessage } from "../model/alert.ts";
import { visible } from "../model/escape.ts";

/** Characters kept of a title, a label and a value; what the outbox and every channel can hold. */
export const KEPT = { title: 500, label: 60, value: 1_500, facts: 20 } as const;

/** At most `length` UTF-16 units, an ellipsis for the rest, no character cut in two. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/**
 * Foreign text that mentions nobody, links nowhere and formats nothing, whatever chat it ends up
 * in: what would be read as markup gets a space inside, and stays readable. Control characters and
 * bidi overrides are made visible, line breaks become spaces (a second line could pose as ours).
 */
export function harmless(text: string): string {
  return visible(text.replace(/[\s\u0085]+/g, " ").trim())
    .replace(/(^|[^\p{L}\p{N}_])[@\uff20\ufe6b](?=[\p{L}\p{N}_])/gu, "$1@ ")
    .replace(/<(?=[!@#/a-z])/gi, "< ")
    .replace(/:(?=\/\/)/g, ": ")
    .replace(/\b(mailto|tel|javascript|data):(?=\S)/gi, "$1: ")
    .replace(/(www)\.(?=\S)/gi, "$1. ")
    .replace(/\](?=[([])/g, "] ");
}

/** The message with every text cleaned by `clean` and cut to what is kept. */
export function bounded(message: AlertMessage, clean: (text: string) => string): AlertMessage {
  return {
    ...message,
    title: cut(clean(message.title), KEPT.title),
    facts: message.facts.slice(0, KEPT.facts).map(({ label, value }) => ({
      label: cut(clean(label), KEPT.label),
      value: cut(clean(value), KEPT.value),
    })),
  };
}

/** The message as channels get it. */
export function harmlessMessage(message: AlertMessage): AlertMessage {
  return bounded(message, harmless);
}

/** `12 min late · may be a second copy`, or nothing: what a reader must know beside the message. */
export function remarks(envelope: { readonly delayedMs: number; readonly repeat: boolean }): string[] {
  const minutes = Math.floor(envelope.delayedMs / 60_000);
  return [
    ...(envelope.delayedMs > 0 ? [minutes < 1 ? "delayed, less than 1 min" : `delayed ${minutes} min`] : []),
    ...(envelope.repeat ? ["may be a second copy"] : []),
  ];
}
