import { describe, expect, it } from "vitest";
import { sha } from "../../src/core/names.ts";
import { reconfiguredBy } from "../../src/reconcile/reconfigured.ts";
import { modelGit } from "../simulation/git.ts";
import { simulatedReadings } from "../simulation/seeds.ts";
import { member } from "../support/member.ts";

const CONFIG = ".github/tidegate.yml";
const changed = [CONFIG];

function configOf(waves: string): string {
  return `version: 1
metrics: { prod: { prometheus: { url: "https://prometheus.example.com" } } }
waves: [${waves}]
`;
}

const NOW = configOf("{ targets: [prod], steps: [5, 25, 50], bake: 10m }");

/** A pull request's head on which the configuration is this text, and a member that goes by the present one. */
async function world(text: string | undefined) {
  const git = modelGit(new Map([[CONFIG, NOW]]), 0);
  const base = git.refs.get("refs/heads/main") ?? sha("0".repeat(40));
  const files = new Map([[CONFIG, text]]);
  const headSha = git.add({ parent: base, parents: [base], files, message: "Configure", at: 1 });
  const readings = simulatedReadings();
  const policy = readings
    .config((await git.read(base, [CONFIG])).get(CONFIG), { kind: "none" })
    .policyFor(member().target, [], undefined);
  if (policy.kind === "refused") throw new Error(policy.problems.join());
  return { eyes: { git, readings }, headSha, members: [{ ...member(), policy: policy.value }] };
}

describe("a pull request that changes the configuration", () => {
  it.each<[string, string | undefined, RegExp, readonly (readonly number[])[]]>([
    ["to what means the same", `# Ours.\n${NOW}`, /^$/, []],
    ["to other steps", configOf("{ targets: [prod], steps: [10, 40] }"), /^$/, [[10, 40]]],
    ["so that it cannot be read", NOW.replace("waves", "wave"), /tidegate\.yml:3/, []],
    ["so that it leaves a target out", configOf("{ targets: [staging], steps: [50] }"), /covers the target prod$/, []],
    ["by removing it", undefined, /is removed/, []],
  ])("%s", async (_, text, problem, weights) => {
    const { eyes, headSha, members } = await world(text);
    const found = await reconfiguredBy(eyes, members, { headSha, changed });
    expect(found?.problems.join()).toMatch(problem);
    expect(found?.replanned.map(({ policy }) => policy.weights)).toEqual(weights);
    expect(found?.replanned.map(({ plan }) => plan.steps.map(({ weight }) => weight).slice(1, 3))).toEqual(weights);
  });

  it("is none where it changes other files, or removes what nobody goes by", async () => {
    const { eyes, headSha, members } = await world(undefined);
    expect(await reconfiguredBy(eyes, members, { headSha, changed: ["README.md"] })).toBeUndefined();
    expect(await reconfiguredBy(eyes, [], { headSha, changed })).toBeUndefined();
  });
});
