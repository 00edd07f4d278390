import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A bare repository that holds a fleet, in a temporary folder. */
export type Fleet = {
  readonly directory: string;
  /** Commits one version of a service's image anew, in one of its targets; gives the service. */
  readonly bump: (index: number, version: string) => void;
  readonly remove: () => void;
};

const TARGETS = ["staging", "prod"] as const;
type Target = (typeof TARGETS)[number];
type Files = ReadonlyMap<string, string>;

/** Six ways to lay out a service, as they are found side by side in large repositories. */
const LAYOUTS: readonly ((name: string, version: string) => Files)[] = [
  overlays,
  folders,
  release,
  chart,
  values,
  applications,
];

/** The files of one service of the fleet. */
export function serviceFiles(index: number, version = "1.0.0"): Files {
  const layout = LAYOUTS[index % LAYOUTS.length] ?? overlays;
  return layout(nameOf(index), version);
}

/** The name of a service of the fleet. */
export function nameOf(index: number): string {
  return `${["cart", "checkout", "search", "ledger", "mail", "stock", "price"][index % 7]}-${index}`;
}

/** What lies at the root: Flux's clusters, and an ApplicationSet for the last layout. */
function rootFiles(): Files {
  return new Map([
    ...TARGETS.map((target) => [`clusters/${target}/releases.yaml`, fluxKustomization(target)] as const),
    ["argocd/applications.yaml", APPLICATION_SET],
    ["README.md", "# Everything that runs\n"],
  ]);
}

/** Makes the repository. */
export function makeFleet(services: number): Fleet {
  const root = mkdtempSync(join(tmpdir(), "tidegate-bench-"));
  const directory = join(root, "gitops.git");
  execFileSync("git", ["init", "--bare", "--quiet", "--initial-branch=main", directory]);
  const files = [...rootFiles(), ...Array.from({ length: services }, (_, index) => [...serviceFiles(index)]).flat()];
  let number = 0;
  const commit = (changes: readonly (readonly [string, string])[]): void => {
    number += 1;
    const who = `ana <ana@example.com> ${1_700_000_000 + number * 60} +0000`;
    const parts = changes.map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`);
    const from = number === 1 ? "" : "from refs/heads/main^0\n";
    const stream = `commit refs/heads/main\nauthor ${who}\ncommitter ${who}\n${data(`Change ${number}`)}${from}${parts.join("")}`;
    execFileSync("git", [`--git-dir=${directory}`, "fast-import", "--quiet"], { input: stream });
  };
  commit(files);
  return {
    directory,
    bump: (index, version) => {
      const before = serviceFiles(index);
      commit([...serviceFiles(index, version)].filter(([path, text]) => before.get(path) !== text));
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

/** kustomize: a base, and an overlay for each target that sets the tag. */
function overlays(name: string, version: string): Files {
  const folder = `apps/${name}`;
  return new Map([
    [`${folder}/base/kustomization.yaml`, kustomization(["deployment.yaml", "service.yaml", "route.yaml"])],
    [`${folder}/base/deployment.yaml`, deployment(name, `registry.example.com/${name}`)],
    [`${folder}/base/service.yaml`, service(name)],
    [`${folder}/base/route.yaml`, route(name)],
    ...TARGETS.map(
      (target) => [`${folder}/overlays/${target}/kustomization.yaml`, overlay(name, target, version)] as const,
    ),
    ...TARGETS.map((target) => [`${folder}/overlays/${target}/resources.yaml`, resourcesPatch(name)] as const),
  ]);
}

/** Plain manifests: a folder for each target. */
function folders(name: string, version: string): Files {
  return new Map(
    TARGETS.flatMap((target) => [
      [`plain/${target}/${name}/deployment.yaml`, deployment(name, `registry.example.com/${name}:${version}`)],
      [`plain/${target}/${name}/service.yaml`, service(name)],
      [`plain/${target}/${name}/route.yaml`, route(name)],
    ]),
  );
}

/** Flux: a HelmRelease that each cluster patches. */
function release(name: string, version: string): Files {
  return new Map([
    [`releases/base/${name}/kustomization.yaml`, kustomization(["release.yaml"])],
    [`releases/base/${name}/release.yaml`, helmRelease(name, "0.0.0")],
    ...TARGETS.flatMap((target) => [
      [
        `releases/${target}/${name}/kustomization.yaml`,
        `${kustomization([`../../base/${name}`])}patches:\n  - path: values.yaml\n`,
      ] as const,
      [`releases/${target}/${name}/values.yaml`, helmRelease(name, version)] as const,
    ]),
  ]);
}

/** A chart with values for each target. */
function chart(name: string, version: string): Files {
  return new Map([
    [
      `charts/${name}/Chart.yaml`,
      `apiVersion: v2\nname: ${name}\ndescription: Runs ${name}\nversion: 0.3.1\nappVersion: "1.0.0"\n`,
    ],
    [`charts/${name}/values.yaml`, valuesText(name, "0.0.0")],
    [`charts/${name}/templates/deployment.yaml`, templateText(name)],
    ...TARGETS.map(
      (target) => [`charts/${name}/values-${target}.yaml`, `replicaCount: 3\nimage:\n  tag: ${version}\n`] as const,
    ),
  ]);
}

/** An umbrella chart in a folder for each target. */
function values(name: string, version: string): Files {
  return new Map(
    TARGETS.flatMap((target) => [
      [
        `environments/${target}/${name}/Chart.yaml`,
        `apiVersion: v2\nname: ${name}\nversion: 0.1.0\ndependencies:\n  - name: service\n    version: 2.0.0\n    repository: https://charts.example.com\n`,
      ],
      [`environments/${target}/${name}/values.yaml`, `service:\n${indented(valuesText(name, version))}`],
    ]),
  );
}

/** Folders that an ApplicationSet finds. */
function applications(name: string, version: string): Files {
  return new Map(
    TARGETS.flatMap((target) => [
      [`teams/${name}/${target}/kustomization.yaml`, kustomization(["deployment.yaml", "service.yaml"])],
      [`teams/${name}/${target}/deployment.yaml`, deployment(name, `registry.example.com/${name}:${version}`)],
      [`teams/${name}/${target}/service.yaml`, service(name)],
    ]),
  );
}

function kustomization(resources: readonly string[]): string {
  return `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${resources.map((one) => `  - ${one}\n`).join("")}`;
}

function overlay(name: string, target: Target, version: string): string {
  return `${kustomization(["../../base"])}namespace: shop-${target}
images:
  - name: registry.example.com/${name}
    newTag: "${version}"
patches:
  - path: resources.yaml
    target:
      kind: Deployment
`;
}

function resourcesPatch(name: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  template:
    spec:
      containers:
        - name: app
          resources:
            requests:
              cpu: 250m
              memory: 256Mi
`;
}

function deployment(name: string, image: string): string {
  return `# Owned by the team of ${name}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels:
    app.kubernetes.io/name: ${name}
spec:
  replicas: 3
  selector:
    matchLabels:
      app.kubernetes.io/name: ${name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: ${name}
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: "9090"
    spec:
      serviceAccountName: ${name}
      containers:
        - name: app
          image: ${image}
          imagePullPolicy: IfNotPresent
          ports:
            - { name: http, containerPort: 8080 }
            - { name: metrics, containerPort: 9090 }
          env:
            - name: LOG_LEVEL
              value: info
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef: { name: ${name}-database, key: url }
          readinessProbe:
            httpGet: { path: /ready, port: http }
            periodSeconds: 5
          resources:
            requests: { cpu: 100m, memory: 128Mi }
            limits: { memory: 512Mi }
`;
}

function service(name: string): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector:
    app.kubernetes.io/name: ${name}
  ports:
    - name: http
      port: 80
      targetPort: http
`;
}

function route(name: string): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: ${name}
spec:
  parentRefs:
    - name: public
      namespace: gateways
  hostnames: ["${name}.example.com"]
  rules:
    - backendRefs:
        - name: ${name}
          port: 80
          weight: 100
`;
}

function helmRelease(name: string, version: string): string {
  return `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: ${name}
  namespace: shop
spec:
  interval: 10m
  chart:
    spec:
      chart: service
      version: 2.0.0
      sourceRef:
        kind: HelmRepository
        name: charts
  values:
${indented(indented(valuesText(name, version)))}`;
}

function valuesText(name: string, version: string): string {
  return `replicaCount: 2
image:
  repository: registry.example.com/${name}
  tag: ${version}
  pullPolicy: IfNotPresent
service:
  port: 80
resources:
  requests:
    cpu: 100m
    memory: 128Mi
`;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

function templateText(name: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels:
    {{- include "${name}.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicaCount }}
  template:
    spec:
      containers:
        - name: app
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
          resources: {{- toYaml .Values.resources | nindent 12 }}
`;
}

function fluxKustomization(target: Target): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: releases
  namespace: flux-system
spec:
  interval: 10m
  path: ./releases/${target}
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
`;
}

const APPLICATION_SET = `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: teams
spec:
  goTemplate: true
  generators:
    - git:
        repoURL: https://github.com/acme/gitops.git
        revision: HEAD
        directories:
          - path: teams/*/*
  template:
    metadata:
      name: "{{ index .path.segments 1 }}-{{ .path.basename }}"
    spec:
      project: default
      source:
        repoURL: https://github.com/acme/gitops.git
        targetRevision: HEAD
        path: "{{ .path.path }}"
      destination:
        server: https://kubernetes.default.svc
        namespace: "{{ index .path.segments 1 }}"
`;
