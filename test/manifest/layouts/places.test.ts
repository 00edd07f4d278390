import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseState } from "../../../src/config/state-file.ts";
import type { Change } from "../../../src/core/change.ts";
import { image } from "../../../src/core/image.ts";
import { name, sha } from "../../../src/core/names.ts";
import { trespassesOf } from "../../../src/core/ownership.ts";
import type { Places, ServiceState, TargetState } from "../../../src/core/state.ts";
import { NO_WEIGHT, weight } from "../../../src/core/weight.ts";
import { applyChange } from "../../../src/manifest/change.ts";
import { readMember } from "../../../src/manifest/member.ts";
import { changedLines, errorOf, valueOf } from "../builders.ts";

const OLD = image("registry.example.com/checkout:1.41.0");
const NEW = image("registry.example.com/checkout:1.42.0");
const FOLDER = "apps/checkout/prod";
const PATHS = {
  canary: `${FOLDER}/kustomization.yaml`,
  stable: `${FOLDER}/tidegate/stable.yaml`,
  route: `${FOLDER}/tidegate/route.yaml`,
  replicas: `${FOLDER}/tidegate/canary.yaml`,
};

const PLACES: Places = {
  layout: "places",
  canary: { path: PATHS.canary, at: "images[registry.example.com/checkout].newTag", image: undefined },
  stable: { path: PATHS.stable, at: "ConfigMap checkout-stable data.image", image: undefined },
  weight: { kind: "route", path: PATHS.route, router: "HTTPRoute", destinations: undefined },
  canaryReplicas: { path: PATHS.replicas, at: "Deployment checkout-canary spec.replicas" },
  stableReplicas: { path: PATHS.canary, at: "replicas[checkout].count" },
  workloads: { canary: name("checkout-canary"), stable: name("checkout") },
  container: name("app"),
};

const TEXTS = new Map([
  [
    PATHS.canary,
    `resources: [../base, tidegate]
images:
  - name: registry.example.com/checkout
    newTag: 1.42.0 # {"$imagepolicy": "flux-system:checkout:tag"}
replicas:
  - { name: checkout, count: 3 }
`,
  ],
  [
    PATHS.stable,
    `apiVersion: v1
kind: ConfigMap
metadata:
  name: checkout-stable
data:
  image: registry.example.com/checkout:1.41.0
`,
  ],
  [
    PATHS.route,
    `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: checkout
spec:
  rules:
    - backendRefs:
        - { name: checkout, port: 80, weight: 75 }
        - { name: checkout-canary, port: 80, weight: 25 }
`,
  ],
  [
    PATHS.replicas,
    `apiVersion: apps/v1
kind: Deployment
metadata:
  name: checkout-canary
spec:
  replicas: 1
`,
  ],
]);

const VALUES = { path: `${FOLDER}/tidegate/values.yaml`, at: "canary.weight" };

function memberAt(places: Places): TargetState {
  return {
    namespace: name("shop"),
    manifests: places,
    arms: { canary: name("checkout-canary"), stable: name("checkout"), by: "service" },
    weight: NO_WEIGHT,
    stable: OLD,
    release: undefined,
  };
}

const SERVICE = name("checkout");
const read = (texts: ReadonlyMap<string, string>, places: Places = PLACES) =>
  readMember(texts, memberAt(places), SERVICE);

type Parts = Partial<Pick<Change, "weight" | "canaryReplicas" | "stableTemplate" | "canaryTemplate">>;

function changeOf(parts: Parts, places: Places): Change {
  const target = name("prod");
  const state: ServiceState = {
    service: SERVICE,
    template: { name: "overlay", revision: sha("4".repeat(40)) },
    owned: [],
    claims: [],
    targets: new Map([[target, memberAt(places)]]),
    blocked: [],
    holds: [],
    heard: 0,
  };
  const none = { weight: undefined, canaryReplicas: undefined, stableTemplate: undefined, canaryTemplate: undefined };
  return { service: SERVICE, target, base: sha("5".repeat(40)), ...none, ...parts, state };
}

type Older = Parameters<typeof applyChange>[0]["older"];

function apply(
  parts: Parts,
  { older = {}, texts = TEXTS, places = PLACES }: { older?: Older; texts?: typeof TEXTS; places?: Places } = {},
) {
  return applyChange({ files: texts, older }, changeOf(parts, places));
}

/** The lines that a change makes, by file. */
function linesOf(changed: ReadonlyMap<string, string>): Record<string, readonly string[]> {
  return Object.fromEntries([...changed].map(([path, text]) => [path, changedLines(TEXTS.get(path) ?? "", text)]));
}

describe("a member in places", () => {
  it("is what its places say", () => {
    expect(valueOf(read(TEXTS))).toMatchObject({
      weight: 25,
      canary: { deployment: "checkout-canary", container: "app", replicas: 1, image: NEW },
      stable: { deployment: "checkout", container: "app", replicas: 3, image: OLD },
    });
  });

  it("runs the same in both arms exactly where the images are the same", () => {
    const { canary, stable } = valueOf(read(TEXTS));
    expect(canary.template).toMatch(/^[0-9a-f]{16}$/);
    expect(canary.template).not.toBe(stable.template);
    expect(canary.besides).toBe(stable.besides);
    const promoted = new Map([...TEXTS, ...valueOf(apply({ stableTemplate: { kind: "fromCanary" } }))]);
    const after = valueOf(read(promoted));
    expect(after.stable.template).toBe(after.canary.template);
  });

  it("takes stable's replicas as opt-in found them, where no file says them", () => {
    expect(valueOf(read(TEXTS, { ...PLACES, stableReplicas: 12 })).stable.replicas).toBe(12);
  });

  it("has its weight in values", () => {
    const places: Places = { ...PLACES, weight: { kind: "values", ...VALUES } };
    const texts = new Map([...TEXTS, [VALUES.path, "canary:\n  weight: 5 # of 100\n"]]);
    expect(valueOf(read(texts, places)).weight).toBe(5);
    const changed = valueOf(apply({ weight: weight(25) }, { texts, places }));
    expect([...changed]).toEqual([[VALUES.path, "canary:\n  weight: 25 # of 100\n"]]);
  });

  it.each([
    ["the pin", PATHS.stable],
    ["the route", PATHS.route],
    ["the bumped file", PATHS.canary],
    ["the replicas", PATHS.replicas],
  ])("is refused without the file of %s", (_, path) => {
    const texts = new Map([...TEXTS].filter(([key]) => key !== path));
    expect(errorOf(read(texts))).toMatchObject({ path, found: "no file" });
  });
});

describe("the page about layouts", () => {
  it("shows a target as the state file has it", () => {
    const page = readFileSync(new URL("../../../docs/layouts.md", import.meta.url), "utf8");
    const shown = /```yaml\n(?<yaml>[^]*?)```/.exec(page)?.groups?.["yaml"] ?? "";
    const rest =
      "    arms: { canary: a, stable: b }\n    weight: 0\n    stable: registry.example.com/checkout:1.41.0\n";
    const head = `version: 1\ntemplate: { name: a, revision: "${"4".repeat(40)}" }\nowned: [apps/checkout/prod/tidegate/]\nclaims: []\n`;
    const text = `${head}${shown}${rest}blocked: []\nholds: []\nheard: 0\n`;
    const state = valueOf(parseState({ path: ".tidegate/services/checkout.yaml", text }));
    const [target] = state.targets.values();
    expect(target === undefined ? ["no target"] : trespassesOf(state, target)).toEqual([]);
    expect(target?.manifests.layout).toBe("places");
  });
});

describe("a change of a member in places", () => {
  it.each<[string, Parts, Record<string, readonly string[]>]>([
    [
      "a weight",
      { weight: weight(50) },
      {
        [PATHS.route]: [
          "        - { name: checkout, port: 80, weight: 50 }",
          "        - { name: checkout-canary, port: 80, weight: 50 }",
        ],
      },
    ],
    ["replicas", { canaryReplicas: 4 }, { [PATHS.replicas]: ["  replicas: 4"] }],
    [
      "the promotion",
      { stableTemplate: { kind: "fromCanary" } },
      { [PATHS.stable]: ["  image: registry.example.com/checkout:1.42.0"] },
    ],
    [
      "the image back to what stable runs",
      { canaryTemplate: { kind: "asStable", aborted: { image: NEW, template: "" } } },
      { [PATHS.canary]: ['    newTag: 1.41.0 # {"$imagepolicy": "flux-system:checkout:tag"}'] },
    ],
    [
      "nothing where somebody's newer version stands",
      { canaryTemplate: { kind: "asStable", aborted: { image: OLD, template: "" } } },
      {},
    ],
    ["nothing where it is so already", { weight: weight(25), canaryReplicas: 1 }, {}],
    [
      "several at once",
      {
        weight: NO_WEIGHT,
        canaryReplicas: 0,
        canaryTemplate: { kind: "asStable", aborted: { image: NEW, template: "" } },
      },
      {
        [PATHS.route]: [
          "        - { name: checkout, port: 80, weight: 100 }",
          "        - { name: checkout-canary, port: 80, weight: 0 }",
        ],
        [PATHS.replicas]: ["  replicas: 0"],
        [PATHS.canary]: ['    newTag: 1.41.0 # {"$imagepolicy": "flux-system:checkout:tag"}'],
      },
    ],
  ])("is %s, on those lines alone", (_, parts, lines) => {
    expect(linesOf(valueOf(apply(parts)))).toEqual(lines);
  });

  it("gives back what stood in the older files", () => {
    const older = (path: string, from: string, to: string) => (TEXTS.get(path) ?? "").replace(from, to);
    const commit = sha("6".repeat(40));
    const aborted = { image: NEW, template: "" };
    const canary = older(PATHS.canary, "newTag: 1.42.0", "newTag: 1.40.0");
    const stable = older(PATHS.stable, "1.41.0", "1.39.0");
    const line = (version: string) => [`    newTag: ${version} # {"$imagepolicy": "flux-system:checkout:tag"}`];
    const given = (parts: Parts) => linesOf(valueOf(apply(parts, { older: { canary, stable } })));
    expect(given({ canaryTemplate: { kind: "asAt", commit, aborted } })).toEqual({ [PATHS.canary]: line("1.40.0") });
    expect(given({ canaryTemplate: { kind: "asStableAt", commit, aborted } })).toEqual({
      [PATHS.canary]: line("1.39.0"),
    });
    expect(given({ stableTemplate: { kind: "asAt", commit } })).toEqual({
      [PATHS.stable]: ["  image: registry.example.com/checkout:1.39.0"],
    });
    expect(errorOf(apply({ stableTemplate: { kind: "asAt", commit } }))).toMatchObject({ path: PATHS.stable });
  });

  it("is what is read afterwards, and its way back gives the very bytes", () => {
    const weights = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(weights, fc.nat(50), fc.boolean(), (share, replicas, isPromoted) => {
        const parts: Parts = {
          weight: weight(share),
          canaryReplicas: replicas,
          stableTemplate: isPromoted ? { kind: "fromCanary" } : undefined,
        };
        const texts = new Map([...TEXTS, ...valueOf(apply(parts))]);
        const after = valueOf(read(texts));
        expect(after).toMatchObject({
          weight: share,
          canary: { replicas, image: NEW },
          stable: { image: isPromoted ? NEW : OLD },
        });
        const back: Parts = {
          weight: weight(25),
          canaryReplicas: 1,
          stableTemplate: { kind: "asAt", commit: sha("7".repeat(40)) },
        };
        const stable = TEXTS.get(PATHS.stable) ?? "";
        const again = new Map([...texts, ...valueOf(apply(back, { texts, older: { stable } }))]);
        expect(again).toEqual(TEXTS);
      }),
    );
  });
});
