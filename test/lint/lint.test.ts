import { describe, expect, it } from "vitest";
import { fileURLToPath } from "node:url";
import type { Files } from "../manifest/services/repo.ts";
import { kustomization } from "../manifest/services/repo.ts";
import { filesIn, linesOf, lintOf } from "./repo.ts";

const GOLDEN = fileURLToPath(new URL("../golden/lint", import.meta.url));

function planted(rule: string): Files {
  return filesIn(`${GOLDEN}/${rule}/planted`);
}

function clean(rule: string): Files {
  return filesIn(`${GOLDEN}/${rule}/clean`);
}

/** The files of a golden case in a base, and an overlay that renders them. */
function rendered(files: Files, more = "", beside: Files = {}): Files {
  const names = Object.keys(files).map((path) => path.replaceAll("/", "-"));
  return {
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`base/${path.replaceAll("/", "-")}`, text])),
    "base/kustomization.yaml": kustomization(names),
    "prod/kustomization.yaml": kustomization(["../base"], more),
    ...beside,
  };
}

function rulesFound(files: Files): readonly string[] {
  return [...new Set(lintOf(files).findings.map(({ rule }) => rule))];
}

const PLAIN = [
  "two-providers",
  "two-routes",
  "subset-not-defined",
  "subset-without-rule",
  "subset-without-labels",
  "subsets-alike",
  "subset-without-pods",
  "host-without-service",
  "selector-without-pods",
  "port-not-there",
  "target-port-unnamed",
  "raw-port",
  "admiral-name",
  "replicas-scaled",
  "two-autoscalers",
  "autoscaler-of-the-idle",
  "replicas-of-the-idle",
  "analysis-in-cluster",
  "decided-by-controller",
  "pause-blocks-sync",
  "rollout-paused",
  "passes-without-data",
];

describe("what Kustomize renders", () => {
  it.each(PLAIN)("%s is found in a base, once for two overlays", (rule) => {
    const files = { ...rendered(planted(rule)), "staging/kustomization.yaml": kustomization(["../base"]) };
    const found = lintOf(files).findings;
    expect(found.length).toBe(lintOf(planted(rule)).findings.length);
    expect(new Set(found.map((one) => one.rule))).toEqual(new Set([rule]));
  });

  it.each(PLAIN)("%s has a clean twin there, too", (rule) => {
    expect(linesOf(lintOf(rendered(clean(rule), "namePrefix: eu-\ncommonLabels: { team: shop }\n")))).toEqual([]);
  });

  it("is found under labels for everything that are others than the selector's", () => {
    expect(rulesFound(rendered(planted("selector-without-pods"), "commonLabels: { team: shop }\n"))).toEqual([
      "selector-without-pods",
    ]);
    expect(rulesFound(rendered(planted("selector-without-pods"), "commonLabels: { app: checkout }\n"))).toEqual([]);
  });

  it.each([
    ["subset-not-defined", "DestinationRule", "spec: { subsets: [{ name: canary, labels: { version: canary } }] }"],
    ["replicas-scaled", "Deployment", "spec: { replicas: null }"],
    ["target-port-unnamed", "Deployment", "spec: { template: { spec: { containers: [{ name: app, ports: [] }] } } }"],
    ["rollout-paused", "Rollout", "spec: { paused: false }"],
    ["selector-without-pods", "Service", "spec: { selector: { app: checkout } }"],
  ])("%s is not said where a patch may mend it", (rule, kind, patch) => {
    const text = `patches:\n  - target: { kind: ${kind} }\n    patch: |-\n      kind: ${kind}\n      metadata: { name: checkout }\n      ${patch}\n`;
    expect(rulesFound(rendered(planted(rule), text))).toEqual([]);
    const other = text.replaceAll(kind, "ConfigMap");
    expect(rulesFound(rendered(planted(rule), other))).toEqual([rule]);
  });

  it("tells an overlay apart from another one", () => {
    const files = rendered(clean("subset-not-defined"));
    const route = planted("subset-not-defined")["apps/shop/rule.yaml"] ?? "";
    const staging = {
      "staging/kustomization.yaml": kustomization(["rule.yaml", "route.yaml"]),
      "staging/rule.yaml": route,
      "staging/route.yaml": clean("subset-not-defined")["apps/shop/route.yaml"] ?? "",
    };
    // What is not defined beside it, may be by another one of the same host.
    expect(linesOf(lintOf({ ...files, ...staging }))).toEqual([]);
    const elsewhere = Object.fromEntries(
      Object.entries(staging).map(([path, text]) => [path, text.replaceAll("namespace: shop", "namespace: staging")]),
    );
    expect(rulesFound({ ...files, ...elsewhere })).toEqual(["subset-not-defined"]);
  });
});

const HELM_RELEASE = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: cannary, namespace: shop }
spec: { chart: { spec: { chart: cannary, sourceRef: { kind: HelmRepository, name: acme } } } }
`;
const SERVICE_ENTRY = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: cannary, namespace: shop }
spec: { hosts: [checkout-cannary] }
`;
const CANARY = `apiVersion: flagger.app/v1beta1
kind: Canary
metadata: { name: checkout, namespace: shop }
spec: { targetRef: { kind: Deployment, name: checkout-cannary } }
`;
const OPERATED = `apiVersion: acme.example.com/v1
kind: Shop
metadata: { name: checkout-can, namespace: shop }
spec: {}
`;
const KNATIVE = `apiVersion: serving.knative.dev/v1
kind: Service
metadata: { name: checkout-cannary, namespace: shop }
spec: { template: { spec: { containers: [{ image: "registry.example.com/x:1" }] } } }
`;
const CHART = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ledger, namespace: argocd }
spec:
  source: { repoURL: https://charts.example.com, chart: ledger, targetRevision: 1.0.0 }
  destination: { namespace: shop }
`;

describe("a host without a Service is not said where", () => {
  it.each([
    ["a HelmRelease may bring it", HELM_RELEASE],
    ["a ServiceEntry has it", SERVICE_ENTRY],
    ["Flagger makes it", CANARY],
    ["an operator's object may bring it", OPERATED],
    ["Knative makes it", KNATIVE],
    ["a chart may bring it", CHART],
  ])("%s", (_, text) => {
    const files = { ...planted("host-without-service"), "apps/shop/more.yaml": text };
    expect(rulesFound(files)).toEqual([]);
    const elsewhere = text
      .replaceAll("namespace: shop", "namespace: books")
      .replaceAll("cannary", "ledger")
      .replaceAll("checkout-can", "ledger");
    expect(rulesFound({ ...files, "apps/shop/more.yaml": elsewhere })).toEqual(["host-without-service"]);
  });

  it("its namespace is another folder's, but for a name that is nearly right", () => {
    const { "apps/shop/route.yaml": route = "", ...files } = planted("host-without-service");
    expect(rulesFound({ ...files, "mesh/route.yaml": route })).toEqual(["host-without-service"]);
    expect(rulesFound({ ...files, "mesh/route.yaml": route.replace("checkout-cannary", "ledger") })).toEqual([]);
    expect(rulesFound({ ...files, "apps/shop/route.yaml": route.replace("checkout-cannary", "ledger") })).toEqual([
      "host-without-service",
    ]);
  });

  it("a chart may bring it, but not one that lies elsewhere and is called otherwise", () => {
    const files = planted("host-without-service");
    const chart = (folder: string, name: string) => ({
      [`${folder}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`,
      [`${folder}/values.yaml`]: "image: { repository: a, tag: b }\n",
      [`${folder}/templates/service.yaml`]: "kind: Service\nmetadata: { name: {{ .Release.Name }} }\n",
    });
    expect(rulesFound({ ...files, ...chart("charts/ledger", "ledger") })).toEqual(["host-without-service"]);
    expect(rulesFound({ ...files, ...chart("apps/shop/chart", "ledger") })).toEqual([]);
    expect(rulesFound({ ...files, ...chart("charts/checkout", "checkout") })).toEqual([]);
  });

  it("a kustomization lists what is not here, or takes from another machine", () => {
    const files = rendered(planted("host-without-service"));
    const list = files["base/kustomization.yaml"] ?? "";
    expect(rulesFound(files)).toEqual(["host-without-service"]);
    expect(rulesFound({ ...files, "base/kustomization.yaml": `${list}  - https://example.com/more.yaml\n` })).toEqual(
      [],
    );
    expect(rulesFound({ ...files, "base/kustomization.yaml": `${list}  - secret.enc.yaml\n` })).toEqual([]);
  });

  it("its name is filled in", () => {
    const route = planted("host-without-service")["apps/shop/route.yaml"] ?? "";
    const files = { ...planted("host-without-service"), "apps/shop/route.yaml": route.replace("cannary", "${ARM}") };
    expect(rulesFound(files)).toEqual([]);
  });
});

it("does not miss pods where an operator may make them", () => {
  const { "apps/shop/service.yaml": service = "", ...files } = planted("selector-without-pods");
  const other = service.replace("  name: checkout\n", "  name: ledger\n");
  expect(rulesFound({ ...files, "apps/shop/service.yaml": other })).toEqual(["selector-without-pods"]);
  expect(rulesFound({ ...files, "apps/shop/service.yaml": other, "apps/shop/more.yaml": OPERATED })).toEqual([]);
  const partly = service.replace("app: chekout", "app: checkout\n    role: leader");
  expect(rulesFound({ ...files, "apps/shop/service.yaml": partly })).toEqual([]);
});

describe("what a Rollout's controller writes", () => {
  const files = planted("weight-not-ignored");
  const app = files["argocd/shop.yaml"] ?? "";
  const ignoring = `  ignoreDifferences:\n    - { group: networking.istio.io, kind: VirtualService, jqPathExpressions: [".spec.http[].route[].weight"] }\n`;

  it.each([
    ["nothing is ignored", app, 1],
    ["it is ignored only when it compares", `${app}${ignoring}`, 1],
    ["only what differs is applied", `${app}    syncOptions: [ApplyOutOfSyncOnly=true]\n${ignoring}`, 0],
    [
      "something else is ignored",
      `${app}    syncOptions: [RespectIgnoreDifferences=true]\n${ignoring.replace("VirtualService", "Gateway")}`,
      1,
    ],
  ])("%s", (_, text, count) => {
    expect(lintOf({ ...files, "argocd/shop.yaml": text }).findings.map(({ rule }) => rule)).toEqual(
      Array.from({ length: count }, () => "weight-not-ignored"),
    );
  });

  it("may be ignored in the values of Argo CD's chart", () => {
    const values =
      "configs:\n  cm:\n    resource.customizations.ignoreDifferences.networking.istio.io_VirtualService: x\nimage: a\n";
    expect(rulesFound({ ...files, "argocd/values.yaml": values })).toEqual([]);
  });

  it("is written over by Flux, unless the route is to be left alone", () => {
    const { "argocd/shop.yaml": _, ...rest } = files;
    const kustomizationOfFlux = planted("left-as-it-is")["clusters/prod/shop.yaml"] ?? "";
    const byFlux = { ...rest, "clusters/prod/shop.yaml": kustomizationOfFlux };
    expect(rulesFound(byFlux)).toEqual(["weight-not-ignored"]);
    const route = (rest["apps/shop/route.yaml"] ?? "").replace(
      "  namespace: shop\n",
      "  namespace: shop\n  annotations: { kustomize.toolkit.fluxcd.io/ssa: IfNotPresent }\n",
    );
    expect(rulesFound({ ...byFlux, "apps/shop/route.yaml": route })).toEqual([]);
  });
});

describe("two providers", () => {
  const files = clean("weight-not-ignored");
  const rollout = files["apps/shop/rollout.yaml"] ?? "";
  const route = files["apps/shop/route.yaml"] ?? "";
  const services = files["apps/shop/services.yaml"] ?? "";
  const orders = (text: string) =>
    text.replaceAll("checkout", "orders").replace("name: orders\n      steps", "name: checkout\n      steps");

  it("are two Rollouts that write one route's weights, unless they name its rules", () => {
    const both = {
      ...files,
      "apps/shop/orders.yaml": orders(rollout),
      "apps/shop/orders-services.yaml": orders(services),
    };
    expect(rulesFound(both)).toEqual(["two-providers"]);
    const naming = (text: string, rule: string) =>
      text.replace("name: checkout\n      steps", `name: checkout\n            routes: [${rule}]\n      steps`);
    const apart = {
      ...both,
      "apps/shop/rollout.yaml": naming(rollout, "one"),
      "apps/shop/orders.yaml": naming(orders(rollout), "two"),
    };
    expect(rulesFound(apart)).toEqual([]);
  });

  it("are a route and a Rollout that is not told of it", () => {
    const elsewhere = rollout.replace(
      "virtualService:\n            name: checkout",
      "virtualService:\n            name: other",
    );
    expect(rulesFound({ ...files, "apps/shop/rollout.yaml": elsewhere })).toContain("two-providers");
    expect(route).toContain("checkout-canary");
  });

  it("are Flagger and a Rollout that take over one Deployment", () => {
    const idle = clean("autoscaler-of-the-idle");
    const canary = CANARY.replace("checkout-cannary", "checkout");
    expect(rulesFound({ ...idle, "apps/shop/canary.yaml": canary })).toEqual(["two-providers"]);
    expect(
      rulesFound({ ...idle, "apps/shop/canary.yaml": canary.replace("name: checkout }", "name: orders }") }),
    ).toEqual([]);
  });
});

const INGRESS = (name: string, host: string) => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  namespace: shop
  annotations: { nginx.ingress.kubernetes.io/canary: "true", nginx.ingress.kubernetes.io/canary-weight: "0" }
spec:
  ingressClassName: nginx
  rules:
    - host: ${host}
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: checkout-canary, port: { name: http } } } }] }
`;

it("finds two canaries of one host and path", () => {
  const files = { ...clean("two-providers"), "apps/shop/one.yaml": INGRESS("one", "a.example.com") };
  expect(rulesFound({ ...files, "apps/shop/two.yaml": INGRESS("two", "a.example.com") })).toEqual(["two-routes"]);
  expect(rulesFound({ ...files, "apps/shop/two.yaml": INGRESS("two", "b.example.com") })).toEqual([]);
});

it("finds a whole host beside a part of it", () => {
  const files = clean("subset-without-labels");
  const route = (files["apps/shop/route.yaml"] ?? "").replace("host: checkout, subset: stable", "host: checkout");
  expect(linesOf(lintOf({ ...files, "apps/shop/route.yaml": route }))).toEqual([
    "subset-without-labels apps/shop/route.yaml:10 the VirtualService checkout shares requests between all of checkout and its subset canary, whose pods are a part of all",
  ]);
});

it("takes the labels of a Rollout's subsets as its controller will write them", () => {
  const files = planted("subsets-alike");
  const rollout = (clean("weight-not-ignored")["apps/shop/rollout.yaml"] ?? "").replace(
    "            name: checkout\n      steps",
    "            name: checkout\n          destinationRule: { name: checkout, canarySubsetName: canary, stableSubsetName: stable }\n      steps",
  );
  const bySubsets = rollout.replace(/ {6}canaryService: .*\n {6}stableService: .*\n/, "");
  expect(bySubsets).not.toBe(rollout);
  expect(rulesFound({ ...files, "apps/shop/rollout.yaml": bySubsets })).toEqual([]);
});

describe("replicas", () => {
  it("may stand in git where Argo CD ignores them", () => {
    const app = clean("weight-not-ignored")["argocd/shop.yaml"] ?? "";
    const files = { ...planted("replicas-scaled"), "argocd/shop.yaml": app };
    expect(rulesFound(files)).toEqual(["replicas-scaled"]);
    const ignoring = app.replace(
      / {2}ignoreDifferences:[\s\S]*/,
      "  ignoreDifferences:\n    - { group: apps, kind: Deployment, jsonPointers: [/spec/replicas] }\n",
    );
    expect(rulesFound({ ...files, "argocd/shop.yaml": ignoring })).toEqual([]);
  });

  it("of Flagger's target are the controller's", () => {
    const target = planted("replicas-scaled")["apps/shop/deployment.yaml"] ?? "";
    const files = {
      "apps/shop/deployment.yaml": target,
      "apps/shop/canary.yaml": CANARY.replace("checkout-cannary", "checkout"),
    };
    expect(rulesFound(files)).toEqual(["replicas-of-the-idle"]);
  });

  it("are scaled under the name of a Deployment that is a Rollout by now", () => {
    const files = {
      ...clean("weight-not-ignored"),
      "apps/shop/autoscaler.yaml": planted("replicas-scaled")["apps/shop/autoscaler.yaml"] ?? "",
    };
    expect(rulesFound(files)).toEqual(["autoscaler-of-the-idle"]);
  });
});

it("takes files that say the same of one object for examples, each for itself", () => {
  const files = planted("two-routes");
  const again = { ...files, "apps/shop/mesh-2.yaml": files["apps/shop/mesh.yaml"] ?? "" };
  expect(rulesFound(files)).toEqual(["two-routes"]);
  expect(rulesFound(again)).toEqual([]);
});

it("what is too large to be read as a whole is said, and is not in order", () => {
  const base = Array.from(
    { length: 1_001 },
    (_, index) => `kind: ConfigMap\napiVersion: v1\nmetadata: { name: a${index} }\n`,
  );
  const parts = Array.from({ length: 20 }, (_, index) => `part-${index}`);
  const of = (resources: readonly string[]) => `kind: Kustomization\nresources: [${resources.join(", ")}]\n`;
  const files = (some: readonly string[]) => ({
    "all/kustomization.yaml": of(some.map((part) => `../${part}`)),
    "base/kustomization.yaml": of(["base.yaml"]),
    "base/base.yaml": base.join("---\n"),
    ...Object.fromEntries(parts.map((part) => [`${part}/kustomization.yaml`, of(["../base"])])),
  });
  expect(lintOf(files(parts.slice(1))).refusals).toEqual([]);
  const { refusals } = lintOf(files(parts));
  expect(refusals).toEqual([
    {
      path: "all/kustomization.yaml",
      line: 1,
      found: "more than 20,000 objects or files",
      why: "what comes after them is not read",
    },
  ]);
});

describe("comments that allow", () => {
  const files = planted("port-not-there");
  const route = files["apps/shop/route.yaml"] ?? "";
  const withRoute = (text: string) => lintOf({ ...files, "apps/shop/route.yaml": text });
  const words = "# tidegate-lint: allow port-not-there because the port is opened at noon";

  it.each([
    ["above a document", `${words}\n${route}`],
    ["above a document, below its dashes", `---\n${words}\n${route}`],
    ["on the line", route.replace(/(?=\n {10}weight: 100)/, ` ${words}`)],
    ["above the line", route.replace(/(?= {8}- destination: \{ host: checkout, port)/, `        ${words}\n`)],
  ])("count %s", (_, text) => {
    const { findings, allowed, refusals } = withRoute(text);
    expect({ findings, refusals }).toEqual({ findings: [], refusals: [] });
    expect(allowed.map(({ rule, because }) => [rule, because])).toEqual([
      ["port-not-there", "the port is opened at noon"],
    ]);
  });

  it.each([
    ["another rule", words.replace("port-not-there", "raw-port")],
    ["another document", `${words}\nkind: List\n---`],
  ])("do not count for %s", (_, comment) => {
    expect(withRoute(`${comment}\n${route}`).findings).toHaveLength(1);
  });

  it.each([
    ["# tidegate-lint: allow port-not-there", "a reason is needed: because …"],
    [
      "# tidegate-lint: allow port-not-here because it is so",
      "there is no rule port-not-here; did you mean port-not-there?",
    ],
    ["# tidegate-lint: ignore all", "say: # tidegate-lint: allow <rule> because <reason>"],
  ])("are refused: %s", (comment, why) => {
    const { findings, refusals } = withRoute(`${comment}\n${route}`);
    expect(findings).toHaveLength(1);
    expect(refusals.map((one) => [one.path, one.line, one.why])).toEqual([["apps/shop/route.yaml", 1, why]]);
  });
});
