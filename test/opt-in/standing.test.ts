import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { name } from "../../src/core/names.ts";
import { evaluate } from "../../src/manifest/kustomize/evaluate.ts";
import { kindOf, nameOf } from "../../src/manifest/kustomize/object.ts";
import { at, withAt } from "../../src/manifest/kustomize/value.ts";
import { readMember } from "../../src/manifest/member.ts";
import { templatesFor } from "../../src/opt-in/choice.ts";
import type { Wish } from "../../src/opt-in/model.ts";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { refusedText } from "../../src/opt-in/refused.ts";
import { errorOf, valueOf } from "../manifest/builders.ts";
import { applicationText } from "../support/layout-texts.ts";
import { applied, groundOf, type Files } from "../support/opt-in-ground.ts";
import { shipped, templateIn } from "../template/facts.ts";

const LIBRARY = shipped();
const ASKED = { service: "checkout", targets: undefined, parameters: new Map<string, string>(), namespace: undefined };

function wish(template = "canary-argo-rollouts-istio", more: Partial<Wish> = {}): Wish {
  return { ...ASKED, template: templateIn(LIBRARY, template), ...more };
}

const POD = `  selector: { matchLabels: { app: checkout } }
  template:
    metadata: { labels: { app: checkout } }
    spec:
      containers:
        - name: checkout
          image: registry.example.com/checkout:1.0.0
`;
const STEPS = `      steps:
        - setWeight: 20 # a fifth
        - pause: { duration: 10m }
        # half
        - setWeight: 50
        - pause: {}
        - setWeight: 80
`;
const CANARY = `    canary:
      canaryService: checkout-canary
      stableService: checkout
      trafficRouting: { istio: { virtualService: { name: checkout } } }
${STEPS}`;

function rollout(pod = POD, strategy = CANARY): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: checkout
spec:
  replicas: 4
${pod}  strategy:
${strategy}`;
}

const BY_REF = "  workloadRef: { apiVersion: apps/v1, kind: Deployment, name: checkout }\n";
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout }
spec:
  replicas: 0
${POD}`;
const SERVICES = ["checkout", "checkout-canary"]
  .map(
    (called) => `apiVersion: v1
kind: Service
metadata: { name: ${called} }
spec: { selector: { app: checkout }, ports: [{ port: 80 }] }
`,
  )
  .join("---\n");

const BASE = "apps/checkout/base/rollout.yaml";
const OVERLAY = "apps/checkout/prod/kustomization.yaml";
const STATE = ".tidegate/services/checkout.yaml";
const IMAGES = "images:\n- name: registry.example.com/checkout\n  newTag: 1.4.0 # bumped\n";

/** A Rollout in a base that one overlay reads. */
function overlaid(text = rollout(), more = "", files: Readonly<Record<string, string>> = {}): Files {
  return new Map(
    Object.entries({
      [BASE]: text,
      "apps/checkout/base/services.yaml": SERVICES,
      "apps/checkout/base/kustomization.yaml": "resources: [rollout.yaml, services.yaml]\n",
      [OVERLAY]: `namespace: shop\nresources:\n  - ../base\n${more}`,
      ...files,
    }),
  );
}

/** A Rollout in a base that two overlays read, which say the version. */
function several(more = IMAGES, text = rollout()): Files {
  const dev = `namespace: dev\nresources:\n  - ../base\n${more}`;
  return overlaid(text, more, { "apps/checkout/dev/kustomization.yaml": dev });
}

/** A Rollout that refers to a Deployment, in a folder of files. */
function plain(text = rollout(BY_REF)): Files {
  return new Map([
    ["apps/checkout/prod/rollout.yaml", text],
    ["apps/checkout/prod/deployment.yaml", DEPLOYMENT],
    ["apps/checkout/prod/services.yaml", SERVICES],
  ]);
}

const enter = (files: Files, asked = wish()) => valueOf(optIn(groundOf(files), asked));
const leave = (files: Files) => optOut(groundOf(files), { service: "checkout", targets: undefined });
const back = (files: Files) => applied(files, valueOf(leave(files)).files);
const refusals = (files: Files, asked = wish()) =>
  errorOf(optIn(groundOf(files), asked)).map(({ code, path, line, found }) => `${code} ${path}:${line}: ${found}`);
const edited = (files: Files, path: string, work: (text: string) => string): Files =>
  new Map([...files, [path, work(files.get(path) ?? "")]]);

describe("a Rollout that is there", () => {
  it("is claimed by its steps alone, with what they were, and the version where an overlay says it", () => {
    const files = overlaid(rollout(), IMAGES);
    const done = enter(files);
    expect([...done.files.keys()].toSorted()).toEqual([STATE, BASE]);
    expect([done.standing, done.first]).toEqual([[name("prod")], []]);
    const rest = "      steps:\n        - setWeight: 0\n        - setWeight: 0\n        - pause: {}\n";
    expect(done.files.get(BASE)).toBe(rollout().replace(STEPS, rest));
    const [claim] = done.state?.claims ?? [];
    expect(claim).toEqual({
      path: BASE,
      at: "spec.strategy.canary.steps",
      was: STEPS.slice(STEPS.indexOf("-")).trimEnd(),
    });
    expect(done.state?.owned).toEqual([]);
    expect(done.state?.targets.get(name("prod"))).toMatchObject({
      namespace: "shop",
      arms: { canary: "checkout-canary", stable: "checkout", by: "service" },
      manifests: { rollout: BASE, workload: BASE, image: { path: OVERLAY } },
      weight: 0,
      stable: "registry.example.com/checkout:1.4.0",
    });
    expect(back(applied(files, done.files))).toEqual(files);
  });

  it("proposes people's own weights and their longest pause as its plan, and says which it leaves out", () => {
    const { plan, remarks } = enter(overlaid());
    expect(plan).toMatchObject({ steps: [20, 50], bake: 600_000 });
    const said = remarks.map(({ line, says }) => `${line}: ${says}`).join("\n");
    expect(said).toContain("1: its weights 80 are not proposed");
    expect(said).toContain("merge it while the Rollout is Healthy");
    const waits =
      rollout()
        .split("\n")
        .findIndex((line) => line.includes("pause: {}")) + 1;
    expect(said).toContain(`${waits}: this pause waits for a person`);
  });

  it("may refer to a Deployment, in a folder without a kustomization, which gets none", () => {
    const done = enter(plain(), wish("canary-argo-rollouts-istio", { namespace: name("shop") }));
    expect([...done.files.keys()].toSorted()).toEqual([STATE, "apps/checkout/prod/rollout.yaml"]);
    expect(done.state?.targets.get(name("prod"))).toMatchObject({
      namespace: "shop",
      manifests: { rollout: "apps/checkout/prod/rollout.yaml", workload: "apps/checkout/prod/deployment.yaml" },
    });
    expect(back(applied(plain(), done.files))).toEqual(plain());
  });

  it("has bump bots told of owned files where there are such, and of nothing else", () => {
    const written = (files: Files) => [...enter(files).files.keys()].filter((path) => path === "renovate.json");
    const bot = ["renovate.json", '{ "extends": ["config:recommended"] }\n'] as const;
    expect(written(new Map([...overlaid(), bot]))).toEqual([]);
    const files = new Map([...several(), bot]);
    expect(written(files)).toEqual(["renovate.json"]);
    expect(back(applied(files, enter(files).files))).toEqual(files);
  });

  it("of two colours is claimed by its switch", () => {
    const blueGreen = "    blueGreen:\n      activeService: checkout\n      previewService: checkout-canary\n";
    const files = overlaid(rollout(POD, blueGreen));
    const done = enter(files, wish("blue-green-argo-rollouts"));
    expect(done.files.get(BASE)).toBe(rollout(POD, `${blueGreen}      autoPromotionEnabled: false\n`));
    expect(done.state?.claims).toMatchObject([{ at: "spec.strategy.blueGreen.autoPromotionEnabled", was: "" }]);
    expect(back(applied(files, done.files))).toEqual(files);
  });

  it.each([
    ["canary-argo-rollouts-istio", CANARY],
    [
      "canary-argo-rollouts-nginx",
      CANARY.replace("istio: { virtualService: { name: checkout } }", "nginx: { stableIngress: checkout }"),
    ],
    [
      "canary-argo-rollouts-alb",
      CANARY.replace("istio: { virtualService: { name: checkout } }", "alb: { ingress: checkout, servicePort: 80 }"),
    ],
    [
      "canary-argo-rollouts-gateway-api",
      CANARY.replace(
        "istio: { virtualService: { name: checkout } }",
        "plugins: { argoproj-labs/gatewayAPI: { httpRoute: checkout, namespace: shop } }",
      ),
    ],
    ["canary-argo-rollouts", CANARY.replace(/ {6}trafficRouting.*\n/, "")],
    ["blue-green-argo-rollouts", "    blueGreen: { activeService: checkout, previewService: checkout-canary }\n"],
  ])("needs no word for its template, which is %s by what its controller moves", (called, strategy) => {
    const files = overlaid(rollout(POD, strategy));
    const { kind, templates } = valueOf(templatesFor(groundOf(files), ASKED, LIBRARY.templates.values()));
    expect([kind, templates.map((one) => one.name)]).toEqual(["fitting", [called]]);
    expect(back(applied(files, enter(files, wish(called)).files))).toEqual(files);
  });

  it("has no template where its controller moves what none of them drives", () => {
    const files = overlaid(rollout(POD, CANARY.replace("istio: { virtualService: { name: checkout } }", "smi: {}")));
    const [refused] = errorOf(templatesFor(groundOf(files), ASKED, LIBRARY.templates.values()));
    expect(refused && refusedText(refused)).toContain("no template drives what its controller moves");
  });

  it("keeps targets apart: each has its own file, and goes in and out by itself", () => {
    const files = new Map(
      ["dev", "prod"].flatMap((target) => [
        [`apps/checkout/${target}/rollout.yaml`, rollout()] as const,
        [`apps/checkout/${target}/services.yaml`, SERVICES] as const,
        [
          `apps/checkout/${target}/kustomization.yaml`,
          `namespace: ${target}\nresources: [rollout.yaml, services.yaml]\n`,
        ] as const,
      ]),
    );
    const both = enter(files);
    expect(both.standing).toEqual([name("dev"), name("prod")]);
    const all = applied(files, both.files);
    const dev = applied(all, valueOf(optOut(groundOf(all), { service: "checkout", targets: ["dev"] })).files);
    expect(dev.get("apps/checkout/dev/rollout.yaml")).toBe(rollout());
    expect(dev.get(STATE)).toContain("apps/checkout/prod/rollout.yaml");
    expect(dev.get(STATE)).not.toContain("apps/checkout/dev/rollout.yaml");
    const one = enter(files, wish("canary-argo-rollouts-istio", { targets: ["prod"] }));
    expect(applied(files, one.files).get("apps/checkout/dev/rollout.yaml")).toBe(rollout());
    expect(back(dev)).toEqual(files);
  });
});

const PATCH = (patch: string) => `patches:\n- target: { kind: Rollout }\n  patch: '${patch}'\n`;

describe("a Rollout in a base of several targets", () => {
  const PATCH_FILE = "apps/checkout/prod/tidegate/rollout.yaml";

  it("keeps its file: each target's overlay gets an owned patch with the steps, which is where releases write", () => {
    const files = several();
    const done = enter(files);
    expect(done.standing).toEqual([name("dev"), name("prod")]);
    expect([...done.files.keys()].toSorted()).toEqual([
      STATE,
      "apps/checkout/dev/kustomization.yaml",
      "apps/checkout/dev/tidegate/arms.yaml",
      "apps/checkout/dev/tidegate/rollout.yaml",
      OVERLAY,
      "apps/checkout/prod/tidegate/arms.yaml",
      PATCH_FILE,
    ]);
    expect(done.files.get(OVERLAY)).toBe(`${files.get(OVERLAY)}transformers:\n  - tidegate/arms.yaml\n`);
    expect(done.files.get(PATCH_FILE)).toBe(`apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: checkout
spec:
  strategy:
    canary:
      steps:
        - setWeight: 0
        - setWeight: 0
        - pause: {}
`);
    expect(done.state?.claims).toEqual([]);
    expect(done.state?.owned).toEqual(["apps/checkout/dev/tidegate/", "apps/checkout/prod/tidegate/"]);
    expect(done.state?.targets.get(name("prod"))?.manifests).toMatchObject({
      rollout: PATCH_FILE,
      of: BASE,
      workload: BASE,
      image: { path: OVERLAY },
    });
    const after = applied(files, done.files);
    const { services, unplaced } = groundOf(after).inventory.fleet;
    expect(services.map((one) => [one.name, one.targets.map((target) => target.name)])).toEqual([
      ["checkout", ["dev", "prod"]],
    ]);
    expect(unplaced).toEqual([]);
    expect(back(after)).toEqual(files);
  });

  it("goes in and out target by target", () => {
    const files = several();
    const prod = applied(files, enter(files, wish("canary-argo-rollouts-istio", { targets: ["prod"] })).files);
    const both = applied(prod, enter(prod, wish("canary-argo-rollouts-istio", { targets: ["dev"] })).files);
    const owned = (now: Files) => [...now].filter(([path]) => path !== STATE);
    expect(new Map(owned(both))).toEqual(new Map(owned(applied(files, enter(files).files))));
    const dev = applied(both, valueOf(optOut(groundOf(both), { service: "checkout", targets: ["dev"] })).files);
    expect(dev).toEqual(prod);
    expect(back(dev)).toEqual(files);
  });

  it("is read in its own file for all but its steps: what git alone could not steer is seen there later too", () => {
    const done = enter(several());
    const after = applied(several(), done.files);
    const target = done.state?.targets.get(name("prod")) ?? expect.fail("no target");
    const member = (files: Files) => readMember(files, target, name("checkout"));
    expect(valueOf(member(after))).toMatchObject({ weight: 0, canary: { replicas: 4 } });
    for (const [was, is, said] of [
      ["replicas: 4", "replicas: 4\n  rollbackWindow: { revisions: 2 }", "a Rollout with rollbackWindow"],
      ["trafficRouting: {", "trafficRouting: { maxTrafficWeight: 1000,", 'a maxTrafficWeight of "1000"'],
      ["stableService: checkout", "stableService: other", 'the stableService "other"'],
    ] as const) {
      const refusal = errorOf(member(edited(after, BASE, (text) => text.replace(was, is))));
      expect([refusal.path, refusal.found]).toEqual([BASE, said]);
    }
  });

  it("of two colours has its switch in the patch", () => {
    const files = several(
      IMAGES,
      rollout(POD, "    blueGreen: { activeService: checkout, previewService: checkout-canary }\n"),
    );
    const done = enter(files, wish("blue-green-argo-rollouts"));
    expect(done.files.get(PATCH_FILE)).toContain("    blueGreen:\n      autoPromotionEnabled: false\n");
    expect(back(applied(files, done.files))).toEqual(files);
  });

  it("does not leave while a version waits in that target, nor where its entry is gone", () => {
    const after = applied(several(), enter(several()).files);
    const out = (files: Files) =>
      errorOf(optOut(groundOf(files), { service: "checkout", targets: ["prod"] })).map((one) => one.code);
    expect(out(edited(after, OVERLAY, (text) => text.replace("1.4.0", "1.5.0")))).toEqual(["release"]);
    expect(out(edited(after, OVERLAY, (text) => text.replace(/transformers:[^]*/, "")))).toEqual(["edited"]);
  });

  it("has the last word over an overlay's own patch of its steps", () => {
    const late = `transformers:\n  - late.yaml\n`;
    const files = new Map([
      ...several(`${IMAGES}${late}`),
      ...["dev", "prod"].map(
        (target) =>
          [
            `apps/checkout/${target}/late.yaml`,
            `apiVersion: builtin\nkind: PatchTransformer\nmetadata: { name: late }\ntarget: { kind: Rollout }\npatch: '[{"op":"replace","path":"/spec/strategy/canary/steps","value":[{"setWeight":5}]}]'\n`,
          ] as const,
      ),
    ]);
    // Ours is the last entry, and so the last word.
    const after = applied(files, enter(files).files);
    const made = evaluate((path) => after.get(path), "apps/checkout/prod").objects;
    expect(
      at(made.find((one) => kindOf(one) === "Rollout")?.value, "spec", "strategy", "canary", "steps"),
    ).toHaveLength(3);
    expect(back(after)).toEqual(files);
  });
});

type Refusing = readonly [
  why: string,
  files: Files,
  said: readonly string[],
  asked?: { readonly template?: string; readonly service?: string; readonly targets?: readonly string[] },
];

describe("a Rollout that is there is refused", () => {
  const refusing: readonly Refusing[] = [
    [
      "for steps that decide by themselves",
      overlaid(
        rollout().replace("        # half\n", "        - analysis: { templates: [{ templateName: errors }] }\n"),
      ),
      [`standing ${BASE}:22: a step analysis`],
    ],
    [
      "for what git alone could not steer",
      overlaid(rollout().replace("  replicas: 4\n", "  replicas: 4\n  rollbackWindow: { revisions: 2 }\n")),
      [`standing ${BASE}:7: a Rollout with rollbackWindow`],
    ],
    [
      "with a version that several targets have in one file",
      several(""),
      [
        `standing ${BASE}:1: its version, in a file of several targets`,
        `standing ${BASE}:1: its version, in a file of several targets`,
      ],
    ],
    [
      "with a file that another target is rendered from, where no kustomization takes a patch in",
      new Map([
        ...[...plain(rollout())].filter(([path]) => !path.endsWith("deployment.yaml")),
        ["clusters/prod.yaml", applicationText({ name: "checkout-prod", target: "prod", path: "apps/checkout/prod" })],
        [
          "apps/checkout/dev/kustomization.yaml",
          "namespace: dev\nresources: [../prod/rollout.yaml]\nimages:\n- name: registry.example.com/checkout\n  newTag: 1.4.0\n",
        ],
      ]),
      ["standing apps/checkout/prod/rollout.yaml:1: Rollout checkout"],
      { targets: ["prod"] },
    ],
    [
      "with steps that a patch says",
      overlaid(rollout(), PATCH('[{"op":"replace","path":"/spec/strategy/canary/steps","value":[{"setWeight":5}]}]')),
      [`standing ${BASE}:1: spec.strategy.canary.steps`],
    ],
    [
      "with anything else of it that a patch says",
      overlaid(rollout(), PATCH('[{"op":"add","path":"/spec/rollbackWindow","value":{"revisions":2}}]')),
      [`standing ${BASE}:1: Rollout shop/checkout`],
    ],
    [
      "with pods of which its file does not say all",
      overlaid(rollout(), PATCH('[{"op":"add","path":"/spec/template/spec/priorityClassName","value":"high"}]')),
      [`pod-template ${BASE}:1: its pod template`],
    ],
    [
      "with a number of pods that a patch says, where pods make the share",
      overlaid(
        rollout().replace(/ {6}trafficRouting.*\n/, ""),
        PATCH('[{"op":"replace","path":"/spec/replicas","value":9}]'),
      ),
      [`standing ${BASE}:1: another number of pods`],
      { template: "canary-argo-rollouts" },
    ],
    ["without pods", overlaid(rollout().replace("replicas: 4", "replicas: 0")), [`no-pods ${BASE}:1: replicas: 0`]],
    [
      "with a name that its kustomization makes",
      overlaid(rollout(), "namePrefix: eu-\n"),
      [`renamed ${BASE}:1: the name eu-checkout`],
      { service: "eu-checkout" },
    ],
    [
      "with an image that says no version",
      overlaid(rollout().replace(":1.0.0", "")),
      [`image ${BASE}:1: the image "registry.example.com/checkout"`],
    ],
    [
      "on a template that drives something else",
      overlaid(),
      [`controller ${BASE}:1: Rollout shop/checkout`],
      { template: "canary-argo-rollouts-nginx" },
    ],
    [
      "on a template that splits Deployments",
      plain(),
      ["controller apps/checkout/prod/rollout.yaml:1: Rollout checkout"],
      { template: "canary-istio" },
    ],
    [
      "beside another workload of the service",
      overlaid(rollout(), "", {
        "apps/checkout/base/kustomization.yaml": "resources: [rollout.yaml, services.yaml, deployment.yaml]\n",
        "apps/checkout/base/deployment.yaml": DEPLOYMENT,
      }),
      ["arms apps/checkout/base/deployment.yaml:1: Deployment shop/checkout"],
    ],
    ["that refers to a Deployment which is not there", overlaid(rollout(BY_REF)), [`kind ${BASE}:1: a Rollout`]],
    [
      "that refers to a Deployment in its own file",
      new Map([
        ["apps/checkout/prod/rollout.yaml", `${rollout(BY_REF)}---\n${DEPLOYMENT}`],
        ["apps/checkout/prod/services.yaml", SERVICES],
      ]),
      ["standing apps/checkout/prod/rollout.yaml:21: Deployment checkout in the Rollout's file"],
    ],
    [
      "with two Rollouts in its file",
      overlaid(`${rollout()}---\n${rollout().replace("name: checkout\n", "name: other\n")}`),
      [`standing ${BASE}:27: the Rollouts "checkout" and "other"`],
    ],
  ];
  it.each(refusing.map(([why, files, said, asked]) => ({ why, files, said, asked })))(
    "$why",
    ({ files, said, asked }) => {
      const { template = "canary-argo-rollouts-istio", service = "checkout", targets } = asked ?? {};
      expect(refusals(files, wish(template, { service, targets }))).toEqual(said);
    },
  );

  it("where parameters are said that nothing is made of", () => {
    const parameters = new Map([["hostnames", "shop.example.com"]]);
    expect(refusals(overlaid(), wish("canary-argo-rollouts-istio", { parameters }))).toEqual([
      `template ${BASE}:1: the parameter hostnames`,
    ]);
  });

  it("where nothing tells its arms apart, with the lines that would", () => {
    const bare = rollout().replace(/ {6}(?:canaryService|stableService|trafficRouting).*\n/g, "");
    const [first] = errorOf(optIn(groundOf(overlaid(bare)), wish("canary-argo-rollouts")));
    expect(first && refusedText(first)).toContain("canaryMetadata: { labels: { rollout-arm: checkout-canary } }");
    const metadata = `      canaryMetadata: { labels: { rollout-arm: checkout-canary } }
      stableMetadata: { labels: { rollout-arm: checkout } }
`;
    const told = overlaid(bare.replace("    canary:\n", `    canary:\n${metadata}`));
    const lonely = new Map([...told, ["apps/checkout/base/kustomization.yaml", "resources: [rollout.yaml]\n"]]);
    expect(refusals(lonely, wish("canary-argo-rollouts"))).toEqual([
      `no-service-object ${BASE}:1: no Service that selects its pods`,
    ]);
    const done = enter(told, wish("canary-argo-rollouts"));
    expect(done.state?.targets.get(name("prod"))?.arms).toEqual({
      canary: "checkout-canary",
      stable: "checkout",
      by: "workload",
    });
  });

  it("each with what to do", () => {
    const [first] = errorOf(optIn(groundOf(several("")), wish()));
    expect(first && refusedText(first)).toBe(
      `dev: ${BASE}:1: its version, in a file of several targets: what is taken back in one of them would be in all.\n  put the version into images: of each target's kustomization.`,
    );
  });
});

describe("a Rollout that leaves", () => {
  const files = overlaid(rollout(), IMAGES);
  const inside = applied(files, enter(files).files);

  it.each([
    ["a version waits", OVERLAY, (text: string) => text.replace("1.4.0", "1.5.0"), "release"],
    [
      "another pod template waits",
      BASE,
      (text: string) => text.replace("      containers:", "      priorityClassName: high\n      containers:"),
      "release",
    ],
    ["a weight is live", STATE, (text: string) => text.replace("weight: 0", "weight: 5"), "release"],
    [
      "its steps do not rest",
      BASE,
      (text: string) => text.replace("setWeight: 0\n        - pause", "setWeight: 5\n        - pause"),
      "edited",
    ],
    ["nobody has recorded what it had", STATE, (text: string) => text.replace(/, was: .* }/, " }"), "edited"],
  ])("does not while %s", (_, path, work, code) => {
    const now = edited(inside, path, work);
    expect(now).not.toEqual(inside);
    expect(errorOf(leave(now)).map((one) => one.code)).toEqual([code]);
  });

  it("keeps what people have changed beside its steps", () => {
    const work = (text: string) => text.replace("replicas: 4", "replicas: 6");
    expect(back(edited(inside, BASE, work))).toEqual(edited(files, BASE, work));
  });

  it("is the one of before, with nothing else rendered in between but steps that rest, whatever its steps were", () => {
    const step = fc.oneof(
      fc.integer({ min: 0, max: 100 }).map((share) => `setWeight: ${share}`),
      fc.constantFrom("pause: {}", "pause:\n            duration: 1h", 'pause: { duration: "30s" } # a while'),
    );
    const lists = fc.option(fc.array(step, { maxLength: 5 }), { nil: undefined });
    fc.assert(
      fc.property(
        lists,
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom("one", "several"),
        (steps, isFirst, isCrlf, targets) => {
          const lines = steps?.length === 0 ? " []\n" : `\n${steps?.map((one) => `        - ${one}\n`).join("") ?? ""}`;
          const list = steps === undefined ? "" : `      steps:${lines}`;
          const bare = CANARY.replace(STEPS, "");
          const strategy = isFirst ? bare.replace("    canary:\n", `    canary:\n${list}`) : `${bare}${list}`;
          const text = rollout(POD, strategy);
          const written = isCrlf ? text.replaceAll("\n", "\r\n") : text;
          const before = targets === "several" ? several(IMAGES, written) : overlaid(written, IMAGES);
          const now = applied(before, enter(before).files);
          const [was, is] = [before, now].map((all) => evaluate((path) => all.get(path), "apps/checkout/prod").objects);
          const key = ["spec", "strategy", "canary", "steps"];
          expect(is?.map((one) => withAt(one.value, key, undefined))).toEqual(
            was?.map((one) => withAt(one.value, key, undefined)),
          );
          const own = is?.find((one) => kindOf(one) === "Rollout" && nameOf(one) === "checkout");
          expect(at(own?.value, ...key)).toEqual([{ setWeight: 0 }, { setWeight: 0 }, { pause: {} }]);
          expect(back(now)).toEqual(before);
        },
      ),
      { numRuns: 60 },
    );
  });
});
