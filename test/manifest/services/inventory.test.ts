import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { affectedBy, takeInventory, updateInventory, type Changes } from "../../../src/manifest/services/inventory.ts";
import { LAYOUTS } from "./layouts.ts";
import {
  application,
  deployment,
  flux,
  inventoryOf,
  kustomization,
  linesOf,
  listingOf,
  setsTag,
  targetAt,
  type Files,
} from "./repo.ts";

const POOL: Files = Object.fromEntries(LAYOUTS.flatMap(([, files]) => Object.entries(files)));
const PATHS = Object.keys(POOL);
const TEXTS = [
  ...Object.values(POOL),
  "",
  "kind: [",
  "a: {{ b }}",
  deployment("new", "new:1"),
  kustomization(["../.."]),
];

/** Some layouts side by side in one repository. */
const fleets = fc
  .subarray([...LAYOUTS], { minLength: 1, maxLength: 5 })
  .map((some): Files => Object.fromEntries(some.flatMap(([, files]) => Object.entries(files))));

/** A commit: paths with their new texts, undefined for what it removes. */
const commits = fc.array(
  fc.tuple(
    fc.oneof(
      fc.constantFrom(...PATHS),
      fc.constantFrom("a.yaml", "apps/new/kustomization.yaml", "clusters/new/apps.yaml"),
    ),
    fc.oneof(fc.constantFrom(...TEXTS), fc.constant(undefined)),
  ),
  { minLength: 1, maxLength: 4 },
);

function after(files: Files, changes: ReadonlyMap<string, string | undefined>): Files {
  const next = new Map(Object.entries(files));
  for (const [path, text] of changes) {
    if (text === undefined) next.delete(path);
    else next.set(path, text);
  }
  return Object.fromEntries(next);
}

describe("an inventory that is brought up to date", () => {
  it("is the one that is taken from nothing, whatever is committed", () => {
    fc.assert(
      fc.property(fleets, fc.array(commits, { minLength: 1, maxLength: 4 }), (start, history) => {
        let [files, inventory] = [start, inventoryOf(start)];
        for (const commit of history) {
          const changes: Changes = new Map(commit);
          files = after(files, changes);
          inventory = updateInventory(inventory, changes, (path) => changes.get(path));
          expect(inventory.fleet).toEqual(inventoryOf(files).fleet);
        }
      }),
      { numRuns: 250 },
    );
  });

  it("reads what the commit changed, and nothing else", () => {
    const files = Object.fromEntries(LAYOUTS.flatMap(([, own]) => Object.entries(own)));
    const read: string[] = [];
    const path = "apps/checkout/overlays/staging/kustomization.yaml";
    const text = kustomization(["../../base"], setsTag("registry.example.com/checkout", "3.0"));
    updateInventory(inventoryOf(files), new Map([[path, text]]), (one) => {
      read.push(one);
      return text;
    });
    expect(read).toEqual([path]);
  });

  it("is untouched by a commit that changes nothing", () => {
    const [, files] = LAYOUTS[0] ?? ["", {}];
    const before = inventoryOf(files);
    const same = updateInventory(before, listingOf(files), () => expect.fail("nothing is read"));
    expect(same.fleet).toEqual(before.fleet);
  });

  it("leaves the one that it is made from as it was", () => {
    const [, files] = LAYOUTS[0] ?? ["", {}];
    const before = inventoryOf(files);
    const fleet = structuredClone(before.fleet);
    const changes: Changes = new Map(Object.keys(files).map((path) => [path, undefined]));
    expect(updateInventory(before, changes, () => undefined).fleet).toEqual({ services: [], unplaced: [] });
    expect(before.fleet).toEqual(fleet);
    expect(before.listing.size).toBe(Object.keys(files).length);
  });
});

describe("attribution", () => {
  const FILES: Files = {
    "clusters/staging/apps.yaml": flux("apps", "./apps/overlays/staging"),
    "clusters/prod/apps.yaml": flux("apps", "./apps/overlays/prod"),
    "apps/cart/kustomization.yaml": kustomization(["deployment.yaml", "service.yaml", "../../config"]),
    "apps/cart/deployment.yaml": deployment("cart", "cart:1"),
    "apps/cart/service.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: cart\n",
    "apps/mail/kustomization.yaml": kustomization(["deployment.yaml"]),
    "apps/mail/deployment.yaml": deployment("mail", "mail:1"),
    "config/kustomization.yaml":
      "configMapGenerator:\n  - name: settings\n    files: [settings.properties]\n    envs: [all.env]\n",
    "config/all.env": "A=1\n",
    "config/settings.properties": "a=1\n",
    "components/tls/kustomization.yaml":
      "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n  - path: tls.yaml\n    target: { kind: Deployment, name: mail }\n",
    "components/tls/tls.yaml": "- op: add\n  path: /metadata/labels/tls\n  value: on\n",
    "apps/overlays/staging/kustomization.yaml": kustomization(["../../cart", "../../mail"], setsTag("cart", "2")),
    "apps/overlays/prod/kustomization.yaml": kustomization(
      ["../../cart", "../../mail"],
      "components: [../../../components/tls]\npatches:\n  - path: cart.yaml\n",
    ),
    "apps/overlays/prod/cart.yaml": deployment("cart", "cart:1-prod"),
    "README.md": "# shop\n",
  };
  const inventory = inventoryOf(FILES);
  const members = (...paths: readonly string[]) =>
    affectedBy(inventory, paths).map(({ service, target }) => `${service}/${target}`);

  it.each([
    [["apps/cart/deployment.yaml"], ["cart/prod", "cart/staging"]],
    [["apps/cart/service.yaml"], ["cart/prod", "cart/staging"]],
    [["apps/mail/deployment.yaml"], ["mail/prod", "mail/staging"]],
    [["config/all.env"], ["cart/prod", "cart/staging"]],
    [["config/settings.properties"], ["cart/prod", "cart/staging"]],
    [["components/tls/tls.yaml"], ["mail/prod"]],
    [["components/tls/kustomization.yaml"], ["cart/prod", "mail/prod"]],
    [["apps/overlays/staging/kustomization.yaml"], ["cart/staging", "mail/staging"]],
    [["apps/overlays/prod/cart.yaml"], ["cart/prod"]],
    [["clusters/prod/apps.yaml"], ["cart/prod", "mail/prod"]],
    [["README.md"], []],
    [["nowhere.yaml"], []],
    [
      ["apps/mail/deployment.yaml", "apps/overlays/prod/cart.yaml"],
      ["cart/prod", "mail/prod", "mail/staging"],
    ],
  ])("says in which members %j has a say", (paths, expected) => {
    expect(members(...paths)).toEqual(expected);
  });

  it("sets an image where the last word on it is", () => {
    const places = inventory.fleet.services.flatMap(({ name, targets }) =>
      targets.flatMap((target) =>
        target.images.map(({ version, set }) => `${name}/${target.name} ${version} ${set.path}`),
      ),
    );
    expect(places).toEqual([
      "cart/prod 1-prod apps/overlays/prod/cart.yaml",
      "cart/staging 2 apps/overlays/staging/kustomization.yaml",
      "mail/prod 1 apps/mail/deployment.yaml",
      "mail/staging 1 apps/mail/deployment.yaml",
    ]);
  });

  it("gives routes to the services that they name", () => {
    const route = (name: string, backend: string) =>
      `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: ${name} }\nspec:\n  rules:\n    - backendRefs: [{ name: ${backend}, port: 80 }]\n`;
    const { fleet } = inventoryOf({
      "shop/cart.yaml": deployment("cart", "cart:1"),
      "shop/mail.yaml": deployment("mail", "mail:1"),
      "shop/routes.yaml": [route("public", "cart-canary"), route("inner", "mail.shop.svc")].join("---\n"),
    });
    expect(fleet.services.map(({ name, targets: [target] }) => [name, target?.routes.map((one) => one.name)])).toEqual([
      ["cart", ["public"]],
      ["mail", ["inner"]],
    ]);
  });
});

describe("what cannot be placed", () => {
  it.each<[string, Files, string, string | undefined]>([
    [
      "values that nothing reads",
      { "config/clusters/a/live.values.yaml": "image:\n  repository: hub\n  tag: v1\n" },
      "config/clusters/a/live.values.yaml:3: an image's version",
      '- { name: live, path: "config/clusters/a/live.values.yaml" }',
    ],
    [
      "folders of tags",
      {
        "tags/east/cart": "image_tag: v1\n",
        "tags/east/mail": "image_tag: v1\n",
        "tags/east/shop": "image_tag: v1\n",
        "tags/west/cart": "image_tag: v1\n",
        "tags/west/mail": "image_tag: v1\n",
      },
      "tags/east/cart:1: an image's version, as in 2 more files like it",
      '- { name: east, path: "tags/east/*" }',
    ],
    [
      "a file that its kustomization leaves out",
      { "a/kustomization.yaml": kustomization([]), "a/old.yaml": deployment("old", "old:1") },
      'a/old.yaml:1: the Deployment "old"',
      undefined,
    ],
    [
      "a component that nothing includes",
      {
        "a/kustomization.yaml": "kind: Component\nresources: [old.yaml]\n",
        "a/old.yaml": deployment("old", "old:1"),
      },
      'a/old.yaml:1: the Deployment "old"',
      undefined,
    ],
    [
      "values of a service each, that nothing reads",
      { "values/cart/values.yaml": "image: { tag: v1 }\n", "values/mail/values.yaml": "image: { tag: v1 }\n" },
      "values/cart/values.yaml:1: an image's version, as in 1 more file like it",
      '- { name: default, path: "values/*/values.yaml" }',
    ],
    [
      "an ApplicationSet of which only a forge knows the folders",
      {
        "set.yaml":
          "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: { name: previews }\nspec:\n  generators:\n    - pullRequest: {}\n  template:\n    spec:\n      source: { repoURL: https://github.com/acme/gitops, path: 'previews/{{branch}}' }\n",
      },
      "set.yaml:1: the ApplicationSet previews",
      undefined,
    ],
    [
      "a variable without a value",
      { "a/mail.yaml": deployment("mail", "mail:${TAG}") },
      'a/mail.yaml:1: the image "mail:${TAG}" of "mail"',
      undefined,
    ],
    [
      "what is no YAML, and speaks of images",
      { "a/mail.yaml": "kind: Deployment\n  image: mail:1\n a: [" },
      "a/mail.yaml:1: what is no YAML",
      undefined,
    ],
  ])("tells of %s", (_, files, told, write) => {
    const [first] = inventoryOf(files).fleet.unplaced;
    expect(`${first?.path}:${first?.line}: ${first?.found}`).toBe(told);
    expect(first?.write[0]).toBe(write);
  });

  it.each<[Files, readonly string[]]>([
    [
      { "tags/east/cart": "image_tag: v1\n", "tags/west/cart": "image_tag: v2\n" },
      ["cart/east ?:v1 tags/east/cart:1 configuration", "cart/west ?:v2 tags/west/cart:1 configuration"],
    ],
    [
      {
        "hubs/a/live.values.yaml": "image: { name: a, tag: v1 }\n",
        "hubs/b/live.values.yaml": "image: { name: b, tag: v2 }\n",
      },
      ["a/live a:v1 hubs/a/live.values.yaml:1 configuration", "b/live b:v2 hubs/b/live.values.yaml:1 configuration"],
    ],
  ])("is placed by the very lines that are suggested for it", (files, found) => {
    const lines = inventoryOf(files).fleet.unplaced.flatMap(({ write }) => write);
    const patterns = lines
      .map((line) => /name: ([^ ,]+), path: "(.+)"/.exec(line))
      .map((line) => targetAt(line?.[1] ?? "", line?.[2] ?? ""));
    const { fleet } = inventoryOf(files, patterns);
    expect(linesOf(fleet)).toEqual(found);
    expect(fleet.unplaced).toEqual([]);
  });
});

describe("hostile repositories", () => {
  const deep = Array.from(
    { length: 60 },
    (_, level) => [`k${level}/kustomization.yaml`, kustomization([`../k${level + 1}`, `../k${level + 1}`])] as const,
  );

  it.each<[string, Files]>([
    [
      "kustomizations that include each other",
      { "a/kustomization.yaml": kustomization(["../b"]), "b/kustomization.yaml": kustomization(["../a"]) },
    ],
    ["a kustomization of itself", { "a/kustomization.yaml": kustomization([".", "../a"]) }],
    [
      "a tower of doubled includes",
      Object.fromEntries([
        ...deep,
        ["k60/kustomization.yaml", kustomization(["d.yaml"])],
        ["k60/d.yaml", deployment("d", "d:1")],
      ]),
    ],
    ["Flux delivering itself", { "clusters/a/sync.yaml": flux("sync", "./clusters/a") }],
    ["Flux in a circle", { "a/ks.yaml": flux("b", "./b"), "b/ks.yaml": flux("a", "./a") }],
    [
      "paths out of the repository",
      {
        "a/kustomization.yaml": kustomization(["../../../etc", "/etc/passwd"]),
        "b/app.yaml": application("x", "path: ../../.."),
      },
    ],
    [
      "charts that depend on each other",
      {
        "a/Chart.yaml": "name: a\ndependencies:\n  - { name: b, repository: 'file://../b' }\n",
        "b/Chart.yaml": "name: b\ndependencies:\n  - { name: a, repository: 'file://../a' }\n",
      },
    ],
    [
      "names that are properties of objects",
      {
        "__proto__/constructor.yaml": deployment("__proto__", "a:1"),
        "constructor/kustomization.yaml": kustomization(["toString"]),
      },
    ],
    [
      "an ApplicationSet without an end",
      {
        "s.yaml": `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: { name: s }\nspec:\n  generators:\n    - matrix:\n        generators:\n          - list: { elements: [${"{a: b},".repeat(300)}] }\n          - list: { elements: [${"{c: d},".repeat(300)}] }\n  template: { spec: { source: { path: "{{a}}" } } }\n`,
      },
    ],
  ])("come to an end: %s", (_, files) => {
    expect(() => inventoryOf(files)).not.toThrow();
  });

  it("are read whatever their texts are", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("a.yaml", "kustomization.yaml", "Chart.yaml", "compose.yaml", "templates/a.yaml", "x"),
        fc.string({ unit: "binary" }),
        (path, text) => {
          expect(takeInventory(new Map([[path, "1"]]), () => text).listing.size).toBe(1);
        },
      ),
    );
  });
});
