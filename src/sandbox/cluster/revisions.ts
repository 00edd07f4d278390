import type { Configuration, KnativeRoute } from "./kinds/knative.ts";
import type { Template } from "./kinds/manifest.ts";
import { isReady, unreadyLast } from "./pod.ts";
import type { NewPod, Pod } from "./pod.ts";
import type { Arm, Route } from "./route.ts";

/** A Configuration of Knative's as the cluster runs it: its revisions, oldest first. */
export type RunningConfiguration = {
  readonly configuration: Configuration;
  readonly generation: number;
  readonly revisions: readonly Revision[];
};

export type Revision = {
  readonly name: string;
  readonly template: Template;
  readonly least: number;
  /** When one of its pods was ready first, milliseconds; undefined before. */
  readonly readyAt: number | undefined;
  /** When it was last sent a request. */
  readonly askedAt: number;
  readonly pods: readonly Pod[];
};

/** The label of a revision's pods. */
export const REVISION_LABEL = "serving.knative.dev/revision";
/** The label of a Configuration's. */
export const CONFIGURATION_LABEL = "serving.knative.dev/configuration";

/** What revisions are asked, requests per second by `namespace/name`; how many of them a pod answers, and how long after the last one it stays. */
export type Asked = {
  readonly rates: ReadonlyMap<string, number>;
  readonly capacity: number;
  readonly idleMs: number;
  readonly now: number;
  readonly newPod: NewPod;
};

/**
 * One move of Knative's controllers (serving 98e5ef90). Another pod template is another revision; it starts one pod, and counts once that was ready
 * (pkg/reconciler/configuration). Only the latest such one keeps its least pods; every one has as many as its requests need, and none when it has not been asked
 * for a while (ScaleBounds in pkg/apis/autoscaling/v1alpha1/pa_lifecycle.go).
 */
export function revised(
  before: RunningConfiguration | undefined,
  configuration: Configuration,
  asked: Asked,
): RunningConfiguration {
  const grown = withNewest(before, configuration, asked.now);
  const seen = grown.revisions.map((one) => looked(one, configuration, asked));
  const latest = latestReady({ revisions: seen });
  const newest = seen.at(-1);
  const revisions = seen
    .map((one) => {
      const standing = { isLatest: one === latest, isNewest: one === newest };
      return scaled(one, wantedOf(one, standing, asked, configuration), asked, configuration);
    })
    .filter(({ name, pods }) => pods.length > 0 || name === latest?.name || name === newest?.name);
  return { configuration, generation: grown.generation, revisions };
}

/** The latest revision that was ready. */
function latestReady({ revisions }: Pick<RunningConfiguration, "revisions">): Revision | undefined {
  return revisions.findLast(({ readyAt }) => readyAt !== undefined);
}

/** What a Route of Knative's splits; nothing while one of its Configurations is missing or was never ready (pkg/reconciler/route/traffic, build). */
export function knativeRouteNow(route: KnativeRoute, all: readonly RunningConfiguration[]): readonly Route[] {
  const { kind, namespace, name, met } = route;
  const arms = met.everybody.flatMap(({ service, weight }): readonly Arm[] => {
    const own = all.find(({ configuration: one }) => one.namespace === namespace && one.name === service);
    const revision = own && latestReady(own);
    if (revision === undefined) return [];
    return [
      { name: service, namespace, service, selector: { [REVISION_LABEL]: revision.name }, weight, empty: "held" },
    ];
  });
  if (arms.length < met.everybody.length) return [];
  return [{ kind, namespace, name, arms, canary: arms.find((arm) => /(^|-)canary$/.test(arm.name))?.name }];
}

function withNewest(
  before: RunningConfiguration | undefined,
  { name, template, least }: Configuration,
  now: number,
): Pick<RunningConfiguration, "generation" | "revisions"> {
  const { generation = 0, revisions = [] } = before ?? {};
  if (revisions.at(-1)?.template.hash === template.hash) return { generation, revisions };
  const next = generation + 1;
  const called = `${name}-${String(next).padStart(5, "0")}`;
  return {
    generation: next,
    revisions: [...revisions, { name: called, template, least, readyAt: undefined, askedAt: now, pods: [] }],
  };
}

function looked(revision: Revision, { namespace }: Configuration, { rates, now }: Asked): Revision {
  const isFirst = revision.readyAt === undefined && revision.pods.some((pod) => isReady(pod, now));
  const isAsked = (rates.get(`${namespace}/${revision.name}`) ?? 0) > 0;
  return {
    ...revision,
    readyAt: isFirst ? now : revision.readyAt,
    askedAt: isFirst || isAsked ? now : revision.askedAt,
  };
}

type Standing = { readonly isLatest: boolean; readonly isNewest: boolean };

function wantedOf(
  { name, readyAt, askedAt, least }: Revision,
  { isLatest, isNewest }: Standing,
  { rates, capacity, idleMs, now }: Asked,
  { namespace }: Configuration,
): number {
  if (readyAt === undefined) return isNewest ? 1 : 0;
  const needed = Math.ceil((rates.get(`${namespace}/${name}`) ?? 0) / capacity);
  const awake = now - askedAt < idleMs ? Math.max(1, needed) : 0;
  return Math.max(isLatest ? least : 0, awake);
}

function scaled(
  revision: Revision,
  wanted: number,
  { now, newPod }: Asked,
  { namespace, name }: Configuration,
): Revision {
  const labels = { ...revision.template.labels, [REVISION_LABEL]: revision.name, [CONFIGURATION_LABEL]: name };
  const owner = { namespace, name: `${revision.name}-deployment`, template: { ...revision.template, labels } };
  const kept = unreadyLast(revision.pods, now).slice(0, wanted);
  return { ...revision, pods: [...kept, ...Array.from({ length: wanted - kept.length }, () => newPod(owner))] };
}
