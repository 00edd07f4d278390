import { expect, it } from "vitest";
import { name, sha } from "../../src/core/names.ts";
import type { OptChange } from "../../src/core/opting.ts";
import { optPull } from "../../src/render/opt-pull.ts";

const PROD = name("prod");
const OUT: OptChange = {
  wish: {
    verb: "opt-out",
    service: name("checkout"),
    called: "checkout",
    template: undefined,
    parameters: [],
    by: "ana",
  },
  base: sha("a".repeat(40)),
  files: new Map(),
  touched: [],
  targets: [{ target: PROD, kind: "unplanned", problem: "it is opted out" }],
  first: [],
  remarks: [],
  proposed: undefined,
};
const IN: OptChange = { ...OUT, wish: { ...OUT.wish, verb: "opt-in", template: "canary-istio" } };

it.each<[string, OptChange, boolean]>([
  ["opts out at once", OUT, true],
  ["is the first of two steps out", { ...OUT, first: [PROD], isHandover: true }, true],
  ["is the second, where all pods run a bump already", { ...OUT, isHandover: true }, false],
  ["gives a Rollout back to its controller, whose steps a bump goes by", { ...OUT, standing: [PROD] }, false],
  ["opts in", IN, false],
])("says what a bump in the seconds before would do, of what %s: %#", (_, change, isSaid) => {
  const { body } = optPull(change, false);
  expect(body.includes("Merge it while no bump of checkout is being merged")).toBe(isSaid);
});
