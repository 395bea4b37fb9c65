import https from "node:https";
import { z } from "zod";
import { readKubeconfig, type Access } from "./kubeconfig";

/** The few requests that the simulator makes. Answers are JSON as the API server sent it. */
export interface KubernetesApi {
  /**
   * @param form - `metadata`: of a list, only the metadata of its objects
   * @throws ApiError unless the answer is a success
   */
  get(path: string, form?: "whole" | "metadata"): Promise<unknown>;
  /** Server-side apply; fields that others set are taken over. */
  apply(path: string, object: object): Promise<unknown>;
  /** JSON merge patch. @throws ApiError unless the answer is a success */
  patch(path: string, change: object): Promise<unknown>;
  /** Deletes an object; one that is not there is as good as deleted. */
  remove(path: string, options?: object): Promise<void>;
}

/** The API server answered with an error, or did not answer. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    message: string,
    /** HTTP status; undefined when there was no answer. */
    readonly status: number | undefined,
  ) {
    super(message);
    this.stack = message;
  }
}

const fieldManager = "modelyard-simulator";
/** The API server is on this machine: what takes longer will not come. */
const timeoutMilliseconds = 10_000;

/** Access to the cluster of a kubeconfig that the simulator wrote. */
export function openApi(kubeconfig: string): KubernetesApi {
  return connect(readKubeconfig(kubeconfig));
}

export function connect(access: Access): KubernetesApi {
  const client = new Client(access);
  return {
    get: (path, form) => client.request("GET", path, undefined, form === "metadata" ? metadataType : undefined),
    apply: (path, object) =>
      client.request("PATCH", `${path}?fieldManager=${fieldManager}&force=true`, {
        type: "application/apply-patch+yaml",
        content: object,
      }),
    patch: (path, change) => client.request("PATCH", path, { type: "application/merge-patch+json", content: change }),
    async remove(path, options) {
      try {
        await client.request("DELETE", path, { type: "application/json", content: options ?? {} });
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
      }
    },
  };
}

/**
 * Whether the API server says that it is ready to serve. Never throws.
 * @param access - a certificate of another cluster on the same port is not accepted
 */
export async function isReady(access: Access): Promise<boolean> {
  try {
    await new Client(access).request("GET", "/readyz");
    return true;
  } catch {
    return false;
  }
}

interface Body {
  readonly type: string;
  readonly content: object;
}

const metadataType = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

class Client {
  readonly #server: string;
  readonly #agent: https.Agent;

  constructor({ server, certificateAuthority: ca, certificate: cert, key }: Access) {
    this.#server = server;
    // Idle connections do not keep the process running.
    this.#agent = new https.Agent({ ca, cert, key, keepAlive: true, maxSockets: 16 });
  }

  async request(method: string, path: string, body?: Body, accept = "application/json"): Promise<unknown> {
    const failure = (reason: string, status?: number): ApiError =>
      new ApiError(`The simulated cluster at ${this.#server} did not carry out ${method} ${path}: ${reason}`, status);
    const { status, text } = await this.#send(method, path, accept, body).catch((error: unknown) => {
      throw failure(error instanceof Error ? error.message : String(error));
    });
    if (status >= 200 && status < 300) return parseAnswer(text);
    throw failure(reasonOf(text) ?? `status ${status}`, status);
  }

  #send(method: string, path: string, accept: string, body?: Body): Promise<{ status: number; text: string }> {
    const content = body === undefined ? "" : JSON.stringify(body.content);
    const headers = {
      accept,
      // Without it Node sends the body of a DELETE as if it were the next request.
      "content-length": Buffer.byteLength(content),
      ...(body === undefined ? {} : { "content-type": body.type }),
    };
    const options = { method, headers, agent: this.#agent, timeout: timeoutMilliseconds };
    return new Promise((resolve, reject) => {
      const request = https.request(new URL(path, this.#server), options, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
        response.on("error", reject);
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, text });
        });
      });
      request.on("timeout", () => request.destroy(new Error(`no answer within ${timeoutMilliseconds / 1000} s`)));
      request.on("error", reject);
      request.end(content);
    });
  }
}

/** Health checks answer in plain text. */
function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const Status = z.object({ message: z.string() });

function reasonOf(text: string): string | undefined {
  const status = Status.safeParse(parseAnswer(text));
  return status.success ? status.data.message : undefined;
}
