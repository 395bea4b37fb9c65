import { posix } from "node:path";
import {
  containersOf,
  inEachContainer,
  inEachPod,
  together,
  type Container,
  type Pod,
  type Wrong,
} from "../../containers";
import { elements, field, names, path, text } from "../../read";
import { judged, type Rule, type Undecided } from "../../rule";
import { variablesOf } from "../../variables";

/** Values of NVIDIA_VISIBLE_DEVICES by which the runtime gives no GPU. */
const noDevices: ReadonlySet<string | undefined> = new Set(["", "none", "void"]);

/** Mounts below this path ask the NVIDIA runtime for GPUs, as the variable does. */
const deviceMounts = "/var/run/nvidia-container-devices";

/** Rule 13 of our policy research. */
export const gpuNoUnallocatedAccess: Rule = {
  name: "gpu-no-unallocated-access",
  title: "GPUs come from the scheduler only",
  description:
    "No container takes GPUs past the device plugin, by NVIDIA_VISIBLE_DEVICES, by its volume mounts, by device files of the machine or by the NVIDIA runtime without a GPU of its own; and none asks for all driver capabilities. Such a container reads the memory of other tenants' GPUs, and the scheduler does not know that it is there.",
  severity: "high",
  remediation:
    "Ask for GPUs in `resources.limits` (`nvidia.com/gpu: 1`) and remove the variable, the mount or the runtime class; name single driver capabilities, such as `compute,utility`.",
  references: ["kyverno:check-nvidia-gpu", "cve:CVE-2024-0132", "cve:CVE-2025-23266"],
  levels: { development: "mandatory", staging: "mandatory", production: "mandatory" },
  check: together(inEachContainer(variables, mounts), inEachPod(deviceFiles, runtimeClass)),
};

function* variables({ value }: Container, undecided: Undecided): Generator<Wrong> {
  for (const { at, name, read } of variablesOf(value, undecided))
    yield* judged(() => {
      if (name === "NVIDIA_VISIBLE_DEVICES" && !noDevices.has(read()))
        return [{ at, message: "takes GPUs through NVIDIA_VISIBLE_DEVICES, past the scheduler" }];
      if (name === "NVIDIA_DRIVER_CAPABILITIES" && (read() ?? "all").split(",").includes("all"))
        return [{ at, message: "asks for all capabilities of the GPU driver" }];
      return [];
    }, undecided);
}

function* mounts({ value }: Container, undecided: Undecided): Generator<Wrong> {
  for (const { index, read } of elements(field(value, "volumeMounts")))
    yield* judged(() => {
      const mounted = posix.normalize(text(field(read(), "mountPath")) ?? "");
      if (!isAtOrBelow(mounted, deviceMounts)) return [];
      return [{ at: `volumeMounts[${index}].mountPath`, message: "takes GPUs through a mount, past the scheduler" }];
    }, undecided);
}

function* deviceFiles({ value }: Pod, undecided: Undecided): Generator<Wrong> {
  for (const { index, read } of elements(field(value, "volumes")))
    yield* judged(() => {
      const file = text(path(read(), "hostPath", "path"));
      if (file === undefined || !reachesDevices(posix.resolve("/", file))) return [];
      return [{ at: `volumes[${index}].hostPath.path`, message: `mounts device files of its machine: ${file}` }];
    }, undecided);
}

/** The files `/dev/nvidia*` themselves, or a folder that has them. */
function reachesDevices(file: string): boolean {
  return file === "/" || file === "/dev" || file.startsWith("/dev/nvidia");
}

function isAtOrBelow(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}

function* runtimeClass(pod: Pod, undecided: Undecided): Generator<Wrong> {
  const name = text(field(pod.value, "runtimeClassName"));
  if (name?.startsWith("nvidia") !== true) return;
  if (elements(field(pod.value, "resourceClaims")).length > 0) return;
  for (const { value } of containersOf(pod, undecided)) if (asksForGpu(value)) return;
  yield { at: "runtimeClassName", message: `runs in the runtime class ${name}, but asks for no GPU` };
}

function asksForGpu(container: unknown): boolean {
  const limits = path(container, "resources", "limits");
  return names(limits).some((name) => name.startsWith("nvidia.com/") && Number(field(limits, name)) !== 0);
}
