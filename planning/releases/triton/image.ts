import { tritonImage } from "../../../catalog/triton";
import { tritonBackends } from "../../../catalog/triton-backends";
import { tritonImageDigest, type TritonImageKind } from "../../../catalog/triton-images";
import type { Path, TritonSettings } from "../../../environment";
import { errorAt, type Finding } from "../../findings";
import { imageReference } from "../parts";

/** Images of the environment in place of the published ones. */
export type TritonImages = Readonly<Partial<Record<TritonImageKind, string | undefined>>>;

export interface ChosenImage {
  readonly image: string;
  readonly findings: readonly Finding[];
}

const settingOf: Readonly<Record<TritonImageKind, string>> = {
  all: "triton",
  vllm: "triton-vllm",
  tensorrtllm: "triton-tensorrtllm",
};

/** The image of a release: its own, that of the environment, or the published one with the backends of its models. */
export function chooseImage(settings: TritonSettings, version: string, images: TritonImages, at: Path): ChosenImage {
  if (settings.image !== undefined) return { image: settings.image, findings: [] };
  const kind = imageKind(settings);
  if (kind === null) return { image: published(version, "all"), findings: [noImage(settings, at)] };
  const own = images[kind];
  if (own !== undefined) return { image: own, findings: [] };
  const image = published(version, kind);
  if (tritonImageDigest(version, kind) !== undefined) return { image, findings: [] };
  const message = `no digest of ${image} is known, and a tag alone may be another image tomorrow`;
  const fix = `Ask the registry for it and write \`${settingOf[kind]}: ${image}@sha256:…\` under \`images\`.`;
  return { image, findings: [errorAt([...at, "image"], "image-not-pinned", message, fix)] };
}

function published(version: string, kind: TritonImageKind): string {
  const { repository, tag } = tritonImage;
  return imageReference(repository, tag(version, kind), tritonImageDigest(version, kind)?.digest);
}

function noImage({ models }: TritonSettings, at: Path): Finding {
  const backends = [...new Set(Object.values(models).map(({ backend }) => backend))];
  const gone = backends.filter((backend) => tritonBackends[backend].images.length === 0);
  const message =
    gone.length > 0
      ? `no published image has the backend ${gone.join(", ")} any more`
      : `no published image has the backends ${backends.filter((backend) => backend !== "ensemble").join(", ")} together`;
  const fix = "Name an image of your own that has them, as `image`, or give the models releases of their own.";
  return errorAt([...at, "image"], "image-lacks-backend", message, fix);
}

/** The smallest published image that has the backends of all models; null where none has them all. */
export function imageKind({ models }: Pick<TritonSettings, "models">): TritonImageKind | null {
  const kinds: readonly TritonImageKind[] = ["all", "vllm", "tensorrtllm"];
  const backends = Object.values(models).map(({ backend }) => tritonBackends[backend]);
  return kinds.find((kind) => backends.every(({ images }) => images.includes(kind))) ?? null;
}
