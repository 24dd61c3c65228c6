import { DARK, LIGHT, properties } from "./palette.ts";

/** The one style sheet. No font, picture or address from elsewhere: the page is read offline. */
export const STYLE = `
:root { color-scheme: light dark; ${properties(LIGHT)} }
@media screen and (prefers-color-scheme: dark) { :root { ${properties(DARK)} } }
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; overflow-wrap: anywhere; }
main, .top, footer { max-width: 1080px; margin: 0 auto; padding: 0 24px; }
h1, h2, h3, p, ul, ol, dl, dd, figure, pre { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1 { font-size: 26px; line-height: 1.25; letter-spacing: -0.01em; font-weight: 650; }
h2 { font-size: 19px; line-height: 1.3; margin: 44px 0 12px; font-weight: 650; }
h3 { font-size: 16px; line-height: 1.4; font-weight: 600; }
code, pre, .path, .id, .weight { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.86em; font-variant-ligatures: none; }
a { color: var(--accent); text-underline-offset: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
summary { cursor: pointer; color: var(--accent); width: fit-content; }
section, .suspect { scroll-margin-top: 16px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 20px 22px; }
.none, .meta, .left-out, .note, footer { color: var(--muted); }
.left-out, .note, footer { font-size: 14px; }
.left-out { margin-top: 6px; }
.plus { color: var(--green); } .minus { color: var(--red); }
.plus, .minus, .number, .weight, .chance strong { font-variant-numeric: tabular-nums; }
.strong { color: var(--red); } .some { color: var(--amber); } .low { color: var(--muted); }
.tag { display: inline-block; border: 1px solid currentColor; border-radius: 99px; padding: 0 9px; font-size: 12.5px; line-height: 20px; color: var(--muted); white-space: nowrap; }
.copy { font: inherit; font-size: 12.5px; line-height: 20px; color: var(--accent); background: none; border: 1px solid var(--line); border-radius: 6px; padding: 0 8px; margin-left: 6px; cursor: pointer; white-space: nowrap; }
.copy:hover { border-color: var(--accent); }
.skip, .said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.skip:focus { position: static; width: auto; height: auto; clip-path: none; }

.top { padding-top: 36px; }
.brand { color: var(--muted); font-size: 14px; margin-bottom: 4px; }
.brand b { color: var(--text); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 12px 28px; margin: 20px 0 0; }
.facts dt { color: var(--muted); font-size: 13px; }
.facts dd { font-size: 15px; }
.facts small { display: block; color: var(--muted); font-size: 13px; }
nav { margin-top: 20px; border-top: 1px solid var(--line); padding-top: 10px; font-size: 14px; }
nav ul { display: flex; flex-wrap: wrap; gap: 2px 20px; }
nav a { text-decoration: none; } nav a:hover { text-decoration: underline; }

.verdict { margin-top: 24px; border-left: 5px solid var(--muted); }
.verdict.strong { border-left-color: var(--red); } .verdict.some { border-left-color: var(--amber); }
.verdict, .verdict.strong, .verdict.some { color: var(--text); }
.verdict .answer { font-size: 19px; line-height: 1.4; }
.verdict .answer a { font-weight: 600; }
.verdict .note { margin-top: 6px; }
.verdict ul { margin-top: 14px; }

.timeline { padding: 16px 18px 14px; }
.plot { display: block; width: 100%; height: auto; overflow: visible; font: 12.5px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
.plot text { fill: var(--muted); font-variant-numeric: tabular-nums; }
.plot .lane { font-weight: 600; }
.plot .under { font-size: 11.5px; }
.plot.narrow { display: none; }
.grid line, .axis line { stroke: var(--line); stroke-width: 1; }
.axis line { stroke: var(--muted); }
.reach { fill: transparent; } g:hover > .reach { fill: var(--line); fill-opacity: 0.5; }
.low .stem, .low .bar { fill: var(--bar); } .some .stem, .some .bar { fill: var(--amber); } .strong .stem, .strong .bar { fill: var(--red); }
.end line { stroke: var(--muted); stroke-width: 1.5; }
.end tspan { font-weight: 650; fill: var(--text); } .plot .good { fill: var(--green); }
.error line { stroke: var(--text); stroke-width: 1.5; stroke-dasharray: 4 3; } .error path { fill: var(--text); }
.plot .error text { fill: var(--text); font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
.mark line { stroke: currentColor; stroke-width: 1.2; } .mark circle { fill: var(--card); stroke: currentColor; stroke-width: 2; }
.plot .mark text { fill: var(--text); font-weight: 650; font-size: 11.5px; }
.mark:hover circle { fill: var(--line); }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 13px; color: var(--muted); margin: 8px 0 4px; }
.table { margin-top: 8px; font-size: 14px; }
.scroll { overflow: auto; max-height: 460px; margin-top: 8px; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th, td { text-align: left; padding: 4px 12px; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { position: sticky; top: 0; background: var(--card); color: var(--muted); font-weight: 600; }
td.number, th.number { text-align: right; } td.subject { white-space: normal; min-width: 260px; }

.suspects { display: grid; gap: 14px; }
.suspects > li { min-width: 0; }
.suspect header { display: grid; grid-template-columns: 34px minmax(0, 1fr) 190px; gap: 2px 14px; align-items: start; }
.rank { width: 30px; height: 30px; border: 2px solid currentColor; border-radius: 50%; display: grid; place-items: center; font-weight: 650; font-size: 14px; }
.meta { font-size: 14px; display: flex; flex-wrap: wrap; gap: 0 14px; align-items: baseline; }
.chance { font-size: 14px; } .suspect .chance { text-align: right; }
.chance strong { font-size: 21px; font-weight: 650; line-height: 1.2; margin-right: 2px; }
.share { display: block; width: 100%; height: 7px; margin-top: 5px; border-radius: 4px; overflow: hidden; }
.share .rest { fill: var(--line); } .share .filled { fill: var(--bar); }
.share.strong .filled { fill: var(--red); } .share.some .filled { fill: var(--amber); }
.evidence { margin: 14px 0 0 48px; font-size: 15px; }
.evidence li { display: grid; grid-template-columns: 44px minmax(0, 1fr); align-items: baseline; }
.weight.against { color: var(--amber); } .weight.for { color: var(--muted); }
.suspect > .none, .suspect > .flags, .suspect > .files, .suspect > .left-out, .hunks > .left-out { margin-left: 48px; }
.suspect > .none, .flags, .files { margin-top: 10px; font-size: 14px; }
.files dl, .read { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 16px; margin-top: 8px; font-size: 14px; }
dt { color: var(--muted); } .files bdi, .paths bdi { overflow-wrap: anywhere; } .files dd bdi { display: block; }
.hunks { margin-top: 14px; display: grid; gap: 10px; } .hunks > * { min-width: 0; }
.hunks details { font-size: 14px; } .hunks details .hunk { margin-top: 10px; }
.hunk { border: 1px solid var(--line); border-radius: 8px; overflow: hidden; background: var(--code); }
.hunk figcaption { padding: 6px 12px; border-bottom: 1px solid var(--line); font-size: 13.5px; display: flex; flex-wrap: wrap; gap: 0 12px; }
.hunk figcaption .path { font-weight: 600; } .where { color: var(--muted); } .where.function { font-family: ui-monospace, Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.86em; }
.hunk .left-out { padding: 4px 12px 6px; margin: 0; }
pre { overflow-x: auto; font-size: 13px; line-height: 1.55; overflow-wrap: normal; }
pre:focus-visible { outline-offset: -3px; }
pre code { font-size: inherit; display: block; min-width: max-content; padding: 6px 0; }
.line { display: block; padding-right: 16px; white-space: pre; }
.line::before { content: attr(data-number); display: inline-block; width: calc(var(--digits, 4) * 1ch + 22px); padding: 0 12px 0 10px; text-align: right; color: var(--muted); user-select: none; -webkit-user-select: none; }
${[1, 2, 3, 4, 5, 6, 7].map((digits) => `.digits-${digits} { --digits: ${digits}; }`).join(" ")}
.line.added { background: var(--added); } .line.removed { background: var(--removed); }
ins, del { color: inherit; border-radius: 3px; text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: 3px; }
ins { background: var(--added-word); } del { background: var(--removed-word); }
mark { background: var(--mark); color: var(--mark-text); font-weight: 650; border-radius: 3px; box-shadow: 0 0 0 1px var(--mark-edge); }
.key { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 13.5px; color: var(--muted); margin: -4px 0 14px; }
.key code { color: var(--text); }

.chance + .none { margin-top: 12px; }
.signals li { position: relative; padding-left: 16px; margin-top: 8px; } .signals li::before { content: "·"; position: absolute; left: 3px; font-weight: 700; }
.area + .area { border-top: 1px solid var(--line); }
.areas { padding-top: 6px; padding-bottom: 6px; } .area summary { width: auto; padding: 8px 0; color: var(--text); }
.area summary .name { font-weight: 600; margin-right: 6px; } .area summary .size { float: right; color: var(--muted); font-size: 14px; }
.paths { padding: 0 0 10px 18px; font-size: 14px; } .status { display: inline-block; min-width: 74px; color: var(--muted); font-size: 13px; }
#changes + p { margin-bottom: 10px; }
.risks li { display: grid; grid-template-columns: 64px minmax(0, 1fr); align-items: baseline; } .risks li + li { margin-top: 8px; }
.level { font-weight: 650; } .level.red { color: var(--red); } .level.amber { color: var(--amber); } .level.green { color: var(--green); }
.actions li + li { margin-top: 18px; }
.command { display: flex; align-items: center; gap: 4px; background: var(--code); border: 1px solid var(--line); border-radius: 8px; padding: 7px 10px 7px 14px; }
.command code { flex: 1 1 auto; min-width: 0; white-space: pre-wrap; font-size: 14px; }
.recommended .command { border-color: var(--green); border-width: 2px; }
.recommended .tag { color: var(--green); margin-bottom: 5px; font-weight: 600; }
.actions p, .verdict li p { font-size: 14px; color: var(--muted); margin-top: 4px; }
.card > h3 { margin-top: 16px; } .card pre { margin-top: 8px; background: var(--code); border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; max-height: 420px; overflow: auto; }
.card .hunk pre { margin: 0; border: 0; border-radius: 0; padding: 0; max-height: none; }
.read code { background: var(--code); border: 1px solid var(--line); border-radius: 5px; padding: 0 5px; }
footer { margin-top: 48px; padding-bottom: 48px; }

@media (max-width: 700px) {
  main, .top, footer { padding-left: 14px; padding-right: 14px; }
  .top { padding-top: 22px; }
  h1 { font-size: 22px; } h2 { margin-top: 34px; }
  .facts { grid-template-columns: 1fr 1fr; gap: 10px 16px; }
  .card { padding: 14px; } .timeline { padding: 12px 10px; }
  .plot.wide { display: none; } .plot.narrow { display: block; }
  .suspect header { grid-template-columns: 30px minmax(0, 1fr); }
  .rank { width: 26px; height: 26px; font-size: 13px; }
  .suspect .chance { grid-column: 1 / -1; text-align: left; margin-top: 6px; }
  .evidence, .suspect > .none, .suspect > .flags, .suspect > .files, .suspect > .left-out, .hunks > .left-out { margin-left: 0; }
  .files dl, .read { grid-template-columns: 1fr; gap: 0; } .files dd, .read dd { margin-bottom: 6px; }
  .command { flex-wrap: wrap; } .command code { flex-basis: 100%; }
  .command .copy { margin: 2px 0 2px auto; }
}
@media (forced-colors: active) { .filled, .bar, .stem { fill: CanvasText; } mark { outline: 1px solid; } }
@media print {
  body { background: none; font-size: 11pt; } nav, .copy, .skip { display: none; }
  .card, .hunk { break-inside: avoid-page; } .suspect { break-inside: auto; } h2, h3 { break-after: avoid; }
  .scroll, .card pre { max-height: none; overflow: visible; } pre, .line { white-space: pre-wrap; } pre code { min-width: 0; }
}
`;
