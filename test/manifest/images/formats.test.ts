import { describe, expect, it } from "vitest";
import { DIGEST, seen } from "./seen.ts";

type Row = readonly [what: string, path: string, text: string, found: readonly string[]];

const kustomize: readonly Row[] = [
  [
    "images of a kustomization",
    "overlays/prod/kustomization.yaml",
    `images:
  - name: shop
    newName: ghcr.io/acme/shop
    newTag: v1.2.3
  - {name: ghcr.io/acme/cart, newTag: "7"}
  - name: proxy
    digest: ${DIGEST}
  - name: both
    newTag: "1"
    digest: ${DIGEST}
`,
    ["ghcr.io/acme/shop v1.2.3", "ghcr.io/acme/cart 7", `proxy ${DIGEST}`, `both 1@${DIGEST}`],
  ],
  [
    "patches in a kustomization",
    "kustomization.yaml",
    `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
patches:
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: shop
      spec:
        template:
          spec:
            containers:
              - name: shop
                image: acme/shop:2
  - target: {kind: Deployment, name: cart}
    patch: |-
      - op: replace
        path: /spec/template/spec/containers/0/image
        value: acme/cart:3
patchesStrategicMerge:
  - |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: pay}
    spec: {template: {spec: {containers: [{name: pay, image: "acme/pay:4"}]}}}
configMapGenerator:
  - name: versions
    literals:
      - IMAGE_TAG=v5
      - AGENT_IMAGE=acme/agent:6
      - COLOUR=blue
`,
    ["acme/shop 2", "acme/cart 3", "acme/pay 4", "? v5", "acme/agent 6"],
  ],
  [
    "a component",
    "components/canary/kustomization.yaml",
    "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages:\n  - name: shop\n    newTag: v2\n",
    ["shop v2"],
  ],
  [
    "a JSON patch in a file",
    "patches/image.yaml",
    `- op: replace
  path: /spec/template/spec/containers/0/image
  value: acme/shop:2.0.0
- op: add
  path: /spec/template/spec/containers/-
  value:
    name: proxy
    image: envoyproxy/envoy:v1.30
- op: replace
  path: /spec/replicas
  value: 3
`,
    ["acme/shop 2.0.0", "envoyproxy/envoy v1.30"],
  ],
  [
    "a JSON patch in JSON",
    "patch.json",
    `[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "acme/shop:2.0.0"}]`,
    ["acme/shop 2.0.0"],
  ],
];

const charts: readonly Row[] = [
  [
    "repository and tag",
    "charts/a/values.yaml",
    "image:\n  repository: acme/a\n  tag: 1.2.3\n  pullPolicy: Always\n",
    ["acme/a 1.2.3"],
  ],
  [
    "registry, repository, tag and digest",
    "values.yaml",
    `image: {registry: ghcr.io, repository: acme/a, tag: "1", digest: ${DIGEST}}\n`,
    [`ghcr.io/acme/a 1@${DIGEST}`],
  ],
  [
    "name and tag",
    "prod.values.yaml",
    "singleuser:\n  image:\n    name: quay.io/acme/notebook\n    tag: 4f2e8b1\n",
    ["quay.io/acme/notebook 4f2e8b1"],
  ],
  ["one text", "values-prod.yaml", "image: acme/a:1.2.3\n", ["acme/a 1.2.3"]],
  [
    "the name as text, the tag beside it",
    "values.yaml",
    "web:\n  image: acme/web\n  tag: 1.2.3\nworker:\n  image: acme/worker\n  imageTag: v2\n",
    ["acme/web 1.2.3", "acme/worker v2"],
  ],
  [
    "the name as text, the version beside it",
    "values.yaml",
    "main_app:\n  image: team/app\n  version: 2024-03-01-101010-production\n",
    ["team/app 2024-03-01-101010-production"],
  ],
  [
    "a version no chart can have",
    "helmfile.d/app/values.yaml",
    "main_app:\n  version: 2024-03-01-101010-production\nchart:\n  version: 1.2.3\n",
    ["? 2024-03-01-101010-production"],
  ],
  [
    "tags alone",
    "values-prod.yaml",
    'image:\n  tag: ""\nweb:\n  image:\n    tag: v3\nworker:\n  tag: main-1a2b3c4\n',
    ["? v3", "? main-1a2b3c4"],
  ],
  [
    "keys with words before",
    "values.yaml",
    'initImage: busybox\ninitImageTag: "1.36"\nproxyImage: envoy:v1\nsidecar_image_tag: 8\n',
    ["busybox 1.36", "envoy v1", "? 8"],
  ],
  [
    "a digest in the tag, a digest without its algorithm",
    "values.yaml",
    `a:\n  image: {repository: acme/a, tag: 1.2@${DIGEST}}\nb:\n  image: {repository: acme/b, tag: "1", sha: ${DIGEST.slice(7)}}\n`,
    [`acme/a 1.2@${DIGEST}`, `acme/b 1@${DIGEST}`],
  ],
  [
    "what all charts share",
    "values.yaml",
    "global:\n  image: {registry: ghcr.io, tag: v9}\n  imageTag: v10\n",
    ["? v9", "? v10"],
  ],
  [
    "an umbrella's charts",
    "apps/db/values.yaml",
    "postgresql:\n  image: {repository: bitnami/postgresql, tag: 16.3.0}\n  metrics:\n    image: {repository: bitnami/exporter, tag: 0.15.0}\n",
    ["bitnami/postgresql 16.3.0", "bitnami/exporter 0.15.0"],
  ],
  [
    "images under their names",
    "values.yaml",
    'images:\n  web: acme/web:1\n  worker: {repository: acme/worker, tag: "2"}\n  repository: acme/all\n  tag: v4\n',
    ["acme/web 1", "acme/worker 2", "acme/all v4"],
  ],
  [
    "a merge key",
    "values.yaml",
    "base: &base\n  repository: acme/a\n  pullPolicy: Always\nimage:\n  <<: *base\n  tag: v1\n",
    ["? v1"],
  ],
  [
    "a file for each environment and app without a suffix",
    "image-tags/prod/shop",
    "image_tag: v861\npromote_deployment: true\n",
    ["? v861"],
  ],
  [
    "values that another tool fills in",
    "values.yaml.gotmpl",
    "image:\n  repository: acme/a\n  tag: 1.2.3\nhost: {{ .Environment.Name }}.example\n{{- if true }}\nextra: {}\n{{- end }}\n",
    ["acme/a 1.2.3"],
  ],
];

const releases: readonly Row[] = [
  [
    "Flux's HelmRelease",
    "release.yaml",
    `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: a, namespace: b}
spec:
  chart: {spec: {chart: app, version: 9.9.9}}
  values:
    image: {repository: acme/a, tag: 1.2.3}
    java:
      image: registry.example/a/b:pr-1-2024 # {"$imagepolicy": "flux-system:b"}
    sidecar:
      tag: v2
  postRenderers:
    - kustomize:
        images:
          - {name: acme/c, newTag: v3}
        patches:
          - patch: |
              - op: replace
                path: /spec/template/spec/containers/1/image
                value: acme/d:4
`,
    ["acme/a 1.2.3", "registry.example/a/b pr-1-2024", "? v2", "acme/c v3", "acme/d 4"],
  ],
  [
    "Flux's Kustomization",
    "apps.yaml",
    `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps}
spec:
  images:
    - {name: acme/a, newTag: v1}
  postBuild:
    substitute:
      SHOP_TAG: v1.2.3
      SHOP_IMAGE: acme/shop:4
      shop_version: main-1a2b3c4d-1700000000 # {"$imagepolicy": "flux-system:shop:tag"}
      NGINX_CHART_VERSION: 4.1.0 # {"$imagepolicy": "flux-system:nginx-chart:tag"}
      INGRESS_VERSION: 4.1.0
      CLUSTER: prod
`,
    ["acme/a v1", "? v1.2.3", "acme/shop 4", "? main-1a2b3c4d-1700000000"],
  ],
  [
    "k3s's HelmChart",
    "chart.yaml",
    `apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: {name: a}
spec:
  chart: app
  version: 1.2.3
  set:
    image.tag: v7
  valuesContent: |-
    image:
      repository: acme/a
      tag: v8
`,
    ["? v7", "acme/a v8"],
  ],
  [
    "an Application of Argo CD",
    "app.yaml",
    `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop, namespace: argocd}
spec:
  source:
    repoURL: https://charts.example
    chart: shop
    targetRevision: 1.2.3
    helm:
      parameters:
        - {name: image.repository, value: acme/shop}
        - {name: image.tag, value: v1}
        - {name: replicas, value: "3"}
      valuesObject:
        worker: {tag: v2}
      values: |
        image:
          repository: acme/cart
          tag: v3
  sources:
    - kustomize:
        images:
          - acme/pay:v4
          - web=ghcr.io/acme/web:v5
          - acme/old@${DIGEST}
`,
    ["acme/shop v1", "? v2", "acme/cart v3", "acme/pay v4", "ghcr.io/acme/web v5", `acme/old ${DIGEST}`],
  ],
  [
    "an ApplicationSet with a list",
    "set.yaml",
    `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: shop}
spec:
  generators:
    - list:
        elements:
          - {cluster: a, imageTag: v1}
          - {cluster: b, image: "acme/shop:v2"}
          - {cluster: c, tag: v3}
  template:
    spec:
      source:
        helm:
          parameters:
            - {name: image.tag, value: "{{imageTag}}"}
`,
    ["? v1", "acme/shop v2", "? v3"],
  ],
  [
    "what Argo CD's image updater writes",
    "apps/shop/.argocd-source-shop.yaml",
    "helm:\n  parameters:\n    - name: image.name\n      value: acme/shop\n      forcestring: true\n    - name: image.tag\n      value: v3\n      forcestring: true\nkustomize:\n  images:\n    - acme/cart:v4\n",
    ["acme/shop v3", "acme/cart v4"],
  ],
];

const others: readonly Row[] = [
  [
    "Compose",
    "docker-compose.yml",
    "services:\n  web:\n    image: nginx:1.27\n  db:\n    image: postgres:${PG:-16.3}\n  app:\n    build: .\n    image: ${APP_IMAGE}\n",
    ["nginx 1.27", "postgres 16.3"],
  ],
  [
    "Compose with names that are defaults",
    "docker-compose.yml",
    "services:\n  a:\n    image: ${REPO:-ghcr.io/acme/a}:${VERSION:-6.5.0}\n  b:\n    image: ${REGISTRY-docker.io}/acme/b:${TAG-1.2}\n  c:\n    image: ${PREFIX:-}acme/c:3\n  d:\n    image: ${REPO:-acme/d}:${TAG}\n",
    ["ghcr.io/acme/a 6.5.0", "docker.io/acme/b 1.2", "acme/c 3"],
  ],
  [
    "an image with a scheme",
    "engine.yaml",
    `apiVersion: waf.example/v1\nkind: Engine\nmetadata: {name: a}\nspec:\n  image: "oci://ghcr.io/acme/waf:1.2@${DIGEST}"\n`,
    [`ghcr.io/acme/waf 1.2@${DIGEST}`],
  ],
  [
    "parameters with defaults",
    "task.yaml",
    "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a}\nspec:\n  params:\n    - name: BUILDER_IMAGE\n      default: acme/builder:1.2\n    - name: IMAGE_TAG\n      default: latest\n",
    ["acme/builder 1.2"],
  ],
  [
    "a file of Compose with another name",
    "stacks/media.yml",
    "services:\n  web:\n    image: nginx:1.27\n",
    ["nginx 1.27"],
  ],
  [
    "variables",
    ".env",
    "# TAG=1\nWEB_IMAGE=acme/web:1\nAPI_TAG=\"v2\" # now\nexport WORKER_DOCKER_TAG='v3'\nIMAGE_VERSION=4.5\nPORT=80\nFOO_VERSION=9\n",
    ["acme/web 1", "? v2", "? v3", "? 4.5"],
  ],
  [
    "a manifest in a ConfigMap",
    "cm.yaml",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: jobs}\ndata:\n  job.yaml: |\n    apiVersion: batch/v1\n    kind: Job\n    metadata: {name: a}\n    spec: {template: {spec: {containers: [{name: a, image: 'acme/a:1'}]}}}\n    ---\n    apiVersion: v1\n    kind: Pod\n    metadata: {name: b}\n    spec:\n      containers:\n        - name: b\n          image: acme/b:2\n  run.sh: |\n    #!/bin/sh\n    docker run acme/c:3\n",
    ["acme/a 1", "acme/b 2"],
  ],
  [
    "a template of a chart",
    "charts/a/templates/deployment.yaml",
    `{{- if .Values.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "a.name" . }}
  labels: {{- include "a.labels" . | nindent 4 }}
spec:
  template:
    spec:
      initContainers:
        {{- range .Values.waits }}
        - name: wait-{{ . }}
          image: busybox:1.36
        {{- end }}
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
        - name: fixed
          {{- if .Values.old }}
          image: acme/fixed:1
          {{- else }}
          image: acme/fixed:2
          {{- end }}
{{- end }}
`,
    ["busybox 1.36", "acme/fixed 1", "acme/fixed 2"],
  ],
  [
    "an Application in a chart",
    "apps/templates/shop.yaml",
    'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: shop\n{{- with .Values.x }}\nspec:\n  source:\n    helm:\n      values: |\n        image:\n          tag: "4.6.1"\n        host: {{ .Values.host }}\n{{- end }}\n',
    ["? 4.6.1"],
  ],
  [
    "jobs of Prow",
    "jobs/a.yaml",
    "presubmits:\n  acme/a:\n    - name: test\n      spec:\n        containers:\n          - image: acme/ci:v1\n",
    ["acme/ci v1"],
  ],
];

describe.each([
  ["Kustomize", kustomize],
  ["charts' values", charts],
  ["releases", releases],
  ["elsewhere", others],
])("images in %s", (_, rows) => {
  it.each(rows)("%s", (__, path, text, found) => {
    expect(seen(path, text)).toEqual(found);
  });
});
