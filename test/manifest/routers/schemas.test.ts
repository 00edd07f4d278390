import { beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { hasCrds, schemas } from "../../support/crds.ts";
import { schemaFaults, type StructuralSchema } from "../../support/structural-schema.ts";
import { goldens } from "./golden.ts";

type Resource = { readonly apiVersion: string; readonly kind: string };

// Kubernetes' own kinds have no CustomResourceDefinition, and those of most other makers are not among the given ones.
const WITHOUT = [
  /^v1\/Service$/,
  /^networking\.k8s\.io\/v1\/Ingress$/,
  /^split\.smi-spec\.io\/v1alpha1\//,
  /^(?:gateway\.networking\.k8s\.io|traefik\.(?:io|containo\.us)|projectcontour\.io|getambassador\.io|appmesh\.k8s\.aws)\//,
  /^(?:route\.openshift\.io|consul\.hashicorp\.com|kuma\.io|serving\.knative\.dev|(?:gateway|gloo|networking\.gloo)\.solo\.io)\//,
];
// The given definitions of Istio's are older than the list of mirrors.
const LATER = /^\.spec\.http\[\d+\]\.mirrors: unknown$/;
// Istio's v1 objects have the schemas of v1beta1; the given definitions are older than the name.
const SAME = new Map([
  ["networking.istio.io/v1/VirtualService", "networking.istio.io/v1beta1/VirtualService"],
  ["networking.istio.io/v1/DestinationRule", "networking.istio.io/v1beta1/DestinationRule"],
]);

const objects = goldens()
  .filter(({ kind }) => kind !== "values")
  .flatMap(({ kind, title, before, after }) => [
    [`${kind}/${title}/before.yaml`, before] as const,
    [`${kind}/${title}/after.yaml`, after] as const,
  ]);

const typeOf = ({ apiVersion, kind }: Resource) => `${apiVersion}/${kind}`;
const resourcesIn = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as Resource);

// The definitions lie beside the repository, and only where somebody put them.
describe.skipIf(!hasCrds)("golden files and the schemas of their objects (skipped where ../shared is missing)", () => {
  let known: ReadonlyMap<string, StructuralSchema> = new Map();
  beforeAll(() => {
    known = schemas();
  }, 300_000);

  const schemaOf = (resource: Resource) => known.get(SAME.get(typeOf(resource)) ?? typeOf(resource));

  it.each(objects)("%s", (_, text) => {
    for (const resource of resourcesIn(text)) {
      const {
        apiVersion: _version,
        kind: _kind,
        metadata: _metadata,
        ...own
      } = resource as Resource & { metadata: unknown };
      const schema = schemaOf(resource);
      const faults = schema === undefined ? [] : schemaFaults(own, schema);
      expect(faults.filter((fault) => !LATER.test(fault))).toEqual([]);
      const isWithout = WITHOUT.some((type) => type.test(typeOf(resource)));
      expect([typeOf(resource), schema === undefined]).toEqual([typeOf(resource), isWithout]);
    }
  });

  it("would not pass with a field that is unknown, one of another type, or two forms at once", () => {
    const schema = known.get("networking.istio.io/v1beta1/VirtualService") ?? {};
    const route = (extra: object) => ({
      spec: { http: [{ route: [{ destination: { host: "checkout" }, ...extra }] }] },
    });
    expect(schemaFaults(route({ weight: 5 }), schema)).toEqual([]);
    expect(schemaFaults(route({ wait: 5 }), schema)).toEqual([".spec.http[0].route[0].wait: unknown"]);
    expect(schemaFaults(route({ weight: "5" }), schema)).toEqual(['.spec.http[0].route[0].weight: "5" is no integer']);
    const match = { spec: { http: [{ match: [{ uri: { exact: "/", prefix: "/" } }] }] } };
    expect(schemaFaults(match, schema)).toEqual([".spec.http[0].match[0].uri: not exactly one of its forms"]);
  });

  it("holds a Rollout to its own", () => {
    const schema = known.get("argoproj.io/v1alpha1/Rollout") ?? {};
    const steps = (...list: readonly object[]) => ({ spec: { strategy: { canary: { steps: list } } } });
    expect(schemaFaults(steps({ setWeight: 5 }, { pause: { duration: "1s" } }), schema)).toEqual([]);
    expect(schemaFaults(steps({ setweight: 5 }), schema)).toEqual([
      ".spec.strategy.canary.steps[0].setweight: unknown",
    ]);
  });
});
