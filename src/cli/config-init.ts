import type { Checkout } from "./checkout.ts";
import { DATA_PLANES, type DataPlaneName } from "../core/data-planes.ts";
import { isWaveName, type Name } from "../core/names.ts";
import type { Delivered } from "./delivered.ts";
import { isOfInterest } from "../manifest/services/facts.ts";

/** Where a proposal's first line finds what editors check it by, beside the file itself. */
export const SCHEMA_FILE = "tidegate.schema.json";

/** A data plane and the file and line that tell of it. */
type Sign = { readonly plane: DataPlaneName; readonly path: string; readonly line: number };

/** What a proposal follows from; `host` is one that the operator allows, where that is known. */
export type Found = {
  readonly members: readonly Delivered[];
  readonly checkout: Checkout;
  readonly host: string | undefined;
};

/** A first configuration for a checkout, with a comment for what each line does and for what could not be found out. */
export function proposed({ members, checkout, host }: Found): string {
  const targets = [...new Set(members.map(({ target }) => target))].filter((target) => !isWaveName(target));
  const parts = [
    `# yaml-language-server: $schema=${SCHEMA_FILE}`,
    "# How the services of this repository are released. docs/configuration.md has every key; `tidegate config check` says",
    "# what is wrong with this file, `tidegate config explain` what it makes go for a service.",
    "version: 1",
    "",
    ...metricsLines(host, signsIn(checkout)),
    "",
    ...waveLines(targets),
    "",
    ...serviceLines(members),
  ];
  return `${parts.join("\n")}\n`;
}

function metricsLines(host: string | undefined, signs: readonly Sign[]): readonly string[] {
  const origin = host?.includes("://") === false ? `https://${host}` : host;
  return [
    "# Where requests are counted. The operator of Tidegate must allow the host (METRICS_HOSTS).",
    "metrics:",
    "  main:",
    "    prometheus:",
    ...(origin === undefined ? ["      # Not found out: write the address of your Prometheus."] : []),
    `      url: ${JSON.stringify(origin ?? "https://prometheus.example.com")}`,
    ...planeLines(signs),
  ];
}

function planeLines(signs: readonly Sign[]): readonly string[] {
  const [first, ...others] = [...new Map(signs.map((sign) => [sign.plane, sign])).values()];
  if (first === undefined || others.length > 0) {
    const why =
      first === undefined ? "nothing here tells" : `there are signs of ${[first, ...others].map(told).join(", ")}`;
    return [
      `      # Not found out: ${why}. Write which data plane counts the requests,`,
      `      # one of ${Object.keys(DATA_PLANES).join(", ")}; without a line it is istio.`,
      "      # requests: { dataPlane: istio }",
    ];
  }
  return [
    `      # The data plane whose metrics count them, as ${placeOf(first)} tells.`,
    `      requests: { dataPlane: ${first.plane} }`,
  ];
}

function told(sign: Sign): string {
  return `${sign.plane} (${placeOf(sign)})`;
}

/** What is foreign in a comment must not end it. */
function placeOf({ path, line }: Sign): string {
  return `${path.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?")}:${line}`;
}

/** What no other data plane's manifests hold; names of classes that people choose are no sign. */
const SIGNS: readonly (readonly [DataPlaneName, RegExp])[] = [
  ["istio", /^[ \t-]*apiVersion:[ \t]*["']?networking\.istio\.io\//m],
  ["istio", /^[ \t]*controllerName:[ \t]*["']?istio\.io\/gateway-controller\b/m],
  ["istio-waypoint", /^[ \t]*gatewayClassName:[ \t]*["']?istio-waypoint\b/m],
  ["linkerd", /^[ \t]*["']?linkerd\.io\/inject["']?:[ \t]*["']?enabled\b/m],
  ["nginx", /^[ \t]*["']?nginx\.ingress\.kubernetes\.io\//m],
  ["traefik", /^[ \t-]*apiVersion:[ \t]*["']?traefik\.(?:io|containo\.us)\//m],
  ["contour", /^[ \t-]*apiVersion:[ \t]*["']?projectcontour\.io\//m],
  ["gloo", /^[ \t-]*apiVersion:[ \t]*["']?gateway\.solo\.io\//m],
  ["kgateway", /^[ \t]*controllerName:[ \t]*["']?kgateway\.dev\/kgateway\b/m],
];

/** The signs of each data plane in the manifests, the first of each file. */
function signsIn({ listing, text }: Checkout): readonly Sign[] {
  const paths = [...listing.keys()].filter((path) => /\.ya?ml$/i.test(path) && isOfInterest(path)).toSorted();
  return paths.flatMap((path) => {
    const held = text(path) ?? "";
    return SIGNS.flatMap(([plane, sign]): readonly Sign[] => {
      const at = held.search(sign);
      return at === -1 ? [] : [{ plane, path, line: held.slice(0, at).split("\n").length }];
    });
  });
}

/** Environments by what their names say, those first that a fault costs least. */
const FIRST = /(?:^|-)(?:dev|development|test|testing|qa|int|integration|preview|sandbox)(?:-|\d*$)/;
const EARLY = /(?:^|-)(?:stag|stage|staging|uat|preprod)(?:-|\d*$)/;
const LAST = 2;

function waveLines(targets: readonly Name[]): readonly string[] {
  const head = [
    "# A version reaches the targets wave after wave: what one has not got on stable, the next does not begin with.",
  ];
  if (targets.length === 0)
    return [
      ...head,
      "# Not found out: no target is known here (tidegate services says why). Without waves all go at once.",
      "# waves:",
      "#   - { targets: [staging], steps: [50], bake: 5m }",
      '#   - { targets: ["prod-*"], steps: [5, 25, 50], bake: 10m }',
    ];
  const groups = Map.groupBy(targets, rankOf);
  const waves = [...groups].toSorted(([a], [b]) => a - b);
  return [
    ...head,
    "# Their order is guessed by their names.",
    "waves:",
    ...waves.flatMap(([rank, group], index) => oneWave(group, rank === LAST, index === 0)),
  ];
}

function rankOf(target: Name): number {
  if (FIRST.test(target)) return 0;
  return EARLY.test(target) ? 1 : LAST;
}

function oneWave(targets: readonly Name[], isLast: boolean, isFirst: boolean): readonly string[] {
  const says = (comment: string) => (isFirst ? ` # ${comment}` : "");
  return [
    "  - targets:",
    ...targets.map((target) => `      - ${plain(target)}`),
    `    steps: [${isLast ? "5, 25, 50" : "50"}]${says("the canary's weights in per cent; after the last comes promotion")}`,
    `    bake: ${isLast ? "10m" : "5m"}${says("how long each weight is watched before the next")}`,
  ];
}

/** A name as YAML reads it back: some would be numbers, dates or words with a meaning. */
function plain(name: string): string {
  return /^[a-z][a-z0-9-]*$/.test(name) && !/^(?:true|false|null|yes|no|on|off|y|n)$/.test(name)
    ? name
    : JSON.stringify(name);
}

const MOST_NAMED = 20;

function serviceLines(members: readonly Delivered[]): readonly string[] {
  const unsteered = members.filter(({ isSteered }) => !isSteered);
  const services = [...Map.groupBy(unsteered, ({ service }) => service)];
  if (services.length === 0) return ["# A service is put under Tidegate by its state file (docs/first-service.md)."];
  const named = services
    .slice(0, MOST_NAMED)
    .map(([service, at]) => `#   ${service}: ${at.map(({ target }) => target).join(", ")}`);
  const rest = services.length - named.length;
  return [
    "# Found here and not under Tidegate yet; tidegate opt-in puts a service there (docs/opt-in.md):",
    ...named,
    ...(rest > 0 ? [`#   and ${rest} more (tidegate services)`] : []),
  ];
}
