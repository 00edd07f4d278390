/** P(X ≥ count) for a Poisson variable of that mean; `count` is a whole number. */
export function poissonAtLeast(count: number, mean: number): number {
  if (count <= 0) return 1;
  if (mean <= 0) return 0;
  // From the edge outwards terms only shrink, so the smaller of the two tails is summed without cancellation.
  if (count > mean)
    return Math.min(
      1,
      sumOutwards(Math.exp(logPoisson(count, mean)), (steps) => mean / (count + steps)),
    );
  return Math.max(0, 1 - sumOutwards(Math.exp(logPoisson(count - 1, mean)), (steps) => (count - steps) / mean));
}

/** ln n! for a whole number n: a product while it is exact, Stirling's series after. */
export function logFactorial(n: number): number {
  if (n >= 16)
    return (
      (n + 0.5) * Math.log(n) -
      n +
      0.5 * Math.log(2 * Math.PI) +
      1 / (12 * n) -
      1 / (360 * n ** 3) +
      1 / (1260 * n ** 5)
    );
  let product = 1;
  for (let factor = 2; factor <= n; factor += 1) product *= factor;
  return Math.log(product);
}

function logPoisson(count: number, mean: number): number {
  return count * Math.log(mean) - mean - logFactorial(count);
}

/** Sums a first term and its successors, each the last one times `shrink(1)`, `shrink(2)` …, until nothing changes. */
function sumOutwards(first: number, shrink: (steps: number) => number): number {
  let term = first;
  let sum = first;
  for (let steps = 1; term > sum * Number.EPSILON; steps += 1) {
    term *= shrink(steps);
    sum += term;
  }
  return sum;
}
