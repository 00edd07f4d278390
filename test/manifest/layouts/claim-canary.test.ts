import { describe, expect, it } from "vitest";
import { parseState } from "../../../src/config/state-file.ts";
import { printState } from "../../../src/config/state-text.ts";
import { name } from "../../../src/core/names.ts";
import { claimCanary } from "../../../src/manifest/layouts/claim-canary.ts";
import { readMember } from "../../../src/manifest/member.ts";
import { refusalText } from "../../../src/yaml/refusal.ts";
import { changedLines, errorOf, valueOf } from "../builders.ts";

const PATH = "apps/till/canary.yaml";
const WORKLOAD = "apps/till/deployment.yaml";
const CANARY = `apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: till
  namespace: shop
spec:
  provider: istio
  targetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: till
  service:
    name: till-web
    port: 80
  analysis:
    interval: 1m
    threshold: 1
    stepWeights: [10, 30]
`;
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: till, namespace: shop }
spec:
  selector: { matchLabels: { app: till } }
  template:
    metadata: { labels: { app: till } }
    spec: { containers: [{ name: till, image: "registry.example.com/till:1.0.0" }] }
`;
const claim = (canary: string, deployment = DEPLOYMENT) =>
  claimCanary({
    rollout: { path: PATH, text: canary },
    workload: { path: WORKLOAD, text: deployment },
    target: name("prod"),
  });

describe("a Canary that is there", () => {
  it("is claimed by its weights and its hooks alone, and is read back at rest on what it runs", () => {
    const { rollout, state } = valueOf(claim(CANARY));
    expect(changedLines(CANARY, rollout).map((line) => line.trim().slice(0, 36))).toEqual([
      "stepWeights: []",
      "webhooks:",
      "- {name: tidegate-confirm-rollout, t",
      "- {name: tidegate-confirm-promotion,",
    ]);
    expect(state.claims.map(({ at, was }) => [at, was])).toEqual([
      ["spec.analysis.stepWeights", "[10, 30]"],
      ["spec.analysis.webhooks", ""],
    ]);
    expect(valueOf(parseState({ path: ".tidegate/services/till.yaml", text: printState(state) }))).toEqual(state);
    const at = state.targets.get(name("prod")) ?? expect.fail("no target");
    // Flagger makes the Services of what people ask, and the Deployment of what they write.
    expect(at.arms).toEqual({ canary: "till-web-canary", stable: "till-web-primary", by: "service" });
    const files = new Map([
      [PATH, rollout],
      [WORKLOAD, DEPLOYMENT],
    ]);
    const manifest = valueOf(readMember(files, at, state.service));
    expect(manifest).toMatchObject({ weight: 0, flagger: "rest" });
    expect(manifest.canary.template).toBe(manifest.stable.template);
    expect([manifest.canary.deployment, manifest.stable.deployment]).toEqual(["till", "till-primary"]);
    expect(valueOf(claim(rollout)).rollout).toBe(rollout);
  });

  it.each<readonly [string, string | RegExp, string, string]>([
    [
      "skipAnalysis",
      "  provider: istio",
      "  provider: istio\n  skipAnalysis: true",
      ":8: found a Canary with skipAnalysis; ",
    ],
    ["suspend", "  provider: istio", "  provider: istio\n  suspend: true", ":8: found a Canary with suspend; "],
    [
      "a provider that splits nothing",
      "provider: istio",
      "provider: kubernetes",
      ":7: found the provider kubernetes; ",
    ],
    ["another target", "kind: Deployment", "kind: DaemonSet", ':9: found a targetRef of the kind "DaemonSet"; '],
    ["stepWeight", "stepWeights: [10, 30]", "stepWeight: 5", ":18: found a Canary with stepWeight; "],
    ["maxWeight", "stepWeights: [10, 30]", "maxWeight: 50", ":18: found a Canary with maxWeight; "],
    [
      "a stepWeightPromotion",
      "threshold: 1",
      "threshold: 1\n    stepWeightPromotion: 10",
      ":18: found a Canary with stepWeightPromotion; ",
    ],
    ["iterations", "threshold: 1", "threshold: 1\n    iterations: 10", ":18: found a Canary with iterations; "],
    ["match", "threshold: 1", "threshold: 1\n    match: [{ headers: {} }]", ":18: found a Canary with match; "],
    ["a mirror", "threshold: 1", "threshold: 1\n    mirror: true", ":18: found a Canary with mirror; "],
    [
      "sticky sessions",
      "threshold: 1",
      "threshold: 1\n    sessionAffinity: { cookieName: c }",
      ":18: found a Canary with sessionAffinity; ",
    ],
    [
      "metrics",
      "threshold: 1",
      "threshold: 1\n    metrics: [{ name: request-success-rate }]",
      ":18: found a Canary with metrics; ",
    ],
    ["another threshold", "threshold: 1", "threshold: 5", ":17: found the threshold 5; "],
    ["a long interval", "interval: 1m", "interval: 5m", ":16: found the interval 5m; "],
    ["the older key", "  analysis:", "  canaryAnalysis:", ":16: found a Canary with canaryAnalysis; "],
    [
      "hooks of others",
      "threshold: 1",
      'threshold: 1\n    webhooks: [{ name: load, url: "http://load/" }]',
      ":18: found ",
    ],
  ])("is refused with %s, with the line", (_, from, to, said) => {
    expect(refusalText(errorOf(claim(CANARY.replace(from, to))))).toContain(`${PATH}${said}`);
  });

  it.each<readonly [string, string, string]>([
    ["the one that people write", "till", ""],
    ["the one that Flagger makes", "till-primary", "  autoscalerRef: { kind: HorizontalPodAutoscaler, name: till }\n"],
  ])("is refused where an autoscaler that it does not name scales %s", (_, scaled, more) => {
    const scaler = `---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: till, namespace: shop }
spec: { maxReplicas: 20, scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: ${scaled} } }
`;
    const canary = CANARY.replace("  service:\n", `${more}  service:\n`);
    expect(refusalText(errorOf(claim(canary, DEPLOYMENT + scaler)))).toContain(
      `${WORKLOAD}:10: found the HorizontalPodAutoscaler till of ${scaled}; promotion gives till-primary`,
    );
    expect(refusalText(errorOf(claim(canary + scaler)))).toContain("found the HorizontalPodAutoscaler till");
  });

  it("is claimed with the autoscaler that it names, and says which one that is", () => {
    const named = CANARY.replace("  service:\n", "  autoscalerRef: { kind: ScaledObject, name: till }\n  service:\n");
    const scaler = `---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: { name: till }\nspec: { scaleTargetRef: { name: till } }\n`;
    const { rollout, state } = valueOf(claim(named, DEPLOYMENT + scaler));
    const at = state.targets.get(name("prod")) ?? expect.fail("no target");
    const files = new Map([
      [PATH, rollout],
      [WORKLOAD, DEPLOYMENT + scaler],
    ]);
    expect(valueOf(readMember(files, at, state.service)).autoscaler).toBe("ScaledObject till");
  });

  it("is refused where the Deployment says how many pods it has", () => {
    const scaled = DEPLOYMENT.replace("spec:\n", "spec:\n  replicas: 3\n");
    expect(refusalText(errorOf(claim(CANARY, scaled)))).toContain(`${WORKLOAD}:5: found replicas: 3; `);
    const { state, rollout } = valueOf(claim(CANARY));
    const at = state.targets.get(name("prod")) ?? expect.fail("no target");
    const files = new Map([
      [PATH, rollout],
      [WORKLOAD, scaled],
    ]);
    expect(refusalText(errorOf(readMember(files, at, state.service)))).toContain("Flagger scales this Deployment");
  });
});
