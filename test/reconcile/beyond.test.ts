import { describe, expect, it } from "vitest";
import { name, type Sha } from "../../src/core/names.ts";
import { beyondOf } from "../../src/reconcile/beyond.ts";
import { inventoryAt } from "../../src/reconcile/inventories.ts";
import { freshMemory } from "../../src/reconcile/memory.ts";
import { deployment, flux, inventoryOf, kustomization, setsTag, type Files } from "../manifest/services/repo.ts";
import { modelGit } from "../simulation/git.ts";
import { member } from "../support/member.ts";

const BASE = "apps/checkout/base/deployment.yaml";
const PROD = "apps/checkout/prod";
const CANARY = `${PROD}/canary.yaml`;
const WEB = "apps/web/prod/deployment.yaml";
const SHOP: Files = {
  [BASE]: deployment("checkout", "checkout:1"),
  "apps/checkout/base/kustomization.yaml": kustomization(["deployment.yaml"]),
  [`${PROD}/kustomization.yaml`]: kustomization(["../base", "canary.yaml"]),
  [CANARY]: deployment("checkout-canary", "checkout:1"),
  [WEB]: deployment("web", "web:1"),
  "apps/api/base/api.yaml": deployment("api", "api:1"),
  "apps/api/base/kustomization.yaml": kustomization(["api.yaml"]),
  "apps/api/dev/kustomization.yaml": kustomization(["../base"], setsTag("api", "1")),
  "apps/api/prod/kustomization.yaml": kustomization(["../base"], setsTag("api", "1")),
};
const MEMBER = member({
  at: {
    manifests: {
      layout: "workloads",
      router: "HTTPRoute",
      destinations: undefined,
      canary: CANARY,
      stable: `${PROD}/tidegate/stable.yaml`,
      route: `${PROD}/tidegate/route.yaml`,
    },
  },
});

const REFUSED = { kind: "refused", problems: ["there is no configuration"] } as const;
const NO_CONFIG = {
  problems: REFUSED.problems,
  policyFor: () => REFUSED,
  metricsFor: () => REFUSED,
  gateProvider: () => REFUSED,
};

/** A repository, and what proposals to it do beyond bumping checkout. */
function shop(files: Files = SHOP) {
  const git = modelGit(new Map(Object.entries(files)), 0);
  const memory = freshMemory();
  const head = git.refs.get("refs/heads/main");
  if (head === undefined) throw new Error("No head.");
  const propose = (changes: Readonly<Record<string, string | undefined>>, parent: Sha = head): Sha =>
    git.add({ parent, parents: [parent], files: new Map(Object.entries(changes)), message: "Propose", at: 0 });
  const look = async (headSha: Sha, tracked: Sha = head) => {
    const changed = await git.changed(tracked, headSha);
    const trespasses = changed.filter((path) => path.includes("/tidegate/"));
    const scene = { head: tracked, branch: "main", config: NO_CONFIG, eyes: { git, memory } };
    return beyondOf(scene, { headSha, changed, trespasses }, { reached: [MEMBER], members: [MEMBER] });
  };
  return { git, memory, head, propose, look };
}

const BUMPED = deployment("checkout-canary", "checkout:2");
const NOTHING = { besides: [], unsteered: [], unfollowed: [], doubtful: [], uncompared: undefined };

describe("beyond bumping a member, a pull request", () => {
  it.each<readonly [string, Readonly<Record<string, string | undefined>>, object]>([
    ["does nothing", { [CANARY]: BUMPED }, {}],
    [
      "changes another part of it",
      { [CANARY]: `${BUMPED}          tty: true\n` },
      {
        besides: [{ path: CANARY, line: 11, what: "Deployment checkout-canary spec.template.spec.containers[0].tty" }],
      },
    ],
    [
      "changes a file that its service reads",
      {
        [CANARY]: BUMPED,
        [`${PROD}/kustomization.yaml`]: kustomization(["../base", "canary.yaml"], "namespace: shop\n"),
      },
      {
        besides: [{ path: `${PROD}/kustomization.yaml`, line: 6, what: "namespace" }],
      },
    ],
    [
      "writes what only Tidegate writes, which is told elsewhere",
      { [CANARY]: BUMPED, [`${PROD}/tidegate/route.yaml`]: "a: 1\n" },
      {},
    ],
    ["changes files that are nobody's", { [CANARY]: BUMPED, "README.md": "# Shop\n", "tools/a.yaml": "a: 1\n" }, {}],
    [
      "bumps a service without a state",
      { [CANARY]: BUMPED, [WEB]: deployment("web", "web:2") },
      { unsteered: ["web in prod"] },
    ],
    [
      "bumps several of them",
      {
        [CANARY]: BUMPED,
        [WEB]: deployment("web", "web:2"),
        "apps/api/prod/kustomization.yaml": kustomization(["../base"], setsTag("api", "2")),
        "apps/api/dev/kustomization.yaml": kustomization(["../base"], setsTag("api", "2")),
      },
      { unsteered: ["api in dev", "api in prod", "web in prod"] },
    ],
    [
      "changes more of them than images",
      { [CANARY]: BUMPED, [WEB]: deployment("web", "web:1", "          tty: true\n") },
      {},
    ],
    [
      "writes more than is compared",
      { [CANARY]: BUMPED, [WEB]: `${deployment("web", "web:2")}# ${"x".repeat(4_000_000)}\n` },
      {
        uncompared: "1 more than is compared here",
      },
    ],
  ])("%s", async (_, changes, beyond) => {
    const { propose, look } = shop();
    expect(await look(propose(changes))).toEqual({ ...NOTHING, ...beyond });
  });

  it("compares with where it left the tracked branch", async () => {
    const { propose, look } = shop();
    const moved = propose({
      [CANARY]: deployment("checkout-canary", "checkout:1", "          tty: true\n"),
      [WEB]: deployment("web", "web:5"),
    });
    expect(await look(propose({ [CANARY]: BUMPED }), moved)).toEqual(NOTHING);
  });

  it("tells which clusters do not follow the tracked branch as it is now", async () => {
    const suspended = (by: string) => flux("prod", `./${PROD}`, `  suspend: ${by}\n`);
    const { propose, look, head } = shop({ ...SHOP, "clusters/prod.yaml": suspended("true") });
    const old = propose({ [CANARY]: BUMPED });
    const what = "the Kustomization prod is suspended";
    expect(await look(old)).toEqual({ ...NOTHING, unfollowed: [{ path: "clusters/prod.yaml", line: 1, what }] });
    const resumed = propose({ "clusters/prod.yaml": suspended("false") }, head);
    expect(await look(old, resumed)).toEqual(NOTHING);
  });

  it("tells what its cluster would not apply, and who else scales it", async () => {
    const route = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: checkout, annotations: { kustomize.toolkit.fluxcd.io/ssa: Ignore } }
`;
    const hpa = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: checkout }
spec: { scaleTargetRef: { kind: Deployment, name: checkout-canary }, maxReplicas: 5 }
`;
    const { propose, look } = shop({ ...SHOP, [`${PROD}/tidegate/route.yaml`]: route, [`${PROD}/hpa.yaml`]: hpa });
    const found = await look(propose({ [CANARY]: BUMPED }));
    const lines = [...found.unfollowed, ...found.doubtful].map(({ path, line, what }) => `${path}:${line} ${what}`);
    expect(lines).toEqual([
      expect.stringMatching(/^apps\/checkout\/prod\/tidegate\/route\.yaml:3 .*so that Flux does not apply/),
      expect.stringMatching(/^apps\/checkout\/prod\/hpa\.yaml:1 .* scales checkout-canary, whose replicas/),
    ]);
  });

  it("is compared once", async () => {
    const { git, propose, look, memory } = shop();
    const proposal = propose({ [CANARY]: BUMPED, [WEB]: deployment("web", "web:2") });
    const first = await look(proposal);
    expect(await look(proposal)).toBe(first);
    expect([memory.inventories.size, await git.fork(proposal, proposal)]).toEqual([1, proposal]);
  });
});

describe("what a repository delivers at a commit", () => {
  it("is made from what is known of another, and is what is made from nothing", async () => {
    const { git, memory, head, propose } = shop();
    const next = propose({
      [WEB]: deployment("web", "web:7"),
      "apps/new/prod/new.yaml": deployment("new", "new:1"),
      "apps/api/base/api.yaml": undefined,
    });
    await inventoryAt({ git, memory }, head);
    const made = await inventoryAt({ git, memory }, next);
    expect(made?.fleet).toEqual(inventoryOf(Object.fromEntries(git.filesAt(next))).fleet);
    const back = await inventoryAt(
      { git, memory: { inventories: new Map([[next, made ?? expect.fail("none")]]), making: new Map() } },
      head,
    );
    expect(back?.fleet).toEqual(inventoryOf(SHOP).fleet);
  });

  it("is made once for all that ask at the same time", async () => {
    const { git, memory, head } = shop();
    const [one, two] = await Promise.all([inventoryAt({ git, memory }, head), inventoryAt({ git, memory }, head)]);
    expect(one).toBeDefined();
    expect(two).toBe(one);
    expect(memory.making.size).toBe(0);
  });

  it("is looked for in no repository of too many files", async () => {
    const notes = Object.fromEntries(Array.from({ length: 20_001 }, (_, at) => [`notes/${at}.txt`, ""]));
    const { propose, look } = shop({ ...SHOP, ...notes });
    expect(await look(propose({ [CANARY]: BUMPED, [WEB]: deployment("web", "web:2") }))).toEqual({
      ...NOTHING,
      uncompared: "the repository has too many files",
    });
    expect(await look(propose({ [CANARY]: BUMPED }))).toEqual(NOTHING);
    expect(name("prod")).toBe(MEMBER.target);
  });
});
