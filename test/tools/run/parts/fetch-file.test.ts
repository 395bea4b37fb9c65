import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { fetchFile, fetchText } from "../../../../tools/run/parts/fetch-file";
import { whyUnreachable } from "../../../../tools/run/parts/reach";
import { serve, serveFiles, temporaryFolder } from "./fixtures";

const target = (): string => path.join(temporaryFolder(), "file");
const sumOf = (text: string): string => createHash("sha256").update(text).digest("hex");

describe("fetching a file", () => {
  it("stores exactly what was served, and tells how far it is", async () => {
    const server = await serveFiles({ "/kwok": "content" });
    const file = target();
    const seen: unknown[] = [];
    await fetchFile(`${server}/kwok`, file, { onProgress: (...progress) => seen.push(progress) });
    expect(fs.readFileSync(file, "utf8")).toBe("content");
    expect(seen.at(-1)).toEqual([7, 7]);
  });

  it("accepts the published sum and refuses any other", async () => {
    const server = await serveFiles({ "/kwok": "content" });
    await fetchFile(`${server}/kwok`, target(), { sha256: sumOf("content") });
    await expect(fetchFile(`${server}/kwok`, target(), { sha256: sumOf("other") })).rejects.toThrow(
      `its sha256 is ${sumOf("content")}, but ${sumOf("other")} was published`,
    );
  });

  it("follows redirects, as release servers send them", async () => {
    const server = await serve((request, response) => {
      if (request.url === "/new") response.end("content");
      else response.writeHead(302, { location: "/new" }).end();
    });
    const file = target();
    await fetchFile(`${server}/old`, file);
    expect(fs.readFileSync(file, "utf8")).toBe("content");
  });

  it("does not follow a redirect to an address without https", async () => {
    const server = await serve((_request, response) => {
      response.writeHead(302, { location: "http://mirror.example/kwok" }).end();
    });
    await expect(fetchFile(`${server}/kwok`, target())).rejects.toThrow("http://mirror.example/kwok is not https");
  });

  it("does not follow redirects for ever", async () => {
    const server = await serve((_request, response) => void response.writeHead(302, { location: "/" }).end());
    await expect(fetchFile(`${server}/`, target())).rejects.toThrow("more than 5 redirects");
  });

  it("refuses an answer that is not the file", async () => {
    const server = await serveFiles({});
    await expect(fetchFile(`${server}/kwok`, target())).rejects.toThrow(`${server}/kwok: the server answered 404`);
  });

  it("refuses an empty file", async () => {
    const server = await serveFiles({ "/kwok": "" });
    await expect(fetchFile(`${server}/kwok`, target())).rejects.toThrow("it is empty");
  });

  it("refuses a file that ends early", async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("content", () => response.destroy());
    });
    await expect(fetchFile(`${server}/kwok`, target())).rejects.toThrow(`${server}/kwok: `);
  });

  it("gives up on a server that falls silent", async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("content");
    });
    await expect(fetchFile(`${server}/kwok`, target(), { stallSeconds: 0.1 })).rejects.toThrow(
      "nothing arrived for 0.1 s",
    );
  });

  it("waits for a server that is slow but not silent", async () => {
    const server = await serve((_request, response) => {
      const pieces = Array.from("content!");
      const timer = setInterval(() => {
        response.write(pieces.shift());
        if (pieces.length > 0) return;
        clearInterval(timer);
        response.end();
      }, 80);
    });
    const file = target();
    await fetchFile(`${server}/kwok`, file, { stallSeconds: 0.5 });
    expect(fs.readFileSync(file, "utf8")).toBe("content!");
  });

  it("stops with the signal's reason when it aborts", async () => {
    const controller = new AbortController();
    const server = await serve(() => controller.abort(new Error("enough")));
    await expect(fetchFile(`${server}/kwok`, target(), { signal: controller.signal })).rejects.toThrow(/^enough$/);
  });

  it("never writes over a file that is already there", async () => {
    const server = await serveFiles({ "/kwok": "content" });
    const file = target();
    fs.writeFileSync(file, "mine");
    await expect(fetchFile(`${server}/kwok`, file)).rejects.toThrow("EEXIST");
    expect(fs.readFileSync(file, "utf8")).toBe("mine");
  });
});

describe("fetching a text", () => {
  it("gives its content, or what went wrong", async () => {
    const server = await serveFiles({ "/sum": "abc" });
    expect(await fetchText(`${server}/sum`)).toBe("abc");
    await expect(fetchText(`${server}/none`)).rejects.toThrow("404");
  });
});

describe("whether a server can be reached", () => {
  it("is known by connecting to it", async () => {
    expect(await whyUnreachable(await serveFiles({}), {})).toBeUndefined();
    expect(await whyUnreachable("http://127.0.0.1:1", {})).toBe("127.0.0.1:1 cannot be reached (ECONNREFUSED)");
  });

  it("comes with advice where only a proxy would get through", async () => {
    const environment = { HTTPS_PROXY: "http://proxy.example:3128" };
    expect(await whyUnreachable("http://127.0.0.1:1", environment)).toContain("NODE_USE_ENV_PROXY=1");
  });

  it("is left to the proxy where Node uses it", async () => {
    const environment = { HTTPS_PROXY: "http://proxy.example:3128", NODE_USE_ENV_PROXY: "1" };
    expect(await whyUnreachable("http://127.0.0.1:1", environment)).toBeUndefined();
  });
});
