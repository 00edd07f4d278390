import { afterEach, describe, expect, it } from "vitest";
import { at, changes } from "../../../bench/render-objects.ts";
import { findKustomize, render, type Json } from "../../../bench/render-tools.ts";
import { workplace, type Workplace } from "../../../bench/render-tree.ts";
import { evaluate } from "../../../src/manifest/kustomize/evaluate.ts";
import { isLocal } from "../../../src/manifest/kustomize/generate.ts";
import { kindOf, nameOf } from "../../../src/manifest/kustomize/object.ts";
import { goldenFiles } from "../layouts/golden.ts";

const KUSTOMIZE = findKustomize();

const places: Workplace[] = [];
afterEach(() => {
  for (const { remove } of places.splice(0)) remove();
});

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: cart, labels: { app: cart } }
spec:
  selector: { matchLabels: { app: cart } }
  template:
    metadata: { labels: { app: cart } }
    spec:
      containers:
        - { name: app, image: "cart:1", env: [{ name: A, value: a }], ports: [{ containerPort: 80 }] }
        - { name: proxy, image: "proxy:1" }
---
apiVersion: v1
kind: Service
metadata: { name: cart }
spec: { selector: { app: cart }, ports: [{ port: 80 }] }
`;
const head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
const BASE = { "base/cart.yaml": DEPLOYMENT, "base/kustomization.yaml": `${head}resources: [cart.yaml]\n` };

/** Overlays over one base, by what they do. */
const OVERLAYS: readonly (readonly [name: string, text: string])[] = [
  ["a namespace, a prefix and a suffix", "namespace: shop\nnamePrefix: eu-\nnameSuffix: -v2\n"],
  ["common labels", "commonLabels: { team: a }\ncommonAnnotations: { who: b }\n"],
  ["labels in templates", "labels: [{ pairs: { team: a }, includeTemplates: true }]\n"],
  ["labels in selectors", "labels: [{ pairs: { team: a }, includeSelectors: true }]\n"],
  [
    "images and replicas",
    "images: [{ name: cart, newName: shop/cart, newTag: '2' }, { name: proxy, digest: sha256:abc }]\nreplicas: [{ name: cart, count: 7 }]\n",
  ],
  [
    "a merge patch of a container and a new one",
    "patches:\n  - patch: |\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: { name: cart }\n      spec: { template: { spec: { containers: [{ name: new, image: 'new:1' }, { name: app, image: 'cart:3', env: [{ name: B, value: b }] }, { name: proxy, $patch: delete }] } } }\n",
  ],
  [
    "a JSON patch that adds an annotation where there is none",
    "patches:\n  - target: { kind: Service }\n    patch: |\n      - { op: add, path: /metadata/annotations/a~1b, value: c }\n      - { op: replace, path: /spec/ports/0/port, value: 81 }\n",
  ],
  [
    "a patch for what an expression names, after a prefix",
    "namePrefix: x-\npatches:\n  - target: { kind: Deployment, name: ca.* }\n    patch: |\n      - { op: add, path: /spec/paused, value: true }\n",
  ],
  [
    "a replacement from a generated ConfigMap",
    "configMapGenerator: [{ name: versions, literals: [TAG=9] }]\ngeneratorOptions: { disableNameSuffixHash: true }\nreplacements:\n  - source: { kind: ConfigMap, name: versions, fieldPath: data.TAG }\n    targets: [{ select: { kind: Deployment }, fieldPaths: ['spec.template.spec.containers.[name=app].image'], options: { delimiter: ':', index: 1 } }]\n",
  ],
];

// Names of other objects within an object, which nobody asks for, and those of generated objects.
const REFERENCES = /(?:serviceAccountName|claimName|configMapRef\/name)$|^[+-]v1\/ConfigMap\//;

/** How what we make differs from what kustomize makes. */
async function differing(files: ReadonlyMap<string, string>, folder: string): Promise<readonly string[]> {
  if (KUSTOMIZE === undefined) throw new Error("The test is skipped without the program.");
  const place = workplace(files);
  places.push(place);
  const done = await render(KUSTOMIZE, place.folder, [folder, "--load-restrictor", "LoadRestrictionsNone"]);
  if (done.kind === "failed") throw new Error(done.said);
  const { objects, open } = evaluate((path) => files.get(path), folder);
  const made = objects.filter((one) => !isLocal(one)).map((one) => one.value as Json);
  const found = changes(done.objects, made).filter((one) => !REFERENCES.test(one));
  return [...open.map((one) => one.found), ...found];
}

describe.skipIf(KUSTOMIZE === undefined)("is what kustomize makes (skipped without kustomize and kubectl)", () => {
  it.each(OVERLAYS)("%s", async (_, text) => {
    const files = new Map(
      Object.entries({ ...BASE, "prod/kustomization.yaml": `${head}resources: [../base]\n${text}` }),
    );
    expect(await differing(files, "prod")).toEqual([]);
  });

  it.each(["overlay", "component"])("of the golden %s, before it is opted in and after", async (folder) => {
    const before = goldenFiles(`${folder}/before`);
    expect(await differing(before, "prod")).toEqual([]);
    expect(await differing(new Map([...before, ...goldenFiles(`${folder}/after`)]), "prod")).toEqual([]);
  });
});

const PATCHES = "apiVersion: builtin\nkind: PatchTransformer\nmetadata: { name: a }\npath: gone.yaml\n";

describe("what is not known", () => {
  it.each([
    ["on another machine", "resources: [https://example.com/a.git]\n", "it lies on another machine"],
    ["not there", "resources: [gone.yaml]\n", "no such file or folder is in this repository"],
    ["a chart", "helmCharts: [{ name: a }]\n", "charts are not rendered here"],
    ["a plugin", "transformers: [a.yaml]\n", "it is not evaluated here"],
    ["itself", "resources: [../prod]\n", "it is what includes it"],
  ])("%s is told", (_, text, why) => {
    const files = new Map([["prod/kustomization.yaml", `${head}${text}`]]);
    expect(evaluate((path) => files.get(path), "prod").open.map((one) => one.why)).toEqual([why]);
  });

  it.each<[string, string, Readonly<Record<string, string>>, string]>([
    [
      "a resource",
      "# gone.yaml\nresources:\n  - bygone.yaml\n  - gone.yaml\n",
      { "prod/bygone.yaml": "" },
      "4 missing",
    ],
    ["a folder", "resources:\n  - ../gone\n", {}, "2 missing"],
    ["a component", "components:\n  - ../gone\n", {}, "2 missing"],
    ["a patch", "patches:\n  - path: gone.yaml\n", {}, "2 missing"],
    ["a patch of the old kind", "patchesStrategicMerge:\n- gone.yaml\n", {}, "2 missing"],
    ["a patch of a transformer", "transformers:\n- t.yaml\n", { "prod/t.yaml": PATCHES }, "1 missing"],
    ["what is outside", "resources:\n  - ../../gone\n", {}, "2 open"],
    ["what is elsewhere", "resources:\n  - github.com/acme/gone\n", {}, "2 open"],
    ["what is ignored", "resources:\n  - gone.yaml\n", { ".gitignore": "# made\n/prod/gone*\n" }, "2 open"],
    ["what is ignored there", "resources:\n  - out/gone.yaml\n", { "prod/.gitignore": "out/\n" }, "2 open"],
    ["what is not ignored", "resources:\n  - gone.yaml\n", { ".gitignore": "!gone.yaml\n#gone.yaml\n" }, "2 missing"],
    ["a submodule", "resources:\n  - ../lib/a\n", { ".gitmodules": '[submodule "lib"]\n\tpath = lib\n' }, "2 open"],
    ["what lies behind a link", "resources:\n  - ../lib/a\n", { lib: "../shared" }, "2 open"],
  ])("tells of %s that is not there whether anything may make it", (_, text, others, told) => {
    const files = new Map(Object.entries({ "prod/kustomization.yaml": text, ...others }));
    const { open } = evaluate((path) => files.get(path), "prod");
    expect(open.map(({ line, prevents = "open" }) => `${line} ${prevents}`)).toEqual([told]);
  });

  it("follows aliases, merge keys and Lists", () => {
    const text = `kind: List\napiVersion: v1\nitems:\n  - &a { apiVersion: v1, kind: ConfigMap, metadata: { name: a }, data: &d { k: v } }\n  - { <<: *a, metadata: { name: b }, data: { <<: *d, l: w } }\n`;
    const files = new Map([
      ["kustomization.yaml", "resources: [a.yaml]\n"],
      ["a.yaml", text],
    ]);
    const { objects } = evaluate((path) => files.get(path), "");
    expect(objects.map((one) => [kindOf(one), nameOf(one), at(one.value as Json, "data")])).toEqual([
      ["ConfigMap", "a", { k: "v" }],
      ["ConfigMap", "b", { k: "v", l: "w" }],
    ]);
  });
});
