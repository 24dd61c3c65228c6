import { AREAS, areaOf } from "../model/area.ts";
import { short } from "../model/oid.ts";
import { rfc3339, spoken } from "../model/time.ts";
import type { Evidence, OutsideCode, ShownHunk, Suspect } from "../model/triage.ts";
import { count, percent } from "../terminal/layout.ts";
import { cut, html, type Html } from "./html.ts";
import { hunkView } from "./hunks.ts";
import { level } from "./plot.ts";

/** Suspects whose hunks are open at once, and how many of them; the rest is a click away. */
const OPEN_SUSPECTS = 3;
const OPEN_HUNKS = 3;
const MOST_HUNKS = 12;
const MOST_FILES = 24;
const MOST_EVIDENCE = 10;
const MOST_SIGNALS = 20;
const MOST_FLAGS = 20;

/** A share as a bar, drawn by attributes: a style in the markup is what the page's policy forbids. */
function shareBar(probability: number): Html {
  const width = Math.max(0.5, Math.round(probability * 1_000) / 10);
  return html`<svg
    class="share ${level(probability)}"
    viewBox="0 0 100 8"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    <rect class="rest" width="100" height="8" />
    <rect class="filled" width="${width}" height="8" />
  </svg>`;
}

/** Words for the steps of colour, so that nothing hangs on colour alone. */
const LEVEL_WORDS = { strong: "strong suspicion", some: "some suspicion", low: "little suspicion" } as const;

export function idView(sha: string): Html {
  return html`<code class="id" data-copy="${sha}" title="${sha}">${short(sha)}</code>`;
}

/** One suspect, without or with the pieces of its change; null: they are left out and it is said so. */
export function suspectView(suspect: Suspect, hunks: readonly ShownHunk[] | null, now: number): Html {
  const { rank, sha, subject, at, probability, flags, insertions, deletions } = suspect;
  const step = level(probability);
  const age = now >= at ? `${spoken(now - at)} ago` : `in ${spoken(at - now)}`;
  return html`<li>
    <article class="card suspect" id="suspect-${rank}" aria-labelledby="suspect-${rank}-name">
      <header>
        <span class="rank ${step}" aria-hidden="true">${rank}</span>
        <div class="what">
          <h3 id="suspect-${rank}-name"><bdi>${cut(subject, 300)}</bdi></h3>
          <p class="meta">
            ${idView(sha)} <span>${age}</span> <time datetime="${rfc3339(at)}">${rfc3339(at)}</time>
            <span class="lines"
              ><span class="plus">+${number(insertions)}</span>
              <span class="minus">−${number(deletions)}</span></span
            >
          </p>
        </div>
        <p class="chance">
          <strong>${percent(probability)}</strong>
          <span class="${step}">${LEVEL_WORDS[step]}</span>${shareBar(probability)}
        </p>
      </header>
      ${evidenceView(suspect.evidence)}${flags.length === 0 ? null : html`<p class="flags"><strong>Flags it touches</strong> ${flags.slice(0, MOST_FLAGS).map((flag) => html`<code>${cut(flag, 80)}</code> `)}</p>`}
      ${filesView(suspect.files)}${hunksView(rank, sha, hunks)}
    </article>
  </li>`;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}

function evidenceView(evidence: readonly Evidence[]): Html {
  if (evidence.length === 0) return html`<p class="none">Nothing speaks for it or against it.</p>`;
  const rows = evidence.slice(0, MOST_EVIDENCE).map(
    ({ weight, text }) =>
      html`<li>
        <span class="weight ${weight < 0 ? "against" : "for"}"
          >${weight < 0 ? "−" : "+"}${Math.abs(weight).toFixed(1)}</span
        ><span><bdi>${cut(text, 400)}</bdi></span>
      </li>`,
  );
  return html`<ul class="evidence" aria-label="Evidence">
      ${rows}
    </ul>
    ${leftOut(evidence.length - MOST_EVIDENCE, "weaker piece of evidence", "weaker pieces of evidence")}`;
}

function leftOut(rest: number, one: string, many?: string): Html | null {
  return rest > 0
    ? html`<p class="left-out">… and ${count(rest, one, many)} (all in mayday triage --json)</p>`
    : null;
}

function filesView(files: readonly string[]): Html | null {
  if (files.length === 0) return null;
  const shown = files.slice(0, MOST_FILES);
  const rows = AREAS.flatMap((area) => {
    const own = shown.filter((file) => areaOf(file) === area);
    return own.length === 0
      ? []
      : [
          html`<dt>${area}</dt>
            <dd>${own.map((file) => html`<bdi class="path">${cut(file, 300)}</bdi>`)}</dd>`,
        ];
  });
  return html`<details class="files">
    <summary>${count(files.length, "file")}</summary>
    <dl>${rows}</dl>
    ${leftOut(files.length - shown.length, "file")}
  </details>`;
}

function hunksView(rank: number, sha: string, hunks: readonly ShownHunk[] | null): Html | null {
  const whole = html`<code>git show ${short(sha)}</code>`;
  if (hunks === null)
    return html`<p class="left-out">Its lines are left out of this page; see them with ${whole}.</p>`;
  if (hunks.length === 0) return null;
  const kept = hunks.slice(0, MOST_HUNKS);
  const open = rank <= OPEN_SUSPECTS ? kept.slice(0, OPEN_HUNKS) : [];
  const folded = kept.slice(open.length);
  const rest = hunks.length - kept.length;
  return html`<div class="hunks">
    ${open.map(hunkView)}${
      folded.length === 0
        ? null
        : html`<details>
            <summary>${count(folded.length, open.length === 0 ? "hunk" : "more hunk")}</summary>
            ${folded.map(hunkView)}
          </details>`
    }${rest > 0 ? html`<p class="left-out">… and ${count(rest, "hunk")} with less to do with it; all with ${whole}.</p>` : null}
  </div>`;
}

/** Is it the code at all: the share that says no, and what speaks for that. */
export function outsideView({ probability, signals }: OutsideCode): Html {
  const rows = signals.slice(0, MOST_SIGNALS).map(({ kind, name, text }) => {
    const said = kind === "environment-variable" ? `${name} is ${text}` : text;
    return html`<li><bdi>${cut(said, 400)}</bdi></li>`;
  });
  return html`<section aria-labelledby="outside">
    <h2 id="outside">Not the code?</h2>
    <div class="card">
      <p class="chance">
        <strong>${percent(probability)}</strong>
        <span>environment, infrastructure, a dependency, or older than this range</span
        >${shareBar(probability)}
      </p>
      ${
        rows.length === 0
          ? html`<p class="none">Nothing in the symptom or the range points away from the code.</p>`
          : html`<ul class="signals">
              ${rows}
            </ul>`
      }${leftOut(signals.length - rows.length, "signal")}
    </div>
  </section>`;
}
