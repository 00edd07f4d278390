import { describe, expect, it } from "vitest";
import { name } from "../../../src/core/names.ts";
import type { TargetState } from "../../../src/core/state.ts";
import { hindrancesIn } from "../../../src/manifest/services/following.ts";
import { fieldsWritten } from "../../../src/manifest/services/written.ts";
import { member } from "../../support/member.ts";
import { deployment, inventoryOf, kustomization, type Files } from "./repo.ts";

const FILE = "apps/checkout/prod/deployment.yaml";
const SHOP: Files = {
  [FILE]: deployment("checkout", "checkout:1"),
  "apps/checkout/prod/kustomization.yaml": kustomization(["deployment.yaml"]),
  "apps/cart/prod/deployment.yaml": deployment("cart", "cart:1"),
};

const AUTOMATED = "  syncPolicy: { automated: {} }\n";

const argo = (more: string, path = "apps/checkout/prod") => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: checkout }
spec:
  project: shop
  destination: { name: prod, namespace: shop }
  source:
    repoURL: https://git.example.com/shop
    path: ${path}
${more}`;

const project = (window: string) => `apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: { name: shop }
spec:
  syncWindows:
    - ${window}
`;

const flux = (more = "") => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: apps }
spec:
  path: ./apps/checkout/prod
  sourceRef: { kind: GitRepository, name: shop }
${more}`;

const source = (spec: string) => `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: shop }
spec:
  url: https://git.example.com/shop
${spec}`;

type Manifests = TargetState["manifests"];

const WORKLOADS: Manifests = {
  layout: "workloads",
  router: "VirtualService",
  canary: FILE,
  stable: "apps/checkout/prod/stable.yaml",
  route: "apps/checkout/prod/route.yaml",
  destinations: undefined,
};

function found(files: Files, branch = "main", manifests = WORKLOADS): readonly string[] {
  const { manifest } = member();
  const writes = fieldsWritten({ manifests, namespace: name("shop") }, manifest);
  const all = hindrancesIn(inventoryOf({ ...SHOP, ...files }))({ files: [FILE], branch, writes });
  return all.map(({ path, line, what }) => `${path}:${line} ${what}`);
}

describe("clusters that Argo CD syncs", () => {
  it.each<readonly [string, Files, readonly string[]]>([
    ["by themselves follow", { "argo.yaml": argo(AUTOMATED) }, []],
    ["at HEAD follow", { "argo.yaml": argo(`    targetRevision: HEAD\n${AUTOMATED}`) }, []],
    ["at the branch follow", { "argo.yaml": argo(`    targetRevision: main\n${AUTOMATED}`) }, []],
    [
      "when somebody asks them to",
      { "argo.yaml": argo("") },
      ["argo.yaml:1 the Application checkout is synced by hand: it has no automated syncPolicy"],
    ],
    [
      "no more since it was switched off",
      { "argo.yaml": argo("  syncPolicy: { automated: { enabled: false, selfHeal: true } }\n") },
      ["argo.yaml:1 the Application checkout is synced by hand: it has no automated syncPolicy"],
    ],
    [
      "at a tag",
      { "argo.yaml": argo(`    targetRevision: v1.2.0\n${AUTOMATED}`) },
      ["argo.yaml:1 the Application checkout takes the revision v1.2.0, not main"],
    ],
    [
      "outside of a window",
      {
        "argo.yaml": argo(AUTOMATED),
        "project.yaml": project('{ kind: deny, schedule: "0 22 * * *", duration: 8h, applications: ["check*"] }'),
      },
      ['project.yaml:6 the project shop syncs nothing in its window "0 22 * * *" of 8h'],
    ],
    [
      "in a window",
      {
        "argo.yaml": argo(AUTOMATED),
        "project.yaml": project('{ kind: allow, schedule: "0 9 * * 1-5", duration: 8h, applications: ["*"] }'),
      },
      ['project.yaml:6 the project shop syncs only in its window "0 9 * * 1-5" of 8h'],
    ],
    [
      "beside a window of others",
      {
        "argo.yaml": argo(AUTOMATED),
        "project.yaml": project('{ kind: deny, schedule: "0 22 * * *", duration: 8h, applications: [cart] }'),
      },
      [],
    ],
    [
      "beside an Application of another service in the same file",
      { "argo.yaml": `${argo(AUTOMATED)}---\n${argo("", "apps/cart/prod").replace("name: checkout", "name: cart")}` },
      [],
    ],
    [
      "from a set without automatic sync",
      {
        "set.yaml": `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: all }
spec:
  generators:
    - git: { repoURL: https://git.example.com/shop, directories: [{ path: apps/*/prod }] }
  template:
    metadata: { name: "{{path[1]}}" }
    spec:
      source: { repoURL: https://git.example.com/shop, path: "{{path}}", targetRevision: "{{values.revision}}" }
      destination: { name: prod, namespace: shop }
`,
      },
      ["set.yaml:1 the ApplicationSet all is synced by hand: it has no automated syncPolicy"],
    ],
  ])("%s", (_, files, expected) => {
    expect(found(files)).toEqual(expected);
  });
});

describe("clusters that Flux syncs", () => {
  const main = source("  ref: { branch: main }\n");

  it.each<readonly [string, Files, readonly string[]]>([
    ["follow", { "flux.yaml": flux(), "source.yaml": main }, []],
    ["follow what is not said here", { "flux.yaml": flux() }, []],
    [
      "do not while they are suspended",
      { "flux.yaml": flux("  suspend: true\n"), "source.yaml": main },
      ["flux.yaml:1 the Kustomization apps is suspended"],
    ],
    [
      "do not while their source is suspended",
      { "flux.yaml": flux(), "source.yaml": source("  suspend: true\n  ref: { branch: main }\n") },
      ["source.yaml:1 the GitRepository shop is suspended"],
    ],
    [
      "at a commit",
      { "flux.yaml": flux(), "source.yaml": source("  ref: { branch: main, commit: 0123abcd }\n") },
      ["source.yaml:1 the GitRepository shop takes the commit 0123abcd, not main"],
    ],
    [
      "by a range of versions",
      { "flux.yaml": flux(), "source.yaml": source('  ref: { semver: ">=1.0.0" }\n') },
      ["source.yaml:1 the GitRepository shop takes the semver >=1.0.0, not main"],
    ],
    [
      "from another branch",
      { "flux.yaml": flux(), "source.yaml": source("  ref: { branch: production }\n") },
      ["source.yaml:1 the GitRepository shop takes the branch production, not main"],
    ],
    [
      "from a branch that a variable names",
      { "flux.yaml": flux(), "source.yaml": source("  ref: { branch: ${BRANCH} }\n") },
      [],
    ],
  ])("%s", (_, files, expected) => {
    expect(found(files)).toEqual(expected);
  });
});

const RESPECTING = "  syncPolicy: { automated: {}, syncOptions: [RespectIgnoreDifferences=true] }\n";

const ignoring = (rule: string, policy = RESPECTING) => ({
  "argo.yaml": argo(`  ignoreDifferences:\n    - ${rule}\n${policy}`),
});

const never = (what: string, said: string, kind: string, line = 11) =>
  `argo.yaml:${line} the Application checkout ignores ${said} of ${kind} objects and respects that when it syncs: ${what} in git would never be applied; take that out`;

const placed = (weight: Extract<Manifests, { readonly layout: "places" }>["weight"]): Manifests => ({
  layout: "places",
  canary: { path: FILE, at: "images[checkout].newTag", image: undefined },
  stable: { path: "pin.yaml", at: "data.image", image: undefined },
  weight,
  canaryReplicas: { path: "pin.yaml", at: "spec.replicas" },
  stableReplicas: 3,
  workloads: { canary: name("checkout-canary"), stable: name("checkout") },
  container: name("app"),
});

const ROLLOUT: Manifests = { layout: "rollout", rollout: FILE, workload: FILE, stableTemplate: "ef49cb9f24b47849" };

const VS = "group: networking.istio.io, kind: VirtualService";

describe("clusters whose Argo CD leaves out what releases write", () => {
  it.each<readonly [string, string, readonly string[]]>([
    [
      "as Argo Rollouts' users are told to",
      `{ ${VS}, jqPathExpressions: [".spec.http[].route[].weight"] }`,
      [never("a weight", ".spec.http[].route[].weight", "VirtualService")],
    ],
    [
      "of one route",
      `{ ${VS}, jqPathExpressions: ['.spec.http[]? | select(.name == "primary") | .route[].weight'] }`,
      [never("a weight", '.spec.http[]? | select(.name == "primary") | .route[].weight', "VirtualService")],
    ],
    [
      "among several paths",
      `{ ${VS}, jqPathExpressions: ['.metadata.labels, .spec["tls"][0]."route"'] }`,
      [never("a weight", '.metadata.labels, .spec["tls"][0]."route"', "VirtualService")],
    ],
    [
      "by a pointer",
      `{ ${VS}, name: checkout, jsonPointers: [/spec/http/0/route/1/weight] }`,
      [never("a weight", "/spec/http/0/route/1/weight", "VirtualService")],
    ],
    ["as a whole", `{ ${VS}, jqPathExpressions: ["."] }`, [never("a weight", ".", "VirtualService")]],
    [
      "of every Deployment's replicas",
      `{ group: "*", kind: "*", jsonPointers: [/spec/replicas] }`,
      [never("the canary's number of pods", "/spec/replicas", "Deployment")],
    ],
    [
      "of an image",
      `{ group: apps, kind: Deployment, name: checkout-canary, jqPathExpressions: ['.spec.template.spec.containers[] | select(.name == "app")'] }`,
      [never("the canary's version", '.spec.template.spec.containers[] | select(.name == "app")', "Deployment")],
    ],
    ["of another namespace", `{ ${VS}, namespace: till, jsonPointers: [/spec] }`, []],
    ["of another name", `{ group: apps, kind: Deployment, name: cart, jsonPointers: [/spec/replicas] }`, []],
    ["of another kind", `{ group: apps, kind: StatefulSet, jsonPointers: [/spec/replicas] }`, []],
    ["of another field", `{ ${VS}, jsonPointers: [/spec/hosts, /spec/http/0/timeout, spec] }`, []],
    ["of what a manager wrote", `{ ${VS}, managedFieldsManagers: [rollouts-controller] }`, []],
    [
      "of what a controller marks for a while",
      `{ ${VS}, jqPathExpressions: ['select(.metadata.labels["gatewayapi-canary"] == "in-progress") | .spec'] }`,
      [],
    ],
    [
      "in words that are not read",
      `{ ${VS}, jqPathExpressions: [".spec | to_entries", "..", ".spec.http[", "spec"] }`,
      [],
    ],
  ])("%s", (_, rule, expected) => {
    expect(found(ignoring(rule))).toEqual(expected);
  });

  it("and applies it with something else, where it does not respect that", () => {
    expect(found(ignoring(`{ ${VS}, jsonPointers: [/spec/http] }`, AUTOMATED))).toEqual([
      "argo.yaml:11 the Application checkout ignores /spec/http of VirtualService objects and does not see that a weight in git has changed: it is applied when something else differs too; take that out",
    ]);
  });

  it("for all of its Applications", () => {
    const settings = (key: string, what: string) => ({
      "argo.yaml": argo(RESPECTING),
      "cm.yaml": `apiVersion: v1
kind: ConfigMap
metadata: { name: argocd-cm }
data:
  url: https://argo.example.com
  resource.customizations.ignoreDifferences.${key}: |
    ${what}
`,
    });
    const pointers = "jsonPointers: [/spec/replicas]";
    const said = never("the canary's number of pods", "/spec/replicas", "Deployment").replace(
      "argo.yaml:11",
      "cm.yaml:6",
    );
    expect(found(settings("all", pointers))).toEqual([said]);
    expect(found(settings("apps_Deployment", pointers))).toEqual([said]);
    expect(found(settings("apps_StatefulSet", pointers))).toEqual([]);
    expect(found(settings("all", "a: ["))).toEqual([]);
  });

  it("by the route's name, where its file says it", () => {
    const route = `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: checkout }\n`;
    const rule = (of: string) => ({
      ...ignoring(`{ ${VS}, name: ${of}, jsonPointers: [/spec] }`),
      [FILE]: `${SHOP[FILE]}---\n${route}`,
    });
    expect([found(rule("checkout")).length, found(rule("till")).length]).toEqual([1, 0]);
  });

  it.each<readonly [string, Manifests, string, number]>([
    [
      "a route of places",
      placed({ kind: "route", path: FILE, router: "HTTPRoute", destinations: undefined }),
      "{ group: gateway.networking.k8s.io, kind: HTTPRoute, jqPathExpressions: [.spec.rules] }",
      1,
    ],
    [
      "a number of values, whatever route it becomes",
      placed({ kind: "values", path: FILE, at: "weight" }),
      `{ group: networking.k8s.io, kind: Ingress, jsonPointers: [/metadata/annotations/nginx.ingress.kubernetes.io~1canary-weight] }`,
      1,
    ],
    [
      "another annotation",
      placed({ kind: "values", path: FILE, at: "weight" }),
      `{ group: networking.k8s.io, kind: Ingress, jsonPointers: [/metadata/annotations/a~1b] }`,
      0,
    ],
    ["the steps of a Rollout", ROLLOUT, "{ group: argoproj.io, kind: Rollout, jsonPointers: [/spec/strategy] }", 1],
    [
      "the route that a Rollout's controller moves, which is right",
      ROLLOUT,
      `{ ${VS}, jqPathExpressions: [".spec.http[].route[].weight"] }`,
      0,
    ],
    [
      "the annotation that a Rollout's controller writes for an ALB, which is right",
      ROLLOUT,
      "{ group: networking.k8s.io, kind: Ingress, jqPathExpressions: ['.metadata.annotations[\"alb.ingress.kubernetes.io/actions.till\"]'] }",
      0,
    ],
    [
      "the replicas of a Rollout, which are the cluster's",
      ROLLOUT,
      "{ group: argoproj.io, kind: Rollout, jsonPointers: [/spec/replicas] }",
      0,
    ],
  ])("%s", (_, manifests, rule, count) => {
    expect(found(ignoring(rule), "main", manifests)).toHaveLength(count);
  });
});

it("that leave out the percentage of a mirror keep releases waiting whose route has one to the canary, and no others", () => {
  const rule = `{ ${VS}, jqPathExpressions: [".spec.http[].mirrorPercentage"] }`;
  const find = hindrancesIn(inventoryOf({ ...SHOP, ...ignoring(rule) }));
  const count = (mirror?: number) => {
    const manifest = { ...member().manifest, ...(mirror !== undefined && { mirror }) };
    const writes = fieldsWritten({ manifests: WORKLOADS, namespace: name("shop") }, manifest);
    return find({ files: [FILE], branch: "main", writes }).map(({ what }) => what);
  };
  expect(count()).toEqual([]);
  expect(count(0)).toEqual([expect.stringContaining("the percentage of a mirror")]);
});

it("what a cluster leaves out counts for the members that it delivers, not for two members of different kinds at once", () => {
  const rule = `{ ${VS}, jqPathExpressions: [".spec.http[].route[].weight"] }`;
  const inventory = inventoryOf({ ...SHOP, ...ignoring(rule) });
  const find = hindrancesIn(inventory);
  const writes = fieldsWritten({ manifests: WORKLOADS, namespace: name("shop") }, member().manifest);
  expect(find({ files: [FILE], branch: "main", writes })).toHaveLength(1);
  expect(find({ files: ["apps/cart/prod/deployment.yaml"], branch: "main", writes })).toEqual([]);
  expect(find({ files: [FILE], branch: "main", writes: [] })).toEqual([]);
});
