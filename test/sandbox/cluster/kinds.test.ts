import { describe, expect, it } from "vitest";
import { ManifestError } from "../../../src/sandbox/cluster/kinds/manifest.ts";
import type { Rollout } from "../../../src/sandbox/cluster/kinds/rollout.ts";
import { objectsIn } from "../../../src/sandbox/cluster/objects.ts";
import { GATEWAY, rollout } from "./lab.ts";
import type { RolloutShape } from "./lab.ts";

const objectIn = (text: string) => objectsIn(text)[0]?.object;

const rolloutIn = (shape: RolloutShape): Rollout => {
  const object = objectIn(rollout(shape));
  if (object?.kind !== "Rollout") throw new Error("no Rollout");
  return object;
};

describe("a Rollout", () => {
  // pkg/apis/rollouts/v1alpha1/types.go CanaryStep, RolloutPause.DurationSeconds
  it.each([
    ["{ setWeight: 20 }", { kind: "setWeight", weight: 20 }],
    ["{ pause: {} }", { kind: "pause", ms: undefined }],
    ["{ pause: { duration: 10 } }", { kind: "pause", ms: 10_000 }],
    ['{ pause: { duration: "10" } }', { kind: "pause", ms: 10_000 }],
    ["{ pause: { duration: 1h30m } }", { kind: "pause", ms: 5_400_000 }],
    ["{ setCanaryScale: { replicas: 3 } }", { kind: "setCanaryScale", scale: { kind: "replicas", replicas: 3 } }],
    ["{ setCanaryScale: { weight: 25 } }", { kind: "setCanaryScale", scale: { kind: "weight", weight: 25 } }],
    [
      "{ setCanaryScale: { matchTrafficWeight: true } }",
      { kind: "setCanaryScale", scale: { kind: "matchTrafficWeight" } },
    ],
  ])("has the step %s", (step, expected) => {
    expect(rolloutIn({ steps: `[${step}]` }).steps).toEqual([expected]);
  });

  it("has the controller's defaults", () => {
    expect(rolloutIn({ routing: GATEWAY })).toMatchObject({
      maxSurge: { value: 25, unit: "percent" },
      maxUnavailable: { value: 25, unit: "percent" },
      scaleDownDelayMs: 30_000,
      progressDeadlineMs: 600_000,
      routing: { total: 100, routers: [{ kind: "gatewayAPI", routes: ["checkout"] }] },
      problem: undefined,
    });
  });

  it.each<[string, string]>([
    ["a step that the cluster does not know", rollout({ steps: "[{ analysis: { templates: [] } }]" })],
    ["a step of two kinds", rollout({ steps: "[{ setWeight: 1, pause: {} }]" })],
    ["a duration that is none", rollout({ steps: "[{ pause: { duration: soon } }]" })],
    ["a router that the cluster does not know", rollout({ routing: "{ smi: {} }" })],
    ["a stable version that shrinks", rollout({ canary: "dynamicStableScale: true, " })],
    ["another strategy", rollout().replace(/canary: \{.*\} \}/, "rainbow: { activeService: x } }")],
    ["two strategies", rollout().replace("strategy: {", "strategy: { blueGreen: { activeService: x },")],
    ["a template that is of a PodTemplate", rollout({ ref: "{ apiVersion: v1, kind: PodTemplate, name: x }" })],
  ])("is refused with %s", (_, text) => {
    expect(() => objectsIn(text)).toThrow(ManifestError);
  });
});

describe("an Ingress of AWS", () => {
  const ingress = (action: string) => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, annotations: { alb.ingress.kubernetes.io/actions.shop: '${action}' } }
spec: { rules: [{ http: { paths: [{ path: /, backend: { service: { name: shop, port: { name: use-annotation } } } }] } }] }
`;
  const groups = [
    { service: "shop-canary", weight: 5 },
    { service: "shop", weight: 95 },
  ];

  it.each([
    [
      "as the Rollouts' controller writes it",
      '{"Type":"forward","ForwardConfig":{"TargetGroups":[{"ServiceName":"shop-canary","ServicePort":"80","Weight":5},{"ServiceName":"shop","ServicePort":"80","Weight":95}]}}',
      groups,
    ],
    [
      "as its own documents write it",
      '{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"shop-canary","servicePort":80,"weight":5},{"serviceName":"shop","servicePort":80,"weight":95}]}}',
      groups,
    ],
    ["with an action that leads to no Service", '{"type":"redirect","redirectConfig":{"statusCode":"HTTP_301"}}', []],
  ])("splits by the groups of its action, %s", (_, action, expected) => {
    const object = objectIn(ingress(action));
    expect(object?.kind === "Ingress" && object.actions?.everybody).toEqual(expected);
  });

  it("is refused where the action is no JSON", () => {
    expect(() => objectsIn(ingress("forward"))).toThrow(ManifestError);
  });
});

describe("a HorizontalPodAutoscaler", () => {
  const autoscaler = (metrics: string) => `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: shop }
spec: { scaleTargetRef: { apiVersion: apps/v1, kind: StatefulSet, name: shop }, maxReplicas: 5${metrics} }
`;

  it.each([
    [
      "the first utilisation that it names",
      ", metrics: [{ type: External, external: {} }, { type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 60 } } }]",
      60,
    ],
    ["80 % where it names none", "", 80],
  ])("has %s", (_, metrics, utilisation) => {
    expect(objectIn(autoscaler(metrics))).toMatchObject({
      utilisation,
      min: 1,
      max: 5,
      target: { kind: "StatefulSet" },
    });
  });
});
