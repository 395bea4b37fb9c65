import type { LayerCounts, Model } from "../models";
import type { Fields } from "./fields";

/** What a family says of its layers: how many of each kind, in the order in which they stand where that matters. */
export type Pattern = (layer: number) => keyof LayerCounts;

const kinds: Readonly<Record<string, keyof LayerCounts>> = {
  full_attention: "full",
  sliding_attention: "sliding",
  chunked_attention: "sliding",
  linear_attention: "linear",
};

function listed(config: Fields, depth: number, otherwise: Pattern): readonly (keyof LayerCounts)[] {
  const list = config.list("layer_types");
  if (list === undefined) return Array.from({ length: depth }, (_, layer) => otherwise(layer));
  if (list.length !== depth) config.problem(`layer_types has ${list.length} layers, num_hidden_layers says ${depth}`);
  return list.map((name) => {
    const kind = kinds[name];
    if (kind === undefined) config.problem(`layer_types has ${JSON.stringify(name)}, which is not known`);
    return kind ?? "full";
  });
}

const number = (layers: readonly (keyof LayerCounts)[], kind: keyof LayerCounts): number =>
  layers.filter((layer) => layer === kind).length;

/** Layers by `layer_types`, or by the pattern of the family where the file does not list them. */
export function readLayers(config: Fields, otherwise: Pattern): Pick<Model, "layers" | "kvSharedLayers"> {
  const layers = listed(config, config.count("num_hidden_layers"), otherwise);
  const sharing = config.countOr("num_kv_shared_layers", 0);
  const shared = sharing > 0 ? layers.slice(-sharing) : [];
  return {
    layers: { full: number(layers, "full"), sliding: number(layers, "sliding"), linear: number(layers, "linear") },
    kvSharedLayers: { full: number(shared, "full"), sliding: number(shared, "sliding") },
  };
}

/** Gated delta net of Qwen3-Next and 3.5. */
export function readLinearAttention(config: Fields): Model["linearAttention"] {
  return {
    keyHeads: config.count("linear_num_key_heads"),
    valueHeads: config.count("linear_num_value_heads"),
    keyHeadDim: config.count("linear_key_head_dim"),
    valueHeadDim: config.count("linear_value_head_dim"),
    convolutionKernel: config.count("linear_conv_kernel_dim"),
    stateDtype: config.text("mamba_ssm_dtype") === "float32" ? "float32" : "model",
  };
}

export function readLatentAttention(config: Fields): NonNullable<Model["mla"]> {
  const sparse = config.has("index_head_dim");
  return {
    queryLoraRank: config.countOr("q_lora_rank", null),
    kvLoraRank: config.count("kv_lora_rank"),
    nopeHeadDim: config.count("qk_nope_head_dim"),
    ropeHeadDim: config.count("qk_rope_head_dim"),
    valueHeadDim: config.count("v_head_dim"),
    indexer: sparse
      ? {
          heads: config.count("index_n_heads"),
          headDim: config.count("index_head_dim"),
          topK: config.count("index_topk"),
        }
      : null,
  };
}

/** Names of the fields about experts, which differ between families. */
export interface ExpertNames {
  readonly experts: string;
  readonly perToken: string;
  readonly width: string;
}

type Experts = NonNullable<Model["moe"]>;

export function readExperts(config: Fields, names: ExpertNames, others: Partial<Experts> = {}): Experts {
  return {
    experts: config.count(names.experts),
    expertsPerToken: config.count(names.perToken),
    sharedExperts: 0,
    expertIntermediateSize: config.count(names.width),
    firstDenseLayers: 0,
    everyNthLayer: 1,
    ...others,
  };
}

/** A vision tower as a plain transformer: SigLIP and what is built like it. */
export interface Tower {
  readonly hidden: number;
  readonly depth: number;
  readonly intermediate: number;
  readonly matrices: 2 | 3;
  readonly biases: boolean;
  readonly patch: number;
  readonly positions: number;
  /** Parameters of what leads from the tower to the language model. */
  readonly projection: number;
}

/** Parameters of a tower. */
export function towerParameters({ hidden, depth, intermediate, matrices, ...tower }: Tower): number {
  const biases = tower.biases ? 4 * hidden + intermediate * (matrices - 1) + hidden + 4 * hidden : 4 * hidden;
  const layer = 4 * hidden * hidden + matrices * hidden * intermediate + biases;
  return depth * layer + (tower.patch + tower.positions) * hidden + tower.projection;
}
