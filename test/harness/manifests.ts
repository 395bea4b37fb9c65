import { compareObjects, isKubernetesObject, objectYaml, type KubernetesObject } from "../../tools/report/manifests";
import type { Recording } from "../../tools/run/record";

/** The Kubernetes objects of a recording as YAML, for a golden file that people review: without what every object has alike. */
export function manifestsOf({ resources }: Recording): string {
  const objects = resources.filter((resource) => isKubernetesObject(resource, resource.inputs));
  return objects
    .map(({ inputs }) => withoutCommon(inputs))
    .sort(compareObjects)
    .map(objectYaml)
    .join("---\n");
}

/** Labels have a test of their own. */
function withoutCommon(inputs: KubernetesObject): KubernetesObject {
  const { labels, ...metadata } = inputs["metadata"] as { labels?: Readonly<Record<string, string>> };
  const special = Object.entries(labels ?? {}).filter(([label]) => label.startsWith("pod-security."));
  return {
    ...inputs,
    metadata: special.length === 0 ? metadata : { ...metadata, labels: Object.fromEntries(special) },
  };
}
