import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { onTestFinished } from "vitest";

/** What a fake server received. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a fake server does with a request; it is given the server so that it can look back. */
export type Behaviour = (received: Received, response: ServerResponse, request: IncomingMessage) => void;

export interface FakeServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
  /** From now on it behaves so. */
  behave(behaviour: Behaviour): void;
  /** Resolves when as many requests have arrived in all. */
  arrived(count: number): Promise<void>;
}

/** A loopback server that behaves as told; gone when the test is. It is never the real service. */
export async function fakeServer(initial: Behaviour): Promise<FakeServer> {
  let behaviour = initial;
  const received: Received[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("error", () => {});
    response.on("error", () => {});
    request.on("end", () => {
      const one: Received = {
        method: request.method ?? "",
        path: request.url ?? "",
        headers: Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        ),
        body: Buffer.concat(chunks).toString("utf8"),
      };
      received.push(one);
      for (const waiter of waiting) if (received.length >= waiter.count) waiter.resolve();
      behaviour(one, response, request);
    });
  });
  const port = await listening(server);
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    behave: (next) => {
      behaviour = next;
    },
    arrived: (count) =>
      received.length >= count
        ? Promise.resolve()
        : new Promise((resolve) => waiting.push({ count, resolve })),
  };
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

/** A loopback port where nobody listens: it was free a moment ago. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Answers with a status and a body. */
export function answers(
  status: number,
  body: string | Readonly<Record<string, unknown>> = "",
  headers: Readonly<Record<string, string>> = {},
): Behaviour {
  return (_received, response) => {
    response.writeHead(status, headers);
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

/** As documented for chat.postMessage. */
export const slackOk: Behaviour = answers(200, { ok: true, channel: "C0123", ts: "1764000000.000100" });

export function slackSays(error: string): Behaviour {
  return answers(200, { ok: false, error });
}

/** Takes the request and says nothing, ever. */
export const hangsBeforeHeaders: Behaviour = () => {};

export const hangsAfterHeaders: Behaviour = (_received, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.flushHeaders();
};

export const hangsMidBody: Behaviour = (_received, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.write('{"ok": tr');
};

/** Cuts the connection without an answer. */
export const resets: Behaviour = (_received, _response, request) => {
  request.socket.resetAndDestroy();
};

export const resetsMidBody: Behaviour = (_received, response, request) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.write('{"ok": tr', () => request.socket.resetAndDestroy());
};

/** Says everything that it was sent, as a careless debug page does. */
export function echoes(status: number): Behaviour {
  return (received, response) => {
    response.writeHead(status, { "content-type": "text/plain", "x-echo": received.path });
    response.end(`${received.path} ${JSON.stringify(received.headers)} ${received.body}`);
  };
}

/** A body of so many MiB, as fast as it is taken. */
export function floods(mebibytes: number): Behaviour {
  return (_received, response) => {
    const block = Buffer.alloc(1024 * 1024, "x");
    response.writeHead(200, { "content-type": "text/plain" });
    let left = mebibytes;
    const more = (): void => {
      while (left > 0) {
        left -= 1;
        if (!response.write(block)) {
          response.once("drain", more);
          return;
        }
      }
      response.end();
    };
    more();
  };
}
