/** A whole and its parts, drawn to scale. */
export interface Bar {
  readonly unit: string;
  /** In their order, the last one included: together they are the whole. */
  readonly segments: readonly Segment[];
}

export interface Segment {
  readonly name: string;
  /** The one character that stands for it in a terminal. */
  readonly mark: string;
  /** May be negative, where a plan that cannot work takes more than there is. */
  readonly value: number;
}

/** A segment with its place on the bar, from 0 to 1. */
export interface PlacedSegment extends Segment {
  readonly from: number;
  readonly to: number;
}

/** Segments from left to right; what is beyond the whole is cut off, and what is negative takes no room. */
export function placeSegments({ segments }: Bar): readonly PlacedSegment[] {
  const total = segments.reduce((sum, segment) => sum + segment.value, 0);
  const share = (value: number): number => (total > 0 ? Math.min(1, Math.max(0, value / total)) : 0);
  let end = 0;
  return segments.map((segment) => {
    const from = end;
    end = Math.min(1, from + share(segment.value));
    return { ...segment, from, to: end };
  });
}

/** `15.3 GiB` */
export function amountText(value: number, unit: string): string {
  return `${value.toFixed(1)} ${unit}`;
}

const barWidth = 32;

/** `[WWWWOKKKK··]` */
export function barText(bar: Bar): string {
  const cells = (share: number): number => Math.round(share * barWidth);
  const drawn = placeSegments(bar).map(({ mark, from, to }) => mark.repeat(cells(to) - cells(from)));
  return `[${drawn.join("").padEnd(barWidth)}]`;
}
