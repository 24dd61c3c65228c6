export type RiskLevel = "green" | "amber" | "red";

export interface Risk {
  /** `kind:what`, stable: named with `--accept`. */
  readonly id: string;
  readonly level: RiskLevel;
  readonly text: string;
}
