import { printState } from "../../src/config/state-text.ts";
import { image } from "../../src/core/image.ts";
import { name, sha } from "../../src/core/names.ts";
import type { Places, ServiceState, TargetState } from "../../src/core/state.ts";
import { NO_WEIGHT } from "../../src/core/weight.ts";
import { optInOverlay, type OptedIn } from "../../src/manifest/layouts/kustomize.ts";
import { valueOf } from "../manifest/builders.ts";
import {
  applicationText,
  deploymentTemplate,
  deploymentText,
  fluxText,
  helmReleaseText,
  kustomizationText,
  routeText,
  serviceText,
} from "./layout-texts.ts";
import { imageOf } from "./story-world.ts";

/** What renders a service, and who delivers it. */
export type Layout = "kustomize" | "helm" | "flux";

/** A service in its folder, and the targets that it runs in; each in a namespace of its name. */
export type LayoutService = {
  readonly name: string;
  readonly layout: Layout;
  readonly targets: readonly string[];
  /** Of a Kustomize overlay: whether its own `images:` say the version, or the base does for all of them. */
  readonly bumps: "overlay" | "base";
};

type Files = Readonly<Record<string, string>>;
/** What opting in leaves in the repository, and how the state names it. */
type OptedService = { readonly files: Files; readonly places: (target: string) => Places };

const REPLICAS = 4;

/** Everything of a service that rests on 1.0.0: what people have, what opting in has added, what delivers it, and its state. */
export function layoutFiles(service: LayoutService): ReadonlyMap<string, string> {
  const { files, places } = OPTED[service.layout](service);
  const all = { ...files, [`.tidegate/services/${service.name}.yaml`]: printState(stateOf(service, places)) };
  return new Map(Object.entries(all));
}

/** The file that people bump. */
export function bumpedFile({ name: own, layout, bumps }: LayoutService, target: string): string {
  if (layout !== "kustomize") return `apps/${own}/${target}/values.yaml`;
  return bumps === "base" ? `apps/${own}/base/deployment.yaml` : `apps/${own}/${target}/kustomization.yaml`;
}

/** The file that has the weight, and what delivers it. */
export function weightFile({ name: own, layout }: LayoutService, target: string): { path: string; delivered: string } {
  const file = layout === "flux" ? "values.yaml" : "route.yaml";
  return {
    path: `apps/${own}/${target}/tidegate/${file}`,
    delivered: `${own}-${target}${layout === "helm" ? "-route" : ""}`,
  };
}

const OPTED: { readonly [layout in Layout]: (service: LayoutService) => OptedService } = {
  kustomize: overlays,
  helm: twoReleases,
  flux: oneRelease,
};

// --- a base and its overlays ---

function overlays(service: LayoutService): OptedService {
  const { name: own, targets } = service;
  const opted = new Map(targets.map((target) => [target, overlayOf(service, target)]));
  const base: Files = {
    [`apps/${own}/base/kustomization.yaml`]: kustomizationText({ resources: ["deployment.yaml", "service.yaml"] }),
    [`apps/${own}/base/deployment.yaml`]: deploymentText(own),
    [`apps/${own}/base/service.yaml`]: serviceText(own, `app: ${own}`),
  };
  const files = targets.map((target): Files => ({
    ...Object.fromEntries(opted.get(target)?.texts ?? []),
    [`apps/${own}/${target}/tidegate/route.yaml`]: routeText(own),
    [`clusters/${own}-${target}.yaml`]: applicationText({
      name: `${own}-${target}`,
      target,
      path: `apps/${own}/${target}`,
    }),
  }));
  return {
    files: together(base, ...files),
    places: (target) => overlayPlaces(service, target, opted.get(target)),
  };
}

function overlayOf({ name: own, bumps }: LayoutService, target: string): OptedIn {
  const images = `images:\n  - name: ${repositoryOf(own)}\n    newTag: "1.0.0" # bumped by a bot\n`;
  const replicas = `replicas:\n  - name: ${own}\n    count: ${REPLICAS} # people's\n`;
  const text = `# What runs in ${target}.
${kustomizationText({ namespace: [target], resources: ["../base"] })}${replicas}${bumps === "overlay" ? images : ""}`;
  const workload = {
    kind: "Deployment",
    name: name(own),
    namespace: name(target),
    image: image(imageOf(own, "1.0.0")),
    containers: [{ list: "containers", name: "app" }],
  } as const;
  const optIn = {
    workload,
    labels: { app: `${own}-canary` },
    folder: "tidegate",
    ports: [{ name: "http", port: 80 }],
    objects: ["route.yaml"],
  };
  return valueOf(optInOverlay({ path: `apps/${own}/${target}/kustomization.yaml`, text }, optIn));
}

function overlayPlaces(service: LayoutService, target: string, opted: OptedIn | undefined): Places {
  if (opted === undefined) throw new Error(`There is no target ${target}.`);
  const { name: own, bumps } = service;
  const path = bumpedFile(service, target);
  const at =
    bumps === "base"
      ? `Deployment ${own} spec.template.spec.containers[app].image`
      : `images[${repositoryOf(own)}].newTag`;
  return {
    ...commonPlaces(own),
    canary: { path, at, image: undefined },
    stable: opted.stable,
    weight: routePlace(own, target),
    canaryReplicas: opted.canaryReplicas,
    stableReplicas: { path: `apps/${own}/${target}/kustomization.yaml`, at: `replicas[${own}].count` },
  };
}

// --- a chart that runs as two releases, by Argo CD ---

function twoReleases({ name: own, targets }: LayoutService): OptedService {
  const chart = `apps/${own}/chart`;
  const common: Files = {
    [`${chart}/Chart.yaml`]: `apiVersion: v2\nname: ${own}\nversion: 1.3.0\n`,
    [`${chart}/values.yaml`]: `# What the chart takes.\nreplicaCount: 1\nimage:\n  repository: ${repositoryOf(own)}\n  tag: ""\nlevel: info\n`,
    [`${chart}/templates/_helpers.tpl`]: `{{- define "${own}.labels" -}}\napp.kubernetes.io/instance: {{ .Release.Name }}\n{{- end -}}\n`,
    [`${chart}/templates/deployment.yaml`]: deploymentTemplate(`{{ .Release.Name }}`, {
      labels: `{{- include "${own}.labels" . | nindent 6 }}`,
      replicas: "{{ .Values.replicaCount }}",
      image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}",
    }),
    [`${chart}/templates/service.yaml`]: serviceText(
      "{{ .Release.Name }}",
      "app.kubernetes.io/instance: {{ .Release.Name }}",
    ),
  };
  const files = targets.map((target): Files => {
    const folder = `apps/${own}/${target}`;
    const release = (more: string, last: string) => ({
      name: `${own}-${target}${more}`,
      target,
      path: chart,
      release: `${own}${more}`,
      values: [`../${target}/values.yaml`, `../${target}/tidegate/${last}`],
    });
    const applications = [
      applicationText(release("", "stable-values.yaml")),
      applicationText(release("-canary", "canary-values.yaml")),
      applicationText({ name: `${own}-${target}-route`, target, path: `${folder}/tidegate` }),
    ];
    return {
      [`${folder}/values.yaml`]: `# What runs in ${target}.\nreplicaCount: ${REPLICAS}\nimage:\n  tag: "1.0.0" # bumped by a bot\n`,
      [`${folder}/tidegate/stable-values.yaml`]: `image:\n  tag: "1.0.0"\n`,
      [`${folder}/tidegate/canary-values.yaml`]: "replicaCount: 0\n",
      [`${folder}/tidegate/route.yaml`]: routeText(own),
      [`${folder}/tidegate/kustomization.yaml`]: kustomizationText({ resources: ["route.yaml"] }),
      [`clusters/${own}-${target}.yaml`]: applications.join("---\n"),
    };
  });
  return { files: together(common, ...files), places: (target) => releasePlaces(own, target) };
}

function releasePlaces(own: string, target: string): Places {
  const folder = `apps/${own}/${target}`;
  return {
    ...commonPlaces(own),
    canary: { path: `${folder}/values.yaml`, at: "image.tag", image: repositoryOf(own) },
    stable: { path: `${folder}/tidegate/stable-values.yaml`, at: "image.tag", image: repositoryOf(own) },
    weight: routePlace(own, target),
    canaryReplicas: { path: `${folder}/tidegate/canary-values.yaml`, at: "replicaCount" },
    stableReplicas: { path: `${folder}/values.yaml`, at: "replicaCount" },
  };
}

// --- a chart that takes both arms and the weight, by Flux ---

function oneRelease({ name: own, targets }: LayoutService): OptedService {
  const chart = `apps/${own}/chart`;
  const arm = (key: string) => ({
    labels: `app: ${key === "stable" ? own : `${own}-canary`}`,
    replicas: `{{ .Values.${key}.replicas }}`,
    image: `${repositoryOf(own)}:{{ .Values.${key}.image.tag }}`,
  });
  const templates = [
    deploymentTemplate(own, arm("stable")),
    serviceText(own, `app: ${own}`),
    deploymentTemplate(`${own}-canary`, arm("canary")),
    serviceText(`${own}-canary`, `app: ${own}-canary`),
    routeText(own)
      .replace("weight: 100", "weight: {{ sub 100 .Values.canary.weight }}")
      .replace("weight: 0", "weight: {{ .Values.canary.weight }}"),
  ];
  const common: Files = {
    [`${chart}/Chart.yaml`]: `apiVersion: v2\nname: ${own}\nversion: 1.3.0\n`,
    [`${chart}/values.yaml`]: `level: info\nstable: { replicas: ${REPLICAS} }\ncanary: { replicas: 0, weight: 0 }\n`,
    [`${chart}/templates/both.yaml`]: templates.join("---\n"),
  };
  const files = targets.map((target): Files => {
    const folder = `apps/${own}/${target}`;
    return {
      [`${folder}/kustomization.yaml`]: `${kustomizationText({ namespace: [target], resources: ["release.yaml"], configurations: ["names.yaml"] })}configMapGenerator:
  - name: ${own}-values
    files: [values.yaml, tidegate.yaml=tidegate/values.yaml]
`,
      // A new name for new values, so that Flux sees them at once.
      [`${folder}/names.yaml`]:
        "nameReference:\n  - kind: ConfigMap\n    version: v1\n    fieldSpecs:\n      - { kind: HelmRelease, path: spec/valuesFrom/name }\n",
      [`${folder}/release.yaml`]: helmReleaseText(own, `./${chart}`),
      [`${folder}/values.yaml`]: `# What runs in ${target}.\ncanary:\n  image:\n    tag: "1.0.0" # bumped by a bot\n`,
      [`${folder}/tidegate/values.yaml`]: `stable:\n  image:\n    tag: "1.0.0"\ncanary:\n  replicas: 0\n  weight: 0\n`,
      [`clusters/${own}-${target}.yaml`]: fluxText(`${own}-${target}`, `./${folder}`),
    };
  });
  return { files: together(common, ...files), places: (target) => valuesPlaces(own, target) };
}

function valuesPlaces(own: string, target: string): Places {
  const path = `apps/${own}/${target}/tidegate/values.yaml`;
  return {
    ...commonPlaces(own),
    canary: { path: `apps/${own}/${target}/values.yaml`, at: "canary.image.tag", image: repositoryOf(own) },
    stable: { path, at: "stable.image.tag", image: repositoryOf(own) },
    weight: { kind: "values", path, at: "canary.weight" },
    canaryReplicas: { path, at: "canary.replicas" },
    stableReplicas: REPLICAS,
  };
}

// --- what they have in common ---

function together(...parts: readonly Files[]): Files {
  return Object.fromEntries(parts.flatMap((files) => Object.entries(files)));
}

type Common = Pick<Places, "layout" | "workloads" | "container">;

function commonPlaces(own: string): Common {
  return { layout: "places", workloads: { canary: name(`${own}-canary`), stable: name(own) }, container: name("app") };
}

function routePlace(own: string, target: string): Places["weight"] {
  return {
    kind: "route",
    path: `apps/${own}/${target}/tidegate/route.yaml`,
    router: "HTTPRoute",
    destinations: undefined,
  };
}

function repositoryOf(own: string): string {
  return imageOf(own, "").replace(/:$/, "");
}

function stateOf({ name: own, targets }: LayoutService, places: (target: string) => Places): ServiceState {
  const member = (target: string): TargetState => ({
    namespace: name(target),
    manifests: places(target),
    arms: { canary: name(`${own}-canary`), stable: name(own), by: "service" },
    weight: NO_WEIGHT,
    stable: image(imageOf(own, "1.0.0")),
    release: undefined,
  });
  return {
    service: name(own),
    template: { name: "canary-gateway-api", revision: sha("4f1c".padEnd(40, "0")) },
    owned: targets.map((target) => `apps/${own}/${target}/tidegate/`),
    claims: [],
    targets: new Map(targets.toSorted().map((target) => [name(target), member(target)])),
    blocked: [],
    holds: [],
    heard: 0,
  };
}
