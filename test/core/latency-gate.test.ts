import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseState } from "../../src/config/state-file.ts";
import { printState } from "../../src/config/state-text.ts";
import { NO_EVIDENCE } from "../../src/core/gate/evidence.ts";
import { DEFAULT_SLOWDOWNS } from "../../src/core/gate/latency.ts";
import { rulingsOf, together } from "../../src/core/gates.ts";
import type { LatencyMemory } from "../../src/core/latency-memory.ts";
import { proposalOf } from "../../src/core/proposal.ts";
import { read } from "../../src/core/reading.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { stageOf } from "../../src/core/stage.ts";
import { verdictOf, type Verdict } from "../../src/core/verdict.ts";
import type { Window } from "../../src/core/window.ts";
import { recordOf } from "../../src/render/record.ts";
import { evidenceTable, groundsSentence } from "../../src/render/evidence.ts";
import { missingOf } from "../../src/render/waiting.ts";
import { HEAD, inFlight, landingOf, MINUTE, podsOf, windows } from "../support/member.ts";
import { histogramOf, timed } from "../support/latency.ts";
import { valueOf } from "../manifest/builders.ts";

const ON = { policy: { latency: DEFAULT_SLOWDOWNS } };
const SKIP = { gate: "latency", by: "ana", comment: 7, reason: "known to be slow" } as const;

const AT_FIVE = inFlight(1, ON);
const BEFORE = windows({ from: landingOf(1) - 20 * MINUTE, count: 20, canary: [0, 0], stable: [8000, 40] });
const RUNNING = windows({
  from: landingOf(1),
  count: 12,
  canary: [400, 2],
  stable: [7600, 38],
  pods: podsOf(AT_FIVE),
});

function seen(running: readonly Window[], before = timed(BEFORE), of: Member = AT_FIVE): Member {
  return { ...of, timeline: read([...before, ...running]) };
}

function verdict(of: Member, since: number | undefined = landingOf(1)): Verdict {
  return verdictOf(of, of.plan.steps[2], since);
}

function latencyIn({ rulings }: Verdict) {
  const ruling = rulings.find(({ gate }) => gate === "latency");
  return ruling?.gate === "latency" ? ruling : expect.fail("Latency was not judged.");
}

describe("a step that is judged by errors and latency", () => {
  it("passes where the canary is as fast as stable and fails as little", () => {
    expect(verdict(seen(timed(RUNNING)))).toMatchObject({
      kind: "pass",
      rulings: [{ gate: "errors" }, { gate: "latency" }],
    });
  });

  it("fails where the canary is slower and has no errors, in words without numbers", () => {
    const slow = verdict(seen(timed(RUNNING, 2)));
    expect(slow).toMatchObject({ kind: "fail", reason: "the canary answers more slowly than stable" });
    expect(stageOf(seen(timed(RUNNING, 2)), landingOf(1) + 12 * MINUTE, 0).kind).toBe("failed");
  });

  it("names errors first where both block", () => {
    const failing = RUNNING.map((window) => ({
      ...window,
      counts: { ...window.counts, canary: { requests: 400, failed: 60 } },
    }));
    expect(verdict(seen(timed(failing, 2)))).toMatchObject({
      kind: "fail",
      reason: "the canary fails more requests than stable",
    });
  });

  it.each<[string, readonly Window[], string]>([
    ["has no histograms", BEFORE, "none"],
    [
      "had too few requests before",
      timed(windows({ from: landingOf(1) - 2 * MINUTE, count: 2, stable: [3, 0] })),
      "tooFew",
    ],
    ["was not seen before", [], "none"],
  ])("is judged by errors alone, with all of alpha, where the service %s", (_, before, why) => {
    const found = verdict(seen(timed(RUNNING, 3), before));
    expect(found.kind).toBe("pass");
    expect(latencyIn(found).judgement).toEqual({ verdict: { kind: "stands", why } });
    expect(found.rulings[0]).toMatchObject({ settings: { alpha: 0.01 } });
  });

  it("divides alpha over both where both judge", () => {
    const { rulings } = verdict(seen(timed(RUNNING)));
    expect(rulings).toMatchObject([{ settings: { alpha: 0.005 } }, { judgement: { settings: { alpha: 0.005 } } }]);
  });

  it.each<[string, readonly Window[], readonly Window[], string]>([
    ["vanish", timed(BEFORE), RUNNING, "the metrics have no latency histogram of the canary in the last 2 windows"],
    [
      "are stable's alone",
      timed(BEFORE),
      RUNNING.map((window) => ({ ...window, latency: { kind: "read", stable: histogramOf(7600) } as const })),
      "the metrics have no latency histogram of the canary in the last 2 windows",
    ],
    [
      "cannot be read",
      timed(BEFORE),
      RUNNING.map((window) => ({ ...window, latency: { kind: "unread", reason: "too large." } as const })),
      "how long requests took cannot be read (too large)",
    ],
    [
      "could not be read of the time before",
      BEFORE.map((window) => ({ ...window, latency: { kind: "unread", reason: "too large." } as const })),
      timed(RUNNING),
      "how long requests took cannot be read (too large)",
    ],
  ])("waits, and says so, where histograms %s", (_, before, running, text) => {
    const found = verdict(seen(running, before));
    expect(found.kind).toBe("wait");
    expect(missingOf(found, AT_FIVE)?.what).toBe(text);
  });

  it("goes on without latency where a person leaves it out, and fails by errors all the same", () => {
    const skipping = inFlight(1, { ...ON, release: { skips: [SKIP] } });
    expect(verdict(seen(timed(RUNNING, 3), timed(BEFORE), skipping))).toMatchObject({
      kind: "pass",
      skipped: ["latency"],
    });
    const failing = RUNNING.map((window) => ({
      ...window,
      counts: { ...window.counts, canary: { requests: 400, failed: 60 } },
    }));
    expect(verdict(seen(timed(failing), timed(BEFORE), skipping)).kind).toBe("fail");
  });

  it("is judged by latency where a person leaves errors out, and by nobody where both are", () => {
    const errors = { ...SKIP, gate: "errors" } as const;
    const one = inFlight(1, { ...ON, release: { skips: [errors] } });
    expect(verdict(seen(timed(RUNNING, 2), timed(BEFORE), one)).kind).toBe("fail");
    const both = inFlight(1, { ...ON, release: { skips: [errors, SKIP] } });
    expect(verdict(seen(timed(RUNNING, 2), timed(BEFORE), both)).kind).toBe("pass");
    expect(verdict(seen(timed(RUNNING, 2), timed(BEFORE), both), undefined).kind).toBe("pass");
  });

  it("is shown with bounds, shares, evidence and power, in plain words", () => {
    const of = seen(timed(RUNNING));
    const record = recordOf(of, stageOf(of, landingOf(1) + 12 * MINUTE, 0), HEAD);
    expect(`${groundsSentence(record)}\n\n${evidenceTable(record)}`).toMatchSnapshot();
  });
});

describe("what is remembered of latency", () => {
  const carried = (of: Member) => {
    const change = proposalOf({ ...of, pull: undefined }, HEAD) ?? expect.fail("A step is to come.");
    return { change, release: change.state.targets.get(of.target)?.release };
  };

  it("is the bounds from the first push on, and each step's evidence with the next", () => {
    const first = carried(seen(timed(RUNNING)));
    const edges = first.release?.latency?.edges ?? [];
    expect(edges.map(({ bound }) => bound)).toEqual([50, 100, 250]);
    expect(first.release?.latency?.evidence).toEqual([]);
    const at25: Member = { ...inFlight(2, { ...ON, release: { latency: { edges, evidence: [] } } }) };
    const second = carried({ ...at25, timeline: read(timed(RUNNING)) });
    expect(second.release?.latency?.edges).toEqual(edges);
    expect(second.release?.latency?.evidence.map(({ through, strata }) => [through, strata.length])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  it("counts the same over restarts: carried, or read again from the provider", () => {
    const at25 = inFlight(2, ON);
    const later = windows({ from: landingOf(2), count: 12, canary: [2000, 10], stable: [6000, 30] });
    const all = { ...at25, timeline: read([...timed(BEFORE), ...timed(RUNNING), ...timed(later, 1.2)]) };
    const release = all.at.release ?? expect.fail("A release is under way.");
    const whole = rulingsOf({ member: all, release, running: timed(later, 1.2) });
    const memory = carried(all).release?.latency;
    const evidence = { ...(carried(all).release?.evidence ?? NO_EVIDENCE) };
    const after = {
      ...inFlight(2, { ...ON, release: { latency: memory, evidence } }),
      timeline: read(timed(later, 1.2)),
    };
    const again = rulingsOf({
      member: after,
      release: { ...release, latency: memory, evidence },
      running: timed(later, 1.2),
    });
    expect(again.map(({ judgement }) => judgement)).toEqual(whole.map(({ judgement }) => judgement));
  });

  it("is written into the state file and read back", () => {
    const { change } = carried({ ...inFlight(2, ON), timeline: read([...timed(BEFORE), ...timed(RUNNING)]) });
    const text = printState(change.state);
    expect(text.split("\n").filter((line) => line.trim().startsWith("latency: "))).toMatchSnapshot();
    const path = ".tidegate/services/checkout.yaml";
    expect(valueOf(parseState({ path, text }))).toEqual(change.state);
    expect(printState(valueOf(parseState({ path, text })))).toBe(text);
  });

  it("is nothing in an old state file: a release that was judged without stays so", () => {
    const old = inFlight(2, { ...ON, release: { evidence: { ...NO_EVIDENCE, through: 1 } } });
    const found = verdict({ ...old, timeline: read([...timed(BEFORE), ...timed(RUNNING, 3)]) });
    expect(latencyIn(found).judgement.verdict).toEqual({ kind: "stands", why: "none" });
  });
});

describe("all gates together, as they rule", () => {
  it("are left to a person's word where nobody else is there", () => {
    const rulings = rulingsOf({
      member: seen(RUNNING, BEFORE),
      release: AT_FIVE.at.release ?? expect.fail("A release is under way."),
      running: RUNNING,
    });
    expect(together(rulings, ["errors"]).kind).toBe("left");
    expect(together([], []).kind).toBe("wait");
  });
});

describe("spoilt histograms", () => {
  const notOne = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
  const spoilt = fc
    .tuple(notOne, fc.nat({ max: 2 }), fc.array(fc.nat(5000), { minLength: 3, maxLength: 3 }))
    .map(([value, at, counts]) => ({
      bounds: [50, 100, Number.POSITIVE_INFINITY],
      counts: counts.with(at, value),
      spread: "even" as const,
    }));
  const memory: LatencyMemory = {
    edges: [{ quantile: 0.5, bound: 50, weight: 1, tolerated: 1.2, regression: 1.7 }],
    evidence: [],
  };

  it("let nothing pass: the canary's, whatever stable's are", () => {
    const of = inFlight(1, { ...ON, release: { latency: memory } });
    fc.assert(
      fc.property(fc.array(fc.option(spoilt, { nil: undefined }), { minLength: 12, maxLength: 12 }), (canary) => {
        const running = RUNNING.map((window, at) => {
          const own = canary[at];
          return {
            ...window,
            latency: { kind: "read" as const, stable: histogramOf(7600), ...(own && { canary: own }) },
          };
        });
        expect(verdict({ ...of, timeline: read(running) }).kind).not.toBe("pass");
      }),
    );
  });
});
