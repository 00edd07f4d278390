const HALVINGS = 48;

/** The point between `low` and `high`, both above 0, on a logarithmic scale, where `isBelow` turns false; it is true below and false above. */
export function bisect(isBelow: (point: number) => boolean, low: number, high: number): number {
  let from = low;
  let to = high;
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middle = Math.sqrt(from * to);
    if (isBelow(middle)) from = middle;
    else to = middle;
  }
  return to;
}
