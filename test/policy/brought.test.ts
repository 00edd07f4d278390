import { describe, expect, it } from "vitest";
import { parseState } from "../../src/config/state-file.ts";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { lintRepository } from "../../src/lint/lint.ts";
import { additionsIn } from "../../src/policy/additions.ts";
import { namesAround, narrowed } from "../../src/policy/narrowed.ts";
import { newPitfalls } from "../../src/policy/pitfalls.ts";
import { isWanted, takeInventory, type Inventory } from "../../src/manifest/services/inventory.ts";
import { newTarget } from "../../src/policy/targets.ts";
import { unreadIn } from "../../src/policy/unread.ts";
import { valueOf } from "../manifest/builders.ts";
import { chartInput } from "../support/chart-ground.ts";
import { deploymentText, kustomizationText, serviceText } from "../support/layout-texts.ts";
import { applied, groundOf, wishOf, type Files } from "../support/opt-in-ground.ts";

/** A service of a base and an overlay for each target. */
function overlaid(name: string, targets: readonly string[], folder = `apps/${name}`): Files {
  return new Map([
    [`${folder}/base/kustomization.yaml`, kustomizationText({ resources: ["deployment.yaml", "service.yaml"] })],
    [`${folder}/base/deployment.yaml`, deploymentText(name).replace("replicas: 1", "replicas: 4")],
    [`${folder}/base/service.yaml`, serviceText(name, `app: ${name}`)],
    ...targets.map((target): [string, string] => [
      `${folder}/${target}/kustomization.yaml`,
      kustomizationText({ namespace: [target], resources: ["../base"] }),
    ]),
  ]);
}

function withFile(files: Files, path: string, text: string): Files {
  return new Map([...files, [path, text]]);
}

function withImage(files: Files, image: string): Files {
  return new Map([...files].map(([path, text]) => [path, text.replace("shop/cart", `shop/${image}`)]));
}

function joined(...all: readonly Files[]): Files {
  return new Map(all.flatMap((files) => [...files]));
}

function optedIn(files: Files, wish: string): Files {
  return applied(files, valueOf(optIn(groundOf(files), wishOf(wish))).files);
}

function addedIn(before: Files, after: Files): readonly string[] {
  const states = [...after].flatMap(([path, text]) => {
    const state = parseState({ path, text });
    return state.kind === "ok" ? [state.value] : [];
  });
  const [was, is] = [before, after].map((files) => groundOf(files).inventory.fleet);
  if (was === undefined || is === undefined) return [];
  return additionsIn(was, is, states).map(
    ({ service, targets }) => `${service.name} in ${targets.map(({ name }) => name).join(" ")}`,
  );
}

const IN_JSON =
  '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"till"},"spec":{"template":{"spec":{"containers":[{"name":"app","image":"registry.example.com/shop/till:1.0.0"}]}}}}';
const CART = overlaid("cart", ["prod"]);
const TILL = overlaid("till", ["staging", "prod"]);
const WISH = "canary-gateway-api gateway=public";

describe("what is added without a template", () => {
  it.each<[string, Files, Files, readonly string[]]>([
    ["a service", CART, joined(CART, TILL), ["till in prod staging"]],
    ["the first service that there is", new Map(), CART, ["cart in prod"]],
    ["one that is opted in as it is added", CART, joined(CART, optedIn(TILL, `till ${WISH}`)), []],
    ["nothing where one is edited", CART, new Map([...CART].map(([path, text]) => [path, `# ours\n${text}`])), []],
    [
      "nothing where one moves",
      joined(CART, TILL),
      joined(CART, overlaid("till", ["staging", "prod"], "shop/till")),
      [],
    ],
    [
      "nothing where one is renamed in its file",
      CART,
      new Map([...CART].map(([path, text]) => [path, text.replaceAll("name: cart", "name: basket")])),
      [],
    ],
    [
      "one in a file of YAML that is written as JSON",
      CART,
      withFile(CART, "apps/till/deployment.yaml", IN_JSON),
      ["till in default"],
    ],
    ["one that comes as another one goes", TILL, CART, ["cart in prod"]],
    [
      "a second one of the same name elsewhere",
      CART,
      joined(CART, withImage(overlaid("cart", ["prod"], "teams/cart"), "basket")),
      ["cart in prod"],
    ],
    ["no further target of one without a template", CART, joined(CART, overlaid("cart", ["prod", "staging"])), []],
    [
      "a further target of one that has a template",
      optedIn(CART, `cart ${WISH}`),
      joined(overlaid("cart", ["prod", "staging"]), optedIn(CART, `cart ${WISH}`)),
      ["cart in staging"],
    ],
    ["nothing where one goes", joined(CART, TILL), CART, []],
  ])("%s", (_, before, after, expected) => {
    expect(addedIn(before, after)).toEqual(expected);
  });
});

function why(files: Files): string | undefined {
  const ground = groundOf(files);
  const [addition] = additionsIn({ services: [], unplaced: [] }, ground.inventory.fleet, []);
  const [target] = addition?.targets ?? [];
  return addition && target && newTarget(ground, addition.service, target).unfit?.found;
}

/** Which files place the services that there are, by service and target. */
function placing(files: Files) {
  const ground = groundOf(files);
  return ground.inventory.fleet.services.flatMap((service) =>
    service.targets.map(
      (target) => `${service.name} ${target.name}: ${newTarget(ground, service, target).paths.join(" ")}`,
    ),
  );
}

describe("what places a service in a target", () => {
  const plain = new Map([
    ["apps/till/prod/deployment.yaml", deploymentText("till")],
    ["apps/till/prod/service.yaml", serviceText("till", "app: till")],
  ]);
  const listing = (...resources: readonly string[]): [string, string] => [
    "clusters/prod/kustomization.yaml",
    kustomizationText({ resources: resources.map((one) => `../../${one}`) }),
  ];
  const both = joined(overlaid("cart", ["prod"]), overlaid("till", ["prod"]));
  const shop = new Map([
    ...[...both].filter(([path]) => path.includes("/base/")),
    [
      "apps/shop/kustomization.yaml",
      kustomizationText({ namespace: ["shop"], resources: ["../cart/base", "../till/base"] }),
    ],
  ] as const);
  it.each<[string, Files, readonly string[]]>([
    ["its own overlay, and no base", overlaid("cart", ["prod"]), ["cart prod: apps/cart/prod/kustomization.yaml"]],
    [
      "an overlay that changes nothing",
      withFile(
        overlaid("cart", []),
        "apps/cart/prod/kustomization.yaml",
        kustomizationText({ resources: ["../base"] }),
      ),
      ["cart prod: apps/cart/prod/kustomization.yaml"],
    ],
    ["its files where they are plain", plain, ["till prod: apps/till/prod/deployment.yaml"]],
    [
      "its overlay, and what is delivered where that lists all from elsewhere",
      new Map([...both, listing("apps/cart/prod", "apps/till/prod")]),
      [
        "cart prod: apps/cart/prod/kustomization.yaml clusters/prod/kustomization.yaml",
        "till prod: apps/till/prod/kustomization.yaml clusters/prod/kustomization.yaml",
      ],
    ],
    [
      "its overlay alone where that lies below what is delivered",
      new Map([...both, ["apps/kustomization.yaml", kustomizationText({ resources: ["cart/prod", "till/prod"] })]]),
      ["cart default: apps/cart/prod/kustomization.yaml", "till default: apps/till/prod/kustomization.yaml"],
    ],
    ["the Application of a chart", chartInput("chart-of-argo-cd"), ["checkout prod: clusters/prod/checkout.yaml"]],
    ["the HelmRelease of a chart", chartInput("chart-of-flux"), ["checkout prod: apps/checkout/prod/release.yaml"]],
    [
      "an overlay of several services",
      shop,
      ["cart default: apps/shop/kustomization.yaml", "till default: apps/shop/kustomization.yaml"],
    ],
  ])("%s", (_, files, expected) => {
    expect(placing(files)).toEqual(expected);
  });
});

describe("what cannot be opted in", () => {
  const DEPLOYMENT = "apps/cart/base/deployment.yaml";
  const changed = (from: string | RegExp, to: string) =>
    new Map([...CART].map(([path, text]) => [path, path === DEPLOYMENT ? text.replace(from, to) : text]));
  it.each<[string, Files, string | undefined]>([
    ["a Deployment with a Service can", CART, undefined],
    ["a StatefulSet", changed("kind: Deployment", "kind: StatefulSet"), "a StatefulSet"],
    ["a strategy", changed("spec:\n", "spec:\n  strategy: { type: Recreate }\n"), "the strategy Recreate"],
    [
      "no Service",
      new Map(
        [...CART].flatMap(([path, text]): [string, string][] =>
          path.endsWith("/service.yaml") ? [] : [[path, text.replace("  - service.yaml\n", "")]],
        ),
      ),
      "no Service that selects its pods",
    ],
  ])("%s", (_, files, expected) => {
    expect(why(files)).toBe(expected);
  });
});

function inventoryOf(files: Files): Inventory {
  const listing = new Map([...files.keys()].map((path) => [path, path]));
  return takeInventory(listing, (path) => (isWanted(path, []) ? files.get(path) : undefined));
}

describe("what cannot be read", () => {
  const path = "apps/till/deployment.yaml";
  const TOO_LARGE = undefined;
  const BROKEN = `${deploymentText("till")}kind: Deployment\n`;
  it.each<[string, string, readonly [string | undefined, string | undefined], readonly string[]]>([
    ["a manifest that nobody gets", path, [deploymentText("till"), TOO_LARGE], [path]],
    ["a manifest that is no YAML", path, [deploymentText("till"), BROKEN], [path]],
    ["nothing where it was so before", path, [TOO_LARGE, TOO_LARGE], []],
    ["nothing of what is no manifest", "apps/till/tool", ["#!/bin/sh\n", TOO_LARGE], []],
    ["nothing of what speaks of nothing that runs", path, ["a: 1\n", "a: 1\na: 2\nimage: x\n"], []],
  ])("%s", (_, at, [was, is], expected) => {
    const inventoryWith = (text: string | undefined) => {
      const listing = new Map([...CART.keys(), at].map((one) => [one, one]));
      return takeInventory(listing, (one) => (one === at ? text : CART.get(one)));
    };
    const sides = { before: inventoryWith(was), after: inventoryWith(is) };
    expect(unreadIn({ ...sides, changed: [at], read: () => is })).toEqual(expected);
  });
});

/** What both ways find: in the part that a change may make otherwise, and in the whole. */
function foundBy(before: Files, after: Files): { readonly part: readonly string[]; readonly whole: readonly string[] } {
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  );
  const changed = new Set(paths);
  const [first, second] = [inventoryOf(before), inventoryOf(after)];
  const names = namesAround([first, second], changed);
  const found = (isWhole: boolean) => {
    const [old, next] = isWhole ? [first, second] : [narrowed(first, changed, names), narrowed(second, changed, names)];
    return newPitfalls({
      before: lintRepository(old, (path) => before.get(path)),
      after: lintRepository(next, (path) => after.get(path)),
      changed,
      there: after,
    }).map(({ rule, path, line, isChanged }) => `${rule} ${path}:${line}${isChanged ? "" : " beside"}`);
  };
  return { part: found(false), whole: found(true) };
}

const ROUTE = (to: string) => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: public, namespace: prod }
spec:
  rules:
    - backendRefs: [{ name: ${to}, port: 80 }]
`;
const PLAIN = new Map([
  ["apps/cart/deployment.yaml", deploymentText("cart")],
  ["apps/cart/service.yaml", serviceText("cart", "app: cart")],
]);
const SERVICE = "apps/cart/service.yaml";
const WRONG = withFile(PLAIN, SERVICE, serviceText("cart", "app: crat"));

describe("pitfalls that were not there before", () => {
  it.each<[string, Files, Files, readonly string[]]>([
    ["one that is brought", PLAIN, WRONG, ["selector-without-pods apps/cart/service.yaml:1"]],
    ["none where it was there", WRONG, withFile(WRONG, "apps/cart/notes.yaml", "a: 1\n"), []],
    ["none where its line moves", WRONG, withFile(WRONG, SERVICE, `# Ours.\n\n${WRONG.get(SERVICE)}`), []],
    ["none where it is mended", WRONG, PLAIN, []],
    [
      "none where its folder moves",
      WRONG,
      new Map([...WRONG].map(([path, text]) => [path.replace("apps/cart", "apps/basket"), text])),
      [],
    ],
    [
      "one that is allowed no more",
      withFile(PLAIN, SERVICE, `# tidegate-lint: allow selector-without-pods because of that\n${WRONG.get(SERVICE)}`),
      WRONG,
      ["selector-without-pods apps/cart/service.yaml:1"],
    ],
    [
      "a comment that is not understood",
      PLAIN,
      withFile(PLAIN, SERVICE, `# tidegate-lint: allow two-routes\n${PLAIN.get(SERVICE)}`),
      ["comment apps/cart/service.yaml:1"],
    ],
    [
      "a second of the same words in one file",
      WRONG,
      withFile(WRONG, SERVICE, `${WRONG.get(SERVICE)}---\n${WRONG.get(SERVICE)}`),
      ["selector-without-pods apps/cart/service.yaml:12"],
    ],
    [
      "what a change elsewhere makes wrong, where it is",
      joined(
        overlaid("cart", ["prod"]),
        overlaid("till", ["prod"]),
        new Map([
          ["routes/public.yaml", ROUTE("carts")],
          [
            "apps/cart/prod/kustomization.yaml",
            kustomizationText({ namespace: ["prod"], resources: ["../base", "carts.yaml"] }),
          ],
          ["apps/cart/prod/carts.yaml", serviceText("carts", "app: cart")],
        ]),
      ),
      joined(overlaid("cart", ["prod"]), overlaid("till", ["prod"]), new Map([["routes/public.yaml", ROUTE("carts")]])),
      ["host-without-service routes/public.yaml:6 beside"],
    ],
  ])("%s", (_, before, after, expected) => {
    const { part, whole } = foundBy(before, after);
    expect(whole).toEqual(expected);
    // The whole is looked at only where the part has something.
    expect(part.length > 0).toBe(expected.length > 0);
  });
});
