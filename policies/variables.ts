import { elements, field, names, path, text } from "./read";
import { judged, type Undecided } from "./rule";

/** One environment variable that a container's own list gives it. */
export interface Variable {
  readonly name: string;
  /** Its place in the container, such as `env[2]`. */
  readonly at: string;
  /** The value, undefined when it comes from elsewhere (a ConfigMap, a Secret, a field), where no review sees it. */
  readonly read: () => string | undefined;
  readonly isMadeByKubernetes: () => boolean;
}

/** The variables of a container's `env`, in their order. */
export function* variablesOf(container: unknown, undecided: Undecided): Generator<Variable> {
  for (const { index, read } of elements(field(container, "env")))
    yield* judged(() => {
      const variable = read();
      const name = text(field(variable, "name")) ?? "";
      return [
        {
          name,
          at: `env[${index}]`,
          read: () => valueOf(variable),
          isMadeByKubernetes: () => isMadeByKubernetes(variable),
        },
      ];
    }, undecided);
}

/** Kubernetes takes a variable that has neither a value nor a source as empty. */
function valueOf(variable: unknown): string | undefined {
  const value = field(variable, "value");
  if (value !== undefined && value !== null) return text(value);
  return names(field(variable, "valueFrom")).length === 0 ? "" : undefined;
}

/** Whether its value is an address, a name or a size that Kubernetes itself makes, and so nobody's choice. */
function isMadeByKubernetes(variable: unknown): boolean {
  const from = field(variable, "valueFrom");
  if (names(field(from, "resourceFieldRef")).length > 0) return true;
  const source = text(path(from, "fieldRef", "fieldPath")) ?? "";
  return /^(status\.|spec\.|metadata\.(name|namespace|uid)$)/.test(source);
}

/** Places of a container that give it variables of which not even the names are seen. */
export function unseenVariables(container: unknown): readonly string[] {
  return elements(field(container, "envFrom")).map(({ index }) => `envFrom[${index}]`);
}
