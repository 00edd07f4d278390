import { expect, it } from "vitest";
import { name } from "../../src/core/names.ts";
import { freshMemory } from "../../src/reconcile/memory.ts";
import { reliedOn } from "../../src/reconcile/relied.ts";
import { deployment } from "../manifest/services/repo.ts";
import { modelGit } from "../simulation/git.ts";
import { member } from "../support/member.ts";

const PROD = "apps/checkout/prod";
const FILES = {
  [`${PROD}/canary.yaml`]: deployment("checkout-canary", "checkout:1"),
  [`${PROD}/stable.yaml`]: deployment("checkout-stable", "checkout:1"),
  [`${PROD}/route.yaml`]: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, annotations: { kustomize.toolkit.fluxcd.io/reconcile: disabled } }
spec: { http: [{ route: [{ destination: { host: checkout, subset: canary }, weight: 0 }] }] }
`,
  [`${PROD}/rule.yaml`]: `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: checkout }
spec: { host: checkout, exportTo: ["."], subsets: [{ name: stable, labels: { track: stable } }] }
`,
};
const REFUSED = { kind: "refused", problems: [] } as const;
const config = { problems: [], policyFor: () => REFUSED, metricsFor: () => REFUSED, gateProvider: () => REFUSED };

it("what members at rest rely on is told without any pull request", async () => {
  const git = modelGit(new Map(Object.entries(FILES)), 0);
  const head = git.refs.get("refs/heads/main") ?? expect.fail("no head");
  const destination = (subset: string) => ({ host: name("checkout"), subset: name(subset) });
  const of = member({
    at: {
      namespace: name("shop"),
      manifests: {
        layout: "workloads",
        router: "VirtualService",
        canary: `${PROD}/canary.yaml`,
        stable: `${PROD}/stable.yaml`,
        route: `${PROD}/route.yaml`,
        destinations: { canary: destination("canary"), stable: destination("stable") },
      },
    },
  });
  const looking = { head, branch: "main", config, eyes: { git, memory: freshMemory() } };
  const { unfit, unfollowed, doubtful } = await reliedOn(looking, [of]);
  expect(unfit.map(({ service, problem }) => `${service} ${problem}`)).toEqual([
    expect.stringMatching(/^checkout apps\/checkout\/prod\/rule\.yaml:4: no subset canary of checkout/),
  ]);
  expect([...unfollowed, ...doubtful].map(({ path, line, what }) => `${path}:${line} ${what}`)).toEqual([
    expect.stringMatching(/route\.yaml:3 the VirtualService checkout says kustomize\.toolkit\.fluxcd\.io\/reconcile/),
    expect.stringMatching(/rule\.yaml:4 the DestinationRule is exported to shop alone/),
    expect.stringMatching(
      /rule\.yaml:4 the subset stable takes pods with track: stable, and stable's have track: nothing/,
    ),
  ]);
  expect(await reliedOn(looking, [])).toEqual({ unfit: [], unfollowed: [], doubtful: [] });
});
