import { basename } from "node:path/posix";
import { describe, expect, it } from "vitest";
import { name } from "../../../src/core/names.ts";
import { ROUTER_KINDS } from "../../../src/core/state.ts";
import { weight } from "../../../src/core/weight.ts";
import { goldenFolder } from "../../../src/manifest/routers/catalogue.ts";
import { ROUTERS } from "../../../src/manifest/routers/drive.ts";
import { claimSteps, readSteps, REST, setSteps } from "../../../src/manifest/routers/rollout-steps.ts";
import type { RouteOf, Router } from "../../../src/manifest/routers/router.ts";
import { readTesters, setShare } from "../../../src/manifest/routers/testers.ts";
import { VALUES } from "../../../src/manifest/routers/values.ts";
import { valueOf } from "../builders.ts";
import { goldens, type Edit } from "./golden.ts";

const path = "apps/checkout/file.yaml";
const OF: RouteOf = {
  namespace: name("shop"),
  arms: { canary: name("checkout-canary"), stable: name("checkout-stable") },
  destinations: undefined,
};
const ROLLOUT = { namespace: name("shop") };

function routeOf({ destinations, at }: Edit): RouteOf {
  const of = at === undefined ? OF : { ...OF, at };
  if (destinations === undefined) return of;
  const [canary, stable] = [destinationOf(destinations.canary), destinationOf(destinations.stable)];
  return { ...of, destinations: { canary, stable } };
}

function destinationOf({ host, subset }: NonNullable<Edit["destinations"]>["canary"]) {
  return { host: name(host), subset: subset === undefined ? undefined : name(subset) };
}

type Done = { readonly text: string; readonly said: unknown; readonly wanted: unknown };

function moved(router: Router): (text: string, edit: Edit) => Done {
  return (before, edit) => {
    const [of, share] = [routeOf(edit), weight(edit.weight)];
    const { testers } = edit;
    const text = valueOf(setShare(router, { path, text: before }, of, { weight: share, testers }));
    const said = {
      weight: valueOf(router.read({ path, text }, of)),
      ...valueOf(readTesters(router, { path, text }, of)),
    };
    return { text, said, wanted: testers === undefined ? { weight: share } : { weight: share, testers } };
  };
}

function stepped(before: string, { steps }: Edit): Done {
  const wanted = steps === undefined ? REST : { ...steps, from: weight(steps.from), to: weight(steps.to) };
  const file = { path, text: before };
  const text = valueOf(steps === undefined ? claimSteps(file, ROLLOUT) : setSteps(file, ROLLOUT, wanted));
  return { text, said: valueOf(readSteps({ path, text }, ROLLOUT)), wanted };
}

const EDITS: { readonly [kind: string]: (text: string, edit: Edit) => Done } = {
  ...Object.fromEntries(ROUTER_KINDS.map((kind) => [basename(goldenFolder(kind)), moved(ROUTERS[kind])])),
  values: moved(VALUES),
  "rollout-steps": stepped,
};

describe("documented shapes are edited as they should be", () => {
  it.each(goldens())("$kind: $title", ({ kind, before, after, edit }) => {
    const done = EDITS[kind]?.(before, edit);
    expect(done?.text).toBe(after);
    expect(done?.said).toEqual(done?.wanted);
    expect(EDITS[kind]?.(after, edit).text).toBe(after);
  });

  it.each(goldens().filter(({ edit }) => edit.testers))("$kind: $title, and back", ({ kind, before, after }) => {
    expect(EDITS[kind]?.(after, { weight: 0 }).text).toBe(before);
  });

  it("of testers for every kind that knows them", () => {
    const known = ROUTER_KINDS.filter((kind) => ROUTERS[kind].testers !== undefined);
    const shown = goldens().filter(({ edit }) => edit.testers);
    expect(new Set(shown.map(({ kind }) => kind))).toEqual(new Set(known.map((kind) => basename(goldenFolder(kind)))));
  });

  it("for every kind that is driven", () => {
    expect(new Set(goldens().map(({ kind }) => kind))).toEqual(new Set(Object.keys(EDITS)));
  });
});
