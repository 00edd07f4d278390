import { expect, it } from "vitest";
import { sha } from "../../src/core/names.ts";
import type { JudgedWorkload, PullPolicy } from "../../src/core/policy.ts";
import { freshMemory } from "../../src/reconcile/memory.ts";
import { policedIn } from "../../src/reconcile/policed.ts";
import type { ConfigReading } from "../../src/reconcile/readings.ts";
import type { Scene } from "../../src/reconcile/scene.ts";
import { modelGit } from "../simulation/git.ts";
import { simulatedReadings } from "../simulation/seeds.ts";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { valueOf } from "../manifest/builders.ts";
import { chartInput } from "../support/chart-ground.ts";
import { deploymentText, kustomizationText, serviceText } from "../support/layout-texts.ts";
import { applied, groundOf, wishOf, type Files } from "../support/opt-in-ground.ts";

const refused = () => ({ kind: "refused", problems: [] }) as const;
const SILENT: ConfigReading = { problems: [], policyFor: refused, metricsFor: refused, gateProvider: refused };
const REQUIRE: PullPolicy = {
  workload: () => ({ ruling: "require", exempt: undefined }),
  pitfall: () => "off",
  isOff: false,
  said: [],
};

/** Five pull requests, of which the last changes no manifest. */
function sceneOf(readable: ConfigReading): Scene {
  const git = modelGit(new Map([["README.md", "# Shop\n"]]), 0);
  const head = git.refs.get("refs/heads/main") ?? sha("0".repeat(40));
  const pulls = ["ads", "cart", "mail", "till", "notes"].map((name, index) => {
    const path = name === "notes" ? "notes.md" : `apps/${name}/deployment.yaml`;
    const files = new Map([[path, deploymentText(name)]]);
    const headSha = git.add({ parent: head, parents: [head], files, message: name, at: index });
    const rest = { body: "", fromFork: false, base: "main", draft: false, labels: [] };
    return { number: index + 1, title: name, ours: false, author: "ben", branch: name, headSha, ...rest };
  });
  const forge: Pick<Scene["eyes"]["forge"], "check"> = { check: async () => undefined };
  const eyes = { git, forge, readings: simulatedReadings(), memory: freshMemory() } as unknown as Scene["eyes"];
  return { eyes, branch: "main", head, refs: new Map(), pulls, config: readable, readable };
}

it("looks into two heads in one look, into those that need little besides, and into the others in the next", async () => {
  const scene = sceneOf({ ...SILENT, pulls: REQUIRE });
  const first = await policedIn(scene);
  expect(first.pulls.map(({ number }) => number)).toEqual([1, 2]);
  expect(first.left).toBe(2);
  expect(first.waiting).toEqual(scene.pulls.slice(2, 4).map(({ headSha }) => headSha));
  const second = await policedIn(scene);
  expect([second.pulls.map(({ number }) => number), second.waiting]).toEqual([[1, 2, 3, 4], []]);
});

it("has no head in order while more may be enforced than is known, and says nothing without a configuration", async () => {
  const held = sceneOf({ ...SILENT, isBaseUnread: true });
  expect(await policedIn(held)).toEqual({ pulls: [], waiting: held.pulls.map(({ headSha }) => headSha), left: 0 });
  expect(await policedIn(sceneOf(SILENT))).toEqual({ pulls: [], waiting: [], left: 0 });
});

it("asks of somebody's commit on a branch of ours what it asks of everybody's, and nothing of our own", async () => {
  const scene = sceneOf({ ...SILENT, pulls: REQUIRE });
  const { git } = scene.eyes as unknown as { readonly git: ReturnType<typeof modelGit> };
  const files = new Map([
    ["apps/till/deployment.yaml", deploymentText("till")],
    ["apps/till/service.yaml", serviceText("till", "app: till")],
  ]);
  const pulls = ["Tidegate", "mallory"].map((author, index) => {
    const commit = { parent: scene.head, parents: [scene.head], files, message: author, author, at: index };
    const rest = { body: "", fromFork: false, base: "main", draft: false, labels: [], title: "" };
    const branch = `tidegate/opt-${index === 0 ? "in" : "out"}/cart`;
    return { number: 10 + index, ours: true, author: "tidegate[bot]", branch, headSha: git.add(commit), ...rest };
  });
  const found = await policedIn({ ...scene, pulls });
  expect(found.pulls.map(({ number, judgement }) => [number, judgement.conclusion])).toEqual([[11, "failure"]]);
});

const FIT: Files = new Map([
  ["apps/till/deployment.yaml", deploymentText("till").replace("replicas: 1", "replicas: 4")],
  ["apps/till/service.yaml", serviceText("till", "app: till")],
]);

/** What the files are with another Deployment. */
function deployed(from: string | RegExp, to: string): Files {
  return new Map(
    [...FIT].map(([path, text]) => [path, path.endsWith("deployment.yaml") ? text.replace(from, to) : text]),
  );
}

it.each<[string, Files, Files, readonly string[]]>([
  ["a strategy goes", deployed("spec:\n", "spec:\n  strategy: { type: Recreate }\n"), FIT, ["freed till"]],
  ["it gets pods", deployed("replicas: 4", "replicas: 0"), FIT, ["freed till"]],
  ["another kind runs it", deployed("kind: Deployment", "kind: StatefulSet"), FIT, ["freed till"]],
  ["its image gets a version", deployed(":1.0.0", ""), FIT, ["freed till"]],
  ["it gets a Service", new Map([...FIT].slice(0, 1)), FIT, ["freed till"]],
  ["it could be opted in before", FIT, deployed("level: info", "level: debug"), []],
  [
    "it cannot be opted in afterwards either",
    deployed("replicas: 4", "replicas: 0"),
    deployed("spec:\n", "spec:\n  strategy: { type: Recreate }\n"),
    [],
  ],
  [
    "it is opted out",
    applied(FIT, valueOf(optIn(groundOf(FIT), wishOf("till canary-gateway-api gateway=public"))).files),
    FIT,
    [],
  ],
])(
  "asks of a workload that was there only where what kept it from a template goes: %s",
  async (_, before, after, expected) => {
    const asked = await askedOf(before, after);
    expect(asked.map(({ workload: { how, service } }) => `${how} ${service}`)).toEqual(expected);
  },
);

/** What is said of the workloads that a change brings. */
async function askedOf(before: Files, after: Files): Promise<readonly JudgedWorkload[]> {
  const git = modelGit(before, 0);
  const head = git.refs.get("refs/heads/main") ?? sha("0".repeat(40));
  const gone = [...before.keys()].filter((path) => !after.has(path)).map((path) => [path, undefined] as const);
  const change = { parent: head, parents: [head], files: new Map([...after, ...gone]), message: "Change it", at: 1 };
  const scene = sceneOf({ ...SILENT, pulls: REQUIRE });
  const pulls = scene.pulls.slice(0, 1).map((pull) => ({ ...pull, headSha: git.add(change) }));
  const found = await policedIn({ ...scene, eyes: { ...scene.eyes, git }, head, pulls });
  return found.pulls.flatMap(({ judgement }) => judgement.workloads);
}

const NOTHING: Files = new Map([["README.md", "# Shop\n"]]);
const OF_ARGO = chartInput("chart-of-argo-cd");
const VALUES = "apps/checkout/prod/values.yaml";
/** The same chart, whose objects are called the same in every release. */
const NAMED = new Map([...OF_ARGO, [VALUES, `${OF_ARGO.get(VALUES)}fullnameOverride: shop\n`]]);

it.each<[string, Files, readonly string[]]>([
  ["of an Application", OF_ARGO, ["required prod"]],
  ["of an app of apps", chartInput("chart-app-of-apps"), ["required prod staging"]],
  ["of a HelmRelease", chartInput("chart-of-flux"), ["required prod"]],
  ["that cannot run twice", NAMED, ["unfit prod"]],
])("judges a new chart by what is in the way of a second release: one %s", async (_, after, expected) => {
  const asked = await askedOf(NOTHING, after);
  expect(
    asked.map(({ workload: { targets }, standing: { kind } }) => [kind, ...targets.map(({ name }) => name)].join(" ")),
  ).toEqual(expected);
});

it("asks for a template of the new charts that there is no time to judge", async () => {
  const names = Array.from({ length: 25 }, (_, index) => `shop-${index}`);
  const charts = names.map((name) => {
    const own = (text: string) => text.replaceAll("checkout", name);
    return [...NAMED].map(([path, text]): [string, string] => [own(path), own(text)]);
  });
  const listing = kustomizationText({ resources: names.map((name) => `${name}.yaml`) });
  const asked = await askedOf(NOTHING, new Map([...charts.flat(), ["clusters/prod/kustomization.yaml", listing]]));
  const kinds = Map.groupBy(asked, ({ standing: { kind } }) => kind);
  expect([kinds.get("unfit")?.length, kinds.get("required")?.length]).toEqual([20, 5]);
});

it("holds no more of what a pull request changes than it looks into", async () => {
  const scene = sceneOf({ ...SILENT, pulls: REQUIRE });
  const { git } = scene.eyes as unknown as { readonly git: ReturnType<typeof modelGit> };
  const large = "# ".padEnd(1_000_000, "x");
  const paths = Array.from({ length: 30 }, (_, index) => `apps/till/${index}.yaml`);
  const files = new Map(paths.map((path) => [path, `${large}${path}`]));
  const headSha = git.add({ parent: scene.head, parents: [scene.head], files, message: "large", at: 0 });
  const held: number[] = [];
  const read: typeof git.read = async (commit, wanted) => {
    const blobs = await git.read(commit, wanted);
    held.push([...blobs.values()].reduce((sum, { text }) => sum + text.length, 0));
    return blobs;
  };
  const eyes = { ...scene.eyes, git: { ...git, read } };
  const pulls = scene.pulls.slice(0, 1).map((pull) => ({ ...pull, headSha }));
  const [found] = (await policedIn({ ...scene, eyes, pulls })).pulls;
  expect([found?.judgement.conclusion, found?.judgement.unread]).toEqual([
    "failure",
    "its manifests have more than 8 million letters, which are not looked into",
  ]);
  expect(held.reduce((sum, letters) => sum + letters, 0)).toBeLessThan(25_000_000);
});
