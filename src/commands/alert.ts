import { buildMessage } from "../alert/message.ts";
import { previewAlert, type Preview, type Unsendable } from "../alert/preview.ts";
import type { AlertSetting } from "../alert/round.ts";
import { type AlertReport, sendAlert } from "../alert/send.ts";
import { findStanding } from "../environment/standing.ts";
import { type AlertMessage, type Delivery, SEVERITIES, type Severity } from "../model/alert.ts";
import type { Standing } from "../model/deploy.ts";
import { MaydayError } from "../model/error.ts";
import { visible } from "../model/escape.ts";
import type { Settings } from "../model/settings.ts";
import { rfc3339 } from "../model/time.ts";
import { alertSummary, alertTitle, deliveryLines } from "../terminal/alert.ts";
import { count, wrap } from "../terminal/layout.ts";
import { alertSetting, chooseChannels } from "./channels.ts";
import type { Context, Outcome } from "./context.ts";

/** `mayday alert [message]`: tells the on-call channels; what cannot be sent now is kept. */
export async function alert(
  context: Context,
  args: readonly unknown[],
  options: Readonly<Record<string, unknown>>,
): Promise<Outcome> {
  const configuration = await context.configuration();
  const { settings } = configuration;
  const severity = SEVERITIES.find((one) => one === options["severity"]) ?? "sev1";
  const environment = alertEnvironment(options["env"], context, settings);
  const to = Array.isArray(options["to"]) ? options["to"].map(String) : [];
  const names = chooseChannels(configuration, environment, severity, to);
  const title = await wording(context, args[0], environment, severity);
  const setting = await alertSetting(context, configuration, names);
  const message = await describe(context, settings, title, environment, severity);
  if (options["dryRun"] === true) return preview(message, names, setting);
  const report = await context.terminal.during(`telling ${names.map(visible).join(", ")}`, () =>
    sendAlert(message, names, setting),
  );
  for (const warning of report.warnings) await context.terminal.warn(warning);
  if (context.world.signal.aborted) {
    throw new MaydayError(`interrupted; ${alertSummary(report.deliveries)}`, {
      code: "interrupted",
      exit: 130,
    });
  }
  return outcome(message, report);
}

/** Any well-formed name will do: an alert about a place that is not configured is still one. */
function alertEnvironment(given: unknown, context: Context, settings: Settings): string {
  const names = Object.keys(settings.environments);
  const fallback = context.world.env["MAYDAY_ENV"] ?? "";
  const chosen =
    typeof given === "string"
      ? given
      : fallback || (names.length === 1 ? names[0] : undefined) || "production";
  if (/^[a-z0-9][a-z0-9-]{0,39}$/.test(chosen)) return chosen;
  throw new MaydayError(`${visible(chosen)} is not the name of an environment`, {
    code: "unknown-environment",
    exit: 2,
    hint: `mayday alert --env ${names[0] ?? "production"} …`,
  });
}

async function wording(
  context: Context,
  given: unknown,
  environment: string,
  severity: Severity,
): Promise<string> {
  if (typeof given === "string" && given.trim() !== "") return given;
  const fallback = `${environment} is broken after a deploy`;
  if (context.terminal.interactive) {
    return (await context.terminal.ask("What shall they read?", fallback)) || fallback;
  }
  throw new MaydayError("there is nothing to tell: the message is missing", {
    code: "no-message",
    exit: 2,
    hint: `mayday alert "${fallback}" --env ${environment} --severity ${severity}`,
  });
}

/** The message with what this clone knows; nothing is asked of the network, an alert does not wait. */
async function describe(
  context: Context,
  settings: Settings,
  title: string,
  environment: string,
  severity: Severity,
): Promise<AlertMessage> {
  const now = context.world.now();
  const standing = await knownStanding(context, settings, environment, now);
  return buildMessage({
    title,
    severity,
    environment,
    now,
    since: standing?.live.at ?? null,
    live: standing?.live ?? null,
    good: standing?.good ?? null,
    undo: standing === null ? null : `mayday rollback ${environment}`,
  });
}

async function knownStanding(
  context: Context,
  settings: Settings,
  environment: string,
  now: number,
): Promise<Standing | null> {
  const git = await context.gitOrNull();
  if (git === null || !Object.hasOwn(settings.environments, environment)) return null;
  try {
    const facts = await findStanding(git, {
      environment,
      settings,
      now,
      offline: true,
      timeoutMs: 1_000,
      running: null,
      verb: "alert",
    });
    return facts.standing;
  } catch (error) {
    // What is live or good cannot be told: the alert goes out without it.
    if (error instanceof MaydayError) return null;
    throw error;
  }
}

function outcome(message: AlertMessage, report: AlertReport): Outcome {
  const { exit, deliveries, delayed, stale } = report;
  return {
    exit,
    document: { ...documentOf(message, false), deliveries, delayed, stale },
    text: (paint, width) =>
      [
        "",
        ...alertTitle(message, paint, width),
        "",
        ...deliveryLines(deliveries, paint, width),
        ...(delayed.length > 0
          ? ["", paint.dim("from before"), ...deliveryLines(delayed, paint, width)]
          : []),
        "",
        ...wrap(alertSummary(deliveries), width).map((line) => (exit === 0 ? paint.green(line) : line)),
        ...(stale > 0 ? [`${count(stale, "alert")} in the outbox older than 1 h: not sent unasked`] : []),
        "",
      ].join("\n"),
    ...(exit === 0 ? {} : { error: errorOf(exit, deliveries) }),
  };
}

function errorOf(exit: 1 | 2 | 8, deliveries: readonly Delivery[]): NonNullable<Outcome["error"]> {
  const missed = deliveries.filter(({ status }) => status !== "delivered");
  const waiting = missed.some(({ status }) => status === "queued" || status === "ambiguous");
  const names = missed.map(({ channel }) => visible(channel)).join(", ");
  if (exit === 2) {
    const reasons = missed.map(({ channel, text }) => `${visible(channel)}: ${visible(text)}`).join("; ");
    const consent = missed.some(({ text }) => text.includes("mayday trust"));
    return {
      code: "no-usable-channel",
      message: `no channel can be used, nobody was told: ${reasons}`,
      hint: consent ? "mayday trust, then repeat the alert" : "mend that, then repeat the alert",
    };
  }
  const hint = waiting
    ? "call them by phone if it is urgent; the next mayday alert sends it again"
    : "call them by phone if it is urgent; mend the channel, then repeat the alert";
  return exit === 1
    ? { code: "nobody-reached", message: `nobody was reached${waiting ? "; the alert is queued" : ""}`, hint }
    : { code: "not-all-reached", message: `not reached: ${names}`, hint };
}

function documentOf(message: AlertMessage, dryRun: boolean): Outcome["document"] {
  const { id, severity, environment, title, facts, at } = message;
  return {
    schema: "mayday/alert@1",
    incident: null,
    id,
    severity,
    environment,
    title,
    facts,
    at: rfc3339(at),
    dryRun,
  };
}

async function preview(
  message: AlertMessage,
  names: readonly string[],
  setting: AlertSetting,
): Promise<Outcome> {
  const requests = await previewAlert(message, names, setting);
  return {
    exit: 0,
    document: { ...documentOf(message, true), deliveries: [], delayed: [], stale: 0, requests },
    text: (paint, width) =>
      [
        "",
        ...alertTitle(message, paint, width),
        paint.dim("dry run: nothing was sent; secrets and destinations are redacted"),
        ...requests.flatMap((one) => ["", ...previewLines(one).map((line) => `  ${line}`)]),
        "",
      ].join("\n"),
  };
}

/** The body is indented for people; `--json` has its exact bytes. */
function previewLines(one: Preview | Unsendable): string[] {
  if ("refused" in one) return [`${visible(one.channel)}  would not be sent: ${visible(one.refused)}`];
  const body: unknown = JSON.parse(one.body);
  return [
    `${visible(one.channel)}  ${one.method} ${one.host}/[redacted]`,
    ...Object.entries(one.headers).map(([name, value]) => `${name}: ${visible(value)}`),
    ...JSON.stringify(body, null, 2).split("\n").map(visible),
  ];
}
