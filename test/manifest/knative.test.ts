import { describe, expect, it } from "vitest";
import type { Change } from "../../src/core/change.ts";
import { image } from "../../src/core/image.ts";
import { name, sha } from "../../src/core/names.ts";
import type { ServiceState, TargetState } from "../../src/core/state.ts";
import { weight } from "../../src/core/weight.ts";
import { applyChange } from "../../src/manifest/change.ts";
import { readMember } from "../../src/manifest/member.ts";
import { fieldsWritten } from "../../src/manifest/services/written.ts";
import { refusalText } from "../../src/yaml/refusal.ts";
import { changedLines, errorOf, valueOf } from "./builders.ts";

const [CANARY, STABLE, ROUTE] = ["canary.yaml", "tidegate/stable.yaml", "tidegate/route.yaml"];

const AT: TargetState = {
  namespace: name("shop"),
  arms: { canary: name("checkout-canary"), stable: name("checkout"), by: "service" },
  manifests: {
    layout: "workloads",
    router: "KnativeRoute",
    destinations: undefined,
    canary: CANARY,
    stable: STABLE,
    route: ROUTE,
  },
  weight: weight(25),
  stable: image("checkout:1"),
  release: undefined,
};

const STATE: ServiceState = {
  service: name("checkout"),
  template: { name: "canary-knative", revision: sha("a".repeat(40)) },
  owned: [],
  claims: [],
  targets: new Map([[name("prod"), AT]]),
  blocked: [],
  holds: [],
  heard: 0,
};

const NOTHING: Change = {
  service: name("checkout"),
  target: name("prod"),
  base: sha("b".repeat(40)),
  weight: undefined,
  canaryReplicas: undefined,
  stableTemplate: undefined,
  canaryTemplate: undefined,
  state: STATE,
};

const workload = (
  kind: "Service" | "Configuration",
  own: string,
  version: string,
) => `apiVersion: serving.knative.dev/v1
kind: ${kind}
metadata: { name: ${own}, namespace: shop }
spec:
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/min-scale: "2" # never cold
    spec:
      containerConcurrency: 20
      containers:
        - image: checkout:${version}
`;

const FILES = new Map([
  [CANARY, workload("Configuration", "checkout-canary", "2")],
  [STABLE, workload("Service", "checkout", "1")],
  [
    ROUTE,
    `apiVersion: serving.knative.dev/v1
kind: Route
metadata: { name: checkout-public, namespace: shop }
spec:
  traffic:
    - { configurationName: checkout, percent: 75 }
    - { configurationName: checkout-canary, percent: 25 }
`,
  ],
]);

const read = (files: ReadonlyMap<string, string>) => readMember(files, AT, STATE.service);
const whyNot = (path: string, change: (text: string) => string) =>
  refusalText(errorOf(read(new Map(FILES).set(path, change(FILES.get(path) ?? "")))));
const apply = (change: Partial<Change>) => valueOf(applyChange({ files: FILES, older: {} }, { ...NOTHING, ...change }));
const linesOf = (changed: ReadonlyMap<string, string>) =>
  [...changed].map(([path, text]) => [path, changedLines(FILES.get(path) ?? "", text)]);

describe("two workloads of Knative's", () => {
  it("are read: a container without a name has Knative's, and the least pods are those of an annotation", () => {
    const { weight: share, canary, stable } = valueOf(read(FILES));
    expect(share).toBe(25);
    expect(canary).toMatchObject({ deployment: "checkout-canary", container: "user-container", image: "checkout:2" });
    expect(stable).toMatchObject({ deployment: "checkout", replicas: 2, image: "checkout:1" });
    expect(canary.besides).toBe(stable.besides);
    const plain = new Map([...FILES].map(([path, text]) => [path, text.replace(/ +auto.*\n/, "        a: b\n")]));
    expect(valueOf(read(plain)).canary.replicas).toBe(0);
    const old = new Map([...FILES].map(([path, text]) => [path, text.replace("min-scale", "minScale")]));
    expect(valueOf(read(old)).canary.replicas).toBe(2);
  });

  it("take a promotion and a way back as Deployments do", () => {
    expect(linesOf(apply({ weight: weight(50), stableTemplate: { kind: "fromCanary" } }))).toEqual([
      [STABLE, ["        - image: checkout:2"]],
      [
        ROUTE,
        [
          "    - { configurationName: checkout, percent: 50 }",
          "    - { configurationName: checkout-canary, percent: 50 }",
        ],
      ],
    ]);
    const { image: aborted, template } = valueOf(read(FILES)).canary;
    const canaryTemplate = { kind: "asStable", aborted: { image: aborted, template } } as const;
    expect(linesOf(apply({ canaryTemplate }))).toEqual([[CANARY, ["        - image: checkout:1"]]]);
  });

  it.each<[string, string, (text: string) => string, string]>([
    [
      "a revision with a name",
      CANARY,
      (text) => text.replace("      annotations:", "      name: checkout-canary-two\n      annotations:"),
      "canary.yaml:7: found a name of the revision; Knative would refuse another image under the same name: leave it out.",
    ],
    [
      "a number of pods that is none",
      STABLE,
      (text) => text.replace('"2"', '"two"'),
      'tidegate/stable.yaml:8: found "two"; autoscaling.knative.dev/min-scale is a whole number, as text.',
    ],
    [
      "a name that Knative cuts",
      STABLE,
      (text) => text.replace("name: checkout,", `name: ${"c".repeat(47)},`),
      "its pods are told by a name of at most 46 characters",
    ],
    ["a Deployment", CANARY, (text) => text.replace("serving.knative.dev/v1", "apps/v1"), "found no Knative Service"],
  ])("are refused with %s", (_, path, change, why) => {
    expect(whyNot(path, change)).toContain(why);
  });

  it("are written by releases where their images stand, and nowhere else but in the route", () => {
    const manifest = valueOf(read(FILES));
    const fields = fieldsWritten(AT, manifest).map(({ group, kind, name: own, field }) => [
      `${group}/${kind} ${own ?? "*"}`,
      field.join("."),
    ]);
    const images = "spec.template.spec.containers.*.image";
    expect(fields).toEqual([
      ["serving.knative.dev/Route *", "spec.traffic.*.percent"],
      ["serving.knative.dev/Service checkout-canary", images],
      ["serving.knative.dev/Service checkout", images],
      ["serving.knative.dev/Configuration checkout-canary", images],
      ["serving.knative.dev/Configuration checkout", images],
    ]);
  });
});
