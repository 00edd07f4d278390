import { parseAllDocuments } from "yaml";
import { z } from "zod";
import type { LiveSite, Said } from "./live-path.ts";
import { templateDigest } from "./rollout-fleet.ts";

/** A service of the sandbox's GitOps repository that Flagger runs, at rest; of its Canary the gates are Tidegate's. */
export type FlaggerService = {
  readonly name: string;
  readonly namespace: string;
  readonly target: string;
  readonly image: string;
  readonly provider: "istio" | "gatewayapi:v1";
};

/** Where the files of such a service live. */
export function flaggerPathsOf({ name }: Pick<FlaggerService, "name">): {
  readonly workload: string;
  readonly canary: string;
  readonly state: string;
} {
  return {
    workload: `apps/${name}/deployment.yaml`,
    canary: `apps/${name}/canary.yaml`,
    state: `.tidegate/services/${name}.yaml`,
  };
}

/** The files of one service: what its people own, and its state. */
export function flaggerFilesOf(service: FlaggerService): ReadonlyMap<string, string> {
  const { workload, canary, state } = flaggerPathsOf(service);
  return new Map([
    [workload, deploymentOf(service)],
    [canary, canaryOf(service)],
    [state, stateOf(service)],
  ]);
}

function templateOf({ name, image }: FlaggerService): string {
  return `metadata:
  labels: { app: ${name} }
spec:
  containers:
    - name: ${name}
      image: ${image}
`;
}

function deploymentOf(service: FlaggerService): string {
  const { name, namespace } = service;
  return `# How many pods there are is Flagger's to say.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  selector:
    matchLabels: { app: ${name} }
  template:
${templateOf(service).replace(/^(?=.)/gm, "    ")}`;
}

function canaryOf({ name, namespace, provider }: FlaggerService): string {
  return `apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  provider: ${provider}
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: ${name} }
  service: { port: 80, targetPort: 8080 }
  analysis:
    interval: 10s
    threshold: 1
    stepWeights: [] # Tidegate's
    webhooks: # Tidegate's
${["confirm-rollout", "confirm-promotion"]
  .map((type) => `      - { name: tidegate-${type}, type: ${type}, url: "http://127.0.0.1:9/", muteAlert: true }\n`)
  .join("")}`;
}

function stateOf(service: FlaggerService): string {
  const { name, namespace, target, image } = service;
  const { workload, canary } = flaggerPathsOf(service);
  return `# Written by Tidegate.
version: 1
template: { name: claimed-canary, revision: "${"0".repeat(40)}" }
owned: []
claims:
  - { path: ${canary}, at: spec.analysis.stepWeights }
  - { path: ${canary}, at: spec.analysis.webhooks }
targets:
  ${target}:
    namespace: ${namespace}
    rollout: { path: ${canary}, workload: ${workload}, stableTemplate: "${templateDigest(templateOf(service))}" }
    arms: { canary: ${name}-canary, stable: ${name}-primary }
    weight: 0
    stable: "${image}"
blocked: []
holds: []
heard: 0
`;
}

const Canary = z.object({
  kind: z.literal("Canary"),
  spec: z.object({
    analysis: z.object({ stepWeights: z.array(z.number()), webhooks: z.array(z.object({ type: z.string() })) }),
  }),
});

/** A canary that Flagger makes. */
export function flaggerSite(service: Pick<FlaggerService, "name" | "namespace">): LiveSite {
  const { name, namespace } = service;
  const { canary: path } = flaggerPathsOf(service);
  const called = "Flagger's Canary";
  // A version that comes in between begins at 0.
  return {
    place: name,
    kind: called,
    namespace,
    name,
    path,
    said: saidIn,
    moves: "bySteps",
    restarts: [`apps/${name}`],
  };
}

/** The last of its weights; under promotion nothing any more when that is over. */
function saidIn(text: string): Said | undefined {
  for (const document of parseAllDocuments(text)) {
    const { data } = Canary.safeParse(document.toJS());
    if (data === undefined) continue;
    const { stepWeights, webhooks } = data.spec.analysis;
    const highest = stepWeights.at(-1) ?? 0;
    const isPromoting = webhooks.every(({ type }) => type !== "confirm-promotion");
    return { lowest: isPromoting ? 0 : highest, highest };
  }
  return undefined;
}
