import { posix } from "node:path";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { boundsOf, nearest } from "./cluster/rollouts/replicas.ts";
import type { LiveSite, Said } from "./live-path.ts";
import { rolloutPathsOf, type RolloutService } from "./rollout-fleet.ts";
import { ROUTINGS_OF_ROLLOUTS } from "./rollout-routes.ts";

const WHOLE = 100;
/** Argo Rollouts' own default. */
const SURGE = { value: 25, unit: "percent" } as const;

const Rollout = z.object({
  kind: z.literal("Rollout"),
  spec: z.object({
    replicas: z.number(),
    strategy: z.object({
      canary: z.object({
        trafficRouting: z.unknown().optional(),
        steps: z.tuple([
          z.object({ setWeight: z.number() }),
          z.object({ setWeight: z.number() }),
          z.object({ pause: z.object({ duration: z.string().optional() }) }),
        ]),
      }),
    }),
  }),
});

/** A canary that an Argo Rollout's controller makes. */
export function rolloutSite(service: Pick<RolloutService, "name" | "namespace" | "form" | "routing">): LiveSite {
  const { name, namespace, routing } = service;
  const { workload, rollout } = rolloutPathsOf(service);
  return {
    place: name,
    kind: ROUTINGS_OF_ROLLOUTS[routing].called,
    namespace,
    name,
    path: rollout,
    said: saidIn,
    moves: routing === "pods" ? "podByPod" : "bySteps",
    restarts: [...new Set([workload, rollout].map((path) => posix.dirname(path)))],
  };
}

/** What the steps of a Rollout ask for: as near to its two weights as pods come where they make the share, and nothing any more when it has run out. */
function saidIn(text: string): Said | undefined {
  for (const document of parseAllDocuments(text)) {
    const { data } = Rollout.safeParse(document.toJS());
    if (data === undefined) continue;
    const { trafficRouting, steps } = data.spec.strategy.canary;
    const shareOf = (weight: number) => (trafficRouting === undefined ? nearestTo(weight, data.spec.replicas) : weight);
    const [from, to, { pause }] = steps;
    const [begins, goes] = [shareOf(from.setWeight), shareOf(to.setWeight)];
    return { from: begins, lowest: pause.duration === undefined ? goes : 0, highest: Math.max(begins, goes) };
  }
  return undefined;
}

function nearestTo(weight: number, replicas: number): number {
  const { surge } = boundsOf({ replicas, maxSurge: SURGE, maxUnavailable: SURGE });
  const { canary, stable } = nearest(replicas, weight, surge);
  return canary + stable === 0 ? 0 : (WHOLE * canary) / (canary + stable);
}
