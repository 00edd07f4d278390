/** A service in one namespace. */
export type Routed = { readonly name: string; readonly namespace: string };

/** The names of the two arms. */
export type ArmNames = { readonly canary: string; readonly stable: string };

/** What a service behind one kind of route consists of. */
export type RouteShape = {
  /** How people call it. */
  readonly called: string;
  readonly template: string;
  /** The file that Tidegate owns and writes the share into. */
  readonly route: (of: Routed) => string;
  /** Files of people's beside the canary's workload, by name. */
  readonly beside: (of: Routed) => Readonly<Record<string, string>>;
  /** What the state says of a target besides its files; `arms` are the two in the metrics. */
  readonly state: (name: string) => { readonly router: readonly string[]; readonly arms: string };
  /** What the cluster calls the arms of the route. */
  readonly arms: (name: string) => ArmNames;
  /** The arms' files, where they are no Deployments whose replicas are Tidegate's. */
  readonly workloads?: (of: Routed & { readonly image: string }) => ArmNames;
};

/** The Services of a service that has one for each arm. */
export function twoArms(name: string): ArmNames {
  return { canary: `${name}-canary`, stable: name };
}

/** The same as a state has them. */
export function armsText(name: string): string {
  return `{ canary: ${name}-canary, stable: ${name} }`;
}

/** Their file. */
export function twoServices(of: Routed): Readonly<Record<string, string>> {
  const texts = [serviceText(of, of.name, ", track: stable"), serviceText(of, `${of.name}-canary`, ", track: canary")];
  return { "services.yaml": texts.join("---\n") };
}

/** A Service over the pods of a service, narrowed by more labels. */
export function serviceText({ name, namespace }: Routed, service: string, more: string): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${service}
  namespace: ${namespace}
spec:
  selector: { app: ${name}${more} }
  ports:
    - { name: http, port: 80, targetPort: http }
`;
}
