import type { ChalkInstance } from "chalk";

import type { AlertMessage, Delivery } from "../model/alert.ts";
import { visible } from "../model/escape.ts";
import { spoken } from "../model/time.ts";
import { columns, count, padEnd, padStart, wrap } from "./layout.ts";

/** `SEV1 · production · the cart fails`, as many lines as it takes. */
export function alertTitle(message: AlertMessage, paint: ChalkInstance, width: number): string[] {
  const place = message.environment === null ? "" : ` · ${visible(message.environment)}`;
  const head = message.severity.toUpperCase() + place;
  return wrap(`${head} · ${visible(message.title)}`, width).map((line) =>
    line.startsWith(head) ? paint.bold(head) + line.slice(head.length) : line,
  );
}

/** One line a channel: what became of it, how long it took, and why not. */
export function deliveryLines(
  deliveries: readonly Delivery[],
  paint: ChalkInstance,
  width: number,
): string[] {
  const name = Math.max(...deliveries.map(({ channel }) => columns(visible(channel))), 4);
  const time = Math.max(...deliveries.map(({ ms }) => spoken(ms).length), 4);
  return deliveries.flatMap(({ channel, status, ms, text }) => {
    const head = `  ${padEnd(visible(channel), name)}  ${paintFor(status, paint)(padEnd(status, 9))}  `;
    const shown = `${head}${paint.dim(padStart(ms === 0 ? "–" : spoken(ms), time))}`;
    if (status === "delivered") return [shown];
    const indent = name + 2;
    const said = wrap(visible(text), Math.max(20, width - columns(head) - time - 2));
    if (said.length === 1) return [`${shown}  ${said[0] ?? ""}`];
    return [
      shown,
      ...wrap(visible(text), width - indent - 2).map((line) => `${" ".repeat(indent + 2)}${line}`),
    ];
  });
}

function paintFor(status: Delivery["status"], paint: ChalkInstance): (text: string) => string {
  if (status === "delivered") return paint.green;
  return status === "refused" ? paint.red : paint.yellow;
}

/** The last line of an alert: who was reached, and what happens with the rest. */
export function alertSummary(deliveries: readonly Delivery[]): string {
  const of = (status: Delivery["status"]): number =>
    deliveries.filter((delivery) => delivery.status === status).length;
  const reached = of("delivered");
  const waiting = of("queued") + of("ambiguous");
  const all = count(deliveries.length, "channel");
  const told =
    reached === deliveries.length
      ? `${all} reached`
      : reached === 0
        ? "nobody was reached"
        : `${reached} of ${all} reached`;
  if (waiting === 0) return told;
  return `${told}; ${waiting} queued for the next mayday alert (within 1 h)`;
}
