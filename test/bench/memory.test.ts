import { describe, expect, it } from "vitest";
import { prometheusMetrics } from "../../src/adapters/metrics/prometheus.ts";
import { parseState } from "../../src/config/state-file.ts";
import { divergence } from "../../src/core/divergence.ts";
import { name, sha } from "../../src/core/names.ts";
import { planOf } from "../../src/core/plan.ts";
import { weight } from "../../src/core/weight.ts";
import { readMember } from "../../src/manifest/member.ts";
import { DEFAULT_PROMETHEUS } from "../../src/ports/metrics.ts";
import { servePrometheus } from "../../src/sandbox/cluster/provider.ts";
import { filesOf, pathsOf } from "../../src/sandbox/fleet.ts";
import type { Call } from "../../src/sandbox/github/store.ts";
import { costsOf, isDear, type Watched } from "../../bench/memory-cost.ts";
import { bumped, stepped, STEPS, type Files } from "../../bench/memory-flight.ts";
import { flightSeries } from "../../bench/memory-series.ts";

const SERVICE = "checkout";
const OLD = `registry.example.com/shop/${SERVICE}:1.0.0`;
const NEW = `registry.example.com/shop/${SERVICE}:1.1.0`;
const COMMIT = "4f1c000000000000000000000000000000000000";

function atRest(): Files {
  return filesOf({
    name: SERVICE,
    kind: "httpRoute",
    targets: [{ name: "prod", namespace: "shop" }],
    image: OLD,
    replicas: 4,
    revision: COMMIT,
  });
}

function read(files: Files) {
  const path = pathsOf(SERVICE).state;
  const state = parseState({ path, text: files.get(path) ?? "" });
  if (state.kind === "err") throw new Error(JSON.stringify(state.error));
  const at = state.value.targets.get(name("prod"));
  if (at === undefined) throw new Error("There is no target.");
  const manifest = readMember(files, at, name(SERVICE));
  if (manifest.kind === "err") throw new Error(JSON.stringify(manifest.error));
  return { at, manifest: manifest.value };
}

describe("a release that is brought to its first weight", () => {
  const begun = { commit: COMMIT, since: 1_000 };
  const landed = [0, 1].reduce(
    (files, index) => stepped(files, SERVICE, begun, index),
    bumped(atRest(), SERVICE, "1.1.0"),
  );

  it("stands there in state and manifests", () => {
    const { at, manifest } = read(landed);
    expect(at).toMatchObject({
      weight: 5,
      stable: OLD,
      release: { image: NEW, from: OLD, template: manifest.canary.template, commit: COMMIT, since: 1_000, step: 1 },
    });
    expect(manifest).toMatchObject({
      weight: 5,
      canary: { image: NEW, replicas: 1 },
      stable: { image: OLD, replicas: 4 },
    });
  });

  it("contradicts itself nowhere", () => {
    const { at, manifest } = read(landed);
    const plan = planOf({ weights: STEPS.weights.map(weight), bakeMs: 0 }, manifest.stable.replicas);
    const commit = sha(COMMIT);
    const bump = { commit, before: commit, was: undefined, source: undefined, labels: [], at: 1_000 };
    expect(divergence({ at, manifest, plan, bump })).toBeUndefined();
  });

  it("leaves alone what Tidegate does not write", () => {
    const changed = [...landed].filter(([path, text]) => atRest().get(path) !== text).map(([path]) => path);
    const { canary, route, state } = pathsOf(SERVICE);
    expect(changed.toSorted()).toEqual([state, canary, route].toSorted());
  });
});

describe("what services in flight tell", () => {
  const MINUTE = 60_000;
  const landedAt = 100 * MINUTE;
  const windowMs = 2 * MINUTE;

  it("is what their release is judged by: share, errors, pods, how long requests took", async () => {
    const flown = { begin: landedAt - 30 * MINUTE, landedAt, weight: 5, canaryPods: 1, stablePods: 4 };
    const { scrapeUntil, readerOf } = flightSeries(flown);
    scrapeUntil(landedAt + 10 * MINUTE);
    const shown = { namespace: "shop", container: SERVICE, from: OLD, to: NEW };
    const reader = readerOf([
      { ...shown, service: SERVICE },
      { ...shown, service: "payments" },
    ]);
    const server = await servePrometheus(reader, () => landedAt + 10 * MINUTE);
    try {
      const metrics = prometheusMetrics({ ...DEFAULT_PROMETHEUS, url: server.url }, { fetch });
      const [canary, stable] = [name(`${SERVICE}-canary`), name(SERVICE)];
      const [reading] = await metrics.timelines([
        {
          service: stable,
          namespace: name("shop"),
          arms: { canary, stable, by: "service" },
          workloads: { canary, stable },
          container: stable,
          from: landedAt - 2 * windowMs,
          to: landedAt + 2 * windowMs,
          windowMs,
          latency: "asked",
        },
      ]);
      if (reading?.kind !== "read") throw new Error(JSON.stringify(reading));
      const share = ({ counts }: (typeof reading.value)[number]) =>
        Math.round(
          (100 * (counts.canary?.requests ?? 0)) / ((counts.canary?.requests ?? 0) + (counts.stable?.requests ?? 0)),
        );
      expect(reading.value.map(share)).toEqual([0, 0, 5, 5]);
      const last = reading.value.at(-1);
      expect(last?.pods).toEqual({
        canary: [{ image: NEW, ready: 1, total: 1 }],
        stable: [{ image: OLD, ready: 4, total: 4 }],
      });
      expect((last?.counts.canary?.failed ?? 0) / (last?.counts.canary?.requests ?? 1)).toBeCloseTo(0.005, 3);
      const { latency } = last ?? {};
      if (latency?.kind !== "read") throw new Error(JSON.stringify(latency));
      const sum = (counts: readonly number[] = []) => counts.reduce((total, count) => total + count, 0);
      expect(sum(latency.canary?.counts)).toBe(600);
      expect(latency.stable?.bounds).toHaveLength(20);
    } finally {
      await server.close();
    }
  });
});

const REPO: Watched = { repo: "team-1/gitops", installation: 7, open: 50 };
const GIT = "/{owner}/{repo}.git/info/refs";

function call(method: string, path: string, route = path): Call {
  return { at: 0, method, route, path, status: 200, contentCreating: false, installation: 7 };
}

const look = call("GET", "/team-1/gitops.git/info/refs", GIT);
const pulls = call("GET", "/repos/team-1/gitops/pulls");
const several = (count: number) => Array.from({ length: count }, () => pulls);

describe("what a sweep cost a repository", () => {
  it.each([
    ["nothing where it was not looked at", [], REPO, undefined],
    ["git's own requests are none", [look, call("POST", "/team-1/gitops.git/git-upload-pack")], REPO, [0, 0, 6, false]],
    ["as much as a look may", [look, ...several(6)], REPO, [6, 6, 6, false]],
    ["one call more", [look, ...several(7)], REPO, [7, 7, 6, true]],
    ["the same where more pull requests are open", [look, ...several(7)], { ...REPO, open: 101 }, [7, 7, 7, false]],
    ["a wake in the same sweep", [look, look, ...several(12)], REPO, [12, 12, 12, false]],
    [
      "the repositories of its installation",
      [look, ...several(6), call("GET", "/installation/repositories")],
      REPO,
      [7, 7, 6, true],
    ],
    [
      "not what is of others",
      [look, call("GET", "/repos/team-10/gitops/pulls"), call("GET", "/repos/team-1/gitops-2/pulls")],
      REPO,
      [0, 0, 6, false],
    ],
    [
      "reports, which are news",
      [look, ...several(6), call("PATCH", "/repos/team-1/gitops/check-runs/1")],
      REPO,
      [7, 11, 6, false],
    ],
  ] as const)("%s", (_, calls, watched, expected) => {
    const [cost] = costsOf(calls, [watched]);
    expect(cost && [cost.calls, cost.points, cost.allowed, isDear(cost)]).toEqual(expected);
  });
});
