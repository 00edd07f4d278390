import * as fc from "fast-check";
import { expect, it } from "vitest";
import { evaluate, type Read } from "../../src/manifest/kustomize/evaluate.ts";
import { kindOf, nameOf } from "../../src/manifest/kustomize/object.ts";
import { at } from "../../src/manifest/kustomize/value.ts";
import { folderOf } from "../../src/manifest/services/paths.ts";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { difference } from "../../src/opt-in/proof.ts";
import { valueOf } from "../manifest/builders.ts";
import { applied, groundOf, wishOf, type Files } from "../support/opt-in-ground.ts";

/** How one kustomization is written, and what it says besides its resources. */
type Style = {
  readonly list: "block" | "flow" | "indented";
  readonly head: string;
  readonly end: string;
  readonly blank: boolean;
  readonly keys: readonly string[];
};

const NAMES = ["cart", "mail", "search"] as const;
const OWN = "cart";

/** What an overlay may say; of each place one at most, with the name of its folder for TARGET. */
const KEYS: readonly (readonly string[])[] = [
  ["namespace: shop\n"],
  ["namePrefix: TARGET-\n", "nameSuffix: -TARGET # after it\n"],
  [
    "images:\n- name: registry.example.com/cart\n  newTag: 1.4.0\n",
    "images: [{ name: registry.example.com/cart, newTag: '2.0' }]\n",
  ],
  ["commonLabels: { team: shop }\n", "labels:\n  - pairs:\n      team: shop\n    includeSelectors: true\n"],
  ["replicas:\n  - { name: cart, count: 5 }\n"],
  [
    "patches:\n  - patch: |-\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata:\n        name: cart\n      spec:\n        minReadySeconds: 7\n",
    "patches:\n- target: {kind: Deployment}\n  patch: '[{op: add, path: /spec/minReadySeconds, value: 9}]'\n",
  ],
];

const style: fc.Arbitrary<Style> = fc.record({
  list: fc.constantFrom("block", "flow", "indented"),
  head: fc.constantFrom(
    "",
    "# Ours.\n",
    "---\n",
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n\n",
  ),
  end: fc.constantFrom("", "\n", "\n\n", "\n# The end.\n"),
  blank: fc.boolean(),
  keys: fc.tuple(...KEYS.map((some) => fc.option(fc.constantFrom(...some), { nil: "" }))),
});

function kustomization(resources: readonly string[], { list, head, end, blank, keys }: Style, isBase: boolean): string {
  const items = { block: "", indented: "   ", flow: "" }[list];
  const listed =
    list === "flow"
      ? `resources: [ ${resources.join(", ")} ]\n`
      : `resources: # what there is\n${resources.map((name) => `${items}-  ${name}\n${blank ? "\n" : ""}`).join("")}`;
  const said = isBase ? "" : keys.join(blank ? "\n" : "");
  return `${head}${listed}${said}`.replace(/\n+$/, "") + end;
}

function workload(name: string, isOdd: boolean): string {
  const note = isOdd ? "   # kept\n\n" : "\n";
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}${note}spec:
    replicas: 3
    selector:   { matchLabels: {app: ${name}} }
    template:
        metadata: { labels: {app: ${name}} }
        spec:
            containers:
            - image:  "registry.example.com/${name}:1.0.0"
              name: ${name}
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec: { selector: { app: ${name} }, ports: [ {port: 80} ] }
`;
}

type Repository = { readonly files: Files; readonly roots: readonly string[] };

const overlays: fc.Arbitrary<Repository> = fc
  .record({
    services: fc.integer({ min: 1, max: NAMES.length }),
    targets: fc.subarray(["dev", "prod", "staging"], { minLength: 1 }),
    base: style,
    own: fc.array(style, { minLength: 3, maxLength: 3 }),
    isOdd: fc.boolean(),
  })
  .map(({ services, targets, base, own, isOdd }) => {
    const names = NAMES.slice(0, services);
    const roots = targets.map((target) => `apps/overlays/${target}`);
    const texts = [
      ...names.map((name) => [`apps/base/${name}.yaml`, workload(name, isOdd)] as const),
      [
        "apps/base/kustomization.yaml",
        kustomization(
          names.map((name) => `${name}.yaml`),
          base,
          true,
        ),
      ] as const,
      ...roots.map((root, index) => {
        const text = kustomization(["../../base"], own[index] ?? base, false);
        return [`${root}/kustomization.yaml`, text.replaceAll("TARGET", targets[index] ?? "")] as const;
      }),
    ];
    return { files: new Map(texts), roots };
  });

const plain: fc.Arbitrary<Repository> = fc
  .record({ isOdd: fc.boolean(), more: fc.subarray(["README.md", "notes.yaml", "data.json"]) })
  .map(({ isOdd, more }) => {
    const texts = [["apps/cart/all.yaml", workload(OWN, isOdd)], ...more.map((name) => [`apps/cart/${name}`, "{}\n"])];
    return { files: new Map(texts.map(([path = "", text = ""]) => [path, text])), roots: ["apps/cart"] };
  });

function rendered(files: Files, root: string, listing: Files) {
  const read: Read = (path) => files.get(path) ?? (folderOf(path) === root ? listing.get(path) : undefined);
  return evaluate(read, root);
}

it("opting in adds the canary's objects and nothing else, and opting out gives back every byte", () => {
  fc.assert(
    fc.property(fc.oneof({ arbitrary: overlays, weight: 5 }, { arbitrary: plain, weight: 1 }), ({ files, roots }) => {
      const wish = wishOf(`${OWN} canary-gateway-api gateway=public hostnames=cart.example.com`);
      const { files: texts, service } = valueOf(optIn(groundOf(files), wish));
      const after = applied(files, texts);
      for (const root of roots) {
        // A folder that had no kustomization is what the one that is added lists, without what is owned.
        const added = new Map(
          [...after].map(([path, text]) => [path, text.replace(/^ +- .*tidegate.*\n|^transformers:\n/gm, "")]),
        );
        const {
          added: more,
          gone,
          changed,
        } = difference(
          rendered(files, root, added),
          evaluate((path) => after.get(path), root),
        );
        expect([gone, changed]).toEqual([[], []]);
        expect(more.map(kindOf).toSorted()).toEqual(["Deployment", "HTTPRoute", "Service"]);
        const canary = more.find((object) => kindOf(object) === "Deployment");
        expect([canary && nameOf(canary), at(canary?.value, "spec", "replicas")]).toEqual([
          expect.stringContaining("canary"),
          0,
        ]);
      }
      const back = valueOf(optOut(groundOf(after), { service, targets: undefined }));
      expect(applied(after, back.files)).toEqual(files);
    }),
    { numRuns: 60 },
  );
});
