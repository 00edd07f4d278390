import { describe, expect, it } from "vitest";
import { readImages } from "../../../src/manifest/images/read.ts";
import type { ImageSite } from "../../../src/manifest/images/site.ts";
import { readCountAt, readImageAt } from "../../../src/manifest/layouts/place.ts";
import { ownedValues } from "../../../src/manifest/layouts/values.ts";
import type { TextFile } from "../../../src/yaml/refusal.ts";
import { errorOf, valueOf } from "../builders.ts";

const PATHS = {
  stable: "tidegate/stable-values.yaml",
  canary: "tidegate/canary-values.yaml",
  replicas: "replicaCount",
};
const DIGEST = `sha256:${"a".repeat(64)}`;

function siteIn(file: TextFile): ImageSite {
  const [site] = readImages(file, { read: () => undefined, list: () => [] }).sites;
  if (site === undefined) throw new Error("There is an image.");
  return site;
}

describe("the owned values of a chart", () => {
  it.each([
    [
      "a tag and its repository",
      'image:\n  repository: registry.example.com/checkout # ours\n  tag: "1.10" # a bot\nreplicaCount: 3\n',
      'image:\n  repository: registry.example.com/checkout\n  tag: "1.10"\n',
    ],
    [
      "a tag that is a number to Helm",
      "image: { repository: registry.example.com/checkout, tag: 7 }\n",
      "image:\n  repository: registry.example.com/checkout\n  tag: 7\n",
    ],
    [
      "a tag and a digest apart",
      `app:\n  image:\n    repository: registry.example.com/checkout\n    tag: 1.2.3\n    digest: ${DIGEST}\n`,
      `app:\n  image:\n    repository: registry.example.com/checkout\n    tag: 1.2.3\n    digest: ${DIGEST}\n`,
    ],
    [
      "a whole reference under keys that are no plain words",
      'global:\n  "on":\n    image: registry.example.com/checkout:1.2.3\n',
      'global:\n  "on":\n    image: registry.example.com/checkout:1.2.3\n',
    ],
  ])("pin %s, and nothing else", (_, text, pinned) => {
    const file = { path: "values-prod.yaml", text };
    const site = siteIn(file);
    const { stable, canary } = valueOf(ownedValues(file, site, PATHS));
    expect(stable.text).toBe(pinned);
    expect(valueOf(readImageAt({ path: PATHS.stable, text: stable.text }, stable.at))).toBe(
      valueOf(readImageAt(file, { path: file.path, at: site.where, image: undefined })),
    );
    expect(canary?.text).toBe("replicaCount: 0\n");
  });

  it("have the canary's pods where the chart takes them", () => {
    const file = { path: "values.yaml", text: "image: registry.example.com/checkout:1\n" };
    const { canary } = valueOf(ownedValues(file, siteIn(file), { ...PATHS, replicas: "web.replicas" }));
    if (canary === undefined) throw new Error("The chart takes a number of pods.");
    expect(canary).toEqual({ text: "web:\n  replicas: 0\n", at: { path: PATHS.canary, at: "web.replicas" } });
    expect(valueOf(readCountAt({ path: PATHS.canary, text: canary.text }, canary.at, 10))).toBe(0);
    expect(valueOf(ownedValues(file, siteIn(file), { ...PATHS, replicas: undefined })).canary).toBeUndefined();
  });

  it.each([
    ["in a list", "containers:\n  - name: app\n    image: registry.example.com/checkout:1.2.3\n", "a list"],
    [
      "that is meant elsewhere as well",
      "image: &image registry.example.com/checkout:1.2.3\njob:\n  image: *image\n",
      "the anchor &image",
    ],
    [
      "within what is meant elsewhere as well",
      "web: &web\n  image: registry.example.com/checkout:1.2.3\njob: *web\n",
      "the anchor &web",
    ],
    ["in a block of text", "image: >-\n  registry.example.com/checkout:1.2.3\n", "several lines"],
    ["of two documents", "a: 1\n---\nimage: registry.example.com/checkout:1.2.3\n", "a second document"],
    [
      "among the values of an Application",
      "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      valuesObject:\n        image: registry.example.com/checkout:1.2.3\n",
      "an image among the values of the Application itself",
    ],
    [
      "in the text of an Application's values",
      "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      values: |\n        image: registry.example.com/checkout:1.2.3\n",
      "an image among the values of the Application itself",
    ],
    [
      "among the parameters of an Application",
      "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      parameters:\n        - name: image\n          value: registry.example.com/checkout:1.2.3\n",
      "an image among the values of the Application itself",
    ],
    [
      "among the values of a HelmRelease",
      "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n    image:\n      repository: registry.example.com/checkout\n      tag: 1.2.3\n",
      "an image among the values of the HelmRelease itself",
    ],
  ])("are refused for an image %s", (_, text, found) => {
    const file = { path: "values.yaml", text };
    expect(errorOf(ownedValues(file, siteIn(file), PATHS)).found).toBe(found);
  });
});
