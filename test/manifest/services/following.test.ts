import { describe, expect, it } from "vitest";
import { hindrancesOf } from "../../../src/manifest/services/following.ts";
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

function found(files: Files, branch = "main"): readonly string[] {
  const all = hindrancesOf(inventoryOf({ ...SHOP, ...files }), { files: [FILE], branch });
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
