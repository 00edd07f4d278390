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
import { gateCheck } from "../../src/render/check.ts";
import { latencyWords } from "../../src/render/gate-latency.ts";
import { titleOf } from "../../src/render/title.ts";
import { missingOf } from "../../src/render/waiting.ts";
import { HEAD, inFlight, landingOf, MINUTE, podsOf, windows } from "../support/member.ts";
import { histogramOf, nativeOf, timed, timedNatively } from "../support/latency.ts";
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
      "how long requests took cannot be read (too large); after 60 min of that the step goes on without latency",
    ],
    [
      "could not be read of the time before",
      BEFORE.map((window) => ({ ...window, latency: { kind: "unread", reason: "too large." } as const })),
      timed(RUNNING),
      "how long requests took cannot be read (too large); after 60 min of that the step goes on without latency",
    ],
    [
      "of the canary have other bounds",
      timed(BEFORE),
      timed(RUNNING).map((window) => ({
        ...window,
        latency: {
          kind: "read",
          stable: histogramOf(7600),
          canary: { bounds: [70, Infinity], counts: [300, 100], spread: "even" },
        } as const,
      })),
      "the histogram of the canary does not tell how many took longer than 50 ms",
    ],
    [
      "of the canary have become native ones alone",
      timed(BEFORE),
      timed(RUNNING).map((window) => ({
        ...window,
        latency: { kind: "read", stable: histogramOf(7600), native: { kind: "read", canary: nativeOf(400) } } as const,
      })),
      "the canary has no classic buckets of how long requests took, by which this release is judged, but native histograms",
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

describe("a release whose service has native histograms", () => {
  const natively = (before: readonly Window[], running: readonly Window[], of: Member = AT_FIVE) =>
    seen(timedNatively(running), timedNatively(before), of);
  const formIn = (of: Member) => {
    const { judgement } = latencyIn(verdict(of));
    return "form" in judgement ? [judgement.form, judgement.edges.map(({ edge }) => edge.bound)] : judgement.verdict;
  };
  const FINE = [43, 54, 64].map((eighths) => Number((2 ** (eighths / 8)).toPrecision(12)));

  it.each<[string, Member, unknown]>([
    ["by them where it has both", natively(timed(BEFORE), timed(RUNNING)), ["native", FINE]],
    ["by them where it has nothing else", natively(BEFORE, RUNNING), ["native", FINE]],
    ["by them before the canary was seen", natively(timed(BEFORE), []), ["native", FINE]],
    [
      "by classic buckets where stable had no others all the time",
      seen(timedNatively(timed(RUNNING)), [...timed(BEFORE).slice(0, 1), ...timedNatively(timed(BEFORE)).slice(1)]),
      ["classic", [50, 100, 250]],
    ],
    [
      "by classic buckets where the canary has no others",
      seen(timed(RUNNING), timedNatively(timed(BEFORE))),
      ["classic", [50, 100, 250]],
    ],
    [
      "by classic buckets where the others cannot be read",
      seen(
        timed(RUNNING),
        timed(BEFORE).map((window) => ({
          ...window,
          latency: {
            kind: "read",
            stable: histogramOf(8000),
            native: { kind: "unread", reason: "too large" },
          } as const,
        })),
      ),
      ["classic", [50, 100, 250]],
    ],
  ])("is judged %s", (_, of, form) => {
    expect(formIn(of)).toEqual(form);
  });

  it("says what it was judged by", () => {
    const record = recordOf(
      natively(BEFORE, RUNNING),
      stageOf(natively(BEFORE, RUNNING), landingOf(1) + 12 * MINUTE, 0),
      HEAD,
    );
    expect(latencyWords(latencyIn(verdict(natively(BEFORE, RUNNING)))).seen).toBe(
      "How long requests took is read from native histograms.",
    );
    expect(latencyWords(latencyIn(verdict(seen(timed(RUNNING))))).seen).toBe(
      "How long requests took is read from classic buckets.",
    );
    expect(JSON.stringify(record.gates)).toContain('"form":"native"');
  });

  it("passes and fails by them", () => {
    expect(verdict(natively(BEFORE, RUNNING)).kind).toBe("pass");
    const slow = seen(timedNatively(RUNNING, 2), timedNatively(BEFORE));
    expect(verdict(slow)).toMatchObject({ kind: "fail", reason: "the canary answers more slowly than stable" });
  });

  it("is judged by them to its end, whatever else comes", () => {
    const { release } = natively(BEFORE, RUNNING).at;
    const memory = {
      edges: [{ quantile: 0.5, bound: 41.4984644812, weight: 1, tolerated: 1.2, regression: 1.7 }],
      evidence: [],
      form: "native",
    } as const;
    const of = inFlight(1, { ...ON, release: { ...release, latency: memory } });
    const found = verdict(seen(timed(RUNNING), timed(BEFORE), of));
    expect(found.kind).toBe("wait");
    expect(missingOf(found, of)?.what).toBe(
      "the canary has no native histograms of how long requests took, by which this release is judged, but classic buckets",
    );
  });

  it("keeps that in the state file", () => {
    const of = natively(BEFORE, RUNNING);
    const change = proposalOf({ ...of, pull: undefined }, HEAD) ?? expect.fail("A step is to come.");
    const text = printState(change.state);
    expect(text).toContain("histograms: native");
    const path = ".tidegate/services/checkout.yaml";
    const parsed = valueOf(parseState({ path, text }));
    expect(parsed).toEqual(change.state);
    expect(parsed.targets.get(of.target)?.release?.latency?.form).toBe("native");
    expect(printState(parsed)).toBe(text);
  });
});

describe("latency that cannot be read", () => {
  const unread = (all: readonly Window[]) =>
    all.map((window) => ({
      ...window,
      latency: { kind: "unread", reason: "Prometheus answered 422 (execution)." } as const,
    }));
  const long = (count: number) =>
    windows({ from: landingOf(1), count, canary: [400, 2], stable: [7600, 38], pods: podsOf(AT_FIVE) });
  const asked = (onDeadline: "hold" | "abort") =>
    inFlight(1, { policy: { latency: { ...DEFAULT_SLOWDOWNS, isAskedFor: true }, onDeadline } });
  const titleAt = (of: Member, minutes: number) => titleOf(of, stageOf(of, landingOf(1) + minutes * MINUTE, 0));

  it.each<[string, readonly Window[], string]>([
    ["of the time before", unread(BEFORE), "the time before"],
    ["of this step", timed(BEFORE), "this step"],
  ])("holds a step up for half the time to its deadline where nobody asks for it, and no longer: %s", (_, before) => {
    expect(verdict(seen(unread(long(59)), before)).kind).toBe("wait");
    const left = seen(unread(long(60)), before);
    const found = verdict(left);
    expect(found).toMatchObject({
      kind: "pass",
      rulings: [{ gate: "errors" }, { judgement: { verdict: { kind: "absent" } } }],
    });
    expect(latencyWords(latencyIn(found)).grounds).toBe(
      "Latency cannot be measured, for 60 min now: Prometheus answered 422 (execution). Configuration does not ask for it by name, so the step is left to the other gates; nothing is known of how long the canary takes.",
    );
    expect(
      gateCheck({
        kind: "reportGate",
        member: left,
        stage: stageOf(left, landingOf(1) + 60 * MINUTE, 0),
        number: 4813,
        headSha: HEAD,
      }).summary,
    ).toContain("Latency cannot be measured, for 60 min now");
  });

  it("is waited for again as soon as it can be read", () => {
    const of = seen([...unread(long(60)), ...timed(long(62)).slice(60, 61)], timed(BEFORE));
    expect(latencyIn(verdict(of)).judgement.verdict.kind).toBe("wait");
  });

  it("is no pass by itself, and no way around errors", () => {
    const errors = { ...SKIP, gate: "errors" } as const;
    const skipping = inFlight(1, { ...ON, release: { skips: [errors] } });
    const found = verdict(seen(unread(long(90)), unread(BEFORE), skipping));
    expect(found.kind).toBe("wait");
    expect(missingOf(found, skipping)?.what).toBe(
      "another gate's pass: how long requests took cannot be read (Prometheus answered 422 (execution))",
    );
    const failing = long(90).map((window) => ({
      ...window,
      counts: { ...window.counts, canary: { requests: 400, failed: 60 } },
    }));
    expect(verdict(seen(unread(failing), unread(BEFORE))).kind).toBe("fail");
  });

  it("is waited for where what had been read leans towards a slower canary", () => {
    const running = [...timed(long(2), 1.7), ...unread(long(92).slice(2))];
    const found = verdict(seen(running));
    expect(found.kind).toBe("wait");
    expect(missingOf(found, AT_FIVE)?.what).toContain("what was read before leans towards a slower canary");
  });

  it.each(["hold", "abort"] as const)(
    "is waited for to the deadline where configuration asks for it, and takes nothing back: %s",
    (onDeadline) => {
      const of = seen(unread(long(121)), timed(BEFORE), asked(onDeadline));
      const why =
        "how long requests took cannot be read (Prometheus answered 422 (execution)); configuration asks for latency, so the step waits for it";
      expect(titleAt(seen(unread(long(90)), timed(BEFORE), asked(onDeadline)), 91)).toBe(`Waiting: ${why}`);
      expect(titleAt(of, 121)).toBe(`Undecided by 14:20 UTC: ${why}`);
      expect(stageOf(of, landingOf(1) + 121 * MINUTE, 0)).toMatchObject({ kind: "measuring", overdue: true });
    },
  );

  it("keeps nothing that lacks something else from being taken back at its deadline", () => {
    const of = asked("abort");
    const quiet = windows({ from: landingOf(1), count: 121, canary: [1, 0], stable: [19, 0], pods: podsOf(of) });
    const found = seen(unread(quiet), timed(BEFORE), of);
    expect(verdict(found).rulings.map(({ judgement }) => judgement.verdict.kind)).toEqual(["wait", "wait"]);
    expect(stageOf(found, landingOf(1) + 121 * MINUTE, 0)).toMatchObject({
      kind: "failed",
      aborting: { reason: "undecided by the deadline" },
    });
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

  it.each([undefined, "native"] as const)("let nothing pass: the canary's, whatever stable's are (%s)", (form) => {
    const of = inFlight(1, { ...ON, release: { latency: { ...memory, form } } });
    fc.assert(
      fc.property(fc.array(fc.option(spoilt, { nil: undefined }), { minLength: 12, maxLength: 12 }), (canary) => {
        const running = RUNNING.map((window, at) => {
          const own = canary[at];
          const spoiltOne = { kind: "read" as const, stable: histogramOf(7600), ...(own && { canary: own }) };
          const good = { kind: "read" as const, stable: histogramOf(7600), canary: histogramOf(400) };
          const latency = form === "native" ? { ...good, native: spoiltOne } : { ...spoiltOne, native: good };
          return { ...window, latency };
        });
        expect(verdict({ ...of, timeline: read(running) }).kind).not.toBe("pass");
      }),
    );
  });
});
