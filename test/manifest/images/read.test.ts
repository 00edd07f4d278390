import { describe, expect, it } from "vitest";
import { readImages } from "../../../src/manifest/images/read.ts";
import { DIGEST, folderOf, places, seen } from "./seen.ts";

type Row = readonly [what: string, path: string, text: string, found: readonly string[]];

const workloads: readonly Row[] = [
  [
    "every container of a pod",
    "apps/shop/deployment.yaml",
    `apiVersion: apps/v1
kind: Deployment
metadata: { name: shop, namespace: prod }
spec:
  template:
    spec:
      initContainers:
        - name: migrate
          image: registry.example:5000/shop/migrate:1.2.3
      containers:
        - name: shop
          image: "ghcr.io/acme/shop:1.2.3@${DIGEST}"
        - { name: proxy, image: 'envoy:v1.30' }
      ephemeralContainers:
        - name: debug
          image: busybox@${DIGEST}
      volumes:
        - name: model
          image: { reference: "ghcr.io/acme/model:7", pullPolicy: Always }
`,
    [
      "registry.example:5000/shop/migrate 1.2.3",
      `ghcr.io/acme/shop 1.2.3@${DIGEST}`,
      "envoy v1.30",
      `busybox ${DIGEST}`,
      "ghcr.io/acme/model 7",
    ],
  ],
  [
    "a job of a schedule",
    "cron.yaml",
    `apiVersion: batch/v1
kind: CronJob
metadata:
  name: nightly
spec:
  jobTemplate:
    spec:
      template:
        spec:
          containers:
            - image: acme/report:2024-01-02
`,
    ["acme/report 2024-01-02"],
  ],
  [
    "Argo's workflows",
    "wf.yaml",
    `apiVersion: argoproj.io/v1alpha1
kind: ClusterWorkflowTemplate
metadata: {name: build}
spec:
  templates:
    - name: a
      container: {image: "acme/a:1"}
    - name: b
      script:
        image: acme/b:2
        source: |
          echo image: acme/not:3x
    - name: c
      sidecars:
        - name: dind
          image: docker:24-dind
`,
    ["acme/a 1", "acme/b 2", "docker 24-dind"],
  ],
  [
    "a Knative service, Tekton steps and a list of objects",
    "list.yaml",
    `apiVersion: v1
kind: List
items:
  - apiVersion: serving.knative.dev/v1
    kind: Service
    metadata: {name: hello}
    spec:
      template:
        spec:
          containers: [{image: acme/hello:v1}]
  - apiVersion: tekton.dev/v1
    kind: Task
    metadata: {name: lint}
    spec:
      steps:
        - name: lint
          image: acme/lint:3
`,
    ["acme/hello v1", "acme/lint 3"],
  ],
  [
    "a manifest in JSON",
    "deploy/web.json",
    `{
  "apiVersion": "v1",
  "kind": "Pod",
  "metadata": { "name": "web" },
  "spec": { "containers": [ { "name": "web", "image": "nginx:1.27.0" } ] }
}`,
    ["nginx 1.27.0"],
  ],
  [
    "lines that end in CRLF, and a mark of byte order",
    "pod.yaml",
    "\u{FEFF}apiVersion: v1\r\nkind: Pod\r\nmetadata:\r\n  name: web\r\nspec:\r\n  containers:\r\n  - name: web\r\n    image: nginx:1.27.0\r\n",
    ["nginx 1.27.0"],
  ],
  [
    "an anchor, and no alias of it",
    "pods.yaml",
    `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  initContainers:
    - name: first
      image: &web nginx:1.27.0
  containers:
    - name: web
      image: *web
`,
    ["nginx 1.27.0"],
  ],
  [
    "a reference in a block of text",
    "pod.yaml",
    `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: >-
        registry.example/a/very/long/path/nginx:1.27.0
`,
    ["registry.example/a/very/long/path/nginx 1.27.0"],
  ],
  [
    "a version behind a name that is filled in",
    "chart/templates/pod.yaml",
    `apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  initContainers:
    - name: a
      image: {{ .Values.registry }}/acme/a:v1.2.3
    - name: b
      image: "\${REGISTRY}/acme/b:2@${DIGEST}"
  containers:
    - name: c
      image: "{{ .Values.image.repository }}:v3"
`,
    ["? v1.2.3", `? 2@${DIGEST}`, "? v3"],
  ],
  [
    "custom resources",
    "db.yaml",
    `apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: db}
spec:
  imageName: ghcr.io/acme/postgresql:16.4
---
apiVersion: ceph.rook.io/v1
kind: CephCluster
metadata: {name: ceph}
spec:
  cephVersion:
    image: quay.io/ceph/ceph:v18.2.4
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: main}
spec:
  image: quay.io/prometheus/prometheus:v2.53.0
  version: v2.53.0
  thanos: {baseImage: quay.io/thanos/thanos, version: v0.35.0}
---
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: mesh}
spec: {hub: docker.io/istio, tag: 1.22.3}
---
apiVersion: image.openshift.io/v1
kind: ImageStream
metadata: {name: notebook}
spec:
  tags:
    - name: "2024.1"
      from: {kind: DockerImage, name: "quay.io/acme/notebook:2024a"}
`,
    [
      "ghcr.io/acme/postgresql 16.4",
      "quay.io/ceph/ceph v18.2.4",
      "quay.io/prometheus/prometheus v2.53.0",
      "quay.io/thanos/thanos v0.35.0",
      "docker.io/istio 1.22.3",
      "quay.io/acme/notebook 2024a",
    ],
  ],
  [
    "the environment of an operator",
    "operator.yaml",
    `apiVersion: apps/v1
kind: Deployment
metadata: {name: operator}
spec:
  template:
    spec:
      containers:
        - name: operator
          image: acme/operator:1
          env:
            - {name: RELATED_IMAGE_AGENT, value: "acme/agent:4"}
            - {name: AGENT_IMAGE, value: "acme/agent:4"}
            - {name: LOG_TAG, value: v3}
            - {name: PATH, value: "/bin:/usr/bin"}
`,
    ["acme/operator 1", "acme/agent 4", "acme/agent 4"],
  ],
  [
    "a tag that readers of YAML take for a number",
    "values.yaml",
    `a: {image: {repository: acme/a, tag: 1234e56}}
b: {image: {repository: acme/b, tag: 1.10}}
c: {image: {repository: acme/c, tag: 0755}}
d: {image: {repository: acme/d, tag: 1_000}}
e: {image: {repository: acme/e, tag: yes}}
f: {image: {repository: acme/f, tag: 0x1F}}
g: {image: {repository: acme/g, tag: "6.0"}}
`,
    ["acme/a 1234e56", "acme/b 1.10", "acme/c 0755", "acme/d 1_000", "acme/e yes", "acme/f 0x1F", "acme/g 6.0"],
  ],
];

const hidden: readonly Row[] = [
  [
    "what was put aside",
    ".archive/shop/pod.yaml",
    "kind: Pod\nspec:\n  containers:\n    - image: acme/a:1\n",
    ["acme/a 1"],
  ],
  [
    "a stack for development",
    ".devenv/compose.yaml",
    "services:\n  db:\n    image: postgres:16.3\n",
    ["postgres 16.3"],
  ],
  ["delivery", ".gitops/values.yaml", "image: acme/a:1\n", ["acme/a 1"]],
];

const nothing: readonly Row[] = [
  ["tasks of a pipeline", ".tekton/tasks/test.yaml", "kind: Task\nspec:\n  steps:\n    - image: node:22\n", []],
  ["an editor's container", ".devcontainer/compose.yaml", "services:\n  app:\n    image: node:22\n", []],
  ["tasks on a desk", ".taskfiles/a.yaml", "vars:\n  image: node:22\n", []],
  [
    "a dependency that is named by its build",
    "chart/requirements.yaml",
    "dependencies:\n  - name: hub\n    version: 0.9-e120fda\n    repository: https://charts.example\n",
    [],
  ],
  ["a module at an address", "modules.yaml", "a:\n  repo: https://git.example/a\n  version: main-1a2b3c4\n", []],
  [
    "GitLab's pipeline under another name",
    "ci/test.yaml",
    "stages: [test]\ntest:\n  image: node:22\n  script: [npm test]\n",
    [],
  ],
  ["a pipeline of Azure", "pipelines/a.yaml", "trigger: [main]\njobs:\n  - container: {image: 'node:22'}\n", []],
  [
    "comments",
    "pod.yaml",
    "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    # image: nginx:1\n    - name: web\n",
    [],
  ],
  ["continuous integration", ".github/workflows/ci.yaml", "jobs:\n  a:\n    container:\n      image: node:22\n", []],
  ["the build", "cloudbuild.yaml", "steps:\n  - image: acme/builder:3\n", []],
  ["prose", "docs/readme.md", "image: nginx:1\n", []],
  [
    "a chart's source",
    "oci.yaml",
    "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: a}\nspec:\n  ref: {tag: 1.2.3}\n  url: oci://ghcr.io/acme/charts/a\n",
    [],
  ],
  [
    "definitions",
    "crd.yaml",
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\nspec:\n  image: acme/a:1\n",
    [],
  ],
  [
    "web addresses, pictures, machines and references without a version",
    "vm.yaml",
    `apiVersion: v1
kind: Machine
metadata: {name: vm}
spec:
  image: https://example.com/disk.qcow2
  bootImage: ubuntu-2204
  iconImage: pictures/logo.png
  galleryImage: {offer: linux, sku: small, version: 1.2.3}
  diskImage: acme/disk
  ami: ami-0123456789
`,
    [],
  ],
  ["remote bases", "kustomization.yaml", "resources:\n  - https://github.com/acme/app/deploy?ref=v1.2.3\n", []],
  [
    "a chart's version in a release",
    "hr.yaml",
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\nspec:\n  chart:\n    spec:\n      chart: app\n      version: 1.2.3\n",
    [],
  ],
  [
    "dependencies of a chart",
    "Chart.yaml",
    "name: a\nversion: 1.0.0\ndependencies:\n  - {name: db, version: 2.0.0, repository: 'https://charts.example'}\n",
    [],
  ],
  ["a tag that is null", "values.yaml", "image:\n  repository: acme/a\n  tag: null # the app's\n", []],
  ["a git tag in values", "values.yaml", "git:\n  repo: acme/app\n  tag: v1.2.3\n", []],
  ["the tag of a log", "values.yaml", "fluentd:\n  tag: kube.*\n", []],
  [
    "what stands in a map of images and is no version",
    "values.yaml",
    "images:\n  web: {name: web, endpoint: 'web:8080', pullPolicy: Always, tag: ''}\n  pullSecrets: {name: registry}\n",
    [],
  ],
  [
    "arguments that are no image",
    "apps/deploy.yaml",
    `apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  template:
    spec:
      containers:
        - name: a
          args: [--listen=web:8080, --image=acme/app, "--image=$(IMAGE):1", --image-pull=acme/app:1, "image=acme/app:1", --base-image-url=host:80/a]
`,
    [],
  ],
  ["stages that are a service's own", "env.yaml", "stages: [a]\nweb: {version: 1.2.3}\n", []],
  ["a package", "package.json", '{"repository": "acme/app", "version": "1.2.3"}', []],
  [
    "a machine's version beside its image",
    "machines.yaml",
    "osImageURL: factory.example/installer\nosVersion: v1.2.3\n",
    [],
  ],
  ["the date of a policy", "values.yaml", "policy:\n  version: 2012-10-17\n", []],
];

const spelled: readonly Row[] = [
  [
    "a map of images by their names",
    "values.yaml",
    `images:
  web: {name: ghcr.io/acme/web, version: 1}
  worker:
    name: acme/worker
    tag: v2.0.1
  plain: acme/plain:3
`,
    ["ghcr.io/acme/web 1", "acme/worker v2.0.1", "acme/plain 3"],
  ],
  [
    "values of a chart that has stages or jobs of its own",
    "chart/values.yaml",
    `stages: [dev, prod]
web: {script: run.sh, image: {repository: acme/web, tag: 1.2.3}}
jobs: {clean: {image: "acme/clean:4"}}
pool: {size: 3}
`,
    ["acme/web 1.2.3", "acme/clean 4"],
  ],
  [
    "arguments that say which image runs beside",
    "apps/deploy.yaml",
    `apiVersion: apps/v1
kind: Deployment
metadata: {name: operator}
spec:
  template:
    spec:
      containers:
        - name: operator
          image: acme/operator:1
          args:
            - --level=info
            - --sidecar-image=registry:5000/acme/sidecar:1.2.3@${DIGEST}
            - "-reloaderImage=acme/reloader:v2"
`,
    ["acme/operator 1", `registry:5000/acme/sidecar 1.2.3@${DIGEST}`, "acme/reloader v2"],
  ],
];

describe("images in other spellings", () => {
  it.each(spelled)("%s", (_, path, text, found) => {
    expect(seen(path, text)).toEqual(found);
  });
});

describe("images in manifests", () => {
  it.each(workloads)("%s", (_, path, text, found) => {
    expect(seen(path, text)).toEqual(found);
  });
});

describe("images in hidden folders", () => {
  it.each(hidden)("%s", (_, path, text, found) => {
    expect(seen(path, text)).toEqual(found);
  });
});

describe("no image:", () => {
  it.each(nothing)("%s", (_, path, text, found) => {
    expect(seen(path, text)).toEqual(found);
  });
});

describe("images that cannot be set where they stand", () => {
  it.each([
    ["a template", "{{ .Values.image }}:{{ .Values.tag }}"],
    ["a template", "acme/a:{{ .Chart.AppVersion }}"],
    ["a template", "{{ .Values.registry }}/a:{{ .Values.tag }}-alpine"],
    ["a variable", "acme/a:${TAG}"],
    ["a variable", "$IMAGE"],
    ["a placeholder", "<your-registry>/a:1"],
  ])("%s: %s", (found, written) => {
    const text = `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: a\n      image: "${written}"\n`;
    const reading = readImages({ path: "a.yaml", text }, folderOf());
    expect(reading.sites).toEqual([]);
    expect(reading.unread).toEqual([expect.objectContaining({ path: "a.yaml", line: 7, found })]);
  });
});

describe("what a place is called", () => {
  it("stays when items and lines move", () => {
    const pod = (containers: string): string =>
      `# pods\n\napiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  namespace: shop\nspec:\n  containers:\n${containers}`;
    const [a, b] = ["    - name: a\n      image: acme/a:1\n", "    - image: acme/b:2\n      name: b\n"];
    expect(places("p.yaml", pod(a + b)).toSorted()).toEqual(places("q.yaml", pod(b + a)).toSorted());
    expect(places("p.yaml", pod(a))).toEqual(["workload: Pod shop/web spec.containers[a].image"]);
  });

  it("is told apart where two say the same", () => {
    const text = "a:\n  - image: acme/a:1\n  - image: acme/a:1\n";
    expect(new Set(places("values.yaml", text)).size).toBe(2);
  });

  it("calls an item by its name without the version that somebody wrote into it", () => {
    const text = (version: string) =>
      `images:\n  - name: ghcr.io/acme/web:${version}\n  - name: ghcr.io/acme/app\n    newTag: "1"\n`;
    expect(places("kustomization.yaml", text("1.2"))).toEqual([
      "kustomization: images[ghcr.io/acme/web].name",
      "kustomization: images[ghcr.io/acme/app].newTag",
    ]);
    expect(places("kustomization.yaml", text("1.3"))).toEqual(places("kustomization.yaml", text("1.2")));
  });
});
