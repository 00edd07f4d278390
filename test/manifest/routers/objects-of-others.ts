import fc from "fast-check";
import { listOf, ruleShapes, type Mapping, type Objects, type Place } from "./objects.ts";

const shares = fc.integer({ min: 0, max: 100 });
const metadata = (name: string): Mapping => ({ name, namespace: "shop" });

/** OpenShift's Routes: any of the backends is the first, and the others stand beside it. */
export const openShiftRoutes: fc.Arbitrary<Objects<number>> = fc
  .record({
    shape: ruleShapes(
      fc.constantFrom<Mapping>(
        { kind: "Service", name: "checkout-legacy", weight: 7 },
        { kind: "Service", name: "old" },
      ),
      [100, 200],
    ),
    value: shares,
  })
  .map(({ shape, value }) => {
    const { list, weights } = listOf(shape, value, (arm) => ({ kind: "Service", name: `checkout-${arm}` }));
    const [to = {}, ...alternateBackends] = list;
    const spec = { host: "shop.example.com", to, alternateBackends };
    const at = (index: number): Place => (index === 0 ? ["to"] : ["alternateBackends", index - 1]);
    const places = [weights.map((index): Place => [0, "spec", ...at(index), "weight"])];
    const object = { apiVersion: "route.openshift.io/v1", kind: "Route", metadata: metadata("checkout"), spec };
    return { documents: [object], value, places };
  });

/** OpenShift's Route with stable alone. */
export const openShiftAlone: fc.Arbitrary<Objects<number>> = fc
  .constantFrom<Mapping>({}, { weight: 100 }, { weight: 1 })
  .map((weight) => {
    const spec = {
      host: "shop.example.com",
      to: { kind: "Service", name: "checkout-stable", ...weight },
      path: "/web-1",
    };
    const object = { apiVersion: "route.openshift.io/v1", kind: "Route", metadata: metadata("checkout"), spec };
    return { documents: [object], value: 0, places: [] };
  });

/** Mappings of the canary beside stable's, which has no weight. */
export const mappings: fc.Arbitrary<Objects<number>> = fc
  .record({
    value: shares,
    count: fc.integer({ min: 1, max: 2 }),
    spelling: fc.constantFrom("", ".shop", ".shop:8080", ".shop.svc.cluster.local:80"),
    scheme: fc.constantFrom("", "https://"),
  })
  .map(({ value, count, spelling, scheme }) => {
    const service = (name: string) => `${scheme}${name}${spelling}`;
    const mapping = (name: string, own: Mapping): Mapping => ({
      apiVersion: "getambassador.io/v3alpha1",
      kind: "Mapping",
      metadata: metadata(name),
      spec: { prefix: "/web-1", hostname: "shop.example.com", ...own },
    });
    const canaries = Array.from({ length: count }, (_, index) =>
      mapping(`canary-${index}`, { service: service("checkout-canary"), weight: value }),
    );
    return {
      documents: [mapping("checkout", { service: service("checkout-stable") }), ...canaries],
      value,
      places: canaries.map((_, index): readonly Place[] => [[index + 1, "spec", "weight"]]),
    };
  });

function ingress(annotations: Mapping, services: readonly string[]): Mapping {
  const paths = services.map((name) => ({
    path: "/",
    pathType: "Prefix",
    backend: { service: { name, port: { number: 80 } } },
  }));
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { ...metadata("checkout"), annotations },
    spec: { rules: [{ host: "shop.example.com", http: { paths } }] },
  };
}

const ACTION = "alb.ingress.kubernetes.io/actions.checkout";

/** Ingresses of AWS' load balancer: the JSON of a forward action in either spelling. */
export const albIngresses: fc.Arbitrary<Objects<number>> = fc
  .record({
    shape: ruleShapes(fc.constantFrom<Mapping>({ ServiceName: "legacy", ServicePort: 80, Weight: 7 }), [100, 200]),
    value: shares,
    isSmall: fc.boolean(),
    indent: fc.constantFrom(0, 2),
  })
  .map(({ shape, value, isSmall, indent }) => {
    const backend = (arm: string) => ({ ServiceName: `checkout-${arm}`, ServicePort: 80 });
    const { list } = listOf(shape, value, backend, (count) => ({ Weight: count }));
    const action = { Type: "forward", ForwardConfig: { TargetGroups: list } };
    const text = JSON.stringify(isSmall ? small(action) : action, undefined, indent).replaceAll("\n", " ");
    const other = '{"type": "fixed-response", "fixedResponseConfig": {"statusCode": "404"}}';
    const annotations = { [ACTION]: text, "alb.ingress.kubernetes.io/actions.nothing": other };
    const places: Place[][] = [[[0, "metadata", "annotations", ACTION]]];
    return { documents: [ingress(annotations, ["checkout"])], value, places };
  });

type Json = string | number | readonly Json[] | { readonly [key: string]: Json };

function small(value: unknown): Json {
  if (Array.isArray(value)) return value.map(small);
  if (typeof value !== "object" || value === null) return value as Json;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.charAt(0).toLowerCase() + key.slice(1), small(item)]),
  );
}

const WEIGHTS = "zalando.org/backend-weights";

/** Ingresses of Skipper. */
export const skipperIngresses: fc.Arbitrary<Objects<number>> = fc
  .record({ value: shares, total: fc.constantFrom(100, 200, 1000), legacy: fc.boolean(), turned: fc.boolean() })
  .map(({ value, total, legacy, turned }) => {
    const part = (total * value) / 100;
    type Weight = readonly [service: string, weight: number];
    const arms: readonly Weight[] = [
      ["checkout-stable", total - part],
      ["checkout-canary", part],
    ];
    const others: readonly Weight[] = legacy ? [["legacy", 7]] : [];
    const weights = Object.fromEntries<number>([...(turned ? arms.toReversed() : arms), ...others]);
    const places: Place[][] = [[[0, "metadata", "annotations", WEIGHTS]]];
    const services = ["checkout-stable", "checkout-canary", ...(legacy ? ["legacy"] : [])];
    return { documents: [ingress({ [WEIGHTS]: JSON.stringify(weights) }, services)], value, places };
  });

/** The same with stable alone, and annotations or none. */
export const skipperAlone: fc.Arbitrary<Objects<number>> = fc
  .constantFrom<Mapping | undefined>(undefined, { "zalando.org/skipper-filter": "consecutiveBreaker(15)" })
  .map((annotations) => {
    const object = ingress(annotations ?? {}, ["checkout-stable", "other"]);
    const plain = annotations === undefined ? { ...object, metadata: metadata("checkout") } : object;
    return { documents: [plain], value: 0, places: [] };
  });

/** An action that forwards to stable alone. */
export const albAlone: fc.Arbitrary<Objects<number>> = fc
  .record({ weight: fc.constantFrom<Mapping>({}, { Weight: 100 }, { Weight: 1 }) })
  .map(({ weight }) => {
    const groups = [{ ServiceName: "checkout-stable", ServicePort: 80, ...weight }];
    const text = JSON.stringify({ Type: "forward", ForwardConfig: { TargetGroups: groups } });
    return { documents: [ingress({ [ACTION]: text }, ["checkout"])], value: 0, places: [] };
  });
