import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { readWeights } from "../../../src/manifest/routers/read.ts";
import { setWeightAt } from "../../../src/manifest/routers/set.ts";
import type { WeightSite } from "../../../src/manifest/routers/site.ts";
import { changedLines, dressed, errorOf, layouts, routeText, valueOf } from "../builders.ts";

const path = "apps/web/route.yaml";
const sitesOf = (text: string) => readWeights({ path, text }).sites;
const said = (text: string) =>
  sitesOf(text).map(({ backend, weight, arm }) => `${backend ?? "-"} ${weight} ${arm ?? "-"}`);

function siteIn(text: string, index: number): WeightSite {
  const site = sitesOf(text)[index];
  if (site === undefined) throw new Error(`There is no weight ${index} in ${text}`);
  return site;
}

const set = (text: string, index: number, weight: number) =>
  valueOf(setWeightAt({ path, text }, siteIn(text, index), weight));

const head = (apiVersion: string, kind: string) =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: web, namespace: shop }\n`;
const pair = (kind: readonly [string, string], list: string, [stable, canary]: readonly [string, string]) =>
  `${head(...kind)}spec:\n${list}[{ ${stable}, weight: 90 }, { ${canary}, weight: 10 }]\n`;

const BOTH = ["web-stable 90 stable", "web-canary 10 canary"];
const NAMED = ["name: web-stable", "name: web-canary"] as const;

describe("weights are read in", () => {
  it.each<[string, string, readonly string[]]>([
    ...["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"].map(
      (kind): [string, string, readonly string[]] => [
        kind,
        pair(["gateway.networking.k8s.io/v1", kind], "  rules:\n  - backendRefs: ", NAMED),
        BOTH,
      ],
    ),
    ...["http", "tls", "tcp"].map((protocol): [string, string, readonly string[]] => [
      `Istio's VirtualService, ${protocol}`,
      pair(["networking.istio.io/v1", "VirtualService"], `  ${protocol}:\n  - route: `, [
        "destination: { host: web-stable }",
        "destination: { host: web, subset: canary }",
      ]),
      ["web-stable 90 stable", "canary 10 canary"],
    ]),
    [
      "SMI's TrafficSplit",
      pair(["split.smi-spec.io/v1alpha2", "TrafficSplit"], "  backends: ", [
        "service: web-stable",
        "service: web-canary",
      ]),
      BOTH,
    ],
    [
      "Traefik's TraefikService",
      pair(["traefik.io/v1alpha1", "TraefikService"], "  weighted:\n    services: ", NAMED),
      BOTH,
    ],
    ["Traefik's IngressRoute", pair(["traefik.io/v1alpha1", "IngressRoute"], "  routes:\n  - services: ", NAMED), BOTH],
    ["Contour's HTTPProxy", pair(["projectcontour.io/v1", "HTTPProxy"], "  routes:\n  - services: ", NAMED), BOTH],
    [
      "APISIX' ApisixRoute",
      pair(["apisix.apache.org/v2", "ApisixRoute"], "  http:\n  - backends: ", [
        "serviceName: web-stable",
        "serviceName: web-canary",
      ]),
      BOTH,
    ],
    [
      "App Mesh's VirtualRouter",
      pair(
        ["appmesh.k8s.aws/v1beta2", "VirtualRouter"],
        "  routes:\n  - httpRoute:\n      action:\n        weightedTargets: ",
        ["virtualNodeRef: { name: web-stable }", "virtualNodeRef: { name: web-canary }"],
      ),
      BOTH,
    ],
    [
      "Kuma's TrafficRoute",
      pair(["kuma.io/v1alpha1", "TrafficRoute"], "  conf:\n    split: ", [
        "destination: { kuma.io/service: web-stable }",
        "destination: { kuma.io/service: web-canary }",
      ]),
      BOTH,
    ],
    [
      "Kuma's MeshHTTPRoute",
      pair(["kuma.io/v1alpha1", "MeshHTTPRoute"], "  to:\n  - rules:\n    - default:\n        backendRefs: ", NAMED),
      BOTH,
    ],
    [
      "Consul's ServiceSplitter",
      pair(["consul.hashicorp.com/v1alpha1", "ServiceSplitter"], "  splits: ", [
        "serviceSubset: web-stable",
        "serviceSubset: web-canary",
      ]),
      BOTH,
    ],
    [
      "Gloo's RouteTable",
      pair(["gateway.solo.io/v1", "RouteTable"], "  routes:\n  - routeAction:\n      multi:\n        destinations: ", [
        "destination: { upstream: { name: web-stable } }",
        "destination: { upstream: { name: web-canary } }",
      ]),
      BOTH,
    ],
    [
      "Gloo's VirtualService",
      pair(
        ["gateway.solo.io/v1", "VirtualService"],
        "  virtualHost:\n    routes:\n    - routeAction:\n        multi:\n          destinations: ",
        ["destination: { upstream: { name: web-stable } }", "destination: { kube: { ref: { name: web-canary } } }"],
      ),
      BOTH,
    ],
    [
      "Skipper's RouteGroup",
      pair(["zalando.org/v1", "RouteGroup"], "  defaultBackends: ", [
        "backendName: web-stable",
        "backendName: web-canary",
      ]),
      BOTH,
    ],
    [
      "Knative's Service",
      pair(["serving.knative.dev/v1", "Service"], "  traffic: ", [
        "revisionName: web-stable",
        "tag: web-canary",
      ]).replaceAll("weight", "percent"),
      BOTH,
    ],
    [
      "OpenShift's Route",
      `${head("route.openshift.io/v1", "Route")}spec:\n  to: { name: web-stable, weight: 90 }\n  alternateBackends:\n  - name: web-canary\n    weight: 10\n`,
      BOTH,
    ],
    [
      "Ambassador's Mapping",
      `${head("getambassador.io/v3alpha1", "Mapping")}spec:\n  service: web-canary\n  weight: 10\n`,
      ["web-canary 10 canary"],
    ],
    [
      "NGINX' annotation",
      head("networking.k8s.io/v1", "Ingress").replace(
        "shop",
        'shop, annotations: { nginx.ingress.kubernetes.io/canary-weight: "10" }',
      ),
      ["canary 10 canary"],
    ],
    [
      "Skipper's annotation",
      `metadata:\n  annotations:\n    zalando.org/backend-weights: '{"web-stable": 90, "web-canary": 10}'\n`,
      BOTH,
    ],
    [
      "Argo's Rollout",
      `${head("argoproj.io/v1alpha1", "Rollout")}spec:\n  strategy:\n    canary:\n      steps:\n      - setWeight: 20\n      - pause: {}\n      - setCanaryScale: { weight: 30 }\n      - experiment: { templates: [{ name: try, specRef: canary, weight: 5 }] }\n`,
      ["- 20 canary", "- 30 canary", "try 5 -"],
    ],
    [
      "Flagger's Canary",
      `${head("flagger.app/v1beta1", "Canary")}spec:\n  analysis: { stepWeight: 5, maxWeight: 50, stepWeights: [1, 2] }\n`,
      ["- 5 canary", "- 50 canary", "- 1 canary", "- 2 canary"],
    ],
    ["a part of a Rollout", "strategy:\n  canary:\n    steps:\n    - setWeight: 20\n", ["- 20 canary"]],
    [
      "a chart's values",
      "canary:\n  weight: 10\nroute:\n  backendRefs:\n  - name: web-canary\n    weight: 5\n",
      ["canary 10 canary", "web-canary 5 canary"],
    ],
    [
      "a JSON patch",
      "patches:\n- patch: |-\n    - op: replace\n      path: /spec/http/0/route/1/weight\n      value: 10\n",
      ["- 10 canary"],
    ],
    [
      "a list of objects",
      `apiVersion: v1\nkind: List\nitems:\n- ${pair(["split.smi-spec.io/v1alpha2", "TrafficSplit"], "  backends: ", ["service: web-stable", "service: web-canary"]).trim().replaceAll("\n", "\n  ")}\n`,
      BOTH,
    ],
    [
      "a template",
      `{{- if .Values.on }}\n${head("gateway.networking.k8s.io/v1", "HTTPRoute")}spec:\n  rules:\n    - backendRefs:\n      - name: {{ .Values.name }}\n        weight: 10\n{{- end }}\n`,
      ["{{ .Values.name }} 10 -"],
    ],
    [
      "no affinity",
      "spec:\n  affinity:\n    podAffinity:\n      preferredDuringSchedulingIgnoredDuringExecution:\n      - weight: 100\n        name: x\n",
      [],
    ],
    [
      "another group's object",
      pair(["example.com/v1", "HTTPRoute"], "  rules:\n  - backendRefs: ", ["a: 1", "b: 1"]),
      [],
    ],
  ])("%s", (_, text, weights) => {
    expect(said(text)).toEqual(weights);
    // Each of them is set to another value and back.
    sitesOf(text).forEach((site, index) => {
      const after = set(text, index, 77);
      expect(sitesOf(after).map(({ weight }) => weight)).toEqual(
        sitesOf(text).map(({ weight }, at) => (at === index ? 77 : weight)),
      );
      expect(set(after, index, site.weight)).toBe(text);
    });
  });

  it("an action of the AWS load balancer, whatever quotes its JSON is in", () => {
    const json =
      '{"Type":"forward","ForwardConfig":{"TargetGroups":[{"ServiceName":"web-stable","Weight":90},{"ServiceName":"web-canary","Weight":10}]}}';
    const annotation = (text: string) =>
      `metadata:\n  annotations:\n    alb.ingress.kubernetes.io/actions.web: ${text}\n`;
    for (const text of [
      `'${json}'`,
      JSON.stringify(json),
      `|\n      ${json.replace(',"Forward', ',\n       "Forward')}`,
    ]) {
      expect(said(annotation(text))).toEqual(BOTH);
      expect(set(annotation(text), 1, 25)).toBe(annotation(text).replace("10", "25"));
    }
    const folded = readWeights({ path, text: annotation(`>-\n      ${json}`) });
    expect(folded.sites).toEqual([]);
    expect(folded.unread.map(({ line }) => line)).toEqual([3, 3].slice(0, folded.unread.length));
  });

  it("thousandths of SMI's first version", () => {
    const text = pair(["split.smi-spec.io/v1alpha1", "TrafficSplit"], "  backends: ", [
      "service: web-stable",
      "service: web-canary",
    ]).replace("10", "1500m");
    expect(said(text)).toEqual(["web-stable 90 stable", "web-canary 1.5 canary"]);
    expect(set(text, 1, 0.25)).toBe(text.replace("1500m", "250m"));
    expect(errorOf(setWeightAt({ path, text }, siteIn(text, 0), 0.5)).why).toContain("a whole number");
  });

  it("the place of each, whatever its line", () => {
    const text = pair(["gateway.networking.k8s.io/v1", "HTTPRoute"], "  rules:\n  - backendRefs: ", NAMED);
    expect(
      sitesOf(text).map(({ where, split, line, router, object }) => ({ where, split, line, router, object })),
    ).toEqual(
      ["web-stable", "web-canary"].map((name) => ({
        where: `HTTPRoute shop/web spec.rules[0].backendRefs[${name}].weight`,
        split: "HTTPRoute shop/web spec.rules[0].backendRefs",
        line: 6,
        router: "HTTPRoute",
        object: "shop/web",
      })),
    );
  });
});

describe("a weight is left alone", () => {
  const route = (weight: string) =>
    pair(["gateway.networking.k8s.io/v1", "HTTPRoute"], "  rules:\n  - backendRefs: ", NAMED).replace(
      "weight: 10",
      `weight: ${weight}`,
    );
  it.each([
    ["a template", '"{{ .Values.weight }}"'],
    ["an alias", "*w"],
    ["an octal", "010"],
    ["a fraction with a zero behind it", "10.0"],
    ["a negative one", "-1"],
    ["text", "half"],
    ["one with an anchor", "&w 10"],
  ])("%s", (_, weight) => {
    const reading = readWeights({ path, text: route(weight) });
    expect(reading.sites.map((site) => site.backend)).toEqual(["web-stable"]);
    expect(reading.unread).toMatchObject([{ path, line: 6 }]);
  });

  it("where the file says something else by now, and what is no weight", () => {
    const text = route("10");
    const site = siteIn(text, 1);
    expect(errorOf(setWeightAt({ path, text: ` ${text}` }, site, 11)).why).toContain("10 stood there");
    for (const weight of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1_000_001]) {
      expect(setWeightAt({ path, text }, site, weight).kind).toBe("err");
    }
  });
});

describe("weights in any layout", () => {
  it("are set once and for all, and back to the very same file; what is set at two places commutes", () => {
    const shares = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(layouts, shares, fc.nat(), fc.nat(), (layout, to, one, other) => {
        const text = dressed(routeText({ ...layout, isCrlf: false, hasBom: false }, 100, 25, [7]), layout);
        const count = sitesOf(text).length;
        expect(count).toBe(6);
        const [first, second] = [one % count, other % count];
        const after = set(text, first, to);
        expect(changedLines(text, after).length).toBeLessThanOrEqual(1);
        expect(set(after, first, to)).toBe(after);
        expect(set(after, first, siteIn(text, first).weight)).toBe(text);
        expect(parseAllDocuments(after).every(({ errors }) => errors.length === 0)).toBe(true);
        if (first !== second) expect(set(after, second, 3)).toBe(set(set(text, second, 3), first, to));
      }),
    );
  });
});
