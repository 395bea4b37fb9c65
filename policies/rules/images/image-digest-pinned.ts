import { eachContainer } from "../../containers";
import { parseImage } from "../../image";
import { field, text } from "../../read";
import type { Rule } from "../../rule";

/** Rule 15 of our policy research. */
export const imageDigestPinned: Rule = {
  name: "image-digest-pinned",
  title: "Images are pinned by digest",
  description:
    "Every image is named by its sha256 digest. A tag can be moved to other content; what was tested is then not what runs.",
  severity: "high",
  remediation:
    "Add the digest to the image: in the environment file `images: { vllm: registry/repository:tag@sha256:… }`.",
  references: ["owasp-llm-2025:03", "owasp-llm-2026:04", "checkov:CKV_K8S_43"],
  levels: { development: "advisory", staging: "mandatory", production: "mandatory" },
  check: eachContainer(({ value }) => {
    const image = text(field(value, "image"));
    if (image !== undefined && /^sha256:[0-9a-f]{64}$/.test(parseImage(image).digest ?? "")) return undefined;
    return { at: "image", message: image === undefined ? "names no image" : `runs ${image}, which has no digest` };
  }),
};
