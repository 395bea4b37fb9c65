import { eachContainer } from "../../containers";
import { parseImage } from "../../image";
import { field, text } from "../../read";
import type { Rule } from "../../rule";

/** Tags that are moved to every new build. */
const movingTags = new Set(["latest", "nightly", "main", "master", "dev", "stable", "edge"]);

/** Rule 17 of our policy research. */
export const imageNoLatestTag: Rule = {
  name: "image-no-latest-tag",
  title: "Images have a tag that says a version",
  description:
    "Every image has a tag, and it is not one that moves. Nobody can say at night which version `latest` was.",
  severity: "medium",
  remediation: "Name the version, for example `vllm/vllm-openai:v0.31.0`; keep the tag beside a digest, for people.",
  references: ["checkov:CKV_K8S_14", "kube-linter:latest-tag", "kube-score:container-image-tag", "trivy:KSV-0013"],
  levels: { development: "mandatory", staging: "mandatory", production: "mandatory" },
  check: eachContainer(({ value }) => {
    const image = text(field(value, "image"));
    const tag = image === undefined ? undefined : parseImage(image).tag;
    if (tag === undefined)
      return { at: "image", message: `runs ${image ?? "an image without a name"}, which has no tag` };
    return movingTags.has(tag) ? { at: "image", message: `runs ${image}, whose tag moves` } : undefined;
  }),
};
