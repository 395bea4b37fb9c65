import net from "node:net";

/** Long enough for a name look-up and a handshake across the world; a firewall that drops packets costs no more. */
export const connectMilliseconds = 3000;

/**
 * Whether a server answers at all, so that a machine without a network learns it in seconds.
 * @param origin "https://dl.k8s.io"
 * @returns why it cannot be reached, or undefined when it can
 */
export async function whyUnreachable(origin: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const proxy = environment.HTTPS_PROXY ?? environment.https_proxy ?? "";
  // Then the proxy does the connecting, and only the request itself can tell.
  if (proxy !== "" && environment.NODE_USE_ENV_PROXY === "1") return undefined;
  const url = new URL(origin);
  const failure = await connect(url.hostname, Number(url.port || (url.protocol === "http:" ? 80 : 443)));
  if (failure === undefined) return undefined;
  const hint =
    proxy === ""
      ? ""
      : "; HTTPS_PROXY is set, but Node uses it only with NODE_USE_ENV_PROXY=1 (Node 22.21, 24 or newer)";
  return `${url.host} cannot be reached (${failure})${hint}`;
}

function connect(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port });
    const end = (failure: string | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(failure);
    };
    const timer = setTimeout(() => end(`no answer within ${connectMilliseconds / 1000} s`), connectMilliseconds);
    socket.once("connect", () => end(undefined));
    socket.once("error", (error) => end("code" in error ? String(error.code) : error.message));
  });
}
