import { describe, expect, it } from "vitest";
import { compareFiles, type FileComparison } from "../../../src/manifest/images/compare.ts";
import { DIGEST, folderOf } from "./seen.ts";

const NOWHERE = { before: folderOf(), after: folderOf() };

function compare(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): FileComparison {
  return compareFiles(new Map(Object.entries(before)), new Map(Object.entries(after)), NOWHERE);
}

/** Moves, sites that only one side has, and the kinds of the other changes. */
function told({ bumps, added, removed, others }: FileComparison): readonly string[] {
  return [
    ...bumps.map(
      ({ image, imageFrom, from, to }) => `${image === imageFrom ? "" : `${imageFrom} => `}${image} ${from} -> ${to}`,
    ),
    ...added.map(({ image, version }) => `+ ${image} ${version}`),
    ...removed.map(({ image, version }) => `- ${image} ${version}`),
    ...others.map(({ kind, line, what }) => `${kind}:${line} ${what}`),
  ];
}

const pod = (containers: string, more = ""): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 2\n  template:\n    spec:\n${more}      containers:\n${containers}`;
const container = (name: string, image: string): string => `        - name: ${name}\n          image: ${image}\n`;
const values = (text: string): Record<string, string> => ({ "values.yaml": text });

describe("two versions of a file", () => {
  it.each<readonly [string, string, string, readonly string[]]>([
    ["only a bump", pod(container("web", "acme/web:1")), pod(container("web", "acme/web:2")), ["acme/web 1 -> 2"]],
    [
      "a digest that is added",
      pod(container("web", "acme/web:1")),
      pod(container("web", `acme/web:1@${DIGEST}`)),
      [`acme/web 1 -> 1@${DIGEST}`],
    ],
    [
      "another registry, the same version",
      pod(container("web", "acme/web:1")),
      pod(container("web", "ghcr.io/acme/web:1")),
      ["acme/web => ghcr.io/acme/web 1 -> 1"],
    ],
    [
      "a bump and replicas",
      pod(container("web", "acme/web:1")),
      pod(container("web", "acme/web:2")).replace("replicas: 2", "replicas: 3"),
      ["acme/web 1 -> 2", "replicas:5 Deployment web spec.replicas"],
    ],
    [
      "a bump and a setting",
      pod(container("web", "acme/web:1")),
      pod(container("web", "acme/web:2"), "      hostNetwork: true\n"),
      ["acme/web 1 -> 2", "other:8 Deployment web spec.template.spec.hostNetwork"],
    ],
    [
      "quotes",
      pod(container("web", "acme/web:1")),
      pod(container("web", '"acme/web:1"')),
      ["format:10 the same values"],
    ],
    [
      "a comment",
      pod(container("web", "acme/web:1")),
      pod(container("web", "acme/web:1 # pinned")),
      ["comment:10 the same values"],
    ],
    [
      "a new container",
      pod(container("web", "acme/web:1")),
      pod(container("proxy", "envoy:v1") + container("web", "acme/web:1")),
      [
        "+ envoy v1",
        "other:9 Deployment web spec.template.spec.containers[0].name",
        "other:10 Deployment web spec.template.spec.containers[0].image",
        "other:11 Deployment web spec.template.spec.containers[1].name",
        "other:12 Deployment web spec.template.spec.containers[1].image",
      ],
    ],
    [
      "containers in another order, one of them bumped",
      pod(container("a", "acme/a:1") + container("b", "acme/b:1")),
      pod(container("b", "acme/b:2") + container("a", "acme/a:1")),
      [
        "acme/b 1 -> 2",
        "other:9 Deployment web spec.template.spec.containers[0].name",
        "other:10 Deployment web spec.template.spec.containers[0].image",
        "other:11 Deployment web spec.template.spec.containers[1].name",
        "other:12 Deployment web spec.template.spec.containers[1].image",
      ],
    ],
    [
      "an image under another name",
      pod(container("web", "acme/web:1")),
      pod(container("site", "acme/web:2")),
      ["acme/web 1 -> 2", "other:9 Deployment web spec.template.spec.containers[0].name"],
    ],
    [
      "a second object",
      pod(container("web", "acme/web:1")),
      `${pod(container("web", "acme/web:1"))}---\napiVersion: v1\nkind: Pod\nmetadata: {name: job}\nspec: {containers: [{name: job, image: "acme/job:1"}]}\n`,
      ["+ acme/job 1", "new-object:12 Pod job"],
    ],
  ])("%s", (_, before, after, expected) => {
    expect(told(compare({ "web.yaml": before }, { "web.yaml": after }))).toEqual(expected);
  });

  it.each<readonly [string, string, string, readonly string[]]>([
    [
      "a tag that gets quotes",
      "image: {repository: acme/a, tag: 6.0}\n",
      'image: {repository: acme/a, tag: "6.0"}\n',
      ["format:1 the same values"],
    ],
    ["a tag whose end a number would lose", "image:\n  tag: 1.1\n", "image:\n  tag: 1.10\n", ["undefined 1.1 -> 1.10"]],
    [
      "another repository and tag",
      "image: {repository: acme/a, tag: 1}\n",
      "image: {repository: acme/b, tag: 2}\n",
      ["acme/a => acme/b 1 -> 2"],
    ],
    [
      "lines that move",
      "a: 1\nimage: {repository: acme/a, tag: v1}\n",
      "image: {repository: acme/a, tag: v2}\na: 1\n",
      ["acme/a v1 -> v2", "format:1 the same values"],
    ],
    [
      "an item more before items of the same name",
      "jobs:\n  - {name: a, image: acme/go:1.20}\n  - {name: a, image: acme/go:1.19}\n",
      "jobs:\n  - {name: a, image: acme/go:1.21}\n  - {name: a, image: acme/go:1.20}\n  - {name: a, image: acme/go:1.19}\n",
      [
        "+ acme/go 1.21",
        "other:2 jobs[0].image",
        "other:3 jobs[1].image",
        "other:4 jobs[2].name",
        "other:4 jobs[2].image",
      ],
    ],
    [
      "an item more, and the others bumped",
      "jobs:\n  - {name: a, image: acme/a:1}\n  - {name: a, image: acme/b:1}\n",
      "jobs:\n  - {name: a, image: acme/c:1}\n  - {name: a, image: acme/a:2}\n  - {name: a, image: acme/b:1}\n",
      [
        "acme/a 1 -> 2",
        "+ acme/c 1",
        "other:2 jobs[0].image",
        "other:3 jobs[1].image",
        "other:4 jobs[2].name",
        "other:4 jobs[2].image",
      ],
    ],
    [
      "items that are named by images from another registry now",
      "images:\n  - {name: docker.io/acme/a, newTag: v1}\n  - {name: docker.io/acme/b, newTag: v1}\n",
      "images:\n  - {name: ghcr.io/acme/a, newTag: v2}\n  - {name: ghcr.io/acme/b, newTag: v3}\n",
      ["docker.io/acme/a => ghcr.io/acme/a v1 -> v2", "docker.io/acme/b => ghcr.io/acme/b v1 -> v3"],
    ],
    [
      "images that change places",
      "images:\n  - acme/a:1\n  - acme/b:2\n",
      "images:\n  - acme/b:2\n  - acme/a:1\n",
      ["other:2 images[0]", "other:3 images[1]"],
    ],
    [
      "a character that marks",
      "a: \u{E000}\nimage: acme/a:1\n",
      "a: \u{E000}\nimage: acme/a:2\n",
      ["acme/a 1 -> 2", "other:2 image"],
    ],
  ])("%s, in values", (_, before, after, expected) => {
    expect(told(compare(values(before), values(after)))).toEqual(expected);
  });

  it("reads a chart's version as none of an image", () => {
    const chart = (version: string): string => `name: a\nversion: ${version}\n`;
    expect(told(compare({ "Chart.yaml": chart("1.0.0") }, { "Chart.yaml": chart("1.0.1") }))).toEqual([
      "chart-version:2 version",
    ]);
    const source = (tag: string): string =>
      `apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: a}\nspec: {ref: {tag: ${tag}}}\n`;
    expect(told(compare({ "a.yaml": source("1.0.0") }, { "a.yaml": source("1.0.1") }))).toEqual([
      "chart-version:4 OCIRepository a spec.ref.tag",
    ]);
    const release = (version: string): string =>
      `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\nspec: {chart: {spec: {chart: a, version: ${version}}}}\n`;
    expect(told(compare({ "a.yaml": release("1.0.0") }, { "a.yaml": release("1.0.1") }))).toEqual([
      "chart-version:4 HelmRelease a spec.chart.spec.version",
    ]);
  });
});

describe("files that come, go and move", () => {
  const text = pod(container("web", "acme/web:1"));

  it.each<readonly [string, Record<string, string>, Record<string, string>, readonly string[]]>([
    ["a new file", {}, { "a.yaml": text }, ["+ acme/web 1", "new-object:1 a new file"]],
    ["a file that is gone", { "a.yaml": text }, {}, ["- acme/web 1", "removed-object:1 the whole file"]],
    ["a file that moved", { "a.yaml": text }, { "b/a.yaml": text }, ["moved:1 a.yaml"]],
    [
      "a file that moved and was bumped",
      { "old/a.yaml": text },
      { "new/a.yaml": pod(container("web", "acme/web:2")) },
      ["acme/web 1 -> 2", "moved:1 old/a.yaml"],
    ],
    [
      "another service for one",
      { "web/a.yaml": text },
      { "job/a.yaml": "image: {repository: acme/job, tag: 3}\n" },
      ["+ acme/job 3", "- acme/web 1", "new-object:1 a new file", "removed-object:1 the whole file"],
    ],
  ])("%s", (_, before, after, expected) => {
    expect(told(compare(before, after))).toEqual(expected);
  });
});
