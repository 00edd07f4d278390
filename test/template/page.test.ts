import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ownedText } from "../../src/manifest/layouts/owned-text.ts";
import { shippedTemplates } from "../../src/operator/shipped-templates.ts";
import { instantiate } from "../../src/template/instantiate.ts";
import { isOwnTemplate, libraryOf } from "../../src/template/library.ts";
import { valueOf } from "../manifest/builders.ts";
import { filesIn, yamlIn } from "../support/page-yaml.ts";
import { FACTS, templateIn } from "./facts.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SHOWN = [...filesIn("docs/templates.md")].filter(([path]) => isOwnTemplate(path));
const LIBRARY = libraryOf(
  shippedTemplates(),
  SHOWN.map(([path, text]) => ({ path, text })),
);

describe("what the page of templates tells people to write", () => {
  it("is understood", () => {
    expect(SHOWN.map(([path]) => path)).toEqual([
      ".tidegate/templates/shop-canary/template.yaml",
      ".tidegate/templates/shop-apisix/template.yaml",
    ]);
    expect(LIBRARY.problems).toEqual([]);
  });

  it("makes what the page says", () => {
    const given = new Map([["hostnames", "shop.example.com"]]);
    const made = valueOf(instantiate(templateIn(LIBRARY, "shop-canary"), given, FACTS));
    expect(made.objects.map(({ file }) => file)).toEqual(["route.yaml"]);
    expect(yamlIn("docs/templates.md")).toContain(ownedText(made.objects[0]?.object ?? {}));
    expect(made.plan).toMatchObject({ steps: [2, 10, 25, 50], bake: 900_000 });
  });

  it("builds on another as the page says", () => {
    const given = new Map([["hostnames", "shop.example.com"]]);
    const made = valueOf(instantiate(templateIn(LIBRARY, "shop-apisix"), given, FACTS));
    expect(made.objects[0]?.object["spec"]).toMatchObject({
      ingressClassName: "shop",
      http: [{ match: { hosts: ["shop.example.com"], paths: ["/shop/*"] } }],
    });
    expect(made.plan).toMatchObject({ steps: [5, 25, 50], bake: 1_800_000 });
  });
});

describe("the page of each shipped template", () => {
  it.each(shippedTemplates().map(({ path }) => path.replace("template.yaml", "README.md")))("%s", (path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    const heads = [...text.matchAll(/^## (.*)$/gm)].map(([, head]) => head);
    expect(heads.filter((head) => head !== "Example")).toEqual([
      "What it adds",
      "Parameters",
      "How traffic moves",
      "What it needs",
      "Limits",
    ]);
    const links = [...text.matchAll(/\]\(([^)#]+)/g)].map(([, link]) => join(ROOT, path, "..", link ?? ""));
    expect(links.filter((link) => !existsSync(link))).toEqual([]);
  });
});
