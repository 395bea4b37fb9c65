import https from "node:https";
import type { ClusterApi } from "./cluster";
import { PulumiError } from "./errors";

/** A cluster that does not answer within this time will not. */
const timeoutMilliseconds = 30_000;

/** The API server answered with an error. */
class StatusError extends PulumiError {
  override readonly name = "StatusError";

  constructor(
    message: string,
    /** HTTP status. */
    readonly status: number,
  ) {
    super(message);
  }
}

/**
 * Access to the cluster of a context of the user's kubeconfig, with whatever that uses: certificates, tokens, the
 * exec plugins of clouds. The library is loaded here only, because it takes as long to load as all else together.
 *
 * @throws PulumiError when the cluster cannot be reached
 */
export async function connectContext(context: string): Promise<ClusterApi> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromDefault();
  config.setCurrentContext(context);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new PulumiError(`the kubeconfig's context ${context} names no cluster with a server`);
  const request = async (method: string, path: string, change?: object): Promise<unknown> => {
    // Exec plugins and token files are asked each time: their answers expire. The library keeps them meanwhile.
    const options: https.RequestOptions = { method, timeout: timeoutMilliseconds };
    try {
      await config.applyToHTTPSOptions(options);
      return await send(new URL(server.replace(/\/$/, "") + path), options, change);
    } catch (error) {
      if (error instanceof StatusError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new PulumiError(`The cluster of the context ${context} (${server}) cannot be asked: ${reason}`);
    }
  };
  return {
    get: (path) => request("GET", path),
    patch: (path, change) => request("PATCH", path, change),
    remove: async (path) => {
      try {
        await request("DELETE", path);
      } catch (error) {
        if (!(error instanceof StatusError) || error.status !== 404) throw error;
      }
    },
  };
}

function send(url: URL, options: https.RequestOptions, change?: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = https.request(url, options);
    request.setHeader("accept", "application/json");
    request.on("timeout", () => request.destroy(new Error(`no answer within ${timeoutMilliseconds / 1000} s`)));
    request.on("error", reject);
    request.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      response.on("error", reject);
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve(parsed(text));
        else reject(new StatusError(refusal(options.method ?? "GET", url, status), status));
      });
    });
    if (change !== undefined) request.setHeader("content-type", "application/merge-patch+json");
    request.end(change === undefined ? undefined : JSON.stringify(change));
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function refusal(method: string, url: URL, status: number): string {
  const advice = status === 401 || status === 403 ? " Whoever runs this needs the right to it." : "";
  return `The cluster at ${url.origin} answered ${method} ${url.pathname} with status ${status}.${advice}`;
}
