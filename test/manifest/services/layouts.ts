import {
  application,
  applicationSet,
  chart,
  deployment,
  flux,
  helmRelease,
  kustomization,
  setsTag,
  values,
  type Files,
} from "./repo.ts";

const IMAGE = "registry.example.com/checkout";

/** Repositories by how they are laid out, and what is found in them. */
export const LAYOUTS: readonly (readonly [string, Files, readonly string[]])[] = [
  [
    "kustomize: base and overlays",
    {
      "apps/checkout/base/kustomization.yaml": kustomization(["deployment.yaml"]),
      "apps/checkout/base/deployment.yaml": deployment("checkout", IMAGE),
      "apps/checkout/overlays/staging/kustomization.yaml": kustomization(["../../base"], setsTag(IMAGE, "2.0")),
      "apps/checkout/overlays/prod-eu/kustomization.yaml": kustomization(["../../base"], setsTag(IMAGE, "1.0")),
    },
    [
      `checkout/prod-eu ${IMAGE}:1.0 apps/checkout/overlays/prod-eu/kustomization.yaml:7 siblings`,
      `checkout/staging ${IMAGE}:2.0 apps/checkout/overlays/staging/kustomization.yaml:7 siblings`,
    ],
  ],
  [
    "kustomize: targets whose names nobody knows, at different depths",
    {
      "components/mail/base/kustomization.yaml": kustomization(["deployment.yaml"]),
      "components/mail/base/deployment.yaml": deployment("mail", "mail:1"),
      "components/mail/rings/ring-0/kustomization.yaml": kustomization(["../../base"]),
      "components/mail/rings/ring-1/east/kustomization.yaml": kustomization(["../../../base"]),
      "components/mail/rings/ring-1/west/kustomization.yaml": kustomization(["../../../base"]),
    },
    [
      "mail/ring-0 mail:1 components/mail/base/deployment.yaml:10 siblings",
      "mail/ring-1-east mail:1 components/mail/base/deployment.yaml:10 siblings",
      "mail/ring-1-west mail:1 components/mail/base/deployment.yaml:10 siblings",
    ],
  ],
  [
    "kustomize: one overlay for each target, over the bases of all services",
    {
      "services/cart/kustomization.yaml": kustomization(["deployment.yaml"]),
      "services/cart/deployment.yaml": deployment("cart", "cart"),
      "services/mail/kustomization.yaml": kustomization(["deployment.yaml"]),
      "services/mail/deployment.yaml": deployment("mail", "mail"),
      "sites/ams/kustomization.yaml": kustomization(
        ["../../services/cart", "../../services/mail"],
        setsTag("cart", "2"),
      ),
      "sites/fra/kustomization.yaml": kustomization(
        ["../../services/cart", "../../services/mail"],
        setsTag("cart", "1"),
      ),
    },
    [
      "cart/ams cart:2 sites/ams/kustomization.yaml:8 siblings",
      "cart/fra cart:1 sites/fra/kustomization.yaml:8 siblings",
      "mail/ams mail:? services/mail/deployment.yaml:10 siblings",
      "mail/fra mail:? services/mail/deployment.yaml:10 siblings",
    ],
  ],
  [
    "kustomize: a base on another machine",
    {
      "components/build/base/kustomization.yaml": kustomization(["rbac.yaml"]),
      "components/build/staging/kustomization.yaml": kustomization(
        ["../base", "https://github.com/acme/build/config/default?ref=abc"],
        setsTag("quay.io/acme/build", "abc"),
      ),
      "components/build/production/kustomization.yaml": kustomization(
        ["../base", "github.com/acme/build//config/default?ref=def"],
        setsTag("quay.io/acme/build", "def"),
      ),
    },
    [
      "build/production quay.io/acme/build:def components/build/production/kustomization.yaml:8 siblings",
      "build/staging quay.io/acme/build:abc components/build/staging/kustomization.yaml:8 siblings",
    ],
  ],
  [
    "a folder for each target in that of the service",
    {
      "apps/cart/blue/deployment.yaml": deployment("cart", "cart:2"),
      "apps/cart/green/deployment.yaml": deployment("cart", "cart:1"),
      "apps/mail/blue/deployment.yaml": deployment("mail", "mail:2"),
      "apps/mail/green/deployment.yaml": deployment("mail", "mail:1"),
    },
    [
      "cart/blue cart:2 apps/cart/blue/deployment.yaml:10 siblings",
      "cart/green cart:1 apps/cart/green/deployment.yaml:10 siblings",
      "mail/blue mail:2 apps/mail/blue/deployment.yaml:10 siblings",
      "mail/green mail:1 apps/mail/green/deployment.yaml:10 siblings",
    ],
  ],
  [
    "a folder for each service in that of the target",
    {
      "ams/cart/deployment.yaml": deployment("cart", "cart:2"),
      "ams/mail/deployment.yaml": deployment("mail", "mail:2"),
      "fra/cart/deployment.yaml": deployment("cart", "cart:1"),
      "fra/mail/deployment.yaml": deployment("mail", "mail:1"),
    },
    [
      "cart/ams cart:2 ams/cart/deployment.yaml:10 siblings",
      "cart/fra cart:1 fra/cart/deployment.yaml:10 siblings",
      "mail/ams mail:2 ams/mail/deployment.yaml:10 siblings",
      "mail/fra mail:1 fra/mail/deployment.yaml:10 siblings",
    ],
  ],
  [
    "one redis each for several services is not one service in several targets",
    {
      "apps/cart/deployment.yaml": deployment("cart", "cart:1"),
      "apps/cart/redis.yaml": deployment("redis", "redis:7"),
      "apps/mail/deployment.yaml": deployment("mail", "mail:1"),
      "apps/mail/redis.yaml": deployment("redis", "redis:6"),
    },
    [
      "cart/default cart:1 apps/cart/deployment.yaml:10 only",
      "mail/default mail:1 apps/mail/deployment.yaml:10 only",
      "redis/default redis:7 apps/cart/redis.yaml:10 only",
      "redis/default redis:6 apps/mail/redis.yaml:10 only",
    ],
  ],
  [
    "a file for each target",
    {
      "apps/shop/cart/east.yaml": helmRelease("cart", values("cart", "2")),
      "apps/shop/cart/west.yaml": helmRelease("cart", values("cart", "1")),
    },
    ["cart/east cart:2 apps/shop/cart/east.yaml:12 siblings", "cart/west cart:1 apps/shop/cart/west.yaml:12 siblings"],
  ],
  [
    "names with the environment in them",
    {
      "apps/cart/dev/deployment.yaml": deployment("cart-dev", "cart:2"),
      "apps/cart/prod/deployment.yaml": deployment("cart-prod", "cart:1"),
    },
    [
      "cart/dev cart:2 apps/cart/dev/deployment.yaml:10 siblings",
      "cart/prod cart:1 apps/cart/prod/deployment.yaml:10 siblings",
    ],
  ],
  [
    "Flux: clusters that reach folders, whatever those are called",
    {
      "clusters/amsterdam/apps.yaml": flux("apps", "./deploy/one"),
      "clusters/frankfurt/apps.yaml": flux("apps", "./deploy/two"),
      "deploy/base/mail/kustomization.yaml": kustomization(["release.yaml"]),
      "deploy/base/mail/release.yaml": helmRelease("mail", values("mail", "0")),
      "deploy/one/kustomization.yaml": kustomization(["../base/mail"], "patches:\n  - path: mail.yaml\n"),
      "deploy/one/mail.yaml": helmRelease("mail", values("mail", "2")),
      "deploy/two/kustomization.yaml": kustomization(["../base/mail"], "patches:\n  - path: mail.yaml\n"),
      "deploy/two/mail.yaml": helmRelease("mail", values("mail", "1")),
    },
    [
      "mail/amsterdam mail:2 deploy/one/mail.yaml:12 reference",
      "mail/frankfurt mail:1 deploy/two/mail.yaml:12 reference",
    ],
  ],
  [
    "Flux: a folder that several clusters reach",
    {
      "clusters/a/apps.yaml": flux("apps", "./apps"),
      "clusters/b/apps.yaml": flux("apps", "./apps"),
      "apps/mail/deployment.yaml": deployment("mail", "mail:1"),
    },
    ["mail/a mail:1 apps/mail/deployment.yaml:10 reference", "mail/b mail:1 apps/mail/deployment.yaml:10 reference"],
  ],
  [
    "Flux: one Kustomization per app, found through others",
    {
      "kubernetes/flux/cluster/ks.yaml": flux("cluster-apps", "./kubernetes/apps"),
      "kubernetes/apps/media/kustomization.yaml": kustomization(["./plex/ks.yaml"], "namespace: media\n"),
      "kubernetes/apps/media/plex/ks.yaml": flux(
        "plex",
        "./kubernetes/apps/media/plex/app",
        "  targetNamespace: media\n",
      ),
      "kubernetes/apps/media/plex/app/kustomization.yaml": kustomization(["./helmrelease.yaml"]),
      "kubernetes/apps/media/plex/app/helmrelease.yaml": helmRelease("plex", values("plex", "1.40")),
    },
    ["plex/default plex:1.40 kubernetes/apps/media/plex/app/helmrelease.yaml:12 only"],
  ],
  [
    "Flux: variables in images",
    {
      "clusters/home/apps.yaml": flux("apps", "./apps", '  postBuild:\n    substitute:\n      MAIL_TAG: "4.2"\n'),
      "apps/mail.yaml": deployment("mail", "mail:${MAIL_TAG}"),
    },
    ["mail/home mail:4.2 clusters/home/apps.yaml:13 reference"],
  ],
  [
    "Argo CD: an Application for each target, with values for it",
    {
      "argocd/checkout-dev.yaml": application(
        "checkout-dev",
        "path: charts/checkout\nhelm:\n  valueFiles: [values-dev.yaml]\n",
      ),
      "argocd/checkout-live.yaml": application(
        "checkout-live",
        "path: charts/checkout\nhelm:\n  valueFiles: [values-live.yaml]\n",
      ),
      "charts/checkout/Chart.yaml": chart("checkout"),
      "charts/checkout/values.yaml": values(IMAGE, "0"),
      "charts/checkout/values-dev.yaml": 'image:\n  tag: "2"\n',
      "charts/checkout/values-live.yaml": 'image:\n  tag: "1"\n',
    },
    [
      `checkout/dev ${IMAGE}:2 charts/checkout/values-dev.yaml:2 siblings`,
      `checkout/live ${IMAGE}:1 charts/checkout/values-live.yaml:2 siblings`,
    ],
  ],
  [
    "Argo CD: clusters by their names",
    {
      "apps/a.yaml": application("mail-a", "path: mail/one\n", "name: amsterdam"),
      "apps/b.yaml": application("mail-b", "path: mail/two\n", "name: frankfurt"),
      "mail/one/deployment.yaml": deployment("mail", "mail:2"),
      "mail/two/deployment.yaml": deployment("mail", "mail:1"),
    },
    [
      "mail/amsterdam mail:2 mail/one/deployment.yaml:10 reference",
      "mail/frankfurt mail:1 mail/two/deployment.yaml:10 reference",
    ],
  ],
  [
    "Argo CD: a chart from elsewhere, with its values in the Application",
    {
      "apps/redis.yaml": application(
        "redis",
        'chart: redis\ntargetRevision: 1.2.3\nhelm:\n  values: |\n    image:\n      repository: redis\n      tag: "7.4"\n',
      ),
    },
    ["redis/default redis:7.4 apps/redis.yaml:14 only"],
  ],
  [
    "ApplicationSet: a list",
    {
      "apps/set.yaml": applicationSet(
        "- list:\n    elements:\n      - { name: amsterdam }\n      - { name: frankfurt }\n",
        "mail/{{name}}",
      ),
      "mail/amsterdam/deployment.yaml": deployment("mail", "mail:2"),
      "mail/frankfurt/deployment.yaml": deployment("mail", "mail:1"),
    },
    [
      "mail/amsterdam mail:2 mail/amsterdam/deployment.yaml:10 reference",
      "mail/frankfurt mail:1 mail/frankfurt/deployment.yaml:10 reference",
    ],
  ],
  [
    "ApplicationSet: folders",
    {
      "root/set.yaml": applicationSet(
        "- git:\n    directories:\n      - path: apps/*\n      - { path: apps/old, exclude: true }\n",
        "{{path}}",
      ),
      "apps/mail/Chart.yaml": chart("mail"),
      "apps/mail/values.yaml": values("mail", "1"),
      "apps/old/notes.yaml": "kind: none\n",
    },
    ["mail/default mail:1 apps/mail/values.yaml:3 only"],
  ],
  [
    "ApplicationSet: files with parameters",
    {
      "root/set.yaml": applicationSet("- git:\n    files:\n      - path: sites/**/config.json\n", "mail/{{site.name}}"),
      "sites/eu/ams/config.json": '{ "site": { "name": "ams" } }',
      "sites/us/iad/config.json": '{ "site": { "name": "iad" } }',
      "mail/ams/deployment.yaml": deployment("mail", "mail:2"),
      "mail/iad/deployment.yaml": deployment("mail", "mail:1"),
    },
    ["mail/ams mail:2 mail/ams/deployment.yaml:10 siblings", "mail/iad mail:1 mail/iad/deployment.yaml:10 siblings"],
  ],
  [
    "ApplicationSet: what only clusters know, answered by the folders that are there",
    {
      "root/set.yaml": applicationSet(
        "- matrix:\n    generators:\n      - clusters: {}\n      - list: { elements: [{ app: mail }] }\n",
        "deploy/{{app}}/{{name}}",
      ),
      "deploy/mail/c1/deployment.yaml": deployment("mail", "mail:2"),
      "deploy/mail/c2/deployment.yaml": deployment("mail", "mail:1"),
    },
    [
      "mail/c1 mail:2 deploy/mail/c1/deployment.yaml:10 reference",
      "mail/c2 mail:1 deploy/mail/c2/deployment.yaml:10 reference",
    ],
  ],
  [
    "an app of apps written as a chart, with values named by a template",
    {
      "environments/Chart.yaml": chart("environments"),
      "environments/templates/mail.yaml": `{{- if .Values.mail -}}\n${application("mail", 'path: "applications/mail"\nhelm:\n  valueFiles:\n    - "values.yaml"\n    - "values-{{ .Values.name }}.yaml"\n')}{{- end -}}\n`,
      "applications/mail/Chart.yaml": chart("mail"),
      "applications/mail/values.yaml": values("mail", "0"),
      "applications/mail/values-summit.yaml": 'image:\n  tag: "2"\n',
      "applications/mail/values-tucson.yaml": 'image:\n  tag: "1"\n',
    },
    [
      "mail/summit mail:2 applications/mail/values-summit.yaml:2 reference",
      "mail/tucson mail:1 applications/mail/values-tucson.yaml:2 reference",
    ],
  ],
  [
    "a chart per service with values for each target, beside it",
    {
      "charts/mail/Chart.yaml": chart("mail"),
      "charts/mail/values.yaml": values("mail", "0"),
      "charts/mail/values-ithc.yaml": 'image:\n  tag: "2"\n',
      "charts/mail/values-aat.yaml": 'image:\n  tag: "1"\n',
      "charts/mail/templates/deployment.yaml": 'kind: Deployment\nmetadata: { name: "{{ .Release.Name }}" }\n',
    },
    [
      "mail/aat mail:1 charts/mail/values-aat.yaml:2 siblings",
      "mail/ithc mail:2 charts/mail/values-ithc.yaml:2 siblings",
    ],
  ],
  [
    "a chart per service with a folder for each target",
    {
      "mail/chart/Chart.yaml": chart("mail"),
      "mail/chart/values.yaml": values("mail", "0"),
      "mail/chart/env/north/values.yaml": 'image:\n  tag: "2"\n',
      "mail/chart/env/south/values.yaml": 'image:\n  tag: "1"\n',
    },
    [
      "mail/north mail:2 mail/chart/env/north/values.yaml:2 siblings",
      "mail/south mail:1 mail/chart/env/south/values.yaml:2 siblings",
    ],
  ],
  [
    "a chart whose appVersion is the image's tag",
    {
      "mail/Chart.yaml": chart("mail", 'appVersion: "3.1"\n'),
      "mail/values.yaml": 'image:\n  repository: mail\n  tag: ""\n',
      "mail/templates/deployment.yaml":
        'kind: Deployment\nspec:\n  image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"\n',
    },
    ["mail/default mail:3.1 mail/Chart.yaml:4 only"],
  ],
  [
    "manifests of one cluster, and the arms of a canary as one service",
    {
      "k8s/shop.yaml": [deployment("cart", "cart:2"), deployment("cart-stable", "cart:1")].join("---\n"),
    },
    ["cart/default cart:2 k8s/shop.yaml:10 only", "cart/default cart:1 k8s/shop.yaml:21 only"],
  ],
  [
    "Flux: a variable in the path, and folders that others build on",
    {
      "apps/mail/base/kustomize.yaml": flux("mail", "./apps/mail/${ENVIRONMENT}/${CLUSTER}"),
      "apps/mail/base/kustomization.yaml": kustomization(["../mail.yaml"]),
      "apps/mail/mail.yaml": helmRelease("mail", values("mail", "1")),
      "apps/mail/ithc/base/kustomization.yaml": kustomization(["../../base"]),
      "apps/mail/ithc/00/kustomization.yaml": kustomization(["../base"]),
      "apps/mail/ithc/01/kustomization.yaml": kustomization(["../base"]),
      "clusters/ithc/kustomization.yaml": kustomization(
        ["../../apps/mail/base/kustomize.yaml"],
        "patches:\n  - path: defaults.yaml\n    target: { kind: Kustomization }\n",
      ),
      "clusters/ithc/defaults.yaml":
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: all }\nspec:\n  sourceRef: { kind: GitRepository, name: flux-system }\n",
    },
    ["mail/ithc-00 mail:1 apps/mail/mail.yaml:12 reference", "mail/ithc-01 mail:1 apps/mail/mail.yaml:12 reference"],
  ],
  [
    "Flux: components that a Kustomization adds, and names with variables",
    {
      "flux/mail.yaml": flux(
        "mail",
        "./apps/mail",
        "  components: [../../components/guard]\n  postBuild:\n    substitute: { APP: mail }\n",
      ),
      "apps/mail/kustomization.yaml": kustomization(["release.yaml"]),
      "apps/mail/release.yaml": helmRelease("mail", values("mail", "1")),
      "components/guard/kustomization.yaml":
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [release.yaml]\n",
      "components/guard/release.yaml": helmRelease('"${APP}-guard"', values("guard", "2")),
    },
    [
      "mail/default mail:1 apps/mail/release.yaml:12 only",
      "mail-guard/default guard:2 components/guard/release.yaml:12 only",
    ],
  ],
  [
    "Flux: a folder of an artifact",
    {
      "clusters/live/apps.yaml": flux("apps", "./live")
        .replace("GitRepository", "ExternalArtifact")
        .replace("name: flux-system\n  path", "name: apps\n  path"),
      "clusters/live/artifacts.yaml":
        'apiVersion: source.extensions.fluxcd.io/v1beta1\nkind: ArtifactGenerator\nmetadata: { name: all }\nspec:\n  artifacts:\n    - name: flux-system\n      copy:\n        - { from: "@mono/shop/base/**", to: "@artifact/base/" }\n        - { from: "@mono/shop/live/**", to: "@artifact/live/" }\n',
      "shop/live/kustomization.yaml": kustomization(["../base/mail"]),
      "shop/base/mail/kustomization.yaml": kustomization(["release.yaml"]),
      "shop/base/mail/release.yaml": helmRelease("mail", values("mail", "1")),
    },
    ["mail/live mail:1 shop/base/mail/release.yaml:12 reference"],
  ],
  [
    "an ApplicationSet in a chart's template, with values from another source",
    {
      "boot/Chart.yaml": chart("boot"),
      "boot/templates/set.yaml": `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: apps }
spec:
  goTemplate: true
  generators:
    - git:
        repoURL: {{ .Values.repo }}
        directories:
          - path: services/*
  template:
    metadata:
      name: '{{\`{{ .path.basename }}\`}}'
    spec:
      sources:
        - repoURL: {{ .Values.repo }}
          path: charts/service
          helm:
            valueFiles:
              - $values/{{ \`{{ .path.path }}\` }}/values.yaml
        - repoURL: {{ .Values.repo }}
          ref: values
`,
      "charts/service/Chart.yaml": chart("service"),
      "charts/service/values.yaml": values("none", "0"),
      "services/cart/values.yaml": values("cart", "2"),
      "services/mail/values.yaml": values("mail", "1"),
    },
    ["cart/default cart:2 services/cart/values.yaml:3 only", "mail/default mail:1 services/mail/values.yaml:3 only"],
  ],
  [
    "compose files with variables",
    {
      ".env": 'REGISTRY="registry.example.com"\nexport TAG=2.1 # of all\n',
      "compose.yaml":
        "services:\n  cart:\n    image: ${REGISTRY}/cart:${TAG}\n  mail:\n    image: mail:${MAIL_TAG:-4}\n  stock:\n    image: $REGISTRY/stock:1\n",
    },
    [
      "cart/default registry.example.com/cart:2.1 .env:2 only",
      "mail/default mail:4 compose.yaml:5 only",
      "stock/default registry.example.com/stock:1 .env:1 only",
    ],
  ],
  [
    "kustomize: what generators make",
    {
      "policies/live/kustomization.yaml": `generators: [generator.yaml]\n${setsTag("policy", "1.2")}`,
      "policies/live/generator.yaml":
        "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: { name: policies }\n",
      "policies/test/kustomization.yaml": `generators: [generator.yaml]\n${setsTag("policy", "1.3")}`,
      "policies/test/generator.yaml":
        "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: { name: policies }\n",
    },
    [
      "policies/live policy:1.2 policies/live/kustomization.yaml:4 siblings",
      "policies/test policy:1.3 policies/test/kustomization.yaml:4 siblings",
    ],
  ],
  [
    "kustomize: versions that a component's replacements copy",
    {
      "apps/checkout/base/kustomization.yaml": kustomization(["deployment.yaml"]),
      "apps/checkout/base/deployment.yaml": deployment("checkout", `${IMAGE}:0`),
      "apps/checkout/versions/kustomization.yaml": "kind: Component\nreplacements: [{ path: app.yaml }]\n",
      "apps/checkout/versions/app.yaml": `source: { kind: ConfigMap, name: versions, fieldPath: data.release }
targets:
  - select: { kind: Deployment }
    fieldPaths: ["spec.template.spec.containers.[name=app].image"]
    options: { delimiter: ":", index: 1 }
`,
      "apps/checkout/overlays/staging/kustomization.yaml": kustomization(
        ["../../base", "versions.yaml"],
        "components: [../../versions]\n",
      ),
      "apps/checkout/overlays/staging/versions.yaml":
        "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: versions }\ndata: { release: v2 }\n",
      "apps/checkout/overlays/prod/kustomization.yaml": kustomization(
        ["../../base"],
        "components: [../../versions]\nconfigMapGenerator: [{ name: versions, envs: [versions.env] }]\n",
      ),
      "apps/checkout/overlays/prod/versions.env": "release=v1\n",
    },
    [
      `checkout/prod ${IMAGE}:v1 apps/checkout/overlays/prod/versions.env:1 siblings`,
      `checkout/staging ${IMAGE}:v2 apps/checkout/overlays/staging/versions.yaml:4 siblings`,
    ],
  ],
  [
    "compose files",
    {
      "shop/compose.yaml": "services:\n  cart:\n    image: cart:2\n  own:\n    build: .\n",
      "shop/compose.prod.yaml": "services:\n  cart:\n    image: cart:1\n",
    },
    ["cart/default cart:2 shop/compose.yaml:3 siblings", "cart/prod cart:1 shop/compose.prod.yaml:3 siblings"],
  ],
];
