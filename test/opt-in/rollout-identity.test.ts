import * as fc from "fast-check";
import { expect, it } from "vitest";
import { evaluate } from "../../src/manifest/kustomize/evaluate.ts";
import { kindOf } from "../../src/manifest/kustomize/object.ts";
import { at } from "../../src/manifest/kustomize/value.ts";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { difference } from "../../src/opt-in/proof.ts";
import { valueOf } from "../manifest/builders.ts";
import { applied, groundOf, type Files } from "../support/opt-in-ground.ts";
import { shipped, templateIn } from "../template/facts.ts";

const LIBRARY = shipped();
const TEMPLATES = [...LIBRARY.templates.values()]
  .filter(({ drive }) => drive.kind === "rollout")
  .map(({ name, drive }) => ({ name, isByPods: drive.router === undefined && name.startsWith("canary") }));
const SAYS = { hostnames: "cart.example.com", gateway: "public" };

/** How an overlay is written, and who says how many pods there are and which version. */
type Style = {
  readonly template: (typeof TEMPLATES)[number];
  readonly list: "block" | "flow" | "indented";
  readonly head: string;
  readonly end: string;
  readonly count: "deployment" | "overlay" | "autoscaler" | "both";
  readonly version: "deployment" | "overlay";
};

const styles: fc.Arbitrary<Style> = fc.record({
  template: fc.constantFrom(...TEMPLATES),
  list: fc.constantFrom("block", "flow", "indented"),
  head: fc.constantFrom("", "# Ours.\n", "---\n", "kind: Kustomization\n\n"),
  end: fc.constantFrom("", "\n", "\n\n", "\n# The end.\n"),
  count: fc.constantFrom("deployment", "overlay", "autoscaler", "both"),
  version: fc.constantFrom("deployment", "overlay"),
});

function repository({ list, head, end, count, version }: Style): Files {
  const isScaled = count === "autoscaler" || count === "both";
  const names = ["../base", ...(isScaled ? ["hpa.yaml"] : [])];
  const dash = list === "indented" ? "    - " : "- ";
  const listed = list === "flow" ? ` [ ${names.join(", ")} ]` : `\n${names.map((name) => `${dash}${name}`).join("\n")}`;
  const said = [
    "namespace: shop",
    `resources:${listed}`,
    ...(version === "overlay" ? ["images:\n- name: r/cart\n  newTag: 1.4.0 # bumped"] : []),
    ...(count === "overlay" ? ["replicas: [{ name: cart, count: 5 }]"] : []),
  ];
  return new Map(
    Object.entries({
      "base/kustomization.yaml": "resources: [app.yaml]\n",
      "base/app.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: { name: cart }
spec:
${count === "deployment" || count === "both" ? "  replicas: 3\n" : ""}  selector: { matchLabels: { app: cart } }
  template:
    metadata: { labels: { app: cart } }
    spec: { containers: [{ name: cart, image: "r/cart:1.0.0" }] }
---
apiVersion: v1
kind: Service
metadata: { name: cart }
spec: { selector: { app: cart }, ports: [{ port: 80 }] }
`,
      "prod/kustomization.yaml": `${head}${said.join("\n")}${end}`,
      ...(isScaled ? { "prod/hpa.yaml": AUTOSCALER } : {}),
    }),
  );
}

const AUTOSCALER = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: cart }
spec: { maxReplicas: 9, scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: cart } }
`;

function stepIn(files: Files, template: string): Files {
  const chosen = templateIn(LIBRARY, template);
  const given = Object.entries(SAYS).filter(([key]) => chosen.parameters.some(({ name }) => name === key));
  const parameters = new Map(given);
  const wish = { service: "cart", targets: undefined, template: chosen, parameters, namespace: undefined };
  return applied(files, valueOf(optIn(groundOf(files), wish)).files);
}

function stepOut(files: Files): Files {
  return applied(files, valueOf(optOut(groundOf(files), { service: "cart", targets: undefined })).files);
}

function rendered(files: Files) {
  return evaluate((path) => files.get(path), "prod");
}

/** Which of the two have pods, by the number that is rendered or by what scales them. */
function withPods(files: Files): readonly string[] {
  const { objects } = rendered(files);
  const runs = objects.filter((object) => ["Deployment", "Rollout"].includes(kindOf(object)));
  return runs
    .filter(({ value }) => at(value, "spec", "replicas") !== 0)
    .map(kindOf)
    .toSorted();
}

it("leaves by the two steps that it came by, byte for byte, and one of the two always has pods", () => {
  fc.assert(
    fc.property(styles, (style) => {
      const { template, count } = style;
      fc.pre(!template.isByPods || (count !== "autoscaler" && count !== "both"));
      const before = repository(style);
      const first = stepIn(before, template.name);
      const second = stepIn(first, template.name);
      const out = stepOut(second);
      expect([before, first, second, out].map(withPods)).toEqual([
        ["Deployment"],
        ["Deployment", "Rollout"],
        ["Rollout"],
        ["Deployment", "Rollout"],
      ]);
      expect(Object.fromEntries(out)).toEqual(Object.fromEntries(first));
      expect(Object.fromEntries(stepOut(out))).toEqual(Object.fromEntries(before));
      const { gone, changed } = difference(rendered(before), rendered(second));
      const isMeant = (kind: string) => ["Deployment", "HorizontalPodAutoscaler"].includes(kind);
      expect([...gone, ...changed.filter((object) => !isMeant(kindOf(object)))]).toEqual([]);
    }),
    { numRuns: 80 },
  );
});
