import { expect, test } from "vitest";
import { missingSecrets } from "../../../tools/simulator/secrets";
import { FakeApi } from "./harness";

function container(...secrets: readonly { name: string; optional?: boolean }[]) {
  return { env: [{ name: "PLAIN", value: "1" }, ...secrets.map((secretKeyRef) => ({ valueFrom: { secretKeyRef } }))] };
}

const spec = {
  initContainers: [container({ name: "token" })],
  containers: [container({ name: "keys" }, { name: "there" }, { name: "maybe", optional: true }), {}],
  volumes: [{ emptyDir: {} }, { secret: { secretName: "certificate" } }],
};

test("the Secrets that pods need and nobody made are told, each once", async () => {
  const api = new FakeApi({
    "/api/v1/namespaces/serving/pods": { items: [{ spec }, { spec }, { spec: { containers: [{}] } }] },
    "/api/v1/namespaces/serving/secrets": { items: [{ metadata: { name: "there" } }] },
  });
  expect(await missingSecrets(api, "serving")).toEqual(["certificate", "keys", "token"]);
});
