import { describe, expect, test } from "vitest";
import { findModel } from "../../catalog/models";
import {
  pinnedTextEmbeddingsVersion,
  textEmbeddingsImage,
  textEmbeddingsImageDigest,
  textEmbeddingsMetrics,
  textEmbeddingsOptions,
  textEmbeddingsOptionsSource,
  textEmbeddingsRuntimes,
  textEmbeddingsServer,
  textEmbeddingsVersions,
  withoutFastTokenizer,
} from "../../catalog/text-embeddings-inference";
import { sourceSchema } from "./schemas";

describe("text-embeddings-inference", () => {
  test("every version has an image for processors that is pinned", () => {
    expect(textEmbeddingsVersions[0]).toBe(pinnedTextEmbeddingsVersion);
    for (const version of textEmbeddingsVersions) {
      expect(textEmbeddingsImage.tag(version)).toBe(`cpu-${version}`);
      expect(textEmbeddingsImageDigest(version)?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    }
    expect(textEmbeddingsImageDigest("1.0.0")).toBeUndefined();
  });

  test("options are written as on a command line, and their defaults are of their type", () => {
    for (const [name, { type, default: usual }] of Object.entries(textEmbeddingsOptions)) {
      expect(name).toMatch(/^--[a-z]+(-[a-z]+)*$/);
      if (usual === undefined) continue;
      const expected = type === "number" ? "number" : type === "switch" ? "boolean" : "string";
      expect([name, typeof usual]).toEqual([name, expected]);
      if (typeof type === "object") expect(type).toContain(usual);
    }
  });

  test("metrics are the engine's own", () => {
    expect(textEmbeddingsMetrics["te_queue_size"]).toBe("gauge");
    for (const name of Object.keys(textEmbeddingsMetrics)) expect(name).toMatch(/^te_[a-z_]+$/);
  });

  test("models without a fast tokenizer are encoders of the catalogue", () => {
    for (const { model } of withoutFastTokenizer) expect(findModel(model)?.kind).toBe("encoder");
  });

  test("facts have a source", () => {
    const { onnx, candle } = textEmbeddingsRuntimes;
    for (const source of [onnx.source, candle.source, textEmbeddingsServer.source, textEmbeddingsOptionsSource])
      expect(sourceSchema.parse(source)).toEqual(source);
  });
});
