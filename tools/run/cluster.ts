import { z } from "zod";
import { isOurs, ownershipSelector, type ObjectLabels, type ObjectRef } from "./ownership";

/** The requests that are made of a cluster beside Pulumi's. Answers are JSON as the API server sent it. */
export interface ClusterApi {
  /** @throws an Error with the HTTP `status` unless the answer is a success */
  get(path: string): Promise<unknown>;
  /** JSON merge patch. @throws an Error with the HTTP `status` unless the answer is a success */
  patch(path: string, change: object): Promise<unknown>;
  /** Deletes an object; one that is not there is as good as deleted. */
  remove(path: string): Promise<void>;
}

const Found = z.object({
  metadata: z.object({
    labels: z.record(z.string(), z.string()).optional(),
    deletionTimestamp: z.string().optional(),
  }),
});
/** What each field manager set is passed on as it came. */
const Managed = z.object({
  metadata: z.object({
    resourceVersion: z.string(),
    managedFields: z.array(z.looseObject({ manager: z.string().optional() })).default([]),
  }),
});
const ResourceList = z.object({
  resources: z.array(
    z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean(), verbs: z.array(z.string()) }),
  ),
});
const GroupList = z.object({
  groups: z.array(z.object({ preferredVersion: z.object({ groupVersion: z.string() }) })),
});
const ObjectList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({
        name: z.string(),
        namespace: z.string().optional(),
        labels: z.record(z.string(), z.string()).optional(),
        ownerReferences: z.array(z.unknown()).optional(),
      }),
    }),
  ),
});
type Kind = z.infer<typeof ResourceList>["resources"][number] & { readonly apiVersion: string };

export interface FoundObject extends ObjectLabels {
  /** It was deleted, and is there only until its contents or finalizers are gone. */
  readonly deleting: boolean;
}

/** What a cluster knows of an environment's objects. */
export class Cluster {
  readonly #kinds = new Map<string, Promise<readonly Kind[]>>();

  constructor(private readonly api: ClusterApi) {}

  /** An object, or undefined when there is no such object, or no such kind of object. */
  async find(ref: ObjectRef): Promise<FoundObject | undefined> {
    const path = await this.#path(ref);
    if (path === undefined) return undefined;
    const answer = await unless(absent, this.api.get(path));
    if (answer === undefined) return undefined;
    const { labels = {}, deletionTimestamp } = Found.parse(answer).metadata;
    return { labels, deleting: deletionTimestamp !== undefined };
  }

  /**
   * Every object of an environment that nothing else made: what controllers derive from an object (pods, replica
   * sets, endpoints) goes with it. Kinds that this user may not list are left out.
   *
   * @param namespaces - where to look, beside the objects of the whole cluster
   */
  async listOurs(environment: string, namespaces: readonly string[]): Promise<readonly ObjectRef[]> {
    const kinds = (await this.#allKinds()).filter(({ verbs }) => verbs.includes("list") && verbs.includes("delete"));
    const query = `?labelSelector=${encodeURIComponent(ownershipSelector(environment))}&limit=500`;
    const lists = kinds.flatMap((kind) =>
      kind.namespaced
        ? namespaces.map((namespace) => ({ kind, path: collection(kind, namespace) }))
        : [{ kind, path: collection(kind) }],
    );
    const found = await inBatches(lists, async ({ kind, path }) => this.#list(kind, `${path}${query}`, environment));
    return found.flat();
  }

  /**
   * Takes an object's fields from the field managers of Pulumi's provider, which has one of its own for each object
   * and state. One that no state knows would hold its fields for ever: the next change of one is a conflict, and what
   * is no longer declared stays.
   */
  async releaseFields(ref: ObjectRef): Promise<void> {
    const path = await this.#path(ref);
    if (path !== undefined) await onConflictAgain(() => this.#release(path));
  }

  async #release(path: string): Promise<void> {
    const { resourceVersion, managedFields } = Managed.parse(await this.api.get(path)).metadata;
    const others = managedFields.filter(({ manager }) => manager?.startsWith(providerPrefix) !== true);
    if (others.length === managedFields.length) return;
    // An empty list would change nothing; one empty entry is how the API server is told to forget all.
    await this.api.patch(path, { metadata: { resourceVersion, managedFields: others.length === 0 ? [{}] : others } });
  }

  /** Deletes an object, with what controllers derived from it. */
  async remove(ref: ObjectRef): Promise<void> {
    const path = await this.#path(ref);
    if (path !== undefined) await this.api.remove(path);
  }

  async #list(kind: Kind, path: string, environment: string): Promise<readonly ObjectRef[]> {
    const answer = await unless(unlisted, this.api.get(path));
    if (answer === undefined) return [];
    return ObjectList.parse(answer).items.flatMap(({ metadata }) => {
      const { name, namespace, labels = {}, ownerReferences = [] } = metadata;
      if (!isOurs({ labels }, environment) || ownerReferences.length > 0) return [];
      const ref = { apiVersion: kind.apiVersion, kind: kind.kind, name };
      return [namespace === undefined ? ref : { ...ref, namespace }];
    });
  }

  async #path(ref: ObjectRef): Promise<string | undefined> {
    const kind = (await this.#kindsOf(ref.apiVersion)).find((each) => each.kind === ref.kind);
    if (kind === undefined) return undefined;
    return `${collection(kind, kind.namespaced ? (ref.namespace ?? "default") : undefined)}/${ref.name}`;
  }

  async #allKinds(): Promise<readonly Kind[]> {
    const { groups } = GroupList.parse(await this.api.get("/apis"));
    const versions = ["v1", ...groups.map(({ preferredVersion }) => preferredVersion.groupVersion)];
    const kinds = (
      await Promise.all(versions.map(async (version) => (await unless(unlisted, this.#kindsOf(version))) ?? []))
    ).flat();
    // Endpoints repeat a Service's labels and name no owner; events are not kept.
    return kinds.filter(({ kind }) => kind !== "Endpoints" && kind !== "Event");
  }

  #kindsOf(apiVersion: string): Promise<readonly Kind[]> {
    const known = this.#kinds.get(apiVersion) ?? this.#discover(apiVersion);
    this.#kinds.set(apiVersion, known);
    return known;
  }

  async #discover(apiVersion: string): Promise<readonly Kind[]> {
    const answer = await unless(absent, this.api.get(root(apiVersion)));
    if (answer === undefined) return [];
    const { resources } = ResourceList.parse(answer);
    return resources.filter(({ name }) => !name.includes("/")).map((each) => ({ ...each, apiVersion }));
  }
}

/** How the provider's field managers are called (`fieldManagerName` in its provider.go, 4.25.0). */
const providerPrefix = "pulumi-kubernetes-";
const attempts = 5;

/** Controllers write to the same objects. */
async function onConflictAgain(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (statusOf(error) !== 409 || attempt === attempts) throw error;
    }
  }
}

function statusOf(error: unknown): unknown {
  return error instanceof Error && "status" in error ? error.status : undefined;
}

function root(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function collection({ apiVersion, name }: Kind, namespace?: string): string {
  return [root(apiVersion), ...(namespace === undefined ? [] : ["namespaces", namespace]), name].join("/");
}

/** Only this says that an object is not there; one that may not be read may well be, and somebody else's. */
const absent = new Set([404]);
/** Beyond that: not for us; an aggregated API that cannot be listed; one whose server is down. */
const unlisted = new Set([403, 404, 405, 503]);

/** The answer, or undefined when the API server refuses with one of these statuses. */
async function unless<Answer>(statuses: ReadonlySet<number>, answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    const status = statusOf(error);
    if (typeof status === "number" && statuses.has(status)) return undefined;
    throw error;
  }
}

const batch = 16;

/** Many requests at once, but not hundreds. */
async function inBatches<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>) {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += batch)
    results.push(...(await Promise.all(items.slice(start, start + batch).map(work))));
  return results;
}
