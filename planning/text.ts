/** `11.57 GiB`, as messages say it. */
export function gibText(gib: number): string {
  return `${gib.toFixed(2)} GiB`;
}
