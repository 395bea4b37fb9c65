import type { Rule } from "../rule";
import { modelNoTrustRemoteCode } from "./engines/model-no-trust-remote-code";
import { vllmNoDevEndpoints } from "./engines/vllm-no-dev-endpoints";
import { vllmNoUnsafeEnv } from "./engines/vllm-no-unsafe-env";
import { gpuNoUnallocatedAccess } from "./gpus/gpu-no-unallocated-access";
import { imageDigestPinned } from "./images/image-digest-pinned";
import { imageNoLatestTag } from "./images/image-no-latest-tag";
import { namespacePsaLabels } from "./namespaces/namespace-psa-labels";
import { podDropAllCapabilities } from "./pods/pod-drop-all-capabilities";
import { podNoHostNamespaces } from "./pods/pod-no-host-namespaces";
import { podNoPrivilegeEscalation } from "./pods/pod-no-privilege-escalation";
import { podNoPrivileged } from "./pods/pod-no-privileged";
import { podRunAsNonRoot } from "./pods/pod-run-as-non-root";
import { podSeccompRuntimeDefault } from "./pods/pod-seccomp-runtime-default";
import { podShmBounded } from "./pods/pod-shm-bounded";
import { podVolumeTypesRestricted } from "./pods/pod-volume-types-restricted";

/** Every rule, in the order in which reports show them: by the numbers of our policy research. */
export const rules: readonly Rule[] = [
  podRunAsNonRoot,
  podNoPrivilegeEscalation,
  podDropAllCapabilities,
  podSeccompRuntimeDefault,
  podNoPrivileged,
  podNoHostNamespaces,
  podVolumeTypesRestricted,
  podShmBounded,
  namespacePsaLabels,
  gpuNoUnallocatedAccess,
  imageDigestPinned,
  imageNoLatestTag,
  modelNoTrustRemoteCode,
  vllmNoDevEndpoints,
  vllmNoUnsafeEnv,
];
