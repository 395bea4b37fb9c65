import type { DeviceClaim, Placement } from "../../planning";
import type { ResourceClaimTemplateSpec } from "../base";

/** The name of a pod's claim inside the pod, and of the one request in it. */
const claimName = "gpus";

/** What every pod claims; undefined where pods have no devices, or count them. */
export function claimOf({ claim }: Placement, gpus: number): DeviceClaim | undefined {
  return gpus === 0 ? undefined : claim;
}

export function claimTemplateSpec({ deviceClass, selectors }: DeviceClaim, count: number): ResourceClaimTemplateSpec {
  const exactly = {
    deviceClassName: deviceClass,
    allocationMode: "ExactCount",
    count,
    ...(selectors.length === 0 ? {} : { selectors: selectors.map((expression) => ({ cel: { expression } })) }),
  } as const;
  return { spec: { devices: { requests: [{ name: claimName, exactly }] } } };
}

/** What a pod says of its claim. */
export function podClaim(template: string) {
  return { resourceClaims: [{ name: claimName, resourceClaimTemplateName: template }] };
}

/** What its containers say of it. */
export const containerClaim = { claims: [{ name: claimName }] };
