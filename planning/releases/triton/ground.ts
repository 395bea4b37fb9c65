import type { Ground } from "../ground";
import type { TritonImages } from "./image";

/** What a release of Triton stands on; which image it has follows from its models. */
export interface TritonGround extends Omit<Ground, "image"> {
  readonly images: TritonImages;
}
