/** Where a value lies on the page; what is beyond an end lies at that end. */
export type Scale = (value: number) => number;

/** A part of the page, in its own units. */
export type Span = { readonly from: number; readonly to: number };

/** Maps values to places in proportion. */
export function scale(values: Span, places: Span): Scale {
  const length = values.to - values.from;
  return (value) => {
    const part = length === 0 ? 0 : (value - values.from) / length;
    return places.from + Math.min(1, Math.max(0, part)) * (places.to - places.from);
  };
}

const ROUND: readonly number[] = [1, 2, 3, 4, 5, 6, 8, 10];

/** The least number that people call round and is not below `value`, which is above 0. */
export function roundAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const round = ROUND.find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return Number((round * power).toPrecision(6));
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
];

/** Round moments, milliseconds, within a span of time, at most `most` of them. */
export function moments({ from, to }: Span, most: number): readonly number[] {
  const step = STEPS.find((one) => (to - from) / one < most) ?? Math.ceil((to - from) / most / DAY) * DAY;
  const first = Math.ceil(from / step) * step;
  const count = Math.max(0, Math.floor((to - first) / step) + 1);
  return Array.from({ length: count }, (_, index) => first + index * step);
}

/** Whole powers of ten within a span of exponents, at most seven of them, 0 among them where it lies within. */
export function decades({ from, to }: Span): readonly number[] {
  const step = Math.max(1, Math.ceil((to - from) / 6));
  const first = Math.ceil(from / step) * step;
  const count = Math.max(0, Math.floor((to - first) / step) + 1);
  return Array.from({ length: count }, (_, index) => first + index * step);
}

/** Places at least `gap` apart within a span, each as near to the wanted one as their order allows. */
export function spread(wanted: readonly number[], gap: number, { from, to }: Span): readonly number[] {
  const order = wanted.map((place, index) => ({ place, index })).toSorted((one, two) => one.place - two.place);
  const near = Math.min(gap, order.length < 2 ? gap : (to - from) / (order.length - 1));
  const down: number[] = [];
  for (const { place } of order) down.push(Math.max(place, (down.at(-1) ?? Number.NEGATIVE_INFINITY) + near));
  const placed: number[] = [];
  for (const [back, place] of down.toReversed().entries())
    placed.unshift(Math.min(place, back === 0 ? to : (placed[0] ?? to) - near));
  const at = new Map(order.map(({ index }, rank) => [index, placed[rank] ?? from]));
  return wanted.map((place, index) => at.get(index) ?? place);
}
