import { describe, expect, it } from "vitest";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import type { VersionFault } from "../../src/sandbox/cluster/traffic.ts";
import { valueOf } from "../manifest/builders.ts";
import { applied, groundOf, type Files } from "../support/opt-in-ground.ts";
import { gateOf, leafOf, liveOf, livePath, mergedSteps, openSteps } from "../support/story-reads.ts";
import { landBump } from "../support/story-plot.ts";
import { applicationText } from "../support/layout-texts.ts";
import { CAN_KUSTOMIZE, renderedWorld, withVersion } from "../support/layout-story.ts";
import type { Story } from "../support/story.ts";
import { imageOf } from "../support/story-world.ts";
import { shipped, templateIn } from "../template/facts.ts";
import { told, UNHURRIED } from "./told.ts";

const WORLD = {
  kinds: { checkout: "knative" },
  requests: "byConfiguration",
  config: { waves: "[{ targets: [prod], steps: [5, 25, 50], bake: 2s }]" },
} as const;

const atRest = (story: Story) => async () =>
  openSteps(story, "checkout").length === 0 && (await story.state("checkout")).targets["prod"]?.release === undefined;

it.concurrent(
  "a version goes out over Knative's Route by its Configurations, whose pods are Knative's, and rests without any",
  told(WORLD, async (story) => {
    await landBump(story, { service: "checkout", version: "1.1.0" });
    await story.until("it is over", async () => mergedSteps(story, "checkout").length === 7 && (await atRest(story)()));
    await story.pass(3_000);
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual([
      "0-warmup",
      "1-5",
      "2-25",
      "3-50",
      "4-promote",
      "5-drain",
      "6-rest",
    ]);
    expect((await livePath(story, "checkout")).shares).toEqual([0, 5, 25, 50, 0]);
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [imageOf("checkout", "1.1.0")] });
  }),
  UNHURRIED.timeout,
);

const FAILING: VersionFault = { kind: "errorRatio", ratio: 10 };

it.concurrent(
  "one that fails its gate is taken back",
  told({ ...WORLD, faults: new Map([[imageOf("checkout", "1.1.0"), FAILING]]) }, async (story) => {
    await landBump(story, { service: "checkout", version: "1.1.0" });
    await story.until(
      "it is over",
      async () => (await story.state("checkout")).blocked.length > 0 && (await atRest(story)()),
    );
    await story.pass(3_000);
    expect(mergedSteps(story, "checkout").map(leafOf).slice(-2)).toEqual(["abort", "take-back"]);
    expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [imageOf("checkout", "1.0.0")] });
    expect((await story.state("checkout")).blocked.map(({ by }) => by)).toEqual(["gate"]);
  }),
  UNHURRIED.timeout,
);

it.concurrent(
  "one that never gets ready gets no request, and no weight",
  told({ ...WORLD, faults: new Map([[imageOf("checkout", "1.1.0"), { kind: "neverReady" }]]) }, async (story) => {
    await landBump(story, { service: "checkout", version: "1.1.0" });
    await story.until("the warm-up landed", () => Promise.resolve(mergedSteps(story, "checkout").length === 1));
    await story.pass(30_000);
    expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup"]);
    expect(gateOf(story, "checkout")?.title).toMatch(/0 of 1/);
    expect((await livePath(story, "checkout")).shares).toEqual([0]);
    expect(liveOf(story, "checkout")).toMatchObject({ weight: 0, stable: [imageOf("checkout", "1.0.0")] });
  }),
  UNHURRIED.timeout,
);

it.concurrent(
  "one that fails on stable as well is taken back under the weight, stable first",
  async () => {
    const faults = new Map<string, VersionFault>();
    await told({ ...WORLD, faults }, async (story) => {
      await landBump(story, { service: "checkout", version: "1.1.0" });
      const promoted = () => mergedSteps(story, "checkout").map(leafOf).includes("4-promote");
      await story.until("it is promoted", () => Promise.resolve(promoted()));
      faults.set(imageOf("checkout", "1.1.0"), { kind: "addedErrors", rate: 0.5 });
      await story.until(
        "it is over",
        async () => (await story.state("checkout")).blocked.length > 0 && (await atRest(story)()),
      );
      await story.pass(3_000);
      expect(mergedSteps(story, "checkout").map(leafOf).slice(-3)).toEqual(["abort", "lower", "take-back"]);
      expect((await livePath(story, "checkout")).shares).toEqual([0, 5, 25, 50, 0]);
      expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [imageOf("checkout", "1.0.0")] });
    })();
  },
  UNHURRIED.timeout,
);

const IMAGE = "registry.example.com/shop/checkout";
const FOLDER = "apps/checkout";
const CANARY = `${FOLDER}/canary/kustomization.yaml`;
const STABLE = `${FOLDER}/tidegate/kustomization.yaml`;
const ROUTE = `${FOLDER}/tidegate/route.yaml`;

const images = `images:\n  - name: ${IMAGE}\n    newTag: "1.0.0"\n`;

/** A Knative Service that two kustomizations render, once for each arm. */
const RENDERED = new Map([
  ["apps/delivery.yaml", applicationText({ name: "checkout", target: "shop", path: FOLDER })],
  [`${FOLDER}/kustomization.yaml`, "namespace: shop\nresources:\n  - canary\n  - tidegate\n"],
  [`${FOLDER}/base/kustomization.yaml`, "resources:\n  - service.yaml\n"],
  [
    `${FOLDER}/base/service.yaml`,
    `apiVersion: serving.knative.dev/v1
kind: Service
metadata: { name: checkout }
spec:
  template:
    metadata:
      annotations: { autoscaling.knative.dev/min-scale: "1" }
    spec:
      containers:
        - image: ${IMAGE}
          ports: [{ containerPort: 8080 }]
`,
  ],
  [CANARY, `nameSuffix: -canary\nresources:\n  - ../base\n${images}`],
  [STABLE, `resources:\n  - ../base\n  - route.yaml\n${images}`],
  [
    ROUTE,
    `apiVersion: serving.knative.dev/v1
kind: Route
metadata: { name: checkout-public }
spec:
  traffic:
    - configurationName: checkout
      percent: 100
    - configurationName: checkout-canary
      percent: 0
`,
  ],
  [
    ".tidegate/services/checkout.yaml",
    `version: 1
template: { name: canary-knative, revision: 4f1c000000000000000000000000000000000000 }
owned:
  - ${FOLDER}/tidegate/
claims: []
targets:
  prod:
    namespace: shop
    places:
      canary: { path: ${CANARY}, at: "images[${IMAGE}].newTag" }
      stable: { path: ${STABLE}, at: "images[${IMAGE}].newTag" }
      weight: { path: ${ROUTE}, router: KnativeRoute }
      workloads: { canary: checkout-canary, stable: checkout }
      container: user-container
    arms: { canary: checkout-canary, stable: checkout }
    weight: 0
    stable: "${IMAGE}:1.0.0"
blocked: []
holds: []
heard: 0
`,
  ],
]);

const OVER = renderedWorld(RENDERED, {
  requests: "byConfiguration",
  config: { ...WORLD.config, targets: '[{ name: prod, path: "apps/**", metrics: prod }]' },
});

/** What each arm of the rendered Route runs. */
function running({ cluster }: Story) {
  const route = cluster.snapshot().routes.find(({ name }) => name === "checkout-public");
  const arms = route?.backends.map(({ service, weight, pods }) => [service, weight, pods.map(({ image }) => image)]);
  return arms?.toSorted();
}

describe.skipIf(!CAN_KUSTOMIZE)("arms that Kustomize renders (skipped without kustomize)", () => {
  it.concurrent(
    "go out by single values, without any of replicas",
    UNHURRIED,
    told(OVER, async (story) => {
      const bump = { [CANARY]: withVersion(await story.file(CANARY), "1.1.0") };
      await story.push("renovate", bump, "Update checkout to 1.1.0");
      await story.until(
        "it is over",
        async () => mergedSteps(story, "checkout").length === 7 && (await atRest(story)()),
      );
      await story.pass(3_000);
      const shares = story.cluster.liveShares("shop", "checkout-public").map(({ share }) => share);
      expect(shares).toEqual([0, 5, 25, 50, 0]);
      expect(running(story)).toEqual([
        ["checkout", 100, [`${IMAGE}:1.1.0`]],
        ["checkout-canary", 0, [`${IMAGE}:1.1.0`]],
      ]);
      expect(await story.file(STABLE)).toBe((RENDERED.get(STABLE) ?? "").replace("1.0.0", "1.1.0"));
      expect(await story.file(ROUTE)).toBe(RENDERED.get(ROUTE));
    }),
  );
});

const OVERLAY = `${FOLDER}/prod/kustomization.yaml`;
const DELIVERY = applicationText({ name: "checkout-prod", target: "shop", path: `${FOLDER}/prod` });

/** A Knative Service as people have it. */
const BEFORE: Files = new Map([
  ["apps/delivery.yaml", DELIVERY],
  [`${FOLDER}/base/kustomization.yaml`, "resources:\n  - service.yaml\n"],
  [`${FOLDER}/base/service.yaml`, RENDERED.get(`${FOLDER}/base/service.yaml`) ?? ""],
  [OVERLAY, `namespace: shop\nresources:\n  - ../base\n${images}`],
]);

function optedIn(): Files {
  const wish = {
    service: "checkout",
    targets: undefined,
    template: templateIn(shipped(), "canary-knative"),
    parameters: new Map<string, string>(),
    namespace: undefined,
  };
  return applied(BEFORE, valueOf(optIn(groundOf(BEFORE), wish)).files);
}

const OPTED: Files = optedIn();

/** What each arm has of the traffic, and runs, behind the Route that opting in adds. */
function behindOwn({ cluster }: Story) {
  const route = cluster.snapshot().routes.find(({ name }) => name === "checkout-route");
  const arms = route?.backends.map(({ service, weight, pods }) => [service, weight, pods.map(({ image }) => image)]);
  return arms?.toSorted();
}

describe.skipIf(!CAN_KUSTOMIZE)("a Knative Service that was opted in (skipped without kustomize)", () => {
  it.concurrent(
    "is promoted, then taken back by its gate, and opting it out gives what people had",
    UNHURRIED,
    told(
      renderedWorld(OPTED, {
        requests: "byConfiguration",
        config: {
          waves: "[{ targets: [prod], steps: [5, 50], bake: 2s }]",
          targets: '[{ name: prod, path: "apps/**", metrics: prod }]',
        },
        faults: new Map([[`${IMAGE}:1.2.0`, FAILING]]),
      }),
      async (story) => {
        const bump = async (version: string) =>
          story.push("renovate", { [OVERLAY]: withVersion(await story.file(OVERLAY), version) }, `To ${version}`);
        await bump("1.1.0");
        await story.until(
          "it is promoted",
          async () => mergedSteps(story, "checkout").length === 6 && (await atRest(story)()),
        );
        await story.pass(3_000);
        expect(mergedSteps(story, "checkout").map(leafOf)).toEqual([
          "0-warmup",
          "1-5",
          "2-50",
          "3-promote",
          "4-drain",
          "5-rest",
        ]);
        expect(behindOwn(story)).toEqual([
          ["checkout", 100, [`${IMAGE}:1.1.0`]],
          ["checkout-canary", 0, [`${IMAGE}:1.1.0`]],
        ]);
        await bump("1.2.0");
        await story.until(
          "it is taken back",
          async () => (await story.state("checkout")).blocked.length > 0 && (await atRest(story)()),
        );
        await story.pass(3_000);
        expect(mergedSteps(story, "checkout").map(leafOf).slice(-2)).toEqual(["abort", "take-back"]);
        expect((await story.state("checkout")).blocked.map(({ by }) => by)).toEqual(["gate"]);
        expect(behindOwn(story)).toEqual([
          ["checkout", 100, [`${IMAGE}:1.1.0`]],
          ["checkout-canary", 0, [`${IMAGE}:1.1.0`]],
        ]);
        const paths = [...OPTED.keys()];
        const now = new Map(await Promise.all(paths.map(async (path) => [path, await story.file(path)] as const)));
        const back = valueOf(optOut(groundOf(now), { service: "checkout", targets: undefined }));
        expect(applied(now, back.files)).toEqual(
          new Map([...BEFORE, [OVERLAY, withVersion(BEFORE.get(OVERLAY) ?? "", "1.1.0")]]),
        );
      },
    ),
  );
});
