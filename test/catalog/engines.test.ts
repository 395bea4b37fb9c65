import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openVllmAdvisories, vllmAdvisories, vllmFixedVersion, vllmFloor } from "../../catalog/advisories";
import { compareVersions, isVersion } from "../../catalog/compare-versions";
import {
  batchDefaultsSource,
  pinnedVllmVersion,
  vllmBatchDefaults,
  vllmBehaviour,
  vllmChanges,
  vllmServer,
  vllmUser,
  vllmVersion,
  vllmVersions,
} from "../../catalog/engines";
import type { Source } from "../../catalog/fact";
import { findGpu } from "../../catalog/gpus";
import { vllmImage, vllmImageDigest, vllmImageDigests } from "../../catalog/images";
import { apiVersions, kubernetesMinor, kubernetesSource, podSecurityVersion } from "../../catalog/versions";
import { sourceSchema } from "./schemas";

const sourceOf = (fact: Source): Source => {
  const { source, date, standing, note } = fact;
  return note === undefined ? { source, date, standing } : { source, date, standing, note };
};

describe("comparing versions", () => {
  const version = fc.tuple(fc.nat(40), fc.nat(40), fc.nat(40)).map((parts) => parts.join("."));

  it.each([
    ["0.9.0", "0.10.0"],
    ["0.30.0", "0.31.0"],
    ["0.31.0", "0.31.1"],
    ["0.99.99", "1.0.0"],
    ["2.0.0", "10.0.0"],
  ])("puts %s before %s", (older, newer) => {
    expect(compareVersions(older, newer)).toBeLessThan(0);
    expect(compareVersions(newer, older)).toBeGreaterThan(0);
  });

  it("is a total order: equal to itself only, antisymmetric and transitive", () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(compareVersions(a, b) === 0).toBe(a === b);
        expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it.each(["0.31", "v0.31.0", "0.31.0-cu130", "0.31.0.1", "00.1.0", "", "latest"])(
    "refuses %j and says what to write",
    (text) => {
      expect(isVersion(text)).toBe(false);
      expect(() => compareVersions(text, "0.31.0")).toThrow(`${text} is not a version: write major.minor.patch`);
      expect(() => compareVersions("0.31.0", text)).toThrow("is not a version");
    },
  );
});

describe("versions of vLLM", () => {
  it("offers the pinned one and the one before, newest first", () => {
    expect(vllmVersions).toEqual(["0.31.0", "0.30.0"]);
    expect(vllmVersions.toSorted((a, b) => compareVersions(b, a))).toEqual([...vllmVersions]);
    expect(vllmVersions.map((version) => vllmVersion(version)?.role)).toEqual(["pinned", "previous"]);
    expect(vllmVersion(pinnedVllmVersion)?.version).toBe(pinnedVllmVersion);
  });

  it.each([...vllmVersions])("knows how %s behaves, with a source", (version) => {
    const found = vllmVersion(version);
    expect(found).toMatchObject({
      defaultGpuMemoryUtilization: 0.92,
      cudaGraphsInBudget: true,
      shutdownTimeoutFlag: true,
      queueLimitFlags: true,
      batchTierFrom160GiB: true,
    });
    expect(() => sourceSchema.parse(found?.source)).not.toThrow();
  });

  it.each(["0.29.0", "0.32.0", "0.31", "latest"])("offers no %s", (version) => {
    expect(vllmVersion(version)).toBeUndefined();
  });

  it.each([
    ["0.17.1", 0.9, false, false, false, false],
    ["0.18.0", 0.9, false, true, false, false],
    ["0.19.1", 0.9, false, true, false, false],
    ["0.20.0", 0.92, true, true, false, false],
    ["0.27.0", 0.92, true, true, false, false],
    ["0.28.0", 0.92, true, true, false, true],
    ["0.29.0", 0.92, true, true, true, true],
    ["0.31.0", 0.92, true, true, true, true],
  ])(
    "lets %s take %d of the memory, graphs inside: %s, --shutdown-timeout: %s, queue limits: %s, largest tier: %s",
    (version, utilization, graphs, shutdown, queue, tier) => {
      expect(vllmBehaviour(version)).toEqual({
        defaultGpuMemoryUtilization: utilization,
        cudaGraphsInBudget: graphs,
        shutdownTimeoutFlag: shutdown,
        queueLimitFlags: queue,
        batchTierFrom160GiB: tier,
      });
    },
  );

  it.each(["0.17.0", "0.10.2", "0.31.1", "0.33.0", "newest"])(
    "does not guess how %s behaves, whose code was not read",
    (version) => {
      expect(vllmBehaviour(version)).toBeUndefined();
    },
  );

  it("gives a source for every change and for the server's own facts", () => {
    for (const fact of [...vllmChanges, vllmServer.source, vllmUser.source, batchDefaultsSource]) {
      expect(() => sourceSchema.parse(sourceOf(fact))).not.toThrow();
    }
  });

  it("lists changes oldest first, since they are applied in that order", () => {
    const since = vllmChanges.map((change) => change.since);
    expect(since.toSorted(compareVersions)).toEqual(since);
  });

  it.each([
    ["B200", "0.31.0", 16384, 1024],
    ["B200", "0.27.0", 8192, 1024],
    ["H100-80GB", "0.31.0", 8192, 1024],
    ["RTX-PRO-6000", "0.31.0", 8192, 1024],
    ["A100-80GB", "0.31.0", 2048, 256],
    ["A100-80GB-PCIe", "0.31.0", 2048, 256],
    ["A100-40GB", "0.31.0", 2048, 256],
    ["L40S", "0.31.0", 2048, 256],
    ["RTX-4090", "0.30.0", 2048, 256],
  ])("batches on %s with %s by %d tokens and %d sequences", (id, version, maxNumBatchedTokens, maxNumSeqs) => {
    const gpu = findGpu(id);
    const behaviour = vllmBehaviour(version);
    expect(gpu && behaviour && vllmBatchDefaults(behaviour, gpu)).toEqual({ maxNumBatchedTokens, maxNumSeqs });
  });
});

describe("weaknesses of vLLM", () => {
  it("describes each once, with its source and the version that fixes it", () => {
    expect(new Set(vllmAdvisories.map(({ id }) => id)).size).toBe(vllmAdvisories.length);
    for (const advisory of vllmAdvisories) {
      expect(() => sourceSchema.parse(sourceOf(advisory))).not.toThrow();
      expect(isVersion(advisory.fixedIn)).toBe(true);
    }
  });

  it.each([
    ["0.31.0", []],
    ["0.30.0", ["CVE-2026-114053"]],
    ["0.23.0", ["CVE-2026-116176", "PYSEC-2026-2303", "CVE-2026-105757", "CVE-2026-114053"]],
  ])("knows which ones %s still has", (version, ids) => {
    expect(openVllmAdvisories(version).map(({ id }) => id)).toEqual(ids);
  });

  it("has a reason for its floor that the list explains", () => {
    const reason = vllmAdvisories.find(({ id }) => id === vllmFloor.because);
    expect(reason?.fixedIn).toBe(vllmFloor.minimum);
  });

  it("offers no version below the floor, and the pinned one has no known weakness", () => {
    expect(vllmVersions.filter((version) => compareVersions(version, vllmFloor.minimum) < 0)).toEqual([]);
    expect(openVllmAdvisories(pinnedVllmVersion)).toEqual([]);
    expect(openVllmAdvisories(vllmFixedVersion)).toEqual([]);
    expect(vllmFixedVersion).toBe("0.31.0");
  });
});

describe("images of vLLM", () => {
  it.each(vllmImageDigests.map((digest) => [digest.version, digest] as const))(
    "has a digest of %s that names where it was pinned and does not claim to be checked",
    (version, digest) => {
      expect(digest.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(digest.standing).toBe("recalled");
      expect(() => sourceSchema.parse(sourceOf(digest))).not.toThrow();
      expect(vllmImageDigest(version)).toBe(digest);
    },
  );

  it("has a digest of its own for every version on offer, and none for others", () => {
    const digests = vllmVersions.map((version) => vllmImageDigest(version)?.digest);
    expect(new Set(digests).size).toBe(vllmVersions.length);
    expect(vllmImageDigest("0.29.0")).toBeUndefined();
  });

  it("tags a version with a v before it", () => {
    expect(`${vllmImage.repository}:${vllmImage.tag("0.31.0")}`).toBe("docker.io/vllm/vllm-openai:v0.31.0");
  });
});

describe("versions of Kubernetes", () => {
  it("pins the Pod Security Standards to the minor that is tested", () => {
    expect(podSecurityVersion(kubernetesMinor)).toBe("v1.35");
    expect(() => sourceSchema.parse(kubernetesSource)).not.toThrow();
  });

  it("uses stable API versions only", () => {
    for (const apiVersion of Object.values(apiVersions)) expect(apiVersion).toMatch(/^([a-z0-9.]+\/)?v[1-9]\d*$/);
  });
});
