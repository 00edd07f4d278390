import { coversPath, pathPattern } from "../../../src/config/path-pattern.ts";
import { takeInventory, type Inventory } from "../../../src/manifest/services/inventory.ts";
import type { Fleet, TargetPattern } from "../../../src/manifest/services/model.ts";

/** A repository as texts by path. */
export type Files = Readonly<Record<string, string>>;

/** A repository's listing: the text itself stands for the id. */
export function listingOf(files: Files): ReadonlyMap<string, string> {
  return new Map(Object.entries(files));
}

export function inventoryOf(files: Files, patterns: readonly TargetPattern[] = []): Inventory {
  return takeInventory(listingOf(files), (path) => files[path], patterns);
}

/** A target's line of configuration. */
export function targetAt(name: string, path: string): TargetPattern {
  const pattern = pathPattern(`/${path}`);
  if (pattern === undefined) throw new Error(`No pattern: ${path}`);
  return { name, pattern: path, covers: (file) => coversPath(pattern, file) };
}

/** One line for each image of each target: `checkout/prod app:1.0 apps/…:7 siblings`. */
export function linesOf({ services }: Fleet): readonly string[] {
  return services.flatMap(({ name, targets }) =>
    targets.flatMap((target) => {
      const images = target.images.map(
        ({ image, version, set }) => `${image ?? "?"}:${version ?? "?"} ${set.path}:${set.line}`,
      );
      return (images.length === 0 ? ["-"] : images).map(
        (image) => `${name}/${target.name} ${image} ${target.why.naming}`,
      );
    }),
  );
}

export function deployment(name: string, image: string, more = ""): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  template:
    spec:
      containers:
        - name: app
          image: ${image}
${more}`;
}

export function kustomization(resources: readonly string[], more = ""): string {
  return `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
${resources.map((one) => `  - ${one}\n`).join("")}${more}`;
}

export function setsTag(name: string, tag: string): string {
  return `images:\n  - name: ${name}\n    newTag: "${tag}"\n`;
}

export function helmRelease(name: string, values: string): string {
  return `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: ${name}
spec:
  chart:
    spec:
      chart: service
  values:
${values.replace(/^(?=.)/gm, "    ")}`;
}

export function flux(name: string, path: string, more = ""): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  path: ${path}
  sourceRef:
    kind: GitRepository
    name: flux-system
${more}`;
}

export function application(
  name: string,
  source: string,
  destination = "server: https://kubernetes.default.svc",
): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: ${name}
spec:
  source:
    repoURL: https://github.com/acme/gitops
${source.replace(/^(?=.)/gm, "    ")}
  destination:
    ${destination}
`;
}

export function applicationSet(generators: string, path: string, more = ""): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: all
spec:
  generators:
${generators.replace(/^(?=.)/gm, "    ")}
  template:
    metadata:
      name: "{{name}}"
    spec:
      source:
        repoURL: https://github.com/acme/gitops
        path: "${path}"
${more}
      destination:
        server: "{{server}}"
`;
}

export function chart(name: string, more = ""): string {
  return `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n${more}`;
}

export function values(repository: string, tag: string): string {
  return `image:\n  repository: ${repository}\n  tag: "${tag}"\n`;
}
