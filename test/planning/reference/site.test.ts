import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { planEnvironment, type Plan } from "../../../planning";
import { answer, replicaOf } from "../../../planning/fit";
import { loadsInto } from "../../../planning/memory";
import { sharedGpu } from "../../../planning/sharing";
import { load, today } from "../../harness/environments";
import { replica } from "../memory/replicas";
import { release } from "../parsed";

function planned(file: string) {
  return planEnvironment(load(readFileSync(join(__dirname, file), "utf8")).environment, today);
}

function planOfSite(): Plan {
  const { plan, findings } = planned("site.yaml");
  if (plan === undefined) throw new Error(findings.map(({ message }) => message).join("\n"));
  return plan;
}

const site = planOfSite();
const gb = 1e9 / 2 ** 30;

describe("the reference site fits its machines", () => {
  test.each([
    ["llama-70b", "4 × A100-40GB", 4, 131.43 / 4],
    ["llama-8b", "one RTX-4090 with LoRA of rank 64", 1, 14.96],
    ["mistral-7b", "one RTX-4090", 1, 13.5],
  ])("%s on %s", (name, _, tensorParallel, weightsGiB) => {
    const { memory, tensorParallel: gpus, quantization, dataType } = release(site, name);
    expect([gpus, quantization, dataType]).toEqual([tensorParallel, "fp16", "float16"]);
    expect(Math.abs(memory.weightsGiB / weightsGiB - 1)).toBeLessThan(0.05);
    expect(memory.fullLengthRequests).toBeGreaterThan(1);
    expect(memory.weightsGiB + memory.overheadGiB + memory.kvGiB).toBeCloseTo(memory.budgetGiB, 6);
  });

  test("a pod of the 8B asks no more than the reference gives it: 1 GPU, 8 CPU, 32 GiB", () => {
    const { resources, replicas, pod, endpoint, weights } = release(site, "llama-8b");
    expect(resources.gpus).toBe(1);
    expect(resources.cpu).toBeLessThanOrEqual(8);
    expect(resources.memoryGiB).toBeLessThanOrEqual(32);
    expect(replicas.max).toBe(2);
    expect(pod.container.args).toEqual(
      expect.arrayContaining(["--enable-lora", "--max-lora-rank=64", "--max-model-len=8192", "--dtype=float16"]),
    );
    expect(endpoint.port).toBe(8000);
    expect(weights).toMatchObject({ from: "hub", broughtBy: "engine" });
    expect(pod.container.secretVariables["HF_TOKEN"]).toEqual({ secret: "hf-token", key: "token" });
    expect(release(site, "llama-8b").placement.nodeSelector).toEqual({ "gpu-type": "rtx4090" });
  });

  test("the 70B keeps its CUDA graphs, its share of 0.95 and its 4096 tokens", () => {
    const { args } = release(site, "llama-70b").pod.container;
    expect(args).toEqual(
      expect.arrayContaining(["--tensor-parallel-size=4", "--gpu-memory-utilization=0.95", "--max-model-len=4096"]),
    );
    expect(args).not.toContain("--enforce-eager");
  });

  test("all of it has room, and costs what its owned machines cost an hour, whatever they do", () => {
    expect(planned("site.yaml").findings.filter(({ level }) => level === "error")).toEqual([]);
    expect(site.cost.levels.max.machinesUsdPerHour?.expected).toBeCloseTo(4 * 1.1 + 8 * 0.4 + 2 * 0.8, 9);
  });

  test("the models of providers that are turned off are named, each with its day", () => {
    const messages = planned("site.yaml").findings.flatMap(({ id, message }) =>
      id === "external-retired" ? [message] : [],
    );
    expect(messages).toContain("anthropic turned claude-3-haiku-20240307 off on 2026-04-20: requests to it fail");
    expect(messages.some((message) => message.includes("claude-3-5-sonnet-20241022"))).toBe(true);
  });
});

describe("what the reference asks for 1,000 tokens, against what its GPUs cost at the load of its file", () => {
  const perMillion = (name: string, kind: "input" | "output"): number =>
    site.cost.tokens[name]?.[kind]?.expected ?? NaN;
  const rows = (["llama-8b", "llama-70b"] as const).map((name) => {
    const asked = name === "llama-8b" ? 0.1 : 1;
    const [input, output] = [perMillion(name, "input"), perMillion(name, "output")];
    return [name, asked, input.toFixed(2), output.toFixed(2), input, output] as const;
  });

  test.each(rows)(
    "%s: $%d for a million tokens in and out; here $%s in, $%s out",
    (name, asked, _in, _out, input, output) => {
      const { speed } = release(site, name);
      const requests = speed?.load.requestsPerSecond ?? NaN;
      const hour = requests * 3600 * ((1000 * input + 300 * output) / 1e6);
      // What the tokens of an hour cost together is what the release costs an hour.
      expect(hour).toBeCloseTo(site.cost.releases[name]?.expected?.expected ?? NaN, 6);
      // Answers cost many times what prompts do: one price for both is far from either.
      expect(input).toBeLessThan(asked);
      expect(output).toBeGreaterThan(asked);
    },
  );
});

describe("two AMD EPYC 7763", () => {
  const encoders = Object.values(site.releases).filter((each) => each.kind === "text-embeddings-inference");

  test("are a pool of their own, without GPUs, at a price per machine", () => {
    expect(site.pools["epyc"]).toMatchObject({
      accelerator: null,
      processor: { id: "EPYC-7763", sockets: 1 },
      nodes: 2,
      usdPerMachineHour: 0.8,
      placement: { nodeSelector: { "cpu-type": "epyc-7763" }, toleratedTaints: [] },
    });
  });

  test("make vectors and scores beside each other, each within its CPU and memory", () => {
    expect(encoders.map(({ name, task, resources }) => [name, task, resources.gpus])).toEqual([
      ["embeddings", "embed", 0],
      ["reranker", "rerank", 0],
    ]);
    const { allocatable, nodes } = site.pools["epyc"] ?? {};
    const asked = (of: (each: (typeof encoders)[number]) => number): number =>
      encoders.reduce((sum, each) => sum + each.replicas.max * of(each), 0);
    expect(asked(({ resources }) => resources.cpu)).toBeLessThanOrEqual((allocatable?.cpu ?? 0) * (nodes ?? 0));
    expect(asked(({ resources }) => resources.memoryGiB)).toBeLessThanOrEqual((allocatable?.memoryGiB ?? 0) * 2);
    expect(site.pools["epyc"]?.room.levels.max.unplaced).toEqual({});
    for (const { encoding } of encoders) expect(encoding?.expected.utilization).toBeLessThan(0.7);
  });

  test("cannot serve BERT for Japanese by text-embeddings-inference, which has no tokenizer for it", () => {
    const written = readFileSync(join(__dirname, "site.yaml"), "utf8");
    const japanese = written.replace("intfloat/multilingual-e5-large", "tohoku-nlp/bert-base-japanese-v3");
    const errors = planEnvironment(load(japanese).environment, today).findings.filter(({ level }) => level === "error");
    expect(errors.map(({ id, at }) => [id, ...at])).toEqual([["tokenizer-missing", "releases", "embeddings", "model"]]);
    expect(errors[0]?.fix).toMatch(/^Serve it by Triton/);
  });

  test("encode Japanese with BERT, which fits, at a speed that nobody measured", () => {
    const question = { model: "tohoku-nlp/bert-base-japanese-v3", gpu: "EPYC-7763", inputTokens: 128, concurrency: 16 };
    const understood = replicaOf(question);
    if ("problems" in understood) throw new Error(understood.problems.map(({ message }) => message).join("\n"));
    const { fits, confidence, encode, weightsGibPerGpu, reasons } = answer(understood, question);
    expect(fits).toBe(true);
    expect(confidence).toBe("needs-profile-run");
    expect(weightsGibPerGpu).toBeCloseTo(0.111207168 * 4 * gb, 1);
    expect(encode?.textsPerSecond).toBeGreaterThan(1);
    expect(reasons[0]).toMatch(/^nothing was measured on EPYC-7763/);
  });
});

describe("what the reference writes and cannot work", () => {
  const large = { model: "meta-llama/Llama-3.1-70B-Instruct", weights: "fp16", kv: "fp16" } as const;
  const small = { model: "meta-llama/Llama-3.1-8B-Instruct", weights: "fp16", kv: "fp16" } as const;

  describe("four replicas of the 70B, each on one GPU with 32 GB of host memory", () => {
    const errors = planned("ray-serve.yaml").findings.filter(({ level }) => level === "error");

    test("are refused for the GPU: 141 GB of weights", () => {
      const finding = errors.find(({ id }) => id === "memory-too-small");
      expect(finding?.at).toEqual(["releases", "llama-70b", "model"]);
      expect(finding?.message).toMatch(
        /^meta-llama\/Llama-3.1-70B-Instruct does not fit on one A100-40GB: per GPU 35\.\d\d GiB of its GPU memory − 131\.\d\d GiB weights − \d\.\d\d GiB overhead = -\d+\.\d\d GiB for the KV cache$/,
      );
      const one = replica({ ...large, gpu: "A100-40GB", rest: { context: 4096 } });
      expect(Number(/− ([\d.]+) GiB weights/.exec(finding?.message ?? "")?.[1]) / gb).toBeCloseTo(141.1, 0);
      expect(loadsInto(one, 32 * gb)).toBe(false);
    });

    test("are refused for the host: a pod loads them through 165 GiB, and the whole machine has less", () => {
      const finding = errors.find(({ id }) => id === "pod-never-fits");
      expect(finding?.at).toEqual(["releases", "llama-70b", "pool"]);
      expect(finding?.message).toMatch(
        /^a pod of llama-70b fits no machine of the pool a100: a pod needs 1 GPU, 6 CPU, 165 GiB of memory and \d+ GiB of disk; a machine has 4 GPU, 15\.\d CPU, 116\.\d GiB/,
      );
    });

    test("and nothing else is wrong with them", () => {
      expect(errors.map(({ id }) => id)).toEqual(["memory-too-small", "pod-never-fits"]);
      expect(planned("ray-serve.yaml").plan).toBeUndefined();
    });
  });

  describe("the 8B and the 70B in one process", () => {
    const onto = (share: number, tensor: number) => ({
      gpu: "A100-40GB",
      parallel: { tensor },
      vllm: { gpuMemoryUtilization: share },
    });

    test("take 1.85 of each GPU that they share, and their weights alone are more than it has", () => {
      const { fits, problems, share } = sharedGpu([
        replica({ ...small, ...onto(0.9, 1) }),
        replica({ ...large, ...onto(0.95, 4), rest: { context: 4096 } }),
      ]);
      expect([fits, share]).toEqual([false, 1.85]);
      expect(problems[0]).toBe(
        "the engines take 0.9 + 0.95 = 1.85 of the memory of one A100-40GB, and there is 1: whichever starts last finds its share gone",
      );
      expect(problems[1]).toMatch(
        /^meta-llama\/Llama-3.1-8B-Instruct: 14\.9\d GiB weights \+ \d\.\d\d GiB overhead; meta-llama\/Llama-3.1-70B-Instruct, a part of 4: 32\.\d\d GiB weights \+ \d\.\d\d GiB overhead: together \d\d\.\d\d GiB, and one A100-40GB has 39\.\d\d GiB$/,
      );
    });

    test("are one problem less where only the shares are too large", () => {
      const pair = (share: number) =>
        sharedGpu([replica({ ...small, ...onto(share, 1) }), replica({ ...small, ...onto(0.45, 1) })]);
      expect(pair(0.9).problems).toHaveLength(1);
      expect(pair(0.45)).toMatchObject({ fits: true, problems: [], share: 0.9 });
      expect(pair(0.45).leftGiB).toBeGreaterThan(0);
      expect(pair(0.55).fits).toBe(true);
    });

    test("on different GPUs share nothing", () => {
      expect(() => sharedGpu([replica(), replica({ gpu: "H100-80GB" })])).toThrow(RangeError);
    });
  });
});
