import type { Settings } from "../model/settings.ts";

/** The configuration as read, and where from. */
export interface Configuration {
  readonly settings: Settings;
  /** Absolute path of the file, null when there is none and defaults hold. */
  readonly file: string | null;
  /** As shown to people: `mayday.yaml`. */
  readonly label: string | null;
}
