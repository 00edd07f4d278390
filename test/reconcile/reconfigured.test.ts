import { describe, expect, it } from "vitest";
import { sha } from "../../src/core/names.ts";
import { elsewhereIn } from "../../src/reconcile/elsewhere.ts";
import { reconfiguredBy } from "../../src/reconcile/reconfigured.ts";
import { filesOf } from "../../src/sandbox/fleet.ts";
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

const CHECKOUT = {
  name: "checkout",
  kind: "httpRoute",
  targets: [{ name: "prod", namespace: "shop" }],
  image: "registry.example.com/shop/checkout:1.0.0",
  replicas: 4,
  revision: "4f1c000000000000000000000000000000000000",
} as const;

describe("a pull request that changes what other repositories extend", () => {
  const SHARED = ".github/tidegate-org.yml";
  const LESS = configOf("{ targets: [prod], steps: [50], bake: 10m }");

  /** The repository itself is the one that extends it. */
  async function proposed(text: string | undefined) {
    const git = modelGit(new Map([[CONFIG, LESS], ...filesOf(CHECKOUT)]), 0);
    const base = git.refs.get("refs/heads/main") ?? sha("0".repeat(40));
    const files = new Map([[SHARED, text]]);
    const headSha = git.add({ parent: base, parents: [base], files, message: "Share", at: 1 });
    const readings = simulatedReadings();
    const forge = { repository: async () => ({ defaultBranch: "main", mergeMethods: [] }) };
    const elsewhere: typeof readings.elsewhere = async (then) => {
      const bases = {
        now: { kind: "none" },
        next: { kind: "read", repo: "acme/platform", now: then, before: [] },
      } as const;
      const found = await elsewhereIn("acme/gitops", { git, forge, readings }, bases);
      return found === undefined ? [] : [found];
    };
    return reconfiguredBy({ git, readings: { ...readings, elsewhere } }, [], { headSha, changed: [SHARED] });
  }

  it.each<[string, string | undefined, RegExp, RegExp]>([
    ["so that nothing is otherwise", "version: 1\nbumps: supersede\n", /^$/, /^\[\]$/],
    ["so that it cannot be read", "version: 1\nwave: []\n", /^.github\/tidegate-org.yml:2: wave is unknown/, /^\[\]$/],
    ["by removing it", undefined, /is removed: its last version goes on/, /^\[\]$/],
    [
      "so that a release goes otherwise",
      "version: 1\nenforced: { steps: [5] }\n",
      /^$/,
      /"repo":"acme\/gitops","otherwise":\["checkout in prod"\],"problems":\[\],"loosened":\[".*waves\[0\]\.steps is 50%/,
    ],
    [
      "so that a repository is stopped",
      "version: 1\ndeadline: 5m\n",
      /^$/,
      /"otherwise":\[\],"problems":\[".*does not fit: a bake of 10m must end before the deadline/,
    ],
  ])("%s", async (_, text, problem, elsewhere) => {
    const found = await proposed(text);
    expect(found?.problems.join()).toMatch(problem);
    expect(JSON.stringify(found?.elsewhere)).toMatch(elsewhere);
  });
});

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

  it("says what it asks of pull requests, where that is something else", async () => {
    const asking = `${NOW}policy: { newWorkloads: require, exempt: [{ services: [cart], reason: a trial }] }\n`;
    const { eyes, headSha, members } = await world(asking);
    const { pulls } = eyes.readings.config((await eyes.git.read(headSha, [CONFIG])).get(CONFIG), { kind: "none" });
    const now = { ...pulls, said: ["newWorkloads: advise, pitfalls: advise"] };
    if (pulls === undefined) throw new Error("It can be read.");
    const found = await reconfiguredBy(eyes, members, { headSha, changed, pulls: { ...pulls, ...now } });
    expect(found?.asked).toEqual({
      now: ["newWorkloads: advise, pitfalls: advise"],
      next: ["newWorkloads: require, pitfalls: advise", "exempt: cart (a trial)"],
    });
    expect(await reconfiguredBy(eyes, members, { headSha, changed, pulls })).not.toHaveProperty("asked");
  });
});
