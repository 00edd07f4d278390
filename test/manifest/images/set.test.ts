import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { readImages } from "../../../src/manifest/images/read.ts";
import { setImageAt } from "../../../src/manifest/images/set.ts";
import type { ImageSite, Surroundings } from "../../../src/manifest/images/site.ts";
import { refusalText } from "../../../src/yaml/refusal.ts";
import { changedLines, deploymentText, errorOf, layouts, valueOf } from "../builders.ts";

const ALONE: Surroundings = { read: () => undefined, list: () => [] };
const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const OTHER = `sha256:${"fedcba9876543210".repeat(4)}`;
const sitesOf = (text: string, path: string) => readImages({ path, text }, ALONE).sites;

function siteIn(text: string, path: string, index = 0): ImageSite {
  const site = sitesOf(text, path)[index];
  if (site === undefined) throw new Error(`There is no image in ${text}`);
  return site;
}

function set(text: string, version: string, path = "apps/web/values.yaml"): string {
  return valueOf(setImageAt({ path, text }, siteIn(text, path), version));
}

function whyNot(text: string, version: string, path = "apps/web/values.yaml"): string {
  return refusalText(errorOf(setImageAt({ path, text }, siteIn(text, path), version)));
}

const values = (tag: string) => `image:\n  repository: ghcr.io/acme/web\n  tag: ${tag} # of the web\n`;
const workload = (image: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n        image: ${image}\n`;

describe("an image's version is set", () => {
  it.each([
    ["a tag", values("1.2.3"), "1.2.4", values("1.2.4")],
    ["a tag in single quotes", values("'1.2.3'"), "1.2.4", values("'1.2.4'")],
    ["a tag in double quotes", values('"1.2.3"'), "latest", values('"latest"')],
    ["a number by a number", values("7"), "8", values("8")],
    ["a fraction by a fraction", values("1.27"), "1.28", values("1.28")],
    ["a fraction whose last digit would be lost", values("1.29"), "1.30", values('"1.30"')],
    ["a number that would be printed with an exponent", values("7"), "20261121", values('"20261121"')],
    ["text that would be a number", values("v1"), "1e5", values('"1e5"')],
    ["text that would be octal", values("v1"), "0755", values('"0755"')],
    ["text that would be true", values("v1"), "yes", values('"yes"')],
    ["text that would be nothing", values("v1"), "null", values('"null"')],
    ["text that would be a date", values("v1"), "2026-11-21", values('"2026-11-21"')],
    ["a date by a date", values("2026-11-20"), "2026-11-21", values("2026-11-21")],
    ["quotes as the file has them", `a: 'b'\n${values("v1")}`, "1.10", `a: 'b'\n${values("'1.10'")}`],
    ["a tag in a reference", workload("acme/web:1.2.3"), "1e5", workload("acme/web:1e5")],
    ["a digest behind a tag", workload("acme/web:1.2.3"), `1.2.4@${DIGEST}`, workload(`acme/web:1.2.4@${DIGEST}`)],
    ["a digest instead of a tag", workload("acme/web:1.2.3"), DIGEST, workload(`acme/web@${DIGEST}`)],
    ["a tag instead of a digest", workload(`r.io:5000/acme/web@${DIGEST}`), "1.2", workload("r.io:5000/acme/web:1.2")],
    ["a digest in a tag's place", values(`1.2@${DIGEST}`), `1.3@${OTHER}`, values(`1.3@${OTHER}`)],
    ["a tag alone where both were", values(`v2@${DIGEST}`), "v3", values("v3")],
  ])("%s", (_, text, version, after) => {
    expect(set(text, version)).toBe(after);
  });

  it("in a tag and a digest apart", () => {
    const text = `images:\n- name: acme/web\n  newTag: 1.2.3\n  digest: ${DIGEST}\n`;
    const path = "apps/web/kustomization.yaml";
    const after = text.replace("1.2.3", "1.2.4").replace(DIGEST, OTHER);
    for (const site of sitesOf(text, path).filter(
      ({ spans }) => spans.filter(({ holds }) => holds !== "name").length > 1,
    )) {
      expect(valueOf(setImageAt({ path, text }, site, `1.2.4@${OTHER}`))).toBe(after);
    }
  });

  it("inside of a block of text that is YAML", () => {
    const block = (tag: string) =>
      `kind: Application\nspec:\n  source:\n    helm:\n      values: |\n        image:\n          repository: acme/web\n          tag: ${tag}\n`;
    expect(set(block("v1"), "v2")).toBe(block("v2"));
    expect(set(block("v1"), "1.10")).toBe(block('"1.10"'));
  });

  it("in a template, beside its actions", () => {
    const template = (tag: string) =>
      `{{- if .Values.on }}\n${workload(`"{{ .Values.host }}/x"`)}      - name: other\n        image: acme/other:${tag}\n{{- end }}\n`;
    expect(set(template("1.0"), "1.1", "charts/web/templates/deployment.yaml")).toBe(template("1.1"));
  });

  it("in a file of variables, where quotes would be text", () => {
    expect(set("# ours\nWEB_IMAGE=acme/web:1.0\nWEB_TAG=1.9\n", "1e5", "apps/.env")).toBe(
      "# ours\nWEB_IMAGE=acme/web:1e5\nWEB_TAG=1.9\n",
    );
  });

  it("in Compose, also as a default", () => {
    const compose = (tag: string) => `services:\n  web:\n    image: acme/web:\${TAG:-${tag}}\n`;
    expect(set(compose("1.0"), "1.1", "compose.yaml")).toBe(compose("1.1"));
  });
});

describe("an image is refused", () => {
  it.each([
    ["a digest where there is a tag alone", values("1.2.3"), `1.2.4@${DIGEST}`, 3, "a place for a tag alone"],
    ["a digest alone where there is a tag", values("1.2.3"), DIGEST, 3, "a place for a tag alone"],
    ["what is no version", values("1.2.3"), "1.2 4", 3, '"1.2 4"'],
    ["nothing", values("1.2.3"), "", 3, '""'],
    ["an unquoted tag that is another number", values("1.10"), "1.11", 3, '"1.10"'],
    ["an unquoted tag that is octal", values("0755"), "0756", 3, '"0755"'],
    ["an anchor that is used elsewhere", `${values("&tag v1")}other: *tag\n`, "v2", 3, "the anchor &tag"],
    [
      "an anchor around it that is used elsewhere",
      `base: &base\n  ${values("v1").replaceAll("\n  ", "\n    ")}other: *base\n`,
      "v2",
      4,
      "the anchor &base",
    ],
  ])("%s", (...[, text, version, line, found]) => {
    expect(whyNot(text, version)).toContain(`apps/web/values.yaml:${line}: found `);
    expect(whyNot(text, version)).toContain(found);
  });

  it("where the file says something else by now", () => {
    const [text, path] = [values("1.2.3"), "values.yaml"];
    const site = siteIn(text, path);
    const moved = { path, text: `# a new line\n${text}` };
    expect(errorOf(setImageAt(moved, site, "1.2.4")).why).toContain('"1.2.3" stood there');
    expect(errorOf(setImageAt({ path, text: "" }, site, "1.2.4"))).toMatchObject({ path, line: 1 });
  });
});

describe("the image of a Deployment in any layout", () => {
  const versions = fc.constantFrom("1.2.3", "v2", "1.10", "0755", "1e5", "latest", `2.0@${DIGEST}`, DIGEST);
  const texts = fc.record({ layout: layouts, from: versions, note: fc.constantFrom(undefined, "acme/web:9") });
  const named = (version: string) => `acme/web${version.startsWith("sha256:") ? "@" : ":"}${version}`;
  const path = "apps/web/deployment.yaml";
  const written = ({
    layout,
    from,
    note,
  }: {
    layout: Parameters<typeof deploymentText>[0];
    from: string;
    note: string | undefined;
  }) =>
    deploymentText(layout, { name: "web", image: named(from), replicas: 2, ...(note === undefined ? {} : { note }) });

  it("set to what it is changes no byte; set to another and back gives the file; in between one line differs", () => {
    fc.assert(
      fc.property(texts, versions, (drawn, to) => {
        const text = written(drawn);
        const [site, ...more] = sitesOf(text, path).filter(({ where }) => where.endsWith("image"));
        expect(more).toEqual([]);
        if (site === undefined) throw new Error("The image was not read.");
        const file = { path, text };
        expect(valueOf(setImageAt(file, site, site.version))).toBe(text);
        const after = valueOf(setImageAt(file, site, to));
        const again = siteIn(after, path);
        expect(again).toMatchObject({ version: to, line: site.line, where: site.where });
        expect(changedLines(text, after).length).toBeLessThanOrEqual(1);
        expect(valueOf(setImageAt({ path, text: after }, again, to))).toBe(after);
        expect(valueOf(setImageAt({ path, text: after }, again, drawn.from))).toBe(text);
        expect(json(after).replaceAll(named(to), "")).toBe(json(text).replaceAll(named(drawn.from), ""));
      }),
    );
  });
});

function json(text: string): string {
  return parseAllDocuments(text)
    .map((document) => JSON.stringify(document.toJS()))
    .join();
}
