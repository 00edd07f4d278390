import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareFiles } from "../../../src/manifest/images/compare.ts";
import { looseDocuments } from "../../../src/manifest/images/loose.ts";
import { readImages } from "../../../src/manifest/images/read.ts";
import type { ImageSite } from "../../../src/manifest/images/site.ts";
import { splice } from "../../../src/manifest/edit.ts";
import { DIGEST, folderOf } from "./seen.ts";

const paths = fc.constantFrom(
  "a.yaml",
  "values.yaml",
  "kustomization.yaml",
  "compose.yaml",
  ".env",
  "Chart.yaml",
  "t/templates/a.yaml",
  "a.json",
);

const versions = fc.constantFrom("1", "v1.2.3", "1.10", "0755", "1234e56", "yes", `1@${DIGEST}`, "main-1a2b3c4");
const pieces = fc.oneof(
  versions.map((version) => `image: acme/a:${version}`),
  versions.map((version) => `image:\n  repository: acme/b\n  tag: "${version}"`),
  versions.map((version) => `tag: '${version}'`),
  fc.constant(`digest: ${DIGEST}`),
  fc.constantFrom(
    "kind: Pod",
    "apiVersion: v1",
    "---",
    "- name: a",
    "  image: acme/c:3",
    "spec:",
    "values: |",
    "    image: acme/d:4",
    "{{ if .x }}",
    "{{ end }}",
    "image: {{ .x }}",
    "A_TAG=1",
    "B_IMAGE=acme/e:5",
    "# image: no:1",
    "images: [acme/f:6, {name: g, newTag: v7}]",
    "image: >-",
    "  acme/h:8",
    '{"image": "acme/i:9"}',
    "a: &a acme/j:1",
    "image: *a",
  ),
);
const texts = fc.oneof(
  { weight: 4, arbitrary: fc.array(pieces, { maxLength: 12 }).map((lines) => lines.join("\n")) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 200 }) },
);

function read(path: string, text: string): readonly ImageSite[] {
  return readImages({ path, text }, folderOf()).sites;
}

function versionSpans(site: ImageSite): ImageSite["spans"] {
  return site.spans.filter(({ holds }) => holds !== "name");
}

describe("reading images", () => {
  it("never throws, gives the same twice, and sites in order that do not overlap", () => {
    fc.assert(
      fc.property(paths, texts, (path, text) => {
        const sites = read(path, text);
        expect(read(path, text)).toEqual(sites);
        const spans = sites.flatMap((site) => site.spans).toSorted((a, b) => a.start - b.start);
        spans.reduce((end, span) => {
          expect(span.start).toBeGreaterThanOrEqual(end);
          return span.end;
        }, 0);
        const starts = sites.map((site) => versionSpans(site)[0]?.start ?? -1);
        expect(starts).toEqual(starts.toSorted((a, b) => a - b));
        expect(new Set(sites.map(({ where }) => where)).size).toBe(sites.length);
      }),
      { numRuns: 500 },
    );
  });

  it("says where the version is written: its spans are its text, on its line", () => {
    fc.assert(
      fc.property(paths, texts, (path, text) => {
        for (const site of read(path, text)) {
          const spans = versionSpans(site).toSorted(
            (a, b) => Number(a.holds === "digest") - Number(b.holds === "digest"),
          );
          const written = spans.map(({ start, end }) => text.slice(start, end));
          expect(written.join("@").endsWith(site.version)).toBe(true);
          expect(text.slice(0, versionSpans(site)[0]?.start).split("\n")).toHaveLength(site.line);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("is only a bump where only a version is another", () => {
    fc.assert(
      fc.property(paths, texts, fc.nat(), (path, text, pick) => {
        const sites = read(path, text);
        const site = sites[pick % Math.max(1, sites.length)];
        const span = site === undefined ? undefined : versionSpans(site)[0];
        if (site === undefined || span === undefined || span.holds === "digest" || site.version.startsWith("sha256:"))
          return;
        const start = span.holds === "reference" ? span.end - site.version.length : span.start;
        const end = start + (text.slice(start, span.end).split("@")[0] ?? "").length;
        const after = splice(text, [{ start, end, text: "main-9f8e7d6" }]);
        const { bumps, others, added, removed } = compareFiles(new Map([[path, text]]), new Map([[path, after]]), {
          before: folderOf(),
          after: folderOf(),
        });
        expect({ others, added, removed }).toEqual({ others: [], added: [], removed: [] });
        expect(bumps.map(({ from }) => from)).toEqual([site.version]);
      }),
      { numRuns: 500 },
    );
  });

  it("says that something changed wherever something did", () => {
    fc.assert(
      fc.property(paths, texts, texts, (path, before, after) => {
        const { bumps, others } = compareFiles(new Map([[path, before]]), new Map([[path, after]]), {
          before: folderOf(),
          after: folderOf(),
        });
        expect(bumps.length + others.length > 0).toBe(before !== after);
      }),
      { numRuns: 500 },
    );
  });
});

describe("what tries to take long", () => {
  it.each<readonly [string, string]>([
    ["a million lines", "image: acme/a:1\n".repeat(60_000)],
    ["one long line", `image: ${"a/".repeat(500_000)}`],
    ["one long value of many marks", `a: "${'# {"$imagepolicy": '.repeat(50_000)}"`],
    ["deep text in text", Array.from({ length: 300 }, (_, depth) => `${" ".repeat(depth)}image: |`).join("\n")],
    ["deep lists", `image: ${"- ".repeat(50_000)}`],
    ["many keys", Array.from({ length: 60_000 }, (_, key) => `k${key}: {image: "acme/a:${key}"}`).join("\n")],
    ["unclosed actions", "{{ image\n".repeat(50_000)],
    ["many dashes", `tag: ${"a-".repeat(100_000)}`],
  ])(
    "%s",
    (_, text) => {
      for (const path of ["values.yaml", "t/templates/a.yaml", ".env"]) read(path, text);
      expect(looseDocuments(text).length).toBeGreaterThanOrEqual(0);
    },
    10_000,
  );
});
