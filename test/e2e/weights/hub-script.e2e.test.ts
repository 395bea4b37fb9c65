import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderWith } from "../../harness/folder";
import { run, sendFile, serve, sha256 } from "./stub";

const repository = "example/model";
const revision = "b968826d9c46dd6066d109eabc6255188de91218";
const weights = Buffer.alloc(200_000, "weights ");
const config = Buffer.from("{}");

type Files = Readonly<Record<string, Buffer>>;

function gitBlob(data: Buffer): string {
  return createHash("sha1").update(`blob ${data.length}\0`).update(data).digest("hex");
}

/** What the hub says of a file: large ones by SHA-256, small ones as git does. */
function entryOf([path, data]: readonly [string, Buffer], large: boolean) {
  const lfs = large ? { lfs: { oid: sha256(data), size: data.length } } : {};
  return { type: "file", path, size: data.length, oid: gitBlob(data), ...lfs };
}

/** A hub with one repository, whose large files another host sends, as the real one's do. */
async function hubWith(files: Files, sent: Files = files, status = 200) {
  const storage = await serve((request, response, { pathname }) =>
    sendFile(request, response, sent[pathname.slice(1)] ?? Buffer.alloc(0)),
  );
  const hub = await serve((request, response, { pathname, searchParams }) => {
    if (status !== 200) {
      response.writeHead(status).end();
      return;
    }
    const tree = `/api/models/${repository}/tree/${revision}`;
    if (pathname === tree) {
      const page = Number(searchParams.get("cursor") ?? 0);
      const all = Object.entries(files);
      const entry = all[page];
      if (page + 1 < all.length) response.setHeader("link", `<${tree}?recursive=true&cursor=${page + 1}>; rel="next"`);
      const folder = { type: "directory", path: "original", oid: "", size: 0 };
      response.end(JSON.stringify(entry === undefined ? [folder] : [folder, entryOf(entry, entry[1].length > 1000)]));
      return;
    }
    const name = pathname.replace(`/${repository}/resolve/${revision}/`, "");
    const data = sent[name];
    if (data === undefined) response.writeHead(404).end();
    else if (data.length > 1000) response.writeHead(302, { location: `${storage.url}/${name}` }).end();
    else sendFile(request, response, data);
  });
  const into = folderWith({});
  const args = ["copy-hub", `--into=${into}`, "--model", repository, revision, "weights/one", `--endpoint=${hub.url}`];
  return { hub, storage, args, folder: join(into, "weights/one") };
}

const usual: Files = {
  "config.json": config,
  "model-00001-of-00001.safetensors": weights,
  "README.md": Buffer.from("# model"),
  "pytorch_model.bin": Buffer.alloc(2000, "pickle"),
  "consolidated.safetensors": Buffer.alloc(2000, "the same in another format"),
  "original/params.json": config,
};

describe("copying from the hub", () => {
  test("brings what is served from, and leaves pickles and other formats of the same", async () => {
    const { args, folder } = await hubWith(usual);
    const { code, out, error } = await run(args);
    expect([code, error]).toEqual([0, ""]);
    expect(readFileSync(join(folder, "model-00001-of-00001.safetensors")).equals(weights)).toBe(true);
    const others = ["pytorch_model.bin", "README.md", "consolidated.safetensors", "original/params.json"];
    expect(others.filter((name) => existsSync(join(folder, name)))).toEqual([]);
    expect(out).toMatch(/all 2 files are there and right/);
  });

  test("sends the token to the hub, and not to the host that it redirects to", async () => {
    const { args, hub, storage } = await hubWith(usual);
    expect((await run(args, { HF_TOKEN: "hf_secret" })).code).toBe(0);
    expect(new Set(hub.asked.map(({ authorization }) => authorization))).toEqual(new Set(["Bearer hf_secret"]));
    expect(storage.asked.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  test("goes on where an earlier pod stopped", async () => {
    const { args, storage, folder } = await hubWith(usual);
    const part = join(folder, "model-00001-of-00001.safetensors.part");
    mkdirSync(folder, { recursive: true });
    writeFileSync(part, weights.subarray(0, 150_000));
    expect((await run(args)).code).toBe(0);
    expect(storage.asked.map(({ range }) => range)).toEqual(["bytes=150000-"]);
  });
});

const broken = { ...usual, "model-00001-of-00001.safetensors": Buffer.alloc(weights.length, "x") };
const brokenConfig = { ...usual, "config.json": Buffer.from("[]") };

describe("it refuses for good (exit code 3)", () => {
  test.each<[what: string, files: Files, sent: Files, status: number, said: RegExp]>([
    ["weights that are not those of the commit", usual, broken, 200, /00001\.safetensors has another checksum/],
    ["a small file that is not that of the commit", usual, brokenConfig, 200, /config\.json has another checksum/],
    [
      "a repository without safetensors",
      { "config.json": config, "pytorch_model.bin": weights },
      usual,
      200,
      /example\/model@b968826d\w+ has no weights as safetensors, and no other format is loaded/,
    ],
    ["a gated repository without a token", usual, usual, 401, /answered 401 .*the owner of the token has to accept/],
    ["a repository that is not there", usual, usual, 404, /answered 404/],
  ])("%s", async (_, files, sent, status, said) => {
    const { args } = await hubWith(files, sent, status);
    const { code, error } = await run(args);
    expect(error).toMatch(said);
    expect([code, error.startsWith("refused: ")]).toEqual([3, true]);
  });
});
