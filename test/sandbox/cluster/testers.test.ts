import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { name } from "../../../src/core/names.ts";
import { ROUTER_KINDS } from "../../../src/core/state.ts";
import { weight } from "../../../src/core/weight.ts";
import { ROUTERS } from "../../../src/manifest/routers/drive.ts";
import { setShare } from "../../../src/manifest/routers/testers.ts";
import { keyOf } from "../../../src/sandbox/cluster/live-objects.ts";
import { objectsIn } from "../../../src/sandbox/cluster/objects.ts";
import { routesOf } from "../../../src/sandbox/cluster/routes.ts";
import { ROUTES, type RouteKind } from "../../../src/sandbox/fleet-routes.ts";
import { shareIn, testersIn } from "../../../src/sandbox/fleet-shares.ts";
import { valueOf } from "../../manifest/builders.ts";

const OF = { name: "shop", namespace: "web" };
const PLACE = {
  namespace: name("web"),
  arms: { canary: name("shop-canary"), stable: name("shop") },
  destinations: undefined,
};
const KINDS = (Object.keys(ROUTES) as RouteKind[]).filter((kind) => kind.endsWith("Tested"));

/** What the canary gets of everybody's requests, of testers' and, in the cluster, of all of them. */
function sharesIn(kind: RouteKind, text: string): readonly unknown[] {
  const documents = parseAllDocuments(text).map((document) => document.toJS() as unknown);
  const said = [shareIn, testersIn].map((read) =>
    documents.map((one) => read(one, OF.name)).find((share) => share !== undefined),
  );
  const files = [text, ...Object.values(ROUTES[kind].beside(OF))];
  const live = files
    .flatMap((file) => objectsIn(file))
    .map((one) => [keyOf(one.object), { ...one, applied: undefined, owner: undefined }] as const);
  const routes = routesOf({ objects: new Map(live), rollouts: [], now: 0 });
  const [route, second] = routes.filter(({ canary }) => canary !== undefined);
  const all = route?.arms.reduce((sum, arm) => sum + arm.weight, 0) ?? 0;
  const own = route?.arms.find((arm) => arm.name === route.canary)?.weight ?? 0;
  return [...said, Math.round((100 * own) / all), second];
}

it.each(KINDS)(
  "a tenth of all requests are testers', and the cluster follows what a step writes for them: %s",
  (kind) => {
    const text = ROUTES[kind].route(OF);
    const router =
      ROUTER_KINDS.find((one) => ROUTES[kind].state(OF.name).router.includes(`router: ${one}`)) ?? "HTTPRoute";
    const after = (share: number, testers: boolean) =>
      valueOf(setShare(ROUTERS[router], { path: "route.yaml", text }, PLACE, { weight: weight(share), testers }));
    expect(sharesIn(kind, text)).toEqual([0, 0, 0, undefined]);
    expect(sharesIn(kind, after(0, true))).toEqual([0, 100, 10, undefined]);
    expect(sharesIn(kind, after(25, false))).toEqual([25, 25, 25, undefined]);
  },
);
