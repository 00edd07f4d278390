import { expect, it } from "vitest";
import { templatesFor } from "../../src/opt-in/choice.ts";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { refusedText } from "../../src/opt-in/refused.ts";
import { errorOf, valueOf } from "../manifest/builders.ts";
import { applied, groundOf, wishOf, type Files } from "../support/opt-in-ground.ts";
import { shipped, templateIn } from "../template/facts.ts";

const LIBRARY = shipped();
const SERVICE = `apiVersion: serving.knative.dev/v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec:
  template:
    metadata: { labels: { app: checkout } }
    spec:
      containers:
        - image: registry.example.com/checkout:1.41.0
`;
const PATH = "apps/checkout/prod/service.yaml";
const OTHERS = "apps/checkout/prod/others.yaml";

function filesOf(service: string, others?: string): Files {
  return new Map([[PATH, service], ...(others === undefined ? [] : [[OTHERS, others] as const])]);
}

function wish(template = "canary-knative", ...given: readonly (readonly [string, string])[]) {
  return {
    service: "checkout",
    targets: undefined,
    template: templateIn(LIBRARY, template),
    parameters: new Map(given),
    namespace: undefined,
  };
}

function refusals(files: Files, asked = wish()): readonly string[] {
  return errorOf(optIn(groundOf(files), asked)).map((one) => refusedText(one).split("\n  ")[0] ?? "");
}

const ROUTE = `apiVersion: serving.knative.dev/v1
kind: Route
metadata: { name: checkout-public, namespace: shop }
spec:
  traffic:
    - { configurationName: checkout, percent: 100 }
`;

it.each([
  [
    "a share of an older revision",
    SERVICE + "  traffic: [{ revisionName: checkout-00001, percent: 100 }]\n",
    `prod: ${PATH}:1: spec.traffic: all of its traffic goes to its latest revision, or a bump would not reach stable.`,
  ],
  [
    "a tag",
    SERVICE + "  traffic: [{ latestRevision: true, percent: 100, tag: latest }]\n",
    `prod: ${PATH}:1: spec.traffic: all of its traffic goes to its latest revision, or a bump would not reach stable.`,
  ],
  [
    "a name of its revision",
    SERVICE.replace("metadata: { labels", "metadata: { name: checkout-one, labels"),
    `prod: ${PATH}:1: a name of the revision: Knative would refuse another image under the same name.`,
  ],
  [
    "several containers, the first without a name",
    SERVICE + "        - { name: proxy, image: registry.example.com/proxy:1.0.0 }\n",
    `prod: ${PATH}:1: a container without a name: of several nothing tells which one is pinned.`,
  ],
])("a Knative Service is refused that has %s", (_, service, said) => {
  expect(refusals(filesOf(service))).toEqual([said]);
});

it("is refused under a name that its pods are not told by", () => {
  const long = `checkout-${"x".repeat(31)}`;
  const files = filesOf(SERVICE.replace("name: checkout,", `name: ${long},`));
  expect(refusals(files, { ...wish(), service: long })).toEqual([
    `prod: ${PATH}:1: the name ${long}-canary: its pods are told by a name of at most 46 characters.`,
  ]);
  const shorter = long.slice(0, -1);
  const fits = filesOf(SERVICE.replace("name: checkout,", `name: ${shorter},`));
  expect(optIn(groundOf(fits), { ...wish(), service: shorter }).kind).toBe("ok");
});

it.each([
  [
    "a Route sends to one of its revisions",
    ROUTE.replace("configurationName: checkout", "revisionName: checkout-00002"),
    `prod: ${OTHERS}:1: Route shop/checkout-public: it sends to a revision, whose arm nothing in git says.`,
  ],
  [
    "another Knative Service is called as the Route is to be",
    SERVICE.replaceAll("checkout", "checkout-route"),
    `prod: ${OTHERS}:1: Service shop/checkout-route: the canary or its Route is to be called so.`,
  ],
  [
    "a Service of the core selects its pods",
    `apiVersion: v1\nkind: Service\nmetadata: { name: pods, namespace: shop }\nspec: { selector: { app: checkout } }\n`,
    `prod: ${OTHERS}:1: Service shop/pods: it would send to the canary's pods, whatever the weight.`,
  ],
])("is refused where %s", (_, others, said) => {
  expect(refusals(filesOf(SERVICE, others))).toEqual([said]);
});

it("is refused behind a Route that sends by a tag, in the Route's own words", () => {
  const [said = ""] = refusals(filesOf(SERVICE, ROUTE.replace("percent: 100", "percent: 100, tag: live")));
  expect(said).toMatch(/others\.yaml:\d+: the tag "live" of checkout/);
});

it("is refused where its pods name what kustomize calls otherwise", () => {
  const env = "          env: [{ name: KEY, valueFrom: { secretKeyRef: { name: keys, key: a } } }]\n";
  const files = new Map([
    [PATH, SERVICE + env],
    [
      "apps/checkout/prod/kustomization.yaml",
      "resources: [service.yaml]\nsecretGenerator: [{ name: keys, literals: [a=b] }]\n",
    ],
  ]);
  expect(refusals(files)).toEqual([
    "prod: apps/checkout/prod/kustomization.yaml:1: Secret keys: kustomize gives it another name, of which a Configuration is not told.",
  ]);
});

it("is given no Route that is asked from elsewhere than it is", () => {
  const label = "networking.knative.dev/visibility: cluster-local";
  const files = filesOf(SERVICE.replace("namespace: shop }", `namespace: shop, labels: { ${label} } }`));
  expect(refusals(files)).toEqual([
    `prod: ${PATH}:1: ${label}: Route shop/checkout-route is to be asked from where the Knative Service is.`,
  ]);
  expect(optIn(groundOf(files), wish("canary-knative", ["visibility", "cluster-local"])).kind).toBe("ok");
  expect(refusals(filesOf(SERVICE), wish("canary-knative", ["visibility", "cluster-local"]))).toHaveLength(1);
});

it("is split by no other kind of route, and a Deployment not by Knative's", () => {
  expect(refusals(filesOf(SERVICE), wish("canary-istio"))).toEqual([
    `prod: ${PATH}:1: the template canary-istio: a Knative Service is split by Knative's Route alone.`,
  ]);
  expect(refusals(filesOf(SERVICE), wish("canary-argo-rollouts"))).toEqual([
    `prod: ${PATH}:1: the template canary-argo-rollouts: a Knative Service is split by Knative's Route alone.`,
  ]);
  const deployment = SERVICE.replace("serving.knative.dev/v1", "apps/v1").replace("kind: Service", "kind: Deployment");
  expect(refusals(filesOf(deployment))).toEqual([
    `prod: ${PATH}:1: the template canary-knative: Knative's Route leads to no Deployment.`,
  ]);
});

it("is offered Knative's template alone, and nobody else is", () => {
  const offered = (files: Files, { template: _, ...rest } = wish()) =>
    valueOf(templatesFor(groundOf(files), rest, LIBRARY.templates.values())).templates.map(({ name }) => name);
  expect(offered(filesOf(SERVICE))).toEqual(["canary-knative"]);
  expect(offered(filesOf(SERVICE, ROUTE))).toEqual(["canary-knative"]);
  const deployment = SERVICE.replace("serving.knative.dev/v1", "apps/v1").replace("kind: Service", "kind: Deployment");
  expect(offered(filesOf(deployment))).not.toContain("canary-knative");
  expect(offered(filesOf(deployment))).toContain("canary-istio");
});

it("says who meets stable alone, and what leads there", () => {
  const mapping = `apiVersion: serving.knative.dev/v1beta1
kind: DomainMapping
metadata: { name: checkout.example.com, namespace: shop }
spec: { ref: { apiVersion: serving.knative.dev/v1, kind: Service, name: checkout } }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: door, namespace: shop }
spec: { hosts: [door], http: [{ route: [{ destination: { host: checkout.shop.svc.cluster.local } }] }] }
`;
  const { remarks } = valueOf(optIn(groundOf(filesOf(SERVICE, mapping)), wish()));
  const said = remarks.map(({ path, line, says }) => `${path}:${line}: ${says}`).join("\n");
  expect(said).toContain(`${PATH}:1: whoever asks checkout.shop by its own address meets stable alone`);
  expect(said).toContain("data plane is to be knative");
  expect(said).toContain(`${OTHERS}:1: DomainMapping shop/checkout.example.com leads to the old address`);
  expect(said).toMatch(/VirtualService shop\/door leads to the old address/);
});

it("leaves again byte for byte, its Route with it or without the canary", () => {
  for (const [files, gone] of [
    [filesOf(SERVICE), 1],
    [filesOf(SERVICE, ROUTE), 0],
    [filesOf(SERVICE, ROUTE.replace("checkout-public", "checkout-route")), 0],
  ] as const) {
    const after = applied(files, valueOf(optIn(groundOf(files), wish())).files);
    expect(after).not.toEqual(files);
    const back = valueOf(optOut(groundOf(after), { service: "checkout", targets: undefined }));
    expect(applied(after, back.files)).toEqual(files);
    expect(back.remarks.filter(({ says }) => says.startsWith("the Route goes"))).toHaveLength(gone);
  }
});

it("keeps its own by a prefix and a suffix of its kustomization", () => {
  const path = "apps/checkout/prod/kustomization.yaml";
  const files = new Map([
    [PATH, SERVICE],
    [path, "namePrefix: eu-\nnameSuffix: -b\nresources: [service.yaml]\n"],
  ]);
  const service = "eu-checkout-b";
  const { state } = valueOf(optIn(groundOf(files), { ...wish(), service }));
  expect(state?.targets.values().next().value).toMatchObject({
    arms: { canary: "eu-checkout-canary-b", stable: "eu-checkout-b" },
    manifests: { container: "user-container", canaryReplicas: undefined, stableReplicas: 0 },
  });
});

it("a Configuration of people's is left to the page that says what to write", () => {
  const files = filesOf(SERVICE.replace("kind: Service", "kind: Configuration"));
  expect(
    errorOf(optIn(groundOf(files), wishOf("checkout canary-gateway-api gateway=public"))).map(refusedText),
  ).toEqual([
    `prod: ${PATH}:1: a Knative Configuration: it has no Service that could be stable.
  write the other arm and the Route by hand, as docs/knative.md says.`,
  ]);
});
