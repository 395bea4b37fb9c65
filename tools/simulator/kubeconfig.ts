import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { parse, stringify } from "yaml";
import { SimulatorError } from "./errors";
import { writePrivately } from "./folder";

/** How to reach an API server, and as whom. */
export interface Access {
  /** `https://127.0.0.1:<port>` */
  readonly server: string;
  /** PEM texts. */
  readonly certificateAuthority: string;
  readonly certificate: string;
  readonly key: string;
}

/** The administrator's access that kwokctl made beside the control plane. */
export function adminAccess(controlPlane: string, port: number): Access {
  const read = (name: string): string => fs.readFileSync(path.join(controlPlane, "pki", name), "utf8");
  return {
    server: `https://127.0.0.1:${port}`,
    certificateAuthority: read("ca.crt"),
    certificate: read("admin.crt"),
    key: read("admin.key"),
  };
}

/**
 * Writes a kubeconfig that knows one cluster, under the name that the environment file gives it: whatever
 * reads it can reach nothing else, and is refused when it asks for another context.
 */
export function writeKubeconfig(file: string, context: string, access: Access): void {
  const text = kubeconfigText(context, access);
  if (fs.existsSync(file) && fs.readFileSync(file, "utf8") === text) return;
  writePrivately(file, text);
}

function kubeconfigText(context: string, access: Access): string {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": context,
    contexts: [{ name: context, context: { cluster: context, user: context } }],
    clusters: [
      {
        name: context,
        cluster: { server: access.server, "certificate-authority-data": base64(access.certificateAuthority) },
      },
    ],
    users: [
      {
        name: context,
        user: { "client-certificate-data": base64(access.certificate), "client-key-data": base64(access.key) },
      },
    ],
  });
}

const Kubeconfig = z.object({
  clusters: z.tuple([
    z.object({ cluster: z.object({ server: z.string(), "certificate-authority-data": z.base64() }) }),
  ]),
  users: z.tuple([
    z.object({ user: z.object({ "client-certificate-data": z.base64(), "client-key-data": z.base64() }) }),
  ]),
});

/**
 * Reads a kubeconfig that `writeKubeconfig` wrote.
 * @throws SimulatorError when it is missing or of another kind
 */
export function readKubeconfig(file: string): Access {
  try {
    const { clusters, users } = Kubeconfig.parse(parse(fs.readFileSync(file, "utf8")));
    const decode = (base64: string): string => Buffer.from(base64, "base64").toString("utf8");
    return {
      server: clusters[0].cluster.server,
      certificateAuthority: decode(clusters[0].cluster["certificate-authority-data"]),
      certificate: decode(users[0].user["client-certificate-data"]),
      key: decode(users[0].user["client-key-data"]),
    };
  } catch {
    throw new SimulatorError(
      `${file} is not the kubeconfig of a simulated cluster. Start the simulation to have it written.`,
    );
  }
}
