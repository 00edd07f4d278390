import { expect, it } from "vitest";
import type { Event } from "./events.ts";
import { listed, type Misfortune } from "./luck.ts";
import { teller } from "./seeds.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const BUMP: Event = { kind: "bump", service: "cart", tag: "1.1.0", how: "pull", open: SECOND, at: MINUTE };
const PUSHED: Event = { ...BUMP, how: "push" };

function said(body: string, at: number): Extract<Event, { readonly kind: "comment" }> {
  return { kind: "comment", service: "cart", author: "ana", body, on: "step", at };
}

/** Small stories that once broke a law, each with what it was about. */
const CASES: readonly (readonly [string, readonly Event[], readonly Misfortune[]])[] = [
  [
    "a weight without a release that is put back while its way to 0 is open",
    [
      { kind: "weigh", service: "cart", to: 25, at: MINUTE },
      { kind: "weigh", service: "cart", to: "back", at: 3 * MINUTE },
    ],
    [],
  ],
  [
    "a word on the offer of 0 for a weight that is put back before it is answered",
    [
      { kind: "weigh", service: "cart", to: 25, at: MINUTE },
      { ...said("/hold", 175 * SECOND), on: "last" },
      { kind: "weigh", service: "cart", to: "back", at: 3 * MINUTE },
    ],
    [
      { kind: "burst", from: 170 * SECOND, to: 4 * MINUTE, fault: "errorBefore" },
      { kind: "strike", call: "react", nth: 1, trouble: "crashBefore", isLasting: false },
    ],
  ],
  [
    "a word on an abort at weight 0, which changed nothing but the state, that is not answered before the next release waits",
    [
      PUSHED,
      { ...PUSHED, tag: "1.1.1", at: 100 * SECOND },
      { ...said("/hold", 2 * MINUTE), on: "last" },
      { kind: "trunk", deed: "rename", service: "cart", at: 5 * MINUTE },
    ],
    Array.from({ length: 8 }, (_, index): Misfortune => ({
      kind: "strike",
      call: "react",
      nth: 1 + index,
      trouble: "unavailable",
      isLasting: true,
    })),
  ],
  [
    "a bump that lands while stable is another by hand, is promoted after that is put back, and taken back then",
    [
      { kind: "stable", service: "cart", to: "0.9.0", at: MINUTE },
      { ...PUSHED, at: 90 * SECOND },
      { kind: "stable", service: "cart", to: "back", at: 2 * MINUTE },
      said("/abort it is not good after all", 400 * SECOND),
    ],
    [],
  ],
  [
    "an abort said on a step under somebody else's commit, that is not answered before the release is over",
    [
      BUMP,
      said("/abort we saw something", 150 * SECOND),
      { kind: "trunk", deed: "rename", service: "cart", at: 5 * MINUTE },
    ],
    [
      { kind: "race", nth: 1, what: "push" },
      ...Array.from({ length: 12 }, (_, index): Misfortune => ({
        kind: "strike",
        call: "react",
        nth: 1 + index,
        trouble: "unavailable",
        isLasting: true,
      })),
    ],
  ],
  [
    "a closing of which GitHub does not say yet whose it was",
    [BUMP, { kind: "step", service: "cart", deed: "close", by: "ana", at: 100 * SECOND }, said("/resume", 5 * MINUTE)],
    [{ kind: "strike", call: "closedBy", nth: 1, trouble: "staleRead", isLasting: true }],
  ],
  [
    "a word on a step under somebody else's commit",
    [
      BUMP,
      { kind: "step", service: "cart", deed: "push", by: "ana", at: 100 * SECOND },
      { ...BUMP, tag: "1.1.1", at: 105 * SECOND, open: 0 },
      said("/promote", 105 * SECOND),
    ],
    [{ kind: "burst", from: 100 * SECOND, to: 3 * MINUTE, fault: "errorBefore" }],
  ],
  [
    "a commit that is asked for and does not land",
    [
      { kind: "bump", service: "cart", tag: "6.6.6", how: "pull", open: SECOND, at: MINUTE },
      said("/retry", 10 * MINUTE),
    ],
    Array.from({ length: 8 }, (_, index): Misfortune => ({
      kind: "strike",
      call: "mergePull",
      nth: 4 + index,
      trouble: "secondaryLimitBare",
      isLasting: true,
    })),
  ],
  [
    "steps that are changed before the last one of a release without a pull request, and put back",
    [
      { kind: "config", deed: "steps", at: 30 * SECOND },
      PUSHED,
      { kind: "config", deed: "mend", at: 270 * SECOND },
      said("/abort it cannot go on", 8 * MINUTE),
    ],
    [],
  ],
  [
    "history that is rewritten under an abort that could not be merged yet",
    [
      BUMP,
      { ...PUSHED, tag: "1.1.1", at: 150 * SECOND },
      { kind: "trunk", deed: "dropBump", service: "cart", at: 160 * SECOND },
      said("/abort it is gone", 10 * MINUTE),
    ],
    [{ kind: "burst", from: 140 * SECOND, to: 155 * SECOND, fault: "primaryLimit" }],
  ],
  [
    "an abort said on the closed last step of a release whose bump is gone, which was built on a state file that could not be read",
    [
      PUSHED,
      { kind: "state", service: "cart", deed: "garble", at: 310 * SECOND },
      { kind: "step", service: "cart", deed: "delete", by: "ana", at: 6 * MINUTE },
      { kind: "trunk", deed: "dropBump", service: "cart", at: 7 * MINUTE },
      { kind: "state", service: "cart", deed: "mend", at: 10 * MINUTE },
      said("/abort it is gone", 11 * MINUTE),
    ],
    [],
  ],
  [
    "a hold that is written into the state file while a word to go on has no answer yet",
    [
      { ...PUSHED, at: MINUTE },
      said("/resume", 100 * SECOND),
      { kind: "state", service: "cart", deed: "hold", at: 110 * SECOND },
      said("/resume", 8 * MINUTE),
    ],
    [{ kind: "burst", from: 95 * SECOND, to: 130 * SECOND, fault: "errorBefore" }],
  ],
  [
    "the same, and the word holds and goes on at once",
    [
      { ...PUSHED, at: MINUTE },
      said("/hold\n/resume", 100 * SECOND),
      { kind: "state", service: "cart", deed: "hold", at: 110 * SECOND },
      said("/resume", 8 * MINUTE),
    ],
    [{ kind: "burst", from: 95 * SECOND, to: 130 * SECOND, fault: "errorBefore" }],
  ],
  [
    "a bump that lands beside a weight by hand, and is taken back by the one before when that is put back",
    [
      PUSHED,
      { kind: "weigh", service: "cart", to: 5, at: 100 * SECOND },
      { ...PUSHED, tag: "1.2.0", at: 110 * SECOND },
      { kind: "weigh", service: "cart", to: "back", at: 120 * SECOND },
      { ...PUSHED, tag: "1.1.0", at: 130 * SECOND },
    ],
    [{ kind: "burst", from: 95 * SECOND, to: 4 * MINUTE, fault: "primaryLimit" }],
  ],
];

it.each(CASES)("%s", async (_, events, misfortunes) => {
  const scenario = {
    services: ["cart"],
    targets: [],
    events,
    bad: new Set(["6.6.6"]),
    bumps: "supersede",
    isMended: true,
  } as const;
  expect((await teller()("people", scenario, { seed: 0, luck: listed(misfortunes) })).breaches).toEqual([]);
});

it("a step's pull request is closed in the second in which another member comes to that step", async () => {
  const places = ["shop/staging", "shop/eu", "shop/us"];
  const scenario = {
    services: ["shop"],
    targets: ["staging", "eu", "us"],
    events: [
      { ...BUMP, service: "shop", tag: "2.1.0", places },
      { kind: "weigh", service: "shop/us", to: 25, at: 100 * SECOND },
      // In this second the step of eu has passed, and somebody closes it before it is merged.
      { kind: "weigh", service: "shop/us", to: "back", at: 341 * SECOND },
      { ...said("/resume", 8 * MINUTE), service: "shop/eu", on: "bump" },
    ],
    bad: new Set<string>(),
    bumps: "supersede",
    isMended: true,
  } as const;
  const luck = listed([{ kind: "race", nth: 7, what: "close" }]);
  expect((await teller()("people", scenario, { seed: 0, luck })).breaches).toEqual([]);
});
