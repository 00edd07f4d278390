import { expect, it } from "vitest";
import { name, sha } from "../../src/core/names.ts";
import type { OptChange, OptStanding } from "../../src/core/opting.ts";
import { freshMemory } from "../../src/reconcile/memory.ts";
import type { OptGround } from "../../src/reconcile/opt-ground.ts";
import { emptied, observeOptPulls } from "../../src/reconcile/opt-pulls.ts";
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

function messageOf(called: string, service = "checkout"): string {
  const wish = { verb: "opt-out" as const, service: name(service), called, template: undefined, parameters: [] };
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

const REST = {
  body: "",
  fromFork: false,
  base: "main",
  draft: false,
  labels: [],
  title: "",
  author: "tidegate[bot]",
};

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
  const pull = { number: 1, ours: true, branch: "tidegate/opt-out/checkout", headSha, ...REST };
  const eyes = { git, memory: freshMemory() };
  const scene = { eyes, branch: "main", head, refs: new Map(), pulls: [pull] } as unknown as Scene;
  const members = [{ ...member(), state: STATE } as unknown as UnmeasuredMember];
  return (await observeOptPulls(scene, GROUND, members)).pulls[0]?.standing;
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

/** Many pull requests of ours that opt services out: each `look` gives the numbers of those that it tells of, and how often something was worked out for that. */
function manyOpen(count: number) {
  const git = modelGit(new Map([["README.md", "# Shop\n"]]), 0);
  const main = "refs/heads/main";
  const first = git.refs.get(main) ?? expect.fail("There is a main branch.");
  const pulls = Array.from({ length: count }, (_, index) => {
    const message = messageOf(`s${index}`, `s${index}`);
    const files = new Map([["README.md", `# ${index}\n`]]);
    const headSha = git.add({ parent: first, parents: [first], files, message, author: "Tidegate", at: index });
    return { number: index, ours: true, branch: `tidegate/opt-out/s${index}`, headSha, ...REST };
  });
  const memory = freshMemory();
  let worked = 0;
  const ground: OptGround = {
    ...GROUND,
    settled: async (_, work) => {
      worked += 1;
      return work(() => undefined);
    },
  };
  const look = async (head = first) => {
    worked = 0;
    const scene = { eyes: { git, memory }, branch: "main", head, refs: new Map(), pulls } as unknown as Scene;
    const found = await observeOptPulls(scene, ground, []);
    const told = found.pulls.map(({ number }) => number);
    return { told, worked, left: found.waiting.filter(({ isNew }) => isNew).length, waiting: found.waiting.length };
  };
  const moved = () => git.add({ parent: first, parents: [first], files: new Map(), message: "Move on", at: 1_000 });
  return { look, moved };
}

it("works out a few pull requests in one look, and each has its turn", async () => {
  const { look, moved } = manyOpen(20);
  const next = moved();
  const looks = [await look(), await look(), await look(), await look(), await look(next), await look(next)];
  expect(looks.map(({ told, worked, left }) => [told.length, worked, left])).toEqual([
    [8, 8, 12],
    [16, 8, 4],
    [20, 4, 0],
    [20, 0, 0],
    [8, 8, 12],
    [16, 8, 4],
  ]);
});

it("takes turns where there are more than are remembered, and is in no haste about those that it knows", async () => {
  const { look } = manyOpen(130);
  for (let times = 0; times < 17; times += 1) expect((await look()).worked).toBeLessThanOrEqual(8);
  const told = new Set<number>();
  for (let times = 0; times < 17; times += 1) {
    const one = await look();
    expect([one.worked <= 8, one.left]).toEqual([true, 0]);
    expect(one.told.length + one.waiting).toBe(130);
    for (const number of one.told) told.add(number);
  }
  expect(told.size).toBe(130);
});

/** Branches of ours that nothing has open, some of which hold what somebody has pushed and nobody merged; `look`: which of them may go, and how many were looked into for that. */
function manyIdle(count: number, isKept: (index: number) => boolean) {
  const git = modelGit(new Map([["README.md", "# Shop\n"]]), 0);
  const first = git.refs.get("refs/heads/main") ?? expect.fail("There is a main branch.");
  const idle = Array.from({ length: count }, (_, index) => {
    const message = messageOf(`s${index}`, `s${index}`);
    const ours = { parent: first, parents: [first], files: new Map(), message, author: "Tidegate", at: index };
    const below = git.add(ours);
    const files = new Map([[`notes/${index}.md`, "# Ours\n"]]);
    const theirs = { parent: below, parents: [below], files, message: "Note it", author: "ben", at: index };
    return { branch: `tidegate/opt-in/s${index}`, headSha: isKept(index) ? git.add(theirs) : below };
  });
  const memory = freshMemory();
  const heads = new Set(idle.map(({ headSha }) => headSha));
  const gone = new Set<string>();
  const look = async () => {
    const asked = new Set<string>();
    const commit: typeof git.commit = async (id) => {
      if (heads.has(id)) asked.add(id);
      return git.commit(id);
    };
    const read: typeof git.read = () => expect.fail("No text is needed for that.");
    const scene = { eyes: { git: { ...git, commit, read }, memory }, branch: "main", head: first } as unknown as Scene;
    const left = idle.filter(({ branch }) => !gone.has(branch));
    for (const { branch } of await emptied(scene, left, 5)) gone.add(branch);
    return asked.size;
  };
  return { look, gone };
}

it("looks into a few idle branches at a time without reading a text, and those that people's work keeps stand in nobody's way", async () => {
  const { look, gone } = manyIdle(20, (index) => index < 12);
  const looked = [];
  for (let times = 0; times < 4; times += 1) looked.push(await look());
  expect(looked).toEqual([5, 5, 5, 5]);
  expect([...gone]).toEqual([12, 13, 14, 15, 16, 17, 18, 19].map((index) => `tidegate/opt-in/s${index}`));
});
