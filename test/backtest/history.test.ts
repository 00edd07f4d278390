import { expect, it } from "vitest";
import { mostPods } from "../../src/backtest/history.ts";

it("counts pods over a past of any length", () => {
  const weeks = Array.from({ length: 200_000 }, (_, at) => ({ pods: at === 7 ? pods(3) : pods(2) }));
  expect([mostPods([]), mostPods(weeks)]).toEqual([0, 3]);
});

function pods(length: number) {
  return TWO_OR_THREE.slice(0, length);
}

const TWO_OR_THREE = [1, 2, 3].map((one) => ({ pod: `checkout-${one}`, requests: 1, failed: 0 }));
