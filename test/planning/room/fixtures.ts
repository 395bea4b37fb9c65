import fc from "fast-check";
import type { Machine, Machines, Tenant } from "../../../planning/room";

export const machine: Machine = { gpus: 8, cpu: 96, memoryGiB: 768, diskGiB: 900, pods: 100 };
const pod = { cpu: 8, memoryGiB: 32, diskGiB: 40 };

export function machines(count: number, gpus: number, more: Partial<Machine> = {}, zones = ["a"]): Machines {
  return { count, machine: { ...machine, gpus, ...more }, zones };
}

export function tenant(
  release: string,
  pods: number,
  gpus: number,
  more: Partial<typeof pod> = {},
  spread: Tenant["spread"] = null,
): Tenant {
  return { release, pods, resources: { ...pod, gpus, ...more }, spread };
}

export const preferred = { maxSkew: 1, required: false };
export const required = { maxSkew: 1, required: true };

const spread = fc.constantFrom<Tenant["spread"][]>(null, preferred, required, { maxSkew: 2, required: true });

/** Releases of any shape, small enough to be many at once. */
export function anyTenants(spreads: fc.Arbitrary<Tenant["spread"]> = spread): fc.Arbitrary<readonly Tenant[]> {
  const shape = fc.record({
    pods: fc.integer({ min: 0, max: 6 }),
    gpus: fc.constantFrom(0, 1, 2, 3, 4, 8),
    cpu: fc.integer({ min: 1, max: 60 }),
    memoryGiB: fc.integer({ min: 1, max: 500 }),
    diskGiB: fc.integer({ min: 0, max: 500 }),
    spread: spreads,
  });
  return fc.array(shape, { minLength: 1, maxLength: 6 }).map((shapes) =>
    shapes.map(({ pods, spread: wanted, ...resources }, index) => ({
      release: `r${index}`,
      pods,
      resources,
      spread: wanted,
    })),
  );
}

/** Releases whose pods take a share of a machine by their GPUs, as most do. */
export const gpuTenants: fc.Arbitrary<readonly Tenant[]> = fc
  .array(fc.record({ pods: fc.integer({ min: 0, max: 4 }), gpus: fc.constantFrom(1, 2, 3, 4) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((shapes) => shapes.map(({ pods, gpus }, index) => tenant(`r${index}`, pods, gpus)));
