import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { name } from "../../src/core/names.ts";
import type { Data } from "../../src/manifest/data.ts";
import { evaluate } from "../../src/manifest/kustomize/evaluate.ts";
import { withAt } from "../../src/manifest/kustomize/value.ts";
import { templatesFor } from "../../src/opt-in/choice.ts";
import type { Wish } from "../../src/opt-in/model.ts";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { refusedText } from "../../src/opt-in/refused.ts";
import { errorOf, valueOf } from "../manifest/builders.ts";
import { applied, groundOf, type Files } from "../support/opt-in-ground.ts";
import { shipped, templateIn } from "../template/facts.ts";

const LIBRARY = shipped();
const ASKED = { service: "till", targets: undefined, parameters: new Map<string, string>(), namespace: undefined };

function wish(template = "canary-flagger", more: Partial<Wish> = {}): Wish {
  return { ...ASKED, template: templateIn(LIBRARY, template), ...more };
}

const LISTS = `    stepWeights: # slowly
    - 10
    - 40
    - 80
`;
const CANARY = `apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: till
spec:
  provider: istio
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: till }
  service: { port: 80 }
  analysis:
    interval: 30s
    threshold: 1
${LISTS}`;
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: till }
spec:
  selector: { matchLabels: { app: till } }
  template:
    metadata: { labels: { app: till } }
    spec: { containers: [{ name: till, image: "registry.example.com/till:1.0.0" }] }
`;
const IMAGES = "images:\n- name: registry.example.com/till\n  newTag: 1.4.0 # bumped\n";

const BASE = "apps/till/base/canary.yaml";
const WORKLOAD = "apps/till/base/deployment.yaml";
const OVERLAY = "apps/till/prod/kustomization.yaml";
const STATE = ".tidegate/services/till.yaml";

/** A Canary in a base that one overlay reads. */
function overlaid(canary = CANARY, more = IMAGES, files: Readonly<Record<string, string>> = {}): Files {
  return new Map(
    Object.entries({
      [BASE]: canary,
      [WORKLOAD]: DEPLOYMENT,
      "apps/till/base/kustomization.yaml": "resources: [deployment.yaml, canary.yaml]\n",
      [OVERLAY]: `namespace: shop\nresources:\n  - ../base\n${more}`,
      ...files,
    }),
  );
}

const enter = (files: Files, asked = wish()) => valueOf(optIn(groundOf(files), asked));
const leave = (files: Files) => optOut(groundOf(files), { service: "till", targets: undefined });
const back = (files: Files) => applied(files, valueOf(leave(files)).files);
const refusals = (files: Files, asked = wish()) => errorOf(optIn(groundOf(files), asked));
const edited = (files: Files, path: string, work: (text: string) => string): Files =>
  new Map([...files, [path, work(files.get(path) ?? "")]]);

describe("a Canary of Flagger's that is there", () => {
  it("is claimed by its two lists alone, with what they were, and the version where an overlay says it", () => {
    const files = overlaid();
    const done = enter(files);
    expect([...done.files.keys()].toSorted()).toEqual([STATE, BASE]);
    expect([done.standing, done.first, done.plan.steps]).toEqual([[name("prod")], [], [10, 40]]);
    const gate = (type: string) =>
      `    - { name: tidegate-${type}, type: ${type}, url: http://127.0.0.1:9/, muteAlert: true }\n`;
    const rest = `    stepWeights: []\n    webhooks:\n${gate("confirm-rollout")}${gate("confirm-promotion")}`;
    expect(done.files.get(BASE)).toBe(CANARY.replace(LISTS, rest));
    expect(done.state?.claims).toEqual([
      { path: BASE, at: "spec.analysis.stepWeights", was: " # slowly\n    - 10\n    - 40\n    - 80" },
      { path: BASE, at: "spec.analysis.webhooks", was: "" },
    ]);
    expect(done.state?.targets.get(name("prod"))).toMatchObject({
      namespace: "shop",
      arms: { canary: "till-canary", stable: "till-primary", by: "service" },
      manifests: { rollout: BASE, workload: WORKLOAD, image: { path: OVERLAY } },
      weight: 0,
      stable: "registry.example.com/till:1.4.0",
    });
    const said = done.remarks.map(({ says }) => says).join("\n");
    expect(said).toContain("merge it while the Canary is Initialized, Succeeded or Failed");
    expect(said).toContain("its weights 80 are not proposed");
    expect(back(applied(files, done.files))).toEqual(files);
  });

  it("needs no word for its template, and takes no other", () => {
    const { kind, templates } = valueOf(templatesFor(groundOf(overlaid()), ASKED, LIBRARY.templates.values()));
    expect([kind, templates.map((one) => one.name)]).toEqual(["fitting", ["canary-flagger"]]);
    for (const other of ["canary-istio", "canary-argo-rollouts-istio"])
      expect(refusals(overlaid(), wish(other)).map(({ code }) => code)).toEqual(["controller"]);
  });

  it("may lie in a folder without a kustomization, which gets none", () => {
    const files = new Map([
      ["apps/till/prod/canary.yaml", CANARY],
      ["apps/till/prod/deployment.yaml", DEPLOYMENT],
    ]);
    const done = enter(files, wish("canary-flagger", { namespace: name("shop") }));
    expect([...done.files.keys()].toSorted()).toEqual([STATE, "apps/till/prod/canary.yaml"]);
    expect(back(applied(files, done.files))).toEqual(files);
  });

  it("is named where something sends to a new version's pods, or scales them", () => {
    const service = `apiVersion: v1\nkind: Service\nmetadata: { name: metrics }\nspec: { selector: { app: till } }\n`;
    const scaled = CANARY.replace(
      "  service:",
      "  autoscalerRef: { kind: HorizontalPodAutoscaler, name: till }\n  service:",
    );
    const { remarks } = enter(
      overlaid(scaled, IMAGES, {
        "apps/till/base/metrics.yaml": service,
        "apps/till/base/kustomization.yaml": "resources: [deployment.yaml, canary.yaml, metrics.yaml]\n",
      }),
    );
    const said = remarks.map(({ path, says }) => `${path}: ${says}`).join("\n");
    expect(said).toContain("metrics.yaml: Service shop/metrics sends to the pods of a new version");
    expect(said).toContain("its autoscaler till goes on with it");
  });

  it.each<readonly [why: string, files: Files, code: string, said: string | RegExp]>([
    [
      "with metrics",
      overlaid(CANARY.replace("    threshold: 1\n", "    threshold: 1\n    metrics: [{ name: errors }]\n")),
      "standing",
      `${BASE}:12: a Canary with metrics`,
    ],
    [
      "with equal steps, and told the same as a list",
      overlaid(CANARY.replace(LISTS, "    stepWeight: 15\n    maxWeight: 60\n")),
      "standing",
      /canary.yaml:12: a Canary with stepWeight[^]*stepWeights: \[15, 30, 45\] in place of stepWeight and maxWeight/,
    ],
    [
      "with something else first, of which alone is spoken",
      overlaid(CANARY.replace(LISTS, "    stepWeight: 15\n").replace("  service:", "  suspend: true\n  service:")),
      "standing",
      /canary.yaml:8: a Canary with suspend[^]*change that first, or leave it to its controller/,
    ],
    [
      "with a number of pods that an overlay says",
      overlaid(CANARY, `${IMAGES}replicas: [{ name: till, count: 3 }]\n`),
      "standing",
      `${WORKLOAD}:1: replicas: 3`,
    ],
    [
      "with a Service of its own in git",
      overlaid(CANARY, IMAGES, {
        "apps/till/base/kustomization.yaml": "resources: [deployment.yaml, canary.yaml, service.yaml]\n",
        "apps/till/base/service.yaml": `apiVersion: v1\nkind: Service\nmetadata: { name: till }\nspec: { selector: { app: till } }\n`,
      }),
      "standing",
      "service.yaml:1: Service shop/till: Flagger has it send to stable's pods",
    ],
    [
      "in the Deployment's own file",
      new Map([["apps/till/prod/all.yaml", `${CANARY}---\n${DEPLOYMENT}`]]),
      "standing",
      /all.yaml:\d+: Deployment till in the Canary's file/,
    ],
    [
      "with weights that a patch says",
      overlaid(
        CANARY,
        `${IMAGES}patches:\n- target: { kind: Canary }\n  patch: '[{"op":"replace","path":"/spec/analysis/stepWeights","value":[5]}]'\n`,
      ),
      "standing",
      `${BASE}:1: spec.analysis.stepWeights`,
    ],
    [
      "with anything else of it that a patch says",
      overlaid(
        CANARY,
        `${IMAGES}patches:\n- target: { kind: Canary }\n  patch: '[{"op":"add","path":"/spec/skipAnalysis","value":true}]'\n`,
      ),
      "standing",
      `${BASE}:1: Canary shop/till`,
    ],
  ])("is refused %s", (_, files, code, said) => {
    const [first] = refusals(files, wish("canary-flagger", { namespace: name("shop") }));
    expect(first?.code).toBe(code);
    expect(first && refusedText(first)).toEqual(
      said instanceof RegExp ? expect.stringMatching(said) : expect.stringContaining(said),
    );
  });

  it("is refused in a base of several targets, with what to do", () => {
    const files = overlaid(CANARY, IMAGES, {
      "apps/till/dev/kustomization.yaml": "namespace: dev\nresources: [../base]\n",
    });
    const all = refusals(files);
    expect(all.map(({ target, path, code }) => [target, path, code])).toEqual([
      ["dev", BASE, "standing"],
      ["prod", BASE, "standing"],
    ]);
    expect(all[0]?.advice).toContain("a file of its own with that object");
  });

  it("is what this template wants: without one it is refused, with what to do by hand first", () => {
    const files = overlaid(CANARY, IMAGES, { "apps/till/base/kustomization.yaml": "resources: [deployment.yaml]\n" });
    const [first] = refusals(files);
    expect(first).toMatchObject({ code: "controller", path: WORKLOAD, line: 1 });
    expect(first && refusedText(first)).toMatch(/flagger#1202[^]*write the Canary by hand[^]*Initialized, then opt in/);
  });
});

describe("a Canary that leaves", () => {
  const files = overlaid();
  const inside = applied(files, enter(files).files);

  it.each([
    ["a version waits", OVERLAY, (text: string) => text.replace("1.4.0", "1.5.0"), "release"],
    ["a weight is live", STATE, (text: string) => text.replace("weight: 0", "weight: 5"), "release"],
    ["a gate is open", BASE, (text: string) => text.replace(/.*tidegate-confirm-rollout.*\n/, ""), "edited"],
    ["nobody has recorded what it had", STATE, (text: string) => text.replace(/, was: "" }/, " }"), "edited"],
  ])("does not while %s", (_, path, work, code) => {
    const now = edited(inside, path, work);
    expect(now).not.toEqual(inside);
    expect(errorOf(leave(now)).map((one) => one.code)).toEqual([code]);
  });

  it("keeps what people have changed beside its lists", () => {
    const work = (text: string) => text.replace("interval: 30s", "interval: 1m");
    expect(back(edited(inside, BASE, work))).toEqual(edited(files, BASE, work));
  });

  it("is the one of before, with nothing else rendered in between but its two lists, whatever they were", () => {
    const weights = fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 4 }), { nil: undefined });
    fc.assert(
      fc.property(weights, fc.boolean(), fc.boolean(), fc.boolean(), (list, isFlow, isFirst, isCrlf) => {
        const lines =
          isFlow || list?.length === 0
            ? ` [${list?.join(", ")}]`
            : `${list?.map((one) => `\n      - ${one}`).join("")}`;
        const said = list === undefined ? "" : `    stepWeights:${lines}\n`;
        const around = "    interval: 30s\n    threshold: 1\n    alerts: [] # none\n";
        const head = CANARY.slice(0, CANARY.indexOf("    interval"));
        const text = `${head}${isFirst ? `${said}${around}` : `${around}${said}`}`;
        const before = overlaid(isCrlf ? text.replaceAll("\n", "\r\n") : text);
        const now = applied(before, enter(before).files);
        const bare = (all: Files) =>
          evaluate((path) => all.get(path), "apps/till/prod").objects.map((one) =>
            ["stepWeights", "webhooks"].reduce<Data>(
              (rest, key) => withAt(rest, ["spec", "analysis", key], undefined),
              one.value,
            ),
          );
        expect(bare(now)).toEqual(bare(before));
        expect(back(now)).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });
});
