import { describe, expect, it } from "vitest";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import type { Steps } from "../../src/config/steps.ts";
import type { Template } from "../../src/template/model.ts";
import { valueOf } from "../manifest/builders.ts";
import type { LayoutService } from "../support/layout-files.ts";
import { CAN_KUSTOMIZE, landLayoutBumps, renderedWorld, untilLayoutsRest } from "../support/layout-story.ts";
import { applicationText, deploymentText, kustomizationText, serviceText } from "../support/layout-texts.ts";
import { applied, groundOf, type Files } from "../support/opt-in-ground.ts";
import { leafOf, liveOf, mergedSteps } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { shipped } from "../template/facts.ts";
import { told, UNHURRIED } from "./told.ts";

/** Every template by which Tidegate writes the weights of Services, and a service on each. Those of Rollouts, Knative and Flagger have stories of their own. */
const TEMPLATES = new Map(
  [...shipped().templates.values()]
    .filter(({ drive }) => drive.kind === "route" && drive.router !== "KnativeRoute")
    .map((template) => [template.name.replaceAll("-", ""), template] as const),
);
const NAMES = [...TEMPLATES.keys()];

/** What is said to a template, where it must be. */
function saidTo({ parameters }: Template, service: string): ReadonlyMap<string, string> {
  const host = `${service}.example.com`;
  const says = new Map([
    ["header", "x-tester"],
    ["value", "yes"],
    ["gateway", "public"],
    ["hostname", host],
    ["hostnames", host],
  ]);
  const needed = parameters.filter((one) => one.default.kind === "required");
  return new Map(needed.map(({ name }) => [name, says.get(name) ?? ""]));
}

type Climb = { readonly steps: Steps; readonly leaves: readonly string[] };

/** The steps that a template proposes, of several weights the last one alone, and what comes of them. */
function climbOf({ plan: { steps = [] } }: Template): Climb {
  const few = steps.filter((step, index) => typeof step !== "number" || step === 0 || index === steps.length - 1);
  const moves = few.filter((step) => step !== 0).map(moveOf);
  const leaves = ["warmup", ...moves, "promote", "drain", "rest"].map((leaf, index) => `${index}-${leaf}`);
  return { steps: few, leaves };
}

function moveOf(step: Steps[number]): string {
  return typeof step === "number" ? String(step) : Object.keys(step).join("-");
}

const CLIMBS = new Map([...TEMPLATES].map(([name, template]) => [name, climbOf(template)] as const));
const CONFIG = {
  waves: "[{ targets: [prod], bake: 2s }]",
  services: JSON.stringify([...CLIMBS].map(([name, { steps }]) => ({ names: [name], steps }))),
};

const SERVICES = NAMES.map((name): LayoutService => ({
  name,
  layout: "kustomize",
  targets: ["prod"],
  bumps: "overlay",
}));

const BEFORE: Files = new Map(
  NAMES.flatMap((name) =>
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
  return [...TEMPLATES].reduce((files, [service, template]) => {
    const wish = {
      service,
      targets: undefined,
      template,
      parameters: saidTo(template, service),
      namespace: undefined,
    };
    return applied(files, valueOf(optIn(groundOf(files), wish)).files);
  }, BEFORE);
}

function leaves(story: Story): ReadonlyMap<string, readonly string[]> {
  return new Map(NAMES.map((name) => [name, mergedSteps(story, name).map(leafOf)]));
}

function live(story: Story) {
  return NAMES.map((name) => liveOf(story, `${name}/prod`));
}

function resting(version: string) {
  return NAMES.map((name) => ({ weight: 0, canary: [], stable: [imageOf(name, version)] }));
}

describe.skipIf(!CAN_KUSTOMIZE)("a service on every template (skipped without kustomize and kubectl)", () => {
  it.concurrent(
    "goes to its promotion",
    UNHURRIED,
    told(renderedWorld(optedIn(), { config: CONFIG }), async (story) => {
      await landLayoutBumps(story, SERVICES, "1.1.0");
      await untilLayoutsRest(story, SERVICES);
      expect(leaves(story)).toEqual(new Map([...CLIMBS].map(([name, climb]) => [name, climb.leaves])));
      expect(live(story)).toEqual(resting("1.1.0"));
    }),
  );

  it.concurrent(
    "is taken back by its gate, and opting it out then gives what people had",
    UNHURRIED,
    told(
      renderedWorld(optedIn(), {
        config: CONFIG,
        faults: new Map(NAMES.map((name) => [imageOf(name, "2.0.0"), { kind: "addedErrors", rate: 0.3 }])),
      }),
      async (story) => {
        await landLayoutBumps(story, SERVICES, "2.0.0");
        await story.until("a step of each", async () => [...leaves(story).values()].every((one) => one.length > 0));
        await untilLayoutsRest(story, SERVICES);
        const failed = [...CLIMBS].map(
          ([name, climb]) => [name, [...climb.leaves.slice(0, 2), "abort", "take-back"]] as const,
        );
        expect(leaves(story)).toEqual(new Map(failed));
        expect(live(story)).toEqual(resting("1.0.0"));
        const paths = [...optedIn().keys()];
        const now = new Map(await Promise.all(paths.map(async (path) => [path, await story.file(path)] as const)));
        const back = NAMES.reduce<Files>(
          (files, name) =>
            applied(files, valueOf(optOut(groundOf(files), { service: name, targets: undefined })).files),
          now,
        );
        expect(back).toEqual(BEFORE);
      },
    ),
  );
});
