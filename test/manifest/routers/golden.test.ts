import { basename } from "node:path/posix";
import { describe, expect, it } from "vitest";
import { name } from "../../../src/core/names.ts";
import { ROUTER_KINDS } from "../../../src/core/state.ts";
import { weight } from "../../../src/core/weight.ts";
import { goldenFolder } from "../../../src/manifest/routers/catalogue.ts";
import { ROUTERS } from "../../../src/manifest/routers/drive.ts";
import { claimSteps, readSteps, REST, setSteps } from "../../../src/manifest/routers/rollout-steps.ts";
import { readMirror } from "../../../src/manifest/routers/mirrors.ts";
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
    const [file, of] = [{ path, text: before }, routeOf(edit)];
    const { mirror, testers } = edit;
    const text = valueOf(setShare(router, file, of, { weight: weight(edit.weight), mirror, testers }));
    const after = { path, text };
    const said = {
      weight: valueOf(router.read(after, of)),
      mirror: valueOf(readMirror(router, after, of)).mirror ?? 0,
      testers: valueOf(readTesters(router, after, of)).testers ?? false,
    };
    return { text, said, wanted: { weight: edit.weight, mirror: mirror ?? 0, testers: testers ?? false } };
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
