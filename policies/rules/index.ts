import type { Rule } from "../rule";
import { imageDigestPinned } from "./images/image-digest-pinned";
import { imageNoLatestTag } from "./images/image-no-latest-tag";
import { podNoPrivileged } from "./pods/pod-no-privileged";

/** Every rule, in the order in which reports show them. */
export const rules: readonly Rule[] = [podNoPrivileged, imageDigestPinned, imageNoLatestTag];
