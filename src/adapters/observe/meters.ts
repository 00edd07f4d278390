import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { METRICS } from "./catalogue.ts";
import type { Described } from "./described.ts";

/** Every metric of the catalogue, ready to be counted with. */
export type Meters = ReturnType<typeof metersIn>;

/** Makes the metrics of the catalogue in a registry. */
export function metersIn(registry: Registry) {
  const shape = ({ name, help, labels }: Described) => ({
    name,
    help,
    labelNames: Object.keys(labels),
    registers: [registry],
  });
  const counter = (described: Described) => new Counter(shape(described));
  const gauge = (described: Described) => new Gauge(shape(described));
  const histogram = (described: Described) =>
    new Histogram({ ...shape(described), ...(described.buckets && { buckets: [...described.buckets] }) });
  return {
    looks: histogram(METRICS.looks),
    lookParts: histogram(METRICS.lookParts),
    lastLook: gauge(METRICS.lastLook),
    failing: gauge(METRICS.failing),
    sweeps: counter(METRICS.sweeps),
    sweepDuration: gauge(METRICS.sweepDuration),
    lastSweep: gauge(METRICS.lastSweep),
    repositories: gauge(METRICS.repositories),
    queueWaiting: gauge(METRICS.queueWaiting),
    queueRunning: gauge(METRICS.queueRunning),
    queuePutOff: gauge(METRICS.queuePutOff),
    queueOldest: gauge(METRICS.queueOldest),
    queueStalled: counter(METRICS.queueStalled),
    queueUp: gauge(METRICS.queueUp),
    webhooks: counter(METRICS.webhooks),
    webhookDuration: histogram(METRICS.webhookDuration),
    lastWebhook: gauge(METRICS.lastWebhook),
    requests: counter(METRICS.requests),
    requestDuration: histogram(METRICS.requestDuration),
    throttled: counter(METRICS.throttled),
    hourlyLeft: gauge(METRICS.hourlyLeft),
    hourlyLimit: gauge(METRICS.hourlyLimit),
    limitUsed: gauge(METRICS.limitUsed),
    repositoryUsed: gauge(METRICS.repositoryUsed),
    requestsWaiting: gauge(METRICS.requestsWaiting),
    blocked: gauge(METRICS.blocked),
    heldBack: counter(METRICS.heldBack),
    gitCommands: counter(METRICS.gitCommands),
    gitDuration: histogram(METRICS.gitDuration),
    queries: counter(METRICS.queries),
    queryDuration: histogram(METRICS.queryDuration),
    members: gauge(METRICS.members),
    gates: gauge(METRICS.gates),
    releases: gauge(METRICS.releases),
    blind: gauge(METRICS.blind),
    overdue: gauge(METRICS.overdue),
    oldestStep: gauge(METRICS.oldestStep),
    abortsWaiting: gauge(METRICS.abortsWaiting),
    seen: gauge(METRICS.seen),
    steps: counter(METRICS.steps),
    aborts: counter(METRICS.aborts),
    landings: counter(METRICS.landings),
    commands: counter(METRICS.commands),
    ready: gauge(METRICS.ready),
    build: gauge(METRICS.build),
  };
}
