import { expect, it } from "vitest";
import type { BranchRules, Pull } from "../../src/ports/forge.ts";
import { unconcernedOf } from "../../src/reconcile/unconcerned.ts";
import { commit } from "../support/member.ts";

const RULES: BranchRules = {
  checks: ["tidegate/gate", "tidegate/plan"].map((name) => ({ name, appId: undefined })),
  approvals: 0,
  codeOwners: false,
  mergeQueue: false,
  signatures: false,
  linear: false,
  bypass: "never",
};
const [STEP, OTHER] = [commit("1"), commit("2")];

function pull(number: number, headSha: Pull["headSha"], ours: boolean): Pull {
  const [author, branch] = ours
    ? ["tidegate[bot]", "tidegate/checkout/prod/bbbbbbbbbb/2-25"]
    : ["ben", `ben/${number}`];
  const rest = { body: "", fromFork: false, base: "main", draft: false, labels: [] };
  return { number, title: "", ours, author, branch, headSha, ...rest };
}

it.each([
  ["before", [pull(1, STEP, false), pull(2, STEP, true)]],
  ["after", [pull(2, STEP, true), pull(3, STEP, false)]],
])("a pull request that is opened from a step's very commit, %s it, passes no gate for the step", async (_, pulls) => {
  const eyes = { forge: { rules: async () => RULES } };
  const scene = { eyes, branch: "main", pulls: [...pulls, pull(9, OTHER, false)], refs: new Map() };
  const found = new Map(
    (await unconcernedOf(scene, { bumps: [], policed: [] })).map(({ headSha, checks }) => [headSha, checks]),
  );
  expect(found.get(STEP)).toEqual(["tidegate/plan"]);
  expect(found.get(OTHER)).toEqual(["tidegate/plan", "tidegate/gate"]);
});

const OPT = { ...pull(4, OTHER, true), branch: "tidegate/opt-in/cart" };

it.each([
  ["opts a service in is no step: its gate has nothing to say", [OPT], ["tidegate/gate"]],
  ["is called so and is somebody's is as any other", [{ ...OPT, ours: false }], ["tidegate/gate"]],
  ["is called so and has a step's very commit is that step", [OPT, pull(5, OTHER, true)], ["tidegate/plan"]],
])("what %s", async (_, pulls, checks) => {
  const eyes = { forge: { rules: async () => RULES } };
  const told = pulls.length > 1 ? [] : [{ headSha: OTHER }];
  const scene = { eyes, branch: "main", pulls, refs: new Map() };
  const found = await unconcernedOf(scene, { bumps: told, policed: [] });
  expect(found).toEqual([{ headSha: OTHER, checks }]);
});

it("lets policy alone on a step that it has judged for somebody's commit", async () => {
  const checks = [...RULES.checks, { name: "tidegate/policy", appId: undefined }];
  const eyes = { forge: { rules: async () => ({ ...RULES, checks }) } };
  const scene = { eyes, branch: "main", pulls: [pull(2, STEP, true)], refs: new Map() };
  const said = async (policed: readonly { readonly headSha: typeof STEP }[]) =>
    (await unconcernedOf(scene, { bumps: [], policed })).map((one) => one.checks);
  expect(await said([])).toEqual([["tidegate/plan", "tidegate/policy"]]);
  expect(await said([{ headSha: STEP }])).toEqual([["tidegate/plan"]]);
});
