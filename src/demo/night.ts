import { writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { isAncestor, readRef, treeOf } from "../git/revision.ts";
import { isOid, type Oid } from "../model/oid.ts";
import { interrupted, type OpenShop, pushToProduction } from "./open.ts";
import { GOOD_TAG } from "./shop.ts";
import { askVersion, isHealthy, sendRequests, type Traffic } from "./traffic.ts";
import * as verdict from "./verdict.ts";
import type { Step } from "./verdict.ts";

/** Requests in each look at the shop. */
const REQUESTS = 20;
const ALERT = "The cart answers 500 since the last deploy";
const REASON = "the cart answers 500";

export const CHAPTERS = 7;

export type Decision = "rollback" | "patch" | "diff" | "suspects" | "quit";

/** Who watches: the terminal, or nobody. Everything told here is escaped by the one who shows it. */
export interface Audience {
  readonly chapter: (title: string, words: string) => void;
  readonly say: (words: string) => void;
  /** A command that is not mayday's, as typed, and what it said. */
  readonly command: (typed: readonly string[], output: string) => void;
  readonly traffic: (traffic: Traffic) => void;
  readonly log: (lines: readonly string[]) => void;
  readonly step: (step: Step) => void;
  /** Runs a mayday command with everything a person would see. */
  readonly mayday: (argv: readonly string[]) => Promise<number>;
  /** Runs it with `--json`, unseen, and returns the document. */
  readonly document: (argv: readonly string[]) => Promise<unknown>;
  /** False: the person wants to stop here. */
  readonly goOn: (question: string) => Promise<boolean>;
  readonly decide: () => Promise<Decision>;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

export interface Night {
  readonly steps: readonly Step[];
  /** From the push that broke it to the end of the proof, ms; null when not recovered. */
  readonly recoveryMs: number | null;
  /** The person left before the end. */
  readonly stopped: boolean;
}

/** The whole story: each chapter acts, shows, and verifies what it says. */
export async function playNight(shop: OpenShop, audience: Audience): Promise<Night> {
  const steps: Step[] = [];
  const verify = (step: Step): void => {
    if (audience.signal.aborted) throw interrupted();
    steps.push(step);
    audience.step(step);
  };
  const stopped = (): Night => ({ steps, recoveryMs: null, stopped: true });

  await shopIsUp(shop, audience, verify);
  if (!(await audience.goOn("Push the work of the last two days?"))) return stopped();
  const pushedAt = audience.now();
  await push(shop, audience, verify);
  if (!(await audience.goOn("Look at the shop?"))) return stopped();
  await outage(shop, audience, verify);
  if (!(await audience.goOn("Ask mayday which change it was?"))) return stopped();
  await findCulprit(shop, audience, verify);
  if (!(await audience.goOn("Tell the people on call?"))) return stopped();
  await tell(shop, audience, verify);
  if (!(await goBack(shop, audience, verify))) return stopped();
  await prove(shop, audience, verify);
  const proven = new Set(steps.filter(({ ok }) => ok).map(({ step }) => step));
  const recovered = proven.has("recovered") && proven.has("restored");
  return { steps, recoveryMs: recovered ? audience.now() - pushedAt : null, stopped: false };
}

type Verify = (step: Step) => void;

async function shopIsUp(shop: OpenShop, audience: Audience, verify: Verify): Promise<void> {
  const { production, ids, clone } = shop;
  const people = new Set((await clone.text(["log", "--format=%an", ids.tip])).split("\n")).size;
  audience.chapter(
    "The shop is up",
    `A small web shop, made up for tonight: ${ids.all.length} commits by ${people} people, a remote whose hook deploys every push, and production at ${production.url}. All of it runs on this machine, for real; nothing of yours is touched.`,
  );
  audience.say(`${GOOD_TAG} went out three days ago and was healthy. The pipeline wrote that down:`);
  await audience.mayday(["deploy", "record", "production", GOOD_TAG, "--at", "3d"]);
  await audience.mayday(["deploy", "certify", "production", GOOD_TAG]);
  // Consent to the shop's own test command; it is kept in the demo's own home.
  await audience.document(["trust", "--yes"]);
  audience.say("Customers look around:");
  const traffic = await sendRequests(production.url, REQUESTS, audience.signal);
  audience.traffic(traffic);
  verify(verdict.allAnswered("up", "before the push", traffic));
  verify(verdict.runs("good", GOOD_TAG, ids.good, await askVersion(production.url, audience.signal)));
}

async function push(shop: OpenShop, audience: Audience, verify: Verify): Promise<void> {
  const { production, ids, clone } = shop;
  audience.chapter("A push", "Two days of work go out at once. One of these changes breaks the shop:");
  const log = ["log", "--oneline", "--first-parent", `${GOOD_TAG}..main`];
  audience.command(["git", ...log], await clone.text(log));
  audience.say("The shop's own tests do not see it. Checks before a push find what they test, no more:");
  verify(verdict.checksPassed(await audience.mayday(["check", "--range", `${GOOD_TAG}..main`])));
  audience.command(["git", "push", "origin", "main"], await pushToProduction(clone, ["main"]));
  await audience.mayday(["deploy", "record", "production"]);
  verify(
    verdict.runs("pushed", "what was pushed", ids.tip, await askVersion(production.url, audience.signal)),
  );
}

async function outage(shop: OpenShop, audience: Audience, verify: Verify): Promise<void> {
  const { production, directory } = shop;
  audience.chapter(
    "The outage",
    "Nothing crashed, and the deploy went well. But customers look around again:",
  );
  const traffic = await sendRequests(production.url, REQUESTS, audience.signal);
  audience.traffic(traffic);
  const error = lastError(production.log);
  writeFileSync(path.join(directory, "error.log"), error);
  const lines = withoutDirectory(error, path.join(directory, "production")).split("\n");
  audience.say("Production's log, its last error (it lies in ../error.log too):");
  audience.log(lines.slice(0, 6));
  const healthy = await isHealthy(production.url, audience.signal);
  verify(verdict.cartIsBroken(traffic, error, healthy));
}

async function findCulprit(shop: OpenShop, audience: Audience, verify: Verify): Promise<void> {
  audience.chapter("Which change was it?", "The error goes to triage as it stands in production's log.");
  const argv = ["triage", "production", "--symptom-file", "../error.log"];
  await audience.mayday([...argv, "--top", "3"]);
  verify(verdict.badIsFirst(await audience.document(argv), shop.ids.bad));
}

async function tell(shop: OpenShop, audience: Audience, verify: Verify): Promise<void> {
  audience.chapter("Who must know", "The shop's channel is a webhook; tonight it is one on this machine.");
  await audience.mayday(["alert", ALERT, "--env", "production"]);
  verify(verdict.alertArrived(shop.webhook.bodies, ALERT));
}

async function goBack(shop: OpenShop, audience: Audience, verify: Verify): Promise<boolean> {
  audience.chapter(
    "The way back",
    `One new commit on top of main whose files are those of ${GOOD_TAG}: nothing is rewritten, nothing is forced, and it goes out like every other push.`,
  );
  for (;;) {
    const decision = await audience.decide();
    if (decision === "quit") return false;
    if (decision === "rollback") break;
    if (decision === "diff") await audience.mayday(["diff", "production"]);
    if (decision === "suspects")
      await audience.mayday(["triage", "production", "--symptom-file", "../error.log", "--top", "0"]);
    if (decision === "patch") {
      const show = ["show", "--stat", "--patch", (await firstSuspect(audience))?.slice(0, 12) ?? "main"];
      audience.command(["git", ...show], await shop.clone.text(show));
    }
  }
  verify(verdict.rolledBack(await audience.mayday(["rollback", "production", "--yes", "--reason", REASON])));
  return true;
}

async function prove(shop: OpenShop, audience: Audience, verify: Verify): Promise<void> {
  const { production, ids, clone, remote } = shop;
  audience.chapter(
    "Proof",
    "mayday has said so; now the shop itself is asked, and git. Undo is one command too (mayday undo), but nobody wants that cart back.",
  );
  const traffic = await sendRequests(production.url, REQUESTS, audience.signal);
  audience.traffic(traffic);
  verify(verdict.allAnswered("recovered", "after the rollback", traffic));
  const told = await askVersion(production.url, audience.signal);
  const tree = told !== null && isOid(told) ? await treeOf(remote, told) : null;
  verify(verdict.runsTree(await treeOf(remote, ids.good), tree, GOOD_TAG));
  const tip = (await readRef(remote, "refs/heads/main")) ?? null;
  verify(verdict.historyIntact(await historyFacts(shop, tip)));
  const status = await clone.text(["status", "--porcelain"]);
  const changed = status === "" ? [] : status.split("\n");
  const head = await clone.text(["rev-parse", "--verify", "HEAD"]);
  verify(verdict.cloneClean({ changed, head, remote: tip }));
}

async function historyFacts({ remote, ids }: OpenShop, tip: Oid | null): Promise<verdict.HistoryFacts> {
  if (tip === null || !(await isAncestor(remote, ids.tip, tip))) return { kept: false, added: 0 };
  return { kept: true, added: Number(await remote.text(["rev-list", "--count", `${ids.tip}..${tip}`])) };
}

async function firstSuspect(audience: Audience): Promise<Oid | null> {
  const document = await audience.document(["triage", "production", "--symptom-file", "../error.log"]);
  const suspects =
    typeof document === "object" && document !== null && "suspects" in document ? document.suspects : [];
  const [first] = Array.isArray(suspects) ? (suspects as readonly { readonly sha?: unknown }[]) : [];
  return typeof first?.sha === "string" && isOid(first.sha) ? first.sha : null;
}

/** The last entry of production's log that is an error, with its stack. */
function lastError(log: string): string {
  const lines = log.trimEnd().split("\n");
  const start = lines.findLastIndex((line) => /^\S+ error /.test(line));
  return start === -1 ? "" : `${lines.slice(start).join("\n")}\n`;
}

/** Paths as from the release's own directory, for people: the temporary one takes half a line. */
function withoutDirectory(text: string, directory: string): string {
  const [before = "", ...parts] = text.split(`${pathToFileURL(directory).href}/`);
  return before + parts.map((part) => part.replace(/^\d+\//, "")).join("");
}
