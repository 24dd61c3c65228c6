import { createHash } from "node:crypto";

import type { GoodCommit, LiveCommit } from "../model/deploy.ts";
import { type Oid, short } from "../model/oid.ts";
import { rfc3339, spoken } from "../model/time.ts";
import type { ShownHunk, Symptom } from "../model/triage.ts";
import { changesText, count, percent } from "../terminal/layout.ts";
import { SOURCES } from "../terminal/standing.ts";
import type { TriageScreen } from "../terminal/triage.ts";
import { asIs, bytes, cut, html, type Html } from "./html.ts";
import { level, plot, type PlotFacts } from "./plot.ts";
import { SCRIPT } from "./script.ts";
import {
  actionsView,
  changesView,
  commandView,
  risksView,
  section,
  symptomView,
  tableView,
} from "./sections.ts";
import { STYLE } from "./style.ts";
import { outsideView, suspectView } from "./suspects.ts";
import { inOrder, type TimelineChange } from "./timeline.ts";

/** All that a page of triage says. */
export interface TriagePage {
  /** What the terminal shows; its suspects are those that get an article. */
  readonly screen: TriageScreen;
  /** The symptom as it was given; empty where none was. */
  readonly given: string;
  readonly symptom: Symptom;
  /** Every change of the range, in any order. */
  readonly changes: readonly TimelineChange[];
  /** The pieces of a suspect's change that matter; a suspect without an entry is said to be left out. */
  readonly hunks: ReadonlyMap<Oid, readonly ShownHunk[]>;
  /** When the symptom was first seen, ms since 1970. */
  readonly firstError: number | null;
  /** Of mayday, where it is known. */
  readonly version: string | null;
}

/** Bytes. A page is mailed and pasted into tickets; what does not fit is left out and said to be. */
export const MOST_BYTES = 2_000_000;
/** Suspects that get a number in the plot: more would hide the bars. */
const MARKED = 5;

/** How every page of ours begins: what is overwritten must begin so too. */
export const FIRST_BYTES = `<!doctype html>
<html lang="en" data-made-by="mayday">`;

function sha256(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/**
 * One page that holds all it needs. The policy in its head lets run and style nothing but our two
 * constants, by their hashes (CSP Level 3, 6.7), and lets nothing be loaded or sent anywhere: even an
 * escaping mistake of ours could not run what a commit says.
 */
export function triagePage(facts: TriagePage): string {
  const policy = `default-src 'none'; style-src ${sha256(STYLE)}; script-src ${sha256(SCRIPT)}; base-uri 'none'; form-action 'none'`;
  const { screen, version } = facts;
  const made = `mayday${version === null ? "" : ` ${version}`}`;
  const above = html`${verdict(screen)} ${timelineSection(facts)}`;
  const changes = screen.nothing === null ? html`${changesView(screen)} ${risksView(screen.risks)}` : null;
  const below = html`${outsideView(screen.outside)} ${changes} ${actionsView(screen.actions)}
  ${symptomView(facts.given, facts.symptom)}`;
  const whole = (suspects: Html | null): Html =>
    html`${asIs(FIRST_BYTES)}
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${asIs(policy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="generator" content="${made}" />
        <title>Triage of ${screen.standing.environment}, ${rfc3339(screen.now)}</title>
        ${asIs(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <a class="skip" href="#suspects">Skip to the suspects</a>
        ${header(facts)}
        <main>${above} ${suspects} ${below}</main>
        <footer>
          <p>
            Nothing was changed to make this page: mayday triage only reads. Probabilities are estimates, made
            from the symptom and the changes alone; they order where to look and prove nothing. Changes are
            named here, not people.
          </p>
        </footer>
        <p class="said" id="said" role="status"></p>
        ${asIs(`<script>${SCRIPT}</script>`)}
      </body>
      ${asIs("</html>\n")}`;
  return whole(suspectsSection(facts, MOST_BYTES - bytes(whole(null)))).toString();
}

/** A branch's name says no more than "its tip", and an id is none. */
function isNamed({ sha, ref, source }: LiveCommit | GoodCommit): boolean {
  return ref !== undefined && source !== "branch" && !sha.startsWith(ref);
}

function commitView(commit: LiveCommit | GoodCommit): Html {
  const { sha, ref = "" } = commit;
  const id = html`<code title="${sha}">${short(sha)}</code>`;
  return isNamed(commit) ? html`<bdi>${cut(ref, 120)}</bdi> ${id}` : id;
}

function header({ screen, version }: TriagePage): Html {
  const { standing, range, now } = screen;
  const { environment, service, branch, remote, live, good, freshness } = standing;
  const fact = (name: string, value: Html | string, note: string): Html =>
    html`<div>
      <dt>${name}</dt>
      <dd>${value}${note === "" ? null : html`<small>${note}</small>`}</dd>
    </div>`;
  const since = live.at === undefined ? "" : `, for ${spoken(Math.max(0, now - live.at))}`;
  const asked =
    freshness.fetchedAt === null
      ? "the remote was not asked"
      : `the remote was asked ${spoken(Math.max(0, now - freshness.fetchedAt))} before`;
  const stale = standing.shallow ? `${asked}; a shallow clone, older is not here` : asked;
  return html`<header class="top">
    <p class="brand"><b>mayday</b>${version === null ? null : ` ${version}`} triage</p>
    <h1>${environment}${service === null ? null : ` · ${service}`}: which change did it?</h1>
    <dl class="facts">
      ${fact("Live", commitView(live), `${SOURCES[live.source]}${since}`)}${fact("Good", commitView(good), `${SOURCES[good.source]}, ${good.certified ? "certified" : "not certified"}`)}${fact("Range", changesText(range.firstParent, range.commits), `${count(range.files, "file")} on ${cut(branch, 80)}${remote === null ? "" : ` of ${cut(remote, 80)}`}`)}${fact("Made", rfc3339(now), stale)}
    </dl>
    <nav aria-label="On this page">
      <ul>
        <li><a href="#timeline">Timeline</a></li>
        <li><a href="#suspects">Suspects</a></li>
        <li><a href="#outside">Not the code?</a></li>
        ${
          screen.nothing === null
            ? html`<li><a href="#changes">What changed</a></li>
                <li><a href="#risks">Before going back</a></li>`
            : null
        }
        <li><a href="#actions">What to do</a></li>
        <li><a href="#symptom">The symptom</a></li>
      </ul>
    </nav>
  </header>`;
}

/** The answer in one sentence, and the act that is recommended. */
function verdict({ suspects, outside, nothing, actions, symptomGiven }: TriageScreen): Html {
  const [first] = suspects;
  const act = actions.find(({ recommended }) => recommended);
  const next =
    act === undefined
      ? null
      : html`<ul>
          ${commandView(act)}
        </ul>`;
  const answer = (step: string, ...said: readonly (Html | null)[]): Html =>
    html`<div class="card verdict ${step}" role="note" aria-label="In short">${said}${next}</div>`;
  if (nothing !== null || first === undefined)
    return answer("low", html`<p class="answer">Nothing changed. ${nothing}</p>`);
  const change = html`<a href="#suspect-1"><bdi>${cut(first.subject, 160)}</bdi></a>
    (<code>${short(first.sha)}</code>, ${percent(first.probability)})`;
  const unsure = symptomGiven
    ? null
    : html`<p class="note">No symptom was given: only size, kind and recency speak.</p>`;
  if (outside.probability > first.probability)
    return answer(
      level(outside.probability),
      html`<p class="answer">
        It may well not be the code (${percent(outside.probability)}). Of the changes, the first to look at is
        ${change}.
      </p>`,
      unsure,
    );
  const how = { strong: "Most likely", some: "Perhaps", low: "No change stands out; first of all" };
  const step = level(first.probability);
  return answer(
    step,
    html`<p class="answer">${how[step]}: ${change}. Not the code: ${percent(outside.probability)}.</p>`,
    unsure,
  );
}

function timelineSection({ screen, changes, firstError }: TriagePage): Html {
  if (changes.length === 0)
    return section("timeline", "Timeline", html`<p class="none">There is no change to draw.</p>`);
  const shown = new Set(screen.suspects.map(({ rank }) => rank));
  const { good, live } = screen.standing;
  const name = (commit: LiveCommit | GoodCommit): string =>
    isNamed(commit) ? (commit.ref ?? "") : short(commit.sha);
  const ordered = inOrder(changes);
  const facts: PlotFacts = {
    changes: ordered,
    marked: new Set([...shown].filter((rank) => rank <= MARKED)),
    good: name(good),
    live: name(live),
    firstError,
  };
  return section(
    "timeline",
    "Timeline",
    html`<div class="card timeline">
      ${plot("wide", facts)}${plot("narrow", facts)}
      <p class="legend">
        <span>One step per change, oldest left, times in UTC.</span><span>Numbered: the suspects below.</span>
        <span>Amber from 20%, red from 50% on.</span>
      </p>
      ${tableView(ordered, shown)}
    </div>`,
  );
}

const SUSPECTS_KEY = html`<p class="key">
  <span><code>+2.3</code> a weight in log-odds: +0.7 doubles the odds, +2.3 makes them ten times</span
  ><span
    ><code><ins>underlined</ins></code> differs from the line's counterpart</span
  ><span
    ><code><mark>boxed</mark></code> named by the symptom</span
  >
</p>`;

/** Suspects in their order while there is room: without their hunks where these alone do not fit. */
function suspectsSection({ screen, hunks }: TriagePage, room: number): Html {
  const { suspects, suspectsInAll, now } = screen;
  if (suspects.length === 0)
    return section("suspects", "Suspects", html`<p class="none">There is no change to suspect.</p>`);
  const articles: Html[] = [];
  let left = room - 4_000;
  for (const suspect of suspects) {
    const own = hunks.get(suspect.sha) ?? null;
    const full = suspectView(suspect, own, now);
    const article = bytes(full) <= left ? full : suspectView(suspect, null, now);
    const size = bytes(article);
    if (size > left) break;
    articles.push(article);
    left -= size;
  }
  const rest = suspectsInAll - articles.length;
  const more =
    articles.length < suspects.length
      ? "do not fit into this page; all of them in mayday triage --top 0 --json"
      : "in the table of the timeline; here too with --top 0";
  return section(
    "suspects",
    "Suspects",
    SUSPECTS_KEY,
    html`<ol class="suspects">
      ${articles}
    </ol>`,
    rest > 0 ? html`<p class="left-out">… and ${count(rest, "less likely change")} ${more}.</p>` : null,
  );
}
