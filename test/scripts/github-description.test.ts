import { describe, expect, it } from "vitest";

import { describeApi, describeDeliveries } from "../../scripts/github-description.ts";
import { laidOut } from "../../scripts/laid-out.ts";

const OPENAPI = {
  paths: {
    "/repos/{owner}/{repo}/commits/{ref}": {
      get: {
        operationId: "repos/get-commit",
        parameters: [{ $ref: "#/components/parameters/page" }],
        responses: {
          "200": {
            headers: { Link: { $ref: "#/components/headers/link" } },
            content: { "application/json": { schema: { $ref: "#/components/schemas/commit" } } },
          },
          "404": { $ref: "#/components/responses/not_found" },
        },
      },
      put: { operationId: "none/of-ours", responses: {} },
    },
  },
  components: {
    parameters: { page: { name: "page", in: "query", schema: { type: "integer", default: 1, description: "Which." } } },
    responses: { not_found: { description: "Gone" } },
    headers: {},
    schemas: {
      commit: {
        title: "Commit",
        type: "object",
        required: ["sha"],
        properties: {
          sha: { type: "string", example: "abc" },
          title: { type: "string", nullable: true },
          kind: { type: "string", enum: ["a", "b"], nullable: true },
          author: { nullable: true, allOf: [{ $ref: "#/components/schemas/person" }] },
        },
        "x-github": { previews: [] },
      },
      person: { type: "object", properties: { nested: { $ref: "#/components/schemas/commit" } } },
      other: { type: "string" },
    },
  },
};

describe("the description of the API", () => {
  const route = { method: "GET", path: "/repos/{owner}/{repo}/commits/{ref*}" };

  it("keeps of an operation what can be held against an answer, by the sandbox's own path", () => {
    expect(describeApi(OPENAPI, [route]).operations).toEqual({
      "GET /repos/{owner}/{repo}/commits/{ref*}": {
        operation: "repos/get-commit",
        parameters: [{ name: "page", in: "query", required: false, schema: { type: "integer" } }],
        answers: { "200": { headers: ["link"], schema: { $ref: "#/$defs/commit" } }, "404": { headers: [] } },
      },
    });
  });

  it("keeps the schemas that are led to, without their prose, and says null as JSON Schema does", () => {
    expect(describeApi(OPENAPI, [route]).$defs).toEqual({
      commit: {
        type: "object",
        required: ["sha"],
        properties: {
          sha: { type: "string" },
          title: { type: ["string", "null"] },
          kind: { type: ["string", "null"], enum: ["a", "b", null] },
          author: { anyOf: [{ type: "null" }, { allOf: [{ $ref: "#/$defs/person" }] }] },
        },
      },
      person: { type: "object", properties: { nested: { $ref: "#/$defs/commit" } } },
    });
  });

  it("refuses a route that GitHub has not, and a keyword that would be lost", () => {
    expect(() => describeApi(OPENAPI, [{ method: "POST", path: "/elsewhere" }])).toThrow(/No object|has no POST/);
    expect(() => describeApi(OPENAPI, [{ ...route, method: "POST" }])).toThrow("has no POST");
    const schema = { type: "object", patternProperties: {} };
    const content = { "application/json": { schema } };
    const odd = { operationId: "odd", responses: { "200": { content } } };
    expect(() => describeApi({ paths: { "/odd": { get: odd } } }, [{ method: "GET", path: "/odd" }])).toThrow(
      "patternProperties",
    );
  });
});

describe("the description of deliveries", () => {
  const header = (name: string, required: boolean) => ({ name, in: "header", required });
  const webhook = (schema: string, ...parameters: readonly object[]) => ({
    post: {
      parameters,
      requestBody: { content: { "application/json": { schema: { $ref: `#/components/schemas/${schema}` } } } },
    },
  });
  const document = {
    webhooks: {
      push: webhook("webhook-push", header("X-GitHub-Event", true), header("X-Other", false)),
      "check-run-completed": webhook("webhook-push", header("X-GitHub-Event", true), header("X-More", true)),
    },
    components: { schemas: { "webhook-push": { type: "object", properties: {} } } },
  };

  it("keeps each event's payload, and the headers that all of them have", () => {
    expect(describeDeliveries(document, ["push", "check_run.completed"])).toEqual({
      headers: ["x-github-event"],
      events: {
        push: { $ref: "#/$defs/webhook-push" },
        "check_run.completed": { $ref: "#/$defs/webhook-push" },
      },
      $defs: { "webhook-push": { type: "object", properties: {} } },
    });
  });

  it("refuses an event that GitHub has not", () => {
    expect(() => describeDeliveries(document, ["pull"])).toThrow("has no pull");
  });
});

describe("JSON that is laid out", () => {
  it("keeps on a line what fits it, and says the same", () => {
    const long = Array.from({ length: 40 }, (_, index) => `name ${index}`);
    const value = { short: { a: 1, b: [null, "x"] }, long };
    const text = laidOut(value);
    expect(JSON.parse(text)).toEqual(value);
    expect(text.split("\n")[1]).toBe(' "short": {"a":1,"b":[null,"x"]},');
    expect(text.split("\n").length).toBe(45);
  });
});
