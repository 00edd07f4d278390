import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { image } from "../../src/core/image.ts";
import { name } from "../../src/core/names.ts";
import { readWorkload, setImage, setReplicas } from "../../src/manifest/deployment.ts";
import { refusalText } from "../../src/yaml/refusal.ts";
import { changedLines, deploymentText, errorOf, layouts, valueOf } from "./builders.ts";

const OF = { service: name("checkout"), namespace: name("shop") };
const file = (text: string) => ({ path: "apps/checkout/deployment.yaml", text });
const workload = (text: string) => valueOf(readWorkload(file(text), OF));
const withReplicas = (text: string, replicas: number) => valueOf(setReplicas(file(text), OF, replicas));
const withImage = (text: string, to: string) => valueOf(setImage(file(text), OF, image(to)));
const whyNot = (text: string) => refusalText(errorOf(readWorkload(file(text), OF)));

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: checkout-canary
spec:
  replicas: 2
  template:
    metadata:
      labels: { app: checkout }
    spec:
      containers:
        - name: checkout
          image: registry.example.com/checkout:1.41.0
        - name: proxy
          image: registry.example.com/proxy:2.0.0
`;

// The annotations and the spec of the pod template above, keys sorted.
const SAID = JSON.stringify({
  annotations: null,
  spec: {
    containers: [
      { image: "registry.example.com/checkout:1.41.0", name: "checkout" },
      { image: "registry.example.com/proxy:2.0.0", name: "proxy" },
    ],
  },
});

describe("a Deployment", () => {
  it("is read", () => {
    expect(workload(DEPLOYMENT)).toEqual({
      deployment: "checkout-canary",
      container: "checkout",
      replicas: 2,
      image: "registry.example.com/checkout:1.41.0",
      template: createHash("sha256").update(SAID).digest("hex").slice(0, 16),
      besides: createHash("sha256")
        .update(SAID.replace("registry.example.com/checkout:1.41.0", ""))
        .digest("hex")
        .slice(0, 16),
    });
  });

  it("runs one replica where it does not say, and says it once it must", () => {
    const text = DEPLOYMENT.replace("  replicas: 2\n", "");
    expect(workload(text).replicas).toBe(1);
    expect(withReplicas(text, 1)).toBe(text);
    expect(withReplicas(text, 2)).toBe(DEPLOYMENT);
  });

  it("is found among other documents, and its only container needs not be called like the service", () => {
    const text = `kind: List\n---\n# empty\n---\n${DEPLOYMENT.replace(/ {8}- name: proxy[^]*/, "").replace("- name: checkout", "- name: app")}---\napiVersion: v1\nkind: Service\nmetadata: { name: &n a, labels: { x: *n } }\n`;
    expect(workload(text).container).toBe("app");
    expect(changedLines(text, withImage(text, "a:2"))).toEqual(["          image: a:2"]);
  });

  it.each([
    ["quotes stay", `"a:1"`, `"a:2"`],
    ["single ones too", "'a:1'", "'a:2'"],
    ["a folded block of one line stays one", ">-\n            a:1", ">-\n            a:2"],
    ["a remark stays", "a:1 # a:1", "a:2 # a:1"],
  ])("%s when its image is set", (_, before, after) => {
    const text = DEPLOYMENT.replace("registry.example.com/checkout:1.41.0", before);
    expect(withImage(text, "a:2")).toBe(DEPLOYMENT.replace("registry.example.com/checkout:1.41.0", after));
  });

  it("puts quotes around what some readers would take for a number", () => {
    expect(withImage(DEPLOYMENT, "1:30")).toContain('image: "1:30"\n');
  });
});

describe("edits of a Deployment", () => {
  const images = fc.constantFrom(
    "registry.example.com/checkout:1.41.0",
    "checkout:v2",
    "localhost:5000/a@sha256:" + "0".repeat(64),
  );
  const texts = fc
    .record({ layout: layouts, image: images, replicas: fc.option(fc.nat(50), { nil: undefined }) })
    .map(({ layout, ...rest }) => ({ ...rest, text: deploymentText(layout, { name: "checkout-canary", ...rest }) }));

  it("say what was set, once; setting what is there changes no byte", () => {
    fc.assert(
      fc.property(texts, images, fc.nat(50), ({ text, image: present, replicas }, to, count) => {
        expect(withImage(text, present)).toBe(text);
        expect(withReplicas(text, replicas ?? 1)).toBe(text);
        const after = withReplicas(withImage(text, to), count);
        expect(workload(after)).toMatchObject({ image: to, replicas: count });
        expect(withReplicas(withImage(after, to), count)).toBe(after);
      }),
    );
  });

  it("commute, and change only their own lines", () => {
    fc.assert(
      fc.property(texts, images, fc.nat(50), ({ text, image: present, replicas }, to, count) => {
        const after = withReplicas(withImage(text, to), count);
        expect(after).toBe(withImage(withReplicas(text, count), to));
        const lines = changedLines(text, after);
        const ofReplicas = lines.filter((line) => line.includes("replicas: "));
        expect(ofReplicas).toHaveLength(count === (replicas ?? 1) ? 0 : 1);
        expect(lines.length - ofReplicas.length).toBe(to === present ? 0 : 1);
        expect(workload(after).template === workload(text).template).toBe(to === present);
      }),
    );
  });
});

describe("what a pod template says besides its image", () => {
  const besides = (text: string) => workload(text).besides;

  it("stays where nothing but the image changes, in whichever container", () => {
    const twice = DEPLOYMENT.replace("proxy:2.0.0", "checkout:1.41.0");
    expect(besides(withImage(DEPLOYMENT, "registry.example.com/checkout:1.42.0"))).toBe(besides(DEPLOYMENT));
    expect(besides(twice.replaceAll("checkout:1.41.0", "checkout:1.42.0"))).toBe(besides(twice));
  });

  it.each([
    ["another container's image", "proxy:2.0.0", "proxy:2.0.1"],
    ["an annotation", "      labels:", "      annotations: { a: b }\n      labels:"],
  ])("changes with %s", (_, before, after) => {
    expect(besides(DEPLOYMENT.replace(before, after))).not.toBe(besides(DEPLOYMENT));
  });
});

describe("a pod template's digest", () => {
  const digest = (text: string) => workload(text).template;

  it.each([
    ["labels", "app: checkout", "app: other"],
    ["layout", "{ app: checkout }", "{app: checkout} # said otherwise"],
    ["replicas", "replicas: 2", "replicas: 3"],
    ["quotes", "image: registry.example.com/proxy:2.0.0", "image: 'registry.example.com/proxy:2.0.0'"],
  ])("does not depend on %s", (_, before, after) => {
    expect(DEPLOYMENT).toContain(before);
    expect(digest(DEPLOYMENT.replace(before, after))).toBe(digest(DEPLOYMENT));
  });

  it.each([
    ["another image", "proxy:2.0.0", "proxy:2.0.1"],
    ["an annotation", "      labels:", "      annotations: { a: b }\n      labels:"],
    ["the order of containers' names", "name: proxy", "name: proxy2"],
    ["a number in quotes", "        - name: proxy", "        - name: proxy\n          x: 1"],
  ])("depends on %s", (_, before, after) => {
    expect(DEPLOYMENT).toContain(before);
    expect(digest(DEPLOYMENT.replace(before, after))).not.toBe(digest(DEPLOYMENT));
  });

  it("tells apart what only some readers tell apart", () => {
    const modes = ["755", "0755", '"755"', "yes", '"yes"', "7_55"].map((mode) =>
      digest(`${DEPLOYMENT}          mode: ${mode}\n`),
    );
    expect(new Set(modes).size).toBe(modes.length);
  });
});

describe("a Deployment that is refused", () => {
  it.each([
    ["none", "kind: Service\n", 1, "no Deployment"],
    ["an empty file", "", 1, "no Deployment"],
    ["two", `${DEPLOYMENT}---\n${DEPLOYMENT}`, 17, 'the Deployments "checkout-canary" and "checkout-canary"'],
    [
      "another namespace",
      DEPLOYMENT.replace("  name: checkout-canary", "  namespace: other"),
      1,
      'the namespace "other"',
    ],
    [
      "no container is meant",
      DEPLOYMENT.replace("- name: checkout", "- name: app"),
      12,
      'the containers "app", "proxy"',
    ],
    ["no containers", DEPLOYMENT.replace("containers:", "initContainers:"), 1, "a Deployment without containers"],
    ["no tag", DEPLOYMENT.replace(":1.41.0", ""), 13, 'the image "registry.example.com/checkout"'],
    ["no image", DEPLOYMENT.replace("          image: registry.example.com/checkout:1.41.0\n", ""), 1, "no image"],
    [
      "a template",
      DEPLOYMENT.replace("registry.example.com/checkout:1.41.0", "{{ .Values.image }}"),
      13,
      "a key that is no plain text (a template?)",
    ],
    [
      "a template in quotes",
      DEPLOYMENT.replace("registry.example.com/checkout:1.41.0", '"{{ .Values.image }}"'),
      13,
      'the image "{{ .Values.image }}"',
    ],
    [
      "an alias in the pod template",
      DEPLOYMENT.replace("proxy:2.0.0", "proxy:2.0.0\n          env: *env").replace("labels: {", "labels: &env {"),
      16,
      "an alias",
    ],
    [
      "an anchor in the pod template",
      DEPLOYMENT.replace("- name: proxy", "- &p\n          name: proxy"),
      15,
      "an anchor",
    ],
    ["a name that is none", DEPLOYMENT.replace("checkout-canary", "Checkout"), 4, 'the name "Checkout"'],
    [
      "replicas in quotes",
      DEPLOYMENT.replace("replicas: 2", 'replicas: "2"'),
      6,
      "spec.replicas is a whole number without quotes",
    ],
    ["too many replicas", DEPLOYMENT.replace("replicas: 2", "replicas: 2000000"), 6, "from 0 to 100000"],
  ])("%s", (_, text, line, found) => {
    expect(whyNot(text)).toContain(`apps/checkout/deployment.yaml:${line}: `);
    expect(whyNot(text)).toContain(found);
  });

  it("is told by its name where there are several", () => {
    const both = `${DEPLOYMENT}---\n${DEPLOYMENT.replace("checkout-canary", "checkout-stable")}`;
    const found = readWorkload(file(both), { ...OF, name: name("checkout-stable") });
    expect(valueOf(found).deployment).toBe("checkout-stable");
  });
});
