import http from "node:http";
import type { AddressInfo } from "node:net";

/** Listens on a free port of 127.0.0.1; returns the address without a slash at its end. */
export async function listen(server: http.Server): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function closeServer(server: http.Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

const LARGEST = 256 * 1024;

/** The whole body as text; throws beyond 256 KiB. */
export async function readBody(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LARGEST) throw new Error("the body is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A channel's other end on this machine: takes whatever is posted and keeps it. */
export class LoopbackWebhook {
  readonly url: string;
  readonly #server: http.Server;
  readonly #bodies: string[] = [];

  private constructor(server: http.Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async open(): Promise<LoopbackWebhook> {
    const server = http.createServer();
    const webhook = new LoopbackWebhook(server, `${await listen(server)}/alerts`);
    server.on("request", (request, response) => {
      void webhook.#take(request, response);
    });
    return webhook;
  }

  /** What arrived, oldest first. */
  get bodies(): readonly string[] {
    return this.#bodies;
  }

  async close(): Promise<void> {
    await closeServer(this.#server);
  }

  async #take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    try {
      const body = await readBody(request);
      if (request.method === "POST" && request.url === "/alerts") this.#bodies.push(body);
      response.writeHead(request.method === "POST" ? 204 : 405).end();
    } catch {
      response.writeHead(413).end();
    }
  }
}
