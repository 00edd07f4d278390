import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { readSpec } from "../../src/manifest/layouts/rollout-spec.ts";
import { ownedText } from "../../src/manifest/layouts/owned-text.ts";
import { ROUTERS } from "../../src/manifest/routers/drive.ts";
import { readPromotion } from "../../src/manifest/routers/rollout-promotion.ts";
import { readSteps, REST } from "../../src/manifest/routers/rollout-steps.ts";
import { weight } from "../../src/core/weight.ts";
import { instantiate } from "../../src/template/instantiate.ts";
import type { Instance, Template, TemplateFacts } from "../../src/template/model.ts";
import { valueOf } from "../manifest/builders.ts";
import { hasCrds, schemas } from "../support/crds.ts";
import { schemaFaults, type StructuralSchema } from "../support/structural-schema.ts";
import { FACTS, shipped } from "./facts.ts";

const { templates, problems } = shipped();
const STORIES = new URL("../stories/", import.meta.url);
const ALL = [...templates].map(([name, template]) => [name, template] as const);

/** A value for each parameter that has none, or for every one. */
function given({ parameters }: Template, which: "needed" | "all"): ReadonlyMap<string, string> {
  const asked = parameters.filter(({ default: usual }) => which === "all" || usual.kind === "required");
  return new Map(
    asked.map(({ name, type, choices, range }) => {
      const samples = {
        text: name,
        name: name.toLowerCase(),
        integer: String(range === undefined ? 5 : within(range, 5)),
        boolean: "true",
        duration: "10m",
        hostnames: "a.example.com,b.example.com",
      };
      if (name === "path") return [name, "/api"];
      return [name, choices?.at(-1) ?? samples[type]];
    }),
  );
}

function within({ least, most }: { readonly least: number; readonly most: number }, value: number): number {
  return Math.min(most, Math.max(least, value));
}

function made(template: Template, facts: TemplateFacts, which: "needed" | "all" = "needed"): Instance["objects"] {
  return valueOf(instantiate(template, given(template, which), facts)).objects;
}

function page(objects: Instance["objects"]): string {
  return objects.map(({ file, object }) => `# ${file}\n${ownedText(object)}`).join("---\n");
}

describe("the templates that are shipped", () => {
  it("are all understood", () => {
    expect(problems).toEqual([]);
    expect(ALL.length).toBeGreaterThan(0);
  });

  it.each(ALL)(
    "%s: what it makes of a service that nothing routes (vitest -u writes it anew)",
    async (name, template) => {
      await expect(page(made(template, FACTS))).toMatchFileSnapshot(`../golden/templates/${name}/needed.yaml`);
      await expect(page(made(template, FACTS, "all"))).toMatchFileSnapshot(`../golden/templates/${name}/all.yaml`);
    },
  );

  it.each(ALL)("%s leaves its route out where there is one", (_, template) => {
    const routed = made(template, { ...FACTS, isRouted: true }, "all").map(({ file }) => file);
    const others = template.objects.filter(({ unless }) => unless === undefined).map(({ file }) => file);
    expect(routed).toEqual(others);
  });

  it.each(ALL)("%s needs no parameter where the service is routed", (_, template) => {
    expect(instantiate(template, new Map(), { ...FACTS, isRouted: true })).toMatchObject({ kind: "ok" });
  });

  it.each(ALL)("%s: what holds the weight is understood and at rest", (_, template) => {
    const { drive } = template;
    if (drive.kind === "canary") {
      // What holds the weight is there already.
      expect(template.objects).toEqual([]);
      return;
    }
    for (const which of ["needed", "all"] as const) {
      const texts = new Map(made(template, FACTS, which).map(({ file, object }) => [file, ownedText(object)]));
      const { namespace, services, workloads } = FACTS;
      if (drive.kind === "route") {
        const file = { path: "route.yaml", text: texts.get("route.yaml") ?? "" };
        const of = { namespace, arms: services, destinations: undefined };
        expect(valueOf(ROUTERS[drive.router].read(file, of))).toBe(0);
        const moved = valueOf(ROUTERS[drive.router].set(file, of, weight(25)));
        expect(valueOf(ROUTERS[drive.router].read({ ...file, text: moved }, of))).toBe(25);
        continue;
      }
      const file = { path: "rollout.yaml", text: texts.get("rollout.yaml") ?? "" };
      if (drive.strategy === "blueGreen") expect(valueOf(readPromotion(file, { namespace }))).toBe(false);
      else expect(valueOf(readSteps(file, { namespace }))).toEqual(REST);
      const isByPods = drive.strategy === "canary" && drive.router === undefined;
      const arms = { ...(isByPods ? workloads : services), by: isByPods ? "workload" : "service" } as const;
      const manifests = {
        layout: "rollout",
        rollout: file.path,
        workload: "deployment.yaml",
        stableTemplate: "",
      } as const;
      expect(valueOf(readSpec(file, { arms, manifests }))).toMatchObject({
        name: "checkout",
        deployment: "checkout",
        replicas: 4,
      });
    }
  });

  it.each(ALL.filter(([, { drive }]) => drive.router === "KnativeRoute" || drive.kind !== "route"))(
    "%s has releases told in a story of its own: templates.test.ts tells the others",
    (name) => {
      const texts = readdirSync(STORIES).map((file) => readFileSync(new URL(file, STORIES), "utf8"));
      expect(texts.filter((text) => new RegExp(String.raw`\b${name}["\`,]`).test(text))).not.toEqual([]);
    },
  );

  it.each(ALL)("%s: what is said of it fits on a page", (_, template) => {
    expect(template.title.length).toBeLessThan(80);
    expect(template.summary).toMatch(/^[A-Z].*\.$/);
    for (const { help } of template.parameters) expect(help).toMatch(/^[A-Z].*\.$/);
    expect(template.plan.steps?.length).toBeGreaterThan(0);
  });
});

// Kinds of Kubernetes itself have no CustomResourceDefinition, and those of these groups are not among the given ones.
const WITHOUT = new Set([
  "networking.k8s.io",
  "gateway.networking.k8s.io",
  "projectcontour.io",
  "traefik.io",
  "gateway.solo.io",
  "kuma.io",
  "route.openshift.io",
  "consul.hashicorp.com",
  "getambassador.io",
  "appmesh.k8s.aws",
  "serving.knative.dev",
]);

// The definitions lie beside the repository, and only where somebody put them.
describe.skipIf(!hasCrds)(
  "shipped templates and the schemas of their objects (skipped where ../shared is missing)",
  () => {
    let known: ReadonlyMap<string, StructuralSchema> = new Map();
    beforeAll(() => {
      known = schemas();
    }, 300_000);

    it.each(ALL)("%s", (_, template) => {
      for (const { object } of made(template, FACTS, "all")) {
        const { apiVersion, kind, metadata: _metadata, ...own } = object;
        const type = [apiVersion, kind].filter((one) => typeof one === "string").join("/");
        // Istio's v1 objects have the schemas of v1beta1; the given definitions are older than the name.
        const schema = known.get(type.replace("networking.istio.io/v1/", "networking.istio.io/v1beta1/"));
        expect([type, schema === undefined]).toEqual([type, WITHOUT.has(type.split("/")[0] ?? "")]);
        expect(schema === undefined ? [] : schemaFaults(own, schema)).toEqual([]);
      }
    });
  },
);
