import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { image } from "../../../src/core/image.ts";
import { readCountAt, readImageAt, setCountTo, setImageTo } from "../../../src/manifest/layouts/place.ts";
import { changedLines, errorOf, valueOf } from "../builders.ts";
import { hands, written } from "../written.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const OTHER = `sha256:${"b".repeat(64)}`;

const KUSTOMIZATION = `namespace: shop
images:
  - name: checkout # as the base calls it
    newName: registry.example.com/checkout
    newTag: "1.41.0"
  - name: registry.example.com/basket
    newTag: v7
  - name: registry.example.com/mail
    digest: ${DIGEST}
replicas:
  - name: checkout
    count: 3
`;

const VALUES = `checkout:
  image:
    repository: registry.example.com/checkout
    tag: 1.41.0
  replicaCount: 2
tagOnly:
  image:
    tag: 3.2.1
`;

const PIN = `apiVersion: v1
kind: ConfigMap
metadata:
  name: checkout-stable
  namespace: shop
data:
  image: registry.example.com/checkout:1.40.0
`;

const APPLICATION = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: checkout
spec:
  source:
    helm:
      valuesObject:
        image:
          repository: registry.example.com/checkout
          tag: 1.41.0
`;

/** A path, the text there, and the place in it. */
type Where = readonly [string, string, string];

describe("an image at a place", () => {
  it.each<[string, Where, string, string]>([
    [
      "a kustomization's entry, renamed",
      ["kustomization.yaml", KUSTOMIZATION, "images[checkout].newTag"],
      "registry.example.com/checkout:1.41.0",
      "registry.example.com/checkout:1.42.0",
    ],
    [
      "a kustomization's entry",
      ["kustomization.yaml", KUSTOMIZATION, "images[registry.example.com/basket].newTag"],
      "registry.example.com/basket:v7",
      "registry.example.com/basket:v8",
    ],
    [
      "a kustomization's digest",
      ["kustomization.yaml", KUSTOMIZATION, "images[registry.example.com/mail].digest"],
      `registry.example.com/mail@${DIGEST}`,
      `registry.example.com/mail@${OTHER}`,
    ],
    [
      "values",
      ["values-prod.yaml", VALUES, "checkout.image.tag"],
      "registry.example.com/checkout:1.41.0",
      "registry.example.com/checkout:1.42.0",
    ],
    [
      "a pin",
      ["tidegate/stable.yaml", PIN, "ConfigMap shop/checkout-stable data.image"],
      "registry.example.com/checkout:1.40.0",
      "registry.example.com/checkout:1.42.0",
    ],
    [
      "a pin that is given a digest",
      ["tidegate/stable.yaml", PIN, "ConfigMap shop/checkout-stable data.image"],
      "registry.example.com/checkout:1.40.0",
      `registry.example.com/checkout@${DIGEST}`,
    ],
    [
      "an Application's values",
      ["app.yaml", APPLICATION, "Application checkout spec.source.helm.valuesObject.image.tag"],
      "registry.example.com/checkout:1.41.0",
      "registry.example.com/checkout:1.42.0",
    ],
  ])("%s is read and set, on one line", (_, [path, text, at], now, next) => {
    const place = { path, at, image: undefined };
    expect(valueOf(readImageAt({ path, text }, place))).toBe(now);
    const after = valueOf(setImageTo({ path, text }, place, image(next)));
    expect(valueOf(readImageAt({ path, text: after }, place))).toBe(next);
    expect(changedLines(text, after)).toHaveLength(1);
    expect(valueOf(setImageTo({ path, text: after }, place, image(now)))).toBe(text);
    expect(valueOf(setImageTo({ path, text }, place, image(now)))).toBe(text);
  });

  it.each(["", "kind: Kustomization\n"])(
    "is called the same whether a kustomization says its kind or not, as a number is (%j)",
    (kind) => {
      const file = { path: "kustomization.yaml", text: kind + KUSTOMIZATION };
      for (const called of ["", "Kustomization "]) {
        const place = { path: file.path, at: `${called}images[checkout].newTag`, image: undefined };
        expect(valueOf(readImageAt(file, place))).toBe("registry.example.com/checkout:1.41.0");
        expect(valueOf(readCountAt(file, { ...place, at: `${called}replicas[checkout].count` }, 100))).toBe(3);
      }
    },
  );

  it("is of the repository that the state names, where the file holds a version alone", () => {
    const place = { path: "values.yaml", at: "tagOnly.image.tag", image: "registry.example.com/basket" };
    const file = { path: "values.yaml", text: VALUES };
    expect(valueOf(readImageAt(file, place))).toBe("registry.example.com/basket:3.2.1");
    const after = valueOf(setImageTo(file, place, image("registry.example.com/basket:3.2.2")));
    expect(changedLines(VALUES, after)).toEqual(["    tag: 3.2.2"]);
    const elsewhere = errorOf(setImageTo(file, place, image("registry.example.com/other:3.2.2")));
    expect(elsewhere).toMatchObject({
      line: 8,
      why: "tagOnly.image.tag holds a version alone, and the image of the other arm is another",
    });
  });

  it.each<[string, Where, readonly string[]]>([
    [
      "a pin",
      ["tidegate/stable.yaml", PIN, "ConfigMap shop/checkout-stable data.image"],
      ["  image: mirror.example.com/checkout:1.42.0"],
    ],
    [
      "a new name",
      ["kustomization.yaml", KUSTOMIZATION, "images[checkout].newTag"],
      ["    newName: mirror.example.com/checkout", '    newTag: "1.42.0"'],
    ],
    [
      "values with a repository",
      ["values.yaml", VALUES, "checkout.image.tag"],
      ["    repository: mirror.example.com/checkout", "    tag: 1.42.0"],
    ],
  ])("%s takes another repository", (_, [path, text, at], lines) => {
    const place = { path, at, image: undefined };
    const after = valueOf(setImageTo({ path, text }, place, image("mirror.example.com/checkout:1.42.0")));
    expect(changedLines(text, after)).toEqual(lines);
    expect(valueOf(readImageAt({ path, text: after }, place))).toBe("mirror.example.com/checkout:1.42.0");
  });

  it("does not rename what an entry of a kustomization replaces", () => {
    const place = { path: "kustomization.yaml", at: "images[registry.example.com/basket].newTag", image: undefined };
    const refusal = errorOf(
      setImageTo({ path: place.path, text: KUSTOMIZATION }, place, image("mirror.example.com/basket:v8")),
    );
    expect(refusal.why).toContain("holds a version alone");
  });

  it.each([
    ["is gone", KUSTOMIZATION, "images[gone].newTag", "no image at images[gone].newTag"],
    ["holds a tag alone", VALUES, "tagOnly.image.tag", '"3.2.1"'],
  ])("is refused where it %s", (_, text, at, found) => {
    const path = text === VALUES ? "values.yaml" : "kustomization.yaml";
    expect(errorOf(readImageAt({ path, text }, { path, at, image: undefined })).found).toBe(found);
  });

  it("comes back byte for byte, whatever hand has written the file", () => {
    const versions = fc.constantFrom("1.41.0", "2", "v3-rc.1", "1.10", "2026-11-20");
    fc.assert(
      fc.property(hands, versions, versions, (hand, one, other) => {
        const path = "values.yaml";
        const text = written(
          { image: { repository: "registry.example.com/a", tag: one }, kept: ["app", "web-1"] },
          hand,
        );
        const place = { path, at: "image.tag", image: undefined };
        const read = readImageAt({ path, text }, place);
        const there = setImageTo({ path, text }, place, image(`registry.example.com/a:${other}`));
        if (there.kind === "err") return;
        expect(valueOf(read)).toBe(`registry.example.com/a:${one}`);
        expect(valueOf(readImageAt({ path, text: there.value }, place))).toBe(`registry.example.com/a:${other}`);
        expect(changedLines(text, there.value).length).toBeLessThanOrEqual(1);
        const back = valueOf(setImageTo({ path, text: there.value }, place, image(`registry.example.com/a:${one}`)));
        expect(valueOf(readImageAt({ path, text: back }, place))).toBe(`registry.example.com/a:${one}`);
      }),
    );
  });
});

const CANARY = `apiVersion: v1
kind: Service
metadata:
  name: checkout
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: checkout
  namespace: shop
spec:
  replicas: 0 # set by releases
`;

describe("a number at a place", () => {
  it.each([
    ["canary.yaml", CANARY, "Deployment shop/checkout spec.replicas", 0],
    ["kustomization.yaml", KUSTOMIZATION, "replicas[checkout].count", 3],
    ["values.yaml", VALUES, "checkout.replicaCount", 2],
  ])("in %s is read and set, on one line", (path, text, at, now) => {
    const place = { path, at };
    expect(valueOf(readCountAt({ path, text }, place, 100))).toBe(now);
    fc.assert(
      fc.property(fc.nat(100), (count) => {
        const after = valueOf(setCountTo({ path, text }, place, count, 100));
        expect(valueOf(readCountAt({ path, text: after }, place, 100))).toBe(count);
        expect(changedLines(text, after)).toHaveLength(count === now ? 0 : 1);
        expect(valueOf(setCountTo({ path, text: after }, place, now, 100))).toBe(text);
      }),
    );
  });

  it.each([
    ["is not there", CANARY, "Deployment shop/basket spec.replicas", "nothing at Deployment shop/basket spec.replicas"],
    ["is text", CANARY.replace("0 #", '"0" #'), "Deployment shop/checkout spec.replicas", '""0""'],
    ["is too large", CANARY.replace("0 #", "101 #"), "Deployment shop/checkout spec.replicas", '"101"'],
    ["is an alias", `a: &a 1\nb: *a\n`, "b", "nothing at b"],
    [
      "is there twice",
      `${CANARY}---\n${CANARY}`,
      "Deployment shop/checkout spec.replicas",
      "Deployment shop/checkout spec.replicas again",
    ],
  ])("is refused where it %s", (_, text, at, found) => {
    const file = { path: "canary.yaml", text };
    expect(errorOf(readCountAt(file, { path: file.path, at }, 100)).found).toBe(found);
    expect(errorOf(setCountTo(file, { path: file.path, at }, 5, 100)).found).toBe(found);
  });
});
