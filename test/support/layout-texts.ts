/** A kustomization with lists, and with keys that have one value. */
export function kustomizationText(parts: Readonly<Record<string, readonly string[]>>): string {
  const lines = Object.entries(parts).map(([key, values]) =>
    key === "namespace" ? `namespace: ${values[0]}\n` : `${key}:\n${values.map((value) => `  - ${value}\n`).join("")}`,
  );
  return `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${lines.join("")}`;
}

/** A Deployment as people write it, of version 1.0.0, with a container beside it that is bumped on its own. */
export function deploymentText(own: string): string {
  return deploymentTemplate(own, {
    labels: `app: ${own}`,
    replicas: "1",
    image: `registry.example.com/shop/${own}:1.0.0`,
    level: "info",
  });
}

type Parts = { readonly labels: string; readonly replicas: string; readonly image: string; readonly level?: string };

/** The same with what a chart fills in. */
export function deploymentTemplate(
  own: string,
  { labels, replicas, image, level = "{{ .Values.level }}" }: Parts,
): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${own}
spec:
  replicas: ${replicas}
  selector:
    matchLabels:
      ${labels}
  template:
    metadata:
      labels:
        ${labels.replace("nindent 6", "nindent 8")}
      annotations:
        shop.example.com/level: ${level}
    spec:
      containers:
        - name: app
          image: ${image}
        - name: proxy
          image: registry.example.com/proxy:2.3.1
`;
}

export function serviceText(own: string, selector: string): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${own}
spec:
  selector:
    ${selector}
  ports:
    - name: http
      port: 80
`;
}

/** A route of weight 0. */
export function routeText(own: string): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: ${own}
spec:
  parentRefs:
    - name: public
  rules:
    - backendRefs:
        - name: ${own}
          port: 80
          weight: 100
        - name: ${own}-canary
          port: 80
          weight: 0
`;
}

type Delivered = {
  readonly name: string;
  readonly target: string;
  readonly path: string;
  /** Of a chart: what the release is called, and its files of values. */
  readonly release?: string;
  readonly values?: readonly string[];
};

/** An Application of Argo CD's. */
export function applicationText({ name, target, path, release, values = [] }: Delivered): string {
  const files = values.map((file) => `        - ${file}\n`).join("");
  const helm = release === undefined ? "" : `    helm:\n      releaseName: ${release}\n      valueFiles:\n${files}`;
  return `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: ${name}
  namespace: argocd
spec:
  project: default
  source:
    repoURL: https://git.example.com/acme/gitops.git
    targetRevision: HEAD
    path: ${path}
${helm}  destination:
    server: https://kubernetes.default.svc
    namespace: ${target}
  syncPolicy:
    automated:
      prune: true
`;
}

/** What lets Flux follow a folder. */
export function fluxText(name: string, path: string): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 10m
  path: ${path}
  prune: true
  sourceRef:
    kind: GitRepository
    name: gitops
`;
}

/** A release of a chart of the same repository: people's values, and then the owned ones. */
export function helmReleaseText(own: string, chart: string): string {
  return `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: ${own}
spec:
  interval: 10m
  chart:
    spec:
      chart: ${chart}
      reconcileStrategy: Revision
      sourceRef:
        kind: GitRepository
        name: gitops
        namespace: flux-system
  valuesFrom:
    - kind: ConfigMap
      name: ${own}-values
    - kind: ConfigMap
      name: ${own}-values
      valuesKey: tidegate.yaml
`;
}
