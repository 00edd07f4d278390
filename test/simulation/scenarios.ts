import type { Event, StepDeed } from "./events.ts";
import { isRendered, isRollout, RUN_BY_ROLLOUTS } from "./places.ts";
import { randomOf, type Random } from "./random.ts";
import { placesIn, type Scenario } from "./story.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Each is behind another kind of route, or rendered by a chart. */
const SERVICES = [
  ["cart", "search"],
  ["search", "desk"],
  ["desk", "mail"],
  ["mail", "menu"],
  ["menu", "cart"],
] as const;

/** The first of these is an Argo Rollout, of another kind from seed to seed. The round is turned each time: some of its seeds are stories in waves. */
function withRollout(seed: number): readonly string[] {
  const nth = Math.floor(seed / 5);
  const turn = Math.floor(nth / RUN_BY_ROLLOUTS.length);
  return [RUN_BY_ROLLOUTS[(nth + turn) % RUN_BY_ROLLOUTS.length] ?? "till", "search"];
}

function isOfRollouts(seed: number): boolean {
  return seed % 5 === 3;
}

/** A report never ends the promotion of an Argo Rollout. */
function isReported(seed: number): boolean {
  return seed % 7 === 2 && !isOfRollouts(seed);
}

/** An Argo Rollout has no switch. */
function isSwitched(seed: number): boolean {
  return seed % 11 === 4 && !isOfRollouts(seed);
}

/** Of the services that look alike, whose routes may have a rule for testers as well. */
function isTested(seed: number): boolean {
  return seed % 11 === 7 && !isOfRollouts(seed);
}

/** The same of a mirror. */
function isMirrored(seed: number): boolean {
  return seed % 11 === 2 && !isOfRollouts(seed);
}

/** When nothing is lost any more something else is delivered, and with it whatever was never reported. */
const DELIVERED: Event = { kind: "unrelated", at: 21 * MINUTE, with: "always" };

type Bump = Extract<Event, { readonly kind: "bump" }>;

/** A seed's story: one or two services, a version for each, sometimes a second one in flight; or one service in several targets. */
export function scenarioOf(seed: number): Scenario {
  return seed % 6 === 5 ? scenarioInWaves(seed) : scenarioAtOnce(seed);
}

function scenarioAtOnce(seed: number): Scenario {
  const random = randomOf(seed * 7919 + 17);
  const names = isOfRollouts(seed)
    ? withRollout(seed)
    : (SERVICES[Math.floor(seed / 5) % SERVICES.length] ?? SERVICES[0]);
  const services = random.chance(0.85) ? names.slice(0, 1) : names.slice();
  const bad = new Set<string>();
  const events = services.flatMap((service, index): readonly Event[] => {
    const at = random.between(1, 4) * MINUTE + index * SECOND;
    const first: Bump = { kind: "bump", service, tag: `1.${index + 1}.0`, at, how: "pull", open: SECOND };
    const isSecond = random.chance(0.4);
    if (!isSecond && random.chance(0.4)) bad.add(first.tag);
    if (!isSecond) return [first];
    // Only a good version is followed in flight: whether a bad one was judged before the next came is a matter of time, and so is the ending.
    const second: Bump = { ...first, tag: `1.${index + 1}.1`, at: at + random.between(10, 420) * SECOND };
    const isBad = random.chance(0.4);
    // A version that lands while an Argo Rollout is promoted runs out with it, unjudged: the plan check is red until then.
    if (isRollout(service)) return [first, { ...second, open: "green" }];
    if (isBad) bad.add(second.tag);
    return [first, second];
  });
  const unrelated = Array.from({ length: random.between(0, 3) }, (): Event => ({
    kind: "unrelated",
    at: random.between(1, 15) * MINUTE + 7 * SECOND,
  }));
  const common = {
    services,
    targets: [],
    bad,
    bumps: "supersede",
    isMended: true,
    ...(isSwitched(seed) && { isSwitched: true }),
    ...(isTested(seed) && !services.some(isRendered) && { isTested: true }),
    ...(isMirrored(seed) && !services.some(isRendered) && { isMirrored: true }),
  } as const;
  if (!isReported(seed)) return { ...common, events: [...events, ...unrelated] };
  return { ...common, events: [...events, ...unrelated, DELIVERED], isReported: true };
}

const TARGETS = ["staging", "eu", "us"] as const;

/** A version that reaches several targets at once, in two waves: good, bad everywhere, or bad in one of the second wave. */
function scenarioInWaves(seed: number): Scenario {
  const random = randomOf(seed * 6151 + 11);
  const targets = random.chance(0.5) ? TARGETS : TARGETS.slice(0, 2);
  const places = targets.map((target) => `shop/${target}`);
  const tag = "2.1.0";
  const bad = new Set(random.pick<readonly string[]>([[], [], [tag], [`${places.at(-1)} ${tag}`]]));
  const at = random.between(1, 4) * MINUTE;
  const reached = random.chance(0.8) ? places : places.slice(1);
  const bump: Bump = {
    kind: "bump",
    service: "shop",
    tag,
    places: reached,
    at,
    how: random.pick(["pull", "push"]),
    open: SECOND,
  };
  const unrelated: Event = { kind: "unrelated", at: random.between(1, 15) * MINUTE + 7 * SECOND };
  return { services: ["shop"], targets, events: [bump, unrelated], bad, bumps: "supersede", isMended: true };
}

const AGAIN = "6.6.6";

/** The same with people who speak, push, close, merge and edit, some of whom may not. In the end, nine times of ten, everything is put back and every hold lifted. */
export function scenarioWithPeople(seed: number): Scenario {
  const scenario = scenarioOf(seed);
  const random = randomOf(seed * 104_729 + 5);
  const bumps = random.pick(["supersede", "supersede", "queue", "batch"] as const);
  const isMended = random.chance(0.9);
  const bumped = scenario.events.map((event) => (event.kind === "bump" ? bumpedAnyhow(event, random, bumps) : event));
  const places = placesIn(scenario);
  const doings = places.length > scenario.services.length ? DEEDS_IN_WAVES : DEEDS;
  const deeds = places.flatMap((service) =>
    Array.from({ length: random.between(1, 4) }, (_, nth) =>
      random
        .pick(doings)(service, random)
        .map((event, _index, all) => (all.length > 1 ? { ...event, with: `${service} ${nth}` } : event)),
    ).flat(),
  );
  const mends = isMended ? places.flatMap((service) => mended(service, deeds.some(isUprooting))) : [];
  const bad = new Set([...scenario.bad, AGAIN]);
  // What people write into a route by hand has one weight for all.
  return { ...scenario, isTested: false, bad, bumps, isMended, events: [...bumped, ...deeds, ...mends] };
}

function bumpedAnyhow(bump: Bump, random: Random, bumps: Scenario["bumps"]): Bump {
  const open = bumps !== "supersede" && random.chance(0.7) ? ("green" as const) : random.between(0, 120) * SECOND;
  const labels = random.chance(0.15) ? { labels: ["hotfix"] } : {};
  return { ...bump, ...labels, how: random.pick(["pull", "pull", "push", "mixed"]), open };
}

/** What a release began with, its commit or its plan, may be gone then. */
function isUprooting(event: Event): boolean {
  return (event.kind === "trunk" && event.deed === "dropBump") || (event.kind === "config" && event.deed === "steps");
}

/** Somebody who may puts back what was edited, and lifts every hold, in comments that are all heard by then. */
function mended(service: string, isUprooted: boolean): readonly Event[] {
  const at = 20 * MINUTE;
  const resume = { kind: "comment", service, author: "ana", body: "/resume", on: "step" } as const;
  const edits: readonly Event[] = [
    { kind: "config", deed: "mend", at },
    { kind: "state", service, deed: "mend", at: at + 2 * SECOND },
    { kind: "stable", service, to: "back", at: at + 4 * SECOND },
    { kind: "weigh", service, to: "back", at: at + 6 * SECOND },
    { kind: "step", service, deed: "ready", by: "ana", at: at + 8 * SECOND },
    // What has lost its ground only an abort ends.
    ...(isUprooted ? [{ ...resume, body: "/abort it cannot go on", at: at + 20 * SECOND }] : []),
    { ...resume, at: at + 30 * SECOND },
    { ...resume, at: at + 3 * MINUTE },
  ];
  return edits.map((event) => ({ ...event, with: "always" }));
}

type Doing = (service: string, random: Random) => readonly Event[];

function sometime(random: Random): number {
  return random.between(90, 720) * SECOND;
}

const WORDS = [
  "/hold",
  "/hold until ana is back\n/resume",
  "/promote",
  "/promote",
  "/promote\n/promote",
  "/promote full",
  "/abort we saw something",
  "/resume",
  "/retry",
  "/adopt",
  "/skip errors the provider is being moved",
  "/rollback",
  "/rollback 1.0.0",
  "/status",
  "/why",
  "/plan\n/backtest",
  "/backtest",
  "/help",
  "/promot",
  "/skip speed because",
  "Looks good.",
] as const;

const speaking: Doing = (service, random) =>
  Array.from({ length: random.between(1, 4) }, () => ({
    kind: "comment",
    service,
    author: random.pick(["ana", "ana", "ana", "eve", "eve", "bo", "cy", "renovate[bot]"]),
    body: random.pick(WORDS),
    on: random.pick(["step", "step", "bump", "last"]),
    at: sometime(random),
    ...(random.chance(0.1) && { later: random.pick(["edited", "deleted"]) }),
  }));

/** Words with a target's name in them. */
const narrowing: Doing = (service, random) =>
  speaking(service, random).map((event) =>
    event.kind === "comment"
      ? {
          ...event,
          body: event.body.replace(/^(\/(?:hold|promote|abort|resume))\b/, `$1 ${service.split("/")[1] ?? ""}`),
        }
      : event,
  );

const pressing: Doing = (service, random) =>
  Array.from({ length: random.between(2, 5) }, () => ({
    kind: "press",
    service,
    by: random.pick(["ana", "eve", "bo"]),
    verb: random.pick(["promote", "hold", "abort"]),
    at: sometime(random),
  }));

const STEP_DEEDS = [
  "close",
  "close",
  "draft",
  "push",
  "update",
  "delete",
  "merge",
  "merge",
  "retitle",
  "retarget",
] as const;

const onTheStep: Doing = (service, random) => {
  const at = sometime(random);
  const deed = random.pick<StepDeed>(STEP_DEEDS);
  const opposite: Partial<Record<StepDeed, StepDeed>> = { close: "reopen", draft: "ready", push: "unpush" };
  const back = random.chance(0.5) ? opposite[deed] : undefined;
  const by = random.pick(["ana", "eve"]);
  const done: Event = { kind: "step", service, deed, by, at };
  if (back === undefined) return [done];
  return [done, { kind: "step", service, deed: back, by: "eve", at: at + random.between(5, 240) * SECOND }];
};

const onTheBump: Doing = (service, random) => [
  { kind: random.pick(["revert", "amend"]), service, at: sometime(random) },
];

const dropping: Doing = (service, random) => [{ kind: "trunk", deed: "dropBump", service, at: sometime(random) }];

const renaming: Doing = (service, random) => [{ kind: "trunk", deed: "rename", service, at: sometime(random) }];

const spoiling: Doing = (service, random) => {
  const at = sometime(random);
  const later = at + random.between(20, 300) * SECOND;
  return random.pick<readonly Event[]>([
    [
      { kind: "state", service, deed: "garble", at },
      { kind: "state", service, deed: "mend", at: later },
    ],
    [
      { kind: "state", service, deed: "delete", at },
      { kind: "state", service, deed: "mend", at: later },
    ],
    [
      { kind: "config", deed: "garble", at },
      { kind: "config", deed: "mend", at: later },
    ],
    [
      { kind: "config", deed: "steps", at },
      { kind: "config", deed: "mend", at: later },
    ],
    [{ kind: "state", service, deed: "hold", at }],
  ]);
};

const holding: Doing = (service, random) => [
  { kind: "state", service, deed: "hold", at: random.between(60, 360) * SECOND },
];

/** What traffic or stable is to be, written by hand, and mostly put back. */
const byHand: Doing = (service, random) => {
  const at = sometime(random);
  const later = at + random.between(20, 300) * SECOND;
  const isBack = random.chance(0.6);
  const edit: Event = random.chance(0.8)
    ? { kind: "weigh", service, to: random.pick<number | "down">([0, 5, 25, 25, 50, 37, "down", "down"]), at }
    : { kind: "stable", service, to: "0.9.0", at };
  return isBack ? [edit, { ...edit, to: "back", at: later }] : [edit];
};

/** A bad version is taken back, and a bot pushes it again; sometimes somebody lets it try once more. */
const again: Doing = (service, random) => {
  const bumps: readonly Event[] = [
    { kind: "bump", service, tag: AGAIN, how: "push", open: 0, at: random.between(1, 3) * MINUTE },
    { kind: "bump", service, tag: AGAIN, how: "pull", open: SECOND, at: random.between(8, 13) * MINUTE },
  ];
  if (random.chance(0.7)) return bumps;
  return [...bumps, { kind: "comment", service, author: "ana", body: "/retry", on: "bump", at: 15 * MINUTE }];
};

/** Where a service has several targets; what is about its bump as a whole is left to the others. */
const DEEDS_IN_WAVES: readonly [Doing, ...Doing[]] = [
  speaking,
  narrowing,
  pressing,
  onTheStep,
  onTheStep,
  byHand,
  holding,
];

const DEEDS: readonly [Doing, ...Doing[]] = [
  speaking,
  speaking,
  speaking,
  pressing,
  pressing,
  onTheStep,
  onTheStep,
  onTheStep,
  onTheBump,
  dropping,
  renaming,
  spoiling,
  byHand,
  byHand,
  byHand,
  again,
  again,
  again,
];
