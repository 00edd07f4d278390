import { expect, it } from "vitest";
import { name, sha } from "../../src/core/names.ts";
import type { OptChange, OptStanding } from "../../src/core/opting.ts";
import { freshMemory } from "../../src/reconcile/memory.ts";
import type { OptGround } from "../../src/reconcile/opt-ground.ts";
import { observeOptPulls } from "../../src/reconcile/opt-pulls.ts";
import type { Scene, UnmeasuredMember } from "../../src/reconcile/scene.ts";
import { optMessage } from "../../src/render/opt-message.ts";
import { modelGit } from "../simulation/git.ts";
import { groundOf } from "../support/opt-in-ground.ts";
import { member } from "../support/member.ts";

const OWNED = "apps/checkout/tidegate/route.yaml";
const STATE = { ...member().state, service: name("checkout"), owned: ["apps/checkout/tidegate/"] };
const GROUND: OptGround = {
  inventory: groundOf(new Map()).inventory,
  links: new Map(),
  library: { templates: new Map(), problems: [] },
  settled: async (_, work) => work(() => undefined),
};

function messageOf(called: string): string {
  const wish = { verb: "opt-out" as const, service: name("checkout"), called, template: undefined, parameters: [] };
  const change: OptChange = {
    wish: { ...wish, by: "ana" },
    base: sha("0".repeat(40)),
    files: new Map(),
    touched: [],
    targets: [],
    first: [],
    remarks: [],
    proposed: undefined,
  };
  const { title, body } = optMessage(change);
  return `${title}\n\n${body}`;
}

type Pushed = { readonly author: string; readonly called: string; readonly files: Readonly<Record<string, string>> };

/** How our pull request that opts a service out stands, with commits on its branch, the first of them onto the tracked one. */
async function standingOf(...commits: readonly Pushed[]): Promise<OptStanding | undefined> {
  const git = modelGit(
    new Map([
      [OWNED, "weight: 0\n"],
      ["README.md", "# Shop\n"],
    ]),
    0,
  );
  const head = git.refs.get("refs/heads/main") ?? sha("0".repeat(40));
  const headSha = commits.reduce((parent, { author, called, files }, index) => {
    const written = { files: new Map(Object.entries(files)), message: messageOf(called), author, at: index };
    return git.add({ parent, parents: [parent], ...written });
  }, head);
  const rest = {
    body: "",
    fromFork: false,
    base: "main",
    draft: false,
    labels: [],
    title: "",
    author: "tidegate[bot]",
  };
  const pull = { number: 1, ours: true, branch: "tidegate/opt-out/checkout", headSha, ...rest };
  const eyes = { git, memory: freshMemory() };
  const scene = { eyes, branch: "main", head, refs: new Map(), pulls: [pull] } as unknown as Scene;
  const members = [{ ...member(), state: STATE } as unknown as UnmeasuredMember];
  return (await observeOptPulls(scene, GROUND, members))[0]?.standing;
}

const OURS: Pushed = { author: "Tidegate", called: "checkout", files: { [OWNED]: "weight: 1\n" } };
const THEIRS = { author: "mallory", called: "checkout" };

it.each<[string, readonly Pushed[], OptStanding["kind"], readonly string[] | undefined]>([
  ["ours alone is ours, whatever comes of it", [OURS], "refused", undefined],
  ["a file of people's", [OURS, { ...THEIRS, files: { "README.md": "# Ours\n" } }], "foreign", []],
  [
    "what only Tidegate writes of its service",
    [OURS, { ...THEIRS, files: { [OWNED]: "weight: 50\n" } }],
    "foreign",
    [OWNED],
  ],
  ["a commit in our name that calls another service", [{ ...OURS, called: "payments" }], "foreign", []],
])("tells what others have pushed: %s", async (_, commits, kind, trespasses) => {
  const standing = await standingOf(...commits);
  expect([standing?.kind, standing?.kind === "foreign" ? standing.trespasses : undefined]).toEqual([kind, trespasses]);
});
