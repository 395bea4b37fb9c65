import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { Provider } from "@pulumi/kubernetes/provider";
import {
  ComponentResource,
  runtime,
  type ComponentResourceOptions,
  type CustomResourceOptions,
  type ResourceTransformation,
} from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { beforeAll, describe, expect, it } from "vitest";
import { RayService } from "../../../components/base";
import { simulating } from "../../../tools/simulator/wrap";

const kubeconfig = "/simulation/kubeconfig";

beforeAll(async () => {
  await runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
    call: () => ({}),
  });
});

/** What a resource is declared with, when it is made on the simulator. */
function declared(make: (options: Pick<CustomResourceOptions, "transformations">) => unknown) {
  let seen: { props: unknown; customTimeouts: unknown } | undefined;
  const look: ResourceTransformation = ({ props, opts }) => {
    const { customTimeouts }: CustomResourceOptions = opts;
    seen = { props, customTimeouts };
    return undefined;
  };
  make({ transformations: [simulating(kubeconfig), look] });
  return seen;
}

class Chart extends ComponentResource {
  constructor(options: ComponentResourceOptions) {
    super("kubernetes:helm.sh/v4:Chart", "chart", {}, options);
  }
}

const rayService = {
  serveConfigV2: "",
  upgradeStrategy: { type: "None" },
  serveService: { metadata: {}, spec: {} },
  excludeHeadPodFromServeSvc: true,
  rayClusterConfig: {
    rayVersion: "2.60.0",
    authOptions: { mode: "token" },
    enableInTreeAutoscaling: false,
    headGroupSpec: { rayStartParams: {}, template: {} },
    workerGroupSpecs: [],
  },
} as const;

describe("a program on the simulator", () => {
  const short = { create: "120s", update: "120s", delete: "120s" };

  it("awaits no Kubernetes resource for longer than two minutes, whatever it asked for", () => {
    const customTimeouts = { create: "2h" };
    expect(declared((options) => new ConfigMap("map", {}, { ...options, customTimeouts }))).toMatchObject({
      customTimeouts: short,
    });
  });

  it("does not await a RayService, which no Ray makes ready, and leaves the rest of it", () => {
    const annotations = { "pulumi.com/waitFor": "condition=Ready" };
    const metadata = { name: "chat", annotations };
    expect(declared((options) => new RayService("ray", { metadata, spec: rayService }, options))).toMatchObject({
      props: { metadata: { name: "chat", annotations: { ...annotations, "pulumi.com/skipAwait": "true" } } },
      customTimeouts: short,
    });
    expect(declared((options) => new RayService("bare", { metadata: {}, spec: rayService }, options))).toMatchObject({
      props: { metadata: { annotations: { "pulumi.com/skipAwait": "true" } }, spec: rayService },
    });
    expect(declared((options) => new ConfigMap("plain", { metadata }, options))).toMatchObject({
      props: { metadata: { annotations } },
    });
  });

  it("reaches the simulated cluster only, whatever its providers were told", () => {
    const args = { context: "local", kubeconfig: "~/.kube/config" };
    expect(declared((options) => new Provider("cluster", args, options))?.props).toMatchObject({ kubeconfig });
  });

  it("is otherwise what it is", () => {
    const password = declared((options) => new RandomPassword("password", { length: 8 }, options));
    expect(password).toMatchObject({ props: { length: 8 }, customTimeouts: undefined });
    expect(declared((options) => new Chart(options))).toEqual({ props: {}, customTimeouts: undefined });
  });
});
