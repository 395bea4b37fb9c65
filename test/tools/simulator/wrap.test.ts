import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { Provider } from "@pulumi/kubernetes/provider";
import { ComponentResource, runtime, type Resource, type ResourceOptions } from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { beforeAll, describe, expect, it } from "vitest";
import { simulating } from "../../../tools/simulator/wrap";

const kubeconfig = "/simulation/kubeconfig";
const transform = simulating(kubeconfig);

beforeAll(async () => {
  await runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
    call: () => ({}),
  });
});

function transformed(resource: Resource, type: string, props: object, opts: ResourceOptions) {
  return transform({ resource, type, name: "x", props, opts });
}

class Part extends ComponentResource {}

describe("a program on the simulator", () => {
  it("awaits no Kubernetes resource for longer than a minute, whatever it asked for", () => {
    const map = new ConfigMap("map", {});
    const opts = { protect: true, customTimeouts: { create: "2h" } };
    const props = { data: {} };
    expect(transformed(map, "kubernetes:core/v1:ConfigMap", props, opts)).toEqual({
      props,
      opts: { protect: true, customTimeouts: { create: "60s", update: "60s", delete: "60s" } },
    });
  });

  it("reaches the simulated cluster only, whatever its providers were told", () => {
    const provider = new Provider("cluster", { context: "local", kubeconfig: "~/.kube/config" });
    const props = { context: "local", kubeconfig: "~/.kube/config" };
    const opts = {};
    expect(transformed(provider, "pulumi:providers:kubernetes", props, opts)).toEqual({
      props: { context: "local", kubeconfig },
      opts,
    });
  });

  it("is otherwise what it is", () => {
    const password = new RandomPassword("password", { length: 8 });
    expect(transformed(password, "random:index/randomPassword:RandomPassword", { length: 8 }, {})).toBeUndefined();
    const part = new Part("kubernetes:helm.sh/v4:Chart", "chart");
    expect(transformed(part, "kubernetes:helm.sh/v4:Chart", {}, {})).toBeUndefined();
  });
});
