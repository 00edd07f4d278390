import { describe, expect, it } from "vitest";
import type { Reading as Sample } from "../../src/core/gate/seasonal.ts";
import type { Sha } from "../../src/core/names.ts";
import { read, unavailable, type Reading } from "../../src/core/reading.ts";
import type { Member } from "../../src/core/snapshot.ts";
import type { ServiceState } from "../../src/core/state.ts";
import { DEFAULT_PROMETHEUS, type Metrics, type ReadingsQuestion } from "../../src/ports/metrics.ts";
import { freshMemory } from "../../src/reconcile/memory.ts";
import { withSeasons } from "../../src/reconcile/seasons.ts";
import { commit, inFlight, landingOf, measured, member, MINUTE, NOON, type MemberChanges } from "../support/member.ts";
import { BEGIN, DAY, EVERY, readingsOf, SEASON, usualAt } from "../support/seasons.ts";

const PROMETHEUS = { ...DEFAULT_PROMETHEUS, url: "https://prometheus.example.com" };
const HEAD = commit("a");
const twice = (at: number) => (at > BEGIN ? 2 * usualAt(at) : usualAt(at));

type Answer = (question: ReadingsQuestion) => Reading<readonly Sample[]>;
type Change = { readonly at: number; readonly state: ServiceState };

/** A look at a member whose past is answered so, where its state has changed like this; and everything that was asked, in minutes after the first weight. */
function recalled(
  answer: Answer | undefined,
  changes: readonly Change[] = [],
  counted: (questions: number) => void = () => undefined,
) {
  const asked: (readonly [from: number, to: number])[] = [];
  const memory = freshMemory();
  const metrics = (): Metrics => ({
    timelines: () => Promise.resolve([]),
    ...(answer && {
      readings: (questions: readonly ReadingsQuestion[]) => {
        counted(questions.length);
        for (const { from, to } of questions) asked.push([(from - BEGIN) / MINUTE, (to - BEGIN) / MINUTE]);
        return Promise.resolve(questions.map(answer));
      },
    }),
  });
  const states = new Map(changes.map(({ state }, index) => [commit(String(index + 1)), state]));
  const recalling = {
    head: HEAD,
    git: {
      history: () =>
        Promise.resolve(
          changes.map(({ at }, index) => ({
            sha: commit(String(index + 1)),
            parents: [],
            at,
            message: "",
            author: "",
            ours: true,
          })),
        ),
      read: (sha: Sha) => Promise.resolve(new Map([[".tidegate/services/checkout.yaml", { id: sha, text: "" }]])),
    },
    readings: {
      state: (_: string, blob: { readonly id: Sha } | undefined) => {
        const value = blob && states.get(blob.id);
        return value === undefined ? ({ kind: "refused", problems: [] } as const) : ({ kind: "read", value } as const);
      },
    },
    config: { metricsFor: () => ({ kind: "read", value: PROMETHEUS }) as const },
    metrics,
  };
  const look = async (of: Member, now: number, remembering = memory) => {
    const [found] = await withSeasons({ ...recalling, memory: remembering }, [of], now);
    return found?.seasons?.[0];
  };
  const lookAtAll = async (all: readonly Member[], now: number) =>
    (await withSeasons({ ...recalling, memory }, all, now)).map(({ seasons }) => seasons);
  return { asked, look, lookAtAll };
}

const answers =
  (value: (at: number) => number): Answer =>
  ({ from, to }) =>
    read(readingsOf(from, to, value));

function seasoned(index = 1, changes: MemberChanges = {}): Member {
  const policy = { seasonal: [SEASON], evidence: "bake" as const, ...changes.policy };
  return measured(inFlight(index, { ...changes, policy }), { count: 12 });
}

const NOW = BEGIN + 11 * MINUTE;

describe("the past of a service", () => {
  it("is read once, all of it before the first weight, and then only what has settled since", async () => {
    const { asked, look } = recalled(answers(usualAt));
    expect((await look(seasoned(), NOW))?.verdict).toEqual({ kind: "usual" });
    expect(asked).toEqual([[-14 * 1_440, 10]]);
    await look(seasoned(), NOW + MINUTE);
    expect(asked).toHaveLength(1);
    await look(seasoned(), NOW + 5 * MINUTE);
    expect(asked.slice(1)).toEqual([[-15, 15]]);
  });

  it("is read again, and says the same, where a process begins anew", async () => {
    const { asked, look } = recalled(answers(twice));
    const first = await look(seasoned(), NOW);
    expect(first?.verdict).toEqual({ kind: "block" });
    expect(await look(seasoned(), NOW, freshMemory())).toEqual(first);
    expect(asked).toHaveLength(2);
  });

  it("is asked for of all members in one go", async () => {
    const asked: number[] = [];
    const { lookAtAll } = recalled(
      (question) => answers(usualAt)(question),
      [],
      (count) => asked.push(count),
    );
    const found = await lookAtAll([seasoned(), seasoned(0), seasoned(2), seasoned()], NOW);
    expect(asked).toEqual([3]);
    expect(found.map((seasons) => seasons?.length)).toEqual([1, undefined, 1, 1]);
  });

  it("is the same at every step of a release", async () => {
    const { asked, look } = recalled(answers(usualAt));
    await look(seasoned(1), NOW);
    const second = await look(seasoned(2), landingOf(2) + 11 * MINUTE);
    expect(second?.verdict).toEqual({ kind: "usual" });
    expect(asked).toHaveLength(2);
    expect(asked[1]).toEqual([-15, 30]);
  });

  it.each([
    ["while nothing is under way", member({ policy: { seasonal: [SEASON] } })],
    ["before the first weight", seasoned(0)],
    [
      "of a release that is taken back",
      inFlight(2, { policy: { seasonal: [SEASON] }, release: { aborting: aborting() } }),
    ],
    ["before the step is seen live", { ...seasoned(), timeline: read([]) }],
    ["where none is configured", seasoned(1, { policy: { seasonal: [] } })],
  ])("is not asked for %s", async (_, of) => {
    const { asked, look } = recalled(answers(usualAt));
    expect(await look(of, NOW)).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

describe("a past that is not there", () => {
  it("only advises where the provider has dropped it, whatever there is now", async () => {
    const { look } = recalled(({ from, to }) => read(readingsOf(Math.max(from, BEGIN - 60 * MINUTE), to, twice)));
    expect((await look(seasoned(), NOW))?.verdict).toEqual({ kind: "advise", why: "tooFew" });
  });

  it("is asked for again with every further reading, in case that it was only away for a moment", async () => {
    let isAway = true;
    const { asked, look } = recalled((question) => (isAway ? read([]) : answers(usualAt)(question)));
    expect((await look(seasoned(), NOW))?.verdict).toEqual({ kind: "advise", why: "tooFew" });
    isAway = false;
    await look(seasoned(), NOW + MINUTE);
    expect((await look(seasoned(), NOW + 5 * MINUTE))?.verdict).toEqual({ kind: "usual" });
    expect(asked.at(-1)).toEqual([-14 * 1_440, 15]);
  });

  it("waits while the provider is down, and goes on when it is back", async () => {
    let isDown = true;
    const { look } = recalled((question) =>
      isDown ? unavailable("Prometheus answered 503.") : answers(usualAt)(question),
    );
    expect((await look(seasoned(), NOW))?.verdict).toEqual({
      kind: "wait",
      reason: { kind: "unread", why: "Prometheus answered 503." },
    });
    isDown = false;
    expect((await look(seasoned(), NOW))?.verdict).toEqual({ kind: "usual" });
  });

  it("blocks by what was read before the provider went down", async () => {
    let isDown = false;
    const { look } = recalled((question) => (isDown ? unavailable("down") : answers(twice)(question)));
    await look(seasoned(), NOW);
    isDown = true;
    expect((await look(seasoned(), NOW + 5 * MINUTE))?.verdict).toEqual({ kind: "block" });
  });

  it("waits, and says so, where the provider is asked for counts alone", async () => {
    const { look } = recalled(undefined);
    expect((await look(seasoned(), NOW))?.verdict).toMatchObject({
      reason: { kind: "unread", why: "the provider of these metrics is not asked in PromQL" },
    });
  });

  it("asks again for what was late", async () => {
    let lateness = EVERY;
    const { asked, look } = recalled(({ from, to }) => read(readingsOf(from, to - lateness)));
    expect((await look(seasoned(), NOW))?.verdict).toMatchObject({ kind: "wait", reason: { kind: "noSamples" } });
    lateness = 0;
    expect((await look(seasoned(), NOW + MINUTE))?.verdict).toEqual({ kind: "usual" });
    expect(asked).toHaveLength(2);
  });
});

describe("other releases of the service", () => {
  const before = (index: number) => inFlight(index, { release: { commit: commit("e") } }).state;
  const rest = member().state;
  /** A release of a week ago that took six hours and failed five times as much. */
  const [from, to] = [NOON - 7 * DAY, NOON - 7 * DAY + 6 * 60 * MINUTE];
  const changes: readonly Change[] = [
    { at: BEGIN, state: seasoned(1).state },
    { at: BEGIN - MINUTE, state: seasoned(0).state },
    { at: to, state: rest },
    { at: from, state: before(2) },
    { at: NOON - 20 * DAY, state: rest },
  ];
  /** Stretches of ten minutes in six hours, and those that lose one of their ends, or the hour that gives their level. */
  const LOST = 36 + 3;
  const spoilt = (at: number) => (at > from && at <= to ? 5 * usualAt(at) : usualAt(at));

  it("are no part of what is usual", async () => {
    const told = recalled(answers(spoilt), changes);
    const untold = recalled(answers(spoilt));
    const [known, unknown] = [await told.look(seasoned(), NOW), await untold.look(seasoned(), NOW)];
    expect(known?.placebos?.known).toBe((unknown?.placebos?.known ?? 0) - LOST);
    expect(known?.threshold).toBeLessThan(unknown?.threshold ?? 0);
  });

  it("do not count where they are this one's own steps", async () => {
    const { look } = recalled(answers(usualAt), changes.slice(0, 2));
    const alone = recalled(answers(usualAt));
    expect((await look(seasoned(), NOW))?.placebos).toEqual((await alone.look(seasoned(), NOW))?.placebos);
  });
});

function aborting() {
  return { by: "gate" as const, who: undefined, reason: "the canary fails more requests than stable" };
}
