import { z } from "zod";
import { statement } from "../../messages";
import { settings } from "../../settings";
import { commit, count, innerPath, name, secretKey } from "../common";

/** Ranks that vLLM takes: `MaxLoRARanks` in vllm/config/lora.py (0.26.0). Another number ends its start. */
const loraRanks = [1, 8, 16, 32, 64, 128, 256, 320, 512] as const;

const rank = count.max(512).describe("The adapter's own rank, as its adapter_config.json says.");

const adapter = z.discriminatedUnion("from", [
  settings({
    from: z.literal("hub").describe("Downloaded from the Hugging Face hub before the engine starts."),
    repository: innerPath("the hub").describe("The adapter's repository on the hub."),
    revision: commit.describe("The commit of that repository."),
    token: secretKey.optional().describe("The hub token; needed for gated adapters."),
    rank,
  }),
  settings({
    from: z.literal("pvc").describe("Read from a PersistentVolumeClaim that holds the adapter's directory."),
    claim: name.describe("Name of the PersistentVolumeClaim in the serving namespace."),
    path: innerPath("the volume").describe("The adapter's directory inside the volume."),
    rank,
  }),
]);

export const lora = settings({
  maxAdapters: count.max(256).default(1).describe("Adapters that are in the GPU's memory at once. Default 1."),
  maxRank: z.literal(loraRanks).default(16).describe("Largest rank of an adapter. Default 16."),
  adapters: z
    .record(name, adapter)
    .default({})
    .describe(
      "Adapters by the name that requests ask for. Those beyond `maxAdapters` wait in host memory. Default: none.",
    ),
}).superRefine(({ adapters, maxRank }, context) => {
  for (const [adapter, { rank }] of Object.entries(adapters)) {
    if (rank <= maxRank) continue;
    const wide = loraRanks.find((allowed) => allowed >= rank);
    const message = statement.write(
      `is ${rank}, and \`lora.maxRank\` is ${maxRank}: vLLM refuses the adapter when it starts`,
      `Write \`maxRank: ${wide}\`, or train an adapter of a lower rank.`,
    );
    context.addIssue({ code: "custom", path: ["adapters", adapter, "rank"], message });
  }
});

export type LoraSettings = z.output<typeof lora>;
/** An adapter that a release serves beside its model. */
export type AdapterSettings = z.output<typeof adapter>;
