import { Document, isMap, isScalar, isSeq, parse, visit } from "yaml";

/** What `kubectl` takes: apiVersion, kind, metadata and the rest. */
export type KubernetesObject = Readonly<Record<string, unknown>>;

/** A resource as a program declares it. */
interface Declared {
  readonly type: string;
}

/**
 * Whether a resource is one whole Kubernetes object. Charts and groups of files, which only Pulumi knows, and
 * patches of objects that others own have types of the same provider.
 */
export function isKubernetesObject({ type }: Declared, inputs: KubernetesObject): boolean {
  return type.startsWith("kubernetes:") && "apiVersion" in inputs && inputs["kind"] === type.split(":").at(-1);
}

export interface ObjectIdentity {
  readonly kind: string;
  /** Empty for an object of the whole cluster. */
  readonly namespace: string;
  readonly name: string;
}

export function identityOf(object: KubernetesObject): ObjectIdentity {
  const metadata = object["metadata"];
  return {
    kind: textAt(object, "kind"),
    namespace: textAt(metadata, "namespace"),
    name: textAt(metadata, "name"),
  };
}

function textAt(value: unknown, key: string): string {
  if (typeof value !== "object" || value === null) return "";
  const found = Object.entries(value).find(([name]) => name === key)?.[1] as unknown;
  return typeof found === "string" ? found : "";
}

/** By kind, then by namespace and name. */
export function compareObjects(a: KubernetesObject, b: KubernetesObject): number {
  const [first, second] = [a, b].map((object) => {
    const { kind, namespace, name } = identityOf(object);
    return [kind, namespace, name].join(" ");
  });
  return first === second ? 0 : (first ?? "") < (second ?? "") ? -1 : 1;
}

/** No map or list that fits into this is spread over lines: fewer lines are sooner read. */
const widest = 110;

/** One object as YAML, with short maps and lists on one line. */
export function objectYaml(object: KubernetesObject): string {
  const document = new Document(object, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, node) => {
      if (isScalar(node) && typeof node.value === "string" && isAmbiguous(node.value)) node.type = "QUOTE_DOUBLE";
    },
    Collection: (_, node, path) => {
      if (path.length < 4 || !(isMap(node) || isSeq(node))) return;
      const length = JSON.stringify(node.toJSON()).length + 2 * path.length;
      if (length <= widest) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/**
 * Whether a text without quotes is something else to one of the two versions of YAML that are about: kubectl reads
 * `yes` and `0777` by 1.1, the library here by 1.2.
 */
function isAmbiguous(text: string): boolean {
  if (!/^([-+.]?\d|[-+]?[.e]|~|=|<|[a-z]{1,5}$)/i.test(text)) return false;
  return (["1.1", "1.2"] as const).some((version) => {
    try {
      return parse(text, { version, logLevel: "silent" }) !== text;
    } catch {
      return true;
    }
  });
}
