import { expect, test } from "vitest";
import { load, withReleases } from "../harness/environments";
import { problemsOf } from "./refusals";

type Written = Readonly<Record<string, unknown>>;

const chat = (weights: Written) => withReleases({ chat: { weights } });
const digest = "b".repeat(64);
const bucket = {
  from: "s3",
  bucket: "models",
  region: "us-east-1",
  path: "llama",
  manifest: digest,
  credentials: "identity",
};
const image = { from: "oci", image: `registry.example.com/weights/llama:1@sha256:${digest}`, path: "llama" };
const volume = { from: "pvc", claim: "weights", path: "llama" };

test.each<[written: Written, read: Written]>([
  [{ from: "hub" }, { from: "hub", load: "direct", prefetch: false }],
  [
    { from: "hub", cache: { claim: "kept" }, prefetch: true },
    { cache: { claim: "kept" }, prefetch: true },
  ],
  [bucket, { load: "direct", prefetch: false, credentials: "identity" }],
  [
    { ...bucket, credentials: { secret: "keys" } },
    { credentials: { secret: "keys", accessKeyId: "AWS_ACCESS_KEY_ID", secretAccessKey: "AWS_SECRET_ACCESS_KEY" } },
  ],
  [{ ...bucket, endpoint: "https://s3.example.com:9000", networks: ["10.1.0.0/16", "fd00:1::/64"] }, {}],
  [{ ...volume, load: "streaming" }, { load: "streaming" }],
  [image, { image: image.image, load: "direct" }],
])("%j is read as %j", (written, read) => {
  expect(load(chat(written)).environment.releases["chat"]).toMatchObject({ weights: read });
});

test.each<[what: string, weights: Written, setting: string, said: string]>([
  [
    "prefetching without a volume, from the hub",
    { from: "hub", prefetch: true },
    "prefetch",
    "Weights are prefetched into a volume: name one, such as `cache: { claim: model-cache }`.",
  ],
  [
    "prefetching without a volume, from a bucket",
    { ...bucket, prefetch: true },
    "prefetch",
    "Weights are prefetched into a volume: name one, such as `cache: { claim: model-cache }`.",
  ],
  [
    "a manifest that is no SHA-256",
    { ...bucket, manifest: "latest" },
    "manifest",
    "The SHA-256 of manifest.json as 64 hexadecimal digits, so that what was tested is what is served.",
  ],
  [
    "an image by its tag alone",
    { ...image, image: "registry.example.com/weights/llama:1" },
    "image",
    "An image is written as registry/repository:tag@sha256:digest.",
  ],
  [
    "a pickle in a volume",
    { ...volume, path: "llama/pytorch_model.bin" },
    "path",
    "The directory of a model whose weights are safetensors: pickles (.bin, .pt) run code when they are loaded, and no other format is.",
  ],
  [
    "a GGUF file in a bucket",
    { ...bucket, path: "llama-Q4_K_M.gguf" },
    "path",
    "The directory of a model whose weights are safetensors: pickles (.bin, .pt) run code when they are loaded, and no other format is.",
  ],
  [
    "a pickle in an image",
    { ...image, path: "model.pt" },
    "path",
    "The directory of a model whose weights are safetensors: pickles (.bin, .pt) run code when they are loaded, and no other format is.",
  ],
  ["another loader", { ...volume, load: "tensorizer" }, "load", "Known are: direct, streaming."],
  [
    "an endpoint without encryption",
    { ...bucket, endpoint: "http://minio:9000" },
    "endpoint",
    "An endpoint is written as https://s3.example.com.",
  ],
  [
    "a network that is none",
    { ...bucket, networks: ["10.1.0.0"] },
    "networks.0",
    "A network is written as 10.20.0.0/16.",
  ],
  [
    "a bucket in upper case",
    { ...bucket, bucket: "Models" },
    "bucket",
    "A bucket is 3 to 63 lower-case letters, digits, dots and dashes.",
  ],
  ["a region that is none", { ...bucket, region: "tokyo" }, "region", "A region is written as us-east-1."],
])("%s is refused", (_, weights, setting, said) => {
  const problems = problemsOf(() => load(chat(weights)));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`releases.chat.weights.${setting}`);
  expect(problems[0]).toContain(said);
});

test("a bucket without credentials is refused: nobody guesses whose keys are meant", () => {
  const { from, bucket: name, region, path, manifest } = bucket;
  const without = { from, bucket: name, region, path, manifest };
  expect(problemsOf(() => load(chat(without)))[0]).toContain("releases.chat.weights.credentials is missing");
});
