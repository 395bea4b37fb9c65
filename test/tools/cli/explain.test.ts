import { describe, expect, test } from "vitest";
import { modelyard } from "../../harness/modelyard";

async function explain(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await modelyard("explain", ...args);
  expect([code, err]).toEqual([0, ""]);
  return out;
}

describe("the number of GPUs of a replica", () => {
  test("is explained by what each number would leave, and which cannot be", async () => {
    const out = await explain("local", "releases.chat.tensorParallel");
    expect(out).toContain("releases.chat.tensorParallel = 1\n  the cheapest layout whose KV cache holds one request");
    expect(out).toMatch(/one request of full length +16,384 +tokens +context/);
    expect(out).toMatch(/1 × L40S, bf16 +[0-9,]+ +tokens +taken/);
    expect(out).toMatch(/2 × L40S \(tensor 2\), bf16 +[0-9,]+ +tokens +dearer: \$7\.44\/h/);
  });

  test("that is pinned says so", async () => {
    const out = await explain("prod", "releases.chat-large.tensorParallel");
    expect(out).toContain("= 4\n  pinned in the environment file");
    expect(out).not.toContain("1 GPU");
    expect(out).not.toContain("not taken");
  });
});

describe("a choice", () => {
  test.each(["tensorParallel", "quantization", "runnersUp"])(
    "named by %s is shown with what was not taken",
    async (of) => {
      const out = await explain("dev", `releases.chat-small.${of}`);
      expect(out).toContain("\n  taken: 1 × RTX-4090, bf16\n");
      expect(out).toMatch(/\n {2}not taken +\$\/h +reason\n/);
      expect(out).toMatch(/\n {2}2 × RTX-4090 \(tensor 2\), bf16 +\$0\.80 +dearer: \$0\.80\/h\n/);
    },
  );
});

describe("a number", () => {
  test("says which facts and estimates it stands on that its terms do not name", async () => {
    const tokens = await explain("local", "releases.chat.memory.kvTokens");
    expect(tokens).toMatch(/\n {2}stands on\n {4}memory of chat: start-up logs.* calibrated\)$/);
    expect(await explain("local", "releases.chat.seconds.coldStart")).toMatch(/\n {4}warm-up: .*, exact\)/);
    expect(await explain("local", "releases.chat.memory.totalGiB")).not.toContain("stands on");
  });

  test("that is a range is asked further for what its bounds add", async () => {
    const out = await explain("local", "cost.levels.max");
    expect(out).toContain("cost.levels.max.usdPerHour.expected");
    expect(out).not.toContain("cost.levels.max.usdPerHour.low");
  });
});

test.each<[environment: string, path: string, said: RegExp]>([
  ["local", "releases.chat.rollout.maxSurge", /= 1\n {2}a new pod starts before an old one leaves/],
  ["local", "releases.summary.rollout.kind", /= recreate\n {2}an old pod leaves before a new one starts/],
  ["local", "releases.chat.dataType", /= bfloat16\n[^]*the model's own type +bfloat16 +catalogue: Qwen\/Qwen3-8B/],
  ["local", "releases.chat.pod.volumes.tmp.sizeGiB", /= 1 GiB\n {2}the same for every release$/],
  ["local", "releases.chat.memory.overheadGiB", / GiB\n[^]*CUDA and communication +0\.26 +GiB +start-up logs/],
  ["local", "cost.usdPerHour", /= 7\.44 \$\/h\n[^]*l40s +7\.44 +\$\/h/],
  ["local", "pools.l40s.room.levels.max.needed", /= 2 machines\n[^]*summary +1 +pods/],
  ["local", "releases.chat.replicas.max", /= 2\n {2}the setting `replicas`/],
  ["local", "releases.chat.context", /= 16384\n {2}stacks\/local\.yaml:\d+:\d+\n {2}Longest prompt plus answer/],
  ["local", "releases.chat.maxSequences", /= 64\n {2}nobody wrote it: its default/],
  ["local", "releases.chat.rollout", /decided by planning; ask further for\n +releases\.chat\.rollout\.kind\n/],
  ["local", "releases.chat.pod.container.image", /= "docker\.io[^]*decided by planning$/],
])("explain %s %s", async (environment, path, said) => {
  expect(await explain(environment, path)).toMatch(said);
});
