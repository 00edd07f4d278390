import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { name } from "../../src/core/names.ts";
import { evaluate } from "../../src/manifest/kustomize/evaluate.ts";
import { kindOf } from "../../src/manifest/kustomize/object.ts";
import type { Wish } from "../../src/opt-in/model.ts";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { refusedText } from "../../src/opt-in/refused.ts";
import type { Template } from "../../src/template/model.ts";
import { errorOf, valueOf } from "../manifest/builders.ts";
import { applied, groundOf, type Files } from "../support/opt-in-ground.ts";
import { own, shipped, templateIn } from "../template/facts.ts";

const LIBRARY = shipped();

function wish(template = "canary-argo-rollouts-istio", given: Readonly<Record<string, string>> = {}): Wish {
  return {
    service: "checkout",
    targets: undefined,
    template: templateIn(LIBRARY, template),
    parameters: new Map(Object.entries(given).filter(([key]) => takes(template, key))),
    namespace: undefined,
  };
}

function takes(template: string, parameter: string): boolean {
  return templateIn(LIBRARY, template).parameters.some((one) => one.name === parameter);
}

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout }
spec:
  replicas: 3
  selector: { matchLabels: { app: checkout } }
  template:
    metadata: { labels: { app: checkout } }
    spec:
      containers:
        - name: checkout
          image: registry.example.com/checkout:1.0.0
`;
const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: checkout }
spec:
  selector: { app: checkout }
  ports: [{ port: 80 }]
`;
const BASE = "apps/checkout/base/deployment.yaml";
const OVERLAY = "apps/checkout/prod/kustomization.yaml";
const ROLLOUT = "apps/checkout/prod/tidegate/rollout.yaml";
const STATE = ".tidegate/services/checkout.yaml";

/** A base, and an overlay of it with some more lines. */
function repository(more = "", files: Readonly<Record<string, string>> = {}): Files {
  return new Map(
    Object.entries({
      [BASE]: DEPLOYMENT,
      "apps/checkout/base/service.yaml": SERVICE,
      "apps/checkout/base/kustomization.yaml": "resources: [deployment.yaml, service.yaml]\n",
      [OVERLAY]: `namespace: shop\nresources:\n  - ../base\n${more}`,
      ...files,
    }),
  );
}

const HPA = "apps/checkout/prod/hpa.yaml";
const AUTOSCALER = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: checkout }
spec: { minReplicas: 2, maxReplicas: 9, scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: checkout } }
`;

/** The same with an autoscaler in the overlay. */
function scaledBy(text: string): Files {
  return repository("  - hpa.yaml\n", { [HPA]: text });
}

/** What an overlay renders of its autoscalers and of how many pods the others say. */
function scaling(files: Files) {
  const { objects } = evaluate((path) => files.get(path), "apps/checkout/prod");
  return objects
    .filter((object) => ["Deployment", "Rollout", "HorizontalPodAutoscaler"].includes(kindOf(object)))
    .map(({ value }) => {
      const { kind, metadata, spec } = SCALING.parse(value);
      const { replicas, scaleTargetRef: of, minReplicas, maxReplicas } = spec;
      const said = of === undefined ? `${replicas}` : `${of.kind} ${of.name} ${minReplicas}..${maxReplicas}`;
      return `${kind} ${metadata.name}: ${said}`;
    })
    .toSorted();
}

const Count = z.number().optional();
const SCALING = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    replicas: Count,
    minReplicas: Count,
    maxReplicas: Count,
    scaleTargetRef: z.object({ kind: z.string(), name: z.string() }).optional(),
  }),
});

function stepIn(files: Files, asked = wish()): Files {
  return applied(files, valueOf(optIn(groundOf(files), asked)).files);
}

function stepOut(files: Files): Files {
  return applied(files, valueOf(optOut(groundOf(files), { service: "checkout", targets: undefined })).files);
}

function refusals(files: Files, asked = wish()): readonly string[] {
  return errorOf(optIn(groundOf(files), asked)).map(
    ({ code, path, line, found }) => `${code} ${path}:${line}: ${found}`,
  );
}

function edited(files: Files, path: string, work: (text: string) => string): Files {
  return new Map([...files, [path, work(files.get(path) ?? "")]]);
}

/** What the templates must be told. */
const GIVEN = { hostnames: "checkout.example.com", gateway: "public" };

function isRouted({ drive }: Template): boolean {
  return drive.kind === "rollout" && (drive.router !== undefined || drive.strategy === "blueGreen");
}

describe("a Deployment whose pods a Rollout is to run", () => {
  it("is under Tidegate after the second step alone, which the same words write", () => {
    const before = repository();
    const first = valueOf(optIn(groundOf(before), wish()));
    expect([first.state, first.first, first.targets]).toEqual([undefined, ["prod"], ["prod"]]);
    expect(first.files.has(STATE)).toBe(false);
    const second = valueOf(optIn(groundOf(applied(before, first.files)), wish()));
    expect([second.first, [...(second.state?.targets.keys() ?? [])]]).toEqual([[], [name("prod")]]);
    const after = applied(applied(before, first.files), second.files);
    expect(errorOf(optIn(groundOf(after), wish())).map(({ code }) => code)).toEqual(["opted-in"]);
  });

  it("keeps its file and what people bump, in both steps", () => {
    const before = repository();
    const after = stepIn(stepIn(before));
    expect([...before.keys()].filter((path) => before.get(path) !== after.get(path))).toEqual([OVERLAY]);
    expect(after.get(OVERLAY)).toBe(`${before.get(OVERLAY)}  - tidegate\ntransformers:\n  - tidegate/arms.yaml\n`);
  });

  it("leaves in two steps, byte for byte those that it came by", () => {
    const before = repository();
    const first = stepIn(before);
    const out = stepOut(stepIn(first));
    expect([...out]).toEqual(expect.arrayContaining([...first]));
    expect(out.size).toBe(first.size);
    expect(stepIn(out)).toEqual(stepIn(first));
    expect(stepOut(out)).toEqual(before);
  });

  it("has the Rollout keep as many pods as people say by then, when it leaves", () => {
    const after = edited(stepIn(stepIn(repository())), BASE, (text) => text.replace("replicas: 3", "replicas: 7"));
    expect(stepOut(after).get(ROLLOUT)).toContain("replicas: 7");
  });

  it.each([
    ["a version waits", BASE, (text: string) => text.replace("1.0.0", "1.1.0")],
    ["another pod template waits", BASE, (text: string) => `${text}          env: []\n`],
    ["a weight is live", STATE, (text: string) => text.replace("weight: 0", "weight: 5")],
  ])("does not leave while %s", (_, path, work) => {
    const after = edited(stepIn(stepIn(repository())), path, work);
    const refused = errorOf(optOut(groundOf(after), { service: "checkout", targets: undefined }));
    expect(refused.map(({ code }) => code)).toEqual(["release"]);
  });

  it.each([
    [
      "the Deployment has no pods",
      (files: Files) => edited(files, BASE, (text) => text.replace("replicas: 3", "replicas: 0")),
      "Rollout shop/checkout: the Deployment has no pods that would take over",
    ],
    [
      "the Rollout steers, and somebody has taken the state away",
      (files: Files) => new Map([...stepIn(files)].filter(([path]) => path !== STATE)),
      "stableService of Rollout shop/checkout: it steers, and no state says which version is stable",
    ],
  ])("does not lose the Rollout while %s", (_, work, said) => {
    const files = work(stepIn(repository()));
    const refused = errorOf(optOut(groundOf(files), { service: "checkout", targets: undefined }));
    expect(refused.map(refusedText).join("\n")).toContain(said);
  });

  it.each([
    [
      "an autoscaler of KEDA's",
      scaledBy(
        `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: { name: checkout }
spec: { maxReplicaCount: 9, scaleTargetRef: { name: checkout } }
`,
      ),
      "autoscaler apps/checkout/prod/hpa.yaml:1: ScaledObject shop/checkout",
    ],
    [
      "an autoscaler that does not say how far it scales",
      scaledBy(AUTOSCALER.replace("maxReplicas: 9, ", "")),
      "autoscaler apps/checkout/prod/hpa.yaml:1: HorizontalPodAutoscaler shop/checkout",
    ],
    [
      "two autoscalers",
      scaledBy(`${AUTOSCALER}---\n${AUTOSCALER.replace("name: checkout }", "name: second }")}`),
      "autoscaler apps/checkout/prod/hpa.yaml:6: HorizontalPodAutoscaler shop/second",
    ],
    [
      "a patch of its pods",
      repository(
        `patches:\n  - target: { kind: Deployment }\n    patch: '[{"op":"add","path":"/spec/template/spec/priorityClassName","value":"high"}]'\n`,
      ),
      `pod-template ${BASE}:1: its pod template`,
    ],
    [
      "a VirtualService with several routes",
      repository("  - route.yaml\n", {
        "apps/checkout/prod/route.yaml": `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: shop }
spec:
  hosts: [checkout]
  http:
    - match: [{ uri: { prefix: /slow } }]
      route: [{ destination: { host: checkout } }]
    - route: [{ destination: { host: checkout } }]
`,
      }),
      "route apps/checkout/prod/route.yaml:1: several routes of VirtualService shop/checkout",
    ],
  ])("is refused with %s", (_, files, said) => {
    expect(refusals(files)).toEqual([said]);
  });

  it("is refused with a name that its kustomization makes", () => {
    const asked = { ...wish(), service: "eu-checkout" };
    expect(refusals(repository("namePrefix: eu-\n"), asked)).toEqual([`renamed ${BASE}:1: the name eu-checkout`]);
  });

  it("is not split by a route once a Rollout runs beside it", () => {
    expect(refusals(stepIn(repository()), wish("canary-istio"))).toEqual([
      `controller ${ROLLOUT}:1: Rollout shop/checkout`,
    ]);
  });

  it("may have any route in front, where pods make the share", () => {
    const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: checkout, namespace: shop }
spec: { defaultBackend: { service: { name: checkout, port: { number: 80 } } } }
`;
    const files = repository("  - ingress.yaml\n", { "apps/checkout/prod/ingress.yaml": ingress });
    const after = stepIn(stepIn(files, wish("canary-argo-rollouts")), wish("canary-argo-rollouts"));
    expect(after.get(STATE)).toContain("arms: { canary: checkout-canary, stable: checkout, by: workload }");
    expect(after.get("apps/checkout/prod/ingress.yaml")).toBe(ingress);
    expect(stepOut(stepOut(after))).toEqual(files);
  });

  it.each([...LIBRARY.templates.values()].filter(isRouted).map(({ name: called }) => called))(
    "takes its autoscaler along by %s, over a time in which both have all the pods that it may give, and back",
    (template) => {
      const asked = wish(template, GIVEN);
      const before = scaledBy(AUTOSCALER);
      const first = stepIn(before, asked);
      const beside = [
        "Deployment checkout: 3",
        "HorizontalPodAutoscaler checkout-beside: Rollout checkout 9..9",
        "HorizontalPodAutoscaler checkout: Deployment checkout 9..9",
        "Rollout checkout: undefined",
      ];
      expect(scaling(first)).toEqual(beside);
      const second = stepIn(first, asked);
      expect(scaling(second)).toEqual([
        "Deployment checkout: 0",
        "HorizontalPodAutoscaler checkout: Rollout checkout 2..9",
        "Rollout checkout: undefined",
      ]);
      expect([first, second].map((files) => files.get(HPA))).toEqual([AUTOSCALER, AUTOSCALER]);
      const out = stepOut(second);
      expect(scaling(out)).toEqual(beside);
      expect(Object.fromEntries([...out].filter(([path]) => path !== STATE))).toEqual(Object.fromEntries(first));
      expect(stepOut(out)).toEqual(before);
    },
  );

  it("says what becomes of its autoscaler in each of the two steps", () => {
    const about = (files: Files) =>
      valueOf(optIn(groundOf(files), wish()))
        .remarks.filter(({ path }) => path === HPA)
        .map(({ says }) => says);
    const before = scaledBy(AUTOSCALER);
    expect(about(before)).toEqual([
      "HorizontalPodAutoscaler shop/checkout gives the Deployment its 9 pods until the second step, so that either has enough for all requests whenever the other goes",
    ]);
    expect(about(stepIn(before))).toEqual([
      "HorizontalPodAutoscaler shop/checkout is rendered to scale the Rollout checkout from then on; let what syncs take the owned HorizontalPodAutoscaler checkout-beside away (prune), or the Rollout keeps all the pods that it may have",
    ]);
  });

  it.each([
    ["a HorizontalPodAutoscaler", AUTOSCALER.replace("checkout }", "checkout, namespace: shop }")],
    ["an autoscaler whose file says no namespace", AUTOSCALER],
    [
      "a ScaledObject of KEDA's",
      "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: { name: checkout }\nspec: { maxReplicaCount: 9, scaleTargetRef: { name: checkout } }\n",
    ],
  ])("is refused in either step where %s is rendered elsewhere", (_, text) => {
    const path = "autoscaling/prod/checkout.yaml";
    const beside = (files: Files) =>
      new Map([...files, [path, text], ["autoscaling/prod/kustomization.yaml", "resources: [checkout.yaml]\n"]]);
    const kind = text.startsWith("apiVersion: keda") ? "ScaledObject" : "HorizontalPodAutoscaler";
    const said = [`autoscaler ${path}:1: ${kind} checkout`];
    expect(refusals(beside(repository()))).toEqual(said);
    expect(refusals(beside(stepIn(repository())))).toEqual(said);
  });

  it("leaves autoscalers of other namespaces and of other targets to themselves", () => {
    const other = AUTOSCALER.replace("checkout }", "checkout, namespace: market }");
    const files = new Map([
      ...scaledBy(AUTOSCALER),
      ["autoscaling/market.yaml", other],
      ["apps/checkout/staging/kustomization.yaml", "resources: [../base, hpa.yaml]\n"],
      ["apps/checkout/staging/hpa.yaml", AUTOSCALER],
    ]);
    const step = valueOf(optIn(groundOf(files), { ...wish(), targets: ["prod"] }));
    expect(step.targets).toEqual(["prod"]);
  });

  it("is refused where nothing in git says how many pods it has", () => {
    const unsaid = (files: Files) => edited(files, BASE, (text) => text.replace("  replicas: 3\n", ""));
    expect(refusals(unsaid(repository()))).toEqual([`autoscaler ${BASE}:1: no replicas`]);
    expect(refusals(unsaid(stepIn(repository())))).toEqual([`autoscaler ${BASE}:1: no replicas`]);
    expect(scaling(stepIn(unsaid(scaledBy(AUTOSCALER))))).toContain("Rollout checkout: undefined");
  });

  it("takes no pods from a Deployment that has more by now than the Rollout beside it", () => {
    const more = edited(stepIn(repository()), BASE, (text) => text.replace("replicas: 3", "replicas: 7"));
    expect(refusals(more)).toEqual([`no-pods ${ROLLOUT}:1: Rollout shop/checkout with 3 replicas`]);
    const mended = edited(more, ROLLOUT, (text) => text.replace("replicas: 3", "replicas: 7"));
    expect(scaling(stepIn(mended))).toEqual(["Deployment checkout: 0", "Rollout checkout: 7"]);
  });

  it("keeps its autoscaler where pods make the share", () => {
    expect(refusals(scaledBy(AUTOSCALER), wish("canary-argo-rollouts"))).toEqual([
      `autoscaler ${HPA}:1: HorizontalPodAutoscaler shop/checkout`,
    ]);
  });

  it("keeps its autoscaler where another kustomization has the last word on it", () => {
    const files = new Map([
      ...scaledBy(AUTOSCALER),
      [OVERLAY, "resources: [../inner, hpa.yaml]\n"],
      ["apps/checkout/inner/kustomization.yaml", "namespace: shop\nresources: [../base]\n"],
    ]);
    expect(refusals(files)).toEqual([`autoscaler ${HPA}:1: HorizontalPodAutoscaler checkout`]);
  });

  it("is refused by a template of the repository's own whose blue/green Rollout has no preview", () => {
    const text = `version: 1
title: Without a preview
summary: It is for a test.
extends: blue-green-argo-rollouts
objects:
  rollout.yaml: { object: { spec: { strategy: { blueGreen: { previewService: null } } } } }
`;
    const asked = { ...wish(), template: templateIn(own(text), "own") };
    expect(
      errorOf(optIn(groundOf(repository()), asked))
        .map(refusedText)
        .join("\n"),
    ).toContain("its Rollout has no previewService");
  });

  it("steers by nothing but the owned Service, and rolls by itself, beside its Deployment", () => {
    const first = stepIn(repository(), wish("blue-green-argo-rollouts"));
    expect(parse(first.get(ROLLOUT) ?? "")).toMatchObject({
      spec: { replicas: 3, strategy: { blueGreen: { activeService: "checkout-canary" } } },
    });
    expect(first.get(ROLLOUT)).not.toMatch(/previewService|autoPromotion|scaleDownDelay/);
    const second = stepIn(first, wish("blue-green-argo-rollouts"));
    expect(parse(second.get(ROLLOUT) ?? "")).toMatchObject({
      spec: {
        strategy: {
          blueGreen: { activeService: "checkout", previewService: "checkout-canary", autoPromotionEnabled: false },
        },
      },
    });
  });

  it("does not lose a blue/green Rollout that steers, where somebody has taken the state away", () => {
    const files = stepIn(stepIn(repository(), wish("blue-green-argo-rollouts")), wish("blue-green-argo-rollouts"));
    const rest = new Map([...files].filter(([path]) => path !== STATE));
    const refused = errorOf(optOut(groundOf(rest), { service: "checkout", targets: undefined }));
    expect(refused.map(refusedText).join("\n")).toContain("previewService of Rollout shop/checkout: it steers");
  });

  it("says where its number of pods is written from then on", () => {
    const said = (template: string) => {
      const first = stepIn(repository(), wish(template));
      return valueOf(optIn(groundOf(first), wish(template))).remarks.map(({ path, says }) => `${path}: ${says}`);
    };
    expect(said("canary-argo-rollouts-istio")).toContainEqual(
      `${BASE}: its number of pods goes on being written where it is: it is rendered as the Rollout's`,
    );
    expect(said("canary-argo-rollouts")).toContainEqual(
      `${ROLLOUT}: the number of pods is that of ${ROLLOUT} from then on`,
    );
  });
});
