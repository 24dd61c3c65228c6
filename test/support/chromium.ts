import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import { pathToFileURL } from "node:url";

const NAMES = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome"];

/** A browser that hangs fails its test instead of holding it up. */
const DEADLINE_MS = 30_000;

/** A Chromium of this machine, or null. */
export function findChromium(): string | null {
  const directories = (process.env["PATH"] ?? "").split(path.delimiter);
  for (const name of NAMES)
    for (const directory of directories) {
      const file = path.join(directory, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not here.
      }
    }
  return null;
}

export interface View {
  readonly width: number;
  readonly dark?: boolean;
  readonly scripts?: boolean;
}

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

/**
 * A real browser, driven by the Chrome DevTools Protocol over a pipe (two file descriptors, messages
 * ended by NUL): no port is opened and no library needed.
 */
export class Chromium {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #toBrowser: Writable;
  readonly #fromBrowser: Readable;
  readonly #waiting = new Map<number, { done: (value: Message) => void; failed: (error: Error) => void }>();
  readonly #listeners = new Set<(message: Message) => void>();
  #last = 0;

  constructor(program: string) {
    this.#profile = mkdtempSync(path.join(tmpdir(), "mayday-chromium-"));
    this.#process = spawn(
      program,
      [
        "--headless",
        // Root in a container has no sandbox; the pages are our own.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--remote-debugging-pipe",
        `--user-data-dir=${this.#profile}`,
        "about:blank",
      ],
      { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
    );
    this.#toBrowser = this.#process.stdio[3] as Writable;
    this.#fromBrowser = this.#process.stdio[4] as Readable;
    let rest = "";
    this.#fromBrowser.setEncoding("utf8");
    this.#fromBrowser.on("data", (chunk: string) => {
      const messages = (rest + chunk).split("\0");
      rest = messages.pop() ?? "";
      for (const message of messages) this.#take(JSON.parse(message) as Message);
    });
    this.#process.once("exit", () => {
      for (const { failed } of this.#waiting.values()) failed(new Error("the browser ended"));
    });
  }

  #take(message: Message): void {
    const waiting = message.id === undefined ? undefined : this.#waiting.get(message.id);
    if (message.id !== undefined && waiting !== undefined) {
      this.#waiting.delete(message.id);
      if (message.error) waiting.failed(new Error(message.error.message));
      else waiting.done(message);
    } else for (const listener of this.#listeners) listener(message);
  }

  async send(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
    sessionId?: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    this.#last += 1;
    const id = this.#last;
    const answer = new Promise<Message>((done, failed) => this.#waiting.set(id, { done, failed }));
    const timer = setTimeout(
      () => this.#waiting.get(id)?.failed(new Error(`the browser did not answer ${method}`)),
      DEADLINE_MS,
    );
    this.#toBrowser.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`);
    try {
      return (await answer).result ?? {};
    } finally {
      clearTimeout(timer);
    }
  }

  /** Opens a file in a fresh tab and waits until it is loaded. */
  async open(file: string, view: View): Promise<Tab> {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const tab = new Tab(this, String(sessionId), String(targetId));
    const listener = (message: Message): void => {
      if (message.sessionId === sessionId) tab.heard(message.method ?? "", message.params ?? {});
    };
    this.#listeners.add(listener);
    await tab.load(file, view);
    return tab;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => {
      this.#process.once("exit", resolve);
    });
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      // Asked to end it takes its children along; killed it would leave them writing into the profile.
      await this.send("Browser.close").catch(() => this.#process.kill("SIGKILL"));
      await ended;
    }
    // Its children may hold the other ends a little longer.
    this.#toBrowser.destroy();
    this.#fromBrowser.destroy();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

export class Tab {
  readonly #browser: Chromium;
  readonly #session: string;
  readonly #target: string;
  #loaded: () => void = () => {};
  /** Addresses asked for, the page itself included. */
  readonly requests: string[] = [];
  readonly dialogs: string[] = [];
  /** Violations of the content security policy, errors, and whatever else the console was told. */
  readonly complaints: string[] = [];

  constructor(browser: Chromium, session: string, target: string) {
    this.#browser = browser;
    this.#session = session;
    this.#target = target;
  }

  heard(method: string, params: Readonly<Record<string, unknown>>): void {
    if (method === "Page.loadEventFired") this.#loaded();
    if (method === "Network.requestWillBeSent")
      this.requests.push((params["request"] as { readonly url: string }).url);
    if (method === "Page.javascriptDialogOpening") {
      this.dialogs.push(String(params["message"]));
      void this.#send("Page.handleJavaScriptDialog", { accept: false });
    }
    if (
      method === "Log.entryAdded" ||
      method === "Runtime.exceptionThrown" ||
      method === "Runtime.consoleAPICalled"
    )
      this.complaints.push(JSON.stringify(params));
    if (method === "Audits.issueAdded" && JSON.stringify(params).includes("ContentSecurityPolicy"))
      this.complaints.push(JSON.stringify(params));
  }

  async #send(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    return this.#browser.send(method, params, this.#session);
  }

  async load(file: string, { width, dark = false, scripts = true }: View): Promise<void> {
    for (const domain of ["Page", "Network", "Log", "Runtime", "Audits"])
      await this.#send(`${domain}.enable`);
    await this.#send("Emulation.setDeviceMetricsOverride", {
      width,
      height: 900,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
    await this.#send("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }],
    });
    await this.#send("Emulation.setScriptExecutionDisabled", { value: !scripts });
    const loaded = new Promise<void>((resolve) => {
      this.#loaded = resolve;
    });
    await this.#send("Page.navigate", { url: pathToFileURL(file).href });
    await loaded;
  }

  /** The value of an expression in the page. The debugger may, also where the page's scripts are off. */
  async value<T>(expression: string): Promise<T> {
    const answer = await this.#send("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
      userGesture: true,
    });
    if (answer["exceptionDetails"] !== undefined) throw new Error(JSON.stringify(answer["exceptionDetails"]));
    return (answer["result"] as { readonly value: T }).value;
  }

  /** The whole page as PNG. */
  async picture(): Promise<Buffer> {
    const { data } = await this.#send("Page.captureScreenshot", { captureBeyondViewport: true });
    return Buffer.from(String(data), "base64");
  }

  async press(key: string): Promise<void> {
    const event = { key, code: key, windowsVirtualKeyCode: key === "Tab" ? 9 : 13 };
    await this.#send("Input.dispatchKeyEvent", { type: "keyDown", ...event });
    await this.#send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  }

  async close(): Promise<void> {
    await this.#browser.send("Target.closeTarget", { targetId: this.#target });
  }
}
