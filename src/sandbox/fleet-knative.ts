import { armsText, twoArms, type Routed, type RouteShape } from "./routed.ts";

/** A service that Knative runs: two Configurations behind a Route, whose pods come and go with requests. */
export const KNATIVE_SHAPE: RouteShape = {
  called: "Knative's Route",
  template: "canary-knative",
  route,
  beside: () => ({}),
  state: (name) => ({ router: ["router: KnativeRoute"], arms: armsText(name) }),
  arms: twoArms,
  workloads: ({ name, image, ...of }) => ({
    canary: `# The version that is bumped here runs as the canary; stable is pinned in tidegate/stable.yaml.
${configuration({ ...of, name: `${name}-canary` }, image)}`,
    stable: `# Written by Tidegate.
${configuration({ ...of, name }, image)}`,
  }),
};

function route({ name, namespace }: Routed): string {
  return `# Written by Tidegate.
apiVersion: serving.knative.dev/v1
kind: Route
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  traffic:
    - configurationName: ${name}
      percent: 100
    - configurationName: ${name}-canary
      percent: 0
`;
}

function configuration({ name, namespace }: Routed, image: string): string {
  return `apiVersion: serving.knative.dev/v1
kind: Configuration
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  template:
    spec:
      containerConcurrency: 100
      containers:
        - image: ${image}
          ports:
            - containerPort: 8080
          readinessProbe:
            httpGet: { path: /healthz }
`;
}
