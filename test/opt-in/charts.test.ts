import { describe, expect, it } from "vitest";
import { at, changes, deploymentsOf, keyOf, selectorsOf } from "../../bench/render-objects.ts";
import { findHelm, findKustomize } from "../../bench/render-tools.ts";
import { selects } from "../../src/manifest/layouts/arm-labels.ts";
import { setCountTo, setImageTo } from "../../src/manifest/layouts/place.ts";
import { image } from "../../src/core/image.ts";
import type { Place, Places } from "../../src/core/state.ts";
import type { Result } from "../../src/core/result.ts";
import { nameOf } from "../../src/manifest/kustomize/object.ts";
import { bringerOf } from "../../src/opt-in/charts/bringer.ts";
import { renders } from "../../src/opt-in/charts/release.ts";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { errorOf, valueOf } from "../manifest/builders.ts";
import { byArgo, byFlux, chartInput } from "../support/chart-ground.ts";
import { applied, groundOf, wishOf, type Files } from "../support/opt-in-ground.ts";

const HELM = findHelm();
const KUSTOMIZE = findKustomize();
const APPS = ["chart-of-argo-cd", "chart-app-of-apps", "chart-joined-route", "chart-of-flux"];
const WISH = wishOf("checkout canary-gateway-api gateway=public hostnames=checkout.example.com");
const PATIENCE = 60_000;

/** What the real programs make of each release, as what delivers it says. */
function made(name: string, files: Files) {
  if (HELM === undefined || KUSTOMIZE === undefined) throw new Error("The test is skipped without the programs.");
  if (name !== "chart-of-flux") return byArgo(HELM, files);
  return byFlux({ kustomize: KUSTOMIZE, helm: HELM }, files, "apps/checkout/prod");
}

function optedIn(before: Files) {
  const { files, state } = valueOf(optIn(groundOf(before), WISH));
  const places = [...(state?.targets.values() ?? [])].flatMap(({ manifests }) =>
    manifests.layout === "places" ? [manifests] : [],
  );
  return { after: applied(before, files), places };
}

describe.skipIf(HELM === undefined || KUSTOMIZE === undefined)(
  "a chart that runs as two releases (skipped without helm and kustomize)",
  () => {
    it.each(APPS)(
      "%s: helm makes what it made of stable, and of the canary objects that are apart from them and no pods",
      async (name) => {
        const before = chartInput(name);
        const { after } = optedIn(before);
        const [old, now] = [await made(name, before), await made(name, after)];
        expect(old.size).toBeGreaterThan(0);
        for (const [release, objects] of old) {
          const [stable, canary] = [now.get(release) ?? [], now.get(`${release}-canary`) ?? []];
          expect(JSON.stringify(stable)).toBe(JSON.stringify(objects));
          const kinds = (all: typeof objects) =>
            all.map((object) => at(object, "kind")).filter((kind) => kind !== "HorizontalPodAutoscaler");
          expect(kinds(canary)).toEqual(kinds(stable));
          expect(canary.map(keyOf).filter((key) => stable.map(keyOf).includes(key))).toEqual([]);
          const [one, other] = [deploymentsOf(stable), deploymentsOf(canary)];
          expect(other.map(({ replicas }) => replicas)).toEqual([0]);
          expect(selectorsOf(stable).some((selector) => other.some(({ pods }) => selects(selector, pods)))).toBe(false);
          expect(selectorsOf(canary).some((selector) => one.some(({ pods }) => selects(selector, pods)))).toBe(false);
        }
      },
      PATIENCE,
    );

    it.each(APPS)(
      "%s: a bump reaches the canary alone, its pods are its own, and a promotion gives stable the version",
      async (name) => {
        const { after, places } = optedIn(chartInput(name));
        const runs = async (files: Files) => {
          const all = await made(name, files);
          return [...all.values()]
            .flatMap(deploymentsOf)
            .map(({ name: own, image: runs, replicas }) => [
              own.endsWith("-canary"),
              runs.replace(/.*:/, ""),
              replicas,
            ]);
        };
        const bumped = written(after, places, "canary", ({ canary }, text) =>
          setImageTo({ path: canary.path, text }, canary, image("registry.example.com/checkout:1.5.0")),
        );
        const [now, landed] = [await runs(after), await runs(bumped)];
        expect(landed).toEqual(
          now.map(([isCanary, version, count]) => [isCanary, isCanary === true ? "1.5.0" : version, count]),
        );
        const warm = written(bumped, places, "canaryReplicas", (own, text) =>
          setCountTo({ path: podsOf(own).path, text }, podsOf(own), 3, 9),
        );
        expect(await runs(warm)).toEqual(
          landed.map(([isCanary, version, count]) => [isCanary, version, isCanary === true ? 3 : count]),
        );
        const promoted = written(bumped, places, "stable", ({ stable }, text) =>
          setImageTo({ path: stable.path, text }, stable, image("registry.example.com/checkout:1.5.0")),
        );
        expect(await runs(promoted)).toEqual(landed.map(([isCanary, , count]) => [isCanary, "1.5.0", count]));
      },
      PATIENCE,
    );

    it.each(APPS)(
      "%s: helm makes of the chart what is read of it",
      async (name) => {
        const ground = groundOf(chartInput(name));
        const all = await made(name, chartInput(name));
        const service = ground.inventory.fleet.services.find((one) => one.name === "checkout");
        for (const target of service?.targets ?? []) {
          const bringer = service && bringerOf(ground, service, target);
          if (bringer?.kind !== "ok") throw new Error("An Application brings it.");
          const { object, release } = bringer.value;
          const read = valueOf(renders(ground, ground.read, release)).objects.map(({ value }) => value);
          expect(changes(read, all.get(nameOf(object)) ?? [])).toEqual([]);
        }
      },
      PATIENCE,
    );
  },
);

/** The files with the text of some place in each target edited. */
function podsOf({ canaryReplicas }: Places): Place {
  if (canaryReplicas === undefined) throw new Error("The canary has no replicas.");
  return canaryReplicas;
}

function written(
  files: Files,
  places: readonly Places[],
  key: "canary" | "stable" | "canaryReplicas",
  edit: (place: Places, text: string) => Result<string, unknown>,
): Files {
  const texts = places.map((place) => {
    const { path } = key === "canaryReplicas" ? podsOf(place) : place[key];
    const text = edit(place, files.get(path) ?? "");
    if (text.kind === "err") throw new Error(JSON.stringify(text.error));
    return [path, text.value] as const;
  });
  return new Map([...files, ...texts]);
}

describe("opting a chart out", () => {
  const before = chartInput("chart-app-of-apps");
  const opted = () => applied(before, valueOf(optIn(groundOf(before), WISH)).files);

  it("of one target leaves the other as it is", () => {
    const after = opted();
    const one = applied(after, valueOf(optOut(groundOf(after), { service: "checkout", targets: ["staging"] })).files);
    expect([...one.keys()].filter((path) => path.includes("staging"))).toEqual(
      [...before.keys()].filter((path) => path.includes("staging")),
    );
    const both = applied(one, valueOf(optOut(groundOf(one), { service: "checkout", targets: undefined })).files);
    expect(both).toEqual(before);
  });

  it("leaves what people have changed, and what they have put beside the owned values", () => {
    const after = new Map(opted());
    const [application, strange] = ["apps/checkout-prod.yaml", "services/checkout/tidegate/checkout-prod/notes.txt"];
    const text = (after.get(application) ?? "").replace("value: shop", "value: store");
    after.set(application, text).set(strange, "ours\n");
    const back = valueOf(optOut(groundOf(after), { service: "checkout", targets: undefined }));
    expect(applied(after, back.files).get(application)).toBe(
      (before.get(application) ?? "").replace("value: shop", "value: store"),
    );
    expect(back.remarks).toEqual([
      { target: "prod", path: strange, line: 1, says: "it stays: opting in has not written it" },
    ]);
  });

  it("is refused while a version waits, and where its line is gone", () => {
    const after = opted();
    const waiting = new Map(after).set("services/checkout/values-prod.yaml", 'image: { tag: "1.5.0" }\n');
    const refusal = errorOf(optOut(groundOf(waiting), { service: "checkout", targets: ["prod"] }));
    expect(refusal.map(({ code }) => code)).toEqual(["release"]);
    const edited = new Map(after).set("apps/checkout-prod.yaml", before.get("apps/checkout-prod.yaml") ?? "");
    const lost = errorOf(optOut(groundOf(edited), { service: "checkout", targets: ["prod"] }));
    expect(lost.map(({ code, why }) => `${code}: ${why}`)).toEqual(["edited: its line is gone"]);
  });
});
