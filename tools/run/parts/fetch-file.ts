import { createHash } from "node:crypto";
import fs from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

export interface FetchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called as bytes arrive; the total is undefined where the server does not say it. */
  readonly onProgress?: (bytes: number, total: number | undefined) => void;
  /** The published sum; another content is refused. */
  readonly sha256?: string | undefined;
  /** The longest silence of the server. @default 30 seconds */
  readonly stallSeconds?: number;
}

/**
 * Fetches an address into a new file.
 * @throws Error with a reason for people when the address is not safe, the server refuses, stops
 *   or sends too little, or the content is not the published one; the file is then not to be used
 */
export async function fetchFile(url: string, file: string, options: FetchOptions = {}): Promise<void> {
  const stall = new Stall(options);
  try {
    const response = await open(url, stall.signal);
    const total = Number(response.headers.get("content-length") ?? NaN);
    const expected = Number.isNaN(total) ? undefined : total;
    const hash = createHash("sha256");
    let bytes = 0;
    const watch = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        hash.update(chunk);
        bytes += chunk.length;
        stall.alive();
        options.onProgress?.(bytes, expected);
        next(null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(response.body), watch, fs.createWriteStream(file, { flags: "wx" }));
    if (bytes === 0) throw new Error("it is empty");
    if (expected !== undefined && bytes !== expected) throw new Error(`${bytes} of ${expected} bytes arrived`);
    const sum = hash.digest("hex");
    if (options.sha256 !== undefined && sum !== options.sha256) {
      throw new Error(`its sha256 is ${sum}, but ${options.sha256} was published`);
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new Error(`${url}: ${stall.reason ?? reasonOf(error)}`, { cause: error });
  } finally {
    stall.end();
  }
}

/** Fetches a small text, such as a list of sums. */
export async function fetchText(url: string, options: FetchOptions = {}): Promise<string> {
  const stall = new Stall(options);
  try {
    const response = await open(url, stall.signal);
    return await new Response(response.body).text();
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new Error(`${url}: ${stall.reason ?? reasonOf(error)}`, { cause: error });
  } finally {
    stall.end();
  }
}

const mostRedirects = 5;

type Answer = { readonly headers: Headers; readonly body: NonNullable<Response["body"]> };

/** Follows redirects by hand, because each of them could lead from https to an address that anyone on the way can forge. */
async function open(url: string, signal: AbortSignal): Promise<Answer> {
  let address = new URL(url);
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    refuseUnsafe(address);
    const response = await fetch(address, { redirect: "manual", signal, headers: { "accept-encoding": "identity" } });
    const location = response.headers.get("location");
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      address = new URL(location, address);
    } else if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
    } else return { headers: response.headers, body: response.body };
  }
  throw new Error(`more than ${mostRedirects} redirects`);
}

/** Plain http only to this machine itself, which is where tests and local mirrors listen. */
function refuseUnsafe({ protocol, hostname, href }: URL): void {
  if (protocol === "https:") return;
  if (protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(hostname)) return;
  throw new Error(`${href} is not https`);
}

/** Aborts when nothing has arrived for a while, or when the outer signal does. */
class Stall {
  private readonly controller = new AbortController();
  private readonly milliseconds: number;
  private readonly passOn: () => void;
  private timer: NodeJS.Timeout;
  reason: string | undefined;

  constructor(private readonly options: FetchOptions) {
    this.milliseconds = (options.stallSeconds ?? 30) * 1000;
    this.passOn = () => this.controller.abort(options.signal?.reason);
    options.signal?.addEventListener("abort", this.passOn, { once: true });
    this.timer = this.start();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  alive(): void {
    clearTimeout(this.timer);
    this.timer = this.start();
  }

  end(): void {
    clearTimeout(this.timer);
    this.options.signal?.removeEventListener("abort", this.passOn);
  }

  private start(): NodeJS.Timeout {
    return setTimeout(() => {
      this.reason = `nothing arrived for ${this.milliseconds / 1000} s`;
      this.controller.abort();
    }, this.milliseconds);
  }
}

/** `fetch` says only "fetch failed"; what happened is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
