import { expect, test } from "vitest";

import { BODY_KEPT, type HttpRequest, request, retryAfterMs } from "../../src/system/http.ts";
import { Redactor } from "../../src/system/secrets.ts";
import {
  answers,
  closedPort,
  echoes,
  fakeServer,
  floods,
  hangsAfterHeaders,
  hangsBeforeHeaders,
  hangsMidBody,
  resets,
  resetsMidBody,
} from "../support/http.ts";

const SECRET_PATH = "/hooks/Zq9fK2mX7pLw?key=s3cr3t-value";

function to(url: string, change: Partial<HttpRequest> = {}): HttpRequest {
  return { method: "GET", url, timeoutMs: 5_000, secrets: new Redactor(), ...change };
}

test("an answer: status, headers in lower case, body", async () => {
  const server = await fakeServer(answers(201, "made", { "X-Version": "7" }));
  const answer = await request(to(`${server.url}/version`, { method: "POST", body: "{}" }));
  expect(answer).toMatchObject({
    state: "answered",
    status: 201,
    body: "made",
    truncated: false,
    redirectsTo: null,
  });
  expect(answer.state === "answered" && answer.headers["x-version"]).toBe("7");
  expect(server.received).toMatchObject([{ method: "POST", path: "/version", body: "{}" }]);
});

test.for([301, 302, 303, 307, 308])("a redirect (%i) is an answer and is not followed", async (status) => {
  const other = await fakeServer(answers(200, "caught"));
  const server = await fakeServer(answers(status, "", { location: `${other.url}/take` }));
  const answer = await request(to(server.url, { method: "POST", body: "x", headers: { "x-api-key": "k" } }));
  expect(answer).toMatchObject({ state: "answered", status, redirectsTo: `127.0.0.1:${other.port}` });
  expect(other.received).toEqual([]);
});

test("a redirect to nowhere or to hostile text names no control character", async () => {
  const server = await fakeServer(answers(302, "", { location: "http://" }));
  expect(await request(to(server.url))).toMatchObject({ redirectsTo: "nowhere" });
});

test.for([
  ["before headers", hangsBeforeHeaders, "unknown", null],
  ["after headers", hangsAfterHeaders, true, 200],
  ["mid-body", hangsMidBody, true, 200],
] as const)("a server that hangs %s ends at the deadline", async ([, behaviour, sent, status]) => {
  const server = await fakeServer(behaviour);
  const failure = await request(to(server.url + SECRET_PATH, { timeoutMs: 200 }));
  expect(failure).toMatchObject({ state: "failed", kind: "timeout", sent });
  expect(failure.state === "failed" && (failure.partial?.status ?? null)).toBe(status);
});

test("a signal ends a request that hangs", async () => {
  const server = await fakeServer(hangsBeforeHeaders);
  const controller = new AbortController();
  const pending = request(to(server.url, { signal: controller.signal }));
  await server.arrived(1);
  controller.abort();
  expect(await pending).toMatchObject({ state: "failed", kind: "aborted", sent: "unknown" });
  expect(await request(to(server.url, { signal: controller.signal }))).toMatchObject({
    kind: "aborted",
    sent: false,
  });
});

test("a closed port is refused and nothing was sent; a cut connection may have sent", async () => {
  const port = await closedPort();
  expect(await request(to(`http://127.0.0.1:${port}/x`))).toMatchObject({
    state: "failed",
    kind: "refused",
    sent: false,
    text: `127.0.0.1:${port} refused the connection`,
  });
  const cut = await fakeServer(resets);
  expect(await request(to(cut.url))).toMatchObject({ state: "failed", kind: "reset", sent: "unknown" });
  const mid = await fakeServer(resetsMidBody);
  expect(await request(to(mid.url))).toMatchObject({ state: "failed", kind: "reset", sent: true });
});

test("of a huge body 64 KiB are read", async () => {
  const server = await fakeServer(floods(200));
  const answer = await request(to(server.url));
  expect(answer).toMatchObject({ state: "answered", status: 200, truncated: true });
  expect(answer.state === "answered" && answer.body.length).toBe(BODY_KEPT);
});

test("a name that nobody has, and TLS that nobody speaks", async () => {
  expect(await request(to("https://nobody.invalid/secret-path"))).toMatchObject({
    state: "failed",
    kind: "dns",
    sent: false,
    text: "the name nobody.invalid cannot be resolved",
  });
  const plain = await fakeServer(answers(200));
  const failure = await request(to(`https://127.0.0.1:${plain.port}/secret-path`));
  expect(failure).toMatchObject({ state: "failed", kind: "tls", sent: false });
  expect(JSON.stringify(failure)).not.toContain("secret-path");
});

test.for([
  "http://alerts.example.com/x",
  "https://user:pass@alerts.example.com/x",
  "https://user@alerts.example.com/x",
  "ftp://127.0.0.1/x",
  "file:///etc/passwd",
  "not a url at all",
  "https://10.0.0.8/x",
  "https://169.254.169.254/latest/meta-data",
  "https://[fd00:ec2::254]/latest",
  "https://[::ffff:10.0.0.8]/x",
  "https://0xa9fea9fe/latest",
  "https://2852039166/latest",
  "https://192.168.1.1/x",
  "https://0.0.0.0/x",
  "http://0/x",
])("%s is not asked", async (url) => {
  const failure = await request(to(url));
  expect(failure).toMatchObject({ state: "failed", kind: "invalid-url", sent: false });
  expect(JSON.stringify(failure)).not.toMatch(/latest|pass@|passwd|not a url/);
});

test.for(["http://2130706433", "http://0x7f.1", "http://127.1", "http://localhost"])(
  "%s is this machine, however it is written",
  async (origin) => {
    const server = await fakeServer(answers(200, "here"));
    expect(await request(to(`${origin}:${server.port}/`))).toMatchObject({ state: "answered", body: "here" });
  },
);

test("a private address is asked where the user's own configuration names it", async () => {
  // Nothing answers there: what counts is that it is tried.
  const failure = await request(to("https://10.255.255.1/x", { allowPrivate: true, timeoutMs: 100 }));
  expect(failure).toMatchObject({ state: "failed" });
  expect(failure.state === "failed" && failure.kind).not.toBe("invalid-url");
});

test("no failure and no answer holds a secret, whatever the server does with it", async () => {
  const token = "xoxb-4815162342/QwErTy+UiOp";
  const secrets = new Redactor();
  secrets.add(token);
  const server = await fakeServer(echoes(200));
  secrets.addUrl(server.url + SECRET_PATH);
  const headers = {
    authorization: `Bearer ${token}`,
    "x-basic": Buffer.from(`user:${token}`).toString("base64"),
    "x-encoded": encodeURIComponent(token),
  };
  for (const behaviour of [echoes(200), echoes(500), hangsMidBody, resets]) {
    server.behave(behaviour);
    const result = await request(to(server.url + SECRET_PATH, { headers, secrets, timeoutMs: 200 }));
    const text = JSON.stringify(result);
    for (const part of [
      "Zq9fK2mX7pLw",
      "s3cr3t-value",
      "4815162342",
      "QwErTy",
      "UiOp",
      Buffer.from(token).toString("base64").slice(4, 20),
    ]) {
      expect(text).not.toContain(part);
    }
  }
});

test("a header that cannot be sent is a failure that does not repeat it", async () => {
  const failure = await request(
    to(`http://127.0.0.1:${await closedPort()}`, { headers: { authorization: "Bearer \n hidden-value" } }),
  );
  expect(failure).toMatchObject({ state: "failed", kind: "invalid-url", sent: false });
  expect(JSON.stringify(failure)).not.toContain("hidden-value");
});

test("Retry-After: seconds, fractions, a date, nothing", () => {
  const now = Date.parse("2026-11-24T03:00:00Z");
  expect(retryAfterMs({ "retry-after": "30" }, now)).toBe(30_000);
  expect(retryAfterMs({ "retry-after": "0.25" }, now)).toBe(250);
  expect(retryAfterMs({ "retry-after": "Tue, 24 Nov 2026 03:01:00 GMT" }, now)).toBe(60_000);
  expect(retryAfterMs({ "retry-after": "Tue, 24 Nov 2026 02:00:00 GMT" }, now)).toBe(0);
  expect(retryAfterMs({ "retry-after": "soon" }, now)).toBeNull();
  expect(retryAfterMs({}, now)).toBeNull();
});
