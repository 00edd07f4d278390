import { describe, expect, it } from "vitest";
import { name } from "../../../src/core/names.ts";
import type { TargetState } from "../../../src/core/state.ts";
import { weight } from "../../../src/core/weight.ts";
import { scalingDoubts } from "../../../src/manifest/services/scaling.ts";
import { member, type MemberChanges } from "../../support/member.ts";
import { deployment, inventoryOf, kustomization, type Files } from "./repo.ts";

const PROD = "apps/checkout/prod";
const SHOP: Files = {
  [`${PROD}/canary.yaml`]: deployment("checkout-canary", "checkout:1"),
  [`${PROD}/stable.yaml`]: deployment("checkout-stable", "checkout:1"),
  [`${PROD}/kustomization.yaml`]: kustomization(["canary.yaml", "stable.yaml", "scale.yaml"]),
  "apps/checkout/dev/deployment.yaml": deployment("checkout-canary", "checkout:1"),
  "apps/checkout/dev/kustomization.yaml": kustomization(["deployment.yaml", "scale.yaml"]),
};
const WORKLOADS: TargetState["manifests"] = {
  layout: "workloads",
  router: "HTTPRoute",
  canary: `${PROD}/canary.yaml`,
  stable: `${PROD}/stable.yaml`,
  route: `${PROD}/route.yaml`,
  destinations: undefined,
};
const ROLLOUT: TargetState["manifests"] = {
  layout: "rollout",
  rollout: `${PROD}/rollout.yaml`,
  workload: `${PROD}/stable.yaml`,
  stableTemplate: "ef49cb9f24b47849",
};

const hpa = (of: string, kind = "Deployment", namespace = "") => `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: scale${namespace} }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: ${kind}, name: ${of} }
  minReplicas: 2
  maxReplicas: 20
`;
const keda = (of: string) => `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: { name: scale }
spec:
  scaleTargetRef: { name: ${of} }
`;

function found(
  files: Files,
  manifests = WORKLOADS,
  more: Pick<MemberChanges, "manifest" | "policy"> = {},
): readonly string[] {
  const of = member({ at: { manifests, namespace: name("shop") }, ...more });
  const all = scalingDoubts(inventoryOf({ ...SHOP, ...files }))(of);
  return all.map(({ path, line, what }) => `${path}:${line} ${what}`);
}

const SCALE = `${PROD}/scale.yaml`;
const canaryText = (kind: string) =>
  `${SCALE}:1 the ${kind} scale scales checkout-canary, whose replicas releases write: the two would undo each other; take the canary out of it`;

describe("an autoscaler", () => {
  it.each<readonly [string, Files, readonly string[]]>([
    ["there is none", {}, []],
    ["of the canary", { [SCALE]: hpa("checkout-canary") }, [canaryText("HorizontalPodAutoscaler")]],
    ["of the canary, by KEDA", { [SCALE]: keda("checkout-canary") }, [canaryText("ScaledObject")]],
    [
      "of a stable that it makes larger than the canary is sized by",
      { [SCALE]: hpa("checkout-stable") },
      [
        `${SCALE}:1 the HorizontalPodAutoscaler scale gives checkout-stable up to 20 pods, and the canary is sized as if stable had 10: it may be too small for its weight; let the number of stable's replicas that releases go by be 20 (replicas.stable of places, else spec.replicas of its file)`,
      ],
    ],
    ["of a stable that it makes no larger", { [SCALE]: hpa("checkout-stable").replace("20", "10") }, []],
    ["of a stable, however far", { [SCALE]: hpa("checkout-stable").replace("20", '"many"') }, []],
    ["of another kind", { [SCALE]: hpa("checkout-canary", "StatefulSet") }, []],
    ["of another one", { [SCALE]: hpa("cart") }, []],
    ["of another namespace", { [SCALE]: hpa("checkout-canary", "Deployment", ", namespace: till") }, []],
    ["of another target", { "apps/checkout/dev/scale.yaml": hpa("checkout-canary") }, []],
    [
      "that lies apart",
      { "scaling/all.yaml": hpa("checkout-canary", "Deployment", ", namespace: shop") },
      [canaryText("HorizontalPodAutoscaler").replace(SCALE, "scaling/all.yaml")],
    ],
  ])("%s", (_, files, expected) => {
    expect(found(files)).toEqual(expected);
  });

  it("of a stable that has no traffic for a while takes pods that a way back needs", () => {
    const SWITCH = { weights: [0, 100].map(weight) };
    const idle = (least: number, policy: MemberChanges["policy"] = SWITCH) =>
      found(
        { [SCALE]: hpa("checkout-stable").replace("minReplicas: 2", `minReplicas: ${least}`).replace("20", "10") },
        WORKLOADS,
        { policy },
      );
    expect(idle(9)).toEqual([
      `${SCALE}:1 the HorizontalPodAutoscaler scale may take pods away from checkout-stable while all of the traffic is with checkout-canary (steps of 0 and 100), down to 9: taking the release back would then find too few; let it keep 10 at least, or share the traffic by steps up to 50`,
    ]);
    expect(idle(10)).toEqual([]);
    expect(idle(9, { expedite: { ...SWITCH, bakeMs: 0, label: "hotfix" } })).toEqual(idle(9));
  });

  it("of the Deployment that a Rollout runs instead is to scale the Rollout", () => {
    expect(found({ [SCALE]: hpa("checkout-stable") }, ROLLOUT)).toEqual([
      `${SCALE}:1 the HorizontalPodAutoscaler scale scales the Deployment checkout-stable, and the pods are those of the Rollout checkout-canary: let its scaleTargetRef name the Rollout`,
    ]);
    expect(found({ [SCALE]: hpa("checkout-canary", "Rollout") }, ROLLOUT)).toEqual([]);
  });

  it("of the Deployment is another's where what opting in has written has it scale the Rollout", () => {
    const arms = (what: string) => `apiVersion: builtin
kind: PatchTransformer
metadata: { name: scale-rollout }
target: { group: autoscaling, kind: HorizontalPodAutoscaler, name: scale }
patch: '[{"op":"${what === "minReplicas" ? "add" : "replace"}","path":"/spec/${what}","value":{}}]'
`;
    const text = hpa("checkout-stable");
    expect(found({ [SCALE]: text, [`${PROD}/arms.yaml`]: arms("scaleTargetRef") }, ROLLOUT)).toEqual([]);
    expect(found({ [SCALE]: text, [`${PROD}/arms.yaml`]: arms("minReplicas") }, ROLLOUT)).toHaveLength(1);
    expect(found({ [SCALE]: text, "apps/cart/prod/tidegate/arms.yaml": arms("scaleTargetRef") }, ROLLOUT)).toHaveLength(
      1,
    );
  });

  it("changes the shares where pods alone make them", () => {
    expect(
      found({ [SCALE]: hpa("checkout-canary", "Rollout") }, ROLLOUT, {
        manifest: { ratio: { replicas: 4, surge: 1 } },
      }),
    ).toEqual([
      `${SCALE}:1 the HorizontalPodAutoscaler scale changes the replicas that make the share: the shares above are those of 4 pods, and it makes up to 20; a router makes them hold for any number`,
    ]);
  });

  it("of places is known by the names in the cluster", () => {
    const at = { path: `${PROD}/kustomization.yaml`, at: "images[checkout].newTag" };
    const places: TargetState["manifests"] = {
      layout: "places",
      canary: { ...at, image: undefined },
      stable: { ...at, path: `${PROD}/stable.yaml`, image: undefined },
      weight: { kind: "values", ...at },
      canaryReplicas: at,
      stableReplicas: 3,
      workloads: { canary: name("next"), stable: name("main") },
      container: name("app"),
    };
    expect(found({ [SCALE]: hpa("next"), "apps/checkout/scale.yaml": hpa("main") }, places)).toEqual([
      expect.stringContaining("scales next, whose replicas"),
      expect.stringContaining("gives main up to 20 pods"),
    ]);
  });

  it.each<readonly [string, string, string | undefined, boolean]>([
    ["that the Canary names", hpa("checkout-canary"), "HorizontalPodAutoscaler scale", false],
    ["that it does not name", hpa("checkout-canary"), undefined, true],
    ["of which it names another", hpa("checkout-canary"), "HorizontalPodAutoscaler other", true],
    ["of KEDA's", keda("checkout-canary"), undefined, true],
    ["of the Deployment that serves", hpa("checkout-stable"), "HorizontalPodAutoscaler scale", true],
    ["of another Deployment", hpa("cart"), undefined, false],
  ])("%s leaves what Flagger promotes with the canary's number of pods or does not", (_, text, named, isFound) => {
    const manifest = { flagger: "rest" as const, ...(named !== undefined && { autoscaler: named }) };
    const all = found({ [SCALE]: text }, ROLLOUT, { manifest });
    expect(all.map((one) => one.includes("promotion gives checkout-stable as many pods as checkout-canary"))).toEqual(
      isFound ? [true] : [],
    );
  });
});
