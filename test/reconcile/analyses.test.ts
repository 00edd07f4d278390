import { expect, it } from "vitest";
import { gateMetrics } from "../../src/analysis/gate.ts";
import { analysisRulings } from "../../src/core/analysis-gate.ts";
import type { AnalysisSettings } from "../../src/core/gate/analysis.ts";
import { read, unavailable, type Reading } from "../../src/core/reading.ts";
import type { GoResult } from "../../src/ports/measure.ts";
import { DEFAULT_PROMETHEUS } from "../../src/ports/metrics.ts";
import { withAnalyses } from "../../src/reconcile/analyses.ts";
import { freshMemory } from "../../src/reconcile/memory.ts";
import { commit, inFlight, MINUTE, NOON, SECOND } from "../support/member.ts";

const SETTINGS: AnalysisSettings = {
  name: "rate",
  template: "rate",
  files: [],
  args: {},
  from: 0,
  runs: "release",
  metrics: undefined,
  checks: undefined,
  line: 1,
};
const PROMETHEUS = 'prometheus: { query: "up" }';
const WEB = 'web: { url: "https://score.example.com/now", jsonPath: "{$.score}" }';

function template(provider: string, condition: string): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: { name: rate }
spec:
  metrics:
    - { name: up, interval: 1m, failureLimit: 1, successCondition: "${condition}", provider: { ${provider} } }
`;
}

/** A member under 25 %, whose template is asked by `answer`, and all that was asked so far: times in minutes after noon. */
function gauged(provider: string, condition: string, answer: (minute: number) => Reading<GoResult>) {
  const asked: number[] = [];
  const memory = freshMemory();
  const words = {
    service: "",
    namespace: "",
    target: "",
    canary: "",
    stable: "",
    "canary-workload": "",
    "stable-workload": "",
  };
  const files = [{ path: "rate.yaml", text: template(provider, condition) }];
  const metrics = gateMetrics({ settings: SETTINGS, config: "", words }, files);
  if (metrics.kind === "err") throw new Error(metrics.error.why);
  const value = { settings: { ...DEFAULT_PROMETHEUS, url: "https://prometheus.example.com" }, settleMs: 0 };
  const refused = { kind: "refused", problems: [] } as const;
  const gauging = {
    head: commit("a"),
    eyes: {
      git: { list: async () => [], read: async () => new Map() },
      readings: { gate: () => ({ kind: "read", value: metrics.value }) as const },
    },
    config: {
      problems: [],
      policyFor: () => refused,
      metricsFor: () => refused,
      gateProvider: () => ({ kind: "read", value }) as const,
    },
    measures: async (_: unknown, { to }: { readonly to: number }) => {
      const minute = (to - NOON) / MINUTE;
      asked.push(minute);
      return answer(minute);
    },
    memory,
  };
  const member = inFlight(2, {
    landings: new Map([
      [1, NOON - MINUTE],
      [2, NOON],
    ]),
    policy: { analyses: [{ ...SETTINGS, from: 25 }], settleMs: 15 * SECOND },
  });
  const look = async (at: number, process = memory) => {
    const [found] = await withAnalyses({ ...gauging, memory: process }, [member], at);
    return found;
  };
  return { asked, look, member };
}

const good: Reading<GoResult> = read({ goType: "[]float64", value: [1] });
const bad: Reading<GoResult> = read({ goType: "[]float64", value: [0] });

it("asks for every time that was due and has settled, once, and the same again after a restart", async () => {
  const { asked, look } = gauged(PROMETHEUS, "result[0] == 1", (minute) => (minute === 1 ? bad : good));
  const at = NOON + 2 * MINUTE + 20 * SECOND;
  const first = await look(at);
  expect(asked).toEqual([0, 1, 2]);
  expect(await look(at + 10 * SECOND)).toEqual(first);
  expect(asked).toHaveLength(3);
  expect(await look(at, freshMemory())).toEqual(first);
  expect(asked).toEqual([0, 1, 2, 0, 1, 2]);
  expect(first?.analyses).toMatchObject([{ phase: "Running", metrics: [{ counts: { Successful: 2, Failed: 1 } }] }]);
});

it("waits while the provider is down, whatever was measured before, and goes on where it stopped", async () => {
  let isDown = true;
  const { asked, look } = gauged(PROMETHEUS, "result[0] == 1", (minute) =>
    isDown && minute > 0 ? unavailable("Prometheus refuses connections.") : good,
  );
  const down = await look(NOON + 30 * MINUTE);
  expect(asked).toEqual([0, 1]);
  expect(down && analysisRulings(down, NOON)).toMatchObject([
    { verdict: { kind: "wait", reason: { kind: "unanswered", why: "Prometheus refuses connections." } } },
  ]);
  isDown = false;
  const up = await look(NOON + 3 * MINUTE + 30 * SECOND);
  expect(asked.slice(2)).toEqual([1, 2, 3]);
  expect(up && analysisRulings(up, NOON)).toMatchObject([{ verdict: { kind: "pass" } }]);
});

it("asks so much at a look and no more, and waits until it has caught up", async () => {
  const { asked, look } = gauged(PROMETHEUS, "result[0] == 1", () => good);
  const late = await look(NOON + 100 * MINUTE);
  expect(asked).toHaveLength(30);
  expect(late && analysisRulings(late, NOON)).toMatchObject([{ verdict: { kind: "wait" } }]);
  await look(NOON + 100 * MINUTE);
  expect(asked.at(-1)).toBe(59);
});

it("measures what knows no past when it is due, and anew after a restart: never a pass by loss", async () => {
  const score = (value: number): Reading<GoResult> => read({ goType: "any", value });
  const { asked, look } = gauged(WEB, "result < 3", () => score(1));
  const later = NOON + 10 * MINUTE;
  const first = await look(later);
  await look(later + 30 * SECOND);
  expect(asked).toEqual([10]);
  expect(first && analysisRulings(first, NOON)).toMatchObject([{ verdict: { kind: "pass" } }]);
  const after = await look(later + 30 * SECOND, freshMemory());
  expect(asked).toEqual([10, 10.5]);
  expect(after?.analyses).toMatchObject([{ metrics: [{ counts: { Successful: 1 } }] }]);
});

it("takes a release back by what the template says, and waits without a measurement", async () => {
  const { look, member } = gauged(PROMETHEUS, "result[0] == 1", () => bad);
  const found = await look(NOON + 5 * MINUTE);
  expect(found && analysisRulings(found, NOON)).toMatchObject([{ verdict: { kind: "block" } }]);
  expect(analysisRulings(member, NOON)).toMatchObject([{ verdict: { kind: "wait" } }]);
});
