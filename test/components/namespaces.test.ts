import { beforeAll, expect, test } from "vitest";
import type { Recording } from "../../tools/run/record";
import { recordStack, resource } from "../harness/recorded";

let recording: Recording;
beforeAll(async () => {
  recording = await recordStack("local");
});

test.each(["platform", "serving"])(
  "the namespace of %s enforces `restricted`, at a pinned version, in all three modes",
  (layer) => {
    const { metadata } = resource(recording, "Namespace", `${layer}-namespace`).inputs as {
      metadata: { name: string; labels: Record<string, string> };
    };
    const security = Object.entries(metadata.labels).filter(([key]) => key.startsWith("pod-security."));
    expect(metadata.name).toBe(`local-${layer}`);
    expect(Object.fromEntries(security)).toEqual({
      "pod-security.kubernetes.io/enforce": "restricted",
      "pod-security.kubernetes.io/enforce-version": "v1.35",
      "pod-security.kubernetes.io/warn": "restricted",
      "pod-security.kubernetes.io/warn-version": "v1.35",
      "pod-security.kubernetes.io/audit": "restricted",
      "pod-security.kubernetes.io/audit-version": "v1.35",
    });
  },
);

test.each(["platform", "serving"])("nothing in %s may talk unless a policy of its own allows it", (layer) => {
  expect(resource(recording, "NetworkPolicy", `${layer}-default-deny`).inputs["spec"]).toEqual({
    podSelector: {},
    policyTypes: ["Ingress", "Egress"],
  });
});
