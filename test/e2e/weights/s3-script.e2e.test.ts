import { existsSync, readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderWith } from "../../harness/folder";
import { bucketWith, config, keys, manifestOf, model, weights, type BucketOptions } from "./bucket";
import { python, run, serve, sha256, type Asked } from "./stub";

const gets = (asked: readonly Asked[]) => asked.filter(({ path }) => path.endsWith(".safetensors"));

describe("copying from a bucket", () => {
  test("brings every file that the manifest names, says how far it is, and marks the whole", async () => {
    const { args } = await bucketWith();
    const into = join(folderWith({}), "llama");
    const { code, out, error } = await run(["copy-s3", `--into=${into}`, ...args], keys);
    expect([code, error]).toEqual([0, ""]);
    expect(readFileSync(join(into, "model.safetensors")).equals(weights)).toBe(true);
    expect(readFileSync(join(into, "config.json"), "utf8")).toBe(config.toString());
    expect(out).toMatch(/2 files, 0\.0 GB, of which 0\.0 GB are missing\n.*all 2 files are there and right\n$/);
  });

  test("does nothing more once the whole is there", async () => {
    const { args, asked } = await bucketWith();
    const into = join(folderWith({}), "llama");
    await run(["copy-s3", `--into=${into}`, ...args], keys);
    const before = gets(asked).length;
    const { code, out } = await run(["copy-s3", `--into=${into}`, ...args], keys);
    expect([code, gets(asked).length]).toEqual([0, before]);
    expect(out).toMatch(/all 2 files are there already/);
  });

  test("goes on where the connection broke", async () => {
    const { args, asked } = await bucketWith({ breakAfter: 100_000 });
    const into = join(folderWith({}), "llama");
    const { code, out } = await run(["copy-s3", `--into=${into}`, ...args], keys);
    expect(code).toBe(0);
    expect(readFileSync(join(into, "model.safetensors")).equals(weights)).toBe(true);
    expect(gets(asked).map(({ range }) => range)).toEqual([undefined, "bytes=100000-"]);
    expect(out).toMatch(/attempt 2 of 6 follows/);
  });

  test("goes on where an earlier pod stopped", async () => {
    const { args, asked } = await bucketWith();
    const into = folderWith({ "model.safetensors.part": weights.subarray(0, 250_000) });
    const { code } = await run(["copy-s3", `--into=${into}`, ...args], keys);
    expect(code).toBe(0);
    expect(gets(asked).map(({ range }) => range)).toEqual(["bytes=250000-"]);
    expect(readFileSync(join(into, "model.safetensors")).equals(weights)).toBe(true);
  });

  test("begins anew where what an earlier pod left is broken", async () => {
    const { args, asked } = await bucketWith();
    const into = folderWith({ "model.safetensors.part": Buffer.alloc(1000, "x") });
    const { code, out } = await run(["copy-s3", `--into=${into}`, ...args], keys);
    expect([code, gets(asked).length]).toEqual([0, 2]);
    expect(out).toMatch(/what was left of an earlier attempt is broken/);
    expect(readFileSync(join(into, "model.safetensors")).equals(weights)).toBe(true);
  });

  test("reads whole files without a mark once more, and replaces what is broken", async () => {
    const { args } = await bucketWith();
    const into = folderWith({ "model.safetensors": Buffer.alloc(weights.length, "x") });
    expect((await run(["copy-s3", `--into=${into}`, ...args], keys)).code).toBe(0);
    expect(readFileSync(join(into, "model.safetensors")).equals(weights)).toBe(true);
  });

  test("tries again where the store is busy, and gives up with 1 so that a Job tries once more", async () => {
    const passing = await bucketWith({ busy: 3 });
    expect((await run(["check-s3", ...passing.args], keys)).code).toBe(0);
    const lasting = await bucketWith({ busy: 1000 });
    const { code, error } = await run(["check-s3", ...lasting.args], keys);
    expect(code).toBe(1);
    expect(error).toMatch(/^failed: manifest\.json: GET .* answered 503 .*; 6 attempts/);
  });

  test("says what is missing where the volume has no room for it, before anything is copied", async () => {
    const { args, asked } = await bucketWith();
    const program = `
import sys
import weights
weights.shutil.disk_usage = lambda path: type("Usage", (), {"free": 1000})
sys.exit(weights.main(sys.argv[1:]))
`;
    const copy = ["copy-s3", `--into=${join(folderWith({}), "llama")}`, ...args];
    const { code, error } = await python(["-c", program, ...copy], keys);
    expect([code, gets(asked)]).toEqual([3, []]);
    expect(error).toMatch(
      /^refused: 0\.0 GB are missing of models\/llama\/@[0-9a-f]{64}, and the volume has 0\.0 GB free/,
    );
  });

  test("takes turns with another pod that copies to the same volume", async () => {
    const { args, asked } = await bucketWith({ slow: 2000 });
    const into = join(folderWith({}), "llama");
    const both = await Promise.all([1, 2].map(() => run(["copy-s3", `--into=${into}`, ...args], keys)));
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.map(({ out }) => out).join("")).toMatch(/another pod copies to .*; waiting for it/);
    expect(gets(asked)).toHaveLength(1);
  });
});

const composite = (data: Buffer, size: number): string => {
  const parts = Array.from({ length: Math.ceil(data.length / size) }, (_, index) =>
    Buffer.from(sha256(data.subarray(index * size, (index + 1) * size)), "hex"),
  );
  return `${sha256(Buffer.concat(parts), "base64")}-${parts.length}`;
};

describe("comparing a bucket with its manifest", () => {
  test("asks for sizes and checksums alone", async () => {
    const { args, asked } = await bucketWith();
    const { code, out } = await run(["check-s3", ...args], keys);
    expect(code).toBe(0);
    expect(gets(asked).map(({ method }) => method)).toEqual(["HEAD"]);
    expect(out).toMatch(/^2 files of 0\.0 GB are as the manifest says\n$/);
  });

  test("knows objects that were sent in parts by the checksum of the parts", async () => {
    const parts = composite(weights, 100_000);
    const manifest = manifestOf(model, {
      "model.safetensors": { size: weights.length, sha256: sha256(weights), parts },
    });
    const stored = (data: Buffer) => (data === weights ? parts : sha256(data, "base64"));
    const { args } = await bucketWith({ manifest, stored });
    expect((await run(["check-s3", ...args], keys)).code).toBe(0);
  });
});

const pickle = { ...model, "pytorch_model.bin": Buffer.from("pickle") };
const changed = { ...model, "model.safetensors": Buffer.alloc(weights.length, "changed") };
const withoutConfig = { "model.safetensors": weights };

describe.each(["copy-s3", "check-s3"])("%s refuses for good (exit code 3)", (command) => {
  test.each<[what: string, bucket: BucketOptions, said: RegExp]>([
    [
      "a file that is missing",
      { objects: withoutConfig, manifest: manifestOf(model) },
      /^refused: config\.json is missing\n$/,
    ],
    [
      "a pickle beside the weights",
      { objects: pickle, manifest: manifestOf(model) },
      /^refused: pytorch_model\.bin lies there, and the manifest does not name it\n$/,
    ],
    [
      "a pickle in the manifest",
      { objects: pickle },
      /^refused: the manifest names pytorch_model\.bin, which is not data alone\n$/,
    ],
    [
      "a name that leads out of the folder",
      { manifest: manifestOf({ "../x.json": config, ...model }) },
      /^refused: \.\.\/x\.json leads out of its folder\n$/,
    ],
    [
      "a manifest without weights",
      { objects: { "config.json": config } },
      /^refused: the manifest of llama\/ names no weights as safetensors\n$/,
    ],
    ["weights that were changed", { objects: changed, manifest: manifestOf(model) }, /another checksum than/],
    [
      "weights of another size",
      { objects: { ...model, "model.safetensors": weights.subarray(1) }, manifest: manifestOf(model) },
      /model\.safetensors has 299999 bytes and should have 300000/,
    ],
  ])("%s", async (_, bucket, said) => {
    const { args } = await bucketWith(bucket);
    const into = command === "copy-s3" ? [`--into=${join(folderWith({}), "llama")}`] : [];
    const { code, error } = await run([command, ...into, ...args], keys);
    expect(error).toMatch(said);
    expect(code).toBe(3);
  });

  test("a manifest that is not the one that was written", async () => {
    const { args } = await bucketWith();
    const other = args.map((arg) => (arg.startsWith("--manifest=") ? `--manifest=${"0".repeat(64)}` : arg));
    const into = command === "copy-s3" ? [`--into=${join(folderWith({}), "llama")}`] : [];
    const { code, error } = await run([command, ...into, ...other], keys);
    expect(code).toBe(3);
    expect(error).toBe(
      `refused: llama/manifest.json has the SHA-256 ${sha256(manifestOf(model))}, and ${"0".repeat(64)} is expected\n`,
    );
  });

  test("a pod without keys and without an identity", async () => {
    const { args } = await bucketWith();
    const into = command === "copy-s3" ? [`--into=${join(folderWith({}), "llama")}`] : [];
    const { code, error } = await run([command, ...into, ...args]);
    expect(code).toBe(3);
    expect(error).toMatch(/^refused: there are no keys for S3, and the pod has no identity: name a Secret/);
  });
});

test("objects without a stored SHA-256 cannot be compared where they are", async () => {
  const { args } = await bucketWith({ stored: () => undefined });
  const { code, error } = await run(["check-s3", ...args], keys);
  expect(code).toBe(3);
  expect(error).toMatch(/config\.json is stored without a SHA-256: send it again with `--checksum-algorithm SHA256`/);
});

describe("the keys", () => {
  /** The published example of Amazon S3's guide: GET Object with a range. */
  const published = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";

  test("sign as Amazon's own example says", async () => {
    const program = `
import datetime
from s3 import signed
keys = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None)
url = "https://examplebucket.s3.amazonaws.com/test.txt"
print(signed("GET", url, "us-east-1", keys, {"Range": "bytes=0-9"}, datetime.datetime(2013, 5, 24))["Authorization"])
`;
    expect((await python(["-c", program])).out).toMatch(new RegExp(`Signature=${published}\n$`));
  });

  test("may be those of the pod's identity", async () => {
    const { args, asked } = await bucketWith();
    const agent = await serve((_, response) =>
      response.end(
        JSON.stringify({
          AccessKeyId: "IDENTITY",
          SecretAccessKey: "x",
          Token: "t",
          Expiration: "2999-01-01T00:00:00Z",
        }),
      ),
    );
    const token = join(folderWith({ token: "pod token\n" }), "token");
    const identity = { AWS_CONTAINER_CREDENTIALS_FULL_URI: agent.url, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: token };
    expect((await run(["check-s3", ...args], identity)).code).toBe(0);
    expect(agent.asked).toEqual([{ method: "GET", path: "/", range: undefined, authorization: "pod token" }]);
    expect(asked[0]?.authorization).toMatch(/Credential=IDENTITY\/.*x-amz-security-token/);
  });

  test("may be those of the service account's role, whose token is in no address", async () => {
    const { args, asked } = await bucketWith();
    const sts = await serve((_, response) =>
      response.end(
        `<A xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Credentials><AccessKeyId>ROLE</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></A>`,
      ),
    );
    const token = join(folderWith({ token: "web token" }), "token");
    const role = {
      AWS_WEB_IDENTITY_TOKEN_FILE: token,
      AWS_ROLE_ARN: "arn:aws:iam::1:role/r",
      AWS_ENDPOINT_URL_STS: sts.url,
    };
    expect((await run(["check-s3", ...args], role)).code).toBe(0);
    expect(sts.asked).toMatchObject([{ method: "POST", path: "/" }]);
    expect(asked[0]?.authorization).toMatch(/Credential=ROLE\//);
  });
});

describe("the manifest of a folder", () => {
  test("is what copying and comparing take", async () => {
    const folder = folderWith({ "config.json": config, "model.safetensors": weights });
    const { code, out } = await run(["manifest", folder]);
    expect(code).toBe(0);
    const { files } = JSON.parse(out) as { files: Record<string, { parts: string }> };
    expect(files["model.safetensors"]).toEqual({
      size: weights.length,
      sha256: sha256(weights),
      parts: composite(weights, 8 * 1024 * 1024),
    });
    const { args } = await bucketWith({ manifest: Buffer.from(out) });
    expect((await run(["check-s3", ...args], keys)).code).toBe(0);
  });

  test("is refused where a pickle lies in it", async () => {
    const folder = folderWith({});
    mkdirSync(join(folder, "more"));
    writeFileSync(join(folder, "more", "model.pt"), "pickle");
    const { code, error } = await run(["manifest", folder]);
    expect([code, error]).toEqual([3, "refused: more/model.pt is not data alone: take it out of the folder\n"]);
    expect(existsSync(join(folder, "manifest.json"))).toBe(false);
  });
});
