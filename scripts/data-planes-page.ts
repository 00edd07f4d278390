import { DATA_PLANES, WITHOUT_ARMS, type DataPlane } from "../src/core/data-planes.ts";
import type { ArmLabel } from "../src/core/requests.ts";
import { GENERATED, table, type Page } from "./page.ts";

const PLANES: readonly (readonly [string, DataPlane])[] = Object.entries(DATA_PLANES);

const EXAMPLE = `\`\`\`yaml
metrics:
  prod:
    prometheus:
      url: "https://prometheus.example.com"
      requests: { dataPlane: nginx, arm: exported_service, namespace: exported_namespace }
\`\`\``;

/** Where each data plane keeps its counts, and how many of them are read together. */
export function dataPlanesPage(): Page {
  return { path: "docs/data-planes.md", text: `${parts().join("\n\n")}\n` };
}

function parts(): readonly string[] {
  return [
    "# Data planes",
    GENERATED,
    "Where requests are counted. `requests: { dataPlane: … }` names one of these; what is written besides it (`counter`, `arm`, `workload`, `namespace`, `version`, `where`, `failed`) is written over what it says, label by label. Without a `requests` it is `istio`; without `dataPlane` everything is written out ([install.md](install.md#metrics)).",
    EXAMPLE,
    "In a form `{namespace}` and `{arm}` are the arm's own, `{port}` is any port's number or short name, `{pod}` any pod of the arm's Deployment. A key that goes with another kind of label is refused: `namespace` where the form holds it, `arm` where there are workloads alone.",
    table(["name", "counter", "only where", "arms by", "namespace", "failed", "latency"], PLANES.map(rowOf)),
    "## Where each of these is written",
    table(
      ["name", "source"],
      PLANES.map(([name, { source }]) => [`\`${name}\``, source]),
    ),
    "## Not in the table",
    table(
      ["name", "because it"],
      Object.entries(WITHOUT_ARMS).map(([name, why]) => [`\`${name}\``, why]),
    ),
    "## What to know of each",
    NOTES.join("\n"),
    "## Copies of requests",
    COPIES,
    "## Many members in few queries",
    ...TOGETHER,
  ];
}

function rowOf([name, { requests, latency }]: readonly [string, DataPlane]): readonly string[] {
  const { counter, where, namespaceLabel, failed } = requests;
  return [
    `\`${name}\``,
    `\`${counter}\``,
    Object.entries(where)
      .map(([label, value]) => `\`${label}="${value}"\``)
      .join(", "),
    armsOf(requests).join("; "),
    namespaceLabel === undefined ? "in the form" : `\`${namespaceLabel}\``,
    `\`${failed.label}=~"${failed.matches}"\``,
    latency === undefined ? "" : `\`${latency.buckets}\`, ${latency.unit}`,
  ];
}

function armsOf({ arm, workload, canary }: DataPlane["requests"]): readonly string[] {
  return [
    ...(arm === undefined ? [] : [`Service: ${formsOf(arm)}`]),
    ...(canary === undefined ? [] : [`the canary's besides: ${formsOf(canary)}, stable's have none`]),
    ...(workload === undefined ? [] : [`workload: ${formsOf(workload)}`]),
  ];
}

function formsOf({ label, forms }: ArmLabel): string {
  return forms.map((form) => (form === "{arm}" ? `\`${label}\`` : `\`${label}="${form}"\``)).join(" or ");
}

const NOTES: readonly string[] = [
  "- `nginx`: where the scrape does not honour the controller's labels (the Prometheus Operator's default), `namespace` and `service` are the controller's own and the Ingress's are `exported_namespace` and `exported_service`, as in the example. Both arms are reached by stable's Ingress, so the Service is stable's for both; `canary` tells which answered.",
  "- `traefik`: `exported_service` for the same reason. Labels of services must be on (`addServicesLabels`). In `shop-checkout-canary-80` a service `canary` of a namespace `shop-checkout` and a service `checkout-canary` of a namespace `shop` have one name: Traefik itself does not tell them apart. Versions that name services of an HTTPRoute by its rule are not known here: their arms are not found, and nothing moves.",
  "- `linkerd` counts where requests arrive, by Deployment, so it knows no arms of one Argo Rollout; `linkerd-routes` counts where they are sent, by the Service of an HTTPRoute's backend, and takes a request without an answer for a failed one.",
  "- `contour`, `gloo`, `kgateway`: a cluster of Envoy is one Service and port. `gloo` knows discovered Upstreams in `gloo-system` whose names are not shortened.",
  "- `knative` reads what the queue-proxy beside each pod has answered, by Configuration; that of a Knative Service is called as the Service is. It is sent by OTLP (`request-metrics-protocol` in `config-observability`), and Prometheus must promote `kn.configuration.name` and `k8s.namespace.name` to labels (`otlp.promote_resource_attributes`), as knative-extensions/monitoring has it. Where the queue-proxies are scraped these are in `target_info` alone: let the scrape write the pod's label `serving.knative.dev/configuration` to `kn_configuration_name`, and say `namespace: namespace`. A sending lasts a minute unless `request-metrics-export-interval` says otherwise: windows are no shorter. A request that got no pod is counted by nobody here, and whoever asks a Knative Service by its own address counts for stable: where many do, the share is not what the Route has, and no step is seen live.",
  "- `pods` reads a histogram's count that applications keep themselves. Of an Argo Rollout both arms have pods of one name, so its arms are not told apart by them. Where only native histograms are kept, there is no such count: requests need a counter of their own.",
  "- A port whose name has a dash is not known where the form has a port.",
];

const COPIES = `A step with a [mirror](routers.md#mirrors) is judged by what the canary answers to copies, so they must be counted for the canary, and for nobody else.

${table(
  ["counted", "where"],
  [
    [
      "for the canary",
      "`istio`: the proxy beside the pod that answers counts them, the one that sends them does not (istio#23496); `linkerd` and `pods`, which count where requests arrive; `gloo` and `kgateway`, as Envoy counts for whatever cluster it sends to",
    ],
    [
      "not at all",
      "`istio-waypoint` and `linkerd-routes`, which count where requests are sent; any `where` of yours that asks for the source",
    ],
    ["not known", "`traefik`; `contour`, whose mirrors are [not to be used](routers.md#mirrors)"],
    ["never sent", "`nginx`, `osm`, `knative`: their routes have no mirror to a canary"],
  ],
)}

Where they are not counted, a step with a mirror waits as syncing until its deadline, and says that no copy is counted. Then the evidence is the pods alone: \`evidence: bake\` for the target, or a plan without that step.`;

const TOGETHER: readonly string[] = [
  "One look asks one provider for all its members at once: two queries for requests and failed ones, two for pods, two for how long requests took (classic buckets, and native histograms of the metric without `_bucket`) where a step is judged by that, and one more where Argo Rollouts are among them, however many members there are. Answers are told apart afterwards, so that each member gets exactly what asking for it alone would give; a series that cannot be read is its member's fault alone. Closed windows are kept and asked for once; one that lacks an arm or pods is asked for again until it is ten minutes old, and one of which nothing was told or something could not be read, for as long as it matters.",
  "More queries are made only where one would not do:",
  table(
    ["what", "how much", "why"],
    [
      [
        "members with few windows and with many",
        "up to 32 windows together, then up to 128, 512, …",
        "nobody is read more than four times as long as needed",
      ],
      ["windows of all members in one query", "20,000", "about 10 MB of samples, below the limit of an answer"],
      ["length of a query", "256 KiB", "encoded, less than the 1 MiB that NGINX takes of a body unless told otherwise"],
      ["an answer over 16 MiB", "halves, down to one member", "memory does not grow with members"],
      [
        "windows that all repositories of a process read at one time",
        "4,000, the others wait their turn; up to 200 together wait for nobody",
        "a start with many releases in flight reads thousands of windows of each repository, which take some 50 KB each while they are read",
      ],
      [
        "a query over 8 KiB that is refused with 400, 413, 414, 422 or 431",
        "halves",
        "servers bound the length of queries, VictoriaMetrics at 16 KiB unless told otherwise, and say so in many ways",
      ],
    ],
  ),
  "Queries of more than 4 KiB are sent in a body (`POST`). Any other failure is `unavailable` for all who were in the query, and is not tried in parts. `npm run bench:fanout` measures it.",
];
