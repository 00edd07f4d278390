import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/sandbox/cluster/json.ts";
import { configurationOf, knativeRouteOf, type Configuration } from "../../../src/sandbox/cluster/kinds/knative.ts";
import { ManifestError } from "../../../src/sandbox/cluster/kinds/manifest.ts";
import { manifestsIn } from "../../../src/sandbox/cluster/objects.ts";
import { isReady, type NewPod } from "../../../src/sandbox/cluster/pod.ts";
import { knativeRouteNow, revised, type RunningConfiguration } from "../../../src/sandbox/cluster/revisions.ts";
import { sharesOf } from "../../../src/sandbox/cluster/traffic.ts";

const SECOND = 1_000;
const [READY_MS, IDLE_MS, CAPACITY] = [2 * SECOND, 10 * SECOND, 100];

function manifest(text: string): JsonObject {
  const [only] = manifestsIn(text);
  if (only === undefined) throw new Error("The text has no object.");
  return only;
}

const written = (name: string, image: string, least = "0") => `
apiVersion: serving.knative.dev/v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec:
  template:
    metadata: { annotations: { autoscaling.knative.dev/min-scale: "${least}" } }
    spec: { containers: [{ image: "${image}" }] }
`;
const configuration = (name: string, image: string, least?: string) =>
  configurationOf(manifest(written(name, image, least)));

/** Lets a Configuration run second by second; `broken` images never get ready, and `asks` are its revisions' requests per second. */
function run(
  before: RunningConfiguration | undefined,
  wanted: Configuration,
  { from, seconds, asks = {}, broken = [] }: Run,
): RunningConfiguration {
  let running = before;
  for (let now = from * SECOND; now < (from + seconds) * SECOND; now += SECOND) {
    const newPod: NewPod = ({ namespace, name, template }) => {
      const isBroken = template.containers.some(({ image }) => broken.includes(image));
      const uid = `${name}-${template.hash}-${now}`;
      return { name: uid, uid, namespace, workload: name, template, readyAt: isBroken ? Infinity : now + READY_MS };
    };
    const rates = new Map(Object.entries(asks).map(([name, rate]) => [`shop/${name}`, rate]));
    running = revised(running, wanted, { rates, capacity: CAPACITY, idleMs: IDLE_MS, now, newPod });
  }
  if (running === undefined) throw new Error("It ran no time.");
  return running;
}

type Run = {
  readonly from: number;
  readonly seconds: number;
  readonly asks?: Readonly<Record<string, number>>;
  readonly broken?: readonly string[];
};

/** Ready pods by revision. */
function podsAt({ revisions }: RunningConfiguration, second: number): Readonly<Record<string, number>> {
  const ready = revisions.map(
    ({ name, pods }) => [name, pods.filter((pod) => isReady(pod, second * SECOND)).length] as const,
  );
  return Object.fromEntries(ready);
}

describe("a Configuration", () => {
  const one = configuration("web", "web:1");

  it("starts one pod of a revision, and none is left when nobody asks", () => {
    const begun = run(undefined, one, { from: 0, seconds: 5 });
    expect(podsAt(begun, 5)).toEqual({ "web-00001": 1 });
    expect(podsAt(run(begun, one, { from: 5, seconds: 10 }), 15)).toEqual({ "web-00001": 0 });
  });

  it("has as many as its requests need, and the least that it is told to keep", () => {
    const asked = run(undefined, one, { from: 0, seconds: 9, asks: { "web-00001": 250 } });
    expect(podsAt(asked, 9)).toEqual({ "web-00001": 3 });
    expect(podsAt(run(undefined, configuration("web", "web:1", "2"), { from: 0, seconds: 30 }), 30)).toEqual({
      "web-00001": 2,
    });
  });

  it("makes another revision of another pod template, which alone keeps the least, once it was ready", () => {
    const first = run(undefined, configuration("web", "web:1", "2"), { from: 0, seconds: 5 });
    const next = configuration("web", "web:2", "2");
    expect(podsAt(run(first, next, { from: 5, seconds: 2 }), 6)).toEqual({ "web-00001": 2, "web-00002": 0 });
    expect(podsAt(run(first, next, { from: 5, seconds: 30 }), 35)).toEqual({ "web-00002": 2 });
  });
});

describe("a Route", () => {
  const traffic = (stable: number, canary: number) =>
    `metadata: { name: web-public, namespace: shop }\nspec: { traffic: [{ configurationName: web, percent: ${stable} }, { configurationName: web-canary, percent: ${canary} }] }`;
  const route = knativeRouteOf(manifest(traffic(95, 5)));
  const web = run(undefined, configuration("web", "web:1"), { from: 0, seconds: 5 });
  const canary = run(undefined, configuration("web-canary", "web:1"), { from: 0, seconds: 5 });
  const revisionsOf = (all: readonly RunningConfiguration[]) =>
    knativeRouteNow(route, all).flatMap(({ arms }) => arms.map(({ selector }) => Object.values(selector)[0]));

  it("sends to the latest revisions that were ready", () => {
    const good = run(canary, configuration("web-canary", "web:2"), { from: 5, seconds: 5 });
    const bad = run(canary, configuration("web-canary", "web:2"), { from: 5, seconds: 60, broken: ["web:2"] });
    expect(revisionsOf([web, canary])).toEqual(["web-00001", "web-canary-00001"]);
    expect(revisionsOf([web, good])).toEqual(["web-00001", "web-canary-00002"]);
    expect(revisionsOf([web, bad])).toEqual(["web-00001", "web-canary-00001"]);
  });

  it("sends nothing while one of them is missing or was never ready", () => {
    const never = run(undefined, configuration("web-canary", "web:2"), { from: 0, seconds: 60, broken: ["web:2"] });
    expect([revisionsOf([web]), revisionsOf([web, never])]).toEqual([[], []]);
  });

  it("keeps its shares where a revision has no pods: a request waits for one", () => {
    const [now] = knativeRouteNow(route, [web, canary]);
    expect(now && sharesOf(now, { pods: [], now: 0 }).map(({ part }) => part)).toEqual([0.95, 0.05]);
  });

  it.each([
    ["per cent that are not 100 together", () => knativeRouteOf(manifest(traffic(90, 5)))],
    [
      "a revision with a name",
      () => configurationOf(manifest(written("web", "web:1").replace("{ annotations", "{ name: web-two, annotations"))),
    ],
    [
      "a Service that lists its own traffic",
      () =>
        configurationOf(manifest(`${written("web", "web:1")}  traffic: [{ latestRevision: true, percent: 100 }]\n`)),
    ],
  ])("is refused, as its arms are, with %s", (_, read) => {
    expect(read).toThrow(ManifestError);
  });
});
