import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { valueOf } from "../manifest/builders.ts";
import { shipped, templateIn } from "../template/facts.ts";
import { applicationText, kustomizationText, serviceText } from "./layout-texts.ts";
import { applied, groundOf, type Files } from "./opt-in-ground.ts";
import { TILL } from "./rollout-story.ts";
import type { Story } from "./story.ts";

const OVERLAY = "apps/till/prod/kustomization.yaml";
const OWNED = "apps/till/prod/tidegate/";

/** A Deployment of four pods, or one that an autoscaler gives from two to eight, with an Ingress in front, in a base and an overlay of it. */
export function tillFiles(pods: "fixed" | "scaled" = "fixed"): Files {
  const isFixed = pods === "fixed";
  const names = ["deployment.yaml", "service.yaml", "ingress.yaml", ...(isFixed ? [] : ["hpa.yaml"])];
  return new Map(
    Object.entries({
      "apps/till/base/kustomization.yaml": kustomizationText({ resources: names }),
      "apps/till/base/deployment.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: till
spec:
${isFixed ? "  replicas: 4\n" : ""}  selector:
    matchLabels: { app: till }
  template:
    metadata:
      labels: { app: till }
    spec:
      containers:
        - name: till
          image: registry.example.com/shop/till:latest
`,
      "apps/till/base/service.yaml": serviceText(TILL, "app: till"),
      "apps/till/base/ingress.yaml": INGRESS,
      ...(isFixed ? {} : { "apps/till/base/hpa.yaml": AUTOSCALER }),
      [OVERLAY]: `${kustomizationText({ namespace: ["prod"], resources: ["../base"] })}images:\n  - name: registry.example.com/shop/till\n    newTag: "1.0.0"\n`,
      "clusters/till-prod.yaml": applicationText({ name: "till-prod", target: "prod", path: "apps/till/prod" }),
    }),
  );
}

const INGRESS = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: till
spec:
  ingressClassName: nginx
  rules:
    - host: till.example.com
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: till, port: { number: 80 } } } }
`;
const AUTOSCALER = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: till
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: till }
  minReplicas: 2
  maxReplicas: 8
  metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 80 } } }]
`;

/** A step further onto a template. */
export function tillIn(files: Files, template: string, given: Readonly<Record<string, string>> = {}): Files {
  const wish = {
    service: TILL,
    targets: undefined,
    template: templateIn(shipped(), template),
    parameters: new Map(Object.entries(given)),
    namespace: undefined,
  };
  return applied(files, valueOf(optIn(groundOf(files), wish)).files);
}

/** A step further out. */
export function tillOut(files: Files): Files {
  return applied(files, valueOf(optOut(groundOf(files), { service: TILL, targets: undefined })).files);
}

/** What of a step a sync applies first; the rest comes a while later. */
export const ORDERS = [
  ["at once", []],
  ["the Rollout first", [`${OWNED}rollout.yaml`]],
  ["what is done to the Deployment first", [OVERLAY, `${OWNED}arms.yaml`]],
] as const;

// Shorter than pods take to get ready.
const MOMENT_MS = 100;

type Landing = { readonly step: readonly [Files, Files]; readonly first: readonly string[]; readonly ms: number };

/** Pushes what a step changes, a part of it first, each followed by some time; gives the fewest ready pods that stable's Service had meanwhile. */
export async function fewestPods(story: Story, { step: [from, to], first, ms }: Landing): Promise<number> {
  const changed = [...to].filter(([path, text]) => from.get(path) !== text);
  const parts = [changed.filter(([path]) => first.includes(path)), changed.filter(([path]) => !first.includes(path))];
  const counts: number[] = [];
  for (const part of parts.filter((one) => one.length > 0)) {
    await story.push("ana", Object.fromEntries(part), "A part of a step");
    for (let passed = 0; passed < ms; passed += MOMENT_MS) {
      await story.pass(MOMENT_MS);
      counts.push(readyPods(story));
    }
  }
  return Math.min(...counts);
}

/** How many ready pods stable's Service has. */
export function readyPods(story: Story): number {
  const route = story.cluster.snapshot().routes.find(({ kind }) => kind === "Ingress");
  const pods = route?.backends.find(({ service }) => service === TILL)?.pods ?? [];
  return pods.reduce((sum, { ready }) => sum + ready, 0);
}

/** Requests that no pod answered, by the route. */
export function unanswered({ cluster }: Story): readonly number[] {
  return cluster.snapshot().routes.map((route) => route.unanswered);
}
