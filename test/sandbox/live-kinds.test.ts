import { expect, it } from "vitest";
import { byKind } from "../../src/sandbox/live-kinds.ts";
import type { LivePath } from "../../src/sandbox/live-path.ts";

it("says of each kind how many canaries and shares there were, and the worst of them", () => {
  const path = (kind: string, changes: Partial<LivePath>): LivePath => ({
    place: "checkout",
    kind,
    shares: [0, 25, 0],
    strays: [],
    restarts: [],
    excess: 0,
    dip: 0,
    ...changes,
  });
  const paths = [
    path("Ingress", { excess: 2 }),
    path("HTTPRoute", {}),
    path("Ingress", { shares: [0], excess: 1, dip: 25 }),
  ];
  expect(byKind(paths)).toEqual([
    { kind: "HTTPRoute", canaries: 1, shares: 3, excess: 0, dip: 0 },
    { kind: "Ingress", canaries: 2, shares: 4, excess: 2, dip: 25 },
  ]);
});
