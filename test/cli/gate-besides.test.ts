import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gate } from "../../src/cli/gate.ts";
import { askedOf, documentOf } from "../../src/cli/gate-document.ts";
import { gateText } from "../../src/cli/gate-text.ts";
import { explainGauges, gaugesAnswer } from "../../src/core/explain-gauges.ts";
import { explainLatency, latencyAnswer } from "../../src/core/explain-latency.ts";
import type { AnalysisRun } from "../../src/core/gate/analysis.ts";
import { DEFAULT_KAYENTA } from "../../src/core/gate/kayenta.ts";
import { DEFAULT_SLOWDOWNS } from "../../src/core/gate/latency.ts";
import type { GaugePolicy } from "../../src/core/gauge-memory.ts";
import { read } from "../../src/core/reading.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { judgeSeason } from "../../src/core/season.ts";
import { stageOf } from "../../src/core/stage.ts";
import type { Window } from "../../src/core/window.ts";
import { verdictIn } from "../../src/render/record.ts";
import { CPU, gauged, KNOWN } from "../support/gauges.ts";
import { timed } from "../support/latency.ts";
import { inFlight, landingOf, MINUTE, podsOf, windows, type MemberChanges } from "../support/member.ts";
import { EVERY, factsOf, SEASON, usualAt } from "../support/seasons.ts";
import { fakeTerminal, MACHINE_CLOCK } from "../support/terminal.ts";

const NOW = landingOf(2) + 12 * MINUTE;

const kept = { folder: "" };
beforeAll(async () => {
  kept.folder = await mkdtemp(join(tmpdir(), "gate-"));
});
afterAll(() => rm(kept.folder, { recursive: true, force: true }));

/** A release at its second weight, with the windows of both and of the time before. */
function flying(changes: MemberChanges, seen: (running: readonly Window[]) => readonly Window[]): Member {
  const of = inFlight(2, changes);
  const pods = podsOf(of);
  const before = windows({ from: landingOf(1) - 20 * MINUTE, count: 20, canary: [0, 0], stable: [8000, 40] });
  const first = windows({ from: landingOf(1), count: 20, canary: [400, 2], stable: [7600, 38], pods });
  const second = windows({ from: landingOf(2), count: 12, canary: [2000, 10], stable: [6000, 30], pods });
  return { ...of, timeline: read([...timed(before), ...seen([...first, ...second])]) };
}

function askedFor(of: Member) {
  const stage = stageOf(of, NOW, 0);
  const [asked] = askedOf(of, stage);
  return {
    asked: asked ?? expect.fail("Errors are judged."),
    verdict: verdictIn(stage) ?? expect.fail("It is judged."),
  };
}

/** What `--windows` makes of what `--json` has written. */
async function replayed(document: unknown, ...options: readonly string[]) {
  const path = join(kept.folder, `${Math.random()}.json`);
  await writeFile(path, JSON.stringify(document));
  const { terminal, out, told } = fakeTerminal({});
  const status = await gate(["--windows", path, ...options], terminal, MACHINE_CLOCK);
  return { status, told: told(), out: out() };
}

const RUN: AnalysisRun = {
  gate: "success-rate",
  template: "analysis/success-rate.yaml",
  runs: "step",
  startedAt: landingOf(2),
  phase: "Running",
  why: "it is not decided yet",
  metrics: [
    {
      name: "success-rate",
      phase: "Running",
      isDryRun: false,
      counts: { Successful: 4, Failed: 1, Inconclusive: 0, Error: 0, Blank: 2 },
      limits: { count: 5, failures: 3, inconclusive: 0, errorsInARow: 4, successesInARow: undefined },
      last: { at: landingOf(2) + 5 * MINUTE, outcome: "Successful", value: "0.991" },
      succeededAt: landingOf(2) + 5 * MINUTE,
    },
  ],
};

const TEMPLATE = {
  name: "success-rate",
  template: "success-rate",
  files: ["analysis/"],
  args: {},
  from: 5,
  runs: "step",
  metrics: undefined,
  checks: undefined,
  line: 9,
} as const;

const KAYENTA: GaugePolicy = {
  ...CPU,
  name: "memory",
  kayenta: { settings: DEFAULT_KAYENTA, groups: ["gauges"] },
};

const LATENCY = { policy: { latency: DEFAULT_SLOWDOWNS } };
const GAUGES = { policy: { gauges: [KNOWN, CPU] } };
const slower = (factor: number) => (running: readonly Window[]) => timed(running, factor);
const members: readonly (readonly [string, Member])[] = [
  ["as fast as stable", flying(LATENCY, slower(1))],
  ["slower than stable", flying(LATENCY, slower(1.6))],
  ["without histograms of late", flying(LATENCY, (running) => [...timed(running.slice(0, 28)), ...running.slice(28)])],
  [
    "with histograms that cannot be read",
    flying(LATENCY, (running) => [
      ...timed(running.slice(0, -1)),
      ...running.slice(-1).map((one): Window => ({ ...one, latency: { kind: "unread", reason: "too large." } })),
    ]),
  ],
  ["with a gauge that stands as usual", flying(GAUGES, (running) => gauged(running, 1))],
  ["with a gauge that is higher", flying(GAUGES, (running) => gauged(running, 1.3))],
  [
    "with a gauge that is judged as Kayenta would",
    flying({ policy: { gauges: [KNOWN, KAYENTA] } }, (running) => gauged(gauged(running, 1), 1.5, "memory")),
  ],
  [
    "with everything at once",
    flying({ policy: { ...LATENCY.policy, gauges: [KNOWN], analyses: [TEMPLATE] }, analyses: [RUN] }, (running) =>
      gauged(timed(running, 1), 1),
    ),
  ],
];

describe.each(members)("a release %s", (_, of) => {
  const { asked, verdict } = askedFor(of);

  it("is asked again what its gates were asked, and they say the same", () => {
    const { latency, gauges, analyses = [] } = asked.besides ?? {};
    for (const ruling of verdict.rulings) {
      if (ruling.gate === "latency") expect(latency && latencyAnswer(latency)).toEqual(ruling);
      if (ruling.gate === "gauges") expect(gauges && gaugesAnswer(gauges)).toEqual(ruling);
    }
    expect(analyses.map(({ gate: named }) => named)).toEqual((verdict.analyses ?? []).map(({ gate: named }) => named));
  });

  it("is written so that it says the same again, every term of it, to the last digit", async () => {
    // What Kayenta's judge said is told, and not reckoned again: it is asked once a step.
    const gauges = asked.besides?.gauges && { ...asked.besides.gauges, kayenta: undefined };
    const own = { ...asked, besides: { ...asked.besides, ...(gauges && { gauges }) } };
    const document: unknown = JSON.parse(JSON.stringify(documentOf(own)));
    const again = await replayed(document, "--json");
    expect(again).toMatchObject({ status: 0, told: "" });
    expect(JSON.parse(again.out)).toEqual(document);
    const text = await replayed(document, "--explain");
    expect(text.out).toBe(gateText(own, true));
    expect(text.out).not.toMatch(/NaN|Infinity|undefined/);
  });
});

it("has terms of latency that add up to the E that was printed, bound by bound", () => {
  const { asked, verdict } = askedFor(flying(LATENCY, slower(1.2)));
  const question = asked.besides?.latency ?? expect.fail("Latency is judged.");
  const { edges, logE, logConfirmed, logBar } = explainLatency(question) ?? expect.fail("It has bounds.");
  const ruling = verdict.rulings.find(({ gate: named }) => named === "latency");
  const judged = ruling?.gate === "latency" && "edges" in ruling.judgement ? ruling.judgement : expect.fail();
  const sum = (terms: readonly number[]) => Math.log(terms.reduce((all, term) => all + Math.exp(term), 0));
  for (const [at, { edge, exact, bets, exactShare, logE: own, share, logTerm, windows: terms }] of edges.entries()) {
    expect(own).toBe(judged.edges[at]?.logE);
    const halves = [Math.log(exactShare) + exact.logE, Math.log(1 - exactShare) + bets.logE];
    expect(sum(halves)).toBeCloseTo(own, 9);
    expect(Math.log(share) + own).toBe(logTerm);
    for (const [which, { sum: of }] of exact.components.entries())
      expect(terms.reduce((all, one) => all + (one.exact[which] ?? 0), 0)).toBeCloseTo(of, 7);
    expect(edge.exactDispersion).toBe(exact.divisor);
  }
  expect(edges.reduce((all, { share }) => all + share, 0)).toBeCloseTo(1, 12);
  expect(sum(edges.map(({ logTerm }) => logTerm))).toBeCloseTo(logE, 9);
  expect(sum(edges.filter(({ isConfirmed }) => isConfirmed).map(({ logTerm }) => logTerm))).toBeCloseTo(
    logConfirmed ?? 0,
    9,
  );
  expect(logBar).toBeCloseTo(Math.log(1 / 0.005), 12);
});

it("has differences of a gauge that add up to its drift", () => {
  const { asked } = askedFor(flying(GAUGES, (running) => gauged(running, 1.1)));
  const question = asked.besides?.gauges ?? expect.fail("Gauges are judged.");
  const [known, advising] = explainGauges(question);
  const differences = known?.windows.flatMap(({ difference }) => difference ?? []) ?? [];
  const total = differences.reduce((all, one) => all + one, 0);
  expect(known?.count).toBe(differences.length);
  expect(known?.sum).toBeCloseTo(total, 12);
  expect(Math.max(...(known?.windows.map(({ drift }) => drift) ?? []))).toBe(known?.peak);
  expect(advising?.found).toBeUndefined();
});

it("says latency and gauges after errors, in the words of the check", () => {
  const { asked } = askedFor(
    flying({ policy: { ...LATENCY.policy, gauges: [KNOWN] } }, (all) => gauged(timed(all, 1), 1)),
  );
  const text = gateText(asked, false);
  expect(text).toMatch(/\npass: canary errors .*\n[^]*\npass: latency: slower than .*\n[^]*\nagrees: gauges\.\n/);
  expect(text).not.toContain("Exact half");
});

it("says every count of a template's run and the limits that decide it", () => {
  const { asked } = askedFor(flying({ policy: { analyses: [TEMPLATE] }, analyses: [RUN] }, (running) => running));
  const text = gateText(asked, true);
  expect(text).toContain("wait: success-rate: success-rate 4 of 5 good, last 0.991.");
  expect(text).toContain("Successful 4, Failed 1, Inconclusive 0, Error 0, Blank 2");
  expect(text).toContain("measured 5 times; more than 3 failures fail it");
});

it.each(["compare", "health"] as const)(
  "tells of the service's own past, under %s, and does not reckon it again",
  async (evidence) => {
    const policy = { evidence, seasonal: [SEASON] };
    const facts = factsOf(landingOf(2) + 4 * EVERY, (at) => 2 * usualAt(at));
    const step = { since: landingOf(2), begin: landingOf(1), busy: [], bakeMs: 10 * MINUTE, warmUpMs: 0, alpha: 0.05 };
    const seasons = [judgeSeason(SEASON, facts, step)];
    const { asked } = askedFor(flying({ policy, seasons }, (running) => running));
    const text = gateText(asked, true);
    expect(text).toMatch(/\nblock: seasonal: /);
    expect(text).toMatch(/\nSeason of errors, on the scale of its .*\n {2}typical readings of the step +\d/);
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
    const again = await replayed(documentOf(asked));
    expect(again).toMatchObject({ status: 0, told: "" });
    expect(again.out).not.toContain("seasonal");
  },
);

describe("what is missing from the counts of errors", () => {
  const silent = (noData: "wait" | "fail" | "skip") =>
    flying({ policy: { gate: { ...inFlight(2).policy.gate, noData } } }, (running) =>
      running.map((window, index) => (index < 30 ? window : { ...window, counts: {} })),
    );

  it.each([
    ["wait", "wait"],
    ["fail", "block"],
    ["skip", "absent"],
  ] as const)("comes, under %s, to %s: as in the release", async (noData, kind) => {
    const { asked, verdict } = askedFor(silent(noData));
    expect(verdict.rulings[0]?.judgement.verdict.kind).toBe(kind);
    expect(gateText(asked, false)).toMatch(new RegExp(`\n\n${kind}: `));
    const again = await replayed(documentOf(asked));
    expect(again.out).toMatch(new RegExp(`\n\n${kind}: `));
  });

  it("comes to nothing where the step has not been seen live", async () => {
    const { asked } = askedFor(silent("fail"));
    const document = documentOf(asked);
    const unseen = await replayed({ ...(typeof document === "object" ? document : {}), live: false });
    expect(unseen.out).toMatch(/\n\nwait: /);
    expect((await replayed(document, "--noData", "skip")).out).toMatch(/\n\nabsent: /);
  });
});

it.each([
  ["a histogram of too few counts", { windows: [{ ...AT(0), canary: { bounds: [1, 2], counts: [1, 2] } }] }, /latency/],
  ["bounds that do not rise", { windows: [{ ...AT(0), stable: { bounds: [2, 1], counts: [1, 2, 3] } }] }, /latency/],
  ["windows that overlap", { windows: [AT(1), AT(0)] }, /must follow each other in time/],
])("refuses %s", async (_, changes, words) => {
  const edges = [{ quantile: 0.5, bound: 50, weight: 1, tolerated: 1.1, regression: 1.5 }];
  const file = { version: 1, windows: [], latency: { edges, ...changes } };
  const { status, told, out } = await replayed(file);
  expect({ status, out }).toEqual({ status: 2, out: "" });
  expect(told).toMatch(words);
});

function AT(minute: number) {
  const at = (more: number) => new Date(Date.UTC(2026, 10, 20, 12, minute + more)).toISOString();
  return { step: 1, start: at(0), end: at(1) };
}
