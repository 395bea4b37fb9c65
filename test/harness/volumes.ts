import type { Workload } from "../../planning";

/** The sizes of a release's volumes by name, in GiB. */
export function volumeSizes({ pod }: Pick<Workload, "pod">): (name: string) => number {
  return (name) => {
    const volume = pod.volumes[name];
    if (volume === undefined || !("sizeGiB" in volume)) throw new Error(`no volume ${name} that has a size`);
    return volume.sizeGiB;
  };
}
