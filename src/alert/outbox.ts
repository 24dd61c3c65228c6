import { createHash } from "node:crypto";

import type { AlertMessage } from "../model/alert.ts";
import { appendLines, readLines } from "../system/files.ts";
import { isRunning } from "../system/running.ts";
import { ulid } from "../system/ulid.ts";
import type { Handle } from "./channel.ts";

/** One alert for one channel. Nothing here but names and words: no URL, no secret. */
export interface OutboxItem {
  /** The delivery id: the same for every attempt. */
  readonly id: string;
  readonly channel: string;
  readonly message: AlertMessage;
}

/** Whoever works on an item, and until when (ms since 1970) others leave it alone. */
interface Holder {
  readonly pid: number;
  readonly host: string;
}

interface Claim extends Holder {
  readonly token: string;
  readonly until: number;
}

type ReceiptStatus = "delivered" | "refused" | "dropped" | "queued" | "ambiguous";

export interface Receipt {
  readonly id: string;
  readonly status: ReceiptStatus;
  readonly text: string;
  readonly handle?: Handle | null;
  /** Not before this time (ms since 1970), as the receiver asked. */
  readonly notBefore?: number | null;
}

/** An item and what became of it so far. */
export interface OutboxEntry extends OutboxItem {
  /** When it was queued, ms since 1970. */
  readonly at: number;
  readonly attempts: number;
  readonly last: Receipt | null;
  readonly claim: Claim | null;
}

export interface OutboxState {
  readonly entries: ReadonlyMap<string, OutboxEntry>;
  /** Lines that could not be read: torn by a crash, or damaged. */
  readonly skipped: number;
}

type Line =
  | { readonly type: "queue"; readonly at: number; readonly item: OutboxItem; readonly claim: Claim }
  | { readonly type: "claim"; readonly id: string; readonly claim: Claim; readonly over: string | null }
  | { readonly type: "receipt"; readonly at: number; readonly receipt: Receipt };

const FINAL: ReadonlySet<ReceiptStatus> = new Set(["delivered", "refused", "dropped"]);

export function isPending(entry: OutboxEntry): boolean {
  return entry.last === null || !FINAL.has(entry.last.status);
}

/**
 * What is still to be told, on the disk before the first byte goes out: a file of lines that is only
 * ever appended to (`<8 digits of SHA-256> <JSON>`, fsynced). Who works on an item has claimed it
 * by a line that names the claim it follows; the first such line in the file wins, so two processes
 * never work on one item, and no lock can be left behind.
 */
export class Outbox {
  /** Null where there is no place for it: reading gives nothing, writing fails. */
  readonly #file: string | null;
  readonly #holder: Holder;

  constructor(file: string | null, holder: Holder) {
    this.#file = file;
    this.#holder = holder;
  }

  /** Puts a whole batch on the disk, claimed by this process until `until` (ms since 1970). */
  async queue(items: readonly OutboxItem[], now: number, until: number): Promise<void> {
    await this.#append(
      items.map((item) => ({ type: "queue", at: now, item, claim: this.#claim(now, until) })),
    );
  }

  /** Claims items for this process; returns those it got. */
  async claim(entries: readonly OutboxEntry[], now: number, until: number): Promise<OutboxEntry[]> {
    if (entries.length === 0) return [];
    const wanted = entries.map((entry) => ({ entry, claim: this.#claim(now, until) }));
    await this.#append(
      wanted.map(({ entry, claim }) => ({
        type: "claim",
        id: entry.id,
        claim,
        over: entry.claim?.token ?? null,
      })),
    );
    const after = await this.read();
    return wanted
      .filter(({ entry, claim }) => after.entries.get(entry.id)?.claim?.token === claim.token)
      .map(({ entry }) => entry);
  }

  /** Whether nobody works on an item at `now`: unclaimed, expired, or its process is gone. */
  isFree(entry: OutboxEntry, now: number): boolean {
    const { claim } = entry;
    if (claim === null || claim.until <= now) return true;
    return claim.host === this.#holder.host && !isRunning(claim.pid);
  }

  async record(receipt: Receipt, now: number): Promise<void> {
    await this.#append([{ type: "receipt", at: now, receipt }]);
  }

  async read(): Promise<OutboxState> {
    if (this.#file === null) return { entries: new Map(), skipped: 0 };
    const { lines, torn } = await readLines(this.#file);
    const entries = new Map<string, OutboxEntry>();
    let skipped = torn === null ? 0 : 1;
    for (const text of lines) {
      const line = parseLine(text);
      if (line === null) skipped += 1;
      else fold(entries, line);
    }
    return { entries, skipped };
  }

  #claim(now: number, until: number): Claim {
    return { ...this.#holder, token: ulid(now), until };
  }

  async #append(lines: readonly Line[]): Promise<void> {
    if (this.#file === null) throw Object.assign(new Error("no place for the outbox"), { code: "no home" });
    await appendLines(this.#file, lines.map(formatLine));
  }
}

function fold(entries: Map<string, OutboxEntry>, line: Line): void {
  if (line.type === "queue") {
    const { item, at, claim } = line;
    if (!entries.has(item.id)) entries.set(item.id, { ...item, at, attempts: 0, last: null, claim });
    return;
  }
  const id = line.type === "claim" ? line.id : line.receipt.id;
  const entry = entries.get(id);
  if (entry === undefined) return;
  if (line.type === "receipt") {
    entries.set(id, { ...entry, attempts: entry.attempts + 1, last: line.receipt, claim: null });
  } else if ((entry.claim?.token ?? null) === line.over) {
    entries.set(id, { ...entry, claim: line.claim });
  }
}

function checksum(json: string): string {
  return createHash("sha256").update(json).digest("hex").slice(0, 8);
}

function formatLine(line: Line): string {
  const json = JSON.stringify({ v: 1, ...line });
  return `${checksum(json)} ${json}`;
}

function parseLine(text: string): Line | null {
  const json = text.slice(9);
  if (text[8] !== " " || text.slice(0, 8) !== checksum(json)) return null;
  const value: unknown = JSON.parse(json);
  return isLine(value) ? value : null;
}

/** The checksum says that a mayday wrote it; a later version may have written other lines. */
function isLine(value: unknown): value is Line {
  const line = record(value);
  if (line["v"] !== 1) return false;
  if (line["type"] === "queue") {
    const item = record(line["item"]);
    const message = record(item["message"]);
    return (
      typeof item["id"] === "string" &&
      typeof item["channel"] === "string" &&
      typeof message["title"] === "string" &&
      Array.isArray(message["facts"]) &&
      typeof record(line["claim"])["until"] === "number"
    );
  }
  if (line["type"] === "claim") return typeof line["id"] === "string" && "until" in record(line["claim"]);
  return line["type"] === "receipt" && typeof record(line["receipt"])["id"] === "string";
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
