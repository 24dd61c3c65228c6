import type * as valibot from "valibot";

import { visible } from "../../model/escape.ts";
import { checkUrl, type HttpAnswer, retryAfterMs } from "../../system/http.ts";
import type { Reading } from "../channel.ts";
import { cut } from "../text.ts";

/**
 * What a status code alone says (RFC 9110): 2xx taken; 408, 425, 429 and 5xx later; a redirect and
 * every other code refused.
 */
export function statusReading(answer: HttpAnswer, now: number): Reading {
  const { status } = answer;
  if (status >= 200 && status < 300) return { state: "delivered", handle: null };
  if (answer.redirectsTo !== null) {
    return { state: "refused", text: `redirects to ${answer.redirectsTo}, which is not followed` };
  }
  const said = firstLine(answer.body);
  const text = `answered ${status}${said === "" ? "" : `: ${said}`}`;
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return { state: "retry", afterMs: retryAfterMs(answer.headers, now), text };
  }
  return { state: "refused", text };
}

/** A line of an answer for people; a page of HTML says nothing to them. */
function firstLine(body: string): string {
  if (/^\s*</.test(body)) return "";
  return visible(cut(body.trim().split(/[\r\n]/)[0] ?? "", 100));
}

/** For a channel's `fragment`: a URL that mayday would ask. */
export function httpUrl(
  v: typeof valibot,
): valibot.CheckAction<string, (issue: valibot.CheckIssue<string>) => string> {
  const fault = (url: string): string => {
    const checked = checkUrl(url);
    return typeof checked === "string" ? checked : "";
  };
  return v.check(
    (url) => fault(url) === "",
    (issue) => fault(issue.input),
  );
}
