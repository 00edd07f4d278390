import { existsSync, readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import type { StructuralSchema } from "./structural-schema.ts";

const CRDS = new URL("../../../shared/data/crds/", import.meta.url);
const FILES = ["argo-rollouts/rollout-crd.yaml", "other/istio.yaml", "other/apisix.yaml", "other/split.yaml"];

/** Whether the CustomResourceDefinitions lie beside the repository. */
export const hasCrds: boolean = FILES.every((file) => existsSync(new URL(file, CRDS)));

type Crd = {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: StructuralSchema };
    }[];
  };
};

/** The schemas of Argo's Rollout, of Istio's objects, of ApisixRoute and of TrafficSplit, by `group/version/kind`. */
export function schemas(): ReadonlyMap<string, StructuralSchema> {
  const documents = FILES.flatMap((file) => [
    ...parseAllDocuments(readFileSync(new URL(file, CRDS), "utf8"), { logLevel: "error" }),
  ]);
  const crds = documents.map((document) => document.toJS() as Crd | null).filter((crd) => crd !== null);
  return new Map(
    crds.flatMap(({ spec: { group, names, versions } }) =>
      versions.map(({ name, schema }) => [`${group}/${name}/${names.kind}`, schema.openAPIV3Schema] as const),
    ),
  );
}
