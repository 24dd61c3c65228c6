export const SEVERITIES = ["sev1", "sev2", "sev3", "sev4"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What an alert says; how it looks is the channel's business. Foreign text is not yet escaped. */
export interface AlertMessage {
  readonly id: string;
  readonly severity: Severity;
  readonly environment: string | null;
  readonly title: string;
  /** Label and value, in order: live, good, first suspect, what is being done, the undo command. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly at: number;
}

export interface Delivery {
  readonly channel: string;
  readonly status: "delivered" | "queued" | "refused" | "ambiguous";
  readonly ms: number;
  readonly text: string;
}
