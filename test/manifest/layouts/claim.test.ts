import { describe, expect, it } from "vitest";
import { printState } from "../../../src/config/state-text.ts";
import { parseState } from "../../../src/config/state-file.ts";
import { name } from "../../../src/core/names.ts";
import { claimRollout, type ClaimOf } from "../../../src/manifest/layouts/claim.ts";
import { readMember } from "../../../src/manifest/member.ts";
import { refusalText } from "../../../src/yaml/refusal.ts";
import { changedLines, errorOf, valueOf } from "../builders.ts";

const ROLLOUT = `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: till, namespace: shop }
spec:
  selector: { matchLabels: { app: till } }
  template:
    metadata: { labels: { app: till } }
    spec: { containers: [{ name: till, image: "registry.example.com/till:1.0.0" }] }
  strategy:
    canary: # by hand
      canaryService: till-canary
      stableService: till
      trafficRouting: { alb: { ingress: till, servicePort: 80, rootService: till-root } }
      steps:
        - setWeight: 20
        - analysis: { templates: [{ templateName: errors }] }
`;
const PATH = "apps/till/rollout.yaml";
const claimOf = (text: string, more: Partial<ClaimOf> = {}): ClaimOf => ({
  rollout: { path: PATH, text },
  workload: { path: PATH, text },
  target: name("prod"),
  ...more,
});

describe("a Rollout that is there", () => {
  it("is claimed by its steps alone, and is read back at rest on what it runs", () => {
    const { rollout, state } = valueOf(claimRollout(claimOf(ROLLOUT)));
    expect(changedLines(ROLLOUT, rollout).map((line) => line.trim())).toEqual([
      "- setWeight: 0",
      "- setWeight: 0",
      "- pause: {}",
    ]);
    const path = ".tidegate/services/till.yaml";
    expect(valueOf(parseState({ path, text: printState(state) }))).toEqual(state);
    const at = state.targets.get(name("prod")) ?? expect.fail("no target");
    const manifest = valueOf(readMember(new Map([[PATH, rollout]]), at, state.service));
    expect(manifest.weight).toBe(0);
    expect(manifest.stable).toEqual(manifest.canary);
    const was = "- setWeight: 20\n        - analysis: { templates: [{ templateName: errors }] }";
    expect(state.claims).toEqual([{ path: PATH, at: "spec.strategy.canary.steps", was }]);
  });

  it.each([
    ["that switches by itself", ""],
    ["that says so", "      autoPromotionEnabled: true # by hand\n"],
  ])("of two colours is claimed by its switch alone (%s)", (_, said) => {
    const text = `${ROLLOUT.slice(0, ROLLOUT.indexOf("    canary:"))}    blueGreen: # by hand
      activeService: till
      previewService: till-preview
${said}`;
    const { rollout, state } = valueOf(claimRollout(claimOf(text)));
    const line = said === "" ? "autoPromotionEnabled: false" : "autoPromotionEnabled: false # by hand";
    expect(changedLines(text, rollout).map((one) => one.trim())).toEqual([line]);
    const was = said === "" ? "" : "true";
    expect(state.claims).toEqual([{ path: PATH, at: "spec.strategy.blueGreen.autoPromotionEnabled", was }]);
    const at = state.targets.get(name("prod")) ?? expect.fail("no target");
    expect(at.arms).toEqual({ canary: "till-preview", stable: "till", by: "service" });
    expect(valueOf(readMember(new Map([[PATH, rollout]]), at, state.service))).toMatchObject({
      weight: 0,
      blueGreen: true,
    });
    // What is claimed is claimed again without an edit.
    expect(valueOf(claimRollout(claimOf(rollout))).rollout).toBe(rollout);
  });

  it("has its arms told apart by the label of their own that its pods get", () => {
    const metadata = `canaryMetadata: { labels: { tier: web, rollout-arm: till-new } }
      stableMetadata: { labels: { tier: web, rollout-arm: till-old } }`;
    const text = ROLLOUT.replace("canaryService: till-canary\n      stableService: till\n", `${metadata}\n`);
    const armsIn = (one: string) => valueOf(claimRollout(claimOf(one))).state.targets.get(name("prod"))?.arms;
    expect(armsIn(text)).toEqual({ canary: "till-new", stable: "till-old", by: "workload" });
    // Of several the one that is called as our templates call it.
    expect(armsIn(text.replaceAll("web, r", "web, role: a, r"))).toEqual(armsIn(text));
    const two = text.replace("tier: web", "tier: new").replace("tier: web", "tier: old");
    expect(armsIn(two)).toEqual(armsIn(text));
    const unclear = two.replaceAll("rollout-arm", "colour");
    expect(refusalText(errorOf(claimRollout(claimOf(unclear))))).toContain("found no canaryService");
  });

  it("may refer to a Deployment, and be called and placed otherwise", () => {
    const bare = ROLLOUT.replace(
      / {2}selector[^]*(?= {2}strategy)/,
      "  workloadRef: { apiVersion: apps/v1, kind: Deployment, name: till-app }\n",
    ).replace(", namespace: shop", "");
    const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: till-app }
spec: { template: { spec: { containers: [{ name: app, image: "till:2" }] } } }
`;
    const workload = { path: "apps/till/deployment.yaml", text: deployment };
    const more = { workload, service: name("counter"), namespace: name("shop") };
    const { state } = valueOf(claimRollout(claimOf(bare, more)));
    expect(state.service).toBe("counter");
    expect(state.targets.get(name("prod"))).toMatchObject({
      namespace: "shop",
      stable: "till:2",
      manifests: { rollout: PATH, workload: workload.path },
    });
  });

  it.each([
    ["no Rollout", "kind: Rollout", "kind: Deployment", "found no Rollout"],
    ["no namespace", ", namespace: shop", "", "found no namespace; say --namespace"],
    ["a name that is none", "name: till,", "name: Till,", 'found the name "Till"; it is what the service is called'],
    [
      "no Services",
      "canaryService: till-canary",
      "maxSurge: 1",
      "found no canaryService; canary and stable are told apart",
    ],
    [
      "what decides behind git's back",
      "spec:\n  selector",
      "spec:\n  rollbackWindow: { revisions: 2 }\n  selector",
      "an earlier version would skip the steps",
    ],
    ["no strategy canary", "    canary: # by hand", "    blueGreen:", "found no previewService"],
    ["no image", "registry.example.com/till:1.0.0", "{{ image }}", "an image has a tag or a digest"],
    ["an anchor in the steps", "setWeight: 20", "setWeight: &w 20", "found an anchor"],
    ["no YAML", "kind: Rollout", "kind: [", "rollout.yaml:"],
  ])("is refused for %s", (_, what, instead, why) => {
    const text = ROLLOUT.replace(what, instead);
    expect(text).not.toBe(ROLLOUT);
    expect(refusalText(errorOf(claimRollout(claimOf(text))))).toContain(why);
  });

  it("is refused where its pod template is not where it is said to be", () => {
    const workload = { path: "apps/till/deployment.yaml", text: "kind: List\n" };
    expect(refusalText(errorOf(claimRollout(claimOf(ROLLOUT, { workload }))))).toContain("found no workloadRef");
  });
});
