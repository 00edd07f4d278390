import { expect, it } from "vitest";
import { name, sha } from "../../src/core/names.ts";
import type { OptChange, OptVerb } from "../../src/core/opting.ts";
import { freshMemory } from "../../src/reconcile/memory.ts";
import type { OptGround } from "../../src/reconcile/opt-ground.ts";
import { writtenFor } from "../../src/reconcile/opt-written.ts";
import { optCheck } from "../../src/render/opt-check.ts";
import { optMessage } from "../../src/render/opt-message.ts";
import { optPull } from "../../src/render/opt-pull.ts";
import { errorOf, valueOf } from "../manifest/builders.ts";
import { deploymentText, kustomizationText, serviceText } from "../support/layout-texts.ts";
import { applied, groundOf, type Files } from "../support/opt-in-ground.ts";
import { shipped } from "../template/facts.ts";

const LIBRARY = shipped();
const HEAD = sha("1".repeat(40));
const BEFORE: Files = new Map([
  ["apps/cart/prod/kustomization.yaml", kustomizationText({ namespace: ["shop"], resources: ["all.yaml"] })],
  [
    "apps/cart/prod/all.yaml",
    `${deploymentText("cart").replace("- name: app", "- name: cart")}---\n${serviceText("cart", "app: cart")}`,
  ],
]);

/** What opting in or out comes to in a repository of some files, and of some links. */
async function tried(files: Files, verb: OptVerb, template: string | undefined, links: readonly string[] = []) {
  const { inventory, read } = groundOf(files);
  const leading = new Map(links.map((path) => [path, "elsewhere"]));
  const ground: OptGround = { inventory, links: leading, library: LIBRARY, settled: async (_, work) => work(read) };
  const refused = () => ({ kind: "refused", problems: ["nobody has asked."] }) as const;
  const config = { problems: [], policyFor: refused, metricsFor: refused, gateProvider: refused };
  const scene = { head: HEAD, config, eyes: { memory: freshMemory() } };
  const parameters = template === "canary-gateway-api" ? [["gateway", "public"] as const] : [];
  const wish = { verb, service: name("cart"), called: "cart", template, parameters, by: "ana" };
  return writtenFor(scene, ground, wish, HEAD);
}

async function written(files: Files, verb: OptVerb, template: string | undefined): Promise<OptChange> {
  return valueOf(await tried(files, verb, template));
}

/** What people read of it before they merge it. */
function saidOf(change: OptChange): string {
  const standing = { kind: "current", change } as const;
  const check = optCheck({ number: 1, headSha: HEAD, verb: change.wish.verb, service: name("cart"), standing });
  return [check.title, check.summary, optPull(change, false).body, optMessage(change).body].join("\n");
}

const MOVES = /[Nn]o traffic moves|Nothing that is rendered now differs/;
const HANDOVER = /[Rr]equests go to other pods of the same version/;

it("says that no traffic moves where only objects at rest come or go", async () => {
  const into = await written(BEFORE, "opt-in", "canary-gateway-api");
  const out = await written(applied(BEFORE, into.files), "opt-out", undefined);
  for (const change of [into, out]) {
    expect(saidOf(change)).toMatch(MOVES);
    expect(saidOf(change)).not.toMatch(HANDOVER);
  }
});

it("says of each step to a Rollout and back that other pods get the requests", async () => {
  const template = "canary-argo-rollouts-istio";
  let files = BEFORE;
  for (const [verb, firstOnes] of [
    ["opt-in", 1],
    ["opt-in", 0],
    ["opt-out", 1],
    ["opt-out", 0],
  ] as const) {
    const change = await written(files, verb, verb === "opt-in" ? template : undefined);
    expect([verb, change.first.length]).toEqual([verb, firstOnes]);
    expect(saidOf(change)).toMatch(HANDOVER);
    expect(saidOf(change)).not.toMatch(MOVES);
    files = applied(files, change.files);
  }
  expect(files).toEqual(BEFORE);
});

it.each([
  [".tidegate", "a link", [".tidegate"], []],
  ["apps/cart/prod/tidegate", "a link", ["apps/cart/prod/tidegate"], []],
  [".tidegate/services/cart.yaml", "a link", [".tidegate/services/cart.yaml"], []],
  [".tidegate/services", "a file", [], [".tidegate/services"]],
])("says what lies where it would write: %s, %s", async (place, what, links, files) => {
  const before = new Map([...BEFORE, ...files.map((path) => [path, "x"] as const)]);
  expect(errorOf(await tried(before, "opt-in", "canary-gateway-api", links))).toEqual([
    `${place} is ${what}, where something is to be written. Take it away, or call it otherwise.`,
  ]);
  expect(valueOf(await tried(BEFORE, "opt-in", "canary-gateway-api", ["apps/other"])).files.size).toBeGreaterThan(1);
});
