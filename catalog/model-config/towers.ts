import type { Fields } from "./fields";
import { towerParameters } from "./parts";

const colours = 3;

/** The tower's fields; a problem where the file has none, because then the weights' size is not known. */
function vision(whole: Fields): Fields | undefined {
  const found = whole.child("vision_config");
  if (found === undefined) whole.problem("vision_config is missing, so the size of the vision tower is not known");
  return found;
}

/** Gemma 3: SigLIP and one projection, none where there is no `vision_config` (the 1B). */
export function gemma3Tower(whole: Fields, text: Fields): number {
  const config = whole.child("vision_config");
  if (config === undefined) return 0;
  const [hidden, patch] = [config.count("hidden_size"), config.count("patch_size")];
  return towerParameters({
    hidden,
    depth: config.count("num_hidden_layers"),
    intermediate: config.count("intermediate_size"),
    matrices: 2,
    biases: true,
    patch: colours * patch ** 2 + 1,
    positions: Math.floor(config.count("image_size") / patch) ** 2 + 2,
    projection: hidden * text.count("hidden_size") + hidden,
  });
}

/** Gemma 4: a tower with gates and a table of positions for both axes; E2B and E4B hear as well. */
export function gemma4Tower(whole: Fields, text: Fields): number {
  const config = vision(whole);
  if (config === undefined) return 0;
  const hidden = config.count("hidden_size");
  const images = towerParameters({
    hidden,
    depth: config.count("num_hidden_layers"),
    intermediate: config.count("intermediate_size"),
    matrices: 3,
    biases: false,
    patch: colours * config.count("patch_size") ** 2,
    positions: 2 * config.count("position_embedding_size"),
    projection: hidden * text.count("hidden_size"),
  });
  const audio = whole.child("audio_config");
  return images + (audio ? gemma4Audio(audio, text.count("hidden_size")) : 0);
}

/** A conformer: two feed-forward blocks of four times the width, attention with relative positions, a convolution. */
function gemma4Audio(config: Fields, textHidden: number): number {
  const hidden = config.count("hidden_size");
  const layer = 2 * 8 * hidden ** 2 + 5 * hidden ** 2 + 3 * hidden ** 2;
  return config.count("num_hidden_layers") * layer + hidden * textHidden;
}

export function qwenTower(whole: Fields, text: Fields): number {
  const config = vision(whole);
  if (config === undefined) return 0;
  const hidden = config.count("hidden_size");
  const merged = hidden * config.count("spatial_merge_size") ** 2;
  return towerParameters({
    hidden,
    depth: config.count("depth"),
    intermediate: config.count("intermediate_size"),
    matrices: 2,
    biases: true,
    patch: colours * config.count("patch_size") ** 2 * config.count("temporal_patch_size") + 1,
    positions: config.count("num_position_embeddings"),
    projection: merged * merged + merged + (merged + 1) * text.count("hidden_size") + 2 * hidden,
  });
}

export function kimiTower(whole: Fields, text: Fields): number {
  const config = vision(whole);
  if (config === undefined) return 0;
  const hidden = config.count("vt_hidden_size");
  const merged = hidden * 4;
  return towerParameters({
    hidden,
    depth: config.count("vt_num_hidden_layers"),
    intermediate: config.count("vt_intermediate_size"),
    matrices: 2,
    biases: true,
    patch: colours * config.count("patch_size") ** 2 + 1,
    positions: config.count("init_pos_emb_height") * config.count("init_pos_emb_width"),
    projection: merged * merged + merged * text.count("hidden_size"),
  });
}

export function llama4Tower(whole: Fields, text: Fields): number {
  const config = vision(whole);
  if (config === undefined) return 0;
  const [hidden, patch] = [config.count("hidden_size"), config.count("patch_size")];
  /** A class token with its position, and norms with a bias before and after the layers. */
  const outside = 2 + 2 * 2;
  const inner = config.count("projector_output_dim");
  return towerParameters({
    hidden,
    depth: config.count("num_hidden_layers"),
    intermediate: config.count("intermediate_size"),
    matrices: 2,
    biases: true,
    patch: colours * patch ** 2,
    positions: Math.floor(config.count("image_size") / patch) ** 2 + outside,
    projection:
      config.count("projector_input_dim") * config.count("intermediate_size") +
      inner * inner +
      config.count("vision_output_dim") * text.count("hidden_size"),
  });
}
