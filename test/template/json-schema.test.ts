import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { shippedTemplates } from "../../src/operator/shipped-templates.ts";
import { templateSchema } from "../../src/template/json-schema.ts";
import { jsonFaults } from "../support/json-schema.ts";

const HEAD = "version: 1\ntitle: A template\nsummary: It is for a test.\n";

describe("the schema of templates", () => {
  it.each(shippedTemplates().map(({ path, text }) => [path, text] as const))("takes %s", (_, text) => {
    expect(jsonFaults(parse(text), templateSchema())).toEqual([]);
  });

  it("takes one that says little beside what it extends", () => {
    const text = `${HEAD}extends: canary-istio\nparameters: { tls: { default: DISABLE } }\nobjects: { a.yaml: null, b.yaml: { object: { a: null } } }\n`;
    expect(jsonFaults(parse(text), templateSchema())).toEqual([]);
  });

  it.each([
    ["version: 1\ntitle: A template\n", ".summary: missing"],
    [`${HEAD}object: {}`, ".object: not allowed"],
    [`${HEAD}drive: { route: Canary }`, ".drive: none of its forms"],
    [`${HEAD}parameters: { a: { type: word } }`, ".parameters.a.type: none of its values"],
    [`${HEAD}objects: { a.yaml: { unless: ever } }`, ".objects.a.yaml: none of its forms"],
    [`${HEAD}plan: { steps: [] }`, ".plan.steps: too few"],
  ])("refuses %j", (text, fault) => {
    expect(jsonFaults(parse(text), templateSchema())).toEqual([fault]);
  });
});
