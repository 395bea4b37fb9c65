import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import {
  applyDefinitions,
  applyWebhooks,
  readManifests,
  webhooksAt,
  type Manifests,
} from "../../../../tools/simulator/operators/manifests";
import { FakeApi, temporaryFolder } from "../harness";

const definitionsPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const mutatingPath = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";

function definition(plural: string, limit = 1) {
  return { kind: "CustomResourceDefinition", metadata: { name: `${plural}.example.com` }, spec: { limit } };
}

const webhooks: Manifests["webhooks"] = [
  {
    kind: "MutatingWebhookConfiguration",
    metadata: { name: "mutating" },
    webhooks: [
      { name: "a", failurePolicy: "Fail", clientConfig: { service: { name: "service", path: "/mutate--v1-pod" } } },
    ],
  },
];

/** An API server that establishes every definition at once, and keeps what was applied as real ones do. */
class DefinitionsApi extends FakeApi {
  override get(asked: string): Promise<unknown> {
    if (asked.startsWith(`${definitionsPath}/`)) {
      return Promise.resolve({ status: { conditions: [{ type: "Established", status: "True" }] } });
    }
    return asked.startsWith(definitionsPath)
      ? Promise.resolve({ items: this.applied.map(({ object }) => object) })
      : super.get(asked);
  }

  names(): readonly string[] {
    return this.applied.map(({ path: at }) => path.basename(at));
  }
}

describe("an operator's definitions", () => {
  it("are applied when they are missing, and left alone when they are as they should be", async () => {
    const api = new DefinitionsApi({});
    await applyDefinitions(api, [definition("firsts"), definition("seconds")]);
    expect(api.names()).toEqual(["firsts.example.com", "seconds.example.com"]);
    await applyDefinitions(api, [definition("firsts"), definition("seconds")]);
    expect(api.names()).toHaveLength(2);
  });

  it("are brought up to date when another version of the operator has others", async () => {
    const api = new DefinitionsApi({});
    await applyDefinitions(api, [definition("firsts"), definition("seconds")]);
    await applyDefinitions(api, [definition("firsts"), definition("seconds", 2)]);
    expect(api.names().slice(2)).toEqual(["seconds.example.com"]);
  });

  it("are waited for until the API server takes objects of them", async () => {
    let asked = 0;
    const api = new FakeApi({});
    api.get = (at) => {
      if (!at.startsWith(`${definitionsPath}/`)) return Promise.resolve({ items: null });
      const conditions = [null, [{ type: "Established", status: "False" }], [{ type: "Established", status: "True" }]];
      return Promise.resolve({ status: { conditions: conditions[asked++] } });
    };
    await applyDefinitions(api, [definition("firsts")]);
    expect(asked).toBe(3);
  });
});

describe("an operator's webhooks", () => {
  const server = { operator: "toy", port: 20_007, certificateAuthority: "authority" };

  it("are those of the publisher, at a server on this machine", () => {
    expect(webhooksAt(server, webhooks)).toEqual([
      {
        kind: "MutatingWebhookConfiguration",
        metadata: { name: "toy-mutating", labels: { "modelyard.dev/simulated": "true" } },
        webhooks: [
          {
            name: "a",
            failurePolicy: "Fail",
            clientConfig: {
              url: "https://127.0.0.1:20007/mutate--v1-pod",
              caBundle: Buffer.from("authority").toString("base64"),
            },
          },
        ],
      },
    ]);
  });

  it("are applied, and removed when their controller does not run any more", async () => {
    const api = new FakeApi({ [mutatingPath]: { items: [{ metadata: { name: "toy-mutating" } }] } });
    await applyWebhooks(api, webhooksAt(server, webhooks));
    expect(api.applied.map(({ path: at }) => at)).toEqual([`${mutatingPath}/toy-mutating`]);
    expect(api.removed).toEqual([]);
    await applyWebhooks(api, []);
    expect(api.removed.map(({ path: at }) => at)).toEqual([`${mutatingPath}/toy-mutating`]);
  });
});

describe("the manifests of an operator's part", () => {
  it("are told apart by what is done with them", () => {
    const folder = temporaryFolder();
    const other = { kind: "Role", metadata: { name: "toy" } };
    for (const [index, object] of [definition("firsts"), ...webhooks, other].entries()) {
      fs.writeFileSync(path.join(folder, `${index}.json`), JSON.stringify(object));
    }
    expect(readManifests(folder)).toEqual({ definitions: [definition("firsts")], webhooks });
  });

  it("are refused when there is no definition among them", () => {
    const folder = temporaryFolder();
    expect(() => readManifests(folder)).toThrow(`${folder} has no CustomResourceDefinition`);
  });
});
