import { NOT_ONLY_CODE } from "../model/area.ts";
import type { FileChange } from "../model/change.ts";
import type { Risk, RiskLevel } from "../model/risk.ts";
import { rfc3339 } from "../model/time.ts";
import type { Action, Symptom } from "../model/triage.ts";
import { changesText, count, percent } from "../terminal/layout.ts";
import type { TriageScreen } from "../terminal/triage.ts";
import { cut, html, type Html, lines } from "./html.ts";
import type { TimelineChange } from "./timeline.ts";

const MOST_FILES = 40;
const MOST_RISKS = 40;
const MOST_ROWS = 500;
/** UTF-16 units of the symptom that are repeated: its head, and the tail where a log says last. */
const SYMPTOM = { head: 12_000, tail: 4_000 };
const MOST_READ = 16;

/** A share of the page's own: heading, and what stands below it. */
export function section(id: string, title: string, ...content: readonly (Html | null)[]): Html {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${content}
  </section>`;
}

/** A command to copy. It is a person's next act, so it is never cut. */
export function commandView({ command, why, recommended }: Action): Html {
  return html`<li class="${recommended ? "recommended" : "other"}">
    ${recommended ? html`<span class="tag">recommended</span>` : null}
    <div class="command"><code data-copy="" tabindex="0">${command}</code></div>
    <p>${why}</p>
  </li>`;
}

export function actionsView(actions: readonly Action[]): Html {
  return section(
    "actions",
    "What to do",
    html`<ul class="card actions">
      ${actions.map(commandView)}
    </ul>`,
  );
}

export function changesView({ range, areas }: TriageScreen): Html {
  const rows = areas.map(
    ({ area, files, insertions, deletions }) =>
      html`<details class="area">
        <summary>
          <span class="name">${area}</span
          >${NOT_ONLY_CODE.has(area) ? html` <span class="tag">not only code</span>` : null}<span class="size"
            >${count(files.length, "file")} <span class="plus">+${insertions.toLocaleString("en-US")}</span>
            <span class="minus">−${deletions.toLocaleString("en-US")}</span></span
          >
        </summary>
        <ul class="paths">
          ${files.slice(0, MOST_FILES).map(fileView)}
        </ul>
        ${files.length > MOST_FILES ? html`<p class="left-out">… and ${count(files.length - MOST_FILES, "file")}; all with <code>mayday diff -v</code></p>` : null}
      </details>`,
  );
  return section(
    "changes",
    "What changed",
    html`<p>
      ${changesText(range.firstParent, range.commits)}, ${count(range.files, "file")},
      <span class="plus">+${range.insertions.toLocaleString("en-US")}</span>
      <span class="minus">−${range.deletions.toLocaleString("en-US")}</span>
    </p>`,
    html`<div class="card areas">${rows}</div>`,
  );
}

function fileView({ path, from, status }: FileChange): Html {
  return html`<li>
    <span class="status">${status}</span>
    ${from === undefined ? null : html`<bdi class="path">${cut(from, 300)}</bdi> → `}<bdi class="path"
      >${cut(path, 300)}</bdi
    >
  </li>`;
}

const BY_LEVEL: readonly RiskLevel[] = ["red", "amber", "green"];

/** What may go wrong on the way back, the worst first. */
export function risksView(risks: readonly Risk[]): Html {
  const sorted = BY_LEVEL.flatMap((level) => risks.filter((risk) => risk.level === level));
  const rows = sorted.slice(0, MOST_RISKS).map(
    ({ level, text }) =>
      html`<li>
        <span class="level ${level}">${level}</span><span><bdi>${cut(text, 400)}</bdi></span>
      </li>`,
  );
  return section(
    "risks",
    "Before going back",
    html`<div class="card">
      ${
        rows.length === 0
          ? html`<p class="none">
              No risk was found in the names and kinds of the files that would go back.
            </p>`
          : html`<ul class="risks">
              ${rows}
            </ul>`
      }${sorted.length > rows.length ? html`<p class="left-out">… and ${count(sorted.length - rows.length, "more risk")}; all in mayday triage --json</p>` : null}
    </div>`,
  );
}

/** What was given, and what was read from it. */
export function symptomView(given: string, symptom: Symptom): Html {
  if (given === "")
    return section(
      "symptom",
      "The symptom",
      html`<div class="card">
        <p class="none">
          None was given, so only size, kind and recency speak. Give one with --symptom, --symptom-file or a
          pipe.
        </p>
      </div>`,
    );
  const { head, tail } = SYMPTOM;
  const bounded =
    given.length <= head + tail
      ? html`<pre tabindex="0">${lines(given)}</pre>`
      : html`<pre tabindex="0">${lines(cut(given, head))}</pre>
          <p class="left-out">${count(given.length - head - tail, "character")} left out</p>
          <pre tabindex="0">${lines(given.slice(-tail))}</pre>`;
  const read = readFrom(symptom).map(
    ([name, values]) =>
      html`<dt>${name}</dt>
        <dd>
          ${values.slice(0, MOST_READ).map((value) => html`<code>${cut(value, 200)}</code> `)}${values.length > MOST_READ ? `… and ${values.length - MOST_READ} more` : null}
        </dd>`,
  );
  return section(
    "symptom",
    "The symptom",
    html`<div class="card">
      <details>
        <summary>As it was given, ${count(given.split("\n").length, "line")}</summary>
        ${bounded}
      </details>
      ${
        read.length === 0
          ? html`<p class="none">Nothing could be read from it.</p>`
          : html`<h3>What was read from it</h3>
              <dl class="read">${read}</dl>`
      }
    </div>`,
  );
}

function readFrom(symptom: Symptom): (readonly [string, readonly string[]])[] {
  const frames = symptom.frames.map(
    ({ file, line, function: name }) =>
      `${file}${line === undefined ? "" : `:${line}`}${name === undefined ? "" : ` ${name}`}`,
  );
  const read: (readonly [string, readonly string[]])[] = [
    ["stack frames", frames],
    ["errors", symptom.errors],
    ["messages", symptom.messages],
    ["failing tests", symptom.tests],
    ["endpoints", symptom.endpoints],
    ["HTTP statuses", symptom.statuses.map(String)],
    ["paths", symptom.paths],
    ["tables", symptom.tables],
    ["columns", symptom.columns],
    ["variables", symptom.variables],
    ["flags", symptom.flags],
    ["kinds", symptom.kinds],
    ["words", symptom.terms],
  ];
  return read.filter(([, values]) => values.length > 0);
}

/** The plot in words: for those who cannot see it, and to search in. */
export function tableView(changes: readonly TimelineChange[], shown: ReadonlySet<number>): Html {
  const kept =
    changes.length <= MOST_ROWS
      ? changes
      : changes
          .toSorted((a, b) => a.rank - b.rank)
          .slice(0, MOST_ROWS)
          .toSorted((a, b) => a.at - b.at);
  const rows = kept.map(
    ({ sha, subject, at, rank, probability, insertions, deletions }) =>
      html`<tr>
        <td><time datetime="${rfc3339(at)}">${rfc3339(at).slice(0, 16).replace("T", " ")}</time></td>
        <td class="number">${(insertions + deletions).toLocaleString("en-US")}</td>
        <td class="number">${percent(probability)}</td>
        <td>
          ${shown.has(rank) ? html`<a href="#suspect-${rank}"><code>${sha.slice(0, 8)}</code></a>` : html`<code>${sha.slice(0, 8)}</code>`}
        </td>
        <td class="subject"><bdi>${cut(subject, 100)}</bdi></td>
      </tr>`,
  );
  const what =
    kept.length === changes.length
      ? "The same as a table"
      : `The ${kept.length} most suspicious of ${changes.length.toLocaleString("en-US")} as a table`;
  return html`<details class="table">
    <summary>${what}</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="${what}">
      <table>
        <thead>
          <tr>
            <th scope="col">time (UTC)</th>
            <th scope="col" class="number">lines</th>
            <th scope="col" class="number">suspicion</th>
            <th scope="col">change</th>
            <th scope="col">subject</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </details>`;
}
