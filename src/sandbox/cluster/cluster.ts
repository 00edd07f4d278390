import { AUTOMATIC, follow, noticesOf } from "./application.ts";
import type { Application } from "./application.ts";
import { chanceBook } from "./chances.ts";
import { deliveryFrom } from "./delivery.ts";
import type { Delivered, Delivery, Wanted } from "./delivery.ts";
import { deploymentState, ingressRequests, istioRequests, knativeRequests, podState, up } from "./expose.ts";
import { history } from "./history.ts";
import type { Sync } from "./history.ts";
import type { JsonObject } from "./json.ts";
import type { Place } from "./kinds/manifest.ts";
import { controlled, live } from "./live.ts";
import { changed, keyOf, without, withoutOrphans } from "./live-objects.ts";
import { istioLatencies } from "./latencies.ts";
import type { Kind } from "./objects.ts";
import { rolloutState } from "./rollouts/exposed.ts";
import { seriesStore } from "./series-store.ts";
import type { Exposed, SeriesStore } from "./series-store.ts";
import type { ClusterSettings } from "./settings.ts";
import type { LiveShare } from "./shares.ts";
import { NOTHING, applicationOf, podsOf, snapshotOf } from "./state.ts";
import type { State } from "./state.ts";
import type { ClusterView, RouteChange } from "./view.ts";

export type Clock = { readonly now: () => number; readonly sleep: (ms: number) => Promise<void> };

export type Cluster = {
  /** Lets the cluster live until `now`. The first call is its birth, at the last multiple of the step. */
  readonly tick: (now: number) => Promise<void>;
  /** Ticks by a clock, every `everyMs`, until stopped; `stop` waits for a tick under way. Rejects there if a tick failed. */
  readonly start: (clock: Clock, everyMs: number) => { readonly stop: () => Promise<void> };
  readonly snapshot: () => ClusterView;
  /** Every change of a route's weights or images, oldest first. */
  readonly changes: () => readonly RouteChange[];
  /** Every change of the share that a canary had, oldest first: of a Rollout, or of a route that has an arm for a canary. */
  readonly liveShares: (namespace: string, name: string) => readonly LiveShare[];
  /** The commits that a folder ran, oldest first: each from the sync on that did anything. */
  readonly syncs: (folder: string) => readonly Sync[];
  /** An object as it is in the cluster now. */
  readonly object: (kind: Kind, place: Place) => JsonObject | undefined;
  /** Somebody changes an object in the cluster, past git; it is so from the next step on. */
  readonly edit: (kind: Kind, place: Place, change: (manifest: JsonObject) => JsonObject) => void;
  /** Somebody presses Refresh, or a webhook does: git is looked at with the next step. */
  readonly refresh: () => void;
  /** Somebody presses Sync for a folder; it happens with the next step that a sync window allows. */
  readonly sync: (folder: string) => void;
  /** What Prometheus has scraped. */
  readonly series: SeriesStore;
};

/** Everything but git, the seed and the traffic, at the pace of a demo. */
export const CLUSTER_PACE = {
  pollMs: 500,
  syncDelayMs: 500,
  readyMs: 1_000,
  scrapeMs: 500,
  retentionMs: 600_000,
  stepMs: 100,
} as const;

/** A cluster that follows git as Argo CD does, runs Deployments, Argo Rollouts and Flagger's Canaries, splits traffic by what its routers say, and is scraped; nothing in it talks to anybody but `head`. */
export function syntheticCluster(settings: ClusterSettings): Cluster {
  const delivery = deliveryFrom(settings.head, settings);
  const series = seriesStore(settings.retentionMs);
  const nature = { settings, chances: chanceBook(settings.seed) };
  const { record, changes, liveShares, syncs } = history();
  const hands: ((before: State) => State)[] = [];
  let state: State | undefined;

  const step = async (before: State, at: number): Promise<State> => {
    const delivered = await delivery.at(at);
    const handled = hands.splice(0).reduce((one, hand) => hand(one), { ...before, at, delivered });
    const wanted = await wantedNow(delivered, delivery, settings, at);
    const after = live(followed(controlled(handled, nature), wanted, settings), nature);
    if (at % settings.scrapeMs === 0) series.scrape(at, exposedBy(after, settings));
    record(after);
    await tell(before, after, settings);
    return after;
  };

  const tick = async (now: number) => {
    const { stepMs } = settings;
    const birth = Math.floor(now / stepMs) * stepMs;
    state ??= await step({ at: birth, ...NOTHING }, birth);
    while (state.at + stepMs <= now) state = await step(state, state.at + stepMs);
  };

  return {
    tick,
    start: (clock, everyMs) => repeat(tick, clock, everyMs),
    snapshot: () => snapshotOf(state ?? { at: 0, ...NOTHING }),
    changes,
    liveShares: (namespace, name) => liveShares(`${namespace}/${name}`),
    syncs,
    object: (kind, place) => state?.objects.get(keyOf({ kind, ...place }))?.manifest,
    edit: (kind, place, change) => {
      hands.push((one) => ({ ...one, objects: changed(one.objects, keyOf({ kind, ...place }), change) }));
    },
    refresh: delivery.refresh,
    sync: (folder) => {
      hands.push((one) => withApplication(one, folder, { ...applicationOf(one, folder), pressed: "yes" }));
    },
    series,
  };
}

function repeat(tick: (now: number) => Promise<void>, clock: Clock, everyMs: number) {
  const stopping = new AbortController();
  const loop = async () => {
    while (!stopping.signal.aborted) {
      await tick(clock.now());
      await clock.sleep(everyMs);
    }
  };
  const running = loop();
  // The failure is told to whoever stops the cluster, not to the process.
  running.catch(() => undefined);
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

/** What each folder should be: as the branch says, or as the commit does that it is pinned to. */
async function wantedNow(
  { applications }: Delivered,
  delivery: Delivery,
  { policy }: ClusterSettings,
  now: number,
): Promise<ReadonlyMap<string, Wanted>> {
  const wanted = new Map(applications);
  for (const [folder, head] of applications) {
    const pin = policy?.(folder, now).pinned;
    if (pin === undefined) continue;
    const there = (await delivery.pinned(pin))?.applications.get(folder);
    wanted.set(folder, there ?? { ...head, problem: `There is no commit ${pin} with ${folder}.` });
  }
  return wanted;
}

/** What Argo CD makes of the objects; a folder that is gone takes its objects with it. */
function followed(state: State, wanted: ReadonlyMap<string, Wanted>, { policy }: ClusterSettings): State {
  const isGone = (folder: string | undefined) => folder !== undefined && !wanted.has(folder);
  const kept = without(state.objects, ({ applied }) => isGone(applied?.folder));
  const known = new Map([...state.applications].filter(([folder]) => wanted.has(folder)));
  const before: State = { ...state, objects: kept, applications: known };
  const after = [...wanted].reduce((one, [folder, said]) => {
    const of = { folder, wanted: said, policy: { ...AUTOMATIC, ...policy?.(folder, one.at) } };
    const next = follow({ objects: one.objects, application: applicationOf(one, folder) }, of, one.at);
    return { ...withApplication(one, folder, next.application), objects: next.objects };
  }, before);
  return { ...after, objects: withoutOrphans(after.objects) };
}

/** What Argo CD tells of the syncs of one step. */
async function tell(before: State, after: State, { notify }: ClusterSettings): Promise<void> {
  if (notify === undefined) return;
  const notices = [...after.applications].flatMap(([folder, application]) =>
    noticesOf(folder, { before: applicationOf(before, folder), after: application }, after.at),
  );
  for (const notice of notices) await notify(notice);
}

function withApplication(state: State, folder: string, application: Application): State {
  return { ...state, applications: new Map(state.applications).set(folder, application) };
}

function exposedBy(
  state: State,
  { podLabels = [], unscraped = [], took, faults }: ClusterSettings,
): readonly Exposed[] {
  const { at, workloads, rollouts, counters, ingresses } = state;
  const pods = podsOf(state);
  const byUid = new Map(pods.map((pod) => [pod.uid, pod]));
  const jobs = ["istio", "kube-state-metrics"].map(up);
  const answered = [...counters.values()];
  const requests = istioRequests(answered, byUid, podLabels);
  const all = [
    ...deploymentState(workloads.values(), at),
    ...podState(pods, at),
    ...rolloutState([...rollouts.values()]),
    ...requests,
    ...(took === undefined ? [] : istioLatencies(requests, answered, { took, faults })),
    ...ingressRequests(ingresses.values()),
    ...knativeRequests(answered),
    ...jobs,
  ];
  return all.filter(({ labels }) => !unscraped.some((prefix) => labels["__name__"]?.startsWith(prefix) === true));
}
