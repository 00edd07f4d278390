/** Where a release can stand when people do something in git or on GitHub. */
export const MOMENTS = [
  "at rest",
  "before the warm-up",
  "at 0%",
  "at 5%",
  "at 50%",
  "promoted",
  "draining",
  "being taken back",
] as const;
export type Moment = (typeof MOMENTS)[number];

/** What the next look does about it, in words. */
export type Doing =
  /** It cannot happen there. */
  | ""
  | "nothing"
  | "goes on"
  | "held"
  | "hold written"
  | "rebuilt"
  | "proposed"
  | "abort"
  | "stable back"
  | "contained"
  | "weight to 0"
  | "state follows"
  | "offers 0"
  | "refused"
  | "let go";

export type Event = {
  readonly what: string;
  readonly means: string;
  /** In the order of the moments. */
  readonly does: readonly [Doing, Doing, Doing, Doing, Doing, Doing, Doing, Doing];
};

const OPEN = ["", "held", "held", "held", "held", "held", "held", ""] as const;

/** What people do, and what it means. */
export const EVENTS = {
  mergedByHand: {
    what: "The step's pull request is merged by hand.",
    means: "An override by whoever merged it. The release goes on from there, and the check says who it was.",
    does: ["", "", "goes on", "goes on", "goes on", "goes on", "goes on", ""],
  },
  closed: {
    what: "The step's pull request is closed, or its branch deleted.",
    means:
      "A hold by whoever closed it, written on the step's branch. Re-opening that pull request lifts it, and so does `/resume`, which opens a new one. Whoever GitHub does not name within a minute counts as a person.",
    does: ["", "hold written", "hold written", "hold written", "hold written", "hold written", "hold written", ""],
  },
  stillClosed: {
    what: "It stays closed.",
    means: "Held; no other one is opened meanwhile. What fails is taken back all the same.",
    does: OPEN,
  },
  reopened: {
    what: "It is re-opened.",
    means: "The hold that the closing was is over.",
    does: ["", "goes on", "goes on", "goes on", "goes on", "goes on", "goes on", ""],
  },
  drafted: {
    what: "It is made a draft.",
    means: "Held for as long as it is a draft. Nothing is written down.",
    does: OPEN,
  },
  relabelled: {
    what: "Its title, body or labels are edited.",
    means: "Nothing: they are views. Tidegate reads none of them.",
    does: ["", "goes on", "goes on", "goes on", "goes on", "goes on", "goes on", ""],
  },
  retargeted: {
    what: "Its base branch is changed.",
    means: "It is no step's pull request any more; another one is opened.",
    does: ["", "proposed", "proposed", "proposed", "proposed", "proposed", "proposed", ""],
  },
  pushedTo: {
    what: "Somebody pushes a commit to the step's branch.",
    means:
      "Held: it is never merged and never overwritten. `/resume` builds the branch anew and names the commit that it dropped; taking the commit off does as well.",
    does: OPEN,
  },
  updated: {
    what: 'The step\'s branch is brought up to date with the "Update branch" button.',
    means: "The branch is built anew.",
    does: ["", "rebuilt", "rebuilt", "rebuilt", "rebuilt", "rebuilt", "rebuilt", ""],
  },
  reverted: {
    what: "The bump is reverted under way, with GitHub's Revert button or by hand.",
    means:
      'An abort by a person: the version is blocked, with the reason "reverted on the tracked branch". Once stable has the version, stable is given back first.',
    does: ["", "nothing", "abort", "abort", "abort", "stable back", "stable back", "goes on"],
  },
  amended: {
    what: "Another pod template lands under way.",
    means: "Containment: nothing has judged it, so the weight goes to 0 at once; then its own release begins.",
    does: ["proposed", "proposed", "contained", "contained", "contained", "contained", "contained", "goes on"],
  },
  withoutPull: {
    what: "The bump was pushed without a pull request.",
    means: "A release like any other. People talk on the step's pull request.",
    does: ["", "goes on", "goes on", "goes on", "goes on", "goes on", "goes on", "goes on"],
  },
  lowered: {
    what: "The weight is lowered by hand under way, to one of the plan.",
    means:
      "Held until `/resume` or `/adopt` (the release goes on from the step with that weight), `/abort`, or the weight is put back.",
    does: ["", "", "", "held", "held", "held", "", ""],
  },
  raised: {
    what: "The weight is raised by hand under way, to one of the plan.",
    means: "An override by whoever raised it: the state follows at once.",
    does: ["", "", "state follows", "state follows", "", "", "", ""],
  },
  strayed: {
    what: "The weight is changed by hand under way to any other.",
    means: "Held, and the check says what can be done: put it back, or `/abort`.",
    does: ["", "", "held", "held", "held", "held", "held", "weight to 0"],
  },
  orphaned: {
    what: "A weight is set by hand where no release is under way.",
    means:
      "A pull request proposes 0. `/abort` sends it to 0 at once; where a bump waits and the plan has the weight, `/adopt` makes it a release.",
    does: ["offers 0", "offers 0", "", "", "", "", "", ""],
  },
  offerClosed: {
    what: "The pull request that proposes 0 is closed.",
    means: "Whoever closed it has seen it: it is not opened again, and the weight stays until people say or do more.",
    does: ["nothing", "nothing", "", "", "", "", "", ""],
  },
  stableEdited: {
    what: "Stable's image is changed by hand.",
    means:
      "Held. At rest until `/adopt` (the state follows, and what the canary has beside it is blocked) or it is put back; under way until it is put back, or `/abort`.",
    does: ["held", "held", "held", "held", "held", "held", "held", "goes on"],
  },
  rebased: {
    what: "The default branch is force-pushed, and the bump's commit is gone.",
    means: "Held. `/abort` works: the weight goes to 0 and the canary gets the image that stable has.",
    does: ["", "", "held", "held", "held", "held", "held", "goes on"],
  },
  broken: {
    what: "The state file or the configuration is edited so that it cannot be read.",
    means:
      "At rest nothing begins. A release under way is watched by what could be read last: it is taken back where it fails, and rises no further. The check names file and line.",
    does: ["refused", "refused", "held", "held", "held", "held", "held", "goes on"],
  },
  letGo: {
    what: "The state file is deleted.",
    means: "The service is let go: what Tidegate has open for it is closed with a word.",
    does: ["nothing", "let go", "let go", "let go", "let go", "let go", "let go", "let go"],
  },
} as const satisfies Readonly<Record<string, Event>>;

export type EventName = keyof typeof EVENTS;

/** What the code meets before it knows of stages: tests of how a look is had hold these. */
export const BESIDES: readonly Pick<Event, "what" | "means">[] = [
  {
    what: "A bump is mixed with other changes.",
    means: "tidegate/plan names them. An abort takes back the whole pod template, and nothing outside of it.",
  },
  {
    what: "What Tidegate writes in a manifest is edited so that it cannot be read.",
    means:
      "Nothing of that service moves, up or down, until it is mended; the check on its pull requests names file and line. What people say there meanwhile is heard then.",
  },
  {
    what: "A pull request changes the configuration.",
    means:
      "Nothing goes by it before it is merged. tidegate/plan on it says whether it can be used, whose releases would go otherwise and how, and which release under way it would hold. That of a fork is not read.",
  },
  {
    what: "The state file is edited by hand, and can still be read.",
    means:
      "It is believed where it agrees with the manifests: a hold that is written there holds the release under way, and one that is taken out is over. Where it contradicts them nothing moves, and the check says what contradicts what.",
  },
  { what: "The state file is renamed.", means: "The service goes on under its new name." },
  {
    what: "The service's manifests are removed under way.",
    means: "Nothing of the service moves, and the check names the file that is missing. Restored, the release goes on.",
  },
  { what: "The default branch is renamed.", means: "It is followed." },
];
