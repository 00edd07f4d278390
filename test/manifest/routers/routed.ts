import { name } from "../../../src/core/names.ts";
import type { Destinations } from "../../../src/core/state.ts";
import { weight } from "../../../src/core/weight.ts";
import type { RouteOf, Router } from "../../../src/manifest/routers/router.ts";
import { refusalText } from "../../../src/yaml/refusal.ts";
import { errorOf, valueOf } from "../builders.ts";

/** The member that the tests are about: Services of their own, in the namespace shop. */
export const OF: RouteOf = {
  namespace: name("shop"),
  arms: { canary: name("checkout-canary"), stable: name("checkout-stable") },
  destinations: undefined,
};

/** Arms that are subsets of one host, or, without names of subsets, hosts. */
export function byDestination(canary: readonly [string, string?], stable: readonly [string, string?]): Destinations {
  return { canary: destination(canary), stable: destination(stable) };
}

function destination([host, subset]: readonly [string, string?]): Destinations["canary"] {
  return { host: name(host), subset: subset === undefined ? undefined : name(subset) };
}

/** A router on texts: values, or the refusal as people read it. */
export function on(router: Router, of: RouteOf = OF) {
  const file = (text: string) => ({ path: "route.yaml", text });
  return {
    get: (text: string): number => valueOf(router.read(file(text), of)),
    set: (text: string, share: number): string => valueOf(router.set(file(text), of, weight(share))),
    whyNot: (text: string): string => refusalText(errorOf(router.read(file(text), of))),
    whyNotSet: (text: string, share: number): string => refusalText(errorOf(router.set(file(text), of, weight(share)))),
  };
}
