import { all, runtime, type Input } from "@pulumi/pulumi";
import type { ServiceError } from "@grpc/grpc-js";
import type { RegisterResourceRequest, RegisterResourceResponse } from "@pulumi/pulumi/proto/resource_pb";
import { withLocalStorage } from "@pulumi/pulumi/runtime/state";

/** One resource as a program declared it, before any provider saw it. */
export interface RecordedResource {
  /** The URN that the engine would give it. */
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** False for components. */
  readonly custom: boolean;
  /** What was declared; the value of a secret is replaced by the word `secret` in brackets. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly parent?: string;
  readonly dependencies: readonly string[];
  /** How long Pulumi waits for its creation, such as `1168s`; absent where the provider's own time holds. */
  readonly createTimeout?: string;
  /** Fields that updates leave as they are; absent where there are none. */
  readonly ignoreChanges?: readonly string[];
}

export interface Recording {
  readonly resources: readonly RecordedResource[];
  /** What the program returned, once everything in it was known. */
  readonly outputs: unknown;
}

/** What stands in a recording in place of a secret. */
export const secretPlaceholder = "[secret]";

/**
 * Runs a Pulumi program without an engine and writes down what it declares. Several recordings can run at
 * once: each has its own settings.
 */
export function record(
  program: () => Promise<Input<unknown>>,
  stack: string,
  project = "modelyard",
): Promise<Recording> {
  const run = async (): Promise<Recording> => {
    const recorder = new Recorder(stack, project);
    await runtime.setMocks({ newResource: knownAtOnce, call: nothingToAsk }, project, stack, false);
    recorder.listen();
    const returned = await program();
    await runtime.disconnect();
    return { resources: recorder.resources, outputs: await valueOf(returned) };
  };
  return withLocalStorage(() => withoutTraces(run));
}

function valueOf(input: Input<unknown>): Promise<unknown> {
  return new Promise((resolve) => {
    all([input]).apply(([value]) => {
      resolve(value);
    });
  });
}

/** Our programs ask no provider for anything while they declare. */
function nothingToAsk({ token }: runtime.MockCallArgs): runtime.MockCallResult {
  throw new Error(`the program calls ${token}, which a recording cannot answer`);
}

interface DeclaredToMocks {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Outputs are the inputs, and ids follow from names, so that a recording is the same every time. */
function knownAtOnce({ type, name, inputs }: DeclaredToMocks): runtime.MockResourceResult {
  const made = type === "random:index/randomPassword:RandomPassword" ? { result: secretPlaceholder } : {};
  return { id: `${name}-id`, state: { ...inputs, ...made } };
}

type RegistrationCallback = (error: ServiceError | null, response: RegisterResourceResponse) => void;

/**
 * Pulumi captures a stack trace for every promise of a resource, to name the one that never resolved: a third of
 * what a recording costs, and a program that hangs is better found under the engine. The limit is one for the whole
 * process, so it comes back when the last of several recordings is over.
 */
const traces = { recordings: 0, limit: Error.stackTraceLimit };

async function withoutTraces<Result>(work: () => Promise<Result>): Promise<Result> {
  if (traces.recordings++ === 0) {
    traces.limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
  }
  try {
    return await work();
  } finally {
    if (--traces.recordings === 0) Error.stackTraceLimit = traces.limit;
  }
}

class Recorder {
  readonly resources: RecordedResource[] = [];
  /** The mock monitor knows only a resource's nearest parent; the engine's URN has the whole line of them. */
  readonly #engineUrns = new Map<string, string>();

  constructor(
    private readonly stack: string,
    private readonly project: string,
  ) {}

  /** Looks at every registration on its way to the mock monitor, which does not pass options on. */
  listen(): void {
    const monitor = runtime.getMonitor();
    if (monitor === undefined) throw new Error("mocks were not set before recording");
    const register = monitor.registerResource.bind(monitor);
    const tapped = (request: RegisterResourceRequest, callback: RegistrationCallback): unknown => {
      this.#add(request);
      return register(request, callback);
    };
    Object.defineProperty(monitor, "registerResource", { value: tapped });
  }

  #add(request: RegisterResourceRequest): void {
    const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
    const urn = this.#engineUrn(type, name, parent);
    const timeouts = request.getCustomtimeouts();
    const ignored = request.getIgnorechangesList();
    this.resources.push({
      urn,
      type,
      name,
      custom: request.getCustom(),
      inputs: withoutSecrets(request.getObject()?.toJavaScript() ?? {}),
      dependencies: request.getDependenciesList().map((dependency) => this.#engineUrns.get(dependency) ?? dependency),
      ...(parent === "" ? {} : { parent: this.#engineUrns.get(parent) ?? parent }),
      ...(timeouts === undefined || timeouts.getCreate() === "" ? {} : { createTimeout: timeouts.getCreate() }),
      ...(ignored.length === 0 ? {} : { ignoreChanges: ignored }),
    });
  }

  #engineUrn(type: string, name: string, parent: string): string {
    const parentTypes = this.#engineUrns.get(parent)?.split("::")[2];
    const nearest = parentTypes?.split("$").at(-1);
    const urn = (types: string): string => ["urn:pulumi:" + this.stack, this.project, types, name].join("::");
    const engine = urn(parentTypes === undefined ? type : `${parentTypes}$${type}`);
    const mock = [
      "urn:pulumi:" + this.stack,
      this.project,
      nearest === undefined ? type : `${nearest}$${type}`,
      name,
    ].join("::");
    this.#engineUrns.set(mock, engine);
    return engine;
  }
}

/** Marks of the wire format (`sdk/nodejs/runtime/rpc.ts`). */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

function withoutSecrets(inputs: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, hideSecret(value)]));
}

function hideSecret(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hideSecret);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const isSecret = entries.some(([key, mark]) => key === signatureKey && mark === secretSignature);
  return isSecret ? secretPlaceholder : Object.fromEntries(entries.map(([key, inner]) => [key, hideSecret(inner)]));
}
