import type { Limits as OwnLimits } from "../../src/adapters/github/budget.ts";
import type { Spacing } from "../../src/adapters/queue/spacing.ts";
import type { ApplicationPolicy, SyncNotice } from "../../src/sandbox/cluster/application.ts";
import { CLUSTER_PACE, syntheticCluster, type Cluster } from "../../src/sandbox/cluster/cluster.ts";
import { bareRepositoryHead, type HeadSource } from "../../src/sandbox/cluster/head.ts";
import type { Took } from "../../src/sandbox/cluster/latencies.ts";
import type { VersionFault } from "../../src/sandbox/cluster/traffic.ts";
import { filesOf, placesOf, serviceOf, type FleetService, type FleetTarget } from "../../src/sandbox/fleet.ts";
import type { RouteKind } from "../../src/sandbox/fleet-routes.ts";
import { rolloutFilesOf, type RolloutService } from "../../src/sandbox/rollout-fleet.ts";
import { REQUESTS_BY_ROLE, ROLE_LABEL } from "../../src/sandbox/rollout-routes.ts";
import type { SandboxGitHub } from "../../src/sandbox/github/start.ts";
import type { Settings } from "../../src/sandbox/github/store.ts";

/** Inside each bot, or on a Redis of the story's own. */
export type StoryQueueKind = "memory" | "redis";

export const REPO = "acme/gitops";
export const CONFIG = ".github/tidegate.yml";
export const BOT = "tidegate[bot]";

export type StoryOptions = {
  readonly services?: readonly string[];
  /** How many pods stable has of each; four unless said. */
  readonly replicas?: number;
  /** What splits their traffic, where it is no HTTPRoute. */
  readonly kinds?: Readonly<Record<string, RouteKind>>;
  /** Where each of them runs, by name; each in a namespace of that name, or `prod` alone in `shop`. */
  readonly targets?: readonly string[];
  /** Services that an Argo Rollout runs, besides. */
  readonly rollouts?: readonly RolloutService[];
  /** How requests are counted: by the Services that they go to, by the roles that pods bear, or by Knative's queue-proxies. */
  readonly requests?: keyof typeof COUNTED;
  /** Files of the repository besides those of the services. */
  readonly files?: ReadonlyMap<string, string>;
  /** What is wrong with versions from the beginning, by image. */
  readonly faults?: Map<string, VersionFault>;
  /** How the cluster follows a folder, where that is not at once; looked up at every step. */
  readonly policy?: (folder: string) => Partial<ApplicationPolicy>;
  /** Metrics that nobody scrapes, by how their names begin. */
  readonly unscraped?: readonly string[];
  /** What Argo CD's notifications do on GitHub. */
  readonly notify?: (github: SandboxGitHub, notice: SyncNotice) => Promise<void>;
  /** What makes manifests of the whole repository, where it is no plain folders below `apps/`. */
  readonly renders?: (head: HeadSource) => HeadSource;
  readonly seed?: string;
  readonly requestsPerSecond?: number;
  /** How long requests take; without it nobody measures that. */
  readonly took?: Took;
  /** Lines of the configuration instead of the ordinary ones, by key. */
  readonly config?: Readonly<Record<string, string>>;
  /** What the operator lets metrics be read from besides the cluster's own, the variables with its secrets, and what every repository extends. */
  readonly operator?: {
    readonly hosts: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
    readonly shared?: string;
  };
  readonly sweepSeconds?: number;
  /** How many bots there are; several share their work, and webhooks come to them in turn. */
  readonly bots?: number;
  /** Where their work waits, where that is not as TIDEGATE_STORIES_QUEUE says. */
  readonly queue?: StoryQueueKind;
  /** How far apart looks for news are, where that is not at once. */
  readonly spacing?: Spacing;
  readonly settings?: Partial<Settings>;
  /** What GitHub takes of the App, where that is not what it documents. */
  readonly limits?: Limits;
  /** What the bot keeps to of GitHub's advice for a repository; else of nothing that it would notice. */
  readonly advice?: Advice;
};

export type Advice = Partial<Pick<OwnLimits, "pushes" | "merges">>;

/** As both sides call them. */
export type Limits = Partial<Readonly<Record<"pointsPerMinute" | "contentPerMinute" | "contentPerHour", number>>>;

/** The image of a service, or of the service of a place. */
export function imageOf(place: string, version: string): string {
  return `registry.example.com/shop/${serviceOf(place)}:${version}`;
}

/** A cluster that follows the repository at once, or nearly so. */
export function clusterOf(
  github: SandboxGitHub,
  {
    seed = "story",
    faults,
    policy = () => ({}),
    requestsPerSecond = 4_000,
    renders,
    notify,
    unscraped = [],
    took,
  }: StoryOptions & { readonly faults: Map<string, VersionFault> },
): Cluster {
  return syntheticCluster({
    ...CLUSTER_PACE,
    head: eitherHead(["main", "trunk"].map((branch) => headOf(github, branch, renders))),
    seed,
    pollMs: 200,
    syncDelayMs: 200,
    readyMs: 300,
    scrapeMs: 500,
    idleMs: 1_000,
    podLabels: [ROLE_LABEL],
    traffic: () => ({ requestsPerSecond, errorRate: 0.004 }),
    faults,
    policy,
    unscraped,
    ...(took && { took }),
    ...(notify && { notify: (notice) => notify(github, notice) }),
  });
}

function headOf(github: SandboxGitHub, branch: string, renders: StoryOptions["renders"]): HeadSource {
  const place = github.gitPlace(REPO);
  return renders === undefined
    ? bareRepositoryHead(place, branch, "apps/")
    : renders(bareRepositoryHead(place, branch, "", /./));
}

/** The first of some branches that there is: whoever renames one tells the cluster as well. */
function eitherHead([first, ...others]: readonly HeadSource[]): HeadSource {
  if (first === undefined) return () => Promise.reject(new Error("There is none of the branches."));
  return (revision) => first(revision).catch(() => eitherHead(others)(revision));
}

const PROD: readonly FleetTarget[] = [{ name: "prod", namespace: "shop" }];

/** A repository in which every service rests on version 1.0.0. */
export function initialFiles(options: StoryOptions, config: string): Readonly<Record<string, string>> {
  const { rollouts = [] } = options;
  const files = [...fleetOf(options).map(filesOf), ...rollouts.map(rolloutFilesOf)].flatMap((of) => [...of]);
  return { "README.md": "# Shop\n", [CONFIG]: config, ...Object.fromEntries(files) };
}

/** Every service's places. */
export function placesIn(options: StoryOptions): readonly string[] {
  return fleetOf(options).flatMap(placesOf);
}

function fleetOf({
  kinds = {},
  services = ["checkout"],
  targets = [],
  replicas = 4,
}: StoryOptions): readonly FleetService[] {
  return services.map((name) => ({
    name,
    kind: kinds[name] ?? "httpRoute",
    targets: targets.length === 0 ? PROD : targets.map((target) => ({ name: target, namespace: target })),
    image: imageOf(name, "1.0.0"),
    replicas,
    revision: "4f1c000000000000000000000000000000000000",
  }));
}

const COUNTED = {
  byService: "",
  byRole: `, requests: ${REQUESTS_BY_ROLE}`,
  byConfiguration: ", requests: { dataPlane: knative }",
} as const;

/** The configuration, with lines of a story's own in the place of the ordinary ones. */
export function configOf(url: string, { config = {}, requests = "byService" }: StoryOptions): string {
  const ordinary = {
    version: "1",
    metrics: `{ prod: { prometheus: { url: "${url}"${COUNTED[requests]} } } }`,
    targets: "[{ name: prod, metrics: prod }]",
    waves: "[{ targets: [prod], steps: [5, 25, 50], bake: 2s }]",
    measure: "{ window: 1s, settle: 500ms }",
    deadline: "20s",
    pace: "{ mergesPerMinute: 600 }",
  };
  return Object.entries({ ...ordinary, ...config })
    .map(([name, value]) => `${name}: ${value}\n`)
    .join("");
}
