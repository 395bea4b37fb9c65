import { sendFile, serve, sha256 } from "./stub";

export const weights = Buffer.alloc(300_000, "weights of a model ");
export const config = Buffer.from('{"architectures":["LlamaForCausalLM"]}');
export const keys = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret" };

/** Files of a model as a bucket has them, by name. */
export type Objects = Readonly<Record<string, Buffer>>;
export const model: Objects = { "config.json": config, "model.safetensors": weights };

export function manifestOf(files: Objects, more: Readonly<Record<string, object>> = {}): Buffer {
  const entries = Object.entries(files).map(([name, data]) => [name, { size: data.length, sha256: sha256(data) }]);
  return Buffer.from(JSON.stringify({ files: { ...Object.fromEntries(entries), ...more } }));
}

export interface BucketOptions {
  readonly objects?: Objects;
  readonly manifest?: Buffer;
  /** Bytes after which each answer to the first request for a file breaks off. */
  readonly breakAfter?: number;
  /** The checksum that the store keeps of an object. */
  readonly stored?: (data: Buffer) => string | undefined;
  /** Milliseconds that weights take to arrive. */
  readonly slow?: number;
  /** Requests that are answered with 503 first. */
  readonly busy?: number;
}

/** A store that speaks as much of S3 as the script uses. */
export async function bucketWith({
  objects = model,
  manifest,
  breakAfter,
  stored,
  slow = 0,
  busy = 0,
}: BucketOptions = {}) {
  const list = manifest ?? manifestOf(objects);
  const all: Objects = { "manifest.json": list, ...objects };
  const broken = new Set<string>();
  let refusals = busy;
  const { url, asked } = await serve((request, response, { pathname, searchParams }) => {
    if (refusals > 0) {
      refusals -= 1;
      response.writeHead(503).end();
      return;
    }
    if (searchParams.get("list-type") === "2") {
      response.end(listing(Object.keys(all), searchParams.get("continuation-token")));
      return;
    }
    const name = pathname.replace("/models/llama/", "");
    const data = all[name];
    if (data === undefined) {
      response.writeHead(404).end();
      return;
    }
    const checksum = stored === undefined ? sha256(data, "base64") : stored(data);
    if (checksum !== undefined) response.setHeader("x-amz-checksum-sha256", checksum);
    const breaks = breakAfter !== undefined && name.endsWith(".safetensors") && !broken.has(name);
    broken.add(name);
    const wait = name.endsWith(".safetensors") ? slow : 0;
    setTimeout(() => sendFile(request, response, data, breaks ? breakAfter : undefined), wait);
  });
  const args = ["--bucket=models", "--path=llama", "--region=us-east-1", `--manifest=${sha256(list)}`];
  return { asked, args: [...args, `--endpoint=${url}`] };
}

/** One page for each name, so that the script has to ask on. */
function listing(names: readonly string[], token: string | null): string {
  const index = Number(token ?? 0);
  const next = index + 1 < names.length ? `<NextContinuationToken>${index + 1}</NextContinuationToken>` : "";
  return `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Contents><Key>llama/${names[index] ?? ""}</Key></Contents>${next}</ListBucketResult>`;
}
