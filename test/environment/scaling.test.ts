import { describe, expect, test } from "vitest";
import { load, smallest, withPool, withReleases } from "../harness/environments";
import { refusal } from "./refusals";

type Written = Readonly<Record<string, unknown>>;

const onCluster = (changes: Written): Written => ({
  ...smallest,
  clusters: { here: { ...smallest.clusters.here, ...changes } },
});
const released = (changes: Written): Written => withReleases({ chat: changes });

test("a cluster has nothing beyond Kubernetes unless it is said, and a device plugin counts its GPUs", () => {
  expect(load(smallest).environment.clusters["here"]).toEqual({
    ...smallest.clusters.here,
    kubernetes: "1.35",
    operators: [],
    monitorLabels: {},
    devices: "plugin",
  });
});

test("a release is standard, spread where that is easy, and has no thresholds of its own", () => {
  expect(load(smallest).environment.releases["chat"]).toMatchObject({
    priority: "standard",
    spread: { zones: "preferred" },
    scaling: {},
  });
});

test.each<[written: Written]>([
  [{ replicas: { min: 0, max: 2 } }],
  [{ scaling: { waiting: 0.5, running: 40 } }],
  [{ scaling: { wake: { query: "sum(x)", threshold: 2 } }, tenant: "search", priority: "batch" }],
])("%j may be said of a release", (written) => {
  expect(load(released(written)).environment.releases["chat"]).toMatchObject(written);
});

describe("what is written wrong is refused at its place", () => {
  test.each<[what: string, written: Written, message: RegExp]>([
    ["an operator that nobody knows", onCluster({ operators: ["kedda"] }), /clusters\.here\.operators.*"keda"/],
    ["an operator twice", onCluster({ operators: ["keda", "keda"] }), /An operator is named once/],
    ["a version with its patch", onCluster({ kubernetes: "1.35.4" }), /A version of Kubernetes is written as 1\.35/],
    [
      "an address with a password",
      onCluster({ prometheus: "http://me:secret@prometheus:9090" }),
      /without user, password/,
    ],
    ["an address without its scheme", onCluster({ prometheus: "prometheus:9090" }), /written as http:\/\//],
    ["a threshold of nothing", released({ scaling: { waiting: 0 } }), /scaling\.waiting/],
    ["a wake-up without a threshold", released({ scaling: { wake: { query: "x" } } }), /scaling\.wake\.threshold/],
    [
      "a priority of one's own",
      released({ priority: "highest" }),
      /priority is "highest" \| Known are: critical, standard, batch\./,
    ],
    ["a least above the most", released({ replicas: { min: 3, max: 2 } }), /The least is not above `max`/],
    ["no pod at all", released({ replicas: 0 }), /replicas/],
    ["a profile that is none", withPool({ sharing: { mig: "small" } }), /sharing/],
    ["turns of one pod", withPool({ sharing: { timeSlicing: 1 } }), /sharing/],
  ])("%s", (_, written, message) => {
    expect(refusal(() => load(written))).toMatch(message);
  });
});
