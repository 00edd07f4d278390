import { describe, expect, it } from "vitest";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { valueOf } from "../manifest/builders.ts";
import type { LayoutService } from "../support/layout-files.ts";
import { CAN_KUSTOMIZE, landLayoutBumps, renderedWorld, untilLayoutsRest } from "../support/layout-story.ts";
import { applicationText, deploymentText, kustomizationText, serviceText } from "../support/layout-texts.ts";
import { applied, groundOf, type Files } from "../support/opt-in-ground.ts";
import { leafOf, liveOf, mergedSteps } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { shipped, templateIn } from "../template/facts.ts";
import { told, UNHURRIED } from "./told.ts";

/** Services of templates whose plans are more than weights, and of one whose route is beside objects of its own. */
const TEMPLATES = {
  checkout: ["ab-header-istio", { header: "x-tester", value: "yes" }],
  search: ["ab-header-nginx", { header: "x-tester", value: "yes", hostnames: "search.example.com" }],
  mail: ["ab-header-traefik", { header: "x-tester", value: "yes", hostnames: "mail.example.com" }],
  cart: ["blue-green-gateway-api", { gateway: "public" }],
  payments: ["dark-release-istio", {}],
  orders: ["canary-app-mesh", {}],
} as const;
const LIBRARY = shipped();
const SERVICES = Object.keys(TEMPLATES).map((name): LayoutService => ({
  name,
  layout: "kustomize",
  targets: ["prod"],
  bumps: "overlay",
}));
const CONFIG = {
  waves: "[{ targets: [prod], bake: 2s }]",
  services:
    "[{ names: [checkout, search, mail], steps: [{ testers: true }, 50] }, { names: [cart], steps: [0, 100] }, { names: [payments], steps: [{ mirror: 50 }, 25] }, { names: [orders], steps: [25] }]",
};
const TESTED = ["0-warmup", "1-testers", "2-50", "3-promote", "4-drain", "5-rest"];
const CLIMBS = {
  checkout: TESTED,
  search: TESTED,
  mail: TESTED,
  cart: ["0-warmup", "1-100", "2-promote", "3-drain", "4-rest"],
  payments: ["0-warmup", "1-mirror", "2-25", "3-promote", "4-drain", "5-rest"],
  orders: ["0-warmup", "1-25", "2-promote", "3-drain", "4-rest"],
};

const BEFORE: Files = new Map(
  SERVICES.flatMap(({ name }) =>
    Object.entries({
      [`apps/${name}/base/kustomization.yaml`]: kustomizationText({ resources: ["deployment.yaml", "service.yaml"] }),
      [`apps/${name}/base/deployment.yaml`]: deploymentText(name).replace("replicas: 1", "replicas: 4"),
      [`apps/${name}/base/service.yaml`]: serviceText(name, `app: ${name}`),
      [`apps/${name}/prod/kustomization.yaml`]: `${kustomizationText({ namespace: ["prod"], resources: ["../base"] })}images:\n  - name: registry.example.com/shop/${name}\n    newTag: "1.0.0"\n`,
      [`clusters/${name}-prod.yaml`]: applicationText({
        name: `${name}-prod`,
        target: "prod",
        path: `apps/${name}/prod`,
      }),
    }),
  ),
);

function optedIn(): Files {
  return Object.entries(TEMPLATES).reduce((files, [service, [template, given]]) => {
    const parameters = new Map(Object.entries(given));
    const wish = {
      service,
      targets: undefined,
      template: templateIn(LIBRARY, template),
      parameters,
      namespace: undefined,
    };
    return applied(files, valueOf(optIn(groundOf(files), wish)).files);
  }, BEFORE);
}

function leaves(story: Story) {
  return Object.fromEntries(SERVICES.map(({ name }) => [name, mergedSteps(story, name).map(leafOf)]));
}

function live(story: Story) {
  return SERVICES.map(({ name }) => liveOf(story, `${name}/prod`));
}

function resting(version: string) {
  return SERVICES.map(({ name }) => ({ weight: 0, canary: [], stable: [imageOf(name, version)] }));
}

describe.skipIf(!CAN_KUSTOMIZE)(
  "services on templates of tests, switches and copies (skipped without kustomize and kubectl)",
  () => {
    it.concurrent(
      "go to their promotion",
      UNHURRIED,
      told(renderedWorld(optedIn(), { config: CONFIG }), async (story) => {
        await landLayoutBumps(story, SERVICES, "1.1.0");
        await untilLayoutsRest(story, SERVICES);
        expect(leaves(story)).toEqual(CLIMBS);
        expect(live(story)).toEqual(resting("1.1.0"));
      }),
    );

    it.concurrent(
      "are taken back by their gate, and opting them out then gives what people had",
      UNHURRIED,
      told(
        renderedWorld(optedIn(), {
          config: CONFIG,
          faults: new Map(SERVICES.map(({ name }) => [imageOf(name, "2.0.0"), { kind: "addedErrors", rate: 0.3 }])),
        }),
        async (story) => {
          await landLayoutBumps(story, SERVICES, "2.0.0");
          await story.until("a step of each", async () => Object.values(leaves(story)).every((one) => one.length > 0));
          await untilLayoutsRest(story, SERVICES);
          expect(leaves(story)).toEqual(
            Object.fromEntries(
              Object.entries(CLIMBS).map(([of, climb]) => [of, [...climb.slice(0, 2), "abort", "take-back"]]),
            ),
          );
          expect(live(story)).toEqual(resting("1.0.0"));
          const paths = [...optedIn().keys()];
          const now = new Map(await Promise.all(paths.map(async (path) => [path, await story.file(path)] as const)));
          const back = SERVICES.reduce<Files>(
            (files, { name }) =>
              applied(files, valueOf(optOut(groundOf(files), { service: name, targets: undefined })).files),
            now,
          );
          expect(back).toEqual(BEFORE);
        },
      ),
    );
  },
);
