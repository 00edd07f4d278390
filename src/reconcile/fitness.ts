import { filesOf, toldIn } from "../core/manifests.ts";
import type { Name, Sha } from "../core/names.ts";
import type { Beside, Member } from "../core/snapshot.ts";
import type { Destinations, Manifests } from "../core/state.ts";
import { podLabelsIn, subsetFaults, type SubsetFault, type SubsetsOf } from "../manifest/routers/destination-rule.ts";
import { isOfInterest } from "../manifest/services/facts.ts";
import { rolloutRule, rolloutRuleFaults, type RolloutRule } from "../manifest/routers/rollout-subsets.ts";
import { labelsExtent, surroundings, type Around } from "../manifest/services/around.ts";
import type { Inventory } from "../manifest/services/inventory.ts";
import type { ObjectFact } from "../manifest/services/object-facts.ts";
import { scalingDoubts } from "../manifest/services/scaling.ts";
import { unpinnedOf, type Unpinned } from "../manifest/services/pinned.ts";
import { lineAt, type TextFile } from "../yaml/refusal.ts";
import { inventoryAt } from "./inventories.ts";
import type { Memory } from "./memory.ts";
import { textsOver, type Over } from "./over.ts";
import { renderedPods } from "./rendered-pods.ts";
import type { Eyes } from "./scene.ts";

type Looking = { readonly head: Sha; readonly eyes: Pick<Eyes, "git" | "memory"> };

type Fitted = Pick<Member, "at" | "manifest">;

/** Why traffic that a release sends to its canary would be dropped or would go to the other arm, or a new version to stable at once, or why too few pods would get it, with file and line: it is not to begin. Undefined where nothing says so. */
export async function unfitOf(looking: Looking, member: Fitted, over?: Over): Promise<string | undefined> {
  const faults = await faultsOf(looking, member, over);
  const found = faults.find(({ kind }) => kind === "wrong");
  return found && `${found.path}:${found.line}: ${found.what}`;
}

/** What may be so, and is not for certain. */
export async function doubtsOf(looking: Looking, member: Fitted, over?: Over): Promise<readonly Beside[]> {
  const faults = await faultsOf(looking, member, over);
  return faults.flatMap(({ kind, ...place }) => (kind === "unsure" ? [place] : []));
}

async function faultsOf(looking: Looking, member: Fitted, over?: Over): Promise<readonly SubsetFault[]> {
  return [
    ...(await subsetFaultsOf(looking, member, over)),
    ...(await pinFaultsOf(looking, member, over)),
    ...(await scalerFaultsOf(looking, member, over)),
  ];
}

/** What would leave the Deployment that Flagger promotes to with too few pods for all of the traffic. */
async function scalerFaultsOf({ head, eyes }: Looking, member: Fitted, over?: Over): Promise<readonly SubsetFault[]> {
  if (member.manifest.flagger === undefined) return [];
  const inventory = await inventoryAt(eyes, over?.head ?? head);
  return inventory === undefined
    ? []
    : scalingDoubts(inventory)(member).map((place) => ({ ...place, kind: "wrong" as const }));
}

/** Whether stable would follow a new version, as a pull request would have it. */
async function pinFaultsOf(
  { head, eyes }: Looking,
  { at: { manifests } }: Fitted,
  over?: Over,
): Promise<readonly Unpinned[]> {
  if (manifests.layout !== "places") return [];
  const inventory = await inventoryAt(eyes, over?.head ?? head);
  const found = inventory && unpinnedOf(inventory, manifests);
  return found === undefined ? [] : [found];
}

async function subsetFaultsOf(looking: Looking, member: Fitted, over?: Over): Promise<readonly SubsetFault[]> {
  const check = await checkOf(looking, member, over);
  const inventory = check && (await inventoryAt(looking.eyes, looking.head));
  if (check === undefined || inventory === undefined) return [];
  const around = rulesAround(looking.eyes.memory, inventory)(filesOf(member.at.manifests));
  const beside = pathsOf(around.beside.filter(check.isRule));
  const apart = pathsOf(around.apart.filter(check.isRule));
  const known = new Set([...beside, ...apart]);
  const brought = over?.changed.filter((path) => isOfInterest(path) && !known.has(path)).slice(0, MOST_BROUGHT) ?? [];
  const [own = [], others = []] = await Promise.all(
    [[...beside, ...brought], apart].map((paths) => textsOver(looking, paths, over)),
  );
  const pods = await check.pods(inventory, around.reads);
  const found = faultsIn(
    own.filter(({ text }) => text.includes("DestinationRule") && check.words.some((word) => text.includes(word))),
    others,
    (files) => check.faults(files, pods),
  );
  return [...found, ...check.unknown(pods)];
}

// Anybody may propose anything: so much is read.
const MOST_BROUGHT = 300;

/** What lies beside a member counts for it; of what lies apart, any file may be what its cluster has. */
function faultsIn(
  own: readonly TextFile[],
  others: readonly TextFile[],
  faults: (files: readonly TextFile[]) => readonly SubsetFault[],
): readonly SubsetFault[] {
  if (own.length > 0) return faults(own);
  return others.some((file) => faults([file]).length === 0) ? [] : faults(others);
}

/** Which DestinationRules a member needs: those that are so and whose files have one of some words; what is wrong with them, by the arms' pods; and what is not known of those. */
type Check = {
  readonly isRule: (object: ObjectFact) => boolean;
  readonly words: readonly string[];
  readonly pods: (inventory: Inventory, reads: ReadonlySet<string>) => Promise<SubsetsOf["pods"]>;
  readonly faults: (files: readonly TextFile[], pods: SubsetsOf["pods"]) => readonly SubsetFault[];
  readonly unknown: (pods: SubsetsOf["pods"]) => readonly SubsetFault[];
};

async function checkOf(looking: Looking, { at, manifest }: Fitted, over?: Over): Promise<Check | undefined> {
  const { manifests, namespace } = at;
  if (manifests.layout === "rollout") {
    const [file] = await textsOver(looking, [toldIn(manifests)], over);
    const rule = file?.text.includes("destinationRule") === true ? rolloutRule(file) : undefined;
    return rule && ruleCheck(rule, namespace);
  }
  const route = subsetsIn(manifests);
  if (route === undefined) return undefined;
  const texts = await textsOver(looking, filesOf(manifests), over);
  const text = (path: string) => texts.find((file) => file.path === path);
  return routeCheck(route, { at, manifest }, text, async (inventory, reads) =>
    manifests.layout === "places"
      ? renderedPods(looking, manifests, over)
      : podsOf({ at, manifest }, text, labelsExtent(inventory, reads)),
  );
}

// Its controller writes the labels of its subsets.
function ruleCheck(rule: RolloutRule, namespace: Name): Check {
  return {
    isRule: ({ name }) => name === rule.name,
    words: [rule.name],
    pods: async () => NO_PODS,
    faults: (files) => rolloutRuleFaults(files, rule, namespace),
    unknown: () => [],
  };
}

function routeCheck({ path, destinations }: Route, member: Fitted, text: Reading, pods: Check["pods"]): Check {
  const hosts = [...new Set([destinations.canary.host, destinations.stable.host])];
  const route = { path, line: lineOf(text(path), destinations) };
  const of = { namespace: member.at.namespace, destinations, route };
  return {
    isRule: ({ holds }) =>
      holds.kind === "route" && holds.names.some((name) => hosts.some((host) => host === name.split(".")[0])),
    words: hosts,
    pods,
    faults: (files, known) => subsetFaults(files, { ...of, pods: known }),
    unknown: ({ canary, stable }) =>
      canary === undefined || stable === undefined
        ? unknownLabels(member.at.manifests, { ...route, destinations })
        : [],
  };
}

/** That nobody knows here which pods the subsets of places take, and where to look. */
function unknownLabels(
  manifests: Manifests,
  { path, line, destinations }: Route & { readonly line: number },
): readonly SubsetFault[] {
  if (manifests.layout !== "places") return [];
  const { workloads } = manifests;
  const taken = (["canary", "stable"] as const).flatMap((arm) => {
    const { subset } = destinations[arm];
    return subset === undefined ? [] : [`the subset ${subset} takes those of ${workloads[arm]} alone`];
  });
  const what = `the labels that the pods of ${workloads.canary} and ${workloads.stable} are rendered with are not known here: render them, look at the labels of both pod templates, and see that ${taken.join(" and ")}`;
  return [{ kind: "unsure", path, line, what }];
}

type Route = { readonly path: string; readonly destinations: Destinations };

/** The route of a member, where it sends to subsets. */
function subsetsIn(manifests: Manifests): Route | undefined {
  const route = routeIn(manifests);
  const destinations = route?.destinations;
  if (route === undefined || destinations === undefined) return undefined;
  const hasSubset = destinations.canary.subset !== undefined || destinations.stable.subset !== undefined;
  return hasSubset ? { path: route.path, destinations } : undefined;
}

function routeIn(
  manifests: Manifests,
): { readonly path: string; readonly destinations: Destinations | undefined } | undefined {
  if (manifests.layout === "workloads") return { path: manifests.route, destinations: manifests.destinations };
  return manifests.layout === "places" && manifests.weight.kind === "route" ? manifests.weight : undefined;
}

function rulesAround({ rules }: Memory, inventory: Inventory): (files: readonly string[]) => Around {
  const around = rules.get(inventory) ?? surroundings(inventory, isRule);
  rules.set(inventory, around);
  return around;
}

function isRule({ kind }: ObjectFact): boolean {
  return kind === "DestinationRule";
}

function pathsOf(objects: readonly ObjectFact[]): readonly string[] {
  return [...new Set(objects.map(({ path }) => path))];
}

function lineOf(file: TextFile | undefined, { canary, stable }: Destinations): number {
  const found = file?.text.search(new RegExp(`subset:\\s*["']?${canary.subset ?? stable.subset}\\b`)) ?? -1;
  return file === undefined || found === -1 ? 1 : lineAt(file.text, found);
}

const NO_PODS: SubsetsOf["pods"] = { canary: undefined, stable: undefined };

type Reading = (path: string) => TextFile | undefined;

/** Labels as the files of two Deployments say them. */
function podsOf({ at: { manifests }, manifest }: Fitted, text: Reading, extent: "whole" | "open"): SubsetsOf["pods"] {
  if (manifests.layout !== "workloads") return NO_PODS;
  const of = (arm: "canary" | "stable") => {
    const file = text(manifests[arm]);
    const labels = file && podLabelsIn(file, manifest[arm].deployment);
    return labels && { labels, extent };
  };
  return { canary: of("canary"), stable: of("stable") };
}
