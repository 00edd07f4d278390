import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isNode, parseAllDocuments, type Document } from "yaml";
import { name } from "../../../src/core/names.ts";
import type { Result } from "../../../src/core/result.ts";
import { ROUTER_KINDS, type RouterKind } from "../../../src/core/state.ts";
import { weight } from "../../../src/core/weight.ts";
import { ROUTERS } from "../../../src/manifest/routers/drive.ts";
import { readSteps, setSteps } from "../../../src/manifest/routers/rollout-steps.ts";
import type { Router, RouteOf } from "../../../src/manifest/routers/router.ts";
import { VALUES } from "../../../src/manifest/routers/values.ts";
import type { Refusal } from "../../../src/yaml/refusal.ts";
import { mutated } from "../../support/yaml-text.ts";
import { valueOf } from "../builders.ts";
import { hands } from "../written.ts";
import { LISTED } from "./objects-of-kinds.ts";
import { albIngresses, mappings, openShiftRoutes, skipperIngresses } from "./objects-of-others.ts";
import {
  fileText,
  gatewayRoutes,
  ingresses,
  rollouts,
  valuesFiles,
  virtualServices,
  type Objects,
  type Place,
} from "./objects.ts";

const OF: RouteOf = {
  namespace: name("shop"),
  arms: { canary: name("checkout-canary"), stable: name("checkout-stable") },
  destinations: undefined,
  at: "rollout.canary.weight",
};
const [canary, stable] = ["canary-1", "stable-1"].map((subset) => ({ host: name("checkout"), subset: name(subset) }));
const SUBSETS: RouteOf =
  canary === undefined || stable === undefined ? OF : { ...OF, destinations: { canary, stable } };

/** What reads and writes one value of a file, held to the laws. */
type Row<V> = {
  readonly files: fc.Arbitrary<Objects<V>>;
  readonly values: fc.Arbitrary<V>;
  readonly read: (text: string) => Result<V, Refusal>;
  readonly set: (text: string, value: V) => Result<string, Refusal>;
  /** How many files each law is held to. */
  readonly runs?: number;
};

type Laws = { readonly title: string; readonly check: () => void }[];

const path = "apps/checkout/route.yaml";
const shares = fc.integer({ min: 0, max: 100 });

/** One editor does for most kinds: each is held to fewer files, and all of them together to more. */
function alike(files: fc.Arbitrary<Objects<number>>, kind: RouterKind): Laws {
  return routed(files, ROUTERS[kind], OF, 40);
}

function routed(files: fc.Arbitrary<Objects<number>>, router: Router, of: RouteOf = OF, runs = 100): Laws {
  return lawsOf({
    runs,
    files,
    values: shares,
    read: (text) => router.read({ path, text }, of),
    set: (text, share) => router.set({ path, text }, of, weight(share)),
  });
}

const ROLLOUT = { namespace: name("shop"), name: name("checkout") };
const stepValues = fc.oneof(
  fc.record({ from: shares, to: shares, runsOut: fc.constant(false) }),
  fc.record({ from: shares, to: fc.constant(100), runsOut: fc.constant(true) }),
);

const GATEWAY_KINDS = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"] as const;

const TABLE: readonly (readonly [string, Laws])[] = [
  ["HTTPRoute and its kin", routed(gatewayRoutes(...GATEWAY_KINDS), ROUTERS.HTTPRoute)],
  ...GATEWAY_KINDS.slice(1).map((kind) => [kind, alike(gatewayRoutes(kind), kind)] as const),
  ["VirtualService by host", routed(virtualServices("host"), ROUTERS.VirtualService)],
  ["VirtualService by subset", routed(virtualServices("subset"), ROUTERS.VirtualService, SUBSETS)],
  ["Ingress", routed(ingresses, ROUTERS.Ingress)],
  ...LISTED.map(([title, kind, files]) => [title, alike(files, kind)] as const),
  ["OpenShiftRoute", routed(openShiftRoutes, ROUTERS.OpenShiftRoute)],
  ["Mapping", routed(mappings, ROUTERS.Mapping)],
  ["ALBIngress", routed(albIngresses, ROUTERS.ALBIngress)],
  ["SkipperIngress", routed(skipperIngresses, ROUTERS.SkipperIngress)],
  ["values", routed(valuesFiles, VALUES)],
  [
    "Rollout steps",
    lawsOf({
      files: rollouts,
      values: stepValues,
      read: (text) => readSteps({ path, text }, ROLLOUT),
      set: (text, { from, to, runsOut }) =>
        setSteps({ path, text }, ROLLOUT, { from: weight(from), to: weight(to), runsOut }),
    }),
  ],
];

function lawsOf<V>({ files, values, read, set, runs = 100 }: Row<V>): Laws {
  const made = fc
    .record({ objects: files, hand: hands, order: fc.nat(99) })
    .map(({ objects, hand, order }) => ({ ...objects, text: fileText(objects, hand, order) }));
  const get = (text: string) => valueOf(read(text));
  const put = (text: string, value: V) => valueOf(set(text, value));
  const law = (title: string, holds: (file: Objects<V> & { readonly text: string }, to: V) => void) => ({
    title,
    check: () => fc.assert(fc.property(made, values, holds), { numRuns: runs }),
  });
  const damaged = mutated(made.map(({ text }) => text));
  return [
    {
      title: "refuses a damaged file, or reads what it has set in it",
      check: () => {
        const kinds = new Set<string>();
        fc.assert(
          fc.property(damaged, values, (text, to) => {
            kinds.add(read(text).kind);
            const after = set(text, to);
            if (after.kind === "ok") expect([get(after.value), put(after.value, to)]).toEqual([to, after.value]);
          }),
        );
        expect(kinds).toEqual(new Set(["ok", "err"]));
      },
    },
    law("reads what is written, and setting that changes no byte", ({ text, value }) => {
      expect(get(text)).toEqual(value);
      expect(put(text, value)).toBe(text);
    }),
    law("reads what was set; setting twice is setting once, and setting back gives the very same file", (file, to) => {
      const after = put(file.text, to);
      expect(get(after)).toEqual(to);
      expect(put(after, to)).toBe(after);
      expect(put(after, file.value)).toBe(file.text);
    }),
    law("keeps what the arms add up to, and everything that is not theirs", ({ text, places }, to) => {
      const [before, after] = [parseAllDocuments(text), parseAllDocuments(put(text, to))];
      const sums = (documents: Documents) =>
        places.filter(({ length }) => length === 2).map((group) => sumOf(documents, group));
      expect(sums(after)).toEqual(sums(before));
      expect(masked(after, places.flat())).toEqual(masked(before, places.flat()));
    }),
    law("touches only the lines that hold a weight", ({ text, places }, to) => {
      const documents = parseAllDocuments(text);
      const own = new Set(places.flat().map((place) => lineOf(text, documents, place)));
      const [before, after] = [text.split("\n"), put(text, to).split("\n")];
      expect(after).toHaveLength(before.length);
      expect(after.filter((line, index) => line !== before[index] && !own.has(index))).toEqual([]);
    }),
  ];
}

type Documents = readonly Document.Parsed[];

function sumOf(documents: Documents, places: readonly Place[]): number {
  const said = (document: Document | undefined, keys: Place) => Number.parseFloat(String(document?.getIn(keys)));
  return places.reduce((sum, [document, ...keys]) => sum + said(documents[Number(document)], keys), 0);
}

function masked(documents: Documents, places: readonly Place[]): readonly unknown[] {
  for (const [document, ...keys] of places) documents[Number(document)]?.setIn(keys, "a weight");
  return documents.map((document) => document.toJS() as unknown);
}

function lineOf(text: string, documents: Documents, [document, ...keys]: Place): number {
  const node = documents[Number(document)]?.getIn(keys, true);
  const at = isNode(node) ? node.range?.[0] : undefined;
  return text.slice(0, at).split("\n").length - 1;
}

it("holds every kind that is driven to the laws", () => {
  const titles = TABLE.map(([title]) => title);
  expect(ROUTER_KINDS.filter((kind) => !titles.some((title) => title.startsWith(kind)))).toEqual([]);
});

describe.each(TABLE)("%s", (_, laws) => {
  it.each(laws)("$title", ({ check }) => expect(check).not.toThrow());
});
