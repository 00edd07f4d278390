import type { Name } from "../../core/names.ts";
import type { Arm, Pods } from "../../core/window.ts";
import { podsPattern } from "./promql.ts";
import type { Series } from "./series.ts";

/** Workload names by arm. */
export type Workloads = { readonly [arm in Arm]: Name };

type PodsByArm = { readonly [arm in Arm]?: readonly Pods[] };

/** A pod at one moment; `images` has more than one only while its container changes image in place. */
type Pod = { readonly name: string; readonly images: ReadonlySet<string>; readonly isReady: boolean };

/** What kube-state metrics say of one pod at one moment. */
type Fact = { readonly pod: string; readonly value: number; readonly labels: ReadonlyMap<string, string> };

type FactsByTime = ReadonlyMap<number, readonly Fact[]>;

/**
 * The pods of both workloads at any of the sampled times, from kube-state metrics (`kube_pod_container_info`, and `kube_pod_status_ready` with condition "true").
 * A workload without pods is empty while the other is known; where nothing at all is known at that time, or no readiness, both are absent.
 */
export function podsOver(
  infos: readonly Series[],
  readiness: readonly Series[],
  workloads: Workloads,
): (at: number) => PodsByArm {
  const infosAt = byTime(infos);
  const readinessAt = byTime(readiness);
  const [canary, stable] = [patternOf(workloads.canary), patternOf(workloads.stable)];
  return (at) => {
    const readyFacts = readinessAt.get(at) ?? [];
    const pods = podsOf(infosAt.get(at) ?? [], readyFacts);
    if (pods.length === 0 || readyFacts.length === 0) return {};
    return { canary: byImage(pods, canary), stable: byImage(pods, stable) };
  };
}

function byTime(series: readonly Series[]): FactsByTime {
  const facts = new Map<number, Fact[]>();
  for (const { labels, samples } of series) {
    for (const { at, value } of samples) {
      const fact = { pod: labels.get("pod") ?? "", value, labels };
      const others = facts.get(at);
      if (others === undefined) facts.set(at, [fact]);
      else others.push(fact);
    }
  }
  return facts;
}

function podsOf(infos: readonly Fact[], readiness: readonly Fact[]): readonly Pod[] {
  const ready = new Set(readiness.filter(({ value }) => value === 1).map(({ pod }) => pod));
  const images = new Map<string, Set<string>>();
  for (const { pod, labels } of infos) images.set(pod, (images.get(pod) ?? new Set()).add(imageOf(labels)));
  return [...images].map(([name, of]) => ({ name, images: of, isReady: ready.has(name) && of.size === 1 }));
}

// `image_spec` is what the manifest says; `image` is what the kubelet made of it, often with another registry or a digest.
function imageOf(labels: ReadonlyMap<string, string>): string {
  return labels.get("image_spec") || (labels.get("image") ?? "");
}

function patternOf(workload: Name): RegExp {
  return new RegExp(`^(?:${podsPattern([workload])})$`);
}

function byImage(pods: readonly Pod[], pattern: RegExp): readonly Pods[] {
  const groups = new Map<string, Pods>();
  for (const { name, images, isReady } of pods) {
    if (!pattern.test(name)) continue;
    for (const image of images) {
      const { ready, total } = groups.get(image) ?? { ready: 0, total: 0 };
      groups.set(image, { image, ready: ready + (isReady ? 1 : 0), total: total + 1 });
    }
  }
  return [...groups.values()].toSorted((a, b) => (a.image < b.image ? -1 : 1));
}
