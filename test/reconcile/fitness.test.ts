import { describe, expect, it } from "vitest";
import { parseState } from "../../src/config/state-file.ts";
import { name, type Sha } from "../../src/core/names.ts";
import type { TargetState } from "../../src/core/state.ts";
import { doubtsOf, unfitOf } from "../../src/reconcile/fitness.ts";
import { freshMemory } from "../../src/reconcile/memory.ts";
import { kustomization, type Files } from "../manifest/services/repo.ts";
import { modelGit } from "../simulation/git.ts";
import { layoutFiles } from "../support/layout-files.ts";
import { member, type MemberChanges } from "../support/member.ts";

const PROD = "apps/checkout/prod";
const RULE_FILE = `${PROD}/rule.yaml`;
const ROUTE_FILE = `${PROD}/route.yaml`;

const workload = (arm: string, track = arm) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout-${arm} }
spec:
  template:
    metadata: { labels: { app: checkout, track: ${track} } }
    spec: { containers: [{ name: app, image: "checkout:1" }] }
`;
const rule = (canary: string, more = "") => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: checkout, namespace: shop }
spec:
  host: checkout
${more}  subsets:
    - { name: stable, labels: { track: stable } }
    - { name: ${canary}, labels: { track: canary } }
`;
const ROUTE = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout }
spec:
  http:
    - route:
        - { destination: { host: checkout, subset: canary }, weight: 0 }
        - { destination: { host: checkout, subset: stable }, weight: 100 }
`;
const ROLLOUT = `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: checkout }
spec:
  template:
    spec: { containers: [{ name: app, image: "checkout:1" }] }
  strategy:
    canary:
      trafficRouting:
        istio:
          virtualService: { name: checkout }
          destinationRule: { name: checkout, canarySubsetName: canary, stableSubsetName: stable }
`;
const SHOP: Files = {
  [`${PROD}/canary.yaml`]: workload("canary"),
  [`${PROD}/stable.yaml`]: workload("stable"),
  [ROUTE_FILE]: ROUTE,
};
const DESTINATIONS = {
  canary: { host: name("checkout"), subset: name("canary") },
  stable: { host: name("checkout"), subset: name("stable") },
};
const WORKLOADS: TargetState["manifests"] = {
  layout: "workloads",
  router: "VirtualService",
  canary: `${PROD}/canary.yaml`,
  stable: `${PROD}/stable.yaml`,
  route: ROUTE_FILE,
  destinations: DESTINATIONS,
};

/** What keeps checkout from beginning, and what may, at a repository or with what a pull request changes of it. */
async function told(files: Files, changes: Files = {}, manifests = WORKLOADS, more: MemberChanges = {}) {
  const git = modelGit(new Map(Object.entries({ ...SHOP, ...files })), 0);
  const head = git.refs.get("refs/heads/main");
  if (head === undefined) throw new Error("No head.");
  const pull = (parent: Sha) =>
    git.add({ parent, parents: [parent], files: new Map(Object.entries(changes)), message: "Change", at: 0 });
  const changed = Object.keys(changes);
  const over = changed.length === 0 ? undefined : { head: pull(head), changed };
  const looking = { head, eyes: { git, memory: freshMemory() } };
  const of = member({ ...more, at: { manifests, namespace: name("shop") } });
  const doubts = await doubtsOf(looking, of, over);
  return {
    unfit: await unfitOf(looking, of, over),
    doubts: doubts.map(({ path, line, what }) => `${path}:${line}: ${what}`),
  };
}

const MISSING =
  "no subset canary of checkout: Istio answers 503 to what is sent there; define it, with labels of canary's pods alone";
const FINE = { unfit: undefined, doubts: [] };
const UNKNOWN = [
  `${ROUTE_FILE}:7: the labels that the pods of checkout-canary and checkout-stable are rendered with are not known here: render them, look at the labels of both pod templates, and see that the subset canary takes those of checkout-canary alone and the subset stable takes those of checkout-stable alone`,
];

describe("a route that sends to subsets", () => {
  it.each<readonly [string, Files, Files, object]>([
    ["that are defined", { [RULE_FILE]: rule("canary") }, {}, FINE],
    ["of which one is not", { [RULE_FILE]: rule("next") }, {}, { unfit: `${RULE_FILE}:7: ${MISSING}`, doubts: [] }],
    [
      "in its own file",
      { [ROUTE_FILE]: `${ROUTE}---\n${rule("next")}` },
      {},
      { unfit: `${ROUTE_FILE}:16: ${MISSING}` },
    ],
    [
      "that take no pod",
      { [RULE_FILE]: rule("canary"), [`${PROD}/canary.yaml`]: workload("canary", "next") },
      {},
      {
        unfit: `${RULE_FILE}:8: the subset canary takes pods with track: canary, and canary's have track: next: with no pod in it Istio answers 503; let the labels agree`,
      },
    ],
    [
      "that may take no pod, where a kustomization may label it",
      {
        [RULE_FILE]: rule("canary"),
        [`${PROD}/canary.yaml`]: workload("canary", "next"),
        [`${PROD}/kustomization.yaml`]: kustomization(
          ["canary.yaml", "stable.yaml", "route.yaml", "rule.yaml"],
          "labels: [{ pairs: { team: shop }, includeTemplates: true }]\n",
        ),
      },
      {},
      {
        unfit: undefined,
        doubts: [expect.stringContaining("the subset canary takes pods with track: canary")],
      },
    ],
    [
      "of which nothing here says anything",
      {},
      {},
      {
        unfit: undefined,
        doubts: [
          expect.stringMatching(
            /^apps\/checkout\/prod\/route\.yaml:7: it sends to the subset canary of checkout, and no/,
          ),
          expect.stringMatching(
            /^apps\/checkout\/prod\/route\.yaml:7: it sends to the subset stable of checkout, and no/,
          ),
        ],
      },
    ],
    ["that a folder apart defines", { "mesh/rules.yaml": rule("canary") }, {}, FINE],
    ["that one of two folders apart defines", { "mesh/a.yaml": rule("next"), "mesh/b.yaml": rule("canary") }, {}, FINE],
    [
      "that no folder apart defines",
      { "mesh/a.yaml": rule("next") },
      {},
      { unfit: `mesh/a.yaml:7: ${MISSING}`, doubts: [] },
    ],
    [
      "that another target alone defines",
      { "apps/checkout/dev/deployment.yaml": workload("canary"), "apps/checkout/dev/rule.yaml": rule("canary") },
      {},
      { unfit: undefined, doubts: [expect.anything(), expect.anything()] },
    ],
    ["which a pull request mends", { [RULE_FILE]: rule("next") }, { [RULE_FILE]: rule("canary") }, FINE],
    ["which a pull request defines", {}, { [`${PROD}/new.yaml`]: rule("canary") }, FINE],
    [
      "which a pull request breaks",
      { [RULE_FILE]: rule("canary") },
      { [RULE_FILE]: rule("next") },
      { unfit: `${RULE_FILE}:7: ${MISSING}`, doubts: [] },
    ],
  ])("%s", async (_, files, changes, expected) => {
    expect(await told(files, changes)).toMatchObject(expected);
  });

  it("is none where it sends to Services, or a Rollout is moved by its steps", async () => {
    const services = { canary: { ...DESTINATIONS.canary, subset: undefined }, stable: DESTINATIONS.stable };
    const plain = {
      canary: { host: name("checkout-canary"), subset: undefined },
      stable: { host: name("checkout"), subset: undefined },
    };
    expect(await told({}, {}, { ...WORKLOADS, destinations: plain })).toEqual(FINE);
    expect(await told({}, {}, { ...WORKLOADS, destinations: undefined })).toEqual(FINE);
    expect((await told({ [RULE_FILE]: rule("canary") }, {}, { ...WORKLOADS, destinations: services })).unfit).toContain(
      "checkout as canary; without a subset it is every pod of its Service",
    );
    const rollout = {
      layout: "rollout",
      rollout: "r.yaml",
      workload: "r.yaml",
      stableTemplate: "ef49cb9f24b47849",
    } as const;
    expect(await told({}, {}, rollout)).toEqual(FINE);
    expect(await told({ "r.yaml": ROLLOUT.replace("destinationRule:", "other:") }, {}, rollout)).toEqual(FINE);
  });

  it("is read of places as well, and once that the labels of their pods are not known where nothing shows them", async () => {
    const at = { path: `${PROD}/canary.yaml`, at: "x" };
    const places: TargetState["manifests"] = {
      layout: "places",
      canary: { ...at, image: undefined },
      stable: { ...at, at: "y", image: undefined },
      weight: { kind: "route", path: ROUTE_FILE, router: "VirtualService", destinations: DESTINATIONS },
      canaryReplicas: at,
      stableReplicas: 3,
      workloads: { canary: name("checkout-canary"), stable: name("checkout-stable") },
      container: name("app"),
    };
    const files = { [RULE_FILE]: rule("next"), [`${PROD}/canary.yaml`]: workload("canary", "next") };
    expect(await told(files, {}, places)).toEqual({
      unfit: `${RULE_FILE}:7: ${MISSING}`,
      doubts: UNKNOWN,
    });
    expect(await told({ ...files, [RULE_FILE]: rule("canary") }, {}, places)).toEqual({ ...FINE, doubts: UNKNOWN });
  });

  it("is an Argo Rollout's as well: its controller writes into the subsets that there are", async () => {
    const manifests = {
      layout: "rollout",
      rollout: `${PROD}/rollout.yaml`,
      workload: `${PROD}/rollout.yaml`,
      stableTemplate: "ef49cb9f24b47849",
    } as const;
    const files = { [`${PROD}/rollout.yaml`]: ROLLOUT };
    const unseen = await told(files, {}, manifests);
    expect(unseen.unfit).toBeUndefined();
    expect(unseen.doubts.join()).toMatch(
      /rollout\.yaml:12: its controller writes into the DestinationRule checkout, which/,
    );
    expect(await told({ ...files, [RULE_FILE]: rule("canary") }, {}, manifests)).toEqual(FINE);
    const broken = await told({ ...files, [RULE_FILE]: rule("next") }, {}, manifests);
    expect(broken.unfit).toContain(`${RULE_FILE}:7: no subset canary of the DestinationRule checkout: the Rollout's`);
  });

  it("is not mistaken for another one that a pull request changes", async () => {
    const other = rule("next").replaceAll("checkout", "till");
    expect(await told({ "mesh/a.yaml": rule("canary") }, { "apps/till/rule.yaml": other })).toEqual(FINE);
  });
});

describe("an overlay that pins stable", () => {
  const files: Files = Object.fromEntries(
    layoutFiles({ name: "cart", layout: "kustomize", targets: ["prod"], bumps: "overlay" }),
  );
  const OVERLAY = "apps/cart/prod/kustomization.yaml";
  const STATE = ".tidegate/services/cart.yaml";
  const state = parseState({ path: STATE, text: files[STATE] ?? "" });
  const manifests = (state.kind === "ok" ? state.value.targets.get(name("prod")) : undefined)?.manifests;
  const bumped = (files[OVERLAY] ?? "").replace("1.0.0", "1.1.0");

  it("keeps no bump of its image from beginning, as long as the pin is read", async () => {
    expect(await told(files, { [OVERLAY]: bumped }, manifests)).toEqual(FINE);
  });

  it("keeps one from beginning that comes with the pin taken out, or after that", async () => {
    const unread = bumped.replace(/^transformers:\n.*\n/m, "");
    const after = await told(files, { [OVERLAY]: unread }, manifests);
    expect(after.unfit).toContain("does not take stable's version from apps/cart/prod/tidegate/stable.yaml");
    expect((await told({ ...files, [OVERLAY]: unread }, {}, manifests)).unfit).toBe(after.unfit);
  });
});

describe("an overlay whose route sends to subsets", () => {
  const files: Files = Object.fromEntries(
    layoutFiles({ name: "cart", layout: "kustomize", targets: ["prod"], bumps: "overlay" }),
  );
  const OVERLAY = "apps/cart/prod/kustomization.yaml";
  const ROUTE_OF_CART = "apps/cart/prod/tidegate/route.yaml";
  const RULE_OF_CART = "apps/cart/base/service.yaml";
  const STATE = ".tidegate/services/cart.yaml";
  const state = parseState({ path: STATE, text: files[STATE] ?? "" });
  const at = (state.kind === "ok" ? state.value.targets.get(name("prod")) : undefined)?.manifests;
  const to = (subset: string) => ({ host: name("cart"), subset: name(subset) });
  const weight = {
    kind: "route",
    path: ROUTE_OF_CART,
    router: "VirtualService",
    destinations: { canary: to("canary"), stable: to("stable") },
  } as const;
  const manifests = at?.layout === "places" ? { ...at, weight } : expect.fail("It has places.");
  const subsets = (canary: string, stable: string): Files => ({
    ...files,
    [ROUTE_OF_CART]: ROUTE.replaceAll("checkout", "cart"),
    [RULE_OF_CART]: `${files[RULE_OF_CART]}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: cart }
spec:
  host: cart
  subsets:
    - { name: canary, labels: { app: ${canary} } }
    - { name: stable, labels: { app: ${stable} } }
`,
  });
  const labelling = `${files[OVERLAY]}commonLabels: { app: all }\n`;
  const own = subsets("cart-canary", "cart");
  const unknown = [expect.stringContaining("the labels that the pods of cart-canary and cart are rendered with")];

  it.each<readonly [string, Files, Files, object]>([
    ["that take their own arm's pods", own, {}, FINE],
    [
      "of which one takes no pod, by the labels of the base",
      subsets("next", "cart"),
      {},
      {
        unfit: undefined,
        doubts: [expect.stringContaining("takes pods with app: next, and canary's have app: cart-canary")],
      },
    ],
    [
      "that both take stable's pods",
      subsets("cart", "cart"),
      {},
      {
        unfit: `${RULE_OF_CART}:18: the subset canary takes stable's pods as well (app: cart): stable gets a part of what is meant for the canary`,
      },
    ],
    [
      "of which one is a part of the other, whatever its pods are called",
      subsets("cart, track: canary", "cart"),
      {},
      {
        unfit: `${RULE_OF_CART}:18: the subsets of canary and stable have no label that differs: a pod may be of both`,
      },
    ],
    ["whose pods something may label", { ...own, [OVERLAY]: labelling }, {}, { ...FINE, doubts: unknown }],
    ["whose pods a pull request labels", own, { [OVERLAY]: labelling }, { ...FINE, doubts: unknown }],
  ])("%s", async (_, all, changes, expected) => {
    expect(await told(all, changes, manifests)).toMatchObject(expected);
  });
});

describe("a Canary of Flagger's", () => {
  const SCALER = `${PROD}/scale.yaml`;
  const manifests: TargetState["manifests"] = {
    layout: "rollout",
    rollout: `${PROD}/flagger.yaml`,
    workload: `${PROD}/stable.yaml`,
    stableTemplate: "ef49cb9f24b47849",
  };
  const files = {
    [SCALER]: `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: scale }
spec: { maxReplicas: 20, scaleTargetRef: { kind: Deployment, name: checkout-stable } }
`,
  };
  const flagger = "rest";

  it("begins no release where an autoscaler that it does not name scales its pods, whatever file that is in", async () => {
    const found = await told(files, {}, manifests, { manifest: { flagger } });
    expect(found.unfit).toContain(
      `${SCALER}:1: the HorizontalPodAutoscaler scale scales checkout-stable, and promotion`,
    );
    const brought = await told({}, files, manifests, { manifest: { flagger } });
    expect(brought.unfit).toBe(found.unfit);
    expect(await told({}, {}, manifests, { manifest: { flagger } })).toEqual(FINE);
    expect(await told(files, {}, manifests)).toEqual(FINE);
  });
});
