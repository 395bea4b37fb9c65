import { Document, isMap, isSeq, visit } from "yaml";
import type { Recording } from "../../tools/run/record";

/** No map or list that fits into this is spread over lines: fewer lines are sooner read. */
const widest = 110;

/**
 * The Kubernetes objects of a recording as YAML, for a golden file that people review: ordered by kind and
 * name, without what every object has alike, short maps and lists on one line.
 */
export function manifestsOf({ resources }: Recording): string {
  const objects = resources
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ inputs }) => withoutCommon(inputs))
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return objects.map((object) => text(object)).join("---\n");
}

type Inputs = Readonly<Record<string, unknown>>;

function key(object: Inputs): string {
  const { name, namespace } = object["metadata"] as { name: string; namespace?: string };
  return [object["kind"], namespace, name].join(" ");
}

/** Labels have a test of their own. */
function withoutCommon(inputs: Inputs): Inputs {
  const { labels, ...metadata } = inputs["metadata"] as { labels?: Readonly<Record<string, string>> };
  const special = Object.entries(labels ?? {}).filter(([label]) => label.startsWith("pod-security."));
  return {
    ...inputs,
    metadata: special.length === 0 ? metadata : { ...metadata, labels: Object.fromEntries(special) },
  };
}

function text(object: Inputs): string {
  const document = new Document(object);
  visit(document, {
    Collection: (_, node, path) => {
      if (path.length < 4 || !(isMap(node) || isSeq(node))) return undefined;
      const length = JSON.stringify(node.toJSON()).length + 2 * path.length;
      if (length > widest) return undefined;
      node.flow = true;
      return visit.SKIP;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}
