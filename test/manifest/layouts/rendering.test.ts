import { afterEach, describe, expect, it } from "vitest";
import { proveChart } from "../../../bench/render-charts.ts";
import { madeKustomizations } from "../../../bench/render-folders.ts";
import { proveOverlay } from "../../../bench/render-overlays.ts";
import { at, changes, imageIn, keyOf } from "../../../bench/render-objects.ts";
import { findHelm, findKustomize, render, type Json, type Renderer } from "../../../bench/render-tools.ts";
import { workplace, type Files, type Workplace } from "../../../bench/render-tree.ts";
import { image } from "../../../src/core/image.ts";
import { parseState } from "../../../src/config/state-file.ts";
import { overlayLabels } from "../../../src/manifest/layouts/overlay-labels.ts";
import { setCountTo, setImageTo } from "../../../src/manifest/layouts/place.ts";
import { layoutFiles } from "../../support/layout-files.ts";
import { valueOf } from "../builders.ts";
import { goldenFiles } from "./golden.ts";

const KUSTOMIZE = findKustomize();
const HELM = findHelm();
const PATIENCE = 120_000;

const places: Workplace[] = [];
afterEach(() => {
  for (const { remove } of places.splice(0)) remove();
});

function placed(files: Files): Workplace {
  const place = workplace(files);
  places.push(place);
  return place;
}

/** Runs the test with the program, which is there. */
function having(renderer: Renderer | undefined): Renderer {
  if (renderer === undefined) throw new Error("The test is skipped without the program.");
  return renderer;
}

async function rendered(place: Workplace, renderer: Renderer, given: readonly string[]): Promise<readonly Json[]> {
  const done = await render(renderer, place.folder, given);
  if (done.kind === "failed") throw new Error(done.said);
  return done.objects;
}

function deployment(objects: readonly Json[], name: string): Json | undefined {
  return objects.find((object) => keyOf(object).endsWith(`/${name}`) && at(object, "kind") === "Deployment");
}

describe.skipIf(KUSTOMIZE === undefined)(
  "an overlay that kustomize renders (skipped without kustomize and kubectl)",
  () => {
    it.each(["overlay", "component", "digest"])(
      "%s: opting in, a bump, a weight, a promotion and its way back change what they say and nothing else",
      async (folder) => {
        const place = placed(goldenFiles(`${folder}/before`));
        const path = "prod/kustomization.yaml";
        const outcomes = await proveOverlay({ place, kustomize: having(KUSTOMIZE), path });
        const service = folder === "overlay" ? "eu-checkout" : "checkout";
        expect(outcomes).toEqual([{ kind: "intended", path, service }]);
      },
      PATIENCE,
    );

    it(
      "pins a container and none whose name merely has its own in it",
      async () => {
        const files = [...goldenFiles("overlay/before")].map(
          ([path, text]) => [path, text.replaceAll("name: proxy", "name: app-proxy")] as const,
        );
        const path = "prod/kustomization.yaml";
        const outcomes = await proveOverlay({ place: placed(new Map(files)), kustomize: having(KUSTOMIZE), path });
        expect(outcomes).toEqual([{ kind: "intended", path, service: "eu-checkout" }]);
      },
      PATIENCE,
    );

    it(
      "is what Flux makes of a folder without a kustomization, and changes what it says and nothing else as well",
      async () => {
        const base = [...goldenFiles("component/before/base")].filter(([path]) => path !== "kustomization.yaml");
        const files = new Map([
          ...base.map(([path, text]) => [`plain/${path}`, text] as const),
          ["patches/checkout.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: checkout }\n"],
        ]);
        const made = madeKustomizations(files);
        expect([...made.keys()]).toEqual(["plain/kustomization.yaml"]);
        const place = placed(new Map([...files, ...made]));
        const path = "plain/kustomization.yaml";
        const outcomes = await proveOverlay({ place, kustomize: having(KUSTOMIZE), path });
        expect(outcomes).toEqual([{ kind: "intended", path, service: "checkout" }]);
        expect(madeKustomizations(goldenFiles("component/before"))).toEqual(new Map());
      },
      PATIENCE,
    );

    it(
      "overwrites what a component pins, which is why the pin is a transformer",
      async () => {
        const files = goldenFiles("component/before");
        const objects = await rendered(placed(files), having(KUSTOMIZE), ["prod"]);
        expect(imageIn(deployment(objects, "checkout"), "app")).toBe("registry.example.com/checkout:1.41.0");
        const opted = new Map([...files, ...goldenFiles("component/after")]);
        const bumped = [...opted].map(
          ([path, text]) =>
            [path, path === "prod/kustomization.yaml" ? text.replace("1.41.0", "1.42.0") : text] as const,
        );
        const after = await rendered(placed(new Map(bumped)), having(KUSTOMIZE), ["prod"]);
        expect(imageIn(deployment(after, "checkout"), "app")).toBe("registry.example.com/checkout:1.41.0");
        expect(imageIn(deployment(after, "checkout-canary"), "app")).toBe("registry.example.com/checkout:1.42.0");
      },
      PATIENCE,
    );

    it(
      "gives the canary what people change in the pod template, at once",
      async () => {
        const files = new Map([...goldenFiles("overlay/before"), ...goldenFiles("overlay/after")]);
        const base = "base/deployment.yaml";
        const changed = (files.get(base) ?? "").replace("containerPort: 8080", "containerPort: 9090");
        const before = await rendered(placed(files), having(KUSTOMIZE), ["prod"]);
        const after = await rendered(placed(new Map([...files, [base, changed]])), having(KUSTOMIZE), ["prod"]);
        const port = "/spec/template/spec/containers/0/ports/0/containerPort";
        expect(changes(before, after)).toEqual(
          ["eu-checkout", "eu-checkout-canary"].map((name) => `apps/v1/Deployment/shop/${name} ${port}`),
        );
      },
      PATIENCE,
    );

    it(
      "gives pods the labels that are read without rendering",
      async () => {
        const files = layoutFiles({ name: "cart", layout: "kustomize", targets: ["prod"], bumps: "overlay" });
        const path = ".tidegate/services/cart.yaml";
        const state = parseState({ path, text: files.get(path) ?? "" });
        const [target] = state.kind === "ok" ? state.value.targets.values() : [];
        if (target?.manifests.layout !== "places") throw new Error("It has places.");
        const read = overlayLabels(
          [...files].map(([file, text]) => ({ path: file, text })),
          target.manifests,
        );
        const objects = await rendered(placed(files), having(KUSTOMIZE), ["apps/cart/prod"]);
        const labelsOf = (name: string) =>
          at(deployment(objects, name) ?? null, "spec", "template", "metadata", "labels");
        expect(labelsOf("cart-canary")).toEqual(Object.fromEntries(read?.canary ?? []));
        expect(labelsOf("cart")).toEqual(Object.fromEntries(read?.stable ?? []));
      },
      PATIENCE,
    );

    it(
      "notices a pin that does not hold",
      async () => {
        const files = new Map([...goldenFiles("overlay/before"), ...goldenFiles("overlay/after")]);
        const stable = "prod/tidegate/checkout/stable.yaml";
        const place = placed(files);
        const before = await rendered(place, having(KUSTOMIZE), ["prod"]);
        const moved = new Map([[stable, (files.get(stable) ?? "").replace("1.41.0", "1.0.0")]]);
        const after = await place.withTexts(moved, () => rendered(place, having(KUSTOMIZE), ["prod"]));
        expect(changes(before, after)).toEqual(
          ["containers/0", "initContainers/0"].map(
            (container) => `apps/v1/Deployment/shop/eu-checkout /spec/template/spec/${container}/image`,
          ),
        );
      },
      PATIENCE,
    );
  },
);

describe.skipIf(HELM === undefined)("a chart that helm renders (skipped without helm)", () => {
  it(
    "runs as two releases with owned values",
    async () => {
      const place = placed(new Map([...goldenFiles("chart/before")].map(([path, text]) => [`chart/${path}`, text])));
      const values = "chart/values-prod.yaml";
      const outcomes = await proveChart({ place, helm: having(HELM), chart: "chart", values });
      expect(outcomes).toEqual([{ kind: "intended", path: values, service: "app" }]);
    },
    PATIENCE,
  );

  it(
    "has both arms in one release where it is there under two aliases",
    async () => {
      const files = goldenFiles("aliases/before");
      const pin = {
        path: "tidegate-values.yaml",
        text: "stable:\n  image:\n    repository: registry.example.com/checkout\n    tag: 1.41.0\ncanary:\n  replicas: 0\n  weight: 0\n",
      };
      const place = placed(files);
      const all = (texts: Files) =>
        place.withTexts(texts, () => rendered(place, having(HELM), ["shop", ".", "--values", pin.path]));
      const next = image("registry.example.com/checkout:1.42.0");
      const people = { path: "values.yaml", text: files.get("values.yaml") ?? "" };
      const bumped = valueOf(setImageTo(people, { path: people.path, at: "canary.image.tag", image: undefined }, next));
      const opted = await all(new Map([[pin.path, pin.text]]));
      const landed = await all(
        new Map([
          [pin.path, pin.text],
          [people.path, bumped],
        ]),
      );
      expect(changes(opted, landed)).toEqual([
        "apps/v1/Deployment//checkout-canary /spec/template/spec/containers/0/image",
      ]);
      const share = valueOf(setCountTo(pin, { path: pin.path, at: "canary.weight" }, 5, 100));
      expect(
        changes(
          landed,
          await all(
            new Map([
              [pin.path, share],
              [people.path, bumped],
            ]),
          ),
        ),
      ).toEqual(
        [0, 1].map(
          (backend) => `gateway.networking.k8s.io/v1/HTTPRoute//checkout /spec/rules/0/backendRefs/${backend}/weight`,
        ),
      );
      const promoted = valueOf(setImageTo(pin, { path: pin.path, at: "stable.image.tag", image: undefined }, next));
      expect(
        changes(
          landed,
          await all(
            new Map([
              [pin.path, promoted],
              [people.path, bumped],
            ]),
          ),
        ),
      ).toEqual(["apps/v1/Deployment//checkout /spec/template/spec/containers/0/image"]);
    },
    PATIENCE,
  );

  it(
    "is told where its chart calls the objects of two releases the same",
    async () => {
      const files = [...goldenFiles("chart/before")].map(
        ([path, text]) => [path, text.replaceAll("{{ .Release.Name }}", "checkout")] as const,
      );
      const place = placed(new Map(files.map(([path, text]) => [`chart/${path}`, text])));
      const outcomes = await proveChart({
        place,
        helm: having(HELM),
        chart: "chart",
        values: "chart/values-prod.yaml",
      });
      expect(outcomes).toMatchObject([
        { kind: "refused", reason: "the chart calls the Deployments of two releases the same" },
      ]);
    },
    PATIENCE,
  );
});
