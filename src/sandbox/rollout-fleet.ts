import { createHash } from "node:crypto";
import { parse } from "yaml";
import { z } from "zod";
import { ROUTINGS_OF_ROLLOUTS, type Routing } from "./rollout-routes.ts";

/** A service of the sandbox's GitOps repository that an Argo Rollout runs, at rest. */
export type RolloutService = {
  readonly name: string;
  readonly namespace: string;
  readonly target: string;
  readonly image: string;
  readonly replicas: number;
  /** The commit that the template is pinned to. */
  readonly revision: string;
  readonly form: Form;
  readonly routing: Routing;
};

/** `owned`: a Rollout of Tidegate's that refers to its people's Deployment. `claimed`: their own Rollout, of which the steps are Tidegate's. */
export type Form = "owned" | "claimed";

/** Where the files of such a service live; the workload is what has the pod template. */
export function rolloutPathsOf({ name, form }: Pick<RolloutService, "name" | "form">): {
  readonly workload: string;
  readonly rollout: string;
  readonly state: string;
} {
  const claimed = `apps/${name}/rollout.yaml`;
  return {
    workload: form === "owned" ? `apps/${name}/deployment.yaml` : claimed,
    rollout: form === "owned" ? `apps/${name}/tidegate/rollout.yaml` : claimed,
    state: `.tidegate/services/${name}.yaml`,
  };
}

/** The files of one service: what its people own, what Tidegate owns, and its state. */
export function rolloutFilesOf(service: RolloutService): ReadonlyMap<string, string> {
  const { workload, rollout, state } = rolloutPathsOf(service);
  const { file, beside } = ROUTINGS_OF_ROLLOUTS[service.routing];
  const template = templateOf(service);
  const own = service.form === "owned" ? ([[workload, deploymentOf(service, template)]] as const) : [];
  return new Map([
    ...own,
    [rollout, rolloutOf(service, template)],
    [`apps/${service.name}/${file}`, beside(service)],
    [state, stateOf(service, template)],
  ]);
}

function templateOf({ name, image }: RolloutService): string {
  return `metadata:
  labels: { app: ${name} }
spec:
  containers:
    - name: ${name}
      image: ${image}
      ports:
        - { name: http, containerPort: 8080 }
      resources:
        requests: { cpu: 250m, memory: 256Mi }
`;
}

function indented(text: string, by: string): string {
  return text.replace(/^(?=.)/gm, by);
}

function deploymentOf({ name, namespace }: RolloutService, template: string): string {
  return `# The pod template of the Rollout in tidegate/; it runs no pods of its own.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  replicas: 0
  selector:
    matchLabels: { app: ${name} }
  template:
${indented(template, "    ")}`;
}

function rolloutOf({ name, namespace, replicas, form, routing }: RolloutService, template: string): string {
  const { strategy, lines } = ROUTINGS_OF_ROLLOUTS[routing];
  const beside = lines({ name, namespace }).map((line) => `${line}\n`);
  const source =
    form === "owned"
      ? `  workloadRef:
    apiVersion: apps/v1
    kind: Deployment
    name: ${name}
`
      : `  selector:
    matchLabels: { app: ${name} }
  template:
${indented(template, "    ")}`;
  return `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  replicas: ${replicas}
${source}  strategy:
    ${strategy}:
${indented(beside.join(""), "      ")}      scaleDownDelaySeconds: 2
${AT_REST[strategy].text}`;
}

/** What is Tidegate's of a Rollout at rest, and where it is. */
const AT_REST = {
  canary: {
    at: "spec.strategy.canary.steps",
    text: `      steps: # Tidegate's
        - setWeight: 0
        - setWeight: 0
        - pause: {}
`,
  },
  blueGreen: {
    at: "spec.strategy.blueGreen.autoPromotionEnabled",
    text: "      autoPromotionEnabled: false # Tidegate's\n",
  },
} as const;

function stateOf(service: RolloutService, template: string): string {
  const { name, namespace, target, image, revision, form, routing } = service;
  const { rollout, workload } = rolloutPathsOf(service);
  const powers =
    form === "owned"
      ? `owned: [apps/${name}/tidegate/]
claims: []`
      : `owned: []
claims:
  - { path: ${rollout}, at: ${AT_REST[ROUTINGS_OF_ROLLOUTS[routing].strategy].at} }`;
  return `# Written by Tidegate.
version: 1
template: { name: canary-argo-rollouts, revision: ${revision} }
${powers}
targets:
  ${target}:
    namespace: ${namespace}
    rollout: { path: ${rollout}, workload: ${workload}, stableTemplate: "${templateDigest(template)}" }
    arms: ${ROUTINGS_OF_ROLLOUTS[routing].arms(name)}
    weight: 0
    stable: "${image}"
blocked: []
holds: []
heard: 0
`;
}

const PodTemplate = z.object({ metadata: z.object({ labels: z.unknown() }), spec: z.unknown() });

/** What a state file calls this pod template: 16 digits of a hash over its annotations, spec and labels as JSON with sorted keys. */
export function templateDigest(template: string): string {
  const { metadata, spec } = PodTemplate.parse(parse(template));
  const text = `{"annotations":null,"spec":${sorted(spec)},"labels":${sorted(metadata.labels)}}`;
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${sorted(inner)}`);
  return `{${entries.toSorted().join(",")}}`;
}
