import { describe, expect, it } from "vitest";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { errorOf, valueOf } from "../manifest/builders.ts";
import { chartInput } from "../support/chart-ground.ts";
import { applied, groundOf, wishOf, type Files } from "../support/opt-in-ground.ts";
import { shipped, templateIn } from "../template/facts.ts";

const BASE = "chart-of-argo-cd";
const WISH = wishOf("checkout canary-gateway-api gateway=public hostnames=checkout.example.com");

type Edit = (text: string) => string;

const CHART = "apps/checkout/chart/";
const TEMPLATES = `${CHART}templates/`;
const VALUES = "apps/checkout/prod/values.yaml";
const FLUX = "apps/checkout/prod/release.yaml";
const KUSTOMIZATION = "apps/checkout/prod/kustomization.yaml";
const APPLICATION = "clusters/prod/checkout.yaml";

/** The golden chart with some files edited, and some more. */
function having(edits: Readonly<Record<string, Edit | string>>, base = BASE): Files {
  const files = new Map(chartInput(base));
  for (const [path, edit] of Object.entries(edits)) {
    const text = typeof edit === "string" ? edit : edit(files.get(path) ?? "");
    if (text === files.get(path)) throw new Error(`Nothing of ${path} is edited.`);
    files.set(path, text);
  }
  return files;
}

function said(files: Files, wish = WISH): readonly string[] {
  return errorOf(optIn(groundOf(files), wish)).map(({ code, found, why }) => `${code}: ${found}: ${why}`);
}

const adding =
  (more: string): Edit =>
  (text) =>
    `${text}${more}`;
const exchanging =
  (old: string, next: string): Edit =>
  (text) =>
    text.replace(old, next);

const object = (kind: string, group = "v1", more = "") =>
  `apiVersion: ${group}\nkind: ${kind}\nmetadata:\n  name: {{ .Release.Name }}-more\n${more}`;

it("is split by no template of Knative's Route", () => {
  const template = templateIn(shipped(), "canary-knative");
  expect(said(chartInput(BASE), { ...WISH, template, parameters: new Map() })).toEqual([
    "helm: canary-knative: no chart is split behind Knative's Route",
  ]);
});

describe("a chart that cannot run twice is refused, and it is said why", () => {
  it.each<[string, Readonly<Record<string, Edit | string>>, RegExp]>([
    [
      "fullnameOverride",
      { [VALUES]: adding("fullnameOverride: shop\n") },
      /^helm: ServiceAccount shop: the chart calls it the same in every release/,
    ],
    [
      "a literal name",
      { [`${TEMPLATES}service.yaml`]: exchanging('{{ include "checkout.fullname" . }}', "checkout") },
      /^helm: Service checkout: the chart calls it the same/,
    ],
    [
      "a selector without the release",
      { [`${TEMPLATES}_helpers.tpl`]: exchanging("app.kubernetes.io/instance: {{ .Release.Name }}", "") },
      /^helm: (?:Deployment|Service) checkout: it selects the pods of both/,
    ],
    [
      "a role of the cluster",
      { [`${TEMPLATES}role.yaml`]: object("ClusterRole", "rbac.authorization.k8s.io/v1") },
      /^helm: ClusterRole checkout-more: it is the whole cluster's/,
    ],
    [
      "a Knative Service beside the Deployment",
      { [`${TEMPLATES}knative.yaml`]: object("Service", "serving.knative.dev/v1") },
      /^helm: Service checkout-more: a second one would not be its canary/,
    ],
    [
      "a CronJob",
      { [`${TEMPLATES}job.yaml`]: object("CronJob", "batch/v1") },
      /^helm: CronJob checkout-more: a second one would run at the same times/,
    ],
    [
      "a StatefulSet",
      { [`${TEMPLATES}data.yaml`]: object("StatefulSet", "apps/v1") },
      /^helm: StatefulSet checkout-more: a second one would have other data/,
    ],
    [
      "a volume",
      { [`${TEMPLATES}data.yaml`]: object("PersistentVolumeClaim") },
      /^helm: PersistentVolumeClaim checkout-more/,
    ],
    [
      "a hook",
      { [`${TEMPLATES}hook.yaml`]: object("Job", "batch/v1", '  annotations: { "helm.sh/hook": pre-upgrade }\n') },
      /^helm: Job checkout-more: a second one would do its work once more/,
    ],
    [
      "what nobody knows",
      { [`${TEMPLATES}more.yaml`]: object("Widget", "example.com/v1") },
      /^helm: Widget checkout-more: what a second one would do is not known/,
    ],
    [
      "two Deployments",
      {
        [`${TEMPLATES}deployment.yaml`]: (text) =>
          `${text}---\n${text.replace('fullname" . }}', 'fullname" . }}-worker')}`,
      },
      /^arms: Deployment checkout-worker: the chart makes checkout as well/,
    ],
    [
      "a definition of a kind",
      { [`${CHART}crds/more.yaml`]: "kind: CustomResourceDefinition\n" },
      /^helm: a definition of a kind/,
    ],
    [
      "charts within",
      {
        [`${CHART}Chart.yaml`]: adding(
          "dependencies: [{ name: redis, version: 1.0.0, repository: https://charts.example.com }]\n",
        ),
      },
      /^helm: charts within it/,
    ],
    [
      "a template that asks the cluster",
      { [`${TEMPLATES}more.yaml`]: '{{ lookup "v1" "Secret" "shop" "checkout" }}' },
      /^helm: the function lookup: what it gives is not known/,
    ],
    [
      "a template that draws lots",
      { [`${TEMPLATES}more.yaml`]: "{{ randAlphaNum 8 }}" },
      /^helm: the function randAlphaNum/,
    ],
    [
      "what a cluster offers",
      { [`${TEMPLATES}more.yaml`]: "{{ if .Capabilities.APIVersions }}{{ end }}" },
      /^helm: \.Capabilities/,
    ],
    [
      "Recreate",
      { [`${TEMPLATES}deployment.yaml`]: exchanging("spec:\n", "spec:\n  strategy: { type: Recreate }\n") },
      /^recreate: /,
    ],
    [
      "a literal number of pods",
      { [`${TEMPLATES}deployment.yaml`]: exchanging("{{ .Values.replicaCount }}", "2") },
      /^helm: the number of pods: no value says it/,
    ],
    [
      "a number of pods that cannot be 0",
      {
        [`${TEMPLATES}deployment.yaml`]: exchanging(
          "{{ .Values.replicaCount }}",
          "{{ default 2 .Values.replicaCount }}",
        ),
      },
      /^helm: the number of pods/,
    ],
    [
      "an autoscaler that nothing switches off",
      {
        [`${TEMPLATES}autoscaler.yaml`]: (text) =>
          text.replace("{{- if .Values.autoscaling.enabled }}\n", "").replace("{{- end }}\n", ""),
      },
      /^autoscaler: an autoscaler: no value switches it off/,
    ],
    [
      "a route of its own",
      { [VALUES]: adding("ingress: { enabled: true }\n") },
      /^route: Ingress checkout: it is the chart's own/,
    ],
    [
      "a port of nodes",
      { [`${TEMPLATES}service.yaml`]: exchanging("      name: http\n", "      name: http\n      nodePort: 30080\n") },
      /^helm: Service checkout: it asks for an address or a port/,
    ],
    [
      "an image in valuesObject",
      {
        [APPLICATION]: exchanging(
          "      releaseName",
          "      valuesObject: { image: { tag: 1.4.1 } }\n      releaseName",
        ),
      },
      /^image-places: .*among the values of the Application itself/,
    ],
    [
      "an image in values",
      {
        [APPLICATION]: exchanging(
          "      releaseName",
          "      values: |\n        image:\n          tag: 1.4.1\n      releaseName",
        ),
      },
      /^image-places: .*among the values of the Application itself/,
    ],
    [
      "an image in parameters",
      {
        [APPLICATION]: exchanging(
          "      releaseName",
          "      parameters: [{ name: image.tag, value: 1.4.1 }]\n      releaseName",
        ),
      },
      /^image-places: .*among the values of the Application itself/,
    ],
    [
      "a parameter that is not read",
      {
        [APPLICATION]: exchanging(
          "      releaseName",
          "      parameters: [{ name: 'a[0]', value: x }]\n      releaseName",
        ),
      },
      /^helm: the parameter a\[0\]/,
    ],
    [
      "the chart's appVersion",
      { [VALUES]: exchanging("  tag: 1.4.0 # bumped by a bot\n", "  pullPolicy: Always\n") },
      /^image-places: .*it may be the appVersion/,
    ],
    [
      "an image in a list",
      {
        [VALUES]: exchanging(
          "image:\n  tag: 1.4.0 # bumped by a bot\n",
          "images:\n  - { name: app, image: registry.example.com/checkout, tag: 1.4.0 }\n",
        ),
        [`${TEMPLATES}deployment.yaml`]: exchanging(
          '"{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"',
          "{{ with index .Values.images 0 }}{{ .image }}:{{ .tag }}{{ end }}",
        ),
      },
      /^image-places: a list/,
    ],
    [
      "an Application that nothing applies",
      { "clusters/prod/kustomization.yaml": exchanging("- checkout.yaml\n", "") },
      /^helm: what applies this Application/,
    ],
    [
      "a kustomization that changes it",
      { "clusters/prod/kustomization.yaml": adding("namePrefix: eu-\n") },
      /^helm: a kustomization that changes it/,
    ],
    [
      "an ApplicationSet",
      {
        [APPLICATION]: (text) =>
          text
            .replace("kind: Application\n", "kind: ApplicationSet\n")
            .replace(
              /\nspec:\n([^]*)$/,
              (_, spec: string) =>
                `\nspec:\n  generators:\n    - list: { elements: [{ env: prod }] }\n  template:\n    metadata: { name: checkout-prod }\n    spec:\n${spec.replace(/^/gm, "    ")}`,
            ),
      },
      /^helm: the ApplicationSet checkout-prod: one template of it makes many/,
    ],
    [
      "Argo CD Image Updater",
      {
        [APPLICATION]: exchanging(
          "  annotations:\n",
          "  annotations:\n    argocd-image-updater.argoproj.io/image-list: registry.example.com/checkout\n",
        ),
      },
      /^helm: argocd-image-updater.argoproj.io\/image-list/,
    ],
    [
      "what Argo CD writes beside the chart",
      { [`${CHART}.argocd-source-checkout-prod.yaml`]: "helm: {}\n" },
      /^helm: .*\.argocd-source-checkout-prod\.yaml/,
    ],
    [
      "a second source",
      {
        [APPLICATION]: (text) =>
          text.replace(
            "  source:\n",
            "  sources:\n  - path: more\n    repoURL: https://git.example.com/acme/gitops.git\n  -\n",
          ),
      },
      /^helm: several sources/,
    ],
    [
      "values that are not there",
      {
        [APPLICATION]: exchanging(
          "        - ../prod/values.yaml\n",
          "        - ../prod/values.yaml\n        - ../prod/more.yaml\n",
        ),
      },
      /^helm: the values apps\/checkout\/prod\/more.yaml/,
    ],
    [
      "another Application of the canary's name",
      { "clusters/prod/redis.yaml": exchanging("redis-prod", "checkout-prod-canary") },
      /^helm: the Application checkout-prod-canary/,
    ],
    ["no namespace", { [APPLICATION]: exchanging("    namespace: shop\n", "    name: x\n") }, /^helm: no namespace/],
    [
      "a name that is too long",
      { [APPLICATION]: exchanging("releaseName: checkout", `releaseName: ${"checkout".repeat(6)}`) },
      /^helm: the release (?:checkout){6}/,
    ],
    [
      "a route of another kind beside it",
      {
        "routes/checkout.yaml":
          "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: checkout, namespace: shop }\nspec: { defaultBackend: { service: { name: checkout, port: { number: 80 } } } }\n",
      },
      /^route: Ingress shop\/checkout: it sends to the service past the HTTPRoute/,
    ],
    [
      "a route of which nothing says where it is",
      {
        "routes/checkout.yaml":
          "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: checkout }\nspec: { defaultBackend: { service: { name: checkout, port: { number: 80 } } } }\n",
      },
      /^route: Ingress checkout: nothing says whether it is in the namespace/,
    ],
  ])("%s", (_, edits, reason) => {
    expect(said(having(edits))).toContainEqual(expect.stringMatching(reason));
  });

  it.each<[string, Readonly<Record<string, Edit | string>>, RegExp]>([
    [
      "a chart of a repository of charts",
      { [FLUX]: exchanging("kind: GitRepository", "kind: HelmRepository") },
      /^helm: the chart \.\/apps\/checkout\/chart: it lies in another place/,
    ],
    [
      "values from a Secret",
      { [FLUX]: exchanging("    - kind: ConfigMap", "    - kind: Secret") },
      /^helm: values from Secret checkout-values/,
    ],
    [
      "values that are not there",
      { [FLUX]: exchanging("name: checkout-values", "name: more") },
      /^helm: values from ConfigMap more: what is rendered beside it has no values.yaml/,
    ],
    [
      "a value at a path",
      {
        [FLUX]: exchanging(
          "      name: checkout-values\n",
          "      name: checkout-values\n      targetPath: image.tag\n",
        ),
      },
      /^helm: values from ConfigMap checkout-values/,
    ],
    [
      "an image in spec.values",
      { [FLUX]: exchanging("  values:\n", '  values:\n    image: { tag: "1.4.0" }\n') },
      /^image-places: .*among the values of the HelmRelease itself/,
    ],
    [
      "a number of pods in spec.values",
      { [FLUX]: exchanging("  values:\n", "  values:\n    replicaCount: 3\n") },
      /^helm: the number of pods/,
    ],
    [
      "post-renderers",
      { [FLUX]: exchanging("  values:\n", "  postRenderers: []\n  values:\n") },
      /^helm: postRenderers/,
    ],
    [
      "another namespace",
      { [FLUX]: exchanging("  values:\n", "  targetNamespace: other\n  values:\n") },
      /^helm: targetNamespace other/,
    ],
    [
      "a kustomization that changes it",
      { [KUSTOMIZATION]: adding("commonLabels: { team: shop }\n") },
      /^helm: a kustomization that changes it/,
    ],
    [
      "one that two targets read",
      {
        "clusters/dev/checkout.yaml":
          "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: dev, namespace: flux-system }\nspec: { interval: 10m, path: ./apps/checkout/dev, prune: true, sourceRef: { kind: GitRepository, name: gitops } }\n",
        "apps/checkout/dev/kustomization.yaml": "resources: [../prod]\n",
      },
      /^helm: (?:a kustomization that 2 others read|a HelmRelease: several places)/,
    ],
  ])("of Flux: %s", (_, edits, reason) => {
    expect(said(having(edits, "chart-of-flux"))).toContainEqual(expect.stringMatching(reason));
  });

  it("of Flux: a chart of another place, whether its folder has a kustomization or not", () => {
    const edits = { [FLUX]: exchanging("kind: GitRepository", "kind: HelmRepository") };
    const files = new Map(having(edits, "chart-of-flux"));
    files.delete(KUSTOMIZATION);
    expect(said(files)).toContainEqual(expect.stringMatching(/it lies in another place/));
  });

  it("of Flux: a folder without a kustomization", () => {
    const files = new Map(having({}, "chart-of-flux"));
    files.delete(KUSTOMIZATION);
    expect(said(files)).toContainEqual(
      expect.stringMatching(/^helm: the HelmRelease checkout: its folder has no kustomization/),
    );
  });

  it("that runs twice already", () => {
    const before = chartInput(BASE);
    const after = new Map(applied(before, valueOf(optIn(groundOf(before), WISH)).files));
    after.delete(".tidegate/services/checkout.yaml");
    expect(said(after)).toEqual(["opted-in: owned values: it runs as two releases already"]);
  });

  it("a route of the same name in another namespace is none of it", () => {
    const elsewhere =
      "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: checkout, namespace: other }\nspec: { defaultBackend: { service: { name: checkout, port: { number: 80 } } } }\n";
    expect(optIn(groundOf(having({ "routes/checkout.yaml": elsewhere })), WISH).kind).toBe("ok");
  });
});
