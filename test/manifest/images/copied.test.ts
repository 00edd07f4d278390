import { describe, expect, it } from "vitest";
import { compareFiles } from "../../../src/manifest/images/compare.ts";
import { readImages } from "../../../src/manifest/images/read.ts";
import { setImageAt } from "../../../src/manifest/images/set.ts";
import { DIGEST, folderOf, seen } from "./seen.ts";

type Files = Readonly<Record<string, string>>;

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    spec:
      initContainers:
        - { name: migrate, image: "ghcr.io/acme/migrate:0" }
      containers:
        - { name: app, image: "ghcr.io/acme/web:0" }
        - { name: ported, image: "registry:5000/acme/ported:0" }
`;

const IMAGE = "spec.template.spec.containers.[name=app].image";
const TAG = `options: { delimiter: ":", index: 1 }`;

function replacement(key: string, field = IMAGE, options = TAG, select = "kind: Deployment"): string {
  return `- source: { kind: ConfigMap, name: versions, fieldPath: "data.${key}" }
  targets:
    - select: { ${select} }
      fieldPaths: ["${field}"]
${options === "" ? "" : `      ${options}\n`}`;
}

function generator(...literals: readonly string[]): string {
  return `configMapGenerator:
  - name: versions
    literals:
${literals.map((literal) => `      - ${literal}\n`).join("")}`;
}

function inline(...items: readonly string[]): string {
  return `replacements:\n${items.join("")}`;
}

const RESOURCES = "resources: [deployment.yaml]\n";
const BASE: Files = { "app/deployment.yaml": DEPLOYMENT };
const configMap = (data: string, name = "versions") =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata:\n  ${data}\n`;

type Row = readonly [what: string, path: string, text: string, around: Files, found: readonly string[]];

const K = "app/kustomization.yaml";

const found: readonly Row[] = [
  [
    "a literal that a replacement puts behind the colon",
    K,
    RESOURCES + generator("APP_TAG=1.2.3") + inline(replacement("APP_TAG")),
    BASE,
    ["ghcr.io/acme/web 1.2.3"],
  ],
  [
    "a literal in quotes, of any name, with quotes of its own",
    K,
    RESOURCES + generator(`"version='v4'"`) + inline(replacement("version")),
    BASE,
    ["ghcr.io/acme/web v4"],
  ],
  [
    "a container by its position, one that starts before the others, and any",
    K,
    RESOURCES +
      generator("a=1.0.1", "b=1.0.2", "c=1.0.3") +
      inline(
        replacement("a", "spec.template.spec.containers.0.image"),
        replacement("b", "spec.template.spec.initContainers.*.image"),
        replacement("c", "spec.template.spec.containers.[name=ported].image", "options: { delimiter: ':', index: 2 }"),
      ),
    BASE,
    ["ghcr.io/acme/web 1.0.1", "ghcr.io/acme/migrate 1.0.2", "registry:5000/acme/ported 1.0.3"],
  ],
  [
    "objects that cannot be seen",
    K,
    generator("APP_TAG=1.2.3", `APP_DIGEST=${DIGEST}`, "APP=acme/web:7") +
      inline(
        replacement("APP_TAG", "spec.jobTemplate.spec.template.spec.containers.[name=app].image"),
        replacement("APP_DIGEST", IMAGE, "options: { delimiter: '@', index: 1 }", "kind: Rollout"),
        replacement("APP", "spec.image", "", "kind: Renderer"),
      ),
    {},
    ["? 1.2.3", `? ${DIGEST}`, "acme/web 7"],
  ],
  [
    "a part of a literal",
    K,
    RESOURCES +
      generator("build=web|1.2.3|amd64") +
      inline(replacement("build").replace('fieldPath: "data.build"', '$&, options: { delimiter: "|", index: 1 }')),
    BASE,
    ["ghcr.io/acme/web 1.2.3"],
  ],
  [
    "a tag of a chart's values, and of a container's variables",
    K,
    generator("a=1.2.3", "b=1.2.4") +
      inline(
        replacement("a", "spec.values.image.tag", "", "kind: HelmRelease"),
        replacement("b", "spec.template.spec.containers.0.env.[name=WORKER_IMAGE_TAG].value", ""),
      ),
    {},
    ["? 1.2.3", "? 1.2.4"],
  ],
  [
    "replacements in a file",
    K,
    `${RESOURCES}${generator("APP_TAG=1.2.3")}replacements:\n  - path: ../replacements/app.yaml\n`,
    { ...BASE, "replacements/app.yaml": replacement("APP_TAG") },
    ["ghcr.io/acme/web 1.2.3"],
  ],
  [
    "replacements of a transformer",
    K,
    `${RESOURCES}${generator("APP_TAG=1.2.3")}transformers: [t.yaml]\n`,
    { ...BASE, "app/t.yaml": `apiVersion: builtin\nkind: ReplacementTransformer\n${inline(replacement("APP_TAG"))}` },
    ["ghcr.io/acme/web 1.2.3"],
  ],
  [
    "replacements of a component",
    "fleet/app/prod/kustomization.yaml",
    `${generator("APP_TAG=1.2.3")}resources: [../base]\ncomponents: [../../tags]\n`,
    {
      "fleet/app/base/kustomization.yaml": RESOURCES,
      "fleet/app/base/deployment.yaml": DEPLOYMENT,
      "fleet/tags/kustomization.yaml": `kind: Component\n${inline(replacement("APP_TAG"))}`,
    },
    ["ghcr.io/acme/web 1.2.3"],
  ],
  [
    "replacements of what takes the folder in, by whatever way",
    "fleet/app/versions/kustomization.yaml",
    generator("APP_TAG=1.2.3"),
    {
      "fleet/app/kustomization.yaml": "resources: [./versions/]\n",
      "fleet/app/all/kustomization.yaml": `resources: [.., deployment.yaml]\n${inline(replacement("APP_TAG"))}`,
      "fleet/app/all/deployment.yaml": DEPLOYMENT,
    },
    ["ghcr.io/acme/web 1.2.3"],
  ],
  [
    "data of a ConfigMap that a kustomization beside it copies",
    "app/versions.yaml",
    configMap('tag: "1.10"'),
    { ...BASE, [K]: `resources: [versions.yaml, deployment.yaml]\n${inline(replacement("tag"))}` },
    ["ghcr.io/acme/web 1.10"],
  ],
  [
    "an object that is there to be copied from",
    "app/versions.yaml",
    `apiVersion: acme.example/v1
kind: Versions
metadata: { name: versions, annotations: { config.kubernetes.io/local-config: "true" } }
spec: { services: [{ name: web, release: "1.2.3" }] }
`,
    {
      ...BASE,
      [K]: `resources: [versions.yaml, deployment.yaml]\n${inline(
        replacement("x")
          .replace("kind: ConfigMap", "kind: Versions")
          .replace("data.x", "spec.services.[name=web].release"),
      )}`,
    },
    ["ghcr.io/acme/web 1.2.3"],
  ],
  [
    "a line of a file of variables that a generator names",
    "app/versions.env",
    "RELEASE=1.2.3\nLEVEL=9\n",
    {
      ...BASE,
      [K]: `${RESOURCES}configMapGenerator: [{ name: versions, envs: [versions.env] }]\n${inline(replacement("RELEASE"))}`,
    },
    ["ghcr.io/acme/web 1.2.3"],
  ],
  [
    "a variable that a Compose file beside it asks for",
    "shop/.env",
    "PORT=5000\nRELEASE=1.2.3\nNAME=web2\n",
    { "shop/compose.yaml": "services:\n  web:\n    image: registry:${PORT}/acme/$NAME:${RELEASE:-1}\n" },
    ["? 1.2.3"],
  ],
  [
    "a value that a replacement has itself",
    K,
    `${RESOURCES}replacements:
  - sourceValue: "1.2.3"
    targets:
      - select: { kind: Deployment }
        fieldPaths: ["${IMAGE}"]
        ${TAG}
`,
    BASE,
    ["ghcr.io/acme/web 1.2.3"],
  ],
  [
    "a variable of kustomize",
    K,
    `${RESOURCES}${generator("APP_TAG=1.2.3", "WHOLE=acme/side:4")}vars:
  - { name: TAG, objref: { kind: ConfigMap, name: versions, apiVersion: v1 }, fieldref: { fieldpath: data.APP_TAG } }
  - { name: SIDE, objref: { kind: ConfigMap, name: versions, apiVersion: v1 }, fieldref: { fieldpath: data.WHOLE } }
`,
    {
      "app/deployment.yaml":
        "kind: Deployment\nspec: { containers: [{ image: acme/web:$(TAG) }, { image: $(SIDE) }] }\n",
    },
    ["acme/web 1.2.3", "acme/side 4"],
  ],
  [
    "a variable that Flux takes from a ConfigMap",
    "clusters/versions.yaml",
    configMap("release: 1.2.3"),
    {
      "clusters/apps.yaml": `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: apps }
spec: { path: ./apps, postBuild: { substituteFrom: [{ kind: ConfigMap, name: versions }] } }
`,
      "apps/web.yaml": "kind: Deployment\nspec: { image: 'acme/web:${release}' }\n",
    },
    ["acme/web 1.2.3"],
  ],
  [
    "a variable that Flux has itself, in values",
    "clusters/apps.yaml",
    `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: apps }
spec: { path: ./apps, postBuild: { substitute: { release: "1.2.3", level: "9.9" } } }
`,
    {
      "apps/web.yaml":
        "kind: HelmRelease\nspec: { values: { image: { repository: acme/web, tag: '${release:=1}' } } }\n",
    },
    ["acme/web 1.2.3"],
  ],
];

const unread: readonly Row[] = [
  ["a literal that nothing copies", K, RESOURCES + generator("APP_TAG=1.2.3", "version=1.4.0"), BASE, []],
  [
    "a literal that is copied into a label, an annotation, a variable of another kind",
    K,
    RESOURCES +
      generator("a=1.2.3", "b=1.2.3", "c=1.2.3", "LOG_LEVEL=debug") +
      inline(
        replacement("a", "metadata.labels.image", ""),
        replacement("b", "metadata.annotations.[acme.example/image]", ""),
        replacement("c", "spec.template.spec.containers.0.env.[name=VERSION].value", ""),
      ),
    BASE,
    [],
  ],
  [
    "another key, another ConfigMap, another kind of object",
    K,
    RESOURCES +
      generator("APP_TAG=1.2.3") +
      inline(
        replacement("OTHER_TAG"),
        replacement("APP_TAG").replace("name: versions", "name: others"),
        replacement("APP_TAG").replace("kind: ConfigMap", "kind: Secret"),
      ),
    BASE,
    [],
  ],
  [
    "what becomes the registry, the name, or no image at all",
    K,
    RESOURCES +
      generator("a=registry.example", "b=ghcr.io/acme/other", "c=1.2.3", "d=1.2.3") +
      inline(
        replacement("a", IMAGE, "options: { delimiter: '/', index: 0 }"),
        replacement("b", IMAGE, "options: { delimiter: ':', index: 0 }"),
        replacement("c", IMAGE, ""),
        replacement("d", "spec.template.spec.containers.[name=ported].image"),
      ),
    BASE,
    [],
  ],
  [
    "a literal of a base, where the replacement is of something else",
    K,
    RESOURCES + generator("APP_TAG=1.2.3"),
    { ...BASE, "other/kustomization.yaml": `resources: [../elsewhere]\n${inline(replacement("APP_TAG"))}` },
    [],
  ],
  [
    "a variable that no image asks for",
    K,
    `${RESOURCES}${generator("APP_TAG=1.2.3")}vars:
  - { name: TAG, objref: { kind: ConfigMap, name: versions }, fieldref: { fieldpath: data.APP_TAG } }
`,
    BASE,
    [],
  ],
  [
    "what a template would write",
    K,
    RESOURCES + generator("APP_TAG=${TAG}") + inline(replacement("APP_TAG")),
    BASE,
    [],
  ],
];

describe("what becomes an image elsewhere", () => {
  it.each(found)("reads %s", (_, path, text, ...[around, lines]) => {
    expect(seen(path, text, { ...around, [path]: text })).toEqual(lines);
  });

  it.each(unread)("leaves alone %s", (_, path, text, ...[around, lines]) => {
    expect(seen(path, text, { ...around, [path]: text })).toEqual(lines);
  });

  it.each(found)("sets %s, and reports exactly that", (_, path, text, around) => {
    const whole = folderOf({ ...around, [path]: text });
    for (const site of readImages({ path, text }, whole).sites) {
      const version = site.version.startsWith("sha256:") ? DIGEST.replace("0", "f") : "v77.8";
      const set = setImageAt({ path, text }, site, version);
      if (set.kind === "err") throw new Error(JSON.stringify(set.error));
      const after = folderOf({ ...around, [path]: set.value });
      const { bumps, others } = compareFiles(new Map([[path, text]]), new Map([[path, set.value]]), {
        before: whole,
        after,
      });
      expect(bumps.map(({ from, to }) => [from, to])).toEqual([[site.version, version]]);
      expect(others).toEqual([]);
      const [again] = bumps;
      if (again === undefined) throw new Error("no bump");
      expect(again.after.where).toBe(site.where);
      expect(setImageAt({ path, text: set.value }, again.after, site.version)).toEqual({ kind: "ok", value: text });
    }
  });
});

it("calls a literal by its key, wherever it stands", () => {
  const text = RESOURCES + generator("LEVEL=9", "APP_TAG=1.2.3") + inline(replacement("APP_TAG"));
  const [site] = readImages({ path: K, text }, folderOf({ ...BASE, [K]: text })).sites;
  expect(site).toMatchObject({
    where: "configMapGenerator[versions].literals[APP_TAG]",
    kind: "kustomization",
    line: 6,
  });
});

it.each<[what: string, text: string, around: Files]>([
  ["a field path that never closes", generator("a=1.2.3") + inline(replacement("a", "[".repeat(50_000))), BASE],
  [
    "the same copied many times over",
    `${RESOURCES}${generator(...Array.from({ length: 300 }, () => "a=b:c:d"))}${inline(...Array.from({ length: 300 }, () => replacement("a", "*.*.*.*.*.image")))}`,
    BASE,
  ],
  [
    "kustomizations that take each other in",
    `resources: [., .., ../app, other]\ncomponents: [., other]\n${generator("a=1.2.3")}`,
    {
      "kustomization.yaml": "resources: [app]\n",
      "app/other/kustomization.yaml": "resources: [..]\ncomponents: [.., .]\n",
    },
  ],
  [
    "replacements that are something else",
    `replacements: {a: [&b {targets: *b}, 7]}\nvars: [7, {name: "(("}]\n${generator("a=1.2.3")}`,
    BASE,
  ],
  [
    "another kustomization that is no YAML",
    RESOURCES + generator("a=1.2.3"),
    { ...BASE, "app/kustomization.yml": "a: [", "app/x/kustomization.yaml": "resources: [..]\n]" },
  ],
])("comes to an end: %s", (_, text, around) => {
  expect(seen(K, text, { ...around, [K]: text })).toEqual([]);
});
