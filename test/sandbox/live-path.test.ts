import { describe, expect, it } from "vitest";
import { livePath, routeSite, type LiveSite, type LiveWorld } from "../../src/sandbox/live-path.ts";
import { ROUTES } from "../../src/sandbox/fleet-routes.ts";
import { rolloutFilesOf, rolloutPathsOf, type RolloutService } from "../../src/sandbox/rollout-fleet.ts";
import { rolloutSite } from "../../src/sandbox/rollout-live.ts";
import type { Routing } from "../../src/sandbox/rollout-routes.ts";
import { withWeight } from "../support/route-hands.ts";

const till = (routing: Routing): RolloutService => ({
  name: "till",
  namespace: "shop",
  target: "prod",
  image: "registry.example.com/shop/till:1.0.0",
  replicas: 4,
  revision: "4f1c".repeat(10),
  form: "claimed",
  routing,
});

/** What a commit has in the file, and when the cluster synced it, seconds; then the shares that were live. */
type Told = {
  readonly commits: readonly (readonly [at: number, text: string])[];
  readonly shares: readonly (readonly [at: number, share: number])[];
};

function pathOf(site: LiveSite, { commits, shares }: Told) {
  const texts = new Map(commits.map(([, text], index) => [String(index), text]));
  const log = [...texts.keys()].map((sha) => ({
    sha,
    message: "",
    parents: sha === "0" ? [] : [String(Number(sha) - 1)],
    files: [{ path: site.path, status: "M" as const }],
  }));
  const world = {
    repo: "acme/gitops",
    github: { log: async () => log.toReversed(), readFile: async (_: string, sha: string) => texts.get(sha) },
    cluster: {
      liveShares: () => shares.map(([at, share]) => ({ at: at * 1_000, share })),
      syncs: () => commits.map(([at], index) => ({ at: at * 1_000, revision: String(index) })),
    },
  };
  return livePath(world as unknown as LiveWorld, site);
}

/** The Rollout with these steps: `5 25`, or `50 100 1s` where they run out. */
function stepped(routing: Routing, steps: string): string {
  const service = till(routing);
  const text = rolloutFilesOf(service).get(rolloutPathsOf(service).rollout) ?? "";
  const [from = "", to = "", duration] = steps.split(" ");
  const weights = [from, to];
  return text
    .replace(/setWeight: 0/g, () => `setWeight: ${weights.shift()}`)
    .replace("pause: {}", duration === undefined ? "pause: {}" : `pause: { duration: ${duration} }`);
}

const by = (routing: Routing, told: readonly (readonly [at: number, steps: string])[]) =>
  told.map(([at, steps]) => [at, stepped(routing, steps)] as const);

const RELEASE = [
  [0, "0 0"],
  [10, "0 5"],
  [20, "5 25"],
  [30, "25 50"],
  [40, "50 100 1s"],
  [50, "0 0"],
] as const;

describe("the law of live shares, of an Argo Rollout behind a router", () => {
  const site = rolloutSite(till("istio"));
  const commits = by("istio", RELEASE);

  it.each<[string, Told["shares"], { strays: number; restarts: number; excess: number; dip: number }]>([
    [
      "finds nothing where each weight is followed, runs out and ends at 0",
      [
        [0, 0],
        [11, 5],
        [21, 25],
        [31, 50],
        [41, 100],
        [44, 0],
      ],
      { strays: 0, restarts: 0, excess: 0, dip: 0 },
    ],
    [
      "finds a share that git does not say yet",
      [
        [0, 0],
        [11, 25],
      ],
      { strays: 1, restarts: 0, excess: 20, dip: 0 },
    ],
    [
      "finds a share that runs out too early",
      [
        [0, 0],
        [31, 50],
        [33, 100],
      ],
      { strays: 1, restarts: 0, excess: 50, dip: 0 },
    ],
    [
      "finds a fall between two steps",
      [
        [0, 0],
        [11, 5],
        [21, 25],
        [28, 5],
        [29, 0],
      ],
      { strays: 2, restarts: 0, excess: 0, dip: 25 },
    ],
    [
      "finds what falls to 0 long after any sync",
      [
        [0, 0],
        [21, 25],
        [29, 0],
      ],
      { strays: 1, restarts: 0, excess: 0, dip: 25 },
    ],
    [
      "tells of steps that start anew after a sync",
      [
        [0, 0],
        [21, 25],
        [31, 0],
        [32, 50],
      ],
      { strays: 0, restarts: 1, excess: 0, dip: 25 },
    ],
    [
      "finds a share that comes back when all is over",
      [
        [0, 0],
        [21, 25],
        [51, 0],
        [55, 25],
      ],
      { strays: 1, restarts: 0, excess: 25, dip: 0 },
    ],
  ])("%s", async (_, shares, { strays, restarts, excess, dip }) => {
    const path = await pathOf(site, { commits, shares });
    expect([path.strays.length, path.restarts.length, path.excess, path.dip]).toEqual([strays, restarts, excess, dip]);
  });
});

describe("the law of live shares, by the number of pods", () => {
  const site = rolloutSite(till("pods"));
  const commits = by("pods", RELEASE);
  const judged = async (shares: Told["shares"]) => {
    const { strays, excess, dip } = await pathOf(site, { commits, shares });
    return { strays: strays.length, excess, dip };
  };

  it("lets the nearest share be, and what is passed on the way up and down", async () => {
    const shares = [
      [0, 0],
      [11, 20],
      [21, 25],
      [31, 100 / 3],
      [32, 50],
      [41, 200 / 3],
      [42, 100],
      [44, 0],
    ] as const;
    expect(await judged(shares)).toEqual({ strays: 0, excess: 0, dip: 0 });
    const back = by("pods", [
      [0, "0 0"],
      [10, "0 50"],
      [20, "0 0"],
    ]);
    const path = await pathOf(site, {
      commits: back,
      shares: [
        [0, 0],
        [11, 20],
        [12, 50],
        [21, 40],
        [22, 20],
        [23, 0],
      ],
    });
    expect(path.strays).toEqual([]);
  });

  it("finds a pod too many, one too few, and one that comes back on the way down", async () => {
    expect(
      await judged([
        [0, 0],
        [11, 25],
      ]),
    ).toEqual({ strays: 1, excess: 5, dip: 0 });
    expect(
      await judged([
        [0, 0],
        [11, 20],
        [21, 25],
        [28, 100 / 5],
      ]),
    ).toEqual({ strays: 1, excess: 0, dip: 5 });
    expect(
      await judged([
        [0, 0],
        [31, 50],
        [38, 20],
      ]),
    ).toEqual({ strays: 1, excess: 0, dip: 30 });
    expect(
      await judged([
        [0, 0],
        [31, 50],
        [51, 40],
        [52, 50],
      ]),
    ).toEqual({ strays: 1, excess: 50, dip: 0 });
  });
});

describe("the law of live shares, of a route that is Tidegate's", () => {
  it("takes every share by its word", async () => {
    const site = routeSite("checkout", "shop", "httpRoute");
    const rest = ROUTES.httpRoute.route({ name: "checkout", namespace: "shop" });
    const commits = [0, 5, 25, 0].map((weight, index) => [index * 10, withWeight(rest, "checkout", weight)] as const);
    const right = await pathOf(site, {
      commits,
      shares: [
        [0, 0],
        [10, 5],
        [20, 25],
        [30, 0],
      ],
    });
    expect(right).toEqual({
      place: "checkout",
      kind: "HTTPRoute",
      shares: [0, 5, 25, 0],
      strays: [],
      restarts: [],
      excess: 0,
      dip: 0,
    });
    const wrong = await pathOf(site, {
      commits,
      shares: [
        [0, 0],
        [10, 5],
        [20, 25],
        [25, 0],
        [31, 12],
      ],
    });
    expect(wrong.strays).toEqual([
      "checkout had 0% at 25000, of 25% in git",
      "checkout had 12% at 31000, of 0% in git",
    ]);
    expect([wrong.excess, wrong.dip]).toEqual([12, 25]);
  });
});
