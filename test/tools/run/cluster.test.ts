import { describe, expect, test } from "vitest";
import { labels } from "../../../components/base/labels";
import { Cluster, type ClusterApi } from "../../../tools/run/cluster";

class Refusal extends Error {
  constructor(readonly status: number) {
    super(`status ${status}`);
  }
}

const ours = labels({ environment: "prod", part: "release" });
const resource = (name: string, kind: string, namespaced: boolean, verbs = ["list", "delete", "get"]) => ({
  name,
  kind,
  namespaced,
  verbs,
});

/** An API server with these answers; what it does not know is not found. */
function server(answers: Readonly<Record<string, unknown>>, conflicts = 0) {
  const removed: string[] = [];
  const patched: (readonly [path: string, change: object])[] = [];
  let refusals = conflicts;
  const api: ClusterApi = {
    get: async (path) => {
      const answer = answers[path.split("?", 1)[0] ?? ""] ?? 404;
      if (typeof answer === "number") throw new Refusal(answer);
      return answer;
    },
    patch: async (path, change) => {
      if (refusals-- > 0) throw new Refusal(409);
      patched.push([path, change]);
    },
    remove: async (path) => void removed.push(path),
  };
  return { ...api, removed, patched };
}

const core = {
  resources: [
    resource("services", "Service", true),
    resource("services/status", "Service", true),
    resource("endpoints", "Endpoints", true),
    resource("secrets", "Secret", true),
    resource("namespaces", "Namespace", false),
    resource("bindings", "Binding", true, ["create"]),
  ],
};
const apps = { resources: [resource("deployments", "Deployment", true), resource("replicasets", "ReplicaSet", true)] };
const discovery = {
  "/apis": { groups: [{ preferredVersion: { groupVersion: "apps/v1" } }] },
  "/api/v1": core,
  "/apis/apps/v1": apps,
};
const item = (name: string, metadata: object = {}) => ({ metadata: { name, labels: ours, ...metadata } });

describe("a cluster", () => {
  const chat = { apiVersion: "apps/v1", kind: "Deployment", name: "chat", namespace: "prod-serving" };
  const path = "/apis/apps/v1/namespaces/prod-serving/deployments/chat";

  test.each([
    ["that is there", {}, false],
    ["that is being deleted", { deletionTimestamp: "2026-11-21T10:00:00Z" }, true],
  ])("tells the labels of an object %s", async (_which, metadata, deleting) => {
    const cluster = new Cluster(server({ ...discovery, [path]: item("chat", metadata) }));
    expect(await cluster.find(chat)).toEqual({ labels: ours, deleting });
  });

  test("gives nothing for an object, or a kind of object, that it does not have", async () => {
    const cluster = new Cluster(server(discovery));
    expect(await cluster.find(chat)).toBeUndefined();
    expect(await cluster.find({ ...chat, apiVersion: "example.com/v1", kind: "Thing" })).toBeUndefined();
  });

  test.each([500, 503, 403])("that refuses with %i is not one that has no such object", async (status) => {
    const cluster = new Cluster(server({ ...discovery, [path]: status }));
    await expect(cluster.find(chat)).rejects.toThrow(`status ${status}`);
  });

  describe("takes fields from the managers of Pulumi's provider", () => {
    const provider = { manager: "pulumi-kubernetes-4317c890", operation: "Apply", fieldsV1: { "f:spec": {} } };
    const controller = { manager: "kube-controller-manager", subresource: "status", fieldsV1: { "f:status": {} } };
    const managed = (...managedFields: object[]) => item("chat", { resourceVersion: "7", managedFields });

    test.each([
      ["and leaves the others theirs", [provider, controller], [controller]],
      ["and forgets all where there are no others", [provider, provider], [{}]],
    ])("%s", async (_what, before, after) => {
      const api = server({ ...discovery, [path]: managed(...before) });
      await new Cluster(api).releaseFields(chat);
      expect(api.patched).toEqual([[path, { metadata: { resourceVersion: "7", managedFields: after } }]]);
    });

    test("and changes nothing where it has none", async () => {
      const api = server({ ...discovery, [path]: managed(controller) });
      await new Cluster(api).releaseFields(chat);
      expect(api.patched).toEqual([]);
    });

    test.each([
      [4, 1],
      [5, 0],
    ])("and tries again when somebody else was quicker: after %i times", async (conflicts, patches) => {
      const api = server({ ...discovery, [path]: managed(provider) }, conflicts);
      const released = new Cluster(api).releaseFields(chat).catch((error: unknown) => String(error));
      expect(await released).toBe(patches === 0 ? "Error: status 409" : undefined);
      expect(api.patched).toHaveLength(patches);
    });
  });

  test("removes an object by its path", async () => {
    const api = server(discovery);
    await new Cluster(api).remove({ apiVersion: "v1", kind: "Namespace", name: "prod-serving" });
    expect(api.removed).toEqual(["/api/v1/namespaces/prod-serving"]);
  });

  test("lists an environment's own objects, without what controllers made of them or what may not be listed", async () => {
    const namespaced = "/api/v1/namespaces/prod-serving";
    const api = server({
      ...discovery,
      "/api/v1/namespaces": { items: [item("prod-serving")] },
      [`${namespaced}/services`]: { items: [item("chat", { namespace: "prod-serving" })] },
      [`${namespaced}/endpoints`]: { items: [item("chat", { namespace: "prod-serving" })] },
      [`${namespaced}/secrets`]: 403,
      "/apis/apps/v1/namespaces/prod-serving/deployments": { items: [item("foreign", { labels: {} })] },
      "/apis/apps/v1/namespaces/prod-serving/replicasets": { items: [item("chat-1", { ownerReferences: [{}] })] },
    });
    expect(await new Cluster(api).listOurs("prod", ["prod-serving"])).toEqual([
      { apiVersion: "v1", kind: "Service", name: "chat", namespace: "prod-serving" },
      { apiVersion: "v1", kind: "Namespace", name: "prod-serving" },
    ]);
  });
});
