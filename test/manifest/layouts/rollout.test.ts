import fc from "fast-check";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Change } from "../../../src/core/change.ts";
import { image } from "../../../src/core/image.ts";
import type { Manifest } from "../../../src/core/manifest.ts";
import { name, sha } from "../../../src/core/names.ts";
import type { RolloutFiles, ServiceState, TargetState } from "../../../src/core/state.ts";
import { weight } from "../../../src/core/weight.ts";
import { applyChange } from "../../../src/manifest/change.ts";
import type { Material } from "../../../src/manifest/layouts/edit.ts";
import { readMember } from "../../../src/manifest/member.ts";
import { refusalText } from "../../../src/yaml/refusal.ts";
import { changedLines, errorOf, valueOf } from "../builders.ts";

const OLD = image("registry.example.com/checkout:1.41.0");
const NEW = image("registry.example.com/checkout:1.42.0");
const CLAIMED: RolloutFiles = {
  layout: "rollout",
  rollout: "apps/checkout/rollout.yaml",
  workload: "apps/checkout/rollout.yaml",
  stableTemplate: "0123456789abcdef",
};
const OWNED: RolloutFiles = { ...CLAIMED, workload: "apps/checkout/deployment.yaml" };

function at(manifests: RolloutFiles, changes: Partial<TargetState> = {}): TargetState {
  return {
    namespace: name("shop"),
    manifests,
    arms: { canary: name("checkout-canary"), stable: name("checkout-stable"), by: "service" },
    weight: weight(0),
    stable: OLD,
    release: undefined,
    ...changes,
  };
}

function stateOf(target: TargetState): ServiceState {
  return {
    service: name("checkout"),
    template: { name: "canary", revision: sha("a".repeat(40)) },
    owned: [],
    claims: [],
    targets: new Map([[name("prod"), target]]),
    blocked: [],
    holds: [],
    heard: 0,
  };
}

type Texts = { readonly [path: string]: string };

function read(texts: Texts, target: TargetState): ReturnType<typeof readMember> {
  return readMember(new Map(Object.entries(texts)), target, name("checkout"));
}

type Asked = { readonly change: Partial<Change>; readonly older?: Material["older"] };

function applied(texts: Texts, target: TargetState, { change, older = {} }: Asked): Texts {
  const whole: Change = {
    service: name("checkout"),
    target: name("prod"),
    base: sha("b".repeat(40)),
    weight: undefined,
    canaryReplicas: undefined,
    stableTemplate: undefined,
    canaryTemplate: undefined,
    state: stateOf(target),
    ...change,
  };
  return Object.fromEntries(valueOf(applyChange({ files: new Map(Object.entries(texts)), older }, whole)));
}

const GOLDEN = new URL("../../golden/rollout/", import.meta.url);
const EDIT = z.strictObject({
  ratio: z.strictObject({ replicas: z.int(), surge: z.int() }).nullable(),
  replicas: z.int(),
  workload: z.string().optional(),
});
const file = (path: string) => readFileSync(new URL(path, GOLDEN), "utf8");

describe("an Argo Rollout, as documented shapes are driven", () => {
  it.each(readdirSync(GOLDEN))("%s", (folder) => {
    const wanted = EDIT.parse(JSON.parse(file(`${folder}/edit.json`)));
    const manifests = wanted.workload === undefined ? CLAIMED : OWNED;
    const [before, after] = [file(`${folder}/before.yaml`), file(`${folder}/after.yaml`)];
    const workload: Texts = existsSync(new URL(`${folder}/deployment.yaml`, GOLDEN))
      ? { [manifests.workload]: file(`${folder}/deployment.yaml`) }
      : {};
    const texts = { [manifests.rollout]: before, ...workload };
    const found = valueOf(read(texts, at(manifests)));
    expect(found).toMatchObject({
      weight: 5,
      canary: { deployment: "checkout", container: "checkout", image: OLD, replicas: wanted.replicas },
      stable: { deployment: "checkout", image: OLD, template: manifests.stableTemplate, replicas: wanted.replicas },
    });
    expect(found.ratio ?? null).toEqual(wanted.ratio);
    expect(applied(texts, at(manifests), { change: { weight: weight(25) } })).toEqual({ [manifests.rollout]: after });
    const rest = applied(texts, at(manifests), { change: { weight: weight(0) } })[manifests.rollout] ?? "";
    expect(rest).toBe(before.replace("setWeight: 5", "setWeight: 0"));
    expect(applied({ ...texts, [manifests.rollout]: rest }, at(manifests), { change: { weight: weight(0) } })).toEqual(
      {},
    );
  });
});

const ROLLOUT = `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: checkout, namespace: shop }
spec:
  replicas: 6
  selector: { matchLabels: { app: checkout } }
  template:
    metadata:
      labels: { app: checkout }
    spec:
      containers:
        - name: checkout
          image: ${OLD}
          env: [{ name: MODE, value: x }]
  strategy:
    canary:
      canaryService: checkout-canary
      stableService: checkout-stable
      trafficRouting:
        nginx: { stableIngress: checkout }
      steps:
        - setWeight: 0
        - setWeight: 0
        - pause: {}
`;
const { rollout: PATH } = CLAIMED;

function manifestOf(text: string, target = at(CLAIMED)): Manifest {
  return valueOf(read({ [PATH]: text }, target));
}

function withImage(text: string, version: string): string {
  return text.replace(OLD, version);
}

describe("an Argo Rollout that has the pod template itself", () => {
  const { template } = manifestOf(ROLLOUT).canary;
  const rested = at({ ...CLAIMED, stableTemplate: template });

  it("runs in both arms what is on record", () => {
    const found = manifestOf(ROLLOUT, rested);
    expect(found.stable).toEqual(found.canary);
    const bumped = manifestOf(withImage(ROLLOUT, NEW), rested);
    expect(bumped.canary.image).toBe(NEW);
    expect(bumped.stable).toMatchObject({ image: OLD, template });
  });

  it("is another version where the pod template's labels are others: the controller makes new pods for them", () => {
    expect(
      manifestOf(ROLLOUT.replace("labels: { app: checkout }", "labels: { app: checkout, tier: front }")).canary
        .template,
    ).not.toBe(template);
  });

  it("has the larger of its two weights: the controller may still be at the first", () => {
    expect(manifestOf(ROLLOUT.replace("setWeight: 0", "setWeight: 50")).weight).toBe(50);
  });

  it("runs out from the weight that it has, and rests again as it did", () => {
    const texts = { [PATH]: ROLLOUT.replace("setWeight: 0", "setWeight: 25").replace("setWeight: 0", "setWeight: 50") };
    const out = applied(texts, rested, { change: { weight: weight(100) } })[PATH] ?? "";
    expect(changedLines(texts[PATH] ?? "", out).map((line) => line.trim())).toEqual([
      "- setWeight: 100",
      "- pause: {duration: 1s}",
    ]);
    expect(out).toContain("- setWeight: 50\n");
    expect(manifestOf(out).weight).toBe(100);
    expect(applied({ [PATH]: out }, rested, { change: { weight: weight(100) } })).toEqual({});
    expect(applied({ [PATH]: out }, rested, { change: { weight: weight(0) } })).toEqual({ [PATH]: ROLLOUT });
  });

  it("gets its pod template back under steps that stay", () => {
    const labelled = ROLLOUT.replace("labels: { app: checkout }", "labels: { app: checkout, tier: front }");
    const bumped = withImage(labelled, NEW).replace("value: x", "value: y").replace("setWeight: 0", "setWeight: 25");
    const { canary } = manifestOf(bumped);
    const back = applied({ [PATH]: bumped }, rested, {
      change: {
        canaryTemplate: {
          kind: "asAt",
          commit: sha("c".repeat(40)),
          aborted: { image: NEW, template: canary.template },
        },
      },
      older: { canary: ROLLOUT },
    });
    expect(back).toEqual({ [PATH]: ROLLOUT.replace("setWeight: 0", "setWeight: 25") });
  });

  it.each([
    ["labels", "{ app: checkout, version: 1.41.0 }"],
    ["annotations", '{ "build": "1.41.0" }'],
  ])("gets %s in braces back, which tell the version too", (key, written) => {
    const inBraces = ROLLOUT.replace(/metadata:\n +labels: .*\n/, `metadata: { ${key}: ${written}, name: x }\n`);
    const bumped = inBraces.replaceAll("1.41.0", "1.42.0");
    const aborted = { image: NEW, template: manifestOf(bumped).canary.template };
    const change: Partial<Change> = { canaryTemplate: { kind: "asAt", commit: sha("c".repeat(40)), aborted } };
    expect(applied({ [PATH]: bumped }, rested, { change, older: { canary: inBraces } })).toEqual({ [PATH]: inBraces });
  });

  it("keeps somebody's newer word", () => {
    const newer = withImage(ROLLOUT, "registry.example.com/checkout:1.43.0");
    const aborted = { image: NEW, template: "f".repeat(16) };
    const change: Partial<Change> = { canaryTemplate: { kind: "asAt", commit: sha("c".repeat(40)), aborted } };
    expect(applied({ [PATH]: newer }, rested, { change, older: { canary: ROLLOUT } })).toEqual({});
  });

  it("is moved to any weight and back to the same bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 6 }), (weights) => {
        let text = ROLLOUT;
        for (const next of [...weights, 0]) {
          const from = manifestOf(text, rested);
          text = applied({ [PATH]: text }, rested, { change: { weight: weight(next) } })[PATH] ?? text;
          expect(manifestOf(text, rested)).toEqual({
            ...from,
            weight: next > 0 && next < from.weight ? from.weight : next,
          });
        }
        expect(text).toBe(ROLLOUT);
      }),
    );
  });
});

describe("an Argo Rollout that is refused", () => {
  it.each([
    [
      "blue and green",
      "    canary:\n",
      "    blueGreen: { activeService: a }\n    canary:\n",
      "found a strategy canary and a strategy blueGreen; a Rollout has one of them",
    ],
    [
      "analysis",
      "      steps:",
      "      analysis: { templates: [{ templateName: errors }] }\n      steps:",
      "no analysis runs in the cluster behind git's back",
    ],
    [
      "a rollback window",
      "spec:\n",
      "spec:\n  rollbackWindow: { revisions: 3 }\n",
      "an earlier version would skip the steps",
    ],
    [
      "ping and pong",
      "      steps:",
      "      pingPong: { pingService: a, pongService: b }\n      steps:",
      "its Services change roles",
    ],
    ["a stable that shrinks", "      steps:", "      dynamicStableScale: true\n      steps:", "an abort would wait"],
    ["aborts of its own", "spec:\n", "spec:\n  progressDeadlineAbort: true\n", "git would not say so"],
    ["another Service", "canaryService: checkout-canary", "canaryService: other", 'found the canaryService "other"'],
    ["no Service", "      stableService: checkout-stable\n", "", "found no stableService"],
    [
      "a workloadRef",
      "spec:\n",
      "spec:\n  workloadRef: { apiVersion: apps/v1, kind: Deployment, name: a }\n",
      "found a workloadRef",
    ],
    ["other steps", "        - pause: {}\n", "        - analysis: {}\n", "steps are [setWeight"],
    ["a pause that ends", "pause: {}", "pause: {duration: 5m}", "steps are [setWeight"],
    ["another namespace", "namespace: shop", "namespace: other", "the service's state says shop"],
    ["no name", "name: checkout, namespace", "namespace", "found no name"],
    [
      "neither a router nor replicas",
      /  replicas: 6\n|      trafficRouting:\n.*\n/g,
      "",
      "without a router the replicas make the share",
    ],
    [
      "no router in trafficRouting",
      "nginx: { stableIngress: checkout }",
      "managedRoutes: []",
      "found a trafficRouting without a router; the controller would count pods as with a router",
    ],
    ["an empty trafficRouting", /trafficRouting:\n.*\n/, "trafficRouting: {}\n", "a trafficRouting without a router"],
    ["a router of null", "nginx: { stableIngress: checkout }", "nginx: null", "a trafficRouting without a router"],
    ["a surge in words", /trafficRouting:\n.*\n/, "maxSurge: some\n", 'found a maxSurge of "some"'],
  ])("for %s", (_, what, instead, why) => {
    const text = ROLLOUT.replace(what, instead);
    expect(text).not.toBe(ROLLOUT);
    expect(refusalText(errorOf(read({ [PATH]: text }, at(CLAIMED))))).toContain(why);
  });

  it.each([
    ["no workloadRef", "", "found no workloadRef"],
    [
      "another kind",
      "  workloadRef: { apiVersion: v1, kind: PodTemplate, name: checkout }\n",
      'of the kind "PodTemplate"',
    ],
    [
      "a Deployment that is not there",
      "  workloadRef: { apiVersion: apps/v1, kind: Deployment, name: other }\n",
      "no Deployment other",
    ],
  ])("where the state names a Deployment, for %s", (_, ref, why) => {
    const bare = ROLLOUT.replace(/ {2}selector[^]*(?= {2}strategy)/, ref);
    const deployment = `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: checkout }\nspec: { template: { spec: { containers: [{ name: checkout, image: "${OLD}" }] } } }\n`;
    expect(refusalText(errorOf(read({ [PATH]: bare, [OWNED.workload]: deployment }, at(OWNED))))).toContain(why);
  });

  it("but not for what is null", () => {
    const text = ROLLOUT.replace("spec:\n", "spec:\n  rollbackWindow: null\n  progressDeadlineAbort: ~\n");
    expect(manifestOf(text.replace("    canary:\n", "    blueGreen:\n    canary:\n")).weight).toBe(0);
  });

  it("for no file", () => {
    expect(refusalText(errorOf(read({}, at(CLAIMED))))).toContain("found no file");
  });
});

const COLOURS = `${ROLLOUT.slice(0, ROLLOUT.indexOf("    canary:"))}    blueGreen:
      activeService: checkout-stable
      previewService: checkout-canary
      autoPromotionEnabled: false # Tidegate's
`;

describe("a blue/green Rollout", () => {
  const two = at({ ...CLAIMED });
  const template = valueOf(read({ [PATH]: COLOURS }, two)).canary.template;
  const rested = at({ ...CLAIMED, stableTemplate: template });

  it("has all of its pods in either colour, and a weight of 0 or 100", () => {
    expect(manifestOf(COLOURS, rested)).toMatchObject({ weight: 0, blueGreen: true, canary: { replicas: 6 } });
    expect(manifestOf(COLOURS.replace("false #", "true #"), rested).weight).toBe(100);
    expect(manifestOf(ROLLOUT, rested)).not.toHaveProperty("blueGreen");
  });

  it("is switched, and rests, by one word", () => {
    const on = COLOURS.replace("false #", "true #");
    expect(applied({ [PATH]: COLOURS }, rested, { change: { weight: weight(100) } })).toEqual({ [PATH]: on });
    expect(applied({ [PATH]: on }, rested, { change: { weight: weight(0) } })).toEqual({ [PATH]: COLOURS });
    expect(applied({ [PATH]: on }, rested, { change: { weight: weight(100) } })).toEqual({});
  });

  it("gets its pod template back while it is switched", () => {
    const bumped = withImage(COLOURS, NEW);
    const aborted = { image: NEW, template: manifestOf(bumped, rested).canary.template };
    const change: Partial<Change> = {
      weight: weight(100),
      canaryTemplate: { kind: "asAt", commit: sha("c".repeat(40)), aborted },
    };
    expect(applied({ [PATH]: bumped }, rested, { change, older: { canary: COLOURS } })).toEqual({
      [PATH]: COLOURS.replace("false #", "true #"),
    });
  });

  it.each([
    ["nothing said of promotion", /.*autoPromotionEnabled.*\n/, "", "without it the controller switches to whatever"],
    ["a word that is none", "Enabled: false", 'Enabled: "false"', 'found the autoPromotionEnabled "false"'],
    [
      "promotion after a time",
      "    blueGreen:\n",
      "    blueGreen:\n      autoPromotionSeconds: 60\n",
      "the controller would switch by itself",
    ],
    [
      "analysis before",
      "    blueGreen:\n",
      "    blueGreen:\n      prePromotionAnalysis: { templates: [] }\n",
      "found a Rollout with prePromotionAnalysis; no analysis runs in the cluster",
    ],
    [
      "analysis after",
      "    blueGreen:\n",
      "    blueGreen:\n      postPromotionAnalysis: { templates: [] }\n",
      "found a Rollout with postPromotionAnalysis",
    ],
    [
      "a smaller preview",
      "    blueGreen:\n",
      "    blueGreen:\n      previewReplicaCount: 1\n",
      "more pods would start only after the last judgement",
    ],
    [
      "old pods that stay",
      "    blueGreen:\n",
      "    blueGreen:\n      scaleDownDelaySeconds: 0\n",
      "the pods of the version before would stay for good",
    ],
    ["a rollback window", "spec:\n", "spec:\n  rollbackWindow: { revisions: 3 }\n", "an earlier version would skip"],
    ["aborts of its own", "spec:\n", "spec:\n  progressDeadlineAbort: true\n", "git would not say so"],
    ["a pause of the whole", "spec:\n", "spec:\n  paused: true\n", "neither the switch nor the way back"],
    ["another Service", "activeService: checkout-stable", "activeService: other", 'found the activeService "other"'],
    ["no preview", "      previewService: checkout-canary\n", "", "found no previewService"],
  ])("is refused for %s", (_, what, instead, why) => {
    const text = COLOURS.replace(what, instead);
    expect(text).not.toBe(COLOURS);
    expect(refusalText(errorOf(read({ [PATH]: text }, rested)))).toContain(why);
  });

  it("is not refused for what is as good as not there", () => {
    const more =
      "    blueGreen:\n      autoPromotionSeconds: 0\n      scaleDownDelaySeconds: 600\n      prePromotionAnalysis: null\n";
    const text = COLOURS.replace("    blueGreen:\n", more).replace("spec:\n", "spec:\n  paused: false\n");
    expect(manifestOf(text, rested).weight).toBe(0);
  });
});

describe("replicas that make the share", () => {
  it.each([
    [5, "", 2],
    [5, "      maxSurge: 3\n", 3],
    [5, "      maxSurge: 0\n", 0],
    [10, '      maxSurge: "10%"\n', 1],
    [5, "      trafficRouting: null\n", 2],
    [5, "      trafficRouting:\n", 2],
  ])("%d replicas, %j: %d more for a while", (replicas, surge, expected) => {
    const text = ROLLOUT.replace(/ {6}trafficRouting:\n.*\n/, surge).replace("replicas: 6", `replicas: ${replicas}`);
    expect(manifestOf(text).ratio).toEqual({ replicas, surge: expected });
  });
});

const KUSTOMIZATION = "apps/checkout/prod/kustomization.yaml";
const OVERLAID: RolloutFiles = {
  ...OWNED,
  image: { path: KUSTOMIZATION, at: "images[registry.example.com/checkout].newTag", image: undefined },
};

describe("a Rollout whose version an overlay says", () => {
  const base = (text: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout }
spec:
  template:
    metadata: { labels: { app: checkout } }
    spec:
      containers:
        - name: checkout
${text}`;
  const overlay = (tag: string) => `resources: [../base]
images:
  - name: registry.example.com/checkout
    newTag: ${tag} # bumped by a bot
`;
  const owned = ROLLOUT.replace(
    /  selector[\s\S]*?(?=  strategy)/,
    "  workloadRef: { apiVersion: apps/v1, kind: Deployment, name: checkout }\n",
  );
  const texts = (deployment: string, tag: string): Texts => ({
    [OVERLAID.workload]: deployment,
    [KUSTOMIZATION]: overlay(tag),
    [PATH]: owned,
  });
  const [bare, tagged] = ["", ":0.0.0"].map((tag) => base(`          image: registry.example.com/checkout${tag}\n`));

  it.each([
    ["has no tag there", bare],
    ["has another tag there", tagged],
    ["has no image there", base("          env: []\n")],
  ])("runs that version, where the pod template %s", (_, deployment = "") => {
    const [one, other] = ["1.41.0", "1.42.0"].map((tag) => valueOf(read(texts(deployment, tag), at(OVERLAID))).canary);
    expect([one?.image, other?.image]).toEqual([OLD, NEW]);
    expect([one?.template === other?.template, one?.besides === other?.besides]).toEqual([false, true]);
  });

  it("tells a change of the pod template besides", () => {
    const [one, other] = ["", "          env: []\n"].map(
      (more) => valueOf(read(texts(`${bare}${more}`, "1.41.0"), at(OVERLAID))).canary,
    );
    expect([one?.image === other?.image, one?.besides === other?.besides]).toEqual([true, false]);
  });

  it("has the version alone taken back, unless another one is there by now", () => {
    const { template } = valueOf(read(texts(bare ?? "", "1.42.0"), at(OVERLAID))).canary;
    const change = {
      canaryTemplate: { kind: "asAt", commit: sha("c".repeat(40)), aborted: { image: NEW, template } },
    } as const;
    const older = { canary: overlay("1.41.0") };
    expect(applied(texts(bare ?? "", "1.42.0"), at(OVERLAID), { change, older })).toEqual({
      [KUSTOMIZATION]: overlay("1.41.0"),
    });
    expect(applied(texts(bare ?? "", "1.43.0"), at(OVERLAID), { change, older })).toEqual({});
  });
});
