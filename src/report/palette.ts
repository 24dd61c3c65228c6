/**
 * The colours of a page, light and dark. `test/report/palette.test.ts` holds them to WCAG 2.2 AA:
 * 4.5:1 for text, 3:1 for marks (1.4.3, 1.4.11).
 */
export interface Palette {
  readonly page: string;
  readonly card: string;
  readonly code: string;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly accent: string;
  readonly red: string;
  readonly amber: string;
  readonly green: string;
  /** A commit that nothing speaks against. */
  readonly bar: string;
  readonly added: string;
  readonly removed: string;
  readonly addedWord: string;
  readonly removedWord: string;
  readonly mark: string;
  readonly markText: string;
  readonly markEdge: string;
}

export const LIGHT: Palette = {
  page: "#f6f6f3",
  card: "#ffffff",
  code: "#f8f8f6",
  text: "#1d2125",
  muted: "#59626b",
  line: "#dddfdb",
  accent: "#0b5cab",
  red: "#b3261e",
  amber: "#855000",
  green: "#1b6a37",
  bar: "#87919c",
  added: "#e8f5ec",
  removed: "#fcedeb",
  addedWord: "#b9e3c5",
  removedWord: "#f6c5bf",
  mark: "#ffe48c",
  markText: "#1d2125",
  markEdge: "#7a5b00",
};

export const DARK: Palette = {
  page: "#131619",
  card: "#1b1f23",
  code: "#15191c",
  text: "#e4e7ea",
  muted: "#a2abb4",
  line: "#343b42",
  accent: "#7db8ff",
  red: "#ff9187",
  amber: "#efb852",
  green: "#7ed197",
  bar: "#76808b",
  added: "#15281c",
  removed: "#341c1b",
  addedWord: "#225a37",
  removedWord: "#6c2d29",
  mark: "#574600",
  markText: "#fff2c2",
  markEdge: "#dcb63c",
};

/** `--page: …; --card: …;` for a style sheet. */
export function properties(palette: Palette): string {
  return Object.entries(palette)
    .map(
      ([name, color]) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: ${color};`,
    )
    .join(" ");
}
