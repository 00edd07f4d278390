import { expect, it } from "vitest";
import { deployment, helmRelease, inventoryOf, kustomization, linesOf, values, type Files } from "./repo.ts";

const TAG = `{ delimiter: ":", index: 1 }`;
const APP = "spec.template.spec.containers.[name=app].image";

function replacement(key: string, field = APP, options = TAG, kind = "Deployment"): string {
  return `  - source: { kind: ConfigMap, name: versions, fieldPath: data.${key} }
    targets:
      - select: { kind: ${kind} }
        fieldPaths: ["${field}"]
        options: ${options}
`;
}

const literals = (...all: readonly string[]) =>
  `configMapGenerator:\n  - name: versions\n    literals: [${all.join(", ")}]\n`;
const BASE: Files = { "apps/web/base/deployment.yaml": deployment("web", "acme/web:0") };
const inProd = (more: string): Files => ({
  ...BASE,
  "apps/web/base/kustomization.yaml": kustomization(["deployment.yaml"]),
  "apps/web/prod/kustomization.yaml": kustomization(["../base"], more),
});
const WAITING: Files = {
  "apps/web/base/deployment.yaml": deployment("web", "$(NAME):$(TAG)"),
};

it.each<[what: string, files: Files, lines: readonly string[]]>([
  [
    "a literal of an overlay",
    inProd(`${literals("tag=1.2.3")}replacements:\n${replacement("tag")}`),
    ["web/prod acme/web:1.2.3 apps/web/prod/kustomization.yaml:7 name"],
  ],
  [
    "a literal that is the name alone, after one that is the tag",
    inProd(
      `${literals("tag=1.2.3", "name=ghcr.io/acme/web")}replacements:\n${replacement("tag")}${replacement("name", APP, `{ delimiter: ":" }`)}`,
    ),
    ["web/prod ghcr.io/acme/web:1.2.3 apps/web/prod/kustomization.yaml:7 name"],
  ],
  [
    "a whole image, for a container by its position",
    inProd(
      `${literals('"image=acme/other:7@sha256:0123456789abcdef0123456789abcdef"')}replacements:\n${replacement("image", "spec.template.spec.containers.0.image", "{}")}`,
    ),
    ["web/prod acme/other:7@sha256:0123456789abcdef0123456789abcdef apps/web/prod/kustomization.yaml:7 name"],
  ],
  [
    "a whole image, for a container by the end of its name, which kustomize takes for an expression",
    inProd(
      `${literals('"image=acme/other:7"')}replacements:\n${replacement("image", "spec.template.spec.containers.[name=pp$].image", "{}")}`,
    ),
    ["web/prod acme/other:7 apps/web/prod/kustomization.yaml:7 name"],
  ],
  [
    "nothing, where the name of the container is another",
    inProd(
      `${literals('"image=acme/other:7"')}replacements:\n${replacement("image", "spec.template.spec.containers.[name=^pp$].image", "{}")}`,
    ),
    ["web/prod acme/web:0 apps/web/base/deployment.yaml:10 name"],
  ],
  [
    "a ConfigMap, by a file of replacements of a component",
    {
      ...inProd("components: [../../../tags]\n"),
      "apps/web/base/kustomization.yaml": kustomization(["deployment.yaml", "versions.yaml"]),
      "apps/web/base/versions.yaml":
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: versions }\ndata:\n  tag: "1.2.3"\n',
      "tags/kustomization.yaml": "kind: Component\nreplacements: [{ path: all.yaml }]\n",
      "tags/all.yaml": replacement("tag").replace(/^ {2}/gm, ""),
    },
    ["web/prod acme/web:1.2.3 apps/web/base/versions.yaml:5 name"],
  ],
  [
    "a line of a file of variables",
    {
      ...inProd(`configMapGenerator: [{ name: versions, envs: [versions.env] }]\nreplacements:\n${replacement("TAG")}`),
      "apps/web/prod/versions.env": "LEVEL=1\nTAG=1.2.3\n",
    },
    ["web/prod acme/web:1.2.3 apps/web/prod/versions.env:2 name"],
  ],
  [
    "a value of a release",
    {
      "apps/web/prod/kustomization.yaml": kustomization(
        ["release.yaml"],
        `${literals("tag=1.2.3")}replacements:\n${replacement("tag", "spec.values.image.tag", "{}", "HelmRelease")}`,
      ),
      "apps/web/prod/release.yaml": helmRelease("web", values("acme/web", "0")),
    },
    ["web/prod acme/web:1.2.3 apps/web/prod/kustomization.yaml:7 name"],
  ],
  [
    "variables of kustomize",
    {
      ...inProd(`${literals("name=acme/web", "tag=1.2.3")}vars:
  - { name: NAME, objref: { kind: ConfigMap, name: versions, apiVersion: v1 }, fieldref: { fieldpath: data.name } }
  - { name: TAG, objref: { kind: ConfigMap, name: versions, apiVersion: v1 }, fieldref: { fieldpath: data.tag } }
`),
      ...WAITING,
    },
    ["web/prod acme/web:1.2.3 apps/web/prod/kustomization.yaml:7 name"],
  ],
  [
    "what a replacement says itself, but for what it rejects",
    {
      ...inProd(`replacements:
  - sourceValue: 1.2.3
    targets:
      - select: { kind: Deployment }
        reject: [{ name: cron }]
        fieldPaths: ["${APP}"]
        options: ${TAG}
`),
      "apps/web/base/deployment.yaml": `${deployment("web", "acme/web:0")}---\n${deployment("cron", "acme/cron:0")}`,
    },
    [
      "cron/prod acme/cron:0 apps/web/base/deployment.yaml:21 name",
      "web/prod acme/web:1.2.3 apps/web/prod/kustomization.yaml:6 name",
    ],
  ],
  [
    "the image of another container, as an overlay has it",
    {
      ...inProd(`images: [{ name: acme/web, newTag: "2" }]
replacements:
  - source: { kind: Deployment, name: web, fieldPath: "${APP}" }
    targets: [{ select: { name: cron }, fieldPaths: ["${APP}"] }]
  - source: { kind: Deployment, name: web, fieldPath: "${APP}", options: ${TAG} }
    targets: [{ select: { name: side }, fieldPaths: ["spec.template.spec.containers.*.image"], options: ${TAG} }]
`),
      "apps/web/base/deployment.yaml": ["web:0", "cron:0", "side:0"]
        .map((image) => deployment(image.slice(0, -2), `acme/${image}`))
        .join("---\n"),
    },
    [
      "cron/prod acme/web:2 apps/web/prod/kustomization.yaml:5 name",
      "side/prod acme/side:2 apps/web/prod/kustomization.yaml:5 name",
      "web/prod acme/web:2 apps/web/prod/kustomization.yaml:5 name",
    ],
  ],
  [
    "nothing by what goes elsewhere, or comes from nowhere",
    inProd(
      `${literals("tag=1.2.3")}replacements:\n${replacement("tag", "metadata.labels.image", "{}")}${replacement("other")}${replacement("tag", APP, TAG, "Job")}`,
    ),
    ["web/prod acme/web:0 apps/web/base/deployment.yaml:10 name"],
  ],
])("takes an image from %s", (_, files, lines) => {
  expect(linesOf(inventoryOf(files).fleet)).toEqual(lines);
});
