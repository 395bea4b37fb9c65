import { posix } from "node:path";
import { bytesPerGiB } from "../../../catalog/units";
import { commandsOf } from "../../command-line";
import { inEachContainer, inEachPod, together, type Container, type Pod, type Wrong } from "../../containers";
import { flagsOf } from "../../../catalog/command-line/flags";
import { parseQuantity } from "../../quantity";
import { elements, field, path, text } from "../../read";
import { judged, type Rule, type Undecided } from "../../rule";

/** Workers of one engine talk through shared memory; a container runtime gives 64 MiB where nothing is mounted. */
const bytesPerGpu = bytesPerGiB;

/** Rule 10 of our policy research. */
export const podShmBounded: Rule = {
  name: "pod-shm-bounded",
  title: "Volumes in memory have a size that fits",
  description:
    "Every volume of medium Memory has a size limit, those of a container are together smaller than its memory limit, and an engine on several GPUs has at least 1 GiB per GPU at /dev/shm. What is written there counts as the container's memory: without a bound the kernel kills the engine instead of failing the write, and with too little the workers of one engine fail at their first exchange.",
  severity: "medium",
  remediation:
    "Mount `emptyDir: { medium: Memory, sizeLimit: 4Gi }` at /dev/shm, at least 1Gi per GPU, and raise the container's memory limit above the sum of such limits.",
  references: ["kyverno:add-emptydir-sizelimit"],
  levels: { development: "advisory", staging: "mandatory", production: "mandatory" },
  check: together(inEachPod(haveSizes), inEachContainer(fitIntoMemory, sharesEnough)),
};

interface MemoryVolume {
  readonly name: string;
  readonly at: string;
  readonly limit: unknown;
}

function* memoryVolumes({ value }: Pod, undecided: Undecided): Generator<MemoryVolume> {
  for (const { index, read } of elements(field(value, "volumes")))
    yield* judged(() => {
      const volume = read();
      if (path(volume, "emptyDir", "medium") !== "Memory") return [];
      const limit = path(volume, "emptyDir", "sizeLimit");
      return [{ name: text(field(volume, "name")) ?? "", at: `volumes[${index}].emptyDir.sizeLimit`, limit }];
    }, undecided);
}

/** Kubernetes takes a limit of 0 for none. */
function sizeOf({ limit }: MemoryVolume): number | undefined {
  const size = parseQuantity(limit);
  return size === undefined || size <= 0 ? undefined : size;
}

function* haveSizes(pod: Pod, undecided: Undecided): Generator<Wrong> {
  for (const volume of memoryVolumes(pod, undecided))
    if (sizeOf(volume) === undefined)
      yield { at: volume.at, message: `has a volume in memory without a size limit: ${volume.name}` };
}

interface Mount {
  readonly volume: string;
  readonly mountPath: string;
}

function mountsOf(container: unknown): readonly Mount[] {
  return elements(field(container, "volumeMounts")).map(({ read }) => {
    const mount = read();
    const mountPath = posix.resolve("/", text(field(mount, "mountPath")) ?? "");
    return { volume: text(field(mount, "name")) ?? "", mountPath };
  });
}

function* fitIntoMemory({ value, pod }: Container, undecided: Undecided): Generator<Wrong> {
  const limit =
    parseQuantity(path(value, "resources", "limits", "memory")) ??
    parseQuantity(path(pod.value, "resources", "limits", "memory"));
  // Whether there must be a limit is another rule's question.
  if (limit === undefined) return;
  const mounted = new Set(mountsOf(value).map(({ volume }) => volume));
  const sizes = [...memoryVolumes(pod, undecided)].filter(({ name }) => mounted.has(name)).map(sizeOf);
  const sum = sizes.reduce<number>((total, size) => total + (size ?? 0), 0);
  if (sum < limit) return;
  const message = `may fill ${inGiB(sum)} GiB of volumes in memory, and has a memory limit of ${inGiB(limit)} GiB`;
  yield { at: "resources.limits.memory", message };
}

function* sharesEnough({ value, pod }: Container, undecided: Undecided): Generator<Wrong> {
  const gpus = gpusOfWorkers(value, undecided);
  if (gpus <= 1) return;
  const mount = mountsOf(value).find(({ mountPath }) => mountPath === "/dev/shm");
  const volume = [...memoryVolumes(pod, undecided)].find(({ name }) => name === mount?.volume);
  if (volume === undefined) {
    yield { at: "volumeMounts", message: `runs on ${gpus} GPUs and has no volume in memory at /dev/shm` };
    return;
  }
  const size = sizeOf(volume);
  if (size !== undefined && size < gpus * bytesPerGpu)
    yield {
      at: "volumeMounts",
      message: `runs on ${gpus} GPUs and has ${inGiB(size)} GiB at /dev/shm, less than 1 each`,
    };
}

/** GPUs whose workers exchange tensors. */
function gpusOfWorkers(container: unknown, undecided: Undecided): number {
  const sizes = commandsOf(container, undecided)
    .flatMap(flagsOf)
    .filter(({ name, keys }) => /^(tensor-parallel-size|tp|tp-size)$/.test(name) && keys.length === 0)
    .map(({ value, next }) => Number(value ?? next));
  return Math.max(1, ...sizes.filter(Number.isInteger));
}

function inGiB(bytes: number): string {
  return String(Math.round((bytes / bytesPerGiB) * 100) / 100);
}
