/** Beyond half of the traffic a release is promoted. */
const MOST = 50;

/** The weights of people's that releases can have, as steps of configuration. */
export function stepsIn(weights: readonly number[]): number[] {
  return weights.filter((one, index) => one > Math.max(0, ...weights.slice(0, index)) && one <= MOST);
}

/** What is said of those that they cannot have; undefined where there are none. */
export function leftOut(weights: readonly number[]): string | undefined {
  const left = weights.filter((one) => one > MOST && one < 100);
  return left.length === 0
    ? undefined
    : `its weights ${left.join(", ")} are not proposed as steps: beyond half of the traffic a release is promoted`;
}
