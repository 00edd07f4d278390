import { describe, expect, it } from "vitest";
import { BESIDE_ROLLOUTS } from "../../src/sandbox/cluster/application.ts";
import type { VersionFault } from "../../src/sandbox/cluster/traffic.ts";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { valueOf } from "../manifest/builders.ts";
import { bumpedFile, type LayoutService } from "../support/layout-files.ts";
import {
  CAN_KUSTOMIZE,
  landLayoutBumps,
  renderedWorld,
  untilLayoutsRest,
  withVersion,
} from "../support/layout-story.ts";
import { applicationText, kustomizationText, serviceText } from "../support/layout-texts.ts";
import { applied, groundOf, type Files } from "../support/opt-in-ground.ts";
import { leafOf, mergedSteps } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { shipped, templateIn } from "../template/facts.ts";
import { told, UNHURRIED } from "./told.ts";

const LIBRARY = shipped();

/** A service on each template that drives a Rollout; what is said to it, and whether people's overlay says the version. */
const WISHES: Readonly<Record<string, { readonly template: string; readonly says: Readonly<Record<string, string>> }>> =
  {
    ledger: { template: "canary-argo-rollouts-nginx", says: { hostnames: "ledger.example.com" } },
    mailer: { template: "canary-argo-rollouts-istio", says: {} },
    orders: { template: "canary-argo-rollouts-gateway-api", says: { gateway: "public" } },
    parcels: { template: "canary-argo-rollouts-alb", says: { hostnames: "parcels.example.com" } },
    press: { template: "canary-argo-rollouts", says: {} },
  };
const NAMES = Object.keys(WISHES);
const SERVICES: readonly LayoutService[] = NAMES.map((name, index) => ({
  name,
  layout: "kustomize",
  targets: ["prod"],
  bumps: index % 2 === 0 ? "overlay" : "base",
}));

/** What people have of a service: a base and an overlay of it. */
function theirs({ name, bumps }: LayoutService): Readonly<Record<string, string>> {
  const images = `images:\n  - name: registry.example.com/shop/${name}\n    newTag: "1.0.0" # bumped by a bot\n`;
  return {
    [`apps/${name}/base/kustomization.yaml`]: kustomizationText({ resources: ["deployment.yaml", "service.yaml"] }),
    [`apps/${name}/base/deployment.yaml`]: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 4
  selector:
    matchLabels: { app: ${name} }
  template:
    metadata:
      labels: { app: ${name} }
    spec:
      containers:
        - name: ${name}
          image: registry.example.com/shop/${name}:1.0.0
`,
    [`apps/${name}/base/service.yaml`]: serviceText(name, `app: ${name}`),
    [`apps/${name}/prod/kustomization.yaml`]: `${kustomizationText({ namespace: ["prod"], resources: ["../base"] })}${bumps === "overlay" ? images : ""}`,
    [`clusters/${name}-prod.yaml`]: applicationText({
      name: `${name}-prod`,
      target: "prod",
      path: `apps/${name}/prod`,
    }),
  };
}

const BEFORE: Files = new Map(SERVICES.flatMap((service) => Object.entries(theirs(service))));

/** Every service a step further in. */
function stepIn(files: Files): Files {
  return Object.entries(WISHES).reduce((now, [service, { template, says }]) => {
    const wish = {
      service,
      targets: undefined,
      template: templateIn(LIBRARY, template),
      parameters: new Map(Object.entries(says)),
      namespace: undefined,
    };
    return applied(now, valueOf(optIn(groundOf(now), wish)).files);
  }, files);
}

function stepOut(files: Files): Files {
  return NAMES.reduce(
    (now, service) => applied(now, valueOf(optOut(groundOf(now), { service, targets: undefined })).files),
    files,
  );
}

const WORLD = {
  requests: "byRole",
  policy: () => BESIDE_ROLLOUTS,
  config: { waves: "[{ targets: [prod], steps: [50], bake: 2s }]" },
} as const;
const FAILING: VersionFault = { kind: "errorRatio", ratio: 10 };

const FATES = [
  {
    title: "promoted where the version is good",
    steps: ["0-begin", "1-50", "2-promote", "3-rest"],
    runs: "1.1.0",
    by: [],
  },
  {
    title: "taken back where it fails its gate",
    fault: FAILING,
    steps: ["0-begin", "1-50", "abort", "take-back"],
    runs: "1.0.0",
    by: ["gate"],
  },
] as const;

/** What the Rollout of each service is at. */
function running(story: Story) {
  const { rollouts } = story.cluster.snapshot();
  return NAMES.map((name) => {
    const { phase, stable, current } = rollouts.find((one) => one.name === name) ?? {};
    return { phase, stable, current };
  });
}

/** The routes of people and of templates; a Rollout without a router has its Service for one, without the Deployment's pods. */
function routed(story: Story) {
  return story.cluster.snapshot().routes.filter(({ kind }) => kind !== "Service");
}

/** How many ready pods stable's Service has, by the route's name. */
function podsBehind(story: Story): Readonly<Record<string, number | undefined>> {
  const entries = routed(story).map(({ name, backends }) => {
    const stable = backends.find(({ service }) => service === name);
    return [name, stable?.pods.reduce((sum, { ready }) => sum + ready, 0)] as const;
  });
  return Object.fromEntries(entries);
}

describe.skipIf(!CAN_KUSTOMIZE)("services opted in to Rollouts (skipped without kustomize and kubectl)", () => {
  it.concurrent.each(FATES)(
    "a release on every template is $title; opting out then gives what people had",
    async ({ steps, runs, by, ...fate }) => {
      const faults = new Map("fault" in fate ? NAMES.map((name) => [imageOf(name, "1.1.0"), fate.fault] as const) : []);
      await told(renderedWorld(stepIn(stepIn(BEFORE)), { ...WORLD, faults }), async (story) => {
        await landLayoutBumps(story, SERVICES, "1.1.0");
        await story.until("a step of each", async () => NAMES.every((name) => mergedSteps(story, name).length > 0));
        await untilLayoutsRest(story, SERVICES);
        expect(NAMES.map((name) => [name, mergedSteps(story, name).map(leafOf)])).toEqual(
          NAMES.map((name) => [name, steps]),
        );
        expect(running(story)).toEqual(
          NAMES.map((name) => ({ phase: "Completed", stable: imageOf(name, runs), current: imageOf(name, runs) })),
        );
        for (const name of NAMES) expect((await story.state(name)).blocked.map((one) => one.by)).toEqual(by);
        const paths = [...stepIn(stepIn(BEFORE)).keys()];
        const now = new Map(await Promise.all(paths.map(async (path) => [path, await story.file(path)] as const)));
        const bumped = new Set(SERVICES.map((service) => bumpedFile(service, "prod")));
        const ran = [...BEFORE].map(
          ([path, text]) => [path, bumped.has(path) ? withVersion(text, runs) : text] as const,
        );
        expect(stepOut(stepOut(now))).toEqual(new Map(ran));
      })();
    },
    UNHURRIED.timeout,
  );

  it.concurrent(
    "come in, and have their Deployments' pods again, without a request that no pod answers",
    UNHURRIED,
    told(renderedWorld(BEFORE, WORLD), async (story) => {
      const land = async (files: Files, next: Files, title: string): Promise<void> => {
        // What nothing refers to any more may as well stay.
        await story.push(
          "ana",
          Object.fromEntries([...next].filter(([path, text]) => files.get(path) !== text)),
          title,
        );
        await story.pass(20_000);
      };
      const first = stepIn(BEFORE);
      await land(BEFORE, first, "Set Rollouts beside the Deployments");
      expect(podsBehind(story)).toEqual({ ledger: 8, mailer: 8, orders: 8 });
      const second = stepIn(first);
      await land(first, second, "Hand over their pods");
      expect(podsBehind(story)).toEqual({ ledger: 4, mailer: 4, orders: 4, parcels: 4 });
      const all = running(story).map(({ phase, stable }) => ({ phase, stable }));
      expect(all).toEqual(NAMES.map((name) => ({ phase: "Completed", stable: imageOf(name, "1.0.0") })));
      await land(second, stepOut(second), "Give the Deployments their pods again");
      expect(running(story).map(({ phase }) => phase)).toEqual(NAMES.map(() => "Completed"));
      expect(routed(story).map(({ unanswered }) => unanswered)).toEqual(routed(story).map(() => 0));
    }),
  );
});
